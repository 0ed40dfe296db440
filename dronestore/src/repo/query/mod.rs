//! Queries: which objects of a repo, in which order, how many.
//!
//! A query walks over the heads of a kind, reads of each what the filter names and nothing else, and loads only those that
//! are wanted. [`scan`] is the walk, [`choose`] says over
//! what, [`find`] what a program writes, [`sums`] what it makes of many objects.

mod check;
mod choose;
mod counted;
mod explain;
mod find;
mod keys;
mod kinds;
mod ordered;
mod rows;
mod scan;
mod sieve;
mod sums;

pub use explain::{IndexUse, PlanOrder, QueryPlan};
pub use find::{Find, Page, Results};
pub use kinds::FindVersions;
pub(crate) use kinds::kind_plan;
#[cfg(feature = "full-text")]
pub(crate) use rows::Record;
pub(crate) use rows::{Columns, paths, read_column};
pub(crate) use scan::{Plan, Scan};
pub use sums::Groups;
