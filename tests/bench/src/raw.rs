//! Raw redb with the settings of our store: the limit for everything on disk.

use redb::{Builder, Database, ReadOnlyTable, ReadableDatabase, TableDefinition};
use std::path::{Path, PathBuf};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("raw");

/// A redb file.
pub struct Raw {
    database: Database,
}

impl Raw {
    /// Opens or creates the file with a cache of 256 MiB, as our store does.
    pub fn open(path: &Path) -> Raw {
        Raw { database: Builder::new().set_cache_size(256 << 20).create(path).unwrap() }
    }

    /// One durable transaction with quick repair.
    pub fn commit(&self, pairs: &[(Vec<u8>, Vec<u8>)]) {
        let mut transaction = self.database.begin_write().unwrap();
        transaction.set_quick_repair(true);
        let mut table = transaction.open_table(TABLE).unwrap();
        for (key, value) in pairs {
            table.insert(key.as_slice(), value.as_slice()).unwrap();
        }
        drop(table);
        transaction.commit().unwrap();
    }

    /// What stands there now.
    pub fn table(&self) -> ReadOnlyTable<&'static [u8], &'static [u8]> {
        self.database.begin_read().unwrap().open_table(TABLE).unwrap()
    }
}

/// A folder for one run's files, removed with it.
pub struct Folder(PathBuf);

impl Folder {
    /// A new folder.
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("dronestore-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
