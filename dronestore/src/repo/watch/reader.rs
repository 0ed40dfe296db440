//! Watch: reading what a query finds, and then what changes in it.

use super::dispatch::Place;
use super::event::{Seen, Side};
use super::queue::{Taken, Wait, Watcher};
use super::source::{Source, Typed, Untyped};
use super::update::Update;
use super::window::{Entry, Window};
use crate::drone::Drone;
use crate::repo::Repo;
use crate::repo::changes::last_row;
use crate::repo::query::{Find, FindVersions, Plan, Scan};
use crate::repo::view::View;
use crate::versioned::Versioned;
use dronestore_core::query::Run;
use dronestore_core::{Error, ErrorKind, Result, Version};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a query finds, and then what changes in it, in the order of the commits: a blocking iterator.
///
/// The first item is the result as of when it is asked for; then comes every change. An error ends it: the next item is
/// `None`, and [`Watch::sequence`] says from where another one can go on.
///
/// A queue of 1024 events is kept for it ([`Watch::capacity`]). Whoever reads more slowly than that is written gets the result
/// anew in place of what was missed; so does everybody where another repo has written to the same store, which is
/// noticed as [`Repo::wait_for_change`] says.
///
/// Cost: a change is looked at if it is of the kind and, where the query is below a key or wants one value of something
/// (`=`, `in`), may belong there; then the filter is asked about the object as it was and as it is. With a limit, the
/// objects within it and half as many more are kept in memory, and when those are used up the query is asked again. The result
/// costs what [`Find::run`] does.
pub struct Watch<O> {
    pub(super) repo: Repo,
    pub(super) watcher: Arc<Watcher>,
    pub(super) source: Box<dyn Source<O>>,
    /// As of the last result.
    pub(super) plan: Plan,
    place: Place,
    is_typed: bool,
    pub(super) window: Option<Window>,
    start: Option<Start>,
    pub(super) ready: VecDeque<Update<O>>,
    /// All before this row of the log is in what was handed out or is ready.
    pub(super) position: u64,
    /// The same before what is ready was made.
    handed: u64,
    has_ended: bool,
    pub(super) cost: WatchCost,
}

/// With what it begins.
#[derive(Clone, Copy)]
enum Start {
    Result,
    From(u64),
}

/// What watching has cost so far, in counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WatchCost {
    /// How often the filter was asked about an object as it was or as it is.
    pub evaluated: u64,
    /// How often the whole query was asked.
    pub queries: u64,
}

