//! Indexes: rows of this repo alone that say which objects have which values.
//!
//! Which indexes there are is data ([`catalog`]), so that whoever writes here keeps them right, with the Rust types or
//! without. [`upkeep`] adds to each batch what it changes in them, [`build`] makes one of what is already there, [`unique`] is
//! about those in which no two objects should agree.

mod build;
mod catalog;
mod declared;
mod entries;
mod info;
mod unique;
mod upkeep;
mod verify;

pub use build::BuildProgress;
pub(crate) use catalog::{Catalog, Entry};
pub(crate) use declared::Indexes;
pub(crate) use entries::Entries;
pub use info::{IndexInfo, IndexState};
pub(crate) use unique::Taken;
pub use unique::UniqueViolation;
pub(crate) use upkeep::Indexing;
