//! Distributed version control for application data.

extern crate self as dronestore;

#[doc(hidden)]
pub mod __private;
mod clock;
mod drone;
mod repo;
pub mod stores;
#[cfg(feature = "testing")]
pub mod testing;
mod versioned;

pub use clock::{Clock, SystemClock};
pub use drone::Drone;
pub use dronestore_core::model::{Element, Elements, Entries, Integer, Ordered};
pub use dronestore_core::{
    ActorId, Error, ErrorKind, Hash, HybridClock, Key, Namespace, Nanotime, Result, Stamp, Value, Version,
};
pub use dronestore_core::{causal, key, model, schema, store, strategy, time, value, version};
pub use dronestore_derive::Drone;
pub use repo::{
    Builder, Change, Changes, DatabaseId, Iter, MergeReport, MergeSource, ObjectName, Objects, Repo, Saved,
    Transaction, VerifyReport, View,
};
pub use versioned::{CommitReport, Merge, MergeInput, Versioned};
