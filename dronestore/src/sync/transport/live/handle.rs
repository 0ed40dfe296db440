//! Live: the handle of a connection that is kept up.

use super::super::super::{Session, SyncReport};
use super::super::address::{Address, Scheme, unknown};
use super::super::call::connect_wire;
use super::super::chance::{BackOff, Chance};
use super::drive::{Ending, drive};
use super::{Halves, LiveOptions, LiveState, LiveStatus};
use crate::Repo;
use crate::repo::Signal;
use dronestore_core::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

impl Repo {
    /// Stays in touch with the repo that is served at an address, such as `tcp://host:port`: both get what the other one
    /// commits, within milliseconds, until the handle is dropped. Over `tls`, `ws` and `wss` too, and not over HTTP, whose
    /// requests end.
    ///
    /// A thread connects, compares what both hold as [`Repo::sync`] does, and stays. When the connection breaks it waits and
    /// connects again, for ever; what was committed meanwhile is found then. Writing to the repo never waits for it. This
    /// returns at once: [`Live::status`] says what becomes of it.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for an address of another kind,
    /// [`Store`](crate::ErrorKind::Store) where there is no thread. What happens later is no error of this call.
    pub fn live(&self, address: &str) -> Result<Live> {
        self.live_with(address, LiveOptions::new())
    }

    /// As [`Repo::live`], with times of your choice, and whom to trust.
    ///
    /// # Errors
    /// As [`Repo::live`].
    pub fn live_with(&self, address: &str, options: LiveOptions) -> Result<Live> {
        let parsed = parse(address).map_err(|error| error.at(address))?;
        let calls = options.calls.clone();
        let connect = move || {
            let result = connect_wire(&parsed, &calls);
            #[cfg(feature = "tls")]
            let result = result.map_err(|error| super::super::tls::naming(error, &calls.trust));
            Halves::of(result?)
        };
        Live::over(self, address, connect, options)
    }
}

/// An address on whose connections one can stay.
fn parse(address: &str) -> Result<Address> {
    if address.starts_with("exec:") {
        return Err(unknown());
    }
    let address = Address::parse(address)?;
    if matches!(address.scheme, Scheme::Http | Scheme::Https) {
        let message = "requests over HTTP end; a connection that stays is one of `tcp`, `tls`, `ws` or `wss`";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(address)
}

/// A connection that is kept up: both repos get what the other one commits. Dropping it ends it.
///
/// What is pushed is kept by the other side when it has it; a commit that was made while the connection was down, or
/// was on its way when it broke, is found when both meet again. Nothing is queued in memory however far the other side
/// is behind.
pub struct Live {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the handle and its thread share.
struct Shared {
    ending: Ending,
    /// The session that goes on.
    session: Mutex<Option<Arc<Mutex<Session>>>>,
    /// Whether both came to stay in it.
    came_to_stay: AtomicBool,
    status: Mutex<(LiveStatus, Instant)>,
    changed: Condvar,
}

impl Live {
    /// Stays in touch over connections of any kind: `connect` is called for each. `address` is what reports and
    /// [`Repo::peers`] call the other side.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where there is no thread.
    pub fn over(
        repo: &Repo,
        address: &str,
        connect: impl FnMut() -> Result<Halves> + Send + 'static,
        options: LiveOptions,
    ) -> Result<Live> {
        let status = LiveStatus {
            state: LiveState::Connecting,
            report: SyncReport::default(),
            connections: 0,
            failures: 0,
            error: None,
        };
        let shared = Arc::new(Shared {
            ending: Ending::default(),
            session: Mutex::default(),
            came_to_stay: AtomicBool::new(false),
            status: Mutex::new((status, Instant::now())),
            changed: Condvar::new(),
        });
        let (repo, address, inside) = (repo.clone(), address.to_owned(), shared.clone());
        let work = move || keep_up(&repo, &address, connect, &options, &inside);
        let thread = thread::Builder::new().name("dronestore live".into()).spawn(work).map_err(|error| {
            Error::new(ErrorKind::Store, "there is no thread for a live session").with_source(error)
        })?;
        Ok(Live { shared, thread: Some(thread) })
    }

    /// What has become of it.
    pub fn status(&self) -> LiveStatus {
        self.shared.status()
    }

    /// Waits until both hold the same, for so long at most; says whether they do.
    pub fn wait_in_sync(&self, timeout: Duration) -> bool {
        let begun = Instant::now();
        loop {
            let status = self.shared.status.lock().unwrap_or_else(PoisonError::into_inner);
            drop(status);
            if self.status().state == LiveState::InSync {
                return true;
            }
            let left = timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return false;
            }
            let status = self.shared.status.lock().unwrap_or_else(PoisonError::into_inner);
            // Something may have happened since it was looked at.
            let _ = self.shared.changed.wait_timeout(status, left.min(Duration::from_millis(20)));
        }
    }

    /// Tries at once where it waits: the network is back.
    pub fn retry_now(&self) {
        self.shared.ending.wake();
    }

    /// Ends it, and waits until it has ended: up to 10 seconds where it is calling somebody who does not answer.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.ending.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("status", &self.status()).finish()
    }
}

