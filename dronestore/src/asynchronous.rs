//! The calls of a repo as futures, on tokio's runtime (feature `tokio`).
//!
//! Every call is the one of [`Repo`] on a thread where blocking is allowed. Nothing is decided here.

use crate::drone::Drone;
use crate::repo::{Find, MergeReport, MergeSource, ObjectName, Repo, Transaction, Update, Watch};
use crate::sync::SyncReport;
use crate::versioned::{CommitReport, Versioned};
use dronestore_core::{Error, ErrorKind, Key, Result};
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};

impl Repo {
    /// The same repo for async programs: see [`AsyncRepo`].
    pub fn asynchronous(&self) -> AsyncRepo {
        AsyncRepo(self.clone())
    }
}

/// A [`Repo`] whose calls are futures: the work is done by [`spawn_blocking`](Handle::spawn_blocking), never on the threads that poll.
///
/// Calls are made inside a tokio runtime, of any flavour; elsewhere each gives an error. What a call does, fails with and costs is said at the call of
/// [`Repo`]; each costs a hand over to another thread besides, some ten microseconds.
///
/// **Dropping a future** does not take back what it began: a write may still be made, all of it or nothing. Whoever has to
/// know reads again. What was handed to the call is dropped with it.
///
/// ```
/// use dronestore::{Drone, Repo};
///
/// #[derive(Drone, Clone)]
/// struct Person {
///     #[merge(latest)]
///     name: String,
///     #[merge(counter)]
///     visits: u64,
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
/// # runtime.block_on(async {
/// let repo = Repo::memory()?.asynchronous();
/// repo.put("a", Person { name: "Ann".into(), visits: 1 }).await?;
/// repo.update::<Person>("a", |person| { person.visits += 1; Ok(()) }).await?;
/// let often = repo.query::<Person>().filter(Person::fields().visits.ge(2));
/// assert_eq!(repo.all(often).await?.len(), 1);
/// # Ok::<(), dronestore::Error>(())
/// # })?;
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct AsyncRepo(Repo);

impl AsyncRepo {
    /// The repo itself, whose calls block.
    pub fn repo(&self) -> &Repo {
        &self.0
    }

    /// Any calls of the repo, one after the other, on a thread where blocking is allowed.
    ///
    /// # Errors
    /// What the closure gives; [`Busy`](ErrorKind::Busy) where the runtime is shutting down,
    /// [`Unsupported`](ErrorKind::Unsupported) outside of one.
    pub async fn with<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Repo) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let repo = self.0.clone();
        match runtime()?.spawn_blocking(move || work(&repo)).await {
            Ok(result) => result,
            Err(error) => Err(ended(error)),
        }
    }

    /// As [`Repo::get`].
    ///
    /// # Errors
    /// As [`Repo::get`].
    pub async fn get<T: Drone + Send + 'static>(
        &self,
        name: impl ObjectName,
    ) -> Result<Option<Versioned<T>>> {
        let key = name.key(T::KIND)?;
        self.with(move |repo| repo.get(&key)).await
    }

    /// As [`Repo::contains`].
    ///
    /// # Errors
    /// As [`Repo::contains`].
    pub async fn contains<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        let key = name.key(T::KIND)?;
        self.with(move |repo| repo.contains::<T>(&key)).await
    }

    /// As [`Repo::save`]. The handle comes back whatever becomes of it; who drops the future has lost it, and reads it anew.
    ///
    /// # Errors
    /// As [`Repo::save`].
    pub async fn save<T: Drone + Send + 'static>(
        &self,
        handle: Versioned<T>,
    ) -> (Versioned<T>, Result<CommitReport>) {
        let kept = Arc::new(Mutex::new(handle));
        let shared = kept.clone();
        let lock = move |repo: &Repo| {
            let mut handle = shared.lock().unwrap_or_else(PoisonError::into_inner);
            repo.save(&mut handle)
        };
        let report = self.with(lock).await;
        match Arc::into_inner(kept) {
            Some(kept) => (kept.into_inner().unwrap_or_else(PoisonError::into_inner), report),
            // The call has ended and let go of it; were it not so, the runtime would be going down.
            None => std::future::pending().await,
        }
    }

    /// As [`Repo::put`].
    ///
    /// # Errors
    /// As [`Repo::put`].
    pub async fn put<T: Drone + Clone + Send + 'static>(
        &self,
        name: impl ObjectName,
        value: T,
    ) -> Result<Versioned<T>> {
        let key = name.key(T::KIND)?;
        self.with(move |repo| repo.put(&key, value)).await
    }

    /// As [`Repo::update`].
    ///
    /// # Errors
    /// As [`Repo::update`].
    pub async fn update<T: Drone>(
        &self,
        name: impl ObjectName,
        change: impl FnMut(&mut T) -> Result<()> + Send + 'static,
    ) -> Result<CommitReport> {
        let key = name.key(T::KIND)?;
        self.with(move |repo| repo.update(&key, change)).await
    }

    /// As [`Repo::delete`].
    ///
    /// # Errors
    /// As [`Repo::delete`].
    pub async fn delete<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        let key: Key = name.key(T::KIND)?;
        self.with(move |repo| repo.delete::<T>(&key)).await
    }

    /// As [`Repo::transaction`]; the closure does not await anything, and nobody else writes meanwhile.
    ///
    /// # Errors
    /// As [`Repo::transaction`].
    pub async fn transaction<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Transaction<'static>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        self.with(move |repo| repo.transaction(work)).await
    }

    /// As [`Repo::transaction_with_retries`]; the closure does not await anything, and nobody else writes meanwhile.
    ///
    /// # Errors
    /// As [`Repo::transaction_with_retries`].
    pub async fn transaction_with_retries<R: Send + 'static>(
        &self,
        retries: usize,
        work: impl FnMut(&mut Transaction<'static>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        self.with(move |repo| repo.transaction_with_retries(retries, work)).await
    }

    /// As [`Repo::query`]: what [`AsyncRepo::all`], [`AsyncRepo::first`], [`AsyncRepo::count`] and [`AsyncRepo::watch`] take.
    /// Its own ways of asking block.
    pub fn query<T: Drone>(&self) -> Find<T> {
        self.0.query()
    }

    /// All that a query finds, in its order.
    ///
    /// # Errors
    /// As [`Find::run`].
    pub async fn all<T: Drone + Send + 'static>(&self, find: Find<T>) -> Result<Vec<Versioned<T>>> {
        self.with(move |_| find.run()?.collect()).await
    }

    /// As [`Find::first`].
    ///
    /// # Errors
    /// As [`Find::first`].
    pub async fn first<T: Drone + Send + 'static>(&self, find: Find<T>) -> Result<Option<Versioned<T>>> {
        self.with(move |_| find.first()).await
    }

    /// As [`Find::count`].
    ///
    /// # Errors
    /// As [`Find::count`].
    pub async fn count<T: Drone>(&self, find: Find<T>) -> Result<usize> {
        self.with(move |_| find.count()).await
    }

    /// As [`Find::watch`], as a stream.
    ///
    /// # Errors
    /// As [`Find::watch`].
    pub fn watch<T: Drone + Send + 'static>(&self, find: Find<T>) -> Result<AsyncWatch<Versioned<T>>> {
        find.watch().map(AsyncWatch::from)
    }

    /// As [`Repo::merge`].
    ///
    /// # Errors
    /// As [`Repo::merge`].
    pub async fn merge(&self, source: impl MergeSource + Send + 'static) -> Result<MergeReport> {
        self.with(move |repo| repo.merge(&source)).await
    }

    /// As [`Repo::sync`]; a session that is cut by dropping the future goes on to its end.
    ///
    /// # Errors
    /// As [`Repo::sync`].
    pub async fn sync(&self, address: impl Into<String>) -> Result<SyncReport> {
        let address = address.into();
        self.with(move |repo| repo.sync(&address)).await
    }

    /// As [`Repo::sync_with`].
    ///
    /// # Errors
    /// As [`Repo::sync_with`].
    pub async fn sync_with(&self, other: &AsyncRepo) -> Result<SyncReport> {
        let other = other.0.clone();
        self.with(move |repo| repo.sync_with(&other)).await
    }
}

