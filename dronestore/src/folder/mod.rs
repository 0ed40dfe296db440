//! Shared folders: replicas that meet through a place that understands nothing, at different times.
//!
//! Each replica appends immutable segments, which are bundles, under a name of its own, and reads those of the others. Nothing
//! is locked, no name is used twice, and no replica touches a file of another one: so any directory that is copied around
//! will do (Dropbox, Syncthing, NFS, a stick), and any bucket.
//!
//! ```
//! use dronestore::folder::Folder;
//! use dronestore::{Drone, Repo};
//!
//! # #[derive(Drone)] struct Note { #[merge(latest)] text: String }
//! # let place = std::env::temp_dir().join(format!("dronestore-doc-folder-{}", std::process::id()));
//! let phone = Repo::memory()?;
//! let laptop = Repo::builder().replica_of(&phone).open()?;
//! phone.update::<Note>("a", |note| { note.text = "from the phone".into(); Ok(()) })?;
//! laptop.update::<Note>("b", |note| { note.text = "from the laptop".into(); Ok(()) })?;
//!
//! let folder = Folder::open(&place)?;
//! phone.publish(&folder)?;
//! laptop.sync_folder(&folder)?; // reads what is new, and publishes
//! phone.pull(&folder)?;
//! assert_eq!(phone.hash(), laptop.hash());
//! # std::fs::remove_dir_all(&place).expect("the folder was made above");
//! # Ok::<(), dronestore::Error>(())
//! ```
//!
//! Absent from this folder, its storages aside: files, sockets; merging itself; locks.

#[cfg(feature = "object-store")]
mod bucket;
mod compact;
mod index;
mod listing;
mod local;
mod name;
mod publish;
mod pull;
mod report;
mod segments;
mod storage;
#[cfg(feature = "web-folder")]
mod web;

#[cfg(feature = "object-store")]
pub use bucket::Bucket;
pub use local::LocalFolder;
pub use report::{FolderReport, PublishReport, PullReport};
pub use storage::{Entry, Folder, Storage};
#[cfg(feature = "web-folder")]
pub use web::WebFolder;
