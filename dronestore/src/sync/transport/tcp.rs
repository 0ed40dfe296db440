//! TCP: a connection on which nothing is waited for longer than it may be.

use super::options::{Limits, after};
use super::stream::broken;
use dronestore_core::{Error, ErrorKind, Result};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// How long and how much of what is still coming is heard when a connection ends with an error.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 8 << 20);

/// A connection that carries a session: a socket, and what is above it.
pub(super) trait Wire: Read + Write + Send {
    /// The socket below.
    fn socket(&mut self) -> &mut Socket;

    /// Whether there is nothing above it: then it can be read and written at once.
    fn is_bare(&self) -> bool {
        false
    }

    /// Says that nothing more will be said. Whether the other side still hears it is its own affair.
    fn close(&mut self) {}
}

/// A TCP connection that waits neither longer than `silence` for anything nor beyond a moment.
pub(super) struct Socket {
    stream: TcpStream,
    silence: Duration,
    until: Instant,
    /// What the stream was told to wait at most.
    waits: Duration,
    turns: Turns,
}

/// Whether a socket waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turns {
    /// It does, as long as it may.
    Waits,
    /// It is read when something is known to have come, which is so or not, and written as the stream's own limit says.
    Takes { has_come: bool },
}

impl Socket {
    /// A connection that has so long for its greetings.
    pub(super) fn new(stream: TcpStream, limits: &Limits) -> io::Result<Socket> {
        // Each turn ends with a short write that the other side waits for.
        stream.set_nodelay(true)?;
        let silence = limits.silence.max(Duration::from_millis(1));
        Ok(Socket { stream, silence, until: after(silence), waits: Duration::ZERO, turns: Turns::Waits })
    }

    /// Connects to the first address of a host that answers.
    pub(super) fn connect(host: &str, port: u16, limits: &Limits) -> Result<Socket> {
        let mut last = None;
        for address in (host, port).to_socket_addrs().map_err(broken)? {
            let time = limits.connect.max(Duration::from_millis(1));
            match TcpStream::connect_timeout(&address, time).and_then(|stream| Socket::new(stream, limits)) {
                Ok(socket) => return Ok(socket),
                Err(error) => last = Some(error),
            }
        }
        let nobody = Error::new(ErrorKind::Store, "nobody can be called there");
        Err(match last {
            Some(error) => nobody.with_source(error),
            None => nobody,
        })
    }

    /// From now on it may go on for so long.
    pub(super) fn allow(&mut self, time: Duration) {
        self.until = after(time);
    }

    /// The same connection, for whoever waits at it or ends it.
    pub(super) fn stream(&self) -> io::Result<TcpStream> {
        self.stream.try_clone()
    }

    /// From now on a read waits for nothing: it takes what has come, if that was said.
    pub(super) fn take_turns(&mut self) {
        self.turns = Turns::Takes { has_come: false };
    }

    /// Something has come, or the end.
    pub(super) fn has_come(&mut self) {
        self.turns = Turns::Takes { has_come: true };
    }

    /// Ends what is said, and hears for a moment what still comes: if it were closed at once, what was said last, the
    /// reason, would be taken away with it.
    pub(super) fn linger(&mut self) {
        let (time, mut left) = LINGER;
        self.turns = Turns::Waits;
        let _ = self.stream.shutdown(Shutdown::Write);
        self.allow(time);
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = self.read(&mut buffer) {
            left = left.saturating_sub(count);
            if left == 0 {
                break;
            }
        }
    }

    fn wait(&mut self) -> io::Result<()> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, TooLong));
        }
        let waits = self.silence.min(left);
        if waits != self.waits {
            self.stream.set_read_timeout(Some(waits))?;
            self.stream.set_write_timeout(Some(waits))?;
            self.waits = waits;
        }
        Ok(())
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.turns {
            Turns::Waits => self.wait()?,
            Turns::Takes { has_come: false } => return Err(io::ErrorKind::WouldBlock.into()),
            Turns::Takes { .. } => self.turns = Turns::Takes { has_come: false },
        }
        self.stream.read(buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.turns {
            Turns::Waits => self.wait()?,
            Turns::Takes { .. } => {
                let written = self.stream.write(bytes);
                // Systems differ in what they call it.
                return written.map_err(|error| match error.kind() {
                    io::ErrorKind::TimedOut => io::ErrorKind::WouldBlock.into(),
                    _ => error,
                });
            }
        }
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Wire for Socket {
    fn socket(&mut self) -> &mut Socket {
        self
    }

    fn is_bare(&self) -> bool {
        true
    }
}

/// The time that a connection has is over.
#[derive(Debug)]
pub(super) struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it took longer than it may in all")
    }
}

impl std::error::Error for TooLong {}
