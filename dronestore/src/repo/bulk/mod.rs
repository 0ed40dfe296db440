//! Bulk: many objects in and out, what they take up, and the space given back.
//!
//! [`import`] writes what comes from an iterator or a reader in bounded durable [`batches`]; [`export`] writes what
//! stands at one moment, one object after the other. Both speak lines of JSON, and CSV for one kind. [`stats`] is one
//! pass over all rows.
//!
//! Absent from this folder: files, and anything in memory that grows with the number of objects.

mod batches;
#[cfg(feature = "csv")]
mod cell;
mod compact;
mod export;
mod fit;
mod import;
mod item;
mod lines;
mod progress;
#[cfg(feature = "csv")]
mod read_csv;
mod read_json;
mod report;
mod stats;
mod table;
#[cfg(feature = "csv")]
mod write_csv;
mod write_json;

pub use export::Export;
#[cfg(feature = "cli")]
pub(crate) use fit::fitted;
pub use import::Import;
pub use item::ImportItem;
pub use progress::Progress;
pub use report::{ExportReport, ImportReport};
pub use stats::{Amount, KindStats, Stats};
