//! Upkeep: what a batch changes in the indexes of its objects.

use super::super::changes::Mask;
use super::super::conflicts::Heads;
use super::super::query::read_column;
use super::super::staged::Staged;
use super::super::transaction::Transaction;
use super::super::{decisions_kind, rows};
use super::catalog::{Catalog, Entry, State};
use super::entries::Entries;
use crate::given::Given;
use dronestore_core::query::index::RESIDUE;
use dronestore_core::schema::{Cells, Column, Pass, Schema};
use dronestore_core::value::Cell;
use dronestore_core::{Error, Key, Result, Version};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

/// What a transaction does to indexes besides keeping them right.
#[derive(Default)]
pub(crate) struct Indexing {
    /// Rows of what is being built or taken away.
    pub(crate) entries: Entries,
    /// Whether there are other indexes than before, or in other states.
    pub(crate) is_changed: bool,
    /// The rows of heads that are written here, and not by a merge: where an index is unique they are held to it.
    pub(crate) own: Vec<Vec<u8>>,
}

impl Indexing {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.is_changed
    }
}

/// The rows of indexes that one object has: number by number, each in order.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    /// Where each row ends.
    rows: Vec<(usize, usize)>,
}

impl Rows {
    fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }

    fn get(&self, (start, end): (usize, usize)) -> &[u8] {
        &self.bytes[start..end]
    }

    /// In order, each once.
    fn sort(&mut self) {
        if self.rows.len() > 1 {
            let bytes = &self.bytes;
            self.rows.sort_unstable_by(|a, b| bytes[a.0..a.1].cmp(&bytes[b.0..b.1]));
            self.rows.dedup_by(|a, b| bytes[a.0..a.1] == bytes[b.0..b.1]);
        }
    }

    /// Those that an index has of a version. Says whether it could be read.
    fn fill(
        &mut self,
        entry: &Entry,
        version: &Version,
        heads: &impl Heads,
        known: Known<'_>,
        scratch: &mut Vec<u8>,
    ) -> Result<bool> {
        self.clear();
        let mut is_read = true;
        let Rows { bytes, rows } = self;
        values_of(entry, version, heads, known, scratch, &mut |values| {
            is_read &= values != [RESIDUE];
            let start = bytes.len();
            bytes.extend_from_slice(&entry.prefix);
            bytes.extend_from_slice(values);
            bytes.extend_from_slice(version.key().as_encoded());
            rows.push((start, bytes.len()));
        })?;
        self.sort();
        Ok(is_read)
    }
}

/// What the columns of an index read as, where that was found out for several indexes at once.
pub(super) type Known<'v> = Option<&'v [Option<Cell<'v>>]>;

/// Calls this with the values of each row that an index has of a version; one that is deleted has none.
///
/// # Errors
/// Where the store cannot be read. A value that cannot be read makes a row of its own kind, and is no error.
pub(super) fn values_of(
    entry: &Entry,
    version: &Version,
    heads: &impl Heads,
    known: Known<'_>,
    scratch: &mut Vec<u8>,
    each: &mut dyn FnMut(&[u8]),
) -> Result<()> {
    if version.is_deleted() {
        return Ok(());
    }
    scratch.clear();
    let schema = &entry.definition.schema;
    let heads = Noting { heads, failed: RefCell::default() };
    let mut read = |name: &str| {
        let place = entry.columns.iter().position(|column| column.name() == name);
        let Some((place, column)) = place.and_then(|place| Some((place, entry.columns.get(place)?))) else {
            return Ok(None);
        };
        if let Some(known) = known.and_then(|known| known.get(place)) {
            return Ok(known.as_ref().map(Cell::to_value));
        }
        Ok(read_column(&heads, version, schema, column)?.map(Cow::Owned))
    };
    entry.definition.rows(&mut read, scratch, each);
    heads.failed.into_inner().map_or(Ok(()), Err)
}

/// Notes that the store could not be read, which says nothing of the value.
struct Noting<'h, H> {
    heads: &'h H,
    failed: RefCell<Option<Error>>,
}

