//! The laws of merging, asked of a model of yours: in your own tests, by random histories and all small ones.
//!
//! ```
//! use dronestore::Drone;
//! use std::collections::BTreeSet;
//!
//! #[derive(Drone, Debug)]
//! struct Person {
//!     #[merge(latest)]
//!     name: String,
//!     #[merge(set)]
//!     tags: BTreeSet<String>,
//! }
//!
//! # fn main() {
//! dronestore::laws::check::<Person>();
//! # }
//! ```
//!
//! See the guide's page on [testing your model](crate::guide::testing).

mod build;
mod check;
mod courses;
mod craft;
mod fault;
mod guess;
mod history;
mod kept;
mod order;
mod pool;
mod program;
mod proof;
mod quiet;
mod random;
mod run;
mod shown;
mod small;
mod start;
mod tally;
mod tell;
mod tree;
mod values;
mod world;

pub use check::{Check, check};
pub use fault::{Failure, Report};
pub use order::check_order;
pub use program::Met;
pub use random::Random;

pub(crate) use history::Letter;
pub(crate) use program::{Edit, Generate};
pub(crate) use quiet::quietly;
pub(crate) use tell::short_names;
pub(crate) use values::Values;
