//! Branches: edits that stay apart from the repo until somebody merges or drops them.
//!
//! A branch is a transaction that lasts. What it has touched are versions in rows of its own ([`record`]); what it has not
//! touched is read where it stands ([`apart`]). A write is a transaction over such a snapshot ([`write`]), in the same kind of
//! batch as any other. Merging ([`join`]) takes each touched object as if it came from another replica, and lets its row go.
//!
//! Absent from this folder: merging itself, sync, indexes. No other replica ever learns that there is a branch.

mod apart;
mod changes;
mod forks;
mod handle;
mod join;
mod record;
mod verify;
mod write;

pub use changes::BranchChange;
pub use handle::{Branch, BranchInfo};
pub(crate) use write::OnBranch;
