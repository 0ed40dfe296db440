//! Repo: where objects live. A store, an actor, a clock.
//!
//! Every write is one batch: heads, new shapes and schemas, and the change log whose last row carries the repo's
//! totals. Reads go through snapshots and never wait for a writer; one writer works at a time.
//!
//! Absent from this folder: sockets, files (a store has them), merging itself (the core has it).

mod arrivals;
mod beside;
mod branches;
mod builder;
mod bulk;
mod changes;
mod conflicts;
mod count;
mod database;
#[cfg(feature = "full-text")]
mod feed;
mod follow;
mod forks;
mod handles;
mod history;
mod ids;
mod index;
mod inside;
mod iterate;
mod linked;
mod lookup;
mod meetings;
mod merge;
mod meta;
mod models;
mod name;
mod notify;
mod open;
mod overlay;
mod peers;
mod point;
mod query;
pub(crate) mod rows;
mod save;
mod schemas;
mod shapes;
mod shared;
mod staged;
mod transaction;
mod values;
mod verify;
mod view;
mod violations;
mod watch;

#[cfg(feature = "cli")]
pub(crate) use arrivals::NO_REPLICAS;
pub(crate) use arrivals::{
    Arrival, Base, decision_about, decision_in_its_place, decisions_kind, other_database,
};
pub use branches::{Branch, BranchChange, BranchInfo};
pub use builder::Builder;
#[cfg(feature = "cli")]
pub(crate) use bulk::fitted;
pub use bulk::{Amount, Export, ExportReport, Import, ImportItem, ImportReport, KindStats, Progress, Stats};
pub use changes::{Change, Changes};
pub use conflicts::{Conflict, Conflicts, Resolution, Resolver, Rule};
pub(crate) use conflicts::{handle, load};
pub(crate) use count::Count;
pub use database::DatabaseId;
#[cfg(feature = "full-text")]
pub(crate) use feed::{Standing, TypedFilter};
pub(crate) use follow::Followed;
pub use forks::Forks;
pub use handles::Saved;
pub use history::{
    Blame, FieldDiff, Graph, History, Log, LogEntry, Moment, Node, Past, PruneReport, PurgeReport, UndoLog,
    UndoReport,
};
pub(crate) use ids::{LogRows, each_moved, end_of_log};
pub use index::{BuildProgress, IndexInfo, IndexState, UniqueViolation};
pub use inside::FindInside;
pub use iterate::{Iter, Objects};
pub use linked::Linked;
pub use meetings::Peer;
pub(crate) use meetings::{Meeting, Traffic};
pub use merge::{MergeReport, MergeSource};
pub(crate) use meta::Meta;
pub use name::ObjectName;
pub(crate) use notify::Signal;
pub(crate) use open::Totals;
pub(crate) use peers::{Changed, Remembered, Way};
pub use point::Point;
pub use query::{Find, FindVersions, Groups, IndexUse, Page, PlanOrder, QueryPlan, Results};
pub(crate) use shapes::head_hash;
pub(crate) use shared::{Memory, Published, Spans, WriterId};
pub use transaction::Transaction;
pub use values::ValueReport;
pub use verify::VerifyReport;
pub use view::View;
pub use violations::{Invalid, InvalidObjects};
#[cfg(feature = "futures")]
pub use watch::WatchStream;
pub use watch::{Cause, FieldChange, Stopper, Update, Watch, WatchCost};

use crate::clock::Clock;
use crate::drone::Drone;
use crate::versioned::{CommitReport, Versioned};
use dronestore_core::store::Store;
use dronestore_core::{ActorId, Hash, Key, Result};
use open::Writer;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::ThreadId;

