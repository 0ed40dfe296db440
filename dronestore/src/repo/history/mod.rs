//! History: what stood in this repo before, kind by kind as much of it as was asked for.
//!
//! Each change of an object is an entry: a commit as what it did, an arrival as what it changed. Entries are written in the
//! batch of the change itself ([`record`]), as small rows first, some hundred of them packed into a block then
//! ([`block`]). Whoever reads walks runs of them from the newest back ([`run`]) and makes the versions again.
//!
//! Absent from this folder: merging, which knows nothing of it; whatever would make a read of a head look here.

mod blame;
mod block;
mod entry;
mod log;
mod members;
mod moment;
mod past;
mod policy;
mod prune;
mod purge;
mod record;
mod revert;
mod run;
mod sweep;
mod take_back;
mod undo;
mod verify;

pub use blame::Blame;
pub(super) use log::changes;
pub use log::{FieldDiff, Graph, Log, LogEntry, Node};
pub use moment::Moment;
pub use past::Past;
pub use policy::History;
pub(crate) use policy::{Policies, Said};
pub use prune::PruneReport;
pub use purge::PurgeReport;
pub(crate) use record::Recorder;
pub(crate) use undo::Undoers;
pub use undo::{UndoLog, UndoReport};
