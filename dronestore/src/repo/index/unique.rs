//! Unique values: refused where it is known, listed where it came to be.

use super::super::conflicts::Heads;
use super::super::query::read_column;
use super::super::transaction::Transaction;
use super::super::view::View;
use super::super::{Repo, rows};
use super::catalog::{Catalog, Entry};
use super::entries::Entries;
use crate::drone::Drone;
use dronestore_core::query::index::RESIDUE;
use dronestore_core::store::{Direction, Range, prefix_end};
use dronestore_core::{Error, ErrorKind, Key, Nanotime, Result, Value, Version};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Objects that have the same values in fields that should be unique, because they were written apart.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UniqueViolation {
    /// The fields.
    pub fields: Vec<String>,
    /// Their values.
    pub values: Vec<Value>,
    /// Who claimed them first, and keeps them.
    pub keeper: Key,
    /// The others, in the order of their claims.
    pub others: Vec<Key>,
}

/// ``email = "a@b.c" belongs to `/User:ann`, and `/User:bob` has it too``.
impl fmt::Display for UniqueViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others: Vec<String> = self.others.iter().map(|key| format!("`{key}`")).collect();
        let values = shown(&self.fields, &self.values);
        write!(f, "{values} belongs to `{}`, and {} has it too", self.keeper, others.join(", "))
    }
}

fn shown(fields: &[String], values: &[Value]) -> String {
    let each: Vec<String> =
        fields.iter().zip(values).map(|(field, value)| format!("{field} = {value}")).collect();
    each.join(", ")
}

/// A write that takes what another object has.
pub(crate) struct Taken {
    pub(crate) kind: String,
    pub(crate) key: Key,
    /// The attributes that are unique.
    pub(crate) attributes: Vec<String>,
    /// In words.
    pub(crate) why: String,
}

impl Taken {
    pub(crate) fn error(&self) -> Error {
        Error::new(ErrorKind::Taken, self.why.clone())
    }
}

/// Since when an object has its values: the stamp of the write, then who made it.
type Claim = (Nanotime, String, u64);

/// The values that an object claims; `None` where it claims none: nothing was written, or null was.
fn claimed(entry: &Entry, version: &Version, heads: &impl Heads) -> Result<Option<Vec<Value>>> {
    let (mut values, mut is_written) = (Vec::new(), false);
    for part in &entry.definition.parts {
        let Some(column) = entry.columns.iter().find(|column| column.name() == part.attribute()) else {
            return Ok(None);
        };
        let value = match read_column(heads, version, &entry.definition.schema, column)? {
            Some(value) => {
                is_written = true;
                value
            }
            None => part.read(None).into_owned(),
        };
        if value.is_null() {
            return Ok(None);
        }
        values.push(value);
    }
    Ok(is_written.then_some(values))
}

/// Since when: the last of its values decides, and of each the write that won.
fn claim(entry: &Entry, version: &Version) -> Result<Claim> {
    let mut claim = (version.created(), String::new(), 0);
    for part in &entry.definition.parts {
        let schema = &entry.definition.schema;
        let of = |name: &str| schema.explain(version, name, |_| Ok(None));
        let mut explained = of(part.attribute())?;
        if explained.parts.is_empty() {
            // A member of the one object.
            explained = of("")?;
        }
        let wins = explained.parts.iter().flat_map(|part| &part.writes).filter(|write| write.wins);
        let stamps =
            wins.map(|write| Ok((write.time.parse::<Nanotime>()?, write.actor.clone(), write.sequence)));
        let stamps: Vec<Claim> = stamps.collect::<Result<_>>()?;
        claim = claim.max(stamps.into_iter().min().unwrap_or_default());
    }
    Ok(claim)
}

