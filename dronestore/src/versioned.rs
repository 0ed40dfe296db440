//! Versioned: a plain value with the version it came from.

use crate::clock::{Clock, SystemClock};
use crate::drone::Drone;
use crate::given::Given;
use crate::random::random_actor;
use dronestore_core::model::{self, fresh, load_ruled};
use dronestore_core::strategy::Rulings;
use dronestore_core::version::{Author, Commit, Merged, must_settle};
use dronestore_core::{ActorId, Error, ErrorKind, HybridClock, Key, Result, Version};
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// A `T` with its key and the version it came from; it derefs to `T`, so fields are plain fields.
///
/// A change is anything that differs from what was loaded, asked at [`commit`](Versioned::commit) by the
/// type's own encoding. There are no setters, and nothing is lost by changing a field through a `&mut`.
///
/// A handle outside any repo commits under an actor of its own, whose right lives in this one handle: a clone
/// takes a new one.
pub struct Versioned<T> {
    value: T,
    key: Key,
    base: Option<Version>,
    right: Option<Box<Right>>,
    /// By what decisions the value was read from the version; `None` where no `conflict` of several entries was met.
    rulings: Option<Arc<Rulings>>,
    /// A save whose outcome is unknown: it is found out before the next one.
    pub(crate) pending: Option<Box<Pending>>,
    /// Of the repo that it was read from or saved to: its version may leave by this handle.
    pub(crate) given: Option<Arc<Given>>,
}

/// A save whose outcome was unknown when it ended.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// The version that it made, if it made one.
    pub(crate) version: Version,
    /// Its batch; the repo finds out what became of it before it writes again.
    pub(crate) doubt: Doubt,
}

/// A batch whose outcome is unknown.
#[derive(Debug, Clone)]
pub(crate) struct Doubt {
    /// Who made it: whoever goes on as this actor has the same store.
    pub(crate) actor: ActorId,
    /// The sequence of its first row of the change log.
    pub(crate) sequence: u64,
    /// That row.
    pub(crate) row: Arc<[u8]>,
    pub(crate) outcome: Outcome,
}

/// Whether a batch was made: set once, by the repo that looked.
pub(crate) type Outcome = Arc<OnceLock<bool>>;

/// Two versions of which one bears other writes under the names of the other have no join that a repo did not make.
#[cold]
pub(crate) fn refuse_forked(version: &Version) -> Error {
    let message = format!("{version} forks with what it meets: let a repo merge it, and load it anew");
    Error::new(ErrorKind::Forked, message)
}

/// The right to make dots as an actor of one's own, and what was committed with it.
struct Right {
    actor: ActorId,
    clock: HybridClock,
    /// What the handle had before its first commit of its own.
    origin: Option<Version>,
    /// Whether any version that bears the actor's dots was shown to others.
    left: AtomicBool,
}

/// What a commit came to.
#[derive(Debug, Clone, Default)]
pub struct CommitReport {
    /// The commit; `None` where nothing had changed.
    pub commit: Option<Commit>,
    /// The stored names of the attributes that were written.
    pub changed: Vec<&'static str>,
    /// What was asked for and not recorded, with the reason: a `max` that would have been lowered.
    pub not_recorded: Vec<String>,
    /// Whether the stored object had moved on since the handle was loaded, so that this was written beside what others
    /// wrote, and the handle reads both now.
    pub merged: bool,
    /// The stored names of the attributes that others had written since then.
    pub theirs: Vec<String>,
}

impl CommitReport {
    /// Whether a new version was made.
    pub fn is_new(&self) -> bool {
        self.commit.is_some()
    }
}

/// `1f9c02aa: age, tags`, or `nothing changed`; and `merged with name` where others wrote that meanwhile.
impl fmt::Display for CommitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.commit {
            Some(commit) => write!(f, "{:.8}: {}", commit.hash, self.changed.join(", "))?,
            None => f.write_str("nothing changed")?,
        }
        if self.merged {
            write!(
                f,
                "; merged with {}",
                if self.theirs.is_empty() { "others".into() } else { self.theirs.join(", ") }
            )?;
        }
        self.not_recorded.iter().try_for_each(|note| write!(f, "; not recorded: {note}"))
    }
}

