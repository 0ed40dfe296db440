//! Another process as the other side: its input and output carry the session.

use super::options::{Limits, SyncOptions, after};
use super::stream::run;
use super::tcp::TooLong;
use crate::Repo;
use crate::sync::SyncReport;
use dronestore_core::{Error, ErrorKind, Result};
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How many bytes are read at once.
const READ: usize = 64 << 10;
/// How long a command whose session is over may take to end.
const ENDING: Duration = Duration::from_secs(5);

/// Runs a command and syncs with the repo that answers on its input and output, as `git` does over `ssh`.
///
/// The other side is a program that calls [`answer`](crate::sync::answer) with [`stdio`](crate::sync::stdio). What it
/// writes to its error output is not touched. The command is told to end if the session fails.
///
/// ```no_run
/// # let repo = dronestore::Repo::memory()?;
/// use dronestore::sync::{self, SyncOptions};
/// use std::process::Command;
///
/// let mut command = Command::new("ssh");
/// command.args(["laptop.local", "notes", "answer"]);
/// let report = sync::call_command(&repo, &mut command, &SyncOptions::new())?;
/// # Ok::<(), dronestore::Error>(())
/// ```
///
/// # Errors
/// As [`call`](crate::sync::call), and [`Store`](crate::ErrorKind::Store) where the command cannot be run, or is silent for
/// longer than the options allow; it has their time to connect in addition before it says its first word. Where the command
/// failed, the message says how it ended.
///
/// Cost: that of a session, a process, and two threads while it lasts.
pub fn call_command(repo: &Repo, command: &mut Command, options: &SyncOptions) -> Result<SyncReport> {
    call_at(repo, None, command, options)
}

/// As [`call_command`], where an address says the command.
pub(super) fn call_at(
    repo: &Repo,
    address: Option<&str>,
    command: &mut Command,
    options: &SyncOptions,
) -> Result<SyncReport> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let spawned = command.spawn();
    let failed = |error| Error::new(ErrorKind::Store, "the command cannot be run").with_source(error);
    let mut child = Running(spawned.map_err(failed)?);
    let (Some(output), Some(input)) = (child.0.stdout.take(), child.0.stdin.take()) else {
        return Err(Error::new(ErrorKind::Store, "the command has no input and output"));
    };
    let mut pipes = Pipes::new(output, input, &options.limits).map_err(failed)?;
    let result = run(&mut options.session(repo, address), &mut pipes);
    drop(pipes);
    match result {
        Ok(report) => {
            child.ended(ENDING);
            Ok(report)
        }
        Err(error) => Err(match child.ended(Duration::from_secs(1)) {
            Some(status) if !status.success() => {
                Error::new(error.kind(), format!("the command ended with {status}: {error}"))
                    .with_source(error)
            }
            _ => error,
        }),
    }
}

/// The command of an address `exec:program argument …`, cut at its spaces; no shell reads it.
pub(super) fn command(text: &str, options: &SyncOptions) -> Result<Command> {
    if !options.commands {
        let message = "an address that is a command is run only where `SyncOptions::commands` allows it";
        return Err(Error::new(ErrorKind::Refused, message));
    }
    let mut words = text.split_ascii_whitespace();
    let missing = || Error::new(ErrorKind::Unsupported, "there is no command behind `exec:`");
    let mut command = Command::new(words.next().ok_or_else(missing)?);
    command.args(words);
    Ok(command)
}

/// A process that does not outlive its handle.
struct Running(Child);

impl Running {
    /// How it ended, if it does within that time.
    fn ended(&mut self, time: Duration) -> Option<ExitStatus> {
        let until = after(time);
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                _ => return None,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two pipes that are waited for no longer than they may be. A thread waits at each: pipes have no time limits of their
/// own, and a process that a command has started can hold them open when the command is long gone.
struct Pipes {
    heard: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
    say: Sender<Vec<u8>>,
    said: Receiver<io::Result<()>>,
    silence: Duration,
    /// What it may take longer until the first word.
    patience: Duration,
    until: Instant,
}

impl Pipes {
    fn new(
        mut output: impl Read + Send + 'static,
        mut input: impl Write + Send + 'static,
        limits: &Limits,
    ) -> io::Result<Pipes> {
        let (hear, heard) = sync_channel(1);
        let listen = move || {
            loop {
                let mut piece = vec![0; READ];
                let read = output.read(&mut piece).map(|count| piece.truncate(count));
                let is_last = read.is_err() || piece.is_empty();
                if hear.send(read.map(|()| piece)).is_err() || is_last {
                    return;
                }
            }
        };
        let (say, to_say) = channel::<Vec<u8>>();
        let (tell, said) = channel();
        let speak = move || {
            for piece in to_say {
                let written = input.write_all(&piece).and_then(|()| input.flush());
                if tell.send(written).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("dronestore pipe".into()).spawn(listen)?;
        thread::Builder::new().name("dronestore pipe".into()).spawn(speak)?;
        let (silence, patience, until) = (limits.silence, limits.connect, after(limits.whole));
        Ok(Pipes { heard, piece: Vec::new(), at: 0, say, said, silence, patience, until })
    }

    fn wait(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, TooLong));
        }
        Ok(self.silence.saturating_add(self.patience).min(left))
    }
}

fn is_over<T>(result: Result<io::Result<T>, RecvTimeoutError>, otherwise: io::Result<T>) -> io::Result<T> {
    match result {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
        Err(RecvTimeoutError::Disconnected) => otherwise,
    }
}

impl Read for Pipes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            self.piece = is_over(self.heard.recv_timeout(self.wait()?), Ok(Vec::new()))?;
            (self.at, self.patience) = (0, Duration::ZERO);
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Pipes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.say.send(bytes.to_vec()).map_err(|_| broken())?;
        is_over(self.said.recv_timeout(self.wait()?), Err(broken()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
