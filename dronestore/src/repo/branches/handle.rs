//! Branch: the handle, how it is made and found, and what is read through it.

use super::apart::Apart;
use super::record::{self, Record};
use crate::drone::Drone;
use crate::repo::name::ObjectName;
use crate::repo::{Count, Find, Iter, Objects, Repo, View};
use crate::versioned::Versioned;
use dronestore_core::store::Snapshot;
use dronestore_core::{ActorId, Error, Key, Nanotime, Result};
use std::fmt;
use std::sync::Arc;

/// A named branch of a repo: edits that stay apart until they are merged or discarded.
///
/// What the branch has touched is its own; what it has not touched reads as it stands in the repo *now*, whatever was written
/// there since the branch was made. Objects are touched by writing them, never by reading. [`Branch::merge`] brings what was
/// touched to the repo, each object merged field by field as if it came from another replica; then the branch may go on.
/// [`Branch::discard`] lets go of all of it.
///
/// A branch is of one repo and never travels: sync, bundles, folders, [`Repo::hash`], indexes, watches and counts know the
/// repo alone. It costs what it has touched, in rows beside the repo's, whatever the repo holds.
///
/// ```
/// use dronestore::{Drone, Repo};
///
/// #[derive(Drone, Debug)]
/// struct Page {
///     #[merge(latest)]
///     title: String,
///     #[merge(counter)]
///     visits: u64,
/// }
///
/// let repo = Repo::memory()?;
/// repo.put("home", Page { title: "Home".into(), visits: 1 })?;
/// let draft = repo.branch("draft")?;
/// draft.update::<Page>("home", |page| { page.title = "Welcome".into(); Ok(()) })?;
/// repo.update::<Page>("home", |page| { page.visits += 1; Ok(()) })?;
/// assert_eq!(repo.get::<Page>("home")?.expect("there").title, "Home");
/// assert_eq!(draft.changes()?[0].fields[0].to_string(), r#"title: "Home" → "Welcome""#);
///
/// draft.merge()?;
/// let home = repo.get::<Page>("home")?.expect("there");
/// assert_eq!((home.title.as_str(), home.visits), ("Welcome", 2));
/// draft.discard()?;
/// # Ok::<(), dronestore::Error>(())
/// ```
///
/// Handles that were read on a branch are saved on it. One that is saved in the repo brings its object along, with what the
/// branch did to it.
#[derive(Clone)]
pub struct Branch {
    pub(super) repo: Repo,
    pub(super) name: Arc<str>,
    /// Tells it from an earlier one of the same name.
    pub(super) id: ActorId,
}

/// What is known of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BranchInfo {
    /// Its name.
    pub name: String,
    /// How many objects it has touched since it was made or merged last, and has of its own.
    pub objects: u64,
    /// When it was made.
    pub created: Nanotime,
    /// When it was last written to; when it was made, if it never was.
    pub written: Nanotime,
    /// Who makes the dots of its next write: another one where the file turns out to be a copy.
    pub actor: ActorId,
}

/// `draft: 2 objects, written 2026-11-21T18:42:51Z`.
impl fmt::Display for BranchInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, written {}", self.name, Count(self.objects, "object"), self.written)
    }
}

impl Repo {
    /// The branch of this name, made if there is none.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a name that is empty, longer than 255 bytes, or has a control
    /// character; as [`Repo::save`] where it is made.
    ///
    /// Cost: one read; where it is made, a pass over the records of all branches and one durable batch.
    pub fn branch(&self, name: &str) -> Result<Branch> {
        record::check_name(name)?;
        if let Some(branch) = self.find_branch(name)? {
            return Ok(branch);
        }
        let record = self.attempt(|| self.write(|transaction| transaction.make_branch(name)))?;
        Ok(self.branch_of(name, &record))
    }

    /// The branch of this name; `None` where there is none.
    ///
    /// # Errors
    /// As [`Repo::view`]. Cost: one read.
    pub fn find_branch(&self, name: &str) -> Result<Option<Branch>> {
        if record::check_name(name).is_err() {
            return Ok(None);
        }
        let record = record::read(name, &*self.inner.store.snapshot()?)?;
        Ok(record.map(|record| self.branch_of(name, &record)))
    }

