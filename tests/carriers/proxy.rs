//! A proxy that cuts: it lets so many bytes through, both ways together, and is gone.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What goes on behind a proxy.
struct Shared {
    to: SocketAddr,
    left: Mutex<usize>,
    ending: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// A proxy before a server; it ends when dropped.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Lets so many bytes through.
    pub fn start(to: SocketAddr, bytes: usize) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            to,
            left: Mutex::new(bytes),
            ending: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let inside = shared.clone();
        let thread = thread::spawn(move || accept(&listener, &inside));
        Proxy { address, shared, thread: Some(thread) }
    }

    /// How many bytes it would still let through.
    pub fn left(&self) -> usize {
        *self.shared.left.lock().unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads = Vec::new();
    loop {
        let (caller, _) = listener.accept().unwrap();
        if shared.ending.load(Ordering::SeqCst) {
            break;
        }
        if *shared.left.lock().unwrap() == 0 {
            continue;
        }
        let Ok(server) = TcpStream::connect(shared.to) else { continue };
        for stream in [&caller, &server] {
            stream.set_nodelay(true).unwrap();
            shared.open.lock().unwrap().push(stream.try_clone().unwrap());
        }
        let halves = [(caller.try_clone().unwrap(), server.try_clone().unwrap()), (server, caller)];
        for (from, to) in halves {
            let shared = shared.clone();
            threads.push(thread::spawn(move || carry(from, to, &shared)));
        }
    }
    cut(shared);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn carry(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        // Held while it is written: nothing overtakes the last byte.
        let mut left = shared.left.lock().unwrap();
        let passes = count.min(*left);
        *left -= passes;
        let written = to.write_all(&buffer[..passes]);
        if *left == 0 {
            drop(left);
            return cut(shared);
        }
        if written.is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn cut(shared: &Shared) {
    for stream in shared.open.lock().unwrap().drain(..) {
        let _ = stream.shutdown(Shutdown::Both);
    }
}
