//! HTTP: a session in requests and responses, through plain web servers and proxies.
//!
//! Each request brings what the caller has to say, or a part of it; its response what the answerer has. `docs/PROTOCOL.md` says the
//! headers and status codes.

mod client;
mod server;
mod sessions;
mod wire;

pub(super) use client::call;
pub(super) use server::Service;
pub use sessions::{HttpResponse, HttpSessions};

use super::super::Session;
use dronestore_core::Result;

/// The type of all bodies. No form and no script of a foreign page can send it without asking first.
const MIME: &str = "application/x-dronestore";
/// Names the session: 32 hexadecimal digits that the caller has drawn.
const SESSION: &str = "dronestore-session";
/// Counts the requests of a session, from 0.
const TURN: &str = "dronestore-turn";
/// A body takes nothing more when it is so long. What is sent at once then is below a MiB, what nginx lets through unasked.
const FULL: usize = 512 << 10;
/// The longest body that is taken.
const BODY: usize = 1 << 20;

/// What a session has to say, up to a body full of it.
fn gather(session: &mut Session, out: &mut Vec<u8>) -> Result<()> {
    while out.len() < FULL {
        let before = out.len();
        session.send(out)?;
        if out.len() == before {
            break;
        }
    }
    Ok(())
}
