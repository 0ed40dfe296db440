//! The store contract: ordered bytes by key, read through snapshots, written in checked batches.
//!
//! A backend implements three small traits: [`Store`], [`Snapshot`] and [`Cursor`]. It knows bytes and no models, and the repo
//! above it knows no backend. `dronestore::testing::check_store` holds every law below as a test.
//!
//! # Laws
//!
//! 1. **A batch is all or nothing.** After [`Store::apply`] returned `Ok`, all its writes are there; after any error but
//!    [`Unknown`](ErrorKind::Unknown), none is. No snapshot ever sees half of one.
//! 2. **Expectations are checked at the moment of the write.** Between the check and the writes nobody else writes.
//! 3. **`Ok` means durable**, where [`Capabilities::durable`] says so: a kill or a power loss the moment after loses nothing.
//! 4. **A snapshot stands still.** It sees all batches applied before it was taken and nothing that came later, for as long as
//!    it lives, also when the store's last handle is gone.
//! 5. **Order is the order of bytes**, compared as unsigned numbers, a prefix before what extends it.
//! 6. **Bytes come back as they went in**: an empty value is a value, and any byte may stand anywhere in a key or value.

mod capabilities;
mod compacted;
mod limits;
mod range;
mod witness;

pub use capabilities::Capabilities;
pub use compacted::Compacted;
pub use limits::{KEY_LIMIT, VALUE_LIMIT, check_limits};
pub use range::{Direction, Range, prefix_end};
pub use witness::{MARK_LIMIT, Witness};

use crate::error::{Error, ErrorKind, Result};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// A value as a store hands it out: shared, so that passing it on copies nothing.
pub type Bytes = Arc<[u8]>;

/// Bytes by key: the unified interface to everything that can keep a repo.
///
/// The laws are those of the [module](self). All methods may be called from many threads at once.
pub trait Store: Send + Sync + 'static {
    /// What this store can do.
    ///
    /// A call that needs what the store lacks is answered with [`Unsupported`](ErrorKind::Unsupported).
    fn capabilities(&self) -> Capabilities;

    /// A consistent view of all that is applied now.
    ///
    /// Cost: constant, whatever the store holds. A snapshot that is kept for long keeps old bytes from being reclaimed.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) if the store cannot be read, [`Corrupt`](ErrorKind::Corrupt) if what it holds
    /// is damaged; as for every read here.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>>;

    /// Checks all expectations and, if they hold, makes all writes, in one step that nobody can see half of.
    ///
    /// Of several writes of one key the last wins. Expectations are compared with what was there before the batch. Without
    /// writes it only checks.
    ///
    /// # Errors
    /// - [`Conflict`](ErrorKind::Conflict): an expectation did not hold, nothing was written.
    /// - [`Unknown`](ErrorKind::Unknown): the store failed while committing; the batch may or may not have been made.
    ///   Read again before deciding anything.
    /// - [`Unsupported`](ErrorKind::Unsupported): a key or value is beyond the limits of [`check_limits`].
    /// - every other kind: nothing was written.
    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()>;

    /// What tells, from outside the stored bytes, whether they were copied elsewhere or rolled back.
    ///
    /// `None` where nothing can, as for a store in memory.
    fn witness(&self) -> Option<&dyn Witness> {
        None
    }

    /// What this store is, for messages: "`people.drone`", "a store in memory".
    fn describe(&self) -> String;

    /// The file in which it is, where it is in one: what belongs to it may be kept beside it.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// How many bytes it takes up where it is kept; `None` where that cannot be told.
    ///
    /// # Errors
    /// As [`Store::snapshot`].
    fn size(&self) -> Result<Option<u64>> {
        Ok(None)
    }

    /// Gives back the space that is not needed any more; what the store holds stays.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where a store cannot, as those that do not say otherwise;
    /// [`Busy`](ErrorKind::Busy) where a snapshot is in its way: nothing was changed.
    ///
    /// Cost: at most as much as writing everything anew; whoever reads or writes meanwhile waits.
    fn compact(&self) -> Result<Compacted> {
        Err(Error::new(ErrorKind::Unsupported, format!("{} cannot be compacted", self.describe())))
    }
}

/// A view of a store that stands still while others write.
pub trait Snapshot: Send {
    /// The value of this key, or `None` if there is none.
    ///
    /// A key beyond the limits is simply not there.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>>;

    /// A cursor over the pairs with keys in this range, in order of keys or against it.
    ///
    /// A range that ends before it begins holds nothing. The cursor may outlive the snapshot and sees the same view.
    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>>;
}

/// A walk over pairs of key and value.
///
/// It lends what it stands on instead of handing it out, so a scan that looks at a million pairs and keeps three copies three.
pub trait Cursor: Send {
    /// The next pair, or `None` at the end and ever after.
    ///
    /// Not an `Iterator`, which could not lend.
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>>;

    /// Shows pair after pair, and rests behind the one that the callback breaks at; says whether it did, and not at the end.
    ///
    /// # Errors
    /// Those of the store, which end the walk; those of the callback, behind whose pair it rests. Cost: as calling [`Cursor::next`] as often; a store that
    /// has to hold on to what it lends is quicker here.
    fn walk(&mut self, each: &mut Each<'_>) -> Result<bool> {
        while let Some((key, value)) = self.next()? {
            if each(key, value)?.is_break() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What [`Cursor::walk`] shows a key and its value to.
pub type Each<'w> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>> + 'w;

/// What has to be true of one key for a batch to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value it must have; `None`: it must be absent.
    pub value: Option<&'a [u8]>,
}

/// One change of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value it gets; `None`: it is deleted, which changes nothing where it is absent.
    pub value: Option<&'a [u8]>,
}

impl<'a> Expectation<'a> {
    /// The key has exactly this value.
    pub fn value(key: &'a [u8], value: &'a [u8]) -> Self {
        Expectation { key, value: Some(value) }
    }

    /// The key is not there.
    pub fn absent(key: &'a [u8]) -> Self {
        Expectation { key, value: None }
    }

    /// Compares with what is there; what a backend asks inside its write.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict), naming the key, if it is something else.
    #[inline]
    pub fn check(&self, found: Option<&[u8]>) -> Result<()> {
        if self.value == found { Ok(()) } else { Err(self.conflict(found)) }
    }

    #[cold]
    fn conflict(&self, found: Option<&[u8]>) -> Error {
        let what = match (self.value, found) {
            (_, None) => "was deleted",
            (None, _) => "was written",
            _ => "was changed",
        };
        let key = self.key[..self.key.len().min(64)].escape_ascii();
        Error::new(ErrorKind::Conflict, format!("`{key}` {what} by somebody else; read it again and retry"))
    }
}

impl<'a> Write<'a> {
    /// The key gets this value.
    pub fn put(key: &'a [u8], value: &'a [u8]) -> Self {
        Write { key, value: Some(value) }
    }

    /// The key is deleted.
    pub fn delete(key: &'a [u8]) -> Self {
        Write { key, value: None }
    }
}

/// A shared store is a store, so wrappers take either.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        (**self).snapshot()
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        (**self).apply(expectations, writes)
    }

    fn witness(&self) -> Option<&dyn Witness> {
        (**self).witness()
    }

    fn describe(&self) -> String {
        (**self).describe()
    }

    fn path(&self) -> Option<&Path> {
        (**self).path()
    }

    fn size(&self) -> Result<Option<u64>> {
        (**self).size()
    }

    fn compact(&self) -> Result<Compacted> {
        (**self).compact()
    }
}
