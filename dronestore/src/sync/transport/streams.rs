//! Serving over streams: a connection is a session.

use super::super::message::{Refusal, kind};
use super::super::{Session, SyncReport};
use super::address::Scheme;
use super::live::{Ending, Halves, LiveOptions, drive};
use super::options::ServeOptions;
use super::serve::Service;
use super::stream::run;
use super::tcp::{Socket, Wire};
use crate::Repo;
use dronestore_core::{Error, Result};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// TCP, TLS or WebSocket.
pub(super) struct Streams {
    repo: Repo,
    scheme: Scheme,
    #[cfg_attr(not(feature = "websocket"), allow(dead_code))]
    path: String,
    options: ServeOptions,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::Acceptor>,
    sessions: AtomicUsize,
    /// How many sessions stay; they are no more among the others.
    live: AtomicUsize,
}

impl Streams {
    pub(super) fn new(repo: &Repo, scheme: Scheme, path: &str, options: &ServeOptions) -> Result<Streams> {
        Ok(Streams {
            repo: repo.clone(),
            scheme,
            path: path.to_owned(),
            options: options.clone(),
            #[cfg(feature = "tls")]
            tls: super::tls::Acceptor::new(scheme, options)?,
            sessions: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
        })
    }

    fn greet(&self, socket: Socket, has_room: bool) -> Result<Box<dyn Wire>> {
        #[cfg(feature = "tls")]
        let wire = super::tls::accept(socket, self.tls.as_ref())?;
        #[cfg(not(feature = "tls"))]
        let wire: Box<dyn Wire> = Box::new(socket);
        match self.scheme {
            #[cfg(feature = "websocket")]
            Scheme::Ws | Scheme::Wss => super::websocket::accept(wire, &self.path, &self.options, has_room),
            _ if has_room => Ok(wire),
            _ => Err(refuse(wire)),
        }
    }

    fn session(&self, socket: Socket, has_room: bool) -> Result<SyncReport> {
        let one = has_room.then(|| One::new(&self.sessions));
        let mut wire = self.greet(socket, has_room)?;
        wire.socket().allow(self.options.limits.whole);
        let mut session: Session = self.options.session(&self.repo);
        if self.staying() < self.options.live {
            session = session.live();
        }
        let result = run(&mut session, &mut wire);
        if result.is_ok() && session.is_live() {
            let _staying = One::new(&self.live);
            drop(one);
            return self.stay(session, wire);
        }
        wire.close();
        if result.is_err() {
            wire.socket().linger();
        }
        result
    }

    /// Both have come to stay: until one side hangs up, which is how such a session ends.
    fn stay(&self, session: Session, wire: Box<dyn Wire>) -> Result<SyncReport> {
        let session = Mutex::new(session);
        let times = LiveOptions::new().times(self.options.limits.silence);
        let result = drive(&session, Halves::of(wire)?, times, &Ending::default(), &|| ());
        let session = session.into_inner().unwrap_or_else(PoisonError::into_inner);
        match result {
            Err(error) if !session.is_live() => Err(error),
            _ => Ok(session.report().clone()),
        }
    }
}

impl Service for Streams {
    fn most(&self) -> usize {
        self.options.sessions
    }

    fn carry(&self, socket: Socket, from: SocketAddr, has_room: bool) {
        self.options.tell(Some(from), self.session(socket, has_room));
    }

    fn sessions(&self) -> usize {
        self.sessions.load(Ordering::SeqCst) + self.staying()
    }

    fn staying(&self) -> usize {
        self.live.load(Ordering::SeqCst)
    }
}

/// One that is counted while it is there.
struct One<'c>(&'c AtomicUsize);

impl<'c> One<'c> {
    fn new(count: &'c AtomicUsize) -> One<'c> {
        count.fetch_add(1, Ordering::SeqCst);
        One(count)
    }
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The whole frame that tells a caller that there are too many: its length, its type, the reason.
pub(super) const BUSY: [u8; 3] = [2, kind::REFUSE, Refusal::Busy as u8];

/// Tells a caller that there are too many.
fn refuse(mut wire: Box<dyn Wire>) -> Error {
    // What was not read when a connection is closed takes away what was written: the hello comes first.
    wire.socket().allow(Duration::from_secs(1));
    let _ = wire.read(&mut [0; 64]);
    let _ = wire.write_all(&BUSY).and_then(|()| wire.flush());
    wire.close();
    wire.socket().linger();
    Error::new(dronestore_core::ErrorKind::Busy, "there were as many sessions as there may be")
}
