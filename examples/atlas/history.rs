//! An edit history: JSON lines, plain or gzip, one commit a line, parents first.

use dronestore::{Nanotime, Value};
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// An object as the history has it: attribute → value.
pub(super) type Attributes = BTreeMap<String, Value>;

/// All commits, in an order where parents come first.
#[derive(Debug)]
pub(super) struct History {
    pub(super) commits: Vec<Commit>,
}

/// What one author did at one time.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) author: u64,
    pub(super) time: Nanotime,
    /// Positions in the history; the first is the one that the edits are against.
    pub(super) parents: Vec<usize>,
    pub(super) change: BTreeMap<String, Change>,
    pub(super) delete: Vec<String>,
}

/// What a commit changed in one object.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    #[serde(default)]
    pub(super) set: Attributes,
    #[serde(default)]
    pub(super) unset: Vec<String>,
}

impl Change {
    /// Writes the change into an object.
    pub(super) fn apply(&self, attributes: &mut Attributes) {
        attributes.retain(|name, _| !self.unset.contains(name));
        attributes.extend(self.set.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// A commit as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: u64,
    parents: Vec<u64>,
    time: u64,
    author: u64,
    #[serde(default)]
    change: BTreeMap<String, Change>,
    #[serde(default)]
    delete: Vec<String>,
}

impl History {
    /// Reads a file; gzip is known by its first bytes, whatever the file is called.
    ///
    /// # Errors
    /// The file, and the line where one is at fault.
    pub(super) fn open(path: &Path) -> Result<History, String> {
        let name = path.display();
        let file = File::open(path).map_err(|error| format!("cannot read the history `{name}`: {error}"))?;
        History::read(BufReader::new(file)).map_err(|error| format!("`{name}`: {error}"))
    }

    /// Reads a history, plain or gzip.
    ///
    /// # Errors
    /// The line at fault.
    pub(super) fn read(mut reader: impl BufRead) -> Result<History, String> {
        let head = reader.fill_buf().map_err(|error| error.to_string())?;
        if head.starts_with(&[0x1f, 0x8b]) {
            return read_lines(BufReader::new(MultiGzDecoder::new(reader)));
        }
        read_lines(reader)
    }

    /// The authors, each once.
    pub(super) fn authors(&self) -> BTreeSet<u64> {
        self.commits.iter().map(|commit| commit.author).collect()
    }

    /// The authors of a commit's parents.
    pub(super) fn parents_authors(&self, commit: &Commit) -> BTreeSet<u64> {
        commit.parents.iter().map(|&parent| self.commits[parent].author).collect()
    }

    /// The last commit's chain of first parents, oldest first: its edits alone give its state.
    pub(super) fn first_parents(&self) -> Vec<&Commit> {
        let last = self.commits.last();
        let older = |commit: &&Commit| commit.parents.first().map(|&parent| &self.commits[parent]);
        let mut chain: Vec<&Commit> = std::iter::successors(last, older).collect();
        chain.reverse();
        chain
    }
}

fn read_lines(mut reader: impl BufRead) -> Result<History, String> {
    let mut commits: Vec<Commit> = Vec::new();
    let mut positions = HashMap::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) if line.trim_ascii().is_empty() => continue,
            Ok(_) => {}
            Err(error) => return Err(broken(number, &error)),
        }
        let (id, commit) = read_line(&line, &positions).map_err(|error| format!("line {number}: {error}"))?;
        if positions.insert(id, commits.len()).is_some() {
            return Err(format!("line {number}: commit {id} was there already; ids are given once"));
        }
        commits.push(commit);
    }
    if commits.is_empty() {
        return Err("the history holds no commit".to_owned());
    }
    Ok(History { commits })
}

fn read_line(line: &[u8], positions: &HashMap<u64, usize>) -> Result<(u64, Commit), String> {
    let line: Line = serde_json::from_slice(line).map_err(|error| located(&error))?;
    let position = |parent: &u64| {
        let unknown = || format!("parent {parent} of commit {} is in no earlier line", line.id);
        positions.get(parent).copied().ok_or_else(unknown)
    };
    let parents = line.parents.iter().map(position).collect::<Result<_, _>>()?;
    let time = Nanotime::from_secs(line.time).map_err(|error| error.to_string())?;
    let Line { id, author, change, delete, .. } = line;
    Ok((id, Commit { author, time, parents, change, delete }))
}

/// serde_json counts lines within the one line that it was given; only the column says something.
fn located(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    format!("{message} at column {}", error.column())
}

fn broken(number: u64, error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return format!("line {number}: the gzip stream ends too early; get the whole file");
    }
    format!("line {number}: {error}")
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
