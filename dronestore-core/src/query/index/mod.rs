//! Indexes as data: which values they have of an object, as bytes in the order of queries, and what a filter asks of them.
//!
//! An index keeps nothing that its objects do not say: a row of it is made of the values that its [`IndexDefinition`] names,
//! and of the object's key.

mod access;
mod definition;
mod encode;
mod ranges;

pub use access::{Access, Ordered, Source, Sources};
pub use definition::{IndexDefinition, IndexPart, MOST_PARTS};
pub use encode::{LIMIT, RESIDUE, part};
pub use ranges::Ranges;
