//! Replaying: every author is a replica, with its own repo in its own file.

use super::history::{Attributes, Commit, History};
use super::meet::Tally;
use dronestore::{Clock, Drone, Nanotime, Repo, Result};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Memory for each open file: a hundred and more are open at once.
pub(super) const CACHE_BYTES: usize = 1 << 20;

/// An object of the history. What type an attribute has is the history's affair: over the years it changes.
#[derive(Drone, Debug, Clone, PartialEq)]
pub(super) struct Record {
    #[merge(map(latest))]
    pub(super) attributes: Attributes,
}

/// What the clock of whoever is at work says: the history's times, which also go back at times.
#[derive(Debug, Clone, Default)]
pub(super) struct AuthorsClock(Arc<AtomicU64>);

impl AuthorsClock {
    fn set(&self, time: Nanotime) {
        self.0.store(time.as_nanos(), Ordering::Relaxed);
    }
}

impl Clock for AuthorsClock {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// The replicas by author.
pub(super) type Replicas = BTreeMap<u64, Repo>;

/// Opens a repo for each author, all of one database: `DIR/author-7.drone`.
///
/// # Errors
/// As [`Repo::open`].
pub(super) fn open(history: &History, folder: &Path, clock: &AuthorsClock) -> Result<Replicas> {
    let mut replicas = Replicas::new();
    for author in history.authors() {
        let file = folder.join(format!("author-{author}.drone"));
        let mut builder = Repo::builder().path(file).cache_bytes(CACHE_BYTES).clock(clock.clone());
        if let Some(first) = replicas.values().next() {
            builder = builder.replica_of(first);
        }
        replicas.insert(author, builder.open()?);
    }
    Ok(replicas)
}

/// Makes all commits in order: the author takes in what the authors of the parents have by then, and edits.
///
/// # Errors
/// The commit at fault, by its place in the history.
pub(super) fn replay(
    history: &History,
    replicas: &Replicas,
    clock: &AuthorsClock,
    tally: &mut Tally,
    bar: &ProgressBar,
) -> Result<()> {
    for (place, commit) in history.commits.iter().enumerate() {
        let Some(repo) = replicas.get(&commit.author) else { continue };
        let parents = history.parents_authors(commit).into_iter().filter(|author| *author != commit.author);
        for parent in parents.filter_map(|author| replicas.get(&author)) {
            tally.merge(repo, parent)?;
        }
        write(repo, clock, commit).map_err(|error| error.at(format!("commit {place}")))?;
        bar.inc(1);
    }
    Ok(())
}

/// Writes one commit's edits in one durable transaction.
///
/// # Errors
/// As [`Repo::transaction`].
pub(super) fn write(repo: &Repo, clock: &AuthorsClock, commit: &Commit) -> Result<()> {
    if commit.change.is_empty() && commit.delete.is_empty() {
        return Ok(());
    }
    clock.set(commit.time);
    repo.transaction(|transaction| {
        for (name, change) in &commit.change {
            transaction.update::<Record>(name.as_str(), |record| {
                change.apply(&mut record.attributes);
                Ok(())
            })?;
        }
        for name in &commit.delete {
            transaction.delete::<Record>(name.as_str())?;
        }
        Ok(())
    })
}
