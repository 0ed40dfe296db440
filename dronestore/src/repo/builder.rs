//! Builder: a repo with a store, clock or cache of your choice.

use super::history::Said;
use super::open::open;
use super::{DatabaseId, History, Repo};
use crate::clock::{Clock, SystemClock};
use crate::drone::Drone;
use crate::stores::MemoryStore;
use dronestore_core::Result;
use dronestore_core::store::Store;
use std::path::PathBuf;
use std::sync::Arc;

/// How a repo is opened; without a store or path it is in memory.
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `open`"]
pub struct Builder {
    store: Option<Arc<dyn Store>>,
    path: Option<PathBuf>,
    clock: Option<Arc<dyn Clock>>,
    database: Option<DatabaseId>,
    cache_bytes: Option<usize>,
    history: Vec<(Option<&'static str>, Said)>,
}

impl Builder {
    /// In this file, created if there is none.
    #[cfg(feature = "redb")]
    pub fn path(mut self, path: impl AsRef<std::path::Path>) -> Self {
        self.path = Some(path.as_ref().to_path_buf());
        self
    }

    /// In this store: one of ours, or one of your own that passes the suite of `testing`.
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// With this clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// As a replica of this database, if the repo is new; an existing one must be of it.
    pub fn database(mut self, database: DatabaseId) -> Self {
        self.database = Some(database);
        self
    }

    /// As a new replica of another repo's database.
    pub fn replica_of(self, repo: &Repo) -> Self {
        self.database(repo.database())
    }

    /// With a file cache of so many bytes; 256 MiB if not given.
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = Some(bytes);
        self
    }

    /// Keeping this much of the history of a model's objects, as [`Repo::set_history`] says it.
    pub fn history<T: Drone>(mut self, history: History) -> Self {
        self.history.push((Some(T::KIND), Said::Keep(history)));
        self
    }

    /// Keeping this much of the history of all kinds of which nothing else was said.
    pub fn history_of_others(mut self, history: History) -> Self {
        self.history.push((None, Said::Keep(history)));
        self
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`Repo::open`]; [`Mismatch`](crate::ErrorKind::Mismatch) where it is of another database.
    pub fn open(self) -> Result<Repo> {
        let store = self.open_store()?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let repo = open(store, clock, self.database)?;
        self.history.into_iter().try_for_each(|(kind, said)| repo.say(kind, said))?;
        Ok(repo)
    }

    fn open_store(&self) -> Result<Arc<dyn Store>> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        #[cfg(feature = "redb")]
        if let Some(path) = &self.path {
            let mut options = crate::stores::RedbOptions::new();
            if let Some(bytes) = self.cache_bytes {
                options = options.cache_bytes(bytes);
            }
            return Ok(Arc::new(options.open_or_create(path)?));
        }
        Ok(Arc::new(MemoryStore::new()))
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("path", &self.path)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
