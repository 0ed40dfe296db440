//! Which indexes a repo has: one row.
//!
//! ```text
//! row     := `d` → next number, index*
//! entry   := `e`, number (varint), value per part, key → nothing
//! residue := `e`, number (varint), fe, key → nothing
//! ```

use super::super::rows;
use dronestore_core::bytes::put_varint;
use dronestore_core::query::index::{IndexDefinition, RESIDUE, part};
use dronestore_core::schema::Column;
use dronestore_core::store::Snapshot;
use dronestore_core::{Error, Result, value};
use serde::{Deserialize, Serialize};
use std::any::TypeId;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

/// All indexes, as of one moment.
#[derive(Default)]
pub(crate) struct Catalog {
    next: u32,
    pub(crate) entries: Vec<Arc<Entry>>,
    /// The row that it was read from.
    bytes: Vec<u8>,
    /// Which of them each model can be asked by.
    usable: RwLock<HashMap<TypeId, Arc<[usize]>>>,
}

/// One index.
pub(crate) struct Entry {
    pub(crate) number: u32,
    pub(crate) definition: IndexDefinition,
    pub(crate) state: State,
    /// Whether it has ever held an object that could not be read.
    pub(crate) has_residue: bool,
    pub(crate) columns: Vec<Column>,
    /// What its rows begin with.
    pub(crate) prefix: Vec<u8>,
}

/// How far an index is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It holds every object.
    Ready,
    /// It holds every object up to this key, and of those behind it what was written since.
    Building(Vec<u8>),
    /// Its rows are being taken away, to be built again or not.
    Dropping { again: bool },
}

#[derive(Serialize, Deserialize)]
struct Stored {
    next: u32,
    indexes: Vec<StoredEntry>,
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    number: u32,
    of: IndexDefinition,
    state: State,
    residue: bool,
}

impl Entry {
    fn new(stored: StoredEntry) -> Entry {
        let StoredEntry { number, of, state, residue } = stored;
        let mut prefix = vec![rows::ENTRIES];
        put_varint(&mut prefix, u64::from(number));
        Entry { number, columns: of.columns(), definition: of, state, has_residue: residue, prefix }
    }

    fn stored(&self) -> StoredEntry {
        let (of, state) = (self.definition.clone(), self.state.clone());
        StoredEntry { number: self.number, of, state, residue: self.has_residue }
    }

    /// The same in another state.
    pub(crate) fn with(&self, state: State, has_residue: bool) -> Entry {
        Entry::new(StoredEntry { state, residue: has_residue, ..self.stored() })
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    /// Whether writes keep it right.
    pub(crate) fn is_kept(&self) -> bool {
        !matches!(self.state, State::Dropping { .. })
    }

    /// All its rows.
    pub(crate) fn range(&self) -> Range<Vec<u8>> {
        self.prefix.clone()..[&self.prefix[..], &[0xff]].concat()
    }

    /// Where the first `parts` values of a row end; the residue counts as one. `None` where the row has no such.
    pub(crate) fn end_of(&self, row: &[u8], parts: usize) -> Option<usize> {
        let mut at = self.prefix.len();
        if *row.get(at)? == RESIDUE {
            return Some(at + 1);
        }
        for _ in 0..parts {
            at += part(row.get(at..)?).0;
        }
        Some(at)
    }

    /// The encoded key of a row's object.
    pub(crate) fn key_of<'r>(&self, row: &'r [u8]) -> Result<&'r [u8]> {
        let key = self.end_of(row, self.definition.parts.len()).and_then(|end| row.get(end..));
        key.ok_or_else(|| Error::corrupt(format!("a row of the index {} has no key", self.definition)))
    }
}

impl Catalog {
    /// What the store has.
    pub(crate) fn read(snapshot: &dyn Snapshot) -> Result<Arc<Catalog>> {
        match snapshot.get(rows::INDEXES)? {
            Some(bytes) => Catalog::parse(&bytes).map(Arc::new),
            None => Ok(Arc::default()),
        }
    }

    /// The same, where it is not what is known already.
    pub(crate) fn read_again(known: &Arc<Catalog>, snapshot: &dyn Snapshot) -> Result<Arc<Catalog>> {
        match snapshot.get(rows::INDEXES)? {
            Some(bytes) if *bytes == *known.bytes => Ok(known.clone()),
            Some(bytes) => Catalog::parse(&bytes).map(Arc::new),
            None if known.bytes.is_empty() => Ok(known.clone()),
            None => Ok(Arc::default()),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Catalog> {
        let read = || {
            value::check(bytes)?;
            value::decode::<Stored>(bytes)
        };
        let stored = read().map_err(|error: Error| error.at("the list of indexes"))?;
        let entries = stored.indexes.into_iter().map(|entry| Arc::new(Entry::new(entry))).collect();
        Ok(Catalog { next: stored.next, entries, bytes: bytes.to_vec(), usable: RwLock::default() })
    }

    /// The row, as it is to be written.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The one of this number.
    pub(crate) fn entry(&self, number: u32) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|entry| entry.number == number)
    }

    /// The one of this definition.
    pub(crate) fn of(&self, definition: &IndexDefinition) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|entry| entry.definition == *definition)
    }

    fn with_entries(next: u32, entries: Vec<Arc<Entry>>) -> Result<Arc<Catalog>> {
        let stored = Stored { next, indexes: entries.iter().map(|entry| entry.stored()).collect() };
        let bytes = value::encode(&stored)?;
        Ok(Arc::new(Catalog { next, entries, bytes, usable: RwLock::default() }))
    }

    /// With one more.
    pub(crate) fn with_new(&self, definition: IndexDefinition, state: State) -> Result<Arc<Catalog>> {
        let mut entries = self.entries.clone();
        let stored = StoredEntry { number: self.next, of: definition, state, residue: false };
        entries.push(Arc::new(Entry::new(stored)));
        Catalog::with_entries(self.next + 1, entries)
    }

    /// With one in another state, or without it.
    pub(crate) fn with_changed(
        &self,
        number: u32,
        change: impl Fn(&Entry) -> Option<Entry>,
    ) -> Result<Arc<Catalog>> {
        let changed = |entry: &Arc<Entry>| match entry.number == number {
            true => change(entry).map(Arc::new),
            false => Some(entry.clone()),
        };
        Catalog::with_entries(self.next, self.entries.iter().filter_map(changed).collect())
    }

    /// The places of those that a model can be asked by; found out once.
    pub(crate) fn usable(&self, model: TypeId, find: impl FnOnce(&Catalog) -> Vec<usize>) -> Arc<[usize]> {
        if let Some(known) = self.usable.read().unwrap_or_else(PoisonError::into_inner).get(&model) {
            return known.clone();
        }
        let found: Arc<[usize]> = find(self).into();
        self.usable.write().unwrap_or_else(PoisonError::into_inner).insert(model, found.clone());
        found
    }
}
