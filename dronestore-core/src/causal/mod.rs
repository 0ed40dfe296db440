//! Causality: dots, contexts, dot stores on encoded bytes, and the one join.
//!
//! The state of an object is a set of *places*, each holding the dots of the writes that nobody who has seen
//! them has replaced yet, under one context that says which dots have been seen (Almeida, Shoker, Baquero,
//! "Delta state replicated data types", 2018). The [join] of two states keeps at every place what both
//! have, and what one has and the other has never seen; nothing else. It therefore works on encoded bytes,
//! knows no strategy and decodes no value.
//!
//! Absent from this folder: strategies, Rust types, keys, hashes, schemas.

pub mod check;
pub mod context;
pub mod form;
pub(crate) mod frame;
pub mod join;
pub mod place;
pub mod rows;
mod same;
pub mod sequence;
pub mod state;

pub use context::{Context, Dot, Relation, Seen};
pub use form::{Form, Structure};
pub use state::State;
