//! What tells, from outside the stored bytes, that they were copied or rolled back.

use crate::error::Result;

/// What tells, from outside the stored bytes, whether they were copied elsewhere or rolled back.
///
/// Bytes cannot say that they are a copy: a restored backup is equal to what it was made from. If two copies went on writing
/// with one actor, both would make the same dots for different writes. So the repo notes the place and the mark inside the
/// store, compares them when it opens, and takes a new actor where they differ.
///
/// Its answers are hints and may err on one side only: a place or mark that changed for no good reason costs a new actor,
/// nothing else. It is not proof: a machine rolled back as a whole looks as it did.
pub trait Witness: Send + Sync {
    /// Opaque bytes that are the same while the store stays where it is and differ when it is another one (for a file: device,
    /// inode, machine); `None` where nothing can be said.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) if it cannot be asked.
    fn place(&self) -> Result<Option<Vec<u8>>>;

    /// The note last set, or `None` if there is none or none can be kept.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) if it cannot be read.
    fn mark(&self) -> Result<Option<Vec<u8>>>;

    /// Keeps a small note beside the content but not inside it, so that older content put back in place is noticed; does
    /// nothing where none can be kept.
    ///
    /// The note is no part of any batch and need not be durable: after a power loss an older one may be back. Of notes set
    /// within moments only the last needs to be kept, and after a kill it may be the one before them.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) over [`MARK_LIMIT`] bytes,
    /// [`Store`](crate::ErrorKind::Store) if it cannot be written.
    fn set_mark(&self, mark: &[u8]) -> Result<()>;
}

/// The longest mark, in bytes: file systems leave little room beside a file.
pub const MARK_LIMIT: usize = 256;
