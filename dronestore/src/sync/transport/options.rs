//! Options: what a call or a service does beyond the usual.

use super::super::{Scope, Session, SyncReport};
#[cfg(feature = "tls")]
use super::tls::{Identity, Pin, Trust};
use crate::Repo;
use dronestore_core::Result;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Connecting.
    pub(super) connect: Duration,
    /// The other side's silence, and each greeting of a carrier in all.
    pub(super) silence: Duration,
    /// A session in all. What arrived stays; the next one goes on from there.
    pub(super) whole: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            whole: Duration::from_secs(60 * 60),
        }
    }
}

/// That moment; one so far away that no clock reaches it is a century from now.
pub(super) fn after(time: Duration) -> Instant {
    let now = Instant::now();
    let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    now.checked_add(time.min(century)).unwrap_or(now)
}

/// How [`Repo::sync_with_options`] calls another repo.
///
/// ```
/// use dronestore::sync::SyncOptions;
/// use std::time::Duration;
///
/// let options = SyncOptions::new().silence_limit(Duration::from_secs(5)).foreign(true);
/// ```
#[derive(Clone, Default)]
pub struct SyncOptions {
    foreign: bool,
    scope: Scope,
    pub(super) commands: bool,
    pub(super) limits: Limits,
    #[cfg_attr(not(any(feature = "http", feature = "websocket")), allow(dead_code))]
    pub(super) headers: Vec<(String, String)>,
    #[cfg(feature = "tls")]
    pub(super) trust: Trust,
}

/// Without what headers say: it may be secret.
impl fmt::Debug for SyncOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("SyncOptions");
        out.field("foreign", &self.foreign).field("scope", &self.scope);
        out.field("commands", &self.commands).field("limits", &self.limits);
        #[cfg(feature = "tls")]
        out.field("trust", &self.trust);
        out.finish_non_exhaustive()
    }
}

impl SyncOptions {
    /// What [`Repo::sync`] does.
    pub fn new() -> SyncOptions {
        SyncOptions::default()
    }

    /// Whether data of another database are mixed with one's own, where the other side would do so too: see
    /// [`Session::foreign`].
    #[must_use]
    pub fn foreign(mut self, mixes: bool) -> SyncOptions {
        self.foreign = mixes;
        self
    }

    /// Limits what is synced to a part: see [`Session::within`]. The other side has to know nothing of it beforehand.
    #[must_use]
    pub fn within(mut self, scope: Scope) -> SyncOptions {
        self.scope = scope;
        self
    }

    /// Whether an address may be a command, `exec:program argument …`, which is run.
    ///
    /// Not unless said here: an address often comes from a file or another person, and a command can do anything.
    #[must_use]
    pub fn commands(mut self, may_run: bool) -> SyncOptions {
        self.commands = may_run;
        self
    }

    /// How long connecting may take; 10 seconds unless said otherwise.
    #[must_use]
    pub fn connect_limit(mut self, time: Duration) -> SyncOptions {
        self.limits.connect = time;
        self
    }

    /// How long the other side may be silent; 30 seconds unless said otherwise.
    #[must_use]
    pub fn silence_limit(mut self, time: Duration) -> SyncOptions {
        self.limits.silence = time;
        self
    }

    /// How long the session may take in all; an hour unless said otherwise. What arrived by then stays.
    #[must_use]
    pub fn time_limit(mut self, time: Duration) -> SyncOptions {
        self.limits.whole = time;
        self
    }

    /// A header that goes with every request over HTTP and WebSocket, such as `authorization`.
    ///
    /// One that is none is an error of the sync.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> SyncOptions {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Has the other side be whoever holds the key with this pin. With several, one of them; the certificate's name, dates and
    /// authority are not looked at then.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn pin(mut self, pin: Pin) -> SyncOptions {
        self.trust.pins.push(pin);
        self
    }

    /// Shows the other side who this is, where it asks.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> SyncOptions {
        self.trust.identity = Some(identity);
        self
    }

    /// Trusts the authorities whose certificates stand here, and no others. Without this call and without a pin those that
    /// browsers trust are trusted.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where no certificate stands there, or one is damaged.
    #[cfg(feature = "tls")]
    pub fn authorities(mut self, pem: &str) -> Result<SyncOptions> {
        self.trust.trust_authorities(pem)?;
        Ok(self)
    }

    /// The session that such a call has, where an address was called.
    pub(super) fn session(&self, repo: &Repo, address: Option<&str>) -> Session {
        let session = mixing(Session::call(repo), self.foreign).within(self.scope.clone());
        match address {
            Some(address) => session.at(address),
            None => session,
        }
    }
}

/// How a session over a service came to its end: what [`ServeOptions::on_end`] is told.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ended {
    /// Whence the call came; `None` over HTTP, where each request may come from elsewhere.
    pub from: Option<SocketAddr>,
    /// What it came to.
    pub result: Result<SyncReport>,
}