/// Where objects live: a store, an actor, a clock. Cloning it costs a reference count; clones are one repo.
///
/// Many threads may read at once; writers take turns. After a call returned `Ok`, what it wrote survives a kill
/// and, on a durable store, a power loss. A failed call changes nothing.
///
/// ```
/// use dronestore::{Drone, Repo};
///
/// #[derive(Drone, Debug)]
/// struct Person {
///     #[merge(latest)]
///     name: String,
/// }
///
/// let repo = Repo::memory()?;
/// let mut person = Person::named("jbenet")?;
/// person.name = "Juan".into();
/// repo.save(&mut person)?;
/// assert_eq!(repo.get::<Person>("jbenet")?.expect("just saved").name, "Juan");
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone)]
pub struct Repo {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    shapes: shapes::Shapes,
    models: models::Models,
    /// What is known of indexes.
    indexes: index::Indexes,
    /// What was written since the repo was opened, in case a copy of it writes too.
    own: forks::Own,
    /// What the program does about conflicts that a merge meets.
    resolver: RwLock<Option<Arc<Resolver>>>,
    writer: Mutex<Writer>,
    /// What the writer knew after the last write, for whoever asks meanwhile.
    totals: RwLock<Totals>,
    /// Whether a batch may have been made of which that knows nothing.
    unsure: AtomicBool,
    /// Which thread is inside a transaction, so that it is told instead of waiting for itself.
    writing: Mutex<Option<ThreadId>>,
    /// Who publishes holds it: what one has written into a folder and not noted yet another would take for superseded.
    publishing: Mutex<()>,
    /// What sync keeps in memory.
    beside: beside::Beside,
    /// Who is told of commits.
    listeners: notify::Listeners,
    /// Who watches queries.
    watchers: watch::Watchers,
    /// The number that the next row of the log had when the repo was opened.
    opened: u64,
    /// Who may want to take own writes back.
    undoers: history::Undoers,
    /// Which peers were met.
    meetings: meetings::Meetings,
}

impl Repo {
    /// A repo in memory, for tests and caches: gone with its last clone.
    ///
    /// # Errors
    /// Where the operating system gives no random numbers for an actor.
    pub fn memory() -> Result<Repo> {
        Repo::builder().open()
    }

    /// The repo in this file, created if there is none.
    ///
    /// # Errors
    /// [`Busy`](crate::ErrorKind::Busy) while another process has it open,
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the file is damaged,
    /// [`Mismatch`](crate::ErrorKind::Mismatch) where it is not a repo's,
    /// [`Store`](crate::ErrorKind::Store) where the operating system refuses.
    ///
    /// Cost: about a millisecond, whatever the file holds, also after a kill.
    #[cfg(feature = "redb")]
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Repo> {
        Repo::builder().path(path).open()
    }

    /// A repo with a store, clock or cache of your choice.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What stands in the repo now, for many reads of one moment.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the store cannot be read; as for every read here.
    ///
    /// Cost: one snapshot of the store.
    pub fn view(&self) -> Result<View> {
        View::new(self.inner.clone())
    }

    /// The object of this name or key; `None` where there is none or it reads as deleted.
    ///
    /// A conflict that somebody decided reads as the decision says: see [`Repo::resolve`].
    ///
    /// # Errors
    /// [`Mismatch`](crate::ErrorKind::Mismatch) where another Rust type has this kind,
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where a stored value is not of the field's type.
    ///
    /// Cost: one read of the store and one decode; a [`View`] saves the snapshot. With several entries in a `conflict`
    /// up to three reads and a decode more for each.
    pub fn get<T: Drone>(&self, name: impl ObjectName) -> Result<Option<Versioned<T>>> {
        self.view()?.get(name)
    }