impl<H: Heads> Heads for Noting<'_, H> {
    fn version_of(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        self.heads.version_of(kind, key).map_err(|error| {
            let told = Error::new(error.kind(), "decisions cannot be read");
            *self.failed.borrow_mut() = Some(error);
            told
        })
    }

    fn given(&self) -> &Arc<Given> {
        self.heads.given()
    }
}

/// The store without what is staged.
struct Before<'t>(&'t Transaction<'t>);

impl Heads for Before<'_> {
    fn version_of(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        let bytes = self.0.snapshot.get(&rows::head(kind, key))?;
        bytes.map(|bytes| self.0.read_head(key, bytes)).transpose()
    }

    fn given(&self) -> &Arc<Given> {
        self.0.given()
    }
}

/// What is known of the indexes of the kind that the last object had.
struct OfKind<'c> {
    kind: String,
    entries: Vec<&'c Arc<Entry>>,
    /// The attributes that they keep, each once, and how they are read.
    columns: Vec<(&'c Schema, &'c Column)>,
    /// For the shape of this number, the attributes that they keep.
    mask: Option<(u32, Mask)>,
}

impl<'c> OfKind<'c> {
    fn new(kind: &str, catalog: &'c Catalog) -> OfKind<'c> {
        let of_kind = |entry: &&Arc<Entry>| entry.is_kept() && entry.definition.kind == kind;
        let entries: Vec<&Arc<Entry>> = catalog.entries.iter().filter(of_kind).collect();
        let mut columns: Vec<(&Schema, &Column)> = Vec::new();
        for entry in &entries {
            let schema = &entry.definition.schema;
            columns.extend(entry.columns.iter().map(|column| (schema, column)));
        }
        OfKind { kind: kind.to_owned(), entries, columns, mask: None }
    }

    /// What the attributes of a version read as, in one pass; nothing where that is not so simple.
    fn read<'v>(&self, version: &'v Version, pass: &mut Pass) -> Option<Cells<'v>> {
        if version.is_deleted() {
            return None;
        }
        pass.read(version.shape(), version.state_bytes(), self.columns.len(), |index| self.columns[index])
    }
}

