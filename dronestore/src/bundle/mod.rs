//! Bundles: a repo, or what has changed in it, as one stream of bytes for a stick, a mail, a download.
//!
//! [`Repo::bundle`](crate::Repo::bundle) writes a file, [`Repo::import_bundle`](crate::Repo::import_bundle) merges one. Versions
//! stand in columns: shapes, keys, contexts, stamps and the values of each attribute next to their like, and compressed; their
//! hashes are not in it, but computed anew and compared by one hash a block. `docs/FORMAT.md` says every byte.
//!
//! Absent from this folder, `file` aside: files, sockets; merging itself; trust in what a head says.

mod block;
mod file;
mod frame;
mod join;
mod layout;
mod options;
mod read;
mod split;
mod summary;
mod write;

pub(crate) use file::{beside, cannot, sync_folder};
#[cfg(feature = "cli")]
pub(crate) use frame::MAGIC;
pub(crate) use frame::Outgoing;
pub use options::{BundleOptions, Progress};
pub use read::Bundle;
pub(crate) use summary::MOST_KINDS;
pub use summary::Summary;
pub use write::BundleReport;
pub(crate) use write::{Contents, MOST_CHANGES, Sink, Writer, schemas};
