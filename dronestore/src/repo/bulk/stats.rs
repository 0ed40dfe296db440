//! Stats: how much there is of what, in one pass over all rows.

use super::progress::{Listener, Progress};
use crate::repo::{Repo, rows};
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, Key, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Rows of one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Amount {
    /// How many.
    pub rows: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.rows += 1;
        self.bytes += bytes;
    }
}

/// What there is of a kind: bytes as they are handed to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct KindStats {
    /// Objects that do not read as deleted.
    pub objects: u64,
    /// Objects that do.
    pub deleted: u64,
    /// Keys of rows: the object's key and the kind.
    pub keys: u64,
    /// Attributes, with what each entry says of its dot.
    pub values: u64,
    /// The rest of a row: hash, number of the shape, tips, context, table of dots.
    pub metadata: u64,
    /// The most actors that one object has seen.
    pub actors: u64,
}

impl KindStats {
    /// All bytes of the kind's rows.
    pub fn bytes(&self) -> u64 {
        self.keys + self.values + self.metadata
    }
}

/// How much a repo holds, kind by kind and by what it serves. Displayed as a table; serialized as data.
///
/// ```
/// # use dronestore::{Drone, Repo};
/// # #[derive(Drone, Default)] struct Note { #[merge(latest)] text: String }
/// let repo = Repo::memory()?;
/// repo.import((0..10).map(|number| (number.to_string(), Note { text: "milk".repeat(100) })))?;
/// let stats = repo.stats()?;
/// assert_eq!((stats.objects(), stats.kinds["Note"].objects), (10, 10));
/// assert!(stats.kinds["Note"].values > 4000 && stats.kinds["Note"].metadata < 2000);
/// println!("{stats}");
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// What there is of each kind.
    pub kinds: BTreeMap<String, KindStats>,
    /// Shapes, schemas, and the list of kinds.
    pub schemas: Amount,
    /// The change log.
    pub log: Amount,
    /// The index of conflicts.
    pub conflicts: Amount,
    /// Indexes of attributes.
    pub indexes: Amount,
    /// Commits and earlier versions.
    pub history: Amount,
    /// Branches, and what they have of their own.
    pub branches: Amount,
    /// Versions set aside because they fork.
    pub forks: Amount,
    /// What is remembered of peers and shared folders.
    pub peers: Amount,
    /// Where the repo lives and who it is, and rows of a later version of this library.
    pub other: Amount,
    /// What the store takes up where it is kept, if that can be told: beside the rows its own order, and room that is free.
    pub stored: Option<u64>,
}

impl Stats {
    /// Objects of all kinds that do not read as deleted.
    pub fn objects(&self) -> u64 {
        self.kinds.values().map(|kind| kind.objects).sum()
    }

    /// Objects of all kinds that read as deleted.
    pub fn deleted(&self) -> u64 {
        self.kinds.values().map(|kind| kind.deleted).sum()
    }

    /// Bytes of all rows.
    pub fn bytes(&self) -> u64 {
        let kinds: u64 = self.kinds.values().map(KindStats::bytes).sum();
        kinds + self.beside().iter().map(|(_, amount)| amount.bytes).sum::<u64>()
    }

    /// What is not objects, by what it serves.
    fn beside(&self) -> [(&'static str, Amount); 9] {
        [
            ("shapes and schemas", self.schemas),
            ("change log", self.log),
            ("index of conflicts", self.conflicts),
            ("indexes", self.indexes),
            ("history", self.history),
            ("branches", self.branches),
            ("set aside", self.forks),
            ("peers and folders", self.peers),
            ("other", self.other),
        ]
    }

    /// Where rows with this first byte are counted.
    fn beside_of(&mut self, row: u8) -> &mut Amount {
        match row {
            rows::SHAPES | rows::SCHEMAS | rows::KINDS | b'i' => &mut self.schemas,
            rows::LOG => &mut self.log,
            rows::CONFLICTS => &mut self.conflicts,
            b'd' | b'e' => &mut self.indexes,
            b'g' | b'h' => &mut self.history,
            rows::BRANCHES => &mut self.branches,
            rows::FORKS => &mut self.forks,
            rows::PEERS | rows::SHARED => &mut self.peers,
            _ => &mut self.other,
        }
    }
}

impl Repo {
    /// Counts all that the repo holds, as of one moment: objects and bytes, by kind and by what they serve.
    ///
    /// What sync keeps in memory beside the repo is in no row, and not counted.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where a row is none of ours; as [`Repo::view`].
    ///
    /// Cost: one pass over all rows; memory grows with the number of kinds alone.
    pub fn stats(&self) -> Result<Stats> {
        self.stats_with(|_| {})
    }