    /// All branches, in the order of their names.
    ///
    /// # Errors
    /// As [`Repo::view`]. Cost: a pass over the rows of all branches, which are counted.
    pub fn branches(&self) -> Result<Vec<BranchInfo>> {
        let snapshot = self.inner.store.snapshot()?;
        let all = record::all(&*snapshot)?.into_iter();
        all.map(|(name, record)| BranchInfo::of(name, &record, &*snapshot)).collect()
    }

    fn branch_of(&self, name: &str, record: &Record) -> Branch {
        Branch { repo: self.clone(), name: name.into(), id: record.id }
    }
}

impl BranchInfo {
    pub(super) fn of(name: String, record: &Record, snapshot: &dyn Snapshot) -> Result<BranchInfo> {
        let mut objects = 0;
        record::each(snapshot, &record.prefix(), |_, _| {
            objects += 1;
            Ok(())
        })?;
        let Record { created, written, actor, .. } = *record;
        Ok(BranchInfo { name, objects, created, written, actor })
    }
}

impl Branch {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The repo that it is of.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// What is known of it.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) where it was discarded, as for all that follows. Cost: counts its rows.
    pub fn info(&self) -> Result<BranchInfo> {
        let snapshot = self.repo.inner.store.snapshot()?;
        BranchInfo::of(self.name.to_string(), &self.record(&*snapshot)?, &*snapshot)
    }

    /// What stands on the branch now, for many reads of one moment: what it has touched, and the repo beneath.
    ///
    /// # Errors
    /// As [`Repo::view`] and [`Branch::info`].
    ///
    /// Cost: as [`Repo::view`], and one read; each read through it is up to two of the store.
    pub fn view(&self) -> Result<View> {
        let snapshot = self.repo.inner.store.snapshot()?;
        let record = self.record(&*snapshot)?;
        Ok(View::over(self.repo.inner.clone(), Box::new(Apart::new(snapshot, &record))))
    }

    /// The object of this name or key as it reads on the branch; see [`Repo::get`].
    ///
    /// # Errors
    /// As [`Repo::get`] and [`Branch::info`]. Cost: two or three reads of the store and one decode.
    pub fn get<T: Drone>(&self, name: impl ObjectName) -> Result<Option<Versioned<T>>> {
        self.view()?.get(name)
    }

    /// Whether there is an object of this name or key on the branch that does not read as deleted.
    ///
    /// # Errors
    /// As [`Branch::view`].
    pub fn contains<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        self.view()?.contains::<T>(name)
    }

    /// All objects of a kind on the branch that do not read as deleted, in the order of their keys.
    ///
    /// # Errors
    /// As [`Branch::view`].
    pub fn iter<T: Drone>(&self) -> Result<Iter<T>> {
        self.view()?.iter()
    }

    /// All versions at and below a key on the branch, of every kind, deleted ones too, in the order of their keys.
    ///
    /// # Errors
    /// As [`Branch::view`].
    pub fn objects(&self, below: &Key) -> Result<Objects> {
        self.view()?.objects(below)
    }

    /// The objects of a model that are wanted, as they read on the branch; see [`Repo::query`]. It is asked of the branch as
    /// it stands when this is called.
    ///
    /// # Errors
    /// As [`Branch::view`].
    ///
    /// Cost: as for [`Repo::query`] without an index: what is on a branch is in none.
    pub fn query<T: Drone>(&self) -> Result<Find<T>> {
        Ok(self.repo.query().within(self.view()?))
    }

    /// Who it is, unless it was discarded.
    pub(super) fn record(&self, snapshot: &dyn Snapshot) -> Result<Record> {
        let record = record::read(&self.name, snapshot)?.filter(|record| record.id == self.id);
        record.ok_or_else(|| self.discarded())
    }

    fn discarded(&self) -> Error {
        record::missing(&self.name)
    }
}

impl fmt::Debug for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Branch").field("name", &self.name).field("repo", &self.repo).finish()
    }
}