impl Transaction<'_> {
    /// Notes that a head was written here.
    pub(crate) fn note_own(&mut self, row: &[u8]) {
        if self.writer.indexes.entries.iter().any(|entry| entry.definition.unique) {
            self.indexing.own.push(row.to_vec());
        }
    }

    /// Refuses own writes that take what another object is known to have.
    pub(super) fn check_unique(&self, catalog: &Catalog, entries: &Entries) -> Result<()> {
        self.find_taken(catalog, entries)?.map_or(Ok(()), |taken| Err(taken.error()))
    }

    /// The first own write, as it is staged, that takes what another object is known to have.
    ///
    /// Cost: that of keeping the indexes of what is staged, once more; nothing where no index is unique.
    pub(crate) fn first_taken(&self) -> Result<Option<Taken>> {
        if self.indexing.own.is_empty() {
            return Ok(None);
        }
        let (catalog, mut entries) = (self.writer.indexes.clone(), Entries::default());
        self.follow_heads(&catalog, &[], &mut entries, &mut Vec::new())?;
        entries.sort();
        self.find_taken(&catalog, &entries)
    }

    fn find_taken(&self, catalog: &Catalog, entries: &Entries) -> Result<Option<Taken>> {
        if self.indexing.own.is_empty() {
            return Ok(None);
        }
        let own: BTreeSet<&[u8]> = self.indexing.own.iter().map(Vec::as_slice).collect();
        for entry in catalog.entries.iter().filter(|entry| entry.definition.unique && entry.is_kept()) {
            let rows = entries.iter().filter(|(row, is_put)| *is_put && row.starts_with(&entry.prefix));
            for (row, _) in rows {
                let key = Key::from_encoded(entry.key_of(row)?)?;
                if own.contains(&rows::head(&entry.definition.kind, &key)[..])
                    && let Some(taken) = self.check_claim(entry, row, &key, entries)?
                {
                    return Ok(Some(taken));
                }
            }
        }
        Ok(None)
    }

    fn check_claim(&self, entry: &Entry, row: &[u8], key: &Key, entries: &Entries) -> Result<Option<Taken>> {
        let kind = &entry.definition.kind;
        let Some(ours) = self.version_of(kind, key)? else { return Ok(None) };
        let Some(values) = claimed(entry, &ours, self)? else { return Ok(None) };
        let start =
            entry.end_of(row, entry.definition.parts.len()).and_then(|end| row.get(..end)).unwrap_or(row);
        let end = prefix_end(start).unwrap_or_default();
        let mut others: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut cursor = self.snapshot.scan(Range::between(start, &end), Direction::Forward)?;
        while let Some((other, _)) = cursor.next()? {
            others.insert(entry.key_of(other)?.to_vec());
        }
        for (other, is_put) in entries.iter().filter(|(other, _)| other.starts_with(start)) {
            match is_put {
                true => drop(others.insert(entry.key_of(other)?.to_vec())),
                false => drop(others.remove(entry.key_of(other)?)),
            }
        }
        for other in others.iter().filter(|other| **other != key.as_encoded()) {
            let other = Key::from_encoded(other)?;
            let Some(theirs) = self.version_of(kind, &other)? else { continue };
            if claimed(entry, &theirs, self)?.as_ref() == Some(&values) {
                let fields: Vec<String> = entry.definition.parts.iter().map(ToString::to_string).collect();
                let values = shown(&fields, &values);
                let attributes =
                    entry.definition.parts.iter().map(|part| part.attribute().to_owned()).collect();
                let why = format!("`{key}` cannot have {values}: `{other}` has it, and it is unique");
                return Ok(Some(Taken { kind: kind.clone(), key: key.clone(), attributes, why }));
            }
        }
        Ok(None)
    }
}

impl Repo {
    /// The objects of a model that have the same values where these should be unique.
    ///
    /// A commit of what is known to be taken is refused. Replicas that are apart know nothing of one another, and a merge never
    /// fails: then both objects stay as they are, and are listed here until somebody gives one of them another value. Who claimed
    /// first keeps it: the one whose write has the smaller stamp, of equal ones that of the smaller actor. A device whose clock
    /// is behind claims as early as it says; a stamp is never more than a minute ahead of its device's own clock.
    ///
    /// What nobody has written claims nothing, and neither does null.
    ///
    /// # Errors
    /// As [`Repo::build_indexes`], which comes first. Cost: a walk over the rows of the unique indexes; objects are read where two
    /// agree.
    pub fn unique_violations<T: Drone>(&self) -> Result<Vec<UniqueViolation>> {
        self.build_indexes::<T>()?;
        let view = self.view()?;
        let catalog = self.inner.indexes.catalog(&*view.snapshot)?;
        let definitions = self.inner.indexes.declared::<T>()?;
        let mut violations = Vec::new();
        for definition in definitions.iter().filter(|definition| definition.unique) {
            if let Some(entry) = catalog.of(definition) {
                violations_of(entry, &view, &mut violations)?;
            }
        }
        Ok(violations)
    }
}

fn violations_of(entry: &Arc<Entry>, view: &View, found: &mut Vec<UniqueViolation>) -> Result<()> {
    let range = entry.range();
    let mut cursor = view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    let (mut group, mut keys): (Vec<u8>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
    loop {
        let next = cursor.next()?;
        let parts = entry.definition.parts.len();
        let values = next.and_then(|(row, _)| row.get(..entry.end_of(row, parts)?));
        if values != Some(&group[..]) {
            if keys.len() > 1 && group.last() != Some(&RESIDUE) {
                sort_out(entry, view, &keys, found)?;
            }
            keys.clear();
            group = values.unwrap_or_default().to_vec();
        }
        let Some((row, _)) = next else { return Ok(()) };
        keys.push(entry.key_of(row)?.to_vec());
    }
}

/// Of objects whose values begin alike, those that have the same ones.
fn sort_out(entry: &Entry, view: &View, keys: &[Vec<u8>], found: &mut Vec<UniqueViolation>) -> Result<()> {
    let mut claims: Vec<(Vec<Value>, Claim, Key)> = Vec::new();
    for key in keys {
        let key = Key::from_encoded(key)?;
        let Some(version) = view.head(&entry.definition.kind, &key)? else { continue };
        if let Some(values) = claimed(entry, &version, view)? {
            claims.push((values, claim(entry, &version)?, key));
        }
    }
    claims.sort();
    for same in claims.chunk_by(|(ours, ..), (theirs, ..)| ours == theirs) {
        let [(values, _, keeper), others @ ..] = same else { continue };
        if !others.is_empty() {
            found.push(UniqueViolation {
                fields: entry.definition.parts.iter().map(ToString::to_string).collect(),
                values: values.clone(),
                keeper: keeper.clone(),
                others: others.iter().map(|(_, _, key)| key.clone()).collect(),
            });
        }
    }
    Ok(())
}
