//! Transports: what moves the bytes of a session. The only part of sync that does I/O.

mod local;
mod stream;
mod tcp;

pub use stream::{answer, call};
pub use tcp::Server;