/// What merging two versions of one object came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Merge {
    /// The other held nothing new: nothing changed.
    Known,
    /// The other had seen all of this one: it was taken as it is.
    Forward,
    /// Each had something new: both are in the result.
    Joined,
}

/// `nothing new`, `taken as it is`, `merged`.
impl fmt::Display for Merge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Merge::Known => "nothing new",
            Merge::Forward => "taken as it is",
            Merge::Joined => "merged",
        })
    }
}

/// What [`Versioned::merge`] takes: another handle of the object, or a version.
pub trait MergeInput {
    /// The version to merge; it leaves its handle by that.
    ///
    /// # Errors
    /// [`Uncommitted`](ErrorKind::Uncommitted) where a handle holds changes that no version has.
    fn to_merge(&self) -> Result<&Version>;
}

impl MergeInput for Version {
    fn to_merge(&self) -> Result<&Version> {
        Ok(self)
    }
}

impl<T: Drone> MergeInput for Versioned<T> {
    fn to_merge(&self) -> Result<&Version> {
        self.refuse_uncommitted().map_err(|error| error.at("the handle to merge"))?;
        self.version().ok_or_else(|| {
            let message = format!("`{}` has no version yet; commit it before it is merged", self.key);
            Error::new(ErrorKind::Uncommitted, message)
        })
    }
}

impl<T: Drone> Versioned<T> {
    /// A new object `/Kind:name`, every field at its default.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey).
    pub fn named(name: &str) -> Result<Self> {
        Ok(Versioned::new(Key::for_kind(T::KIND, name)?, fresh()?))
    }

    /// A new object of this key with this value; nothing is committed yet.
    pub fn new(key: Key, value: T) -> Self {
        Versioned { value, key, base: None, right: None, rulings: None, pending: None, given: None }
    }

    /// A handle on a version, read without a repo: a `conflict` reads as its newest open side, whatever was decided.
    ///
    /// # Errors
    /// [`Mismatch`](ErrorKind::Mismatch) for a version of another kind,
    /// [`InvalidValue`](ErrorKind::InvalidValue) where a stored value is not of the field's type.
    pub fn from_version(version: Version) -> Result<Self> {
        let (value, met) = load_ruled(&version, None)?;
        Ok(Versioned::loaded(version, value, met.then(Arc::default)))
    }

    /// A handle with the value that was read from a version by these decisions.
    #[inline]
    pub(crate) fn loaded(version: Version, value: T, rulings: Option<Arc<Rulings>>) -> Self {
        Versioned {
            value,
            key: version.key().clone(),
            base: Some(version),
            right: None,
            rulings,
            pending: None,
            given: None,
        }
    }

    /// The object's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The version that was loaded or committed last; `None` before the first commit.
    pub fn version(&self) -> Option<&Version> {
        self.share();
        self.base.as_ref()
    }

