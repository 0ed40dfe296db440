//! Summary: what a bundle says of itself, in its head.

use crate::repo::{Count, DatabaseId, Point};
use crate::sync::Scope;
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::{ActorId, Error, Hash, Nanotime, Result};
use std::fmt;

/// How many kinds a head lists.
pub(crate) const MOST_KINDS: usize = 1000;

/// What a bundle says of itself: who made it, when, what is in it. Reading it needs the beginning of the file only.
///
/// It is what the maker said; what counts is in the blocks, and they are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Whose repo it came from, at which point; a later bundle can go on from there.
    pub point: Point,
    /// The point since which it has what has changed; `None`: it has everything.
    pub since: Option<Point>,
    /// Which part of the repo it is of.
    pub scope: Scope,
    /// When it was made, by the clock of its maker.
    pub made: Nanotime,
    /// How many objects are in it, deleted ones too.
    pub objects: u64,
    /// How many of each kind, in the order of kinds; of more than 1,000 kinds the first.
    pub kinds: Vec<(String, u64)>,
    /// How many schemas are in it.
    pub schemas: u64,
    /// How many objects the repo held.
    pub repo_objects: u64,
    /// The hash that the repo had.
    pub repo_hash: Hash,
}

impl Summary {
    /// Which database it is of.
    pub fn database(&self) -> DatabaseId {
        self.point.database
    }

    /// Whose repo it came from.
    pub fn actor(&self) -> ActorId {
        self.point.actor
    }

    /// Whether it has everything that the repo held: a new replica can begin with it.
    pub fn is_full(&self) -> bool {
        self.since.is_none() && self.scope.is_everything()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = self.point.database.as_bytes().to_vec();
        put_point(&mut out, &self.point);
        out.extend_from_slice(&self.made.as_nanos().to_be_bytes());
        put_varint(&mut out, self.repo_objects);
        out.extend_from_slice(self.repo_hash.as_bytes());
        let has_scope = !self.scope.is_everything();
        out.push(u8::from(self.since.is_some()) | u8::from(has_scope) << 1);
        if let Some(since) = &self.since {
            put_point(&mut out, since);
        }
        if has_scope {
            put_slice(&mut out, &self.scope.encode());
        }
        put_varint(&mut out, self.objects);
        put_varint(&mut out, self.schemas);
        for (kind, count) in &self.kinds {
            put_slice(&mut out, kind.as_bytes());
            put_varint(&mut out, *count);
        }
        out
    }

    /// Reads what [`Summary::encode`] wrote, and nothing else.
    pub(super) fn decode(bytes: &[u8]) -> Result<Summary> {
        let mut reader = Reader::new(bytes);
        let database = DatabaseId::from_bytes(reader.array()?);
        let point = take_point(&mut reader, database)?;
        let made = Nanotime::from_nanos(u64::from_be_bytes(reader.array()?));
        let (repo_objects, repo_hash) = (reader.varint()?, Hash::from_bytes(reader.array()?));
        let parts = reader.byte()?;
        if parts > 3 {
            return Err(Error::corrupt("the head of a bundle says neither that it is full nor since when"));
        }
        let since = if parts & 1 == 1 { Some(take_point(&mut reader, database)?) } else { None };
        let scope = if parts & 2 == 2 { Scope::decode(reader.slice()?)? } else { Scope::everything() };
        if parts & 2 == 2 && scope.is_everything() {
            return Err(Error::corrupt("the head of a bundle names a part that is all"));
        }
        let (objects, schemas) = (reader.varint()?, reader.varint()?);
        let mut kinds: Vec<(String, u64)> = Vec::new();
        while !reader.is_empty() {
            let (kind, count) = (reader.text()?, reader.varint()?);
            if kinds.len() == MOST_KINDS || kinds.last().is_some_and(|(last, _)| last.as_str() >= kind) {
                return Err(Error::corrupt("the kinds in the head of a bundle are too many or not in order"));
            }
            kinds.push((kind.to_owned(), count));
        }
        Ok(Summary { point, since, scope, made, objects, kinds, schemas, repo_objects, repo_hash })
    }
}

fn put_point(out: &mut Vec<u8>, point: &Point) {
    out.extend_from_slice(point.actor.as_bytes());
    out.extend_from_slice(point.mark());
}

fn take_point(reader: &mut Reader<'_>, database: DatabaseId) -> Result<Point> {
    Ok(Point::new(database, ActorId::from_bytes(reader.array()?), reader.array()?))
}

/// `all 250 objects (Note 200, Tag 50) of database 1f9c02aa, by 3b44… at 2026-11-21T17:57:20Z`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.since {
            None if !self.scope.is_everything() => {
                write!(f, "{} within {}", Count(self.objects, "object"), self.scope)?
            }
            None => write!(f, "all {}", Count(self.objects, "object"))?,
            Some(_) => write!(f, "{} of {}", Count(self.objects, "changed object"), self.repo_objects)?,
        }
        if self.since.is_some() && !self.scope.is_everything() {
            write!(f, " within {}", self.scope)?;
        }
        for (index, (kind, count)) in self.kinds.iter().enumerate() {
            write!(f, "{}{kind} {count}", if index == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.kinds.is_empty() { "" } else { ")" })?;
        write!(f, " of database {}, by {} at {}", self.database(), self.actor(), self.made)
    }
}
