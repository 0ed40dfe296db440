//! A store that fails when told to.

use crate::store::{
    Bytes, Capabilities, Compacted, Cursor, Direction, Expectation, Range, Snapshot, Store, Witness, Write,
};
use crate::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a call fails.
///
/// | fault | a batch is | the error is |
/// |---|---|---|
/// | `Refuse` | not made | [`Store`](ErrorKind::Store) |
/// | `Lose` | not made | [`Unknown`](ErrorKind::Unknown) |
/// | `Keep` | made | [`Unknown`](ErrorKind::Unknown) |
///
/// A read has nothing to lose: it fails with [`Store`](ErrorKind::Store) whatever the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It is refused: certainly nothing happened.
    Refuse,
    /// It is not made, and the caller cannot know.
    Lose,
    /// It is made, and the caller cannot know.
    Keep,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Read,
    Apply,
}

/// Whether a planned failure counts all calls or batches only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    Calls,
    Applies,
}

struct Plan {
    counting: Counting,
    left: u64,
    fault: Fault,
    then_dead: bool,
}

#[derive(Default)]
struct State {
    calls: u64,
    applies: u64,
    dead: bool,
    plans: Vec<Plan>,
}

/// A store that fails when told to and otherwise is the one inside; clones fail together.
///
/// A call is a snapshot, a read, a scan, a step of a cursor, or a batch; the first after planning a failure is number 1. A
/// failure that cannot be reached is no error: so a test can let every call fail in turn until one run goes through.
///
/// ```
/// use dronestore::store::{Store, Write};
/// use dronestore::stores::MemoryStore;
/// use dronestore::testing::{Fault, FaultyStore};
///
/// let store = FaultyStore::new(MemoryStore::new());
/// store.fail_apply(1, Fault::Keep);
/// let error = store.apply(&[], &[Write::put(b"key", b"value")]).unwrap_err();
/// assert_eq!(error.kind(), dronestore::ErrorKind::Unknown);
/// assert!(store.snapshot()?.get(b"key")?.is_some());
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone)]
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    state: Arc<Mutex<State>>,
}

impl FaultyStore {
    /// Fails nothing until told to.
    pub fn new(inner: impl Store) -> Self {
        FaultyStore { inner: Arc::new(inner), state: Arc::default() }
    }

    /// The `nth` call from now on fails, once.
    pub fn fail_call(&self, nth: u64, fault: Fault) {
        self.plan(Counting::Calls, nth, fault, false);
    }

    /// The `nth` batch from now on fails, once.
    pub fn fail_apply(&self, nth: u64, fault: Fault) {
        self.plan(Counting::Applies, nth, fault, false);
    }

    /// The `nth` call from now on fails, and all after it.
    pub fn die_at_call(&self, nth: u64, fault: Fault) {
        self.plan(Counting::Calls, nth, fault, true);
    }

    /// The `nth` batch from now on fails, and all calls after it.
    pub fn die_at_apply(&self, nth: u64, fault: Fault) {
        self.plan(Counting::Applies, nth, fault, true);
    }

    /// Forgets all planned failures and lives again.
    pub fn heal(&self) {
        let mut state = self.state();
        state.plans.clear();
        state.dead = false;
    }

    /// Whether it has died.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// All calls so far, those that failed too.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// All batches so far, those that failed too.
    pub fn applies(&self) -> u64 {
        self.state().applies
    }

    fn plan(&self, counting: Counting, nth: u64, fault: Fault, then_dead: bool) {
        self.state().plans.push(Plan { counting, left: nth.max(1), fault, then_dead });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Counts a call and says how it fails, if it does.
    fn call(&mut self, call: Call) -> Option<Fault> {
        self.calls += 1;
        self.applies += u64::from(call == Call::Apply);
        if self.dead {
            return Some(Fault::Refuse);
        }
        let mut fault = None;
        self.plans.retain_mut(|plan| {
            if plan.counting == Counting::Calls || call == Call::Apply {
                plan.left -= 1;
            }
            if plan.left == 0 {
                fault = Some(plan.fault);
                self.dead |= plan.then_dead;
            }
            plan.left > 0
        });
        fault
    }
}

fn read<T>(state: &Mutex<State>, work: impl FnOnce() -> Result<T>) -> Result<T> {
    match lock(state).call(Call::Read) {
        None => {}
        Some(_) => return Err(Error::new(ErrorKind::Store, "a planned failure while reading")),
    }
    work()
}

impl Store for FaultyStore {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        let inner = read(&self.state, || self.inner.snapshot())?;
        Ok(Box::new(Faulty { inner, state: self.state.clone() }))
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        let fault = self.state().call(Call::Apply);
        match fault {
            None => return self.inner.apply(expectations, writes),
            Some(Fault::Refuse) => {
                return Err(Error::new(ErrorKind::Store, "a planned failure before a write"));
            }
            Some(Fault::Lose) => {}
            Some(Fault::Keep) => self.inner.apply(expectations, writes)?,
        }
        Err(Error::new(ErrorKind::Unknown, "a planned failure in the middle of a write"))
    }

    fn witness(&self) -> Option<&dyn Witness> {
        self.inner.witness()
    }

    fn describe(&self) -> String {
        format!("{}, failing when told to", self.inner.describe())
    }

    fn size(&self) -> Result<Option<u64>> {
        read(&self.state, || self.inner.size())
    }

    fn compact(&self) -> Result<Compacted> {
        read(&self.state, || self.inner.compact())
    }
}

struct Faulty<T: ?Sized> {
    state: Arc<Mutex<State>>,
    inner: Box<T>,
}

impl Snapshot for Faulty<dyn Snapshot> {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        read(&self.state, || self.inner.get(key))
    }

    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>> {
        let inner = read(&self.state, || self.inner.scan(range, direction))?;
        Ok(Box::new(Faulty { inner, state: self.state.clone() }))
    }
}

impl Cursor for Faulty<dyn Cursor> {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        read(&self.state, || self.inner.next())
    }
}
