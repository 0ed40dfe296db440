//! How a live connection is kept up.

use super::super::options::SyncOptions;
use std::time::Duration;

/// How a connection that stays is kept up: how the other side is called, when it shows that it is there, when it counts as dead, how long to wait before
/// it is made again.
///
/// ```
/// use dronestore::sync::LiveOptions;
/// use std::time::Duration;
///
/// let options = LiveOptions::new().wait(Duration::from_secs(1), Duration::from_secs(300));
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
#[must_use = "options do nothing until they are used"]
pub struct LiveOptions {
    pub(super) keep_alive: Duration,
    pub(super) silence: Duration,
    pub(super) least: Duration,
    pub(super) most: Duration,
    pub(super) calls: SyncOptions,
}

impl LiveOptions {
    /// A sign of life every 10 seconds, dead after 30 seconds of silence, waits from a quarter of a second to a minute.
    pub fn new() -> LiveOptions {
        LiveOptions {
            keep_alive: LiveOptions::KEEP_ALIVE,
            silence: Duration::from_secs(30),
            least: Duration::from_millis(250),
            most: Duration::from_secs(60),
            calls: SyncOptions::new(),
        }
    }

    /// The longest time between two signs of life: a server hangs up after 30 seconds.
    const KEEP_ALIVE: Duration = Duration::from_secs(10);

    /// How the other side is called: whom to trust, with which headers, how long connecting may take. What the options say
    /// of silence and of the time in all is said here.
    pub fn calling(mut self, options: SyncOptions) -> Self {
        self.calls = options;
        self
    }

    /// How often a side that serves shows that it is there, and how long the other may be silent, where the service says this
    /// of its sessions.
    pub(in super::super) fn times(&self, silence: Duration) -> (Duration, Duration) {
        (self.keep_alive, self.silence.max(silence))
    }

    /// How often the other side is asked for a sign of life while nothing else is said; 10 seconds at most.
    pub fn keep_alive(mut self, every: Duration) -> Self {
        self.keep_alive = every.clamp(Duration::from_millis(1), LiveOptions::KEEP_ALIVE);
        self
    }

    /// After how long a silence the connection counts as dead; best three times the time between signs of life.
    pub fn silence(mut self, most: Duration) -> Self {
        self.silence = most;
        self
    }

    /// How long to wait after a failure until the next try: at first about `least`, then twice as long each time, up to
    /// `most`. Each wait is half to one and a half of that, by chance, so that many that lost one server do not come back
    /// at one moment. After a session that came to be live it begins anew.
    pub fn wait(mut self, least: Duration, most: Duration) -> Self {
        (self.least, self.most) = (least, most);
        self
    }
}

impl Default for LiveOptions {
    fn default() -> Self {
        LiveOptions::new()
    }
}
