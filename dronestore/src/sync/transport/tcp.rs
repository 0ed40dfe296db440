//! TCP: a repo that can be called, and calling one.

use super::super::message::{Refusal, kind};
use super::super::{Session, SyncReport};
use super::stream::{broken, run};
use crate::Repo;
use dronestore_core::{Error, ErrorKind, Result};
use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How many sessions a server has at once; whoever calls beyond that is told to come back.
const SESSIONS: usize = 16;
/// How long the other side may be silent.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a session may take in all. What arrived stays; the next one goes on from there.
const WHOLE: Duration = Duration::from_secs(60 * 60);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);

impl Repo {
    /// Syncs with the repo that is served at an address, `tcp://host:port`.
    ///
    /// Neither encrypted nor signed: whoever can be called there, or listens in between, can read and write. Use it
    /// where the network is yours, or through a tunnel.
    ///
    /// # Errors
    /// [`Mismatch`](crate::ErrorKind::Mismatch) for a repo of another database,
    /// [`Busy`](crate::ErrorKind::Busy) where the other side has too many sessions,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for an address of another kind,
    /// [`Store`](crate::ErrorKind::Store) where the connection fails or is silent for 30 seconds. What arrived before
    /// an error stays, and calling again goes on from there.
    pub fn sync(&self, address: &str) -> Result<SyncReport> {
        let stream = connect(address).map_err(|error| error.at(address))?;
        let result = run(&mut Session::call(self), &stream, within(WHOLE));
        result.map_err(|error| error.at(address))
    }

    /// Lets other repos sync with this one, at an address such as `127.0.0.1:7070`; port 0 takes a free one.
    ///
    /// At most 16 sessions go on at once. It ends when the handle is dropped. As [`Repo::sync`] says, whoever can
    /// reach the port can read and write.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where nothing can listen at the address.
    pub fn serve(&self, address: impl ToSocketAddrs) -> Result<Server> {
        let failed = |error| Error::new(ErrorKind::Store, "nothing can listen there").with_source(error);
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let shared = Arc::new(Shared {
            ending: AtomicBool::new(false),
            sessions: AtomicUsize::new(0),
            open: Mutex::default(),
        });
        let (repo, inside) = (self.clone(), shared.clone());
        let thread = thread::Builder::new().name("dronestore serve".into());
        let thread = thread.spawn(move || accept(&repo, &listener, &inside)).map_err(failed)?;
        Ok(Server { address, shared, thread: Some(thread) })
    }
}

fn connect(address: &str) -> Result<TcpStream> {
    let unsupported =
        || Error::new(ErrorKind::Unsupported, "only addresses as `tcp://host:port` can be called");
    let host = address.strip_prefix("tcp://").ok_or_else(unsupported)?;
    let mut last = None;
    for address in host.to_socket_addrs().map_err(broken)? {
        match TcpStream::connect_timeout(&address, CONNECT).and_then(prepare) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    let nobody = Error::new(ErrorKind::Store, "nobody can be called there");
    Err(match last {
        Some(error) => nobody.with_source(error),
        None => nobody,
    })
}

fn prepare(stream: TcpStream) -> std::io::Result<TcpStream> {
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    // Each turn ends with a short write that the other side waits for.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// An error when so much time has passed.
fn within(time: Duration) -> impl Fn() -> Result<()> {
    let begun = Instant::now();
    move || match begun.elapsed() > time {
        true => Err(Error::new(ErrorKind::Store, "the session took too long; what arrived is kept")),
        false => Ok(()),
    }
}

/// A repo that can be called: the handle of [`Repo::serve`]. Dropping it ends the service.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the handle, the thread that accepts and the sessions share.
struct Shared {
    ending: AtomicBool,
    sessions: AtomicUsize,
    /// The streams of sessions that go on, by number, to end them.
    open: Mutex<Vec<(usize, TcpStream)>>,
}

impl Server {
    /// Where it listens, with the port that was chosen.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// How many sessions go on.
    pub fn sessions(&self) -> usize {
        self.shared.sessions.load(Ordering::SeqCst)
    }

    /// Ends the service: nobody can call any more, and sessions that go on are cut. What they brought stays.
    pub fn shutdown(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // The thread waits for a caller: here is one.
        let _ = TcpStream::connect_timeout(&reachable(self.address), CONNECT);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.end();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).field("sessions", &self.sessions()).finish()
    }
}

/// An address under which this machine reaches itself.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let is_v4 = address.is_ipv4();
        address.set_ip(if is_v4 { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) });
    }
    address
}

/// Takes callers until told to end, each in a thread of its own.
fn accept(repo: &Repo, listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for number in 0.. {
        let stream = listener.accept().and_then(|(stream, _)| prepare(stream));
        if shared.ending.load(Ordering::SeqCst) {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        match stream {
            Ok(stream) if threads.len() < SESSIONS => threads.extend(begin(repo, stream, number, shared)),
            Ok(stream) => refuse(stream),
            // A caller that went away, or no handle is free: others may be luckier a little later.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
    for (_, stream) in shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// Tells a caller that there are too many.
fn refuse(mut stream: TcpStream) {
    // What was not read when a connection is closed takes away what was written: the hello comes first.
    let _ = stream.set_read_timeout(Some(Duration::from_millis(50)));
    let _ = stream.read(&mut [0; 64]);
    // A whole frame: its length, its type, the reason.
    let _ = stream.write_all(&[2, kind::REFUSE, Refusal::Busy as u8]);
}

fn begin(repo: &Repo, stream: TcpStream, number: usize, shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let (repo, shared) = (repo.clone(), shared.clone());
    let other = stream.try_clone().ok()?;
    let open = |shared: &Shared| shared.open.lock().unwrap_or_else(PoisonError::into_inner).len();
    debug_assert!(open(&shared) <= SESSIONS);
    shared.open.lock().unwrap_or_else(PoisonError::into_inner).push((number, other));
    shared.sessions.fetch_add(1, Ordering::SeqCst);
    let inside = shared.clone();
    let work = move || {
        // Whoever called knows what became of it; here nobody waits for an answer.
        let _ = run(&mut Session::answer(&repo), &stream, within(WHOLE));
        inside.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|(other, _)| *other != number);
        inside.sessions.fetch_sub(1, Ordering::SeqCst);
    };
    match thread::Builder::new().name("dronestore session".into()).spawn(work) {
        Ok(thread) => Some(thread),
        Err(_) => {
            shared.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|(other, _)| *other != number);
            shared.sessions.fetch_sub(1, Ordering::SeqCst);
            None
        }
    }
}
