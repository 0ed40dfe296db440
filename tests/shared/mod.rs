//! Shared folders: replicas that meet through a place that understands nothing.

mod backups;
mod buckets;
mod compaction;
mod crashes;
mod meetings;
mod strangers;

use dronestore::folder::{Entry, Folder, Storage};
use dronestore::{Error, ErrorKind, Repo, Result};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A folder in memory, which counts calls, fails on purpose, and shows some files late.
#[derive(Default)]
pub struct Place {
    pub files: Mutex<BTreeMap<String, Vec<u8>>>,
    pub calls: AtomicU64,
    /// The call from which on every one fails; 0 for none.
    pub fails_from: AtomicU64,
    /// Files that are not listed.
    pub hidden: Mutex<Vec<String>>,
    pub reads: AtomicU64,
    /// Whether the call that fails takes effect before it does.
    pub too_late: std::sync::atomic::AtomicBool,
}

impl Place {
    pub fn new() -> (Arc<Place>, Folder) {
        let place = Arc::new(Place::default());
        (place.clone(), Folder::new(place))
    }

    pub fn names(&self) -> Vec<String> {
        self.files.lock().unwrap().keys().cloned().collect()
    }

    fn is_failing(&self) -> bool {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let from = self.fails_from.load(Ordering::Relaxed);
        from > 0 && call >= from
    }

    fn attempt<R>(&self, work: impl FnOnce() -> Result<R>) -> Result<R> {
        let failed = || Error::new(ErrorKind::Store, "the folder is gone");
        match self.is_failing() {
            true if self.too_late.load(Ordering::Relaxed) => work().and(Err(failed())),
            true => Err(failed()),
            false => work(),
        }
    }
}

impl Storage for Place {
    fn list(&self) -> Result<Vec<Entry>> {
        self.attempt(|| {
            let hidden = self.hidden.lock().unwrap();
            let files = self.files.lock().unwrap();
            let shown = files.iter().filter(|(name, _)| !hidden.contains(name));
            Ok(shown.map(|(name, bytes)| Entry { name: name.clone(), size: bytes.len() as u64 }).collect())
        })
    }

    fn get(&self, name: &str, _most: u64) -> Result<Vec<u8>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.attempt(|| {
            let files = self.files.lock().unwrap();
            files.get(name).cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such file"))
        })
    }

    fn put_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.attempt(|| {
            let mut files = self.files.lock().unwrap();
            if files.contains_key(name) {
                return Err(Error::new(ErrorKind::Conflict, "there is such a file"));
            }
            files.insert(name.to_owned(), bytes.to_vec());
            Ok(())
        })
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.attempt(|| {
            self.files.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
            Ok(())
        })
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.attempt(|| {
            self.files.lock().unwrap().remove(name);
            Ok(())
        })
    }

    fn describe(&self) -> String {
        "a folder in memory".into()
    }
}

/// All replicas sync with a folder, twice; then they hold the same, and once more moves nothing.
pub fn meet(folder: &Folder, repos: &[&Repo]) {
    for _ in 0..2 {
        repos.iter().for_each(|repo| drop(repo.sync_folder(folder).unwrap()));
    }
    quiet(folder, repos);
}

/// Nothing is left to say.
pub fn quiet(folder: &Folder, repos: &[&Repo]) {
    for repo in repos {
        assert_eq!(repo.hash(), repos[0].hash());
        let before = repo.sequence();
        let report = repo.sync_folder(folder).unwrap();
        assert_eq!((report.pulled.segments, report.published.segments), (0, 0), "{report}");
        assert_eq!(repo.sequence(), before, "nothing is written");
        repo.verify().unwrap();
    }
}
