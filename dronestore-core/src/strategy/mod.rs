//! Strategies: how one attribute is written and read. The join knows none of them.
//!
//! A strategy over *dot → value* is three small functions ([`Register`]): what a commit puts in place of what
//! it has seen, what several concurrent entries mean, and whether plurality here deserves a person's eye. Sets
//! and maps are rules for their items (`set`, `map`). All work on encoded values, so that a program
//! without the user's types reads what the user's program reads.
//!
//! Absent from this folder: stores, clocks, Rust types of users.

mod codec;
pub(crate) mod conflict;
pub(crate) mod counter;
pub(crate) mod custom;
pub(crate) mod declared;
mod diff;
mod edits;
pub(crate) mod first;
pub(crate) mod flag;
pub(crate) mod items;
mod keys;
pub(crate) mod latest;
pub(crate) mod latest_object;
pub(crate) mod list;
pub(crate) mod location;
pub(crate) mod map;
pub(crate) mod max;
pub(crate) mod min;
pub(crate) mod moves;
mod order;
pub(crate) mod path;
mod pen;
mod place;
mod position;
mod read;
mod ruling;
mod scene;
mod sequence;
pub(crate) mod set;
pub(crate) mod text;
pub(crate) mod union;

pub(crate) use codec::Codec;
pub use conflict::Conflict;
pub use custom::{Held, Strategy, Write};
pub(crate) use declared::ByDeclaration;
pub use declared::{Clamp, Declared, Declares};
pub use edits::Edits;
pub use first::First;
pub use flag::{Flag, FlagFalseWins};
pub(crate) use keys::Keys;
pub use latest::Latest;
pub use latest_object::{ReadObject, WriteObject};
pub use max::Max;
pub use min::Min;
pub use path::{Path, Step};
pub(crate) use pen::Pen;
pub use place::{Entry, ReadPlace, Table, WritePlace};
pub(crate) use read::NULL;
pub use read::{Guide, Reading, has_concurrent_values, is_conflicted, read_form, read_guided};
pub use ruling::Rulings;
pub(crate) use scene::Scene;
pub use set::{AddWins, Membership, Newest, Once, RemoveWins, Rule};
pub use union::Union;

use crate::error::{Error, ErrorKind, Result};
use std::borrow::Cow;

/// What a write replaces of what stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaces {
    /// Everything that the writer has seen.
    Seen,
    /// What the writer's own actor had put there.
    Own,
    /// The entry that the writer was reading, by its row in what was loaded, and no other.
    Loaded(u32),
    /// Nothing: the entry is added.
    Nothing,
}

/// What a strategy makes of a changed field.
#[derive(Debug)]
pub enum Decision<'a> {
    /// This value is written in place of that.
    Put(Cow<'a, [u8]>, Replaces),
    /// The strategy's rule leaves nothing to record; the reason goes into the commit's report.
    Leave(&'static str),
}

/// A changed field, as a strategy sees it.
#[derive(Debug)]
pub struct Change<'a> {
    /// What the writer had loaded.
    pub base: ReadPlace<'a>,
    /// What it reads as; `None` where nothing stood there.
    pub old: Option<&'a [u8]>,
    /// The value to write.
    pub new: &'a [u8],
}

/// A strategy over *dot → value*: `#[merge(latest)]`, `max`, `first` and their like.
pub trait Register {
    /// Whether an entry that stands alone reads as just what it holds.
    const PLAIN: bool = true;

    /// Whether a first write, where nothing stands, always puts just the value that is written: then
    /// [`write`](Register::write) is not asked about it.
    const PUTS_FIRST: bool = false;

    /// What several concurrent entries mean. `entries` is not empty and in canonical order; `table` knows their
    /// dots.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) where an entry is not what this strategy writes.
    fn read<'a>(entries: &[Entry<'a>], table: &Table<'_>) -> Result<Cow<'a, [u8]>>;

    /// What a commit puts in place of what it has seen.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) where the rule forbids the change.
    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>>;

    /// Whether plurality here deserves a person's eye.
    fn conflict(entries: &[Entry<'_>]) -> bool {
        let _ = entries;
        false
    }
}

/// The entry with the largest stamp: time first, then (actor, sequence), which is the order of rows.
pub(crate) fn newest<'e, 'a>(entries: &'e [Entry<'a>]) -> Result<&'e Entry<'a>> {
    entries.iter().max_by_key(|entry| (entry.time, entry.row)).ok_or_else(nothing)
}

#[cold]
pub(crate) fn nothing() -> Error {
    Error::corrupt("a place that should hold something holds nothing")
}

/// Appends the encoding of a value that is made when it is asked for.
pub(crate) type Encode<'e> = &'e dyn Fn(&mut Vec<u8>) -> Result<()>;

/// Writes a changed value at a place by a strategy's rule, or leaves the place as it is.
///
/// `new` is the field's encoding; `codec` is that of the field's type: what a newer program encoded more richly does
/// not count as a change; `default` is the encoding of what the field reads as where nothing is stored, `None` where
/// nothing has no reading.
pub(crate) fn write_register<S: Register>(
    place: &mut WritePlace<'_>,
    new: &[u8],
    codec: Codec,
    default: Option<Encode<'_>>,
) -> Result<()> {
    // The usual case, one entry that already says what is to be written, needs no strategy.
    if S::PLAIN && place.keep_equal(new) {
        return Ok(());
    }
    let loaded = place.loaded();
    let old = read_register::<S>(loaded)?;
    let unchanged = match (&old, default) {
        // What this type cannot read at all is what is being replaced.
        (Some(old), _) => **old == *new || codec.again(old).is_ok_and(|old| *old == *new),
        (None, Some(default)) => {
            // The default is encoded behind what was written so far, and taken away again.
            let start = place.pen.out.len();
            default(&mut place.pen.out)?;
            let same = place.pen.out[start..] == *new;
            place.pen.out.truncate(start);
            same
        }
        (None, None) => false,
    };
    if unchanged {
        return place.keep(crate::causal::Structure::Values);
    }
    // What its own type could not read back is not written.
    codec.check(new)?;
    match S::write(&Change { base: loaded, old: old.as_deref(), new })? {
        Decision::Put(value, replaces) => place.put(&value, replaces),
        Decision::Leave(reason) => {
            place.pen.notes.push(reason.to_owned());
            place.pen.reads_as_written = false;
            place.keep(crate::causal::Structure::Values)
        }
    }
}

/// Reads a place by a strategy's rule; `None` where nothing stands there.
pub(crate) fn read_register<'a, S: Register>(place: ReadPlace<'a>) -> Result<Option<Cow<'a, [u8]>>> {
    if place.is_empty() {
        return Ok(None);
    }
    if S::PLAIN
        && let Some(value) = place.single()?
    {
        return Ok(Some(Cow::Borrowed(value)));
    }
    S::read(&place.entries()?, place.table).map(Some)
}

pub(crate) fn refused(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Refused, message)
}
