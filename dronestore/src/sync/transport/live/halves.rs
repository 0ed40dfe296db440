//! A connection in two halves.

use super::super::stream::broken;
use super::super::tcp::Wire;
use dronestore_core::Result;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a read waits before it looks whether to go on.
const LOOK: Duration = Duration::from_millis(500);
/// How long a write may be stuck.
const STUCK: Duration = Duration::from_secs(30);
/// How long a write waits while it keeps the other half from reading, and how long it lets that read then.
const QUICK: Duration = Duration::from_millis(4);

/// A connection on which both sides may speak at once: one thread reads, another one writes.
///
/// Of any stream that can be taken apart: two pipes, a connection behind a lock. A read may give up with
/// [`WouldBlock`](std::io::ErrorKind::WouldBlock) or [`TimedOut`](std::io::ErrorKind::TimedOut) while nothing comes, and
/// is asked again; a stream that does so every second or so is noticed sooner where it is dead.
pub struct Halves {
    pub(super) read: Box<dyn Read + Send>,
    pub(super) write: Box<dyn Write + Send>,
    pub(super) hang_up: Box<dyn Fn() + Send + Sync>,
}

impl Halves {
    /// A connection of these halves. `hang_up` may be called from any thread, more than once, and makes a read and a write
    /// that wait end, now or at their next time limit.
    pub fn new(
        read: impl Read + Send + 'static,
        write: impl Write + Send + 'static,
        hang_up: impl Fn() + Send + Sync + 'static,
    ) -> Halves {
        Halves { read: Box::new(read), write: Box::new(write), hang_up: Box::new(hang_up) }
    }

    /// A TCP connection.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the operating system refuses.
    pub fn tcp(stream: TcpStream) -> Result<Halves> {
        let halves = || {
            stream.set_read_timeout(Some(LOOK))?;
            stream.set_write_timeout(Some(STUCK))?;
            stream.set_nodelay(true)?;
            Ok((stream.try_clone()?, stream.try_clone()?))
        };
        let (read, write) = halves().map_err(broken)?;
        Ok(Halves::new(read, write, move || drop(stream.shutdown(Shutdown::Both))))
    }

    /// A connection of a carrier.
    pub(in super::super) fn of(mut wire: Box<dyn Wire>) -> Result<Halves> {
        let is_bare = wire.is_bare();
        let stream = wire.socket().stream().map_err(broken)?;
        if is_bare {
            return Halves::tcp(stream);
        }
        stream.set_read_timeout(Some(LOOK)).map_err(broken)?;
        stream.set_write_timeout(Some(QUICK)).map_err(broken)?;
        wire.socket().take_turns();
        let write = Shared(Arc::new(Mutex::new(wire)));
        let read = Reader { wire: write.clone(), stream: stream.try_clone().map_err(broken)? };
        Ok(Halves::new(read, write, move || drop(stream.shutdown(Shutdown::Both))))
    }
}

impl fmt::Debug for Halves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Halves").finish_non_exhaustive()
    }
}

/// A connection whose reading and writing cannot be taken apart, TLS or WebSocket, behind a lock that nobody keeps while
/// waiting for the other side.
#[derive(Clone)]
struct Shared(Arc<Mutex<Box<dyn Wire>>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Box<dyn Wire>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The half that reads: it waits at the socket itself, and takes the lock when something has come.
struct Reader {
    wire: Shared,
    stream: TcpStream,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // What came before may not have been taken yet.
            match self.wire.lock().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
            self.stream.peek(&mut [0])?;
            self.wire.lock().socket().has_come();
        }
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|wire| wire.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.patiently(|wire| wire.flush())
    }
}

impl Shared {
    /// Tries again while the other side takes nothing, and lets the other half read meanwhile: the other side may be
    /// waiting for that.
    fn patiently<R>(&self, mut work: impl FnMut(&mut dyn Wire) -> io::Result<R>) -> io::Result<R> {
        let begun = Instant::now();
        loop {
            let done = work(&mut **self.lock());
            match done {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && begun.elapsed() < STUCK => {
                    thread::sleep(QUICK);
                }
                done => return done,
            }
        }
    }
}
