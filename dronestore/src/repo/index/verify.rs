//! Verifying indexes: every row is one of its object, and every object has its rows.

use super::super::view::View;
use super::super::{Repo, rows};
use super::catalog::{Catalog, Entry, State};
use super::upkeep::values_of;
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, Key, Result, Version};
use std::collections::BTreeSet;

impl Repo {
    /// Compares what the indexes have of one object with what they should have.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) naming the index and the object.
    pub(crate) fn verify_index_rows(catalog: &Catalog, view: &View, version: &Version) -> Result<()> {
        let kept =
            catalog.entries.iter().filter(|entry| entry.is_kept() && entry.definition.kind == version.kind());
        for entry in kept {
            let is_behind =
                matches!(&entry.state, State::Building(after) if version.key().as_encoded() > &after[..]);
            if is_behind {
                continue;
            }
            for row in rows_of(entry, version, view)? {
                if view.snapshot.get(&row)?.is_none() {
                    return Err(wrong(entry, &format!("lacks a row of {version}")));
                }
            }
        }
        Ok(())
    }

    /// Checks that each row of the indexes is one that its object should have; gives how many there are.
    ///
    /// # Errors
    /// As [`Repo::verify_index_rows`].
    pub(crate) fn verify_indexes(catalog: &Catalog, view: &View) -> Result<u64> {
        let mut count = 0;
        let all = rows::all(rows::ENTRIES);
        let mut cursor = view.snapshot.scan(Range::between(&all.start, &all.end), Direction::Forward)?;
        while let Some((row, _)) = cursor.next()? {
            let entry = catalog.entries.iter().find(|entry| row.starts_with(&entry.prefix));
            let entry =
                entry.ok_or_else(|| Error::corrupt("a row of an index belongs to none that is listed"))?;
            count += 1;
            if !entry.is_kept() {
                continue;
            }
            let key = Key::from_encoded(entry.key_of(row)?)?;
            let version = view.head(&entry.definition.kind, &key)?;
            let version =
                version.ok_or_else(|| wrong(entry, &format!("names `{key}`, which is not there")))?;
            if !rows_of(entry, &version, view)?.contains(row) {
                return Err(wrong(entry, &format!("has a row of {version} that it should not have")));
            }
        }
        Ok(count)
    }
}

fn rows_of(entry: &Entry, version: &Version, view: &View) -> Result<BTreeSet<Vec<u8>>> {
    let mut rows = BTreeSet::new();
    values_of(entry, version, view, None, &mut Vec::new(), &mut |values| {
        rows.insert([&entry.prefix, values, version.key().as_encoded()].concat());
    })?;
    Ok(rows)
}

fn wrong(entry: &Entry, what: &str) -> Error {
    Error::corrupt(format!("the index {} {what}; `rebuild_indexes` makes it anew", entry.definition))
}