    /// The stored names of the attributes that a commit would write.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) and [`InvalidValue`](ErrorKind::InvalidValue), as the commit would.
    pub fn changes(&self) -> Result<Vec<&'static str>> {
        model::changes(&self.value, &self.key, self.base.as_ref(), self.rulings.as_deref())
    }

    /// Takes back what was changed since the last commit.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) where a stored value is not of the field's type.
    pub fn revert(&mut self) -> Result<()> {
        let read = |version| load_ruled(version, self.rulings.as_deref()).map(|(value, _)| value);
        let value = self.base.as_ref().map_or_else(fresh, read)?;
        self.set_value(value);
        Ok(())
    }

    /// Makes a version of what was changed; without a change there is none.
    ///
    /// Afterwards every field reads as the version says. Nothing is stored: see [`Repo::save`](crate::Repo::save).
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) with all that the value violates, [`Refused`](ErrorKind::Refused) where a
    /// strategy forbids the change, [`InvalidValue`](ErrorKind::InvalidValue) where a value cannot be stored.
    /// A failed commit changes nothing, but that `canonicalize` was done to the value.
    ///
    /// Cost: every field encoded once and compared, two hashes; some 1.8 µs for a small object, and 0.2 µs for a new
    /// random actor at the first commit.
    pub fn commit(&mut self) -> Result<CommitReport> {
        let fresh_right;
        let (actor, mut clock) = match &self.right {
            Some(right) => (right.actor, right.clock.clone()),
            None => {
                fresh_right = random_actor()?;
                (fresh_right, HybridClock::default())
            }
        };
        let mut author = Author { actor, clock: &mut clock, wall: SystemClock.now() };
        self.value.canonicalize();
        let base = self.base.as_ref();
        let based = (base, self.rulings.as_deref());
        let loaded = model::commit_ruled(&self.value, &self.key, based, base, &mut author)?;
        let Some(committed) = loaded.result else {
            if loaded.stale {
                self.revert()?;
            }
            return Ok(CommitReport { not_recorded: loaded.notes, ..CommitReport::default() });
        };
        let rulings = self.carried(&committed.version)?;
        let value = match committed.reads_as_written {
            true => None,
            false => Some(load_ruled(&committed.version, rulings.as_deref())?.0),
        };
        let origin = self.base.replace(committed.version);
        self.rulings = rulings;
        if let Some(value) = value {
            self.set_value(value);
        }
        match &mut self.right {
            Some(right) => right.clock = clock,
            None => {
                let right = Right { actor, clock, origin, left: AtomicBool::new(false) };
                self.right = Some(Box::new(right));
            }
        }
        Ok(CommitReport {
            commit: Some(committed.commit),
            changed: committed.changed,
            not_recorded: loaded.notes,
            ..CommitReport::default()
        })
    }

    /// Merges another handle of the same object, or a version of it, into this one: field by field, each by
    /// its own rule. Nothing is stored, no commit is made, and merging what is known changes nothing.
    ///
    /// # Errors
    /// [`Uncommitted`](ErrorKind::Uncommitted) naming the fields, where either handle holds changes that no
    /// version has; [`Mismatch`](ErrorKind::Mismatch) for another key or kind;
    /// [`Forked`](ErrorKind::Forked) where one dot names two commits. A failed merge changes nothing.
    pub fn merge(&mut self, other: &impl MergeInput) -> Result<Merge> {
        let theirs = other.to_merge()?;
        if self.pending.is_some() {
            // Whatever is merged now would be told apart from the save's version no more, and be written again.
            let message =
                format!("an earlier save of `{}` ended in the unknown; save it again first", self.key);
            return Err(Error::new(ErrorKind::Unknown, message));
        }
        self.refuse_uncommitted()?;
        let Some(ours) = &self.base else {
            if *theirs.key() != self.key {
                let message = format!("{theirs} is not a version of `{}`", self.key);
                return Err(Error::new(ErrorKind::Mismatch, message));
            }
            self.move_to(theirs.clone())?;
            return Ok(Merge::Forward);
        };
        let merged = ours.merge(theirs)?;
        if must_settle(ours, theirs, &merged)? {
            return Err(refuse_forked(ours));
        }
        let (version, merge) = match merged {
            Merged::Known => return Ok(Merge::Known),
            Merged::Forward => (theirs.clone(), Merge::Forward),
            Merged::Joined(version) => (version, Merge::Joined),
        };
        self.share();
        self.move_to(version)?;
        Ok(merge)
    }

    fn refuse_uncommitted(&self) -> Result<()> {
        let changes = self.changes()?;
        if changes.is_empty() {
            return Ok(());
        }
        let message = format!(
            "`{}` has uncommitted changes in `{}`; commit or revert them",
            self.key,
            changes.join("`, `")
        );
        Err(Error::new(ErrorKind::Uncommitted, message))
    }

    /// Moves the handle to a version and loads every field anew; its own actor's right ends where the version
    /// has not seen the actor's last dot.
    fn move_to(&mut self, version: Version) -> Result<()> {
        let mut rulings = self.carried(&version)?;
        let (value, met) = load_ruled(&version, rulings.as_deref())?;
        if met {
            rulings.get_or_insert_default();
        }
        self.settle(version, Some((value, rulings)));
        Ok(())
    }

    /// As [`Versioned::move_to`], with the value already loaded from the version; `None` where it reads as it is.
    pub(crate) fn settle(&mut self, version: Version, value: Option<(T, Option<Arc<Rulings>>)>) {
        self.rebase(version);
        if let Some((value, rulings)) = value {
            self.set_value(value);
            self.rulings = rulings;
        }
    }

    /// What the decisions that the handle was read by say of the same conflicts in another version.
    fn carried(&self, version: &Version) -> Result<Option<Arc<Rulings>>> {
        let Some(rulings) = &self.rulings else { return Ok(None) };
        if rulings.is_empty() {
            return Ok(Some(rulings.clone()));
        }
        let carried = version.rulings(|contest| Ok(rulings.of(&contest.fingerprint).cloned()))?;
        Ok(Some(Arc::new(carried)))
    }

    /// Whether the handle was read with a `conflict` of several entries in it.
    pub(crate) fn meets_conflicts(&self) -> bool {
        self.rulings.is_some()
    }

    /// As [`Versioned::origin`], with the decisions that it was read by.
    pub(crate) fn origin_ruled(&self) -> Result<(Option<&Version>, Option<Arc<Rulings>>)> {
        let origin = self.origin();
        let rulings = match origin {
            Some(origin) if self.base.as_ref() != Some(origin) => self.carried(origin)?,
            _ => self.rulings.clone(),
        };
        Ok((origin, rulings))
    }

    /// Moves the handle to a version and leaves the value as it is.
    pub(crate) fn rebase(&mut self, version: Version) {
        if let (Some(right), Some(base)) = (&self.right, &self.base) {
            let last = base.context().get(&right.actor).map(|seen| (seen.sequence, seen.tag));
            let seen = version.context().get(&right.actor).map(|seen| (seen.sequence, seen.tag));
            if last != seen {
                self.right = None;
            }
        }
        if let Some(rulings) = &mut self.rulings {
            // A version that was just written or merged is whole; were it not, its newest sides are read.
            let known = std::mem::take(rulings);
            let carried = version.rulings(|contest| Ok(known.of(&contest.fingerprint).cloned()));
            *rulings = Arc::new(carried.unwrap_or_default());
        }
        self.base = Some(version);
    }

    /// What a repo saves against: the version that was loaded, or, where the handle's own commits were never
    /// shown to anyone, the one before them, so that they are made again under the repo's actor.
    pub(crate) fn origin(&self) -> Option<&Version> {
        match &self.right {
            Some(right) if !right.left.load(Ordering::Acquire) => right.origin.as_ref(),
            _ => self.base.as_ref(),
        }
    }

    fn set_value(&mut self, value: T) {
        let before = std::mem::replace(&mut self.value, value);
        self.value.carry(before);
    }

    /// The key and the plain value.
    pub(crate) fn into_parts(self) -> (Key, T) {
        (self.key, self.value)
    }

    /// The plain value.
    pub(crate) fn value(&self) -> &T {
        &self.value
    }
}

