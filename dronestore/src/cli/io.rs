//! What a command may read and write, and where it stands.

use super::Exit;
use crate::clock::{Clock, SystemClock};
use std::fmt;
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// What a command may read and write, and where it stands: a process, or a test in place of one.
pub struct Io<'i> {
    pub(super) input: &'i mut dyn Read,
    pub(super) output: &'i mut dyn Write,
    pub(super) errors: &'i mut dyn Write,
    pub(super) folder: PathBuf,
    pub(super) repo: Option<PathBuf>,
    pub(super) terminal: bool,
    pub(super) clock: Arc<dyn Clock>,
}

impl<'i> Io<'i> {
    /// These streams, in this folder; no terminal, and no repo named by the environment.
    pub fn new(
        input: &'i mut dyn Read,
        output: &'i mut dyn Write,
        errors: &'i mut dyn Write,
        folder: impl Into<PathBuf>,
    ) -> Io<'i> {
        let (folder, clock) = (folder.into(), Arc::new(SystemClock));
        Io { input, output, errors, folder, repo: None, terminal: false, clock }
    }

    /// With the repo that the environment names.
    #[must_use]
    pub fn repo(mut self, path: impl Into<PathBuf>) -> Self {
        self.repo = Some(path.into());
        self
    }

    /// With progress bars among the errors.
    #[must_use]
    pub fn terminal(mut self, terminal: bool) -> Self {
        self.terminal = terminal;
        self
    }

    /// With this clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Says that the words were not understood.
    pub(super) fn refuse(&mut self, error: &clap::Error, json: bool) -> Exit {
        let text = error.render().to_string();
        // Whoever does not read what is said learns it from the exit code.
        let _ = if json {
            let message = text.trim_start_matches("error: ").trim_end();
            let error = serde_json::json!({
                "error": { "kind": "Usage", "message": message, "causes": [], "exit": Exit::Usage.code() }
            });
            writeln!(self.output, "{error}")
        } else {
            self.errors.write_all(text.as_bytes())
        };
        Exit::Usage
    }

    /// Says what was asked for: help, the version.
    pub(super) fn help(&mut self, help: &clap::Error) -> Exit {
        let text = help.render();
        let written = match self.terminal {
            true => write!(self.output, "{}", text.ansi()),
            false => write!(self.output, "{text}"),
        };
        if written.is_ok() { Exit::Ok } else { Exit::Failed }
    }
}

impl fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").field("folder", &self.folder).field("repo", &self.repo).finish_non_exhaustive()
    }
}

/// The process: its arguments, streams, folder and environment.
pub fn main() -> ExitCode {
    let (mut input, mut output, mut errors) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let terminal = errors.is_terminal() && output.is_terminal();
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let repo = std::env::var_os("DRONESTORE_REPO").filter(|repo| !repo.is_empty());
    let mut io = Io::new(&mut input, &mut output, &mut errors, folder).terminal(terminal);
    io.repo = repo.map(PathBuf::from);
    super::run(std::env::args_os(), &mut io).into()
}
