//! Committing and loading values of a model.

use super::fields::{FieldsReader, FieldsWriter, Sink, Source, Walk};
use super::{Attribute, Model, Violation, Violations};
use crate::causal::state;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::strategy::{Rulings, Table};
use crate::value::Texts;
use crate::version::{Author, Commit, Draft, Target, Version};

/// What a commit came to.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The new version.
    pub version: Version,
    /// The act itself.
    pub commit: Commit,
    /// The stored names of the attributes that it wrote; the `latest_object` group has none.
    pub changed: Vec<&'static str>,
    /// Whether the version reads as the value that was committed, so that nothing need be loaded anew: it was
    /// written onto what its author had loaded, and nothing was left out.
    pub reads_as_written: bool,
}

/// What was loaded from a version, or what there was to load.
#[derive(Debug, Clone)]
pub struct Loaded<C> {
    /// What came of it; `None` where nothing had changed.
    pub result: Option<C>,
    /// What was asked for and not recorded, with the reason.
    pub notes: Vec<String>,
    /// Whether what was committed may read otherwise now, although nothing was written.
    pub stale: bool,
}

/// Commits what differs between `value` and what `base` reads as, onto `head`.
///
/// `head` must have seen all that `base` has. What the head has beyond the base stays beside the new writes as
/// concurrent. Without a base the object is created, even where nothing differs from the defaults; without a
/// change there is no commit.
///
/// # Errors
/// [`Mismatch`](ErrorKind::Mismatch) for versions of another key or kind, [`Invalid`](ErrorKind::Invalid)
/// naming
/// all that the value violates of what its model asks, [`Refused`](ErrorKind::Refused) where a strategy forbids a
/// change, [`InvalidValue`](ErrorKind::InvalidValue) where a value cannot be stored.
///
/// Cost: encodes every field once and compares, decodes those that changed where their type is not a plain one, hashes
/// twice; some 1.5 µs for a small object.
pub fn commit<T: Model>(
    value: &T,
    key: &Key,
    base: Option<&Version>,
    head: Option<&Version>,
    author: &mut Author<'_>,
) -> Result<Loaded<Committed>> {
    commit_ruled(value, key, (base, None), head, author)
}

/// As [`commit`], where the base was read by these rulings: what was decided is no change, and whoever changes it has
/// seen all sides.
///
/// # Errors
/// As [`commit`].
pub fn commit_ruled<T: Model>(
    value: &T,
    key: &Key,
    (base, rulings): (Option<&Version>, Option<&Rulings>),
    head: Option<&Version>,
    author: &mut Author<'_>,
) -> Result<Loaded<Committed>> {
    let write = |fields: &mut FieldsWriter<'_>| value.write(fields);
    let check = |found: &mut Violations| value.check(found);
    let check_base = |base: &Version, found: &mut Violations| {
        load_ruled::<T>(base, rulings).map(|(before, _)| before.check(found))
    };
    commit_drone(
        Drone {
            kind: T::KIND,
            attributes: T::ATTRIBUTES,
            write: &write,
            check: &check,
            check_base: &check_base,
        },
        key,
        (base, rulings),
        head,
        author,
    )
}

/// Compiled once, and not for every model.
fn commit_drone(
    drone: Drone<'_>,
    key: &Key,
    (base, rulings): (Option<&Version>, Option<&Rulings>),
    head: Option<&Version>,
    author: &mut Author<'_>,
) -> Result<Loaded<Committed>> {
    let clock = author.clock.clone();
    let mut draft = start(drone.kind, key, Target { base, head, rulings }, author)?;
    drone.write(key, base, head, &mut draft)?;
    let notes = std::mem::take(&mut draft.pen.notes);
    let stale = !draft.pen.reads_as_written;
    let mut found = Violations::default();
    (drone.check)(&mut found);
    if let (Some(base), false) = (base, found.is_empty()) {
        // What a merge made invalid stands in nobody's way who writes elsewhere.
        let mut before = Violations::default();
        (drone.check_base)(base, &mut before)?;
        let touched =
            |violation: &Violation| draft.changed.iter().any(|changed| drone.is_at(changed.name, violation));
        found.leave_out(|violation| before.contains(violation) && !touched(violation));
    }
    found.refuse(key)?;
    if !draft.pen.changed && base.is_some() {
        // Nothing happened, so no time has passed either.
        *author.clock = clock;
        return Ok(Loaded { result: None, notes, stale });
    }
    let changed = draft.changed.iter().map(|changed| changed.name).collect();
    let reads_as_written = draft.on_base && !stale;
    let (version, commit) = draft.finish(key, false)?;
    Ok(Loaded { result: Some(Committed { version, commit, changed, reads_as_written }), notes, stale })
}

/// The stored names of the attributes that a commit would write.
///
/// # Errors
/// As [`commit`], but for what is required.
pub fn changes<T: Model>(
    value: &T,
    key: &Key,
    base: Option<&Version>,
    rulings: Option<&Rulings>,
) -> Result<Vec<&'static str>> {
    let write = |fields: &mut FieldsWriter<'_>| value.write(fields);
    drone_changes(
        Drone {
            kind: T::KIND,
            attributes: T::ATTRIBUTES,
            write: &write,
            check: &|_| {},
            check_base: &|_, _| Ok(()),
        },
        key,
        base,
        rulings,
    )
}

