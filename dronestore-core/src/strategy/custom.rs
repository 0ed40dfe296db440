//! `with = "path"`: a user's own strategy.

use super::{ReadPlace, Replaces, WritePlace};
use crate::causal::Structure;
use crate::error::Result;
use crate::time::Nanotime;
use crate::value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One write that stands at a place, as a user's strategy is shown it.
#[derive(Debug, Clone, PartialEq)]
pub struct Held<S> {
    /// What the write put here.
    pub state: S,
    /// When, by its author's hybrid clock.
    pub time: Nanotime,
    /// Whether the writer had seen it. Always true when reading.
    pub seen: bool,
    /// Whether the writer's own actor made it. Always false when reading.
    pub own: bool,
}

/// What a user's strategy makes of a changed field.
#[derive(Debug, Clone, PartialEq)]
pub struct Write<S> {
    /// What to put here.
    pub state: S,
    /// What it takes the place of: [`Replaces::Seen`] as a rule, [`Replaces::Own`] for totals by actor.
    pub replaces: Replaces,
}

/// A strategy of your own, for `#[merge(with = "path::to::Type")]`.
///
/// It says how a change is written and what several concurrent writes mean. It cannot make replicas diverge:
/// merging keeps the entries apart and knows nothing of it. What can go wrong is the reading: make it a
/// function of the entries alone, whatever their order, the clock or the machine.
///
/// ```
/// use dronestore_core::strategy::{Held, Replaces, Strategy, Write};
/// use dronestore_core::Result;
///
/// /// Of concurrent texts the longest; of equally long ones the first in order.
/// struct Longest;
///
/// impl Strategy<String> for Longest {
///     const NAME: &'static str = "longest";
///     type State = String;
///
///     fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
///         Ok(Write { state: new.clone(), replaces: Replaces::Seen })
///     }
///     fn read(entries: &[Held<String>]) -> Result<String> {
///         let longest = entries.iter().map(|held| &held.state).max_by_key(|text| (text.len(), std::cmp::Reverse(*text)));
///         Ok(longest.cloned().unwrap_or_default())
///     }
/// }
/// ```
pub trait Strategy<T> {
    /// The stable name under which the attribute is stored. Another name is another attribute.
    const NAME: &'static str;
    /// The version of the code, for the schema. It is no part of what is stored.
    const VERSION: u32 = 1;
    /// What one entry holds: any serde type.
    type State: Serialize + DeserializeOwned;

    /// What a commit that changes the field from `old` to `new` writes; `entries` stand at the place now.
    ///
    /// # Errors
    /// As the strategy likes: the commit fails with it and changes nothing.
    fn write(entries: &[Held<Self::State>], old: &T, new: &T) -> Result<Write<Self::State>>;

    /// The value that these entries mean; there is at least one.
    ///
    /// # Errors
    /// As the strategy likes: loading the object fails with it, merging never does.
    fn read(entries: &[Held<Self::State>]) -> Result<T>;

    /// Whether these entries deserve a person's eye.
    fn conflict(entries: &[Held<Self::State>]) -> bool {
        let _ = entries;
        false
    }
}

pub(crate) fn read<T, P: Strategy<T>>(place: ReadPlace<'_>) -> Result<Option<T>> {
    let entries = held::<P::State>(place, |_| (true, false))?;
    if entries.is_empty() { Ok(None) } else { P::read(&entries).map(Some) }
}

pub(crate) fn write<T: Serialize, P: Strategy<T>>(
    place: &mut WritePlace<'_>,
    old: &T,
    new: &T,
) -> Result<()> {
    if value::encode(old)? == value::encode(new)? {
        return place.keep(Structure::Values);
    }
    put::<T, P>(place, old, new)
}

/// Writes even what is no change: under a new key of a map.
pub(crate) fn put<T, P: Strategy<T>>(place: &mut WritePlace<'_>, old: &T, new: &T) -> Result<()> {
    place.pen.reads_as_written = false;
    let head = place.head_entries()?;
    let decode = |(entry, seen, own): &(super::Entry<'_>, bool, bool)| {
        Ok(Held { state: value::decode(entry.value)?, time: entry.time, seen: *seen, own: *own })
    };
    let entries = head.iter().map(decode).collect::<Result<Vec<_>>>()?;
    let write = P::write(&entries, old, new)?;
    let state = value::encode(&write.state)?;
    // Whatever a user's strategy loaded, it was shown the head and decides on that.
    let replaces = match write.replaces {
        Replaces::Loaded(_) => Replaces::Seen,
        replaces => replaces,
    };
    place.put(&state, replaces)
}

fn held<S: DeserializeOwned>(
    place: ReadPlace<'_>,
    flags: impl Fn(u32) -> (bool, bool),
) -> Result<Vec<Held<S>>> {
    let decode = |entry: super::Entry<'_>| {
        let (seen, own) = flags(entry.row);
        Ok(Held { state: value::decode(entry.value)?, time: entry.time, seen, own })
    };
    place.entries()?.into_iter().map(decode).collect()
}
