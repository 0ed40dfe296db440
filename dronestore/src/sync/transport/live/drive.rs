//! Two threads that move the bytes of a session in which both sides may speak: one reads, one writes.
//!
//! The session is behind a lock, and nobody holds it while reading or writing. So a side whose words are not taken goes on
//! listening, and two sides that both write at once do not come to a standstill.

use super::super::super::Session;
use super::super::stream::broken;
use super::halves::Halves;
use crate::repo::Signal;
use dronestore_core::{Error, ErrorKind, Result};
use std::io::{ErrorKind as IoKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many bytes are read at once.
const READ: usize = 64 << 10;
/// Who takes so many bytes at once is there.
const BULK: usize = 32 << 10;
/// How long it may take to tell the other side why a session ends.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What is told to end, from any thread.
#[derive(Debug, Default)]
pub(in super::super) struct Ending {
    ending: AtomicBool,
    signal: Mutex<Option<Arc<Signal>>>,
}

impl Ending {
    /// Ends it, soon.
    pub(in super::super) fn end(&self) {
        self.ending.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Wakes whoever waits.
    pub(in super::super) fn wake(&self) {
        if let Some(signal) = &*self.signal.lock().unwrap_or_else(PoisonError::into_inner) {
            signal.raise();
        }
    }

    pub(in super::super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// Has this signal raised at the end.
    pub(in super::super) fn wakes(&self, signal: &Arc<Signal>) {
        *self.signal.lock().unwrap_or_else(PoisonError::into_inner) = Some(signal.clone());
    }
}

/// What both threads share.
struct Shared<'a> {
    session: &'a Mutex<Session>,
    signal: &'a Signal,
    ending: &'a Ending,
    /// Whether one of the two has come to its end.
    is_over: AtomicBool,
    /// When the other side was last heard of.
    heard: Mutex<Instant>,
    silence: Duration,
    /// Called after whatever happens.
    watch: &'a (dyn Fn() + Sync),
}

impl Shared<'_> {
    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst) || self.ending.is_ending()
    }

    fn check_silence(&self) -> Result<()> {
        if self.heard.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < self.silence {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Store, "the other side was silent for too long"))
    }
}

/// Moves the bytes of a session until it is done, is told to end, or breaks.
pub(in super::super) fn drive(
    session: &Mutex<Session>,
    halves: Halves,
    (keep_alive, silence): (Duration, Duration),
    ending: &Ending,
    watch: &(dyn Fn() + Sync),
) -> Result<()> {
    let listening = session.lock().unwrap_or_else(PoisonError::into_inner).repo().listen();
    let signal = listening.signal();
    ending.wakes(signal);
    let heard = Mutex::new(Instant::now());
    let shared = Shared { session, signal, ending, is_over: AtomicBool::new(false), heard, silence, watch };
    let Halves { mut read, mut write, hang_up } = halves;
    thread::scope(|scope| {
        let writing = || {
            let result = speak(&shared, &mut *write, keep_alive);
            shared.is_over.store(true, Ordering::SeqCst);
            hang_up();
            result
        };
        let writer = thread::Builder::new().name("dronestore live".into()).spawn_scoped(scope, writing);
        let writer = writer.map_err(|error| {
            Error::new(ErrorKind::Store, "there is no thread for a live session").with_source(error)
        })?;
        let heard = listen(&shared, &mut *read);
        shared.is_over.store(true, Ordering::SeqCst);
        signal.raise();
        let begun = Instant::now();
        while !writer.is_finished() && begun.elapsed() < LAST_WORDS {
            thread::sleep(Duration::from_millis(1));
        }
        hang_up();
        let said =
            writer.join().unwrap_or_else(|_| Err(Error::new(ErrorKind::Store, "a live session broke")));
        // Whoever reads knows why it ended; whoever writes mostly notices that it has.
        heard.and(said)
    })
}

/// Takes what comes.
fn listen(shared: &Shared<'_>, read: &mut dyn Read) -> Result<()> {
    let mut buffer = vec![0; READ];
    while !shared.is_over() {
        let count = match read.read(&mut buffer) {
            Ok(0) if shared.is_over() => break,
            Ok(0) => return Err(Error::new(ErrorKind::Store, "the other side has hung up")),
            Ok(count) => count,
            Err(error)
                if matches!(error.kind(), IoKind::WouldBlock | IoKind::TimedOut | IoKind::Interrupted) =>
            {
                shared.check_silence()?;
                continue;
            }
            Err(_) if shared.is_over() => break,
            Err(error) => return Err(broken(error)),
        };
        shared.hear();
        let is_done = {
            let mut session = shared.session();
            session.receive(&buffer[..count])?;
            session.is_done()
        };
        shared.signal.raise();
        (shared.watch)();
        if is_done {
            break;
        }
    }
    Ok(())
}

/// Says what is to be said, when there is something.
fn speak(shared: &Shared<'_>, write: &mut dyn Write, keep_alive: Duration) -> Result<()> {
    let (mut out, mut next) = (Vec::new(), Instant::now() + keep_alive);
    loop {
        let is_over = shared.is_over();
        let (result, is_done) = {
            let mut session = shared.session();
            if Instant::now() >= next {
                next = Instant::now() + keep_alive;
                session.keep_alive();
            }
            (session.send(&mut out), session.is_done())
        };
        if !out.is_empty() {
            write.write_all(&out).and_then(|()| write.flush()).map_err(broken)?;
            if out.len() >= BULK {
                shared.hear();
            }
            (shared.watch)();
        }
        result?;
        if is_over || is_done {
            return Ok(());
        }
        if out.is_empty() {
            shared.check_silence()?;
            shared.signal.wait(next.saturating_duration_since(Instant::now()));
        }
        out.clear();
    }
}
