//! What has become of a live connection.

use super::super::super::SyncReport;
use dronestore_core::ErrorKind;
use std::fmt;
use std::time::Duration;

/// What a live connection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveState {
    /// The other side is being called.
    Connecting,
    /// Both find out what differs, or something is on its way.
    Exchanging,
    /// Both held the same when they last asked each other, and nothing was committed here since.
    InSync,
    /// There was a failure, or the other side does not stay; the next try comes after this time.
    Waiting(Duration),
    /// It was told to end.
    Stopped,
}

/// What has become of a live connection: [`Live::status`](super::Live::status).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LiveStatus {
    /// What it is about.
    pub state: LiveState,
    /// What the present connection has come to, or the last one.
    pub report: SyncReport,
    /// How often both came to be live.
    pub connections: u64,
    /// How many tries have failed since.
    pub failures: u64,
    /// Why the last connection broke, or could not be made; `None` before that.
    pub error: Option<(ErrorKind, String)>,
}

/// `in sync; …`, `waiting for 2s after: tcp://host:1: nobody can be called there`.
impl fmt::Display for LiveStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LiveStatus { report, .. } = self;
        match self.state {
            LiveState::Connecting => f.write_str("connecting"),
            LiveState::Exchanging | LiveState::InSync => {
                f.write_str(if self.state == LiveState::InSync { "in sync" } else { "exchanging" })?;
                write!(f, "; received {}; sent {}", report.received, report.sent)?;
                write!(f, "; {} bytes in, {} out", report.bytes_in, report.bytes_out)
            }
            LiveState::Waiting(time) => match &self.error {
                Some((_, error)) => write!(f, "waiting for {time:.1?} after: {error}"),
                None => write!(f, "waiting for {time:.1?}"),
            },
            LiveState::Stopped => f.write_str("stopped"),
        }
    }
}