/// A panic goes on; else the runtime is shutting down.
fn ended(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => Error::new(ErrorKind::Busy, "the runtime is shutting down").with_source(error),
    }
}

/// How many updates are fetched at once.
const BATCH: usize = 64;

/// A [`Watch`] as a [`Stream`] on tokio's runtime: whatever reads the store or evaluates is done elsewhere.
///
/// Dropping a future of [`AsyncWatch::next`] loses no update.
pub struct AsyncWatch<O> {
    ready: VecDeque<Result<Update<O>>>,
    work: Work<O>,
}

enum Work<O> {
    Idle(Box<Watch<O>>),
    Busy(JoinHandle<(Box<Watch<O>>, Updates<O>)>),
    Ended,
}

type Updates<O> = VecDeque<Result<Update<O>>>;

impl<O: Send + 'static> From<Watch<O>> for AsyncWatch<O> {
    fn from(watch: Watch<O>) -> Self {
        AsyncWatch { ready: VecDeque::new(), work: Work::Idle(Box::new(watch)) }
    }
}

impl<O: Send + 'static> AsyncWatch<O> {
    /// The next update; `None` after an error, and when it was stopped.
    pub async fn next(&mut self) -> Option<Result<Update<O>>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Update<O>>>> {
        loop {
            if let Some(update) = self.ready.pop_front() {
                return Poll::Ready(Some(update));
            }
            self.work = match std::mem::replace(&mut self.work, Work::Ended) {
                Work::Ended => return Poll::Ready(None),
                Work::Idle(watch) if watch.has_ended() => return Poll::Ready(None),
                Work::Idle(mut watch) => match watch.poll_ready(context) {
                    Poll::Ready(()) => match runtime() {
                        Ok(runtime) => Work::Busy(runtime.spawn_blocking(move || {
                            let updates = fetch(&mut watch);
                            (watch, updates)
                        })),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    },
                    Poll::Pending => {
                        self.work = Work::Idle(watch);
                        return Poll::Pending;
                    }
                },
                Work::Busy(mut handle) => match Pin::new(&mut handle).poll(context) {
                    Poll::Ready(Ok((watch, updates))) => {
                        self.ready = updates;
                        Work::Idle(watch)
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(ended(error)))),
                    Poll::Pending => {
                        self.work = Work::Busy(handle);
                        return Poll::Pending;
                    }
                },
            };
        }
    }
}

/// The runtime that this is called in.
fn runtime() -> Result<Handle> {
    let none = "asynchronous calls are made inside a tokio runtime, and this thread is in none";
    Handle::try_current().map_err(|error| Error::new(ErrorKind::Unsupported, none).with_source(error))
}

/// What there is to be told, up to a batch of it.
fn fetch<O>(watch: &mut Watch<O>) -> Updates<O> {
    std::iter::from_fn(|| watch.try_next().transpose()).take(BATCH).collect()
}

// Nothing in it is pinned.
impl<O> Unpin for AsyncWatch<O> {}

impl<O: Send + 'static> Stream for AsyncWatch<O> {
    type Item = Result<Update<O>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<O> fmt::Debug for AsyncWatch<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncWatch").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}
