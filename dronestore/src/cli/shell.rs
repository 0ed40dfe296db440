//! Shell: what every command has at hand.

use super::place::NAME;
use super::progress::Progress;
use super::{Exit, Io, other, place};
use crate::repo::NO_REPLICAS;
use crate::{Error, ErrorKind, Repo, Result};
use serde_json::{Value as Json, json};
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// The streams of a command, the repo that was named, and how it is to answer.
pub(super) struct Shell<'s, 'i> {
    pub(super) io: &'s mut Io<'i>,
    repo: Option<PathBuf>,
    pub(super) json: bool,
}

impl<'s, 'i> Shell<'s, 'i> {
    pub(super) fn new(io: &'s mut Io<'i>, repo: Option<PathBuf>, json: bool) -> Self {
        Shell { io, repo, json }
    }

    /// A path as the user meant it: relative to where the command stands.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.io.folder.join(path)
    }

    /// A path as it is told to people: from where the command stands, if it is below that.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.io.folder).unwrap_or(path).display().to_string()
    }

    /// The folder of a repo that is to be made: the one that was given, else the one that `--repo` names.
    pub(super) fn new_folder(&self, given: Option<PathBuf>) -> Result<Option<PathBuf>> {
        let parent = |path: &Path| path.parent().unwrap_or(path).to_path_buf();
        let named =
            self.repo.as_ref().map(|path| if path.ends_with(NAME) { parent(path) } else { path.clone() });
        match (given, named) {
            (Some(_), Some(_)) => {
                let message = "the folder is named twice: give it alone, or by `--repo`";
                Err(Error::new(ErrorKind::InvalidValue, message))
            }
            (given, named) => Ok(given.or(named)),
        }
    }

    /// The file of the repo that is meant.
    pub(super) fn repo_path(&self) -> Result<PathBuf> {
        match self.repo.as_ref().or(self.io.repo.as_ref()) {
            Some(path) => Ok(place::file_of(&self.path(path))),
            None => place::above(&self.io.folder),
        }
    }

    /// The repo that is meant.
    pub(super) fn open(&self) -> Result<Repo> {
        place::open(&self.repo_path()?, self.io.clock.clone())
    }

    /// Another repo, by the path of its file or folder.
    pub(super) fn open_other(&self, path: &Path) -> Result<Repo> {
        other::refuse_no_path(path, self)?;
        let other = place::file_of(&self.path(path));
        let same = |path: &Path| path.canonicalize().ok();
        if let Ok(ours) = self.repo_path()
            && same(&ours).is_some_and(|ours| Some(ours) == same(&other))
        {
            let message = format!("`{}` is this repo itself: name another", path.display());
            return Err(Error::new(ErrorKind::InvalidValue, message));
        }
        place::open(&other, self.io.clock.clone())
    }

    /// Says a line to people.
    pub(super) fn say(&mut self, line: impl Display) -> Result<()> {
        self.print(format_args!("{line}\n"))
    }

    /// Says a whole text to people.
    pub(super) fn print(&mut self, text: impl Display) -> Result<()> {
        match (self.json, self.io.terminal) {
            (true, _) => Ok(()),
            (_, true) => write!(self.io.output, "{}", tamed(&text.to_string())).map_err(unwritten),
            (_, false) => write!(self.io.output, "{text}").map_err(unwritten),
        }
    }

    /// Answers a program; once in a command.
    pub(super) fn answer(&mut self, answer: Json) -> Result<()> {
        if self.json { writeln!(self.io.output, "{answer}").map_err(unwritten) } else { Ok(()) }
    }

    /// Tells people something beside the result.
    pub(super) fn note(&mut self, line: impl Display) {
        if !self.json {
            // What is said beside the result is nobody's result.
            let _ = writeln!(self.io.errors, "{line}");
        }
    }

    /// A bar on a terminal, of so many steps; without a number it only moves.
    pub(super) fn progress(&self, what: &str, steps: Option<u64>) -> Progress {
        Progress::new(self.io.terminal && !self.json, what, steps)
    }

    /// Tells what went wrong, and what can be done.
    pub(super) fn fail(&mut self, error: &Error) -> Exit {
        if let Some(cause) = find_io(error)
            && cause.kind() == std::io::ErrorKind::BrokenPipe
        {
            // Whoever reads has seen enough.
            return Exit::Ok;
        }
        let exit = Exit::from(error.kind());
        let mut causes = Vec::new();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        let hint = hint(error);
        let _ = if self.json {
            let kind = format!("{:?}", error.kind());
            let error =
                json!({ "kind": kind, "message": error.to_string(), "causes": causes, "exit": exit.code() });
            writeln!(self.io.output, "{}", json!({ "error": error }))
        } else {
            let causes: String = causes.iter().map(|cause| format!(": {cause}")).collect();
            let hint = hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
            writeln!(self.io.errors, "error: {error}{causes}{hint}")
        };
        exit
    }
}

/// A text for a terminal, which what others wrote is not to command.
fn tamed(text: &str) -> String {
    let mut tamed = String::with_capacity(text.len());
    for char in text.chars() {
        match char.is_control() && !matches!(char, '\n' | '\t') {
            true => tamed.extend(char.escape_default()),
            false => tamed.push(char),
        }
    }
    tamed
}

fn hint(error: &Error) -> Option<&'static str> {
    let says = |words: &str| error.to_string().contains(words);
    match error.kind() {
        ErrorKind::Busy if says(place::IS_OPEN) => Some(
            "one process at a time has a repo open: close it there, or wait for it; where it is served, sync with it \
             at its address (`dronestore sync tcp://…`)",
        ),
        ErrorKind::Busy => Some("try again in a while"),
        ErrorKind::Mismatch if says(NO_REPLICAS) => Some(
            "they were made apart, as two databases; `--foreign` of `merge`, `import` and `bundle import` brings in \
             what the other one has all the same",
        ),
        ErrorKind::Unknown => Some("it may or may not have been written: look before you try again"),
        _ => None,
    }
}

fn find_io(error: &Error) -> Option<&std::io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

/// The error of an output that cannot be written.
pub(super) fn unwritten(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Store, "the output cannot be written").with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_commands_a_terminal() {
        assert_eq!(tamed("a\u{1b}[31mb\r\n\tc\u{9b}é"), "a\\u{1b}[31mb\\r\n\tc\\u{9b}é");
    }
}
