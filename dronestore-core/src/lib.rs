//! The pure kernel of dronestore: it opens nothing, reads no clock, draws no randomness.

pub mod actor;
pub mod bytes;
pub mod error;
pub mod hash;

pub use actor::ActorId;
pub use error::{Error, ErrorKind, Result};
pub use hash::Hash;