type OnEnd = Arc<dyn Fn(&Ended) + Send + Sync>;

/// How [`Repo::serve_with_options`] lets others call.
#[derive(Clone)]
pub struct ServeOptions {
    foreign: bool,
    scope: Scope,
    pub(super) limits: Limits,
    pub(super) sessions: usize,
    pub(super) live: usize,
    #[cfg_attr(not(any(feature = "http", feature = "websocket")), allow(dead_code))]
    pub(super) origins: Vec<String>,
    on_end: Option<OnEnd>,
    #[cfg(feature = "tls")]
    pub(super) identity: Option<Identity>,
    #[cfg(feature = "tls")]
    pub(super) allowed: Vec<Pin>,
}

impl Default for ServeOptions {
    fn default() -> ServeOptions {
        ServeOptions {
            foreign: false,
            scope: Scope::everything(),
            limits: Limits::default(),
            sessions: 16,
            live: 256,
            origins: Vec::new(),
            on_end: None,
            #[cfg(feature = "tls")]
            identity: None,
            #[cfg(feature = "tls")]
            allowed: Vec::new(),
        }
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ServeOptions");
        out.field("foreign", &self.foreign).field("scope", &self.scope);
        out.field("limits", &self.limits).field("sessions", &self.sessions);
        #[cfg(feature = "tls")]
        out.field("identity", &self.identity).field("allowed", &self.allowed);
        out.finish_non_exhaustive()
    }
}

impl ServeOptions {
    /// What [`Repo::serve`] does.
    pub fn new() -> ServeOptions {
        ServeOptions::default()
    }

    /// Whether data of another database are mixed with one's own, where the other side would do so too: see
    /// [`Session::foreign`].
    #[must_use]
    pub fn foreign(mut self, mixes: bool) -> ServeOptions {
        self.foreign = mixes;
        self
    }

    /// Serves this part and no more, whatever is asked for: see [`Session::within`].
    #[must_use]
    pub fn within(mut self, scope: Scope) -> ServeOptions {
        self.scope = scope;
        self
    }

    /// How many sessions may go on at once; 16 unless said otherwise. Whoever calls beyond that is told to come back.
    #[must_use]
    pub fn sessions(mut self, most: usize) -> ServeOptions {
        self.sessions = most;
        self
    }

    /// How many sessions may stay at once, beside those: see [`Repo::live`]; 256 unless said otherwise. Whoever calls beyond
    /// that is served and has to call again. Over HTTP none stays.
    #[must_use]
    pub fn live_sessions(mut self, most: usize) -> ServeOptions {
        self.live = most;
        self
    }

    /// How long the other side may be silent; 30 seconds unless said otherwise, and in sessions that stay 30 at least.
    #[must_use]
    pub fn silence_limit(mut self, time: Duration) -> ServeOptions {
        self.limits.silence = time;
        self
    }

    /// How long a session may take in all, until it stays if it does; an hour unless said otherwise. What arrived by then
    /// stays.
    #[must_use]
    pub fn time_limit(mut self, time: Duration) -> ServeOptions {
        self.limits.whole = time;
        self
    }

    /// Lets pages of this origin call over HTTP and WebSocket, such as `https://example.org`.
    ///
    /// A browser says on which page a call was made. Calls of any page are refused unless allowed here: else each page that
    /// somebody opens on this machine could reach what is served on it. Programs send no origin.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> ServeOptions {
        self.origins.push(origin.into());
        self
    }

    /// Calls this when a session has ended, or came to none; on the session's own thread, which waits for it.
    #[must_use]
    pub fn on_end(mut self, told: impl Fn(&Ended) + Send + Sync + 'static) -> ServeOptions {
        self.on_end = Some(Arc::new(told));
        self
    }

    /// Who this is; `tls`, `https` and `wss` need it.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> ServeOptions {
        self.identity = Some(identity);
        self
    }

    /// Lets whoever holds the key with this pin call, over TLS. With one or more allowed nobody else may; with none anybody.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn allow(mut self, pin: Pin) -> ServeOptions {
        self.allowed.push(pin);
        self
    }

    /// The session that such a service has.
    pub(super) fn session(&self, repo: &Repo) -> Session {
        mixing(Session::answer(repo), self.foreign).within(self.scope.clone())
    }

    /// Whether a page of this origin may call.
    #[cfg(any(feature = "http", feature = "websocket"))]
    pub(super) fn allows_origin(&self, origin: Option<&str>) -> bool {
        origin.is_none_or(|origin| self.origins.iter().any(|allowed| allowed == origin))
    }

    pub(super) fn tell(&self, from: Option<SocketAddr>, result: Result<SyncReport>) {
        if let Some(told) = &self.on_end {
            told(&Ended { from, result });
        }
    }
}

fn mixing(session: Session, mixes: bool) -> Session {
    if mixes { session.foreign() } else { session }
}