fn drone_changes(
    drone: Drone<'_>,
    key: &Key,
    base: Option<&Version>,
    rulings: Option<&Rulings>,
) -> Result<Vec<&'static str>> {
    let mut clock = crate::time::HybridClock::default();
    let actor = crate::actor::ActorId::from_bytes([0; 12]);
    let mut author = Author { actor, clock: &mut clock, wall: crate::time::Nanotime::MIN };
    let mut draft = start(drone.kind, key, Target { base, head: base, rulings }, &mut author)?;
    draft.pen.only_asks = true;
    drone.write(key, base, base, &mut draft)?;
    let members = |name: &'static str| if name.is_empty() { "latest_object" } else { name };
    Ok(draft.changed.iter().map(|changed| members(changed.name)).collect())
}

/// A value of some model, behind pointers.
#[derive(Clone, Copy)]
struct Drone<'d> {
    kind: &'static str,
    attributes: &'static [Attribute],
    write: &'d dyn Fn(&mut FieldsWriter<'_>) -> Result<()>,
    check: &'d dyn Fn(&mut Violations),
    check_base: &'d dyn Fn(&Version, &mut Violations) -> Result<()>,
}

fn start<'v>(kind: &str, key: &Key, target: Target<'v>, author: &mut Author<'_>) -> Result<Draft<'v>> {
    for version in [target.base, target.head].into_iter().flatten() {
        check_kind(version, kind)?;
        if version.key() != key {
            return Err(Error::new(ErrorKind::Mismatch, format!("{version} is not a version of `{key}`")));
        }
    }
    Draft::new(&target, kind, author)
}

impl Drone<'_> {
    /// Whether a violation is at an attribute or below it; the group of `latest_object` fields has no name.
    fn is_at(&self, attribute: &str, violation: &Violation) -> bool {
        let is_group = |known: &&Attribute| attribute.is_empty() && known.name.is_empty();
        match self.attributes.iter().find(is_group) {
            Some(group) => group.members.iter().any(|member| violation.is_at(member.name)),
            None => violation.is_at(attribute),
        }
    }

    /// Writes every field; the draft knows then what changed.
    fn write<'v>(
        &self,
        key: &Key,
        base: Option<&'v Version>,
        head: Option<&'v Version>,
        draft: &mut Draft<'v>,
    ) -> Result<()> {
        let walk = |version: Option<&'v Version>, attributes: &'v [u8]| match version {
            Some(version) if !attributes.is_empty() => {
                Walk::root(version.shape(), attributes, self.attributes)
            }
            _ => Ok(Walk::none()),
        };
        let base = if draft.on_base { None } else { Some(walk(base, draft.base_attributes)?) };
        let head = walk(head, draft.head_attributes)?;
        let sink = Sink::Root { shape: &mut draft.shape, changed: &mut draft.changed };
        let mut fields = FieldsWriter::new((&draft.scene, &mut draft.pen), base, head, self.attributes, sink);
        (self.write)(&mut fields).map_err(|error| error.at(key))?;
        fields.finish()
    }
}

/// Reads a version as a value of its model.
///
/// # Errors
/// [`Mismatch`](ErrorKind::Mismatch) for a version of another kind, [`InvalidValue`](ErrorKind::InvalidValue)
/// naming object, attribute and both types where a stored value is not of the field's type.
///
/// Cost: decodes every attribute once; some 0.3 µs for a small object.
pub fn load<T: Model>(version: &Version) -> Result<T> {
    load_ruled(version, None).map(|(value, _)| value)
}

/// As [`load`], with each decided conflict read as these rulings of the version say; and whether a `conflict` of
/// several entries was met on the way, so that it is worth while to look for rulings.
///
/// # Errors
/// As [`load`].
pub fn load_ruled<T: Model>(version: &Version, rulings: Option<&Rulings>) -> Result<(T, bool)> {
    check_kind(version, T::KIND)?;
    let read = || -> Result<(T, bool)> {
        let content = state::content(state::split(version.state_bytes())?.1)?;
        let table = Table::new(&content, Texts::among(content.attributes)).ruled_by(rulings);
        let mut walk = None;
        let source = Source::new(version.shape(), content.attributes, T::ATTRIBUTES, &mut walk)?;
        let value = T::read(&mut FieldsReader::new(source, &table, T::ATTRIBUTES))?;
        Ok((value, table.has_met_conflict()))
    };
    read().map_err(|error: Error| error.at(version.key()))
}

/// A value with every field at its default.
///
/// # Errors
/// What a field's default gives.
pub fn fresh<T: Model>() -> Result<T> {
    let table = Table::default();
    T::read(&mut FieldsReader::new(Source::Walk(&mut Walk::none()), &table, T::ATTRIBUTES))
}

fn check_kind(version: &Version, kind: &str) -> Result<()> {
    if version.kind() != kind {
        return Err(Error::new(
            ErrorKind::Mismatch,
            format!("`{}` is of kind `{}` and not of kind `{kind}`", version.key(), version.kind()),
        ));
    }
    Ok(())
}