impl<T> Versioned<T> {
    /// Notes that a version with this handle's own dots is known elsewhere from now on.
    pub(crate) fn share(&self) {
        if let Some(given) = &self.given {
            given.give();
        }
        if let Some(right) = &self.right {
            right.left.store(true, Ordering::Release);
        }
    }
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// The clone has the same value and version, and no right to the original's actor.
impl<T: Clone> Clone for Versioned<T> {
    fn clone(&self) -> Self {
        self.share();
        Versioned {
            value: self.value.clone(),
            key: self.key.clone(),
            base: self.base.clone(),
            right: None,
            rulings: self.rulings.clone(),
            pending: self.pending.clone(),
            given: self.given.clone(),
        }
    }
}

/// Equal in key, version and value.
impl<T: PartialEq> PartialEq for Versioned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.base == other.base && self.value == other.value
    }
}

/// Equal in value.
impl<T: PartialEq> PartialEq<T> for Versioned<T> {
    fn eq(&self, other: &T) -> bool {
        self.value == *other
    }
}

impl<T: fmt::Debug> fmt::Debug for Versioned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Versioned");
        debug.field("key", &self.key).field("value", &self.value);
        debug.field("hash", &self.base.as_ref().map(Version::hash)).finish()
    }
}

/// As the plain value.
impl<T: Serialize> Serialize for Versioned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