impl Repo {
    /// All objects of a model, and then what changes: see [`Watch`]. That of a query is [`Find::watch`].
    ///
    /// ```
    /// use dronestore::{Drone, Repo, Update};
    ///
    /// # #[derive(Drone)] struct Note { #[merge(latest)] text: String }
    /// let repo = Repo::memory()?;
    /// let mut watch = repo.watch::<Note>()?;
    /// assert!(matches!(watch.try_next()?, Some(Update::Result { objects, .. }) if objects.is_empty()));
    /// repo.put("a", Note { text: "milk".into() })?;
    /// assert!(matches!(watch.try_next()?, Some(Update::Added { object, .. }) if object.text == "milk"));
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`](crate::ErrorKind::Mismatch) where another Rust type has this kind.
    pub fn watch<T: Drone>(&self) -> Result<Watch<Versioned<T>>> {
        self.query().watch()
    }
}

impl<T: Drone> Find<T> {
    /// What it finds in the repo, and then what changes in that: see [`Watch`].
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a mistake in the query;
    /// [`Mismatch`](crate::ErrorKind::Mismatch) where another Rust type has this kind;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where it is about another moment than now ([`Find::at`],
    /// [`View::query`]): what stood there then does not change.
    pub fn watch(self) -> Result<Watch<Versioned<T>>> {
        if !self.is_now() {
            let message = "a query about another moment than now cannot be watched: nothing changes there";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let (repo, query) = self.into_parts()?;
        repo.inner.models.check::<T>()?;
        repo.see_to_indexes::<T>();
        let source = Typed::<T>::new(query, &repo);
        Watch::new(repo, Box::new(source), true)
    }
}

impl FindVersions {
    /// What it finds, and then what changes in that: see [`Watch`].
    ///
    /// # Errors
    /// As [`Find::watch`], and as [`Repo::schemas`].
    pub fn watch(self) -> Result<Watch<Version>> {
        let (repo, Plan { kind, query, .. }) = self.into_parts();
        let source = Untyped { repo: repo.clone(), kind, query, schema: None };
        Watch::new(repo, Box::new(source), false)
    }
}

impl<O> Watch<O> {
    fn new(repo: Repo, mut source: Box<dyn Source<O>>, is_typed: bool) -> Result<Watch<O>> {
        let plan = source.plan()?;
        // A cursor of another order is refused here.
        Run::<Seen<'_>>::new(&plan.query)?;
        let (place, window) = (Place::of(&plan.query), Window::of(&plan.query));
        let watcher = repo.inner.watchers.add(&plan.kind, &place, is_typed, source.plan()?);
        Ok(Watch {
            repo,
            watcher,
            source,
            plan,
            place,
            is_typed,
            window,
            start: Some(Start::Result),
            ready: VecDeque::new(),
            position: 0,
            handed: 0,
            has_ended: false,
            cost: WatchCost::default(),
        })
    }

    /// Begins with what was changed from this row of the change log on, in place of the result; with
    /// [`Repo::sequence`] with nothing.
    ///
    /// The log tells which objects have changed since, and not what they were: each comes once, as it is now, without
    /// `before` and with [`Cause::Earlier`](crate::Cause::Earlier). One that does not belong to the result is
    /// [`Update::Removed`], also if it never belonged there. Where the log no longer goes back that far, or the query has a limit or an offset, which need more
    /// than the log knows, the result comes, with `behind` set.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "it is where to begin, and takes a receiver")]
    pub fn from(mut self, sequence: u64) -> Self {
        self.start = Some(Start::From(sequence));
        self
    }

    /// Keeps so many events for this reader at most, of all that happens to the kind or at the key that it is about.
    #[must_use]
    pub fn capacity(self, events: usize) -> Self {
        self.watcher.set_capacity(events);
        self.repo.inner.watchers.keep(&self.plan.kind, events);
        self
    }

    /// The next update if there is one; never waits for a write.
    ///
    /// # Errors
    /// As [`Find::run`] and [`Repo::get`].
    pub fn try_next(&mut self) -> Result<Option<Update<O>>> {
        self.advance(Wait::Never)
    }

    /// The next update, waiting for so long at most.
    ///
    /// # Errors
    /// As [`Watch::try_next`].
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<Update<O>>> {
        let wait = Instant::now().checked_add(timeout).map_or(Wait::Forever, Wait::Until);
        self.advance(wait)
    }

    /// From where another watch would go on ([`Watch::from`]): all before this row was handed out.
    pub fn sequence(&self) -> u64 {
        if self.ready.is_empty() { self.position } else { self.handed }
    }

    /// What watching has cost so far, in counts.
    pub fn cost(&self) -> WatchCost {
        self.cost
    }

    /// What ends it from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.watcher.clone())
    }

    /// Whether nothing will come any more.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Whether there is something to hand out without a look at the queue.
    #[cfg(feature = "futures")]
    pub(super) fn is_ready(&self) -> bool {
        self.start.is_some() || self.has_ended || !self.ready.is_empty()
    }

    fn advance(&mut self, wait: Wait) -> Result<Option<Update<O>>> {
        if self.has_ended {
            return Ok(None);
        }
        let next = self.find(wait);
        self.has_ended |= next.is_err();
        next
    }

    fn find(&mut self, wait: Wait) -> Result<Option<Update<O>>> {
        loop {
            if let Some(update) = self.ready.pop_front() {
                return Ok(Some(update));
            }
            self.handed = self.position;
            match self.start.take() {
                Some(Start::Result) => self.renew(false)?,
                Some(Start::From(row)) => self.replay(row)?,
                None => match self.watcher.take(wait) {
                    Taken::Delivery(delivery) => self.take_in(&delivery)?,
                    Taken::Lost(row) if row > self.position => self.renew(true)?,
                    Taken::Lost(_) => {}
                    Taken::Nothing => return Ok(None),
                    Taken::Stopped => {
                        self.has_ended = true;
                        return Ok(None);
                    }
                },
            }
        }
    }

    /// Asks the query and hands out all of the result.
    pub(super) fn renew(&mut self, behind: bool) -> Result<()> {
        self.watcher.listen();
        let entries = self.ask()?;
        let view = match &self.window {
            Some(window) => window.view(),
            None => &entries,
        };
        let objects = view.iter().map(|entry| self.source.load(&entry.side)).collect::<Result<_>>()?;
        self.ready.push_back(Update::Result { objects, sequence: self.position, behind });
        Ok(())
    }

    /// Asks the query as of now. With a window that is filled, without one all is given.
    pub(super) fn ask(&mut self) -> Result<Vec<Entry>> {
        let (view, row) = self.look()?;
        self.ask_at(view, row)
    }

    /// What stands in the repo now, and the row of the log that comes next.
    pub(super) fn look(&self) -> Result<(View, u64)> {
        let view = self.repo.view()?;
        let row = last_row(&*view.snapshot)?.0 + 1;
        self.repo.inner.watchers.reached(row);
        Ok((view, row))
    }

    pub(super) fn ask_at(&mut self, view: View, row: u64) -> Result<Vec<Entry>> {
        self.cost.queries += 1;
        let mut plan = self.source.plan()?;
        plan.indexes = self.source.indexes(&view)?;
        if let Some(window) = &self.window {
            plan.query = window.filling();
        }
        let mut scan = Scan::new(plan, view)?;
        let mut entries = Vec::new();
        while let Some(version) = scan.next()? {
            let place = scan.place(&version)?;
            entries.push(Entry { place, side: Side::of(&scan.view, version)? });
        }
        // Whoever reads by the schemas that there are has them read anew.
        self.plan = self.source.plan()?;
        self.position = row;
        if let Some(window) = &mut self.window {
            window.fill(std::mem::take(&mut entries));
        }
        Ok(entries)
    }
}

/// Waits for the next update; `None` after an error, and when it was stopped.
impl<O> Iterator for Watch<O> {
    type Item = Result<Update<O>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance(Wait::Forever).transpose()
    }
}

impl<O> Drop for Watch<O> {
    fn drop(&mut self) {
        self.repo.inner.watchers.remove(&self.plan.kind, &self.watcher, &self.place, self.is_typed);
    }
}

impl<O> fmt::Debug for Watch<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({} {})", self.plan.kind, self.plan.query)
    }
}

/// Ends a [`Watch`] from another thread.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Watcher>);

impl Stopper {
    /// Ends it: whoever waits in it is woken and gets `None`, and so does everybody later.
    pub fn stop(&self) {
        if let Some(waker) = self.0.stop() {
            waker.wake();
        }
    }
}
