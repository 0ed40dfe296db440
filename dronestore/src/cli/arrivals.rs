//! Arrivals: what comes in while a command goes on, told as it comes.

use super::commands::log::{self, Line};
use super::shell::{Shell, unwritten};
use super::show;
use crate::repo::decisions_kind;
use crate::{Repo, Result};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// How long news are waited for at once.
const WAIT: Duration = Duration::from_millis(100);

/// How far the change log was told.
pub(super) struct Arrivals {
    seen: u64,
    until: Option<Instant>,
}

impl Arrivals {
    /// From now on, and for so many seconds if any are given.
    pub(super) fn new(repo: &Repo, seconds: Option<u64>) -> Arrivals {
        let until = seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
        Arrivals { seen: repo.sequence(), until }
    }

    /// Waits for a moment, or until something comes, and tells it; whether there is time for more.
    pub(super) fn tell(&mut self, repo: &Repo, shell: &mut Shell<'_, '_>) -> Result<bool> {
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Ok(false);
        }
        if repo.wait_for_change(self.seen, left.unwrap_or(WAIT).min(WAIT)) == self.seen {
            return Ok(true);
        }
        let changes = match repo.changes_from(self.seen) {
            // The log was cut while nobody looked.
            Err(error) if error.is_not_found() => repo.changes()?,
            changes => changes?,
        };
        let mut told = Vec::new();
        for change in changes {
            let change = change?;
            self.seen = self.seen.max(change.sequence + 1);
            if change.kind != decisions_kind() {
                told.push(log::line(&repo.view()?, change)?);
            }
        }
        self.seen = self.seen.max(repo.sequence());
        for line in &told {
            event(shell, "arrived", log::as_json(line), arrived(line))?;
        }
        Ok(true)
    }
}

fn arrived(line: &Line) -> String {
    // Nobody but this command has the repo open, and it writes nothing.
    let (key, what) = (show::name(log::key(line)), log::changed(line).replace("came or written", "came"));
    format!("{key} at version {}: {what}", log::version(line))
}

/// Tells one thing that has happened: a line for people, or an object in a line for programs.
pub(super) fn event(shell: &mut Shell<'_, '_>, name: &str, mut about: Json, line: String) -> Result<()> {
    if let Json::Object(members) = &mut about {
        members.insert("event".into(), json!(name));
    }
    shell.answer(about)?;
    shell.say(line)?;
    // Whoever waits for it is not to wait for more.
    shell.io.output.flush().map_err(unwritten)
}