impl Transaction<'_> {
    /// What the staged heads, and the decisions among them, change in the indexes.
    ///
    /// Cost: where no index is of a staged kind, a look at the list. Else two decodes of what the indexes keep, of what was there
    /// and of what comes, and nothing where none of that was written.
    pub(crate) fn keep_indexes(&mut self, decided: &[Version]) -> Result<Entries> {
        let mut entries = std::mem::take(&mut self.indexing.entries);
        let catalog = self.writer.indexes.clone();
        if !catalog.is_empty() {
            let mut residues = Vec::new();
            self.follow_heads(&catalog, decided, &mut entries, &mut residues)?;
            entries.sort();
            self.check_unique(&catalog, &entries)?;
            for number in residues {
                self.writer.indexes = self
                    .writer
                    .indexes
                    .with_changed(number, |entry| Some(entry.with(entry.state.clone(), true)))?;
                self.indexing.is_changed = true;
            }
        }
        Ok(entries)
    }

    pub(super) fn follow_heads(
        &self,
        catalog: &Catalog,
        decided: &[Version],
        entries: &mut Entries,
        residues: &mut Vec<u32>,
    ) -> Result<()> {
        let decisions = rows::heads_of_kind(decisions_kind());
        let decides = self.staged.iter().any(|staged| {
            decisions.start.as_slice() <= staged.row() && staged.row() < decisions.end.as_slice()
        });
        let mut of_kind = OfKind::new("", catalog);
        let (mut old, mut new, mut scratch) = (Rows::default(), Rows::default(), Vec::new());
        let (mut pass_old, mut pass_new) = (Pass::new(), Pass::new());
        for staged in self.staged.iter() {
            let (kind, key) =
                rows::split_head(staged.row()).ok_or_else(|| Error::corrupt("a head's row has no kind"))?;
            if of_kind.kind != kind {
                of_kind = OfKind::new(kind, catalog);
            }
            if of_kind.entries.is_empty() {
                continue;
            }
            let key = Key::from_encoded(key)?;
            let version = self.read_head(&key, staged.value().into())?;
            if !decides && !version.is_deleted() && !self.is_touched(staged, &mut of_kind)? {
                continue;
            }
            let before = match staged.before {
                Some(_) => {
                    self.snapshot.get(staged.row())?.map(|bytes| self.read_head(&key, bytes)).transpose()?
                }
                None => None,
            };
            let was = before.as_ref().and_then(|before| of_kind.read(before, &mut pass_old));
            let is = of_kind.read(&version, &mut pass_new);
            let mut from = 0;
            for entry in &of_kind.entries {
                let place = from..from + entry.columns.len();
                from = place.end;
                old.clear();
                if let Some(before) = &before {
                    let known = was.as_ref().and_then(|was| was.get(place.clone()));
                    old.fill(entry, before, &Before(self), known, &mut scratch)?;
                }
                let known = is.as_ref().and_then(|is| is.get(place));
                if !new.fill(entry, &version, self, known, &mut scratch)? && !entry.has_residue {
                    residues.push(entry.number);
                }
                differ(&old, &new, entries);
            }
        }
        for version in decided {
            let of_kind = OfKind::new(version.kind(), catalog);
            for entry in &of_kind.entries {
                old.fill(entry, version, &Before(self), None, &mut scratch)?;
                if !new.fill(entry, version, self, None, &mut scratch)? && !entry.has_residue {
                    residues.push(entry.number);
                }
                differ(&old, &new, entries);
            }
        }
        residues.sort_unstable();
        residues.dedup();
        Ok(())
    }

    /// Whether what was written may be in an index.
    fn is_touched(&self, staged: &Staged, of_kind: &mut OfKind<'_>) -> Result<bool> {
        if staged.before.is_none() || staged.number == 0 {
            return Ok(true);
        }
        let mask = match of_kind.mask {
            Some((number, mask)) if number == staged.number => mask,
            _ => {
                let shape = self.shape(staged.number)?;
                let kept = |name: &str| {
                    let mut attributes =
                        of_kind.entries.iter().flat_map(|entry| &entry.definition.schema.attributes);
                    attributes.any(|attribute| attribute.name == name || name.is_empty())
                };
                let names = (0..shape.len()).filter_map(|index| shape.head(index).map(|(name, _)| name));
                let mask = Mask::of(names.filter(|name| kept(name)), &shape);
                of_kind.mask = Some((staged.number, mask));
                mask
            }
        };
        Ok(staged.mask.meets(mask))
    }

    /// Makes the rows of an object for an index that is being built.
    pub(super) fn index_rows(&self, entry: &Entry, version: &Version, entries: &mut Entries) -> Result<bool> {
        let (mut rows, mut scratch) = (Rows::default(), Vec::new());
        let is_read = rows.fill(entry, version, self, None, &mut scratch)?;
        rows.rows.iter().for_each(|row| entries.push([rows.get(*row), &[]], true));
        Ok(is_read)
    }
}

/// Writes what only the new rows have, and takes away what only the old ones had.
fn differ(old: &Rows, new: &Rows, entries: &mut Entries) {
    let (mut left, mut right) = (old.rows.iter().peekable(), new.rows.iter().peekable());
    loop {
        let (a, b) = (left.peek().map(|row| old.get(**row)), right.peek().map(|row| new.get(**row)));
        match (a, b) {
            (None, None) => return,
            (Some(a), Some(b)) if a == b => {
                left.next();
                right.next();
            }
            (Some(a), b) if b.is_none_or(|b| a < b) => {
                entries.push([a, &[]], false);
                left.next();
            }
            (_, Some(b)) => {
                entries.push([b, &[]], true);
                right.next();
            }
            (Some(_), None) => left.next().map_or((), drop),
        }
    }
}

/// Which state an index begins in.
pub(super) fn first_state(is_new_kind: bool) -> State {
    if is_new_kind { State::Ready } else { State::Building(Vec::new()) }
}
