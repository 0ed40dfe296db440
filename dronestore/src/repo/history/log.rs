//! Log: the changes of one object, the newest first, and the graph that they are.

use super::entry::{Change, Entry};
use super::run::{Made, Run, Runs};
use crate::drone::Drone;
use crate::versioned::Versioned;
use dronestore_core::schema::Schema;
use dronestore_core::strategy::Reading;
use dronestore_core::version::{Commit, TipCommit};
use dronestore_core::{Hash, Key, Nanotime, Result, Value, Version};
use std::fmt;

/// How many bytes of versions are made again at once.
const MOST_BYTES: usize = 16 << 20;

/// One change of an object, as this repo's history tells it.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// The number of the change: one more than that of the change before, from 0.
    pub number: u64,
    /// The hash of the version that came of it.
    pub version: Hash,
    /// The versions that it came of, as far as they were here: for a commit the one that its author had loaded, and the one
    /// that stood here if that was another.
    pub parents: Vec<Hash>,
    /// When it came to stand here: for a commit of this repo its stamp.
    pub time: Nanotime,
    /// The commit, where it is one; `None` where several came at once, or what came met what stood here.
    pub commit: Option<Commit>,
    /// Whether it came from another repo, by a merge or sync.
    pub arrived: bool,
    /// The commits that nobody had built on when it came, and that were new here: who made what this is, and when.
    pub authors: Vec<TipCommit>,
    /// How many commits it is at least: several where they were kept as one change.
    pub commits: u64,
    /// The fields that read otherwise than before, by their stored names.
    pub changes: Vec<FieldDiff>,
    before: Option<Version>,
    after: Version,
}

/// A field that reads otherwise than before.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDiff {
    /// The stored name.
    pub name: String,
    /// The strategy, as in `#[merge(…)]`.
    pub strategy: String,
    /// What it read as before; `None` where nothing was written, or only code that is not here can read it.
    pub old: Option<Value>,
    /// What it reads as since.
    pub new: Option<Value>,
}

impl LogEntry {
    /// The version that came of it.
    pub fn after(&self) -> &Version {
        &self.after
    }

    /// The version that stood here before; `None` where there was no object.
    pub fn before(&self) -> Option<&Version> {
        self.before.as_ref()
    }

    /// The object as it stood after the change; `None` where it read as deleted.
    ///
    /// # Errors
    /// As [`Versioned::from_version`].
    pub fn became<T: Drone>(&self) -> Result<Option<Versioned<T>>> {
        typed(Some(&self.after))
    }

    /// The object as it stood before the change; `None` where there was none.
    ///
    /// # Errors
    /// As [`Versioned::from_version`].
    pub fn was<T: Drone>(&self) -> Result<Option<Versioned<T>>> {
        typed(self.before.as_ref())
    }

    fn made(
        (before, made): (&Option<Version>, &Made),
        (run, number): (&Run, usize),
        schema: Option<&Schema>,
    ) -> Result<LogEntry> {
        let (entry, (after, commit)) = (&run.entries[number], made);
        let seen = before.as_ref().map(Version::context).unwrap_or_default();
        let mut authors = after.tips();
        authors.retain(|tip| !seen.contains(&tip.dot));
        let commit = commit.clone().filter(|commit| commit.hash != Hash::ZERO);
        let mut parents: Vec<Hash> = commit.iter().map(|commit| commit.parent).collect();
        parents.extend(before.as_ref().map(Version::hash));
        parents.dedup();
        parents.retain(|parent| *parent != Hash::ZERO);
        Ok(LogEntry {
            number: run.first.wrapping_add(number as u64),
            version: after.hash(),
            parents,
            time: entry.time,
            commit,
            arrived: entry.arrived,
            authors,
            commits: entry.commits(),
            changes: changes_among(before.as_ref(), after, schema, written(entry, before.as_ref()))?,
            before: before.clone(),
            after: after.clone(),
        })
    }
}

fn typed<T: Drone>(version: Option<&Version>) -> Result<Option<Versioned<T>>> {
    let there = version.filter(|version| !version.is_deleted());
    there.map(|version| Versioned::from_version(version.clone())).transpose()
}

/// The attributes that an entry wrote, where no other can read otherwise: of commits on what stood there.
fn written<'e>(entry: &'e Entry, before: Option<&Version>) -> Option<Vec<&'e str>> {
    match (&entry.change, before) {
        (Change::Step(step), Some(before)) if !before.is_deleted() => {
            Some(step.wrote.iter().map(|wrote| wrote.name.as_str()).collect())
        }
        _ => None,
    }
}

/// The fields that read otherwise, by what is known of the kind.
pub(in crate::repo) fn changes(
    before: Option<&Version>,
    after: &Version,
    schema: Option<&Schema>,
) -> Result<Vec<FieldDiff>> {
    changes_among(before, after, schema, None)
}

