//! A schedule as data: who does what, one step after the other.

use crate::laws::Letter;
use crate::testing;

/// What happens to the bytes of a session; pieces are counted over both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// All of them arrive, in their order.
    Whole,
    /// It ends after so many bytes.
    Cut(usize),
    /// This piece does not arrive.
    Lose(usize),
    /// This piece arrives twice.
    Twice(usize),
    /// This piece arrives after the one behind it.
    Swap(usize),
}

/// Which calls of a store are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Calls,
    Batches,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Edits an object and saves it; with a handle that was kept since an earlier save, or one that is loaded now.
    Save { kind: usize, name: usize, letters: Vec<Letter>, keeps: bool },
    /// Deletes an object.
    Delete { kind: usize, name: usize },
    /// Decides a conflict.
    Resolve { kind: usize, pick: usize },
    /// Calls another replica: at once to the end, or piece by piece while other things happen.
    Meet { whom: usize, fate: Fate, waits: bool },
    /// Moves some pieces of a session that goes on.
    Carry { link: usize, pieces: usize },
    /// The replicas whose bits are set reach only each other, and so the others; 0: all reach all.
    Partition { sides: u64 },
    /// The clock jumps by so many nanoseconds.
    Clock { jump: i64 },
    /// The store dies at a call from now on.
    Crash { counted: Counted, nth: u64, fault: testing::Fault },
    /// The store fails once.
    Fail { nth: u64, fault: testing::Fault },
    /// The program ends and is started again, maybe as the newest.
    Restart { updates: bool },
    /// The file is copied away.
    Backup,
    /// The copy is put back; `whole`: with all that tells that it is one.
    Restore { whole: bool },
    /// The file of another replica is put in the place of this one's.
    Copy { whom: usize },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) who: usize,
    pub(super) act: Act,
    /// What is left to chance in it: it stays the same when the steps before it go.
    pub(super) seed: u64,
}

/// A schedule: who takes part, and what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) seed: u64,
    /// For each replica how old its program is, 0 the newest; `None`: it knows no types and just meets others.
    pub(super) ages: Vec<Option<usize>>,
    pub(super) steps: Vec<Step>,
}
