//! Stored bytes: what was ever written stays readable, and nothing else is believed.

mod corpus;
mod craft;
mod document;
mod garbage;
pub(crate) mod golden;
pub(crate) mod golden_repo;
mod hostile;
pub(crate) mod memory;
mod model;
pub(crate) mod mutate;
mod rows;
