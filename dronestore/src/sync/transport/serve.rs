//! Serving: a repo that can be called.

use super::address::{Address, Scheme};
use super::options::ServeOptions;
use super::streams::Streams;
use super::tcp::Socket;
use crate::Repo;
use dronestore_core::{Error, ErrorKind, Result};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long the call that ends the thread which accepts may take.
const CONNECT: Duration = Duration::from_secs(10);

impl Repo {
    /// Lets other repos sync with this one over TCP, at an address such as `127.0.0.1:7070`; port 0 takes a free one.
    ///
    /// At most 16 sessions go on at once, and beside them 256 that stay ([`Repo::live`]). It ends when the handle is dropped. As [`Repo::sync`] says, whoever can
    /// reach the port can read and write. Other ways, and limits, [`serve_with_options`](Repo::serve_with_options) takes.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where nothing can listen at the address.
    ///
    /// Cost: a thread, and one more for each session.
    pub fn serve(&self, address: impl ToSocketAddrs) -> Result<Server> {
        let options = ServeOptions::new();
        let service = Streams::new(self, Scheme::Tcp, "/", &options)?;
        listen(address, Scheme::Tcp, &options, Arc::new(service))
    }

    /// Lets other repos sync with this one at an address as [`Repo::sync`] calls it, such as `tls://0.0.0.0:7070` or
    /// `http://127.0.0.1:7070/sync`; port 0 takes a free one.
    ///
    /// Over HTTP and WebSocket only that path is answered, or any where it is `/`. `tls`, `https` and `wss` need an
    /// [identity](ServeOptions::identity).
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where nothing can listen at the address,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for an address that is none, or whose feature is not compiled in, or
    /// without an identity where one is needed.
    ///
    /// Cost: a thread, and one more for each connection.
    pub fn serve_with_options(&self, address: &str, options: &ServeOptions) -> Result<Server> {
        self.serve_at(address, options).map_err(|error| error.at(address))
    }

    fn serve_at(&self, address: &str, options: &ServeOptions) -> Result<Server> {
        let Address { scheme, host, port, path, .. } = Address::parse(address)?;
        let service: Arc<dyn Service> = match scheme {
            #[cfg(feature = "http")]
            Scheme::Http | Scheme::Https => {
                Arc::new(super::http::Service::new(self, scheme, &path, options)?)
            }
            _ => Arc::new(Streams::new(self, scheme, &path, options)?),
        };
        listen((host.as_str(), port), scheme, options, service)
    }
}

/// What a server does with a connection.
pub(super) trait Service: Send + Sync {
    /// How many connections it takes at once. As many again are told that there are too many.
    fn most(&self) -> usize;

    /// Carries one to its end.
    fn carry(&self, socket: Socket, from: SocketAddr, has_room: bool);

    /// How many sessions go on, those that stay among them.
    fn sessions(&self) -> usize;

    /// How many of them stay; their connections are not counted among those that it takes at once.
    fn staying(&self) -> usize {
        0
    }
}

fn listen(
    address: impl ToSocketAddrs,
    scheme: Scheme,
    options: &ServeOptions,
    service: Arc<dyn Service>,
) -> Result<Server> {
    let failed = |error| Error::new(ErrorKind::Store, "nothing can listen there").with_source(error);
    let listener = TcpListener::bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let shared = Arc::new(Shared { ending: AtomicBool::new(false), open: Mutex::default(), service });
    let (inside, options) = (shared.clone(), options.clone());
    let thread = thread::Builder::new().name("dronestore serve".into());
    let thread = thread.spawn(move || accept(&listener, &options, &inside)).map_err(failed)?;
    Ok(Server { address, scheme, shared, thread: Some(thread) })
}

/// A repo that can be called: the handle of [`Repo::serve`]. Dropping it ends the service.
pub struct Server {
    address: SocketAddr,
    scheme: Scheme,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the handle, the thread that accepts and the connections share.
struct Shared {
    ending: AtomicBool,
    /// The streams of connections that are open, by number, to end them.
    open: Mutex<Vec<(usize, TcpStream)>>,
    service: Arc<dyn Service>,
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, Vec<(usize, TcpStream)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Where it listens, with the port that was chosen.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What to call, from this machine, where it listens there: `tcp://127.0.0.1:7070`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme.name(), reachable(self.address))
    }

    /// How many sessions go on, those that stay among them.
    pub fn sessions(&self) -> usize {
        self.shared.service.sessions()
    }

    /// How many sessions stay: those of [`Repo::live`].
    pub fn live_sessions(&self) -> usize {
        self.shared.service.staying()
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
        f.debug_struct("Server").field("url", &self.url()).field("sessions", &self.sessions()).finish()
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
fn accept(listener: &TcpListener, options: &ServeOptions, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for number in 0.. {
        let accepted = listener.accept();
        if shared.ending.load(Ordering::SeqCst) {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        let (most, busy) = (shared.service.most(), threads.len().saturating_sub(shared.service.staying()));
        match accepted {
            Ok((stream, from)) if busy < most.saturating_mul(2) => {
                threads.extend(begin(stream, from, busy < most, number, options, shared));
            }
            // One too many even for those that are told so.
            Ok(_) => {}
            // A caller that went away, or no handle is free: others may be luckier a little later.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
    for (_, stream) in shared.open().drain(..) {
        let _ = stream.shutdown(Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn begin(
    stream: TcpStream,
    from: SocketAddr,
    has_room: bool,
    number: usize,
    options: &ServeOptions,
    shared: &Arc<Shared>,
) -> Option<JoinHandle<()>> {
    let other = stream.try_clone().ok()?;
    let socket = Socket::new(stream, &options.limits).ok()?;
    shared.open().push((number, other));
    let open = Open { number, shared: shared.clone() };
    let work = move || open.shared.service.carry(socket, from, has_room);
    thread::Builder::new().name("dronestore session".into()).spawn(work).ok()
}

/// A connection in the list of those that are open.
struct Open {
    number: usize,
    shared: Arc<Shared>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.open().retain(|(other, _)| *other != self.number);
    }
}