/// As [`changes`], of these attributes, where others cannot have changed.
fn changes_among(
    before: Option<&Version>,
    after: &Version,
    schema: Option<&Schema>,
    among: Option<Vec<&str>>,
) -> Result<Vec<FieldDiff>> {
    let mut found: Vec<(String, String, Reading, Reading)> = Vec::new();
    match before {
        Some(before) => {
            let is_among = |name: &str| among.as_ref().is_none_or(|among| among.contains(&name));
            let differing = before.diff_where(after, is_among)?.attributes.into_iter();
            found.extend(differing.map(|one| (one.name, one.strategy, one.ours, one.theirs)));
        }
        None => {
            let views = after.attributes()?.into_iter();
            found.extend(views.map(|view| (view.name, view.strategy, Reading::Default, view.reading)));
        }
    }
    let by_schema = |version: Option<&Version>, name: &str| match (version, schema) {
        (Some(version), Some(schema)) => schema.read(version, name),
        _ => Ok(None),
    };
    let read = |reading: Reading, version: Option<&Version>, name: &str| match reading {
        Reading::Value(value) => Ok(Some(value)),
        Reading::Default => Ok(None),
        // A declared strategy: how it reads stands in the schema.
        Reading::Unknown => by_schema(version, name),
    };
    let mut changes = Vec::with_capacity(found.len());
    for (name, strategy, old, new) in found {
        let (old, new) = (read(old, before, &name)?, read(new, Some(after), &name)?);
        changes.push(FieldDiff { name, strategy, old, new });
    }
    Ok(changes)
}

/// As `git log` shows it, with a line for each field: `age: 23 → 24`.
impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.arrived, self.authors.len()) {
            (false, _) => "commit",
            (true, 1) => "arrived",
            (true, _) => "merged",
        };
        write!(f, "{word} {:.8}", self.version)?;
        if self.commits > 1 {
            write!(f, " ({} commits)", self.commits)?;
        }
        writeln!(f)?;
        for author in &self.authors {
            writeln!(f, "Author: {:.8}:{}", author.dot.actor.to_string(), author.dot.sequence)?;
            if author.time != self.time {
                writeln!(f, "Made:   {}", author.time)?;
            }
        }
        writeln!(f, "Date:   {}", self.time)?;
        writeln!(f)?;
        let (was, is) = (self.before.as_ref().is_some_and(Version::is_deleted), self.after.is_deleted());
        match (&self.before, was, is) {
            (_, false, true) => writeln!(f, "    deleted")?,
            (_, true, false) => writeln!(f, "    brought back")?,
            (None, ..) => writeln!(f, "    created")?,
            _ => {}
        }
        self.changes.iter().try_for_each(|change| writeln!(f, "    {change}"))
    }
}

/// `age: 23 → 24`, `tags: nothing → ["a"]`.
impl fmt::Display for FieldDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), Value::to_string);
        write!(f, "{}: {} → {}", self.name, shown(&self.old), shown(&self.new))
    }
}

/// The changes of one object, the newest first.
pub struct Log {
    runs: Runs,
    key: Key,
    schema: Option<Schema>,
    /// The run that is told, and how many of its entries are still to be made again.
    run: Option<(Run, usize)>,
    /// Those made again, the oldest first.
    ready: Vec<LogEntry>,
    failed: bool,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({})", self.key)
    }
}

impl Log {
    pub(super) fn new(runs: Runs, key: Key, schema: Option<Schema>) -> Result<Log> {
        Ok(Log { runs, key, schema, run: None, ready: Vec::new(), failed: false })
    }

    fn step(&mut self) -> Result<Option<LogEntry>> {
        loop {
            if let Some(entry) = self.ready.pop() {
                return Ok(Some(entry));
            }
            let (run, left) = match self.run.take() {
                Some((run, left)) if left > 0 => (run, left),
                _ => match self.runs.next()? {
                    Some(run) => {
                        let left = run.entries.len();
                        (run, left)
                    }
                    None => return Ok(None),
                },
            };
            let one = run.base.as_ref().map_or(1, |base| base.state.len().max(1));
            let from = left.saturating_sub((MOST_BYTES / one).max(1));
            let (ready, schema) = (&mut self.ready, self.schema.as_ref());
            run.replay(&self.key, left, |number, before, made| {
                if number >= from {
                    ready.push(LogEntry::made((before, made), (&run, number), schema)?);
                }
                Ok(())
            })?;
            self.run = Some((run, from));
        }
    }
}

impl Iterator for Log {
    type Item = Result<LogEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.step();
        self.failed = next.is_err();
        next.transpose()
    }
}

/// The versions of an object that stood here, and which came of which.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// The changes, the newest first.
    pub nodes: Vec<Node>,
}

/// One version in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The hash of the version.
    pub version: Hash,
    /// The versions that it came of.
    pub parents: Vec<Hash>,
    /// When it came to stand here.
    pub time: Nanotime,
    /// Whether it came from another repo.
    pub arrived: bool,
    /// The names of the fields that read otherwise than before.
    pub fields: Vec<String>,
}

impl Graph {
    pub(super) fn of(log: Log) -> Result<Graph> {
        let node = |entry: Result<LogEntry>| {
            let LogEntry { version, parents, time, arrived, changes, .. } = entry?;
            let fields = changes.into_iter().map(|change| change.name).collect();
            Ok(Node { version, parents, time, arrived, fields })
        };
        Ok(Graph { nodes: log.map(node).collect::<Result<_>>()? })
    }
}

/// A line for each version: `*` where a commit made it, `o` where it came; what it came of where that is not the next.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, node) in self.nodes.iter().enumerate() {
            let next = self.nodes.get(number + 1).map(|next| next.version);
            let mark = if node.arrived { 'o' } else { '*' };
            write!(f, "{mark} {:.8} {}  {}", node.version, node.time, node.fields.join(", "))?;
            for parent in node.parents.iter().filter(|parent| Some(**parent) != next) {
                write!(f, "  <- {parent:.8}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
