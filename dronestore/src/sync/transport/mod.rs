//! Transports: what moves the bytes of a session. The only part of sync that does I/O.
//!
//! `stream` carries a session over anything that can be read and written; `tcp`, `tls` and `websocket` make such streams with
//! limits of time, `http` carries it by requests, `process` by the input and output of a command. `call` and `serve` choose
//! among them by address. `live` keeps connections up on which both sides may speak; `fleet` meets
//! others by chance.

mod address;
mod call;
mod chance;
mod duplex;
mod fleet;
#[cfg(feature = "http")]
mod http;
mod live;
mod local;
mod options;
mod process;
mod serve;
mod stream;
mod streams;
mod tcp;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "websocket")]
mod websocket;

#[cfg(feature = "cli")]
pub(crate) use address::check_address;
pub use duplex::{Duplex, duplex, stdio};
#[cfg(feature = "mdns")]
pub use fleet::Mdns;
pub use fleet::{Discovery, Gossip, GossipHandle, GossipStatus, Met};
#[cfg(feature = "http")]
pub use http::{HttpResponse, HttpSessions};
pub use live::{Halves, Live, LiveOptions, LiveState, LiveStatus};
#[cfg(feature = "cli")]
pub(crate) use local::meet;
pub use options::{Ended, ServeOptions, SyncOptions};
pub use process::call_command;
pub use serve::Server;
#[cfg(feature = "cli")]
pub(crate) use stream::run as answer_as;
pub use stream::{answer, call};
#[cfg(feature = "tls")]
pub use tls::{Identity, Pin};
