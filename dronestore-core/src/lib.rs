//! The pure kernel of dronestore: it opens nothing, reads no clock, draws no randomness.
//!
//! An object's state is a context (which commits it has seen) and, for each attribute, a dot store under it;
//! see [`causal`]. A [`Version`] is such a state with its key and hash; two versions [merge](Version::merge) by
//! one join for everything. A [strategy] is only how a commit writes and what entries read as. A
//! [model](model::Model) is a Rust struct whose fields have strategies; a [schema](schema::Schema) is the same
//! as data. A [store](store::Store) keeps bytes by key.

pub mod actor;
pub mod bytes;
pub mod causal;
pub mod error;
pub mod hash;
pub mod key;
pub mod model;
pub mod nearest;
pub mod query;
mod quote;
pub mod schema;
pub mod store;
pub mod strategy;
pub mod time;
pub mod value;
pub mod version;

pub use actor::ActorId;
pub use error::{Error, ErrorKind, Result};
pub use hash::Hash;
pub use key::{Key, Namespace};
pub use time::{HybridClock, Nanotime, Stamp};
pub use value::Value;
pub use version::Version;
