//! Compaction: space that is not needed any more is given back.

use crate::repo::Repo;
use dronestore_core::Result;
use dronestore_core::store::Compacted;

impl Repo {
    /// Gives the space back that the store does not need any more; what the repo holds stays, every byte of it.
    ///
    /// A file does not shrink by itself: what is overwritten leaves room that later writes use. After much was deleted,
    /// pruned or imported over, this moves what there is to the front and cuts off the rest.
    ///
    /// Views, iterators and results that are open hold on to what they see: let go of them first. Writers and readers of
    /// other threads wait.
    ///
    /// # Errors
    /// [`Busy`](crate::ErrorKind::Busy) while a view, an iterator or a transaction is open, and
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where the store cannot: both change nothing.
    ///
    /// Cost: at most as much as writing the file anew. A store in memory has nothing to give back.
    ///
    /// ```
    /// # use dronestore::Repo;
    /// let repo = Repo::memory()?;
    /// assert_eq!(repo.compact()?.freed(), 0);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn compact(&self) -> Result<Compacted> {
        self.while_none_writes(|| self.inner.store.compact())
    }
}