impl Shared {
    fn status(&self) -> LiveStatus {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let present = session.map(|session| {
            let session = session.lock().unwrap_or_else(PoisonError::into_inner);
            (session.is_live(), session.is_live() && session.is_in_sync(), session.report().clone())
        });
        if present.as_ref().is_some_and(|(is_live, ..)| *is_live) {
            self.note_live();
        }
        let (mut status, since) = self.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, is_in_sync, report)) = present {
            status.state = if is_in_sync { LiveState::InSync } else { LiveState::Exchanging };
            status.report = report;
        }
        if let LiveState::Waiting(time) = &mut status.state {
            *time = time.saturating_sub(since.elapsed());
        }
        status
    }

    /// Counts that both came to stay, once for each connection: whoever notices it first.
    fn note_live(&self) {
        if !self.came_to_stay.swap(true, Ordering::SeqCst) {
            self.set(|status| (status.connections, status.failures) = (status.connections + 1, 0));
        }
    }

    fn set(&self, change: impl FnOnce(&mut LiveStatus)) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut status.0);
        status.1 = Instant::now();
        self.changed.notify_all();
    }

    fn set_session(&self, session: Option<Arc<Mutex<Session>>>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }
}

/// Connects, and connects again, until told to end.
fn keep_up(
    repo: &Repo,
    address: &str,
    mut connect: impl FnMut() -> Result<Halves>,
    options: &LiveOptions,
    shared: &Shared,
) {
    let mut chance = Chance::new();
    let mut back_off = BackOff::new(options.least, options.most);
    while !shared.ending.is_ending() {
        shared.set(|status| status.state = LiveState::Connecting);
        let (came_to_stay, result) = match connect() {
            Ok(halves) => meet(repo, address, halves, options, shared),
            Err(error) => (false, Err(error)),
        };
        if came_to_stay {
            back_off.reset();
        }
        let wait = match &result {
            // The other side does not stay, or will not have us for long: it is met now and then.
            Ok(()) => back_off.give_up(&mut chance),
            Err(error) if matches!(error.kind(), ErrorKind::Mismatch | ErrorKind::Unsupported) => {
                back_off.give_up(&mut chance)
            }
            Err(_) => back_off.fail(&mut chance),
        };
        shared.set(|status| {
            status.state = LiveState::Waiting(wait);
            status.failures = if came_to_stay { 1 } else { status.failures + 1 };
            if let Err(error) = result {
                status.error = Some((error.kind(), error.at(address).to_string()));
            }
        });
        let signal = Arc::new(Signal::default());
        shared.ending.wakes(&signal);
        if !shared.ending.is_ending() {
            signal.wait(wait);
        }
    }
    shared.set(|status| status.state = LiveState::Stopped);
}

/// One connection, from beginning to end; says whether both came to stay.
fn meet(
    repo: &Repo,
    address: &str,
    halves: Halves,
    options: &LiveOptions,
    shared: &Shared,
) -> (bool, Result<()>) {
    let session = Arc::new(Mutex::new(options.calls.session(repo, Some(address)).live()));
    shared.came_to_stay.store(false, Ordering::SeqCst);
    shared.set_session(Some(session.clone()));
    let watch = || {
        if session.lock().unwrap_or_else(PoisonError::into_inner).is_live() {
            shared.note_live();
        }
        shared.changed.notify_all();
    };
    let result = drive(&session, halves, (options.keep_alive, options.silence), &shared.ending, &watch);
    let report = session.lock().unwrap_or_else(PoisonError::into_inner).report().clone();
    shared.set(|status| status.report = report);
    shared.set_session(None);
    (shared.came_to_stay.load(Ordering::SeqCst), result)
}
