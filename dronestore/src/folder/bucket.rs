//! A bucket as a shared folder: any store of the `object_store` crate.

use super::storage::{Entry, Storage, not_found, taken, too_long};
use dronestore_core::{Error, ErrorKind, Result};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::thread;
use tokio::runtime::{Builder, Runtime};

/// A bucket, or a part of one: S3 and its like, Azure, Google Cloud, whatever the `object_store` crate reaches.
///
/// Each call waits for its answer, on a thread of its own: so it may be made inside an async program, and blocks there.
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// There until the bucket is dropped.
    runtime: Option<Runtime>,
}

impl Bucket {
    /// What has names in this store that begin with the prefix, such as `people/shared`; the empty one is all of it.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) for a prefix that is none, [`Store`](ErrorKind::Store) where the system
    /// gives nothing to wait with.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Result<Bucket> {
        let prefix = Path::parse(prefix).map_err(|error| {
            Error::new(ErrorKind::InvalidValue, format!("`{prefix}` is no prefix of names"))
                .with_source(error)
        })?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let failed =
            |error| Error::new(ErrorKind::Store, "the bucket cannot be waited for").with_source(error);
        Ok(Bucket { store, prefix, runtime: Some(runtime.map_err(failed)?) })
    }

    fn wait<R: Send>(
        &self,
        work: impl Future<Output = Result<R, StoreError>> + Send,
    ) -> Result<Result<R, StoreError>> {
        let failed = || Error::new(ErrorKind::Store, "the bucket cannot be waited for");
        let runtime = self.runtime.as_ref().ok_or_else(failed)?;
        thread::scope(|scope| scope.spawn(|| runtime.block_on(work)).join()).map_err(|_| failed())
    }

    fn place(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8], mode: PutMode) -> Result<()> {
        let (place, payload) = (self.place(name), bytes.to_vec().into());
        let options = PutOptions { mode, ..PutOptions::default() };
        match self.wait(async { self.store.put_opts(&place, payload, options).await })? {
            Ok(_) => Ok(()),
            Err(StoreError::AlreadyExists { .. }) => Err(taken(name)),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: StoreError) -> Error {
        Error::new(ErrorKind::Store, format!("{} failed", self.describe())).with_source(error)
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // Waiting for it is not allowed everywhere.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Storage for Bucket {
    fn list(&self) -> Result<Vec<Entry>> {
        let listed = self.wait(async { self.store.list_with_delimiter(Some(&self.prefix)).await })?;
        let objects = listed.map_err(|error| self.failed(error))?.objects;
        let entry = |object: object_store::ObjectMeta| {
            Some(Entry { name: object.location.filename()?.to_owned(), size: object.size })
        };
        Ok(objects.into_iter().filter_map(entry).collect())
    }

    fn get(&self, name: &str, most: u64) -> Result<Vec<u8>> {
        let place = self.place(name);
        let read = async {
            let found = self.store.get(&place).await?;
            match found.meta.size > most {
                true => Ok(None),
                false => found.bytes().await.map(Some),
            }
        };
        match self.wait(read)? {
            Ok(Some(bytes)) => Ok(bytes.to_vec()),
            Ok(None) => Err(too_long(name)),
            Err(StoreError::NotFound { .. }) => Err(not_found(name)),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn put_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(name, bytes, PutMode::Create)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(name, bytes, PutMode::Overwrite)
    }

    fn delete(&self, name: &str) -> Result<()> {
        let place = self.place(name);
        match self.wait(async { self.store.delete(&place).await })? {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn describe(&self) -> String {
        format!("`{}/{}`", self.store, self.prefix)
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("place", &self.describe()).finish_non_exhaustive()
    }
}
