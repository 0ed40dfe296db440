//! Anything that can be read and written: a socket, a pipe, the input and output of a process.

use super::super::{Session, SyncReport};
use super::tcp::TooLong;
use crate::Repo;
use dronestore_core::{Error, ErrorKind, Result};
use std::io::{ErrorKind as IoKind, Read, Write};

/// How many bytes are read at once.
const READ: usize = 64 << 10;

/// Syncs over a stream, as the side that begins.
///
/// The stream may block: a session never writes while the other side may be writing, so neither can wait for the
/// other to read. Two halves become one stream by [`duplex`](crate::sync::duplex). When it returns `Ok`, nothing behind
/// the session has been read: the stream can carry something else, if the side that called speaks first.
///
/// # Errors
/// As [`Session::receive`]; [`Store`](crate::ErrorKind::Store) where the stream fails or ends too early. What arrived
/// before stays, and another session goes on from there.
pub fn call(repo: &Repo, stream: impl Read + Write) -> Result<SyncReport> {
    run(&mut Session::call(repo), stream)
}

/// Syncs over a stream, as the side that is called.
///
/// # Errors
/// As [`call`].
pub fn answer(repo: &Repo, stream: impl Read + Write) -> Result<SyncReport> {
    run(&mut Session::answer(repo), stream)
}

/// Moves the bytes of a session until it is done, or both sides have come to stay.
pub(crate) fn run(session: &mut Session, mut stream: impl Read + Write) -> Result<SyncReport> {
    let (mut out, mut buffer) = (Vec::new(), vec![0; READ]);
    loop {
        if session.is_live() {
            // From here on both sides may speak: that takes more than one thread.
            return Ok(session.report().clone());
        }
        say(session, &mut stream, &mut out)?;
        if session.is_done() {
            return Ok(session.report().clone());
        }
        let count = match stream.read(&mut buffer) {
            Ok(0) => return Err(Error::new(ErrorKind::Store, "the connection ended before the session did")),
            Ok(count) => count,
            Err(error) if error.kind() == IoKind::Interrupted => continue,
            Err(error) => return Err(broken(error)),
        };
        if let Err(error) = session.receive(&buffer[..count]) {
            // The other side is told why; whether it still listens is its own affair.
            let _ = say(session, &mut stream, &mut out);
            return Err(error);
        }
    }
}

/// Writes all that the session has to say.
fn say(session: &mut Session, stream: &mut impl Write, out: &mut Vec<u8>) -> Result<()> {
    loop {
        out.clear();
        let result = session.send(out);
        if !out.is_empty() {
            stream.write_all(out).map_err(broken)?;
        }
        result?;
        if out.is_empty() {
            return stream.flush().map_err(broken);
        }
    }
}

/// What a failure of a stream comes to.
pub(super) fn broken(error: std::io::Error) -> Error {
    #[cfg(feature = "tls")]
    let error = match super::tls::explain(error) {
        Ok(explained) => return explained,
        Err(error) => error,
    };
    let is_too_long = error.get_ref().is_some_and(|inner| inner.is::<TooLong>());
    let message = match error.kind() {
        _ if is_too_long => "the session took too long; what arrived is kept",
        IoKind::WouldBlock | IoKind::TimedOut => "the other side was silent for too long",
        _ => "the connection broke",
    };
    Error::new(ErrorKind::Store, message).with_source(error)
}
