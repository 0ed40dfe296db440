//! A fleet: many replicas that meet one another by chance, without a leader, and ways to find them.

mod discovery;
mod gossip;
mod handle;
#[cfg(feature = "mdns")]
mod mdns;

pub use discovery::Discovery;
pub use gossip::{Gossip, GossipStatus, Met};
pub use handle::GossipHandle;
#[cfg(feature = "mdns")]
pub use mdns::Mdns;
