//! Undo: what this repo wrote, taken back step by step, and done again.

use super::take_back::{Known, TakenBack};
use crate::repo::index::Taken;
use crate::repo::{Repo, decisions_kind};
use dronestore_core::{ErrorKind, Key, Result, Version};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// How many steps are remembered, and bytes of versions.
const MOST: usize = 1000;
const MOST_BYTES: usize = 16 << 20;

/// What is known of own writes by those who want to take some back.
#[derive(Default)]
pub(crate) struct Undoers {
    /// Whether there is anybody.
    are_there: AtomicBool,
    all: Mutex<Vec<Weak<Mutex<Steps>>>>,
}

/// What one transaction did to each object: what stood there before, and after it.
pub(crate) type Did = Vec<(Option<Version>, Version)>;

/// Who takes back, and which way.
#[derive(Clone)]
pub(crate) struct Taking {
    steps: Arc<Mutex<Steps>>,
    is_undo: bool,
}

#[derive(Default)]
pub(crate) struct Steps {
    undo: VecDeque<Did>,
    redo: Vec<Did>,
    /// Of objects that earlier steps have made or changed, the fields that stayed when later steps were taken back.
    left: BTreeMap<ObjectId, BTreeSet<String>>,
}

/// Kind and key.
type ObjectId = (String, Key);

fn id(version: &Version) -> ObjectId {
    (version.kind().to_owned(), version.key().clone())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Undoers {
    #[inline]
    pub(crate) fn are_there(&self) -> bool {
        self.are_there.load(Ordering::Relaxed)
    }

    /// A transaction is durable that did this.
    pub(crate) fn learn(&self, did: Did, taking: Option<&Taking>) {
        if did.is_empty() {
            return;
        }
        let mut all = lock(&self.all);
        all.retain(|steps| steps.strong_count() > 0);
        self.are_there.store(!all.is_empty(), Ordering::Relaxed);
        for known in all.iter().filter_map(Weak::upgrade) {
            let taking = taking.filter(|taking| Arc::ptr_eq(&taking.steps, &known));
            lock(&known).push(did.clone(), taking);
        }
    }
}

impl Steps {
    fn push(&mut self, did: Did, taking: Option<&Taking>) {
        match taking {
            Some(Taking { is_undo: true, .. }) => self.redo.push(did),
            Some(_) => self.undo.push_back(did),
            None => {
                // What was taken back before is not what would be done again.
                self.redo.clear();
                self.undo.push_back(did);
            }
        }
        let size = |did: &Did| -> usize {
            let one = |(before, after): &(Option<Version>, Version)| {
                before.as_ref().map_or(0, |before| before.state_bytes().len()) + after.state_bytes().len()
            };
            did.iter().map(one).sum()
        };
        let mut bytes: usize = self.undo.iter().map(size).sum();
        while self.undo.len() > MOST || (bytes > MOST_BYTES && self.undo.len() > 1) {
            bytes -= self.undo.pop_front().as_ref().map_or(0, size);
        }
    }

    /// Notes what stayed when a step was taken back.
    fn leave(&mut self, stayed: BTreeMap<ObjectId, BTreeSet<String>>) {
        for (object, fields) in stayed {
            self.left.entry(object).or_default().extend(fields);
        }
        if !self.left.is_empty() {
            let to_come: BTreeSet<ObjectId> =
                self.undo.iter().flatten().map(|(_, after)| id(after)).collect();
            self.left.retain(|object, _| to_come.contains(object));
        }
    }
}

/// Undo and redo of what this repo writes from now on, transaction by transaction; what others wrote is never taken back.
///
/// It remembers in memory, whatever history is kept, up to 1,000 steps and 16 MiB of versions; the oldest go first. What it
/// does are commits like any other.
///
/// ```
/// use dronestore::{Drone, Repo};
///
/// #[derive(Drone)]
/// struct Page {
///     #[merge(latest)]
///     title: String,
/// }
///
/// let repo = Repo::memory()?;
/// repo.put("home", Page { title: "Home".into() })?;
/// let undo = repo.undo_log();
/// repo.update::<Page>("home", |page| Ok(page.title = "Hoem".into()))?;
/// undo.undo()?;
/// assert_eq!(repo.get::<Page>("home")?.expect("there").title, "Home");
/// undo.redo()?;
/// assert_eq!(repo.get::<Page>("home")?.expect("there").title, "Hoem");
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct UndoLog {
    repo: Repo,
    steps: Arc<Mutex<Steps>>,
}

impl fmt::Debug for UndoLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = lock(&self.steps);
        write!(f, "UndoLog({} to undo, {} to redo)", steps.undo.len(), steps.redo.len())
    }
}

/// What was taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoReport {
    /// The objects that were changed, each with its fields by their stored names; an empty name where the object as a whole
    /// was deleted.
    pub changed: Vec<(Key, Vec<String>)>,
    /// What stays as it is: object, field (empty for all of it), and why. Somebody has written there since, or the strategy
    /// knows no way back.
    pub kept: Vec<(Key, String, String)>,
}

impl UndoReport {
    fn add(&mut self, key: &Key, back: TakenBack) {
        let kept = back.kept.into_iter().map(|(field, why)| (key.clone(), field, why));
        self.kept.extend(kept);
        if !back.fields.is_empty() {
            self.changed.push((key.clone(), back.fields));
        }
    }
}

