//! Sync: two replicas, any carrier, at the cost of the difference.
//!
//! A [`Session`] is a pure state machine over a [`Repo`](crate::Repo): bytes in, bytes out. `transport` moves the bytes; only
//! it does I/O. `docs/PROTOCOL.md` says every message, state, limit and guarantee.
//!
//! Absent from this folder, `transport` aside: sockets, threads, clocks.

mod delta;
mod frame;
mod hear;
mod live;
mod message;
mod questions;
mod ranges;
mod report;
mod scope;
mod session;
mod since;
mod sketch;
mod speak;
mod transport;
mod walk;
mod wire;
mod within;

pub(crate) use message::digest;
pub use report::SyncReport;
pub use scope::Scope;
pub use session::Session;
#[cfg(feature = "mdns")]
pub use transport::Mdns;
pub use transport::{
    Discovery, Duplex, Ended, Gossip, GossipHandle, GossipStatus, Halves, Live, LiveOptions, LiveState,
    LiveStatus, Met, ServeOptions, Server, SyncOptions, answer, call, call_command, duplex, stdio,
};
#[cfg(feature = "http")]
pub use transport::{HttpResponse, HttpSessions};
#[cfg(feature = "tls")]
pub use transport::{Identity, Pin};
#[cfg(feature = "cli")]
pub(crate) use transport::{answer_as, check_address, meet};
pub(crate) use within::Within;