    /// As [`Repo::stats`]; `progress` is told of every thousandth object, and at the end.
    ///
    /// # Errors
    /// As [`Repo::stats`]. Cost: the same.
    pub fn stats_with(&self, progress: impl FnMut(&Progress)) -> Result<Stats> {
        let view = self.view()?;
        let mut listener = Listener::new(progress);
        let mut told = Progress { total: Some(self.len()), ..Progress::default() };
        let mut stats = Stats { stored: self.inner.store.size()?, ..Stats::default() };
        let mut cursor = view.snapshot.scan(Range::ALL, Direction::Forward)?;
        let mut last: Option<(String, KindStats)> = None;
        while let Some((row, value)) = cursor.next()? {
            let bytes = (row.len() + value.len()) as u64;
            told.bytes += bytes;
            if row.first() != Some(&rows::HEADS) {
                stats.beside_of(row.first().copied().unwrap_or_default()).add(bytes);
                continue;
            }
            let (kind, key) =
                rows::split_head(row).ok_or_else(|| Error::corrupt("a head's row has no kind"))?;
            // Heads stand kind by kind.
            if last.as_ref().is_none_or(|(last, _)| last != kind) {
                stats.kinds.extend(last.replace((kind.to_owned(), KindStats::default())));
            }
            let Some((_, counted)) = &mut last else { continue };
            let version = view.read_head(Key::from_encoded(key)?, value.into())?;
            let attributes = version.attribute_bytes() as u64;
            match version.is_deleted() {
                true => counted.deleted += 1,
                false => counted.objects += 1,
            }
            counted.keys += row.len() as u64;
            counted.values += attributes;
            counted.metadata += value.len() as u64 - attributes;
            counted.actors = counted.actors.max(version.context().entries().len() as u64);
            told.objects += 1;
            listener.step(&told);
        }
        stats.kinds.extend(last);
        listener.tell(&told);
        Ok(stats)
    }
}

/// Two tables: the kinds, and what there is beside them.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds = vec![["KIND", "OBJECTS", "DELETED", "KEYS", "VALUES", "METADATA"].map(str::to_owned)];
        for (kind, counted) in &self.kinds {
            let KindStats { objects, deleted, keys, values, metadata, .. } = counted;
            let numbers = [objects, deleted, keys, values, metadata].map(u64::to_string);
            let [objects, deleted, keys, values, metadata] = numbers;
            kinds.push([kind.clone(), objects, deleted, keys, values, metadata]);
        }
        if kinds.len() > 1 {
            lay_out(f, &kinds)?;
        }
        let mut beside = vec![["FOR", "ROWS", "BYTES"].map(str::to_owned)];
        let objects = Amount {
            rows: self.objects() + self.deleted(),
            bytes: self.kinds.values().map(KindStats::bytes).sum(),
        };
        let there = self.beside().into_iter().filter(|(_, amount)| amount.rows > 0);
        for (what, Amount { rows, bytes }) in [("objects", objects)].into_iter().chain(there) {
            beside.push([what.to_owned(), rows.to_string(), bytes.to_string()]);
        }
        if let Some(stored) = self.stored {
            beside.push(["stored".to_owned(), String::new(), stored.to_string()]);
        }
        lay_out(f, &beside)
    }
}

/// Names to the left, numbers to the right.
fn lay_out<const N: usize>(f: &mut fmt::Formatter<'_>, rows: &[[String; N]]) -> fmt::Result {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    for row in rows {
        write!(f, "{:<width$}", row[0], width = width(0))?;
        for (column, cell) in row.iter().enumerate().skip(1) {
            write!(f, "  {cell:>width$}", width = width(column))?;
        }
        f.write_str("\n")?;
    }
    Ok(())
}