/// `/Page:home: title`, a line each; then what stays, and why.
impl fmt::Display for UndoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, fields) in &self.changed {
            writeln!(f, "{key}: {}", fields.join(", "))?;
        }
        for (key, field, why) in &self.kept {
            writeln!(f, "{key}: {field} stays: {why}")?;
        }
        Ok(())
    }
}

impl Repo {
    /// Begins to remember what this repo writes, so that it can be taken back; until the log is dropped.
    ///
    /// It keeps the repo open, as a clone of it does. Cost: two versions a write while there is one, nothing otherwise.
    pub fn undo_log(&self) -> UndoLog {
        let steps = Arc::<Mutex<Steps>>::default();
        let undoers = &self.inner.undoers;
        lock(&undoers.all).push(Arc::downgrade(&steps));
        undoers.are_there.store(true, Ordering::Relaxed);
        UndoLog { repo: self.clone(), steps }
    }
}

impl UndoLog {
    /// Takes back the last transaction that is not taken back yet: each field that it changed is set to what it read as
    /// before, where nobody has written to it since; of a counter what was added goes, whatever others added, and of a set or
    /// a map the members that it changed. `None` where there is nothing to take back.
    ///
    /// What cannot be taken back stays, and the report says why: a `max` that was raised, a unique value that somebody else has
    /// now, a field without which the model's `validate` refuses the object. An object that the step made is deleted if
    /// nobody else has written to it.
    ///
    /// # Errors
    /// As [`Repo::save`]; the step can be taken back again then, or passed over ([`UndoLog::skip`]). Where the outcome is
    /// [`Unknown`](ErrorKind::Unknown) it is no step any more: taken back twice, a counter would lose what others added.
    pub fn undo(&self) -> Result<Option<UndoReport>> {
        let step = lock(&self.steps).undo.pop_back();
        self.take(step, true)
    }

    /// Does again what was taken back last, in the same way. Whatever else this repo writes in between ends that.
    ///
    /// # Errors
    /// As [`UndoLog::undo`].
    pub fn redo(&self) -> Result<Option<UndoReport>> {
        let step = lock(&self.steps).redo.pop();
        self.take(step, false)
    }

    /// How many steps can be taken back.
    pub fn undo_count(&self) -> usize {
        lock(&self.steps).undo.len()
    }

    /// How many can be done again.
    pub fn redo_count(&self) -> usize {
        lock(&self.steps).redo.len()
    }

    /// Forgets the step that would be taken back next, and leaves what it did as it is; says whether there was one.
    ///
    /// For a step that fails whenever it is tried.
    pub fn skip(&self) -> bool {
        lock(&self.steps).undo.pop_back().is_some()
    }

    fn take(&self, step: Option<Did>, is_undo: bool) -> Result<Option<UndoReport>> {
        let Some(step) = step else { return Ok(None) };
        let mut known: BTreeMap<ObjectId, Known> = BTreeMap::new();
        for (object, left) in &lock(&self.steps).left {
            known.entry(object.clone()).or_default().left.clone_from(left);
        }
        let taken = loop {
            let mut clash = None;
            let taken = self.try_taking(&step, is_undo, &known, &mut clash);
            let Some(Taken { kind, key, attributes, why }) = clash else { break taken };
            // What somebody else has now stays where it is; without it the rest is tried again.
            let refused = &mut known.entry((kind, key)).or_default().refused;
            let mut is_new = false;
            for attribute in attributes {
                is_new |= refused.insert(attribute, why.clone()).is_none();
            }
            if !is_new && refused.insert(String::new(), why).is_some() {
                break taken;
            }
        };
        let mut steps = lock(&self.steps);
        match taken {
            Ok((report, stayed)) => {
                if is_undo {
                    steps.leave(stayed);
                }
                Ok(Some(report))
            }
            Err(error) => {
                match (error.kind(), is_undo) {
                    (ErrorKind::Unknown, _) => {}
                    (_, true) => steps.undo.push_back(step),
                    (_, false) => steps.redo.push(step),
                }
                Err(error)
            }
        }
    }

    /// Takes a step back in one transaction; `clash` is what another object has now, where that is why it failed.
    fn try_taking(
        &self,
        step: &Did,
        is_undo: bool,
        known: &BTreeMap<ObjectId, Known>,
        clash: &mut Option<Taken>,
    ) -> Result<(UndoReport, BTreeMap<ObjectId, BTreeSet<String>>)> {
        let (taking, nothing) = (Taking { steps: self.steps.clone(), is_undo }, Known::default());
        self.repo.attempt(|| {
            self.repo.write(|transaction| {
                transaction.history.taking = Some(taking.clone());
                let (mut report, mut stayed) = (UndoReport::default(), BTreeMap::new());
                // Votes first: without them the rest reads as it did before.
                let is_vote = |after: &Version| after.kind() == decisions_kind();
                let (votes, rest): (Vec<_>, Vec<_>) =
                    step.iter().rev().partition(|(_, after)| is_vote(after));
                for (before, after) in votes.into_iter().chain(rest) {
                    let object = id(after);
                    let of_it = known.get(&object).unwrap_or(&nothing);
                    let back = transaction.take_back(before.as_ref(), after, of_it)?;
                    if !back.kept.is_empty() {
                        stayed.insert(object, back.kept.iter().map(|(field, _)| field.clone()).collect());
                    }
                    report.add(after.key(), back);
                }
                *clash = transaction.first_taken()?;
                clash.as_ref().map_or(Ok((report, stayed)), |taken| Err(taken.error()))
            })
        })
    }
}
