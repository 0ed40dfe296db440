//! Walks over objects: of one kind, or of every kind below a key.

use super::rows;
use super::view::View;
use crate::drone::Drone;
use crate::versioned::Versioned;
use dronestore_core::store::{Bytes, Cursor, Direction, Range, Snapshot};
use dronestore_core::{Error, Key, Result, Version};
use std::fmt;
use std::marker::PhantomData;

/// All objects of a kind that do not read as deleted, in the order of their keys, as of one moment.
pub struct Iter<T> {
    view: View,
    cursor: Box<dyn Cursor>,
    kind: PhantomData<fn() -> T>,
}

impl<T: Drone> Iter<T> {
    pub(crate) fn new(view: View) -> Result<Iter<T>> {
        let range = rows::heads_of_kind(T::KIND);
        let cursor = view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        Ok(Iter { view, cursor, kind: PhantomData })
    }
}

impl<T: Drone> Iter<T> {
    fn next_row(&mut self) -> Result<Option<(Key, Bytes)>> {
        let Some((row, bytes)) = self.cursor.next()? else { return Ok(None) };
        // The row is the kind, which is known, between two bytes, and then the key.
        let key = row.get(T::KIND.len() + 2..).ok_or_else(|| Error::corrupt("a head's row has no key"))?;
        Ok(Some((Key::from_encoded(key)?, bytes.into())))
    }
}

impl<T: Drone> Iterator for Iter<T> {
    type Item = Result<Versioned<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (key, bytes) = match self.next_row().transpose()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error)),
            };
            match self.view.read_head(key, bytes) {
                Ok(version) if version.is_deleted() => continue,
                Ok(version) => return Some(super::handle(&self.view, version)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// All versions at and below a key, of every kind, in the order of their keys, as of one moment.
pub struct Objects {
    view: View,
    /// For each kind its walk and the head that it stands on.
    walks: Vec<(Box<dyn Cursor>, Head)>,
    failed: Option<Error>,
}

/// A head's row, not yet read.
pub(crate) struct Head {
    pub(crate) kind: String,
    pub(crate) key: Key,
    pub(crate) bytes: Bytes,
}

impl Objects {
    pub(crate) fn new(view: View, below: &Key) -> Result<Objects> {
        view.inner.give_away();
        let (start, end) = below.range();
        let mut walks = Vec::new();
        for kind in kinds(&*view.snapshot)? {
            let range = rows::heads(&kind, &start..&end);
            let mut cursor =
                view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
            if let Some(head) = next_head(&mut *cursor)? {
                walks.push((cursor, head));
            }
        }
        Ok(Objects { view, walks, failed: None })
    }
}

impl Iterator for Objects {
    type Item = Result<Version>;

    fn next(&mut self) -> Option<Result<Version>> {
        if let Some(error) = self.failed.take() {
            self.walks.clear();
            return Some(Err(error));
        }
        let order = |(_, head): &(usize, &Head)| (head.key.clone(), head.kind.clone());
        let heads = self.walks.iter().map(|(_, head)| head).enumerate();
        let (least, _) = heads.min_by_key(order)?;
        let (cursor, head) = &mut self.walks[least];
        let found = match next_head(&mut **cursor) {
            Ok(Some(next)) => std::mem::replace(head, next),
            Ok(None) => self.walks.swap_remove(least).1,
            Err(error) => {
                self.failed = Some(error);
                self.walks.swap_remove(least).1
            }
        };
        Some(self.view.read_head(found.key, found.bytes))
    }
}

/// The kinds that have objects.
pub(crate) fn kinds(snapshot: &dyn Snapshot) -> Result<Vec<String>> {
    let range = rows::all(rows::KINDS);
    let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    let mut kinds = Vec::new();
    while let Some((row, _)) = cursor.next()? {
        let kind = std::str::from_utf8(&row[1..]);
        kinds
            .push(kind.map_err(|error| Error::corrupt("a kind is not UTF-8").with_source(error))?.to_owned());
    }
    Ok(kinds)
}

/// The next head of a walk.
pub(crate) fn next_head(cursor: &mut dyn Cursor) -> Result<Option<Head>> {
    let Some((row, bytes)) = cursor.next()? else { return Ok(None) };
    let (kind, key) = rows::split_head(row).ok_or_else(|| Error::corrupt("a head's row has no kind"))?;
    Ok(Some(Head { kind: kind.to_owned(), key: Key::from_encoded(key)?, bytes: bytes.into() }))
}

impl<T> fmt::Debug for Iter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("view", &self.view).finish_non_exhaustive()
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").field("view", &self.view).finish_non_exhaustive()
    }
}
