//! A simulated world of replicas for models of yours: edits, sessions, and all that goes wrong with clocks, networks and disks.
//!
//! ```
//! use dronestore::Drone;
//! use dronestore::sim::{Faults, World};
//! use std::collections::BTreeSet;
//!
//! #[derive(Drone, Debug)]
//! struct Person {
//!     #[merge(latest)]
//!     name: String,
//!     #[merge(counter)]
//!     visits: u64,
//!     #[merge(set)]
//!     tags: BTreeSet<String>,
//! }
//!
//! let report = World::new().model::<Person>().replicas(3..=5).faults(Faults::all()).schedules(20).check()?;
//! assert_eq!(report.schedules, 20);
//! # Ok::<(), dronestore::sim::Failure>(())
//! ```
//!
//! A *schedule* is a list of steps, made from a seed: which replica edits what, who meets whom, which fault strikes. The
//! same seed gives the same schedule, the same actors, the same times, and so the same bytes. A schedule that ends badly is
//! made as short as it can be, and printed.
//!
//! See the guide's page on [testing your model](crate::guide::testing#a-world-of-replicas).
//!
//! Absent from this folder: threads, sockets, the system's clock and its randomness.

mod act;
mod check;
mod disk;
mod draw;
mod failure;
mod faults;
mod files;
mod fleet;
mod link;
mod model;
mod net;
mod oracle;
mod play;
mod quiet;
mod replica;
mod shrink;
mod tell;
mod totals;
mod world;

pub use crate::laws::Random;
pub use failure::{Failure, Report};
pub use faults::{Fault, Faults};
pub use fleet::{Fleet, Spread};
pub use model::Model;
pub use world::World;