    /// Whether there is an object of this name or key that does not read as deleted.
    ///
    /// # Errors
    /// As [`Repo::view`].
    pub fn contains<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        self.view()?.contains::<T>(name)
    }

    /// All objects of a kind that do not read as deleted, in the order of their keys.
    ///
    /// # Errors
    /// As [`Repo::view`].
    pub fn iter<T: Drone>(&self) -> Result<Iter<T>> {
        self.view()?.iter()
    }

    /// All versions at and below a key, of every kind, deleted ones too, in the order of their keys.
    ///
    /// # Errors
    /// As [`Repo::view`].
    pub fn objects(&self, below: &Key) -> Result<Objects> {
        self.view()?.objects(below)
    }

    /// Commits what was changed in the handle and stores it, in one durable batch.
    ///
    /// Where the stored object has moved on since the handle was loaded, the handle's changes are written onto
    /// what stands there now and take the place of what the handle had seen only: nothing that others wrote is
    /// lost. Afterwards every field reads as the stored version does.
    ///
    /// # Errors
    /// As [`Versioned::commit`]; [`Unknown`](crate::ErrorKind::Unknown) where the store failed in the middle:
    /// saving the same handle again finds out and writes nothing twice. A failed save changes nothing.
    ///
    /// Cost: one durable batch, some 0.4 ms on disk; many at once through [`Repo::transaction`] some 3.5 µs each.
    pub fn save<T: Drone>(&self, handle: &mut Versioned<T>) -> Result<CommitReport> {
        self.attempt(|| self.write(|transaction| transaction.save(&mut *handle)))
    }

    /// Sets the whole value of an object, having seen what stands there: each field that differs is written.
    ///
    /// # Errors
    /// As [`Repo::save`].
    pub fn put<T: Drone>(&self, name: impl ObjectName, mut value: T) -> Result<Versioned<T>> {
        let key = name.key(T::KIND)?;
        value.canonicalize();
        // The handle is made before the batch: a write that went through does not fail for being read back.
        self.attempt(|| self.write(|transaction| transaction.put_handle(&key, &value)))
    }

    /// Changes an object in place, one with every field at its default if there is none.
    ///
    /// The closure is called again where another repo on the same store wrote in between.
    ///
    /// # Errors
    /// What the closure gives, and as [`Repo::save`].
    ///
    /// ```
    /// # use dronestore::{Drone, Repo};
    /// # #[derive(Drone)] struct Page { #[merge(counter)] visits: u64 }
    /// let repo = Repo::memory()?;
    /// repo.update::<Page>("home", |page| { page.visits += 1; Ok(()) })?;
    /// assert_eq!(repo.get::<Page>("home")?.expect("just made").visits, 1);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn update<T: Drone>(
        &self,
        name: impl ObjectName,
        mut change: impl FnMut(&mut T) -> Result<()>,
    ) -> Result<CommitReport> {
        let key = name.key(T::KIND)?;
        self.attempt(|| self.write(|transaction| transaction.update::<T>(&key, &mut change)))
    }

    /// Deletes an object, having seen all of what stands there; says whether there was one.
    ///
    /// A concurrent update that has not seen the deletion brings the whole object back when it is merged.
    ///
    /// # Errors
    /// As [`Repo::save`].
    pub fn delete<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        let key = name.key(T::KIND)?;
        self.attempt(|| self.write(|transaction| transaction.delete::<T>(&key)))
    }

    /// Merges a handle's version, a version, or all of another repo in this process.
    ///
    /// Merging what is known writes nothing. An empty repo joins the database of the first repo it merges.
    ///
    /// # Errors
    /// [`Uncommitted`](crate::ErrorKind::Uncommitted) for a handle with changes that no version has,
    /// [`Mismatch`](crate::ErrorKind::Mismatch) for a repo of another database. A version that forks from what
    /// stands here is no error: it is set aside, and the report names it.
    pub fn merge(&self, source: &(impl MergeSource + ?Sized)) -> Result<MergeReport> {
        source.merge_into(self)
    }

    /// Merges all of a repo of another database, as [`Repo::merge`] does for one of the same.
    ///
    /// The two stay two databases; use it to bring together on purpose what was begun apart.
    ///
    /// # Errors
    /// As [`Repo::merge`], but for the database.
    pub fn merge_foreign(&self, other: &Repo) -> Result<MergeReport> {
        merge::merge_foreign(self, other)
    }

    /// Several objects at once: all of what the closure does is one durable batch, or none of it is.
    ///
    /// The transaction sees what it wrote. Handles that are saved in it move on when the batch is durable, and
    /// stay as they are where anything fails.
    ///
    /// # Errors
    /// What the closure gives; [`Conflict`](crate::ErrorKind::Conflict) where another repo on the same store
    /// wrote meanwhile (call again); [`Busy`](crate::ErrorKind::Busy) inside a transaction of the same thread.
    ///
    /// ```
    /// # use dronestore::{Drone, Repo};
    /// # #[derive(Drone)] struct Account { #[merge(counter)] balance: i64 }
    /// let repo = Repo::memory()?;
    /// repo.transaction(|transaction| {
    ///     transaction.update::<Account>("ann", |account| { account.balance -= 5; Ok(()) })?;
    ///     transaction.update::<Account>("bob", |account| { account.balance += 5; Ok(()) })
    /// })?;
    /// assert_eq!(repo.get::<Account>("bob")?.expect("just made").balance, 5);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn transaction<'h, R>(&self, work: impl FnOnce(&mut Transaction<'h>) -> Result<R>) -> Result<R> {
        self.write(work)
    }

    /// As [`Repo::transaction`], and once more where another repo on the same store wrote meanwhile: so many times at most.
    ///
    /// The closure is called anew each time and sees what stands there then. Handles are given to it to keep, since a borrowed
    /// one could move on only once.
    ///
    /// # Errors
    /// As [`Repo::transaction`]: [`Conflict`](crate::ErrorKind::Conflict) after the last time.
    ///
    /// ```
    /// # use dronestore::{Drone, Repo};
    /// # #[derive(Drone)] struct Account { #[merge(counter)] balance: i64 }
    /// # let repo = Repo::memory()?;
    /// # repo.put("ann", Account { balance: 5 })?;
    /// let balance = repo.transaction_with_retries(3, |transaction| {
    ///     let mut account = transaction.read::<Account>("ann")?.expect("opened long ago");
    ///     account.balance *= 2;
    ///     let balance = account.balance;
    ///     transaction.put("ann", account)?;
    ///     Ok(balance)
    /// })?;
    /// assert_eq!(balance, 10);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn transaction_with_retries<R>(
        &self,
        retries: usize,
        mut work: impl FnMut(&mut Transaction<'static>) -> Result<R>,
    ) -> Result<R> {
        for _ in 0..retries {
            match self.write(&mut work) {
                Err(error) if error.is_conflict() => continue,
                other => return other,
            }
        }
        self.write(work)
    }

    /// A hash of all that the repo holds: two repos with one hash hold the same versions of the same objects.
    ///
    /// Construction: the sum, modulo 2²⁵⁶, of all version hashes (Bellare and Micciancio's AdHash); kept up to
    /// date by every write. It withstands accident and whoever cannot choose versions; a member of the database
    /// who grinds versions could in about 2³² to 2⁴⁰ steps (Wagner's generalised birthday) build two sets of one
    /// sum. [`Repo::verify`] recomputes it.
    ///
    /// Cost: constant; two reads of the store between a write of [`Unknown`](crate::ErrorKind::Unknown) outcome and the next
    /// write.
    pub fn hash(&self) -> Hash {
        self.totals().meta.hash()
    }

    /// How many objects there are, deleted ones too. Cost: constant.
    pub fn len(&self) -> u64 {
        self.totals().meta.objects
    }

    /// Whether there is no object at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The database that this repo is a replica of.
    pub fn database(&self) -> DatabaseId {
        self.totals().database
    }

    /// Who makes the dots of this repo's writes.
    pub fn actor(&self) -> ActorId {
        self.totals().actor
    }

    /// How many rows the change log has ever had: it grows with every batch and with nothing else.
    pub fn sequence(&self) -> u64 {
        self.totals().next_row
    }

    /// Held by who publishes.
    pub(crate) fn publishing(&self) -> MutexGuard<'_, ()> {
        self.inner.publishing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the store below is.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The totals after the last write: nobody who asks waits for a writer.
    pub(crate) fn totals(&self) -> Totals {
        if self.inner.unsure.load(Ordering::Acquire) {
            self.look_again();
        }
        *self.inner.totals.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls again where somebody else wrote to the store in between.
    fn attempt<R>(&self, mut work: impl FnMut() -> Result<R>) -> Result<R> {
        for _ in 0..ATTEMPTS {
            match work() {
                Err(error) if error.is_conflict() => continue,
                other => return other,
            }
        }
        work()
    }
}

/// How often a write is made again before the conflict is the caller's.
const ATTEMPTS: usize = 16;

impl fmt::Debug for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Repo");
        debug.field("store", &self.inner.store.describe());
        debug.field("objects", &self.len()).field("hash", &self.hash());
        debug.finish()
    }
}
