//! Updates: what whoever watches is told.

use dronestore_core::{Key, Value};

/// What whoever watches a query is told, one after the other.
///
/// `O` is [`Versioned<T>`](crate::Versioned) where the model is known, and [`Version`](crate::Version) where it is not.
#[derive(Debug, Clone, PartialEq)]
pub enum Update<O> {
    /// All that the query finds now. It comes first, and again where the log or the queue could not tell every change:
    /// forget what was there before.
    Result {
        /// The objects, in the order of the query.
        objects: Vec<O>,
        /// The row of the change log that comes next: all before it is in this result.
        sequence: u64,
        /// Whether this comes in place of changes that were missed.
        behind: bool,
    },
    /// An object came into the result: it is new, or it was changed, or another one left a query with a limit.
    Added {
        /// The object.
        object: O,
        /// The row of the change log with which the batch begins that did it.
        sequence: u64,
        /// How that came.
        cause: Cause,
    },
    /// An object of the result has a new version, or reads otherwise by a decision about a conflict.
    Changed {
        /// The object as it is now.
        object: O,
        /// As it was before; `None` where that is not known: after [`Watch::from`](crate::Watch::from), and where it no
        /// longer decodes.
        before: Option<O>,
        /// The fields that read otherwise. None may: a merge can bring what loses, and the object still has a new version.
        fields: Vec<FieldChange>,
        /// As for [`Update::Added`].
        sequence: u64,
        /// As for [`Update::Added`].
        cause: Cause,
    },
    /// An object left the result.
    Removed {
        /// Its key.
        key: Key,
        /// As it was before, as for [`Update::Changed`].
        before: Option<O>,
        /// Whether it was deleted; else it is there and no longer wanted, or it made way for another one.
        deleted: bool,
        /// As for [`Update::Added`].
        sequence: u64,
        /// As for [`Update::Added`].
        cause: Cause,
    },
}

impl<O> Update<O> {
    /// The row of the change log that this came with; that of a result is the one that comes next.
    pub fn sequence(&self) -> u64 {
        match self {
            Update::Result { sequence, .. }
            | Update::Added { sequence, .. }
            | Update::Changed { sequence, .. }
            | Update::Removed { sequence, .. } => *sequence,
        }
    }

    /// How it came; `None` for a result.
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Update::Result { .. } => None,
            Update::Added { cause, .. } | Update::Changed { cause, .. } | Update::Removed { cause, .. } => {
                Some(*cause)
            }
        }
    }
}

/// One field that reads otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The stored name.
    pub name: String,
    /// What it read as; null where nothing was written and no default is known, `None` where it is not known.
    pub old: Option<Value>,
    /// What it reads as.
    pub new: Value,
}

/// How a change came into the repo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The program saved, put, updated, deleted or resolved something.
    Local,
    /// The program merged a version or another repo.
    Merge,
    /// It came from another replica: by a session, a bundle or a shared folder.
    Sync,
    /// It is read from the change log, which says what was changed and not how.
    Earlier,
}
