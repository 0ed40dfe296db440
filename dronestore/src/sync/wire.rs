//! Versions and schemas as they travel: shapes are written out once a session.
//!
//! ```text
//! body := 0, schema  |  1, sized shape, version  |  number of a shape + 2, version
//! version := sized key, hash: 32 bytes, state
//! ```

use crate::repo::rows;
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::schema::Schema;
use dronestore_core::version::Shape;
use dronestore_core::{Error, Hash, Key, Result, Version};
use std::collections::HashMap;
use std::sync::Arc;

/// The most bytes of a version that travels, and of its body.
pub(crate) const MAX_VERSION: usize = 32 << 20;
/// What a body may have beyond that.
pub(crate) const MAX_BODY: usize = MAX_VERSION + (4 << 10);
/// How many shapes get numbers, and how long they may be.
const NUMBERED: usize = 256;
const SHORT_SHAPE: usize = 4 << 10;
/// The longest schema.
const MAX_SCHEMA: usize = 1 << 20;

/// The shapes that went out.
#[derive(Default)]
pub(crate) struct Giving(HashMap<Hash, u64>);

impl Giving {
    /// Whether a version is short enough to travel.
    pub(crate) fn fits(version: &Version) -> bool {
        let (key, shape, state) =
            (version.key().as_encoded(), version.shape().as_bytes(), version.state_bytes());
        key.len() + shape.len() + state.len() + 64 <= MAX_VERSION
    }

    /// Appends a version's body. It has to be sent, or the other side would number shapes otherwise.
    pub(crate) fn put(&mut self, version: &Version, out: &mut Vec<u8>) {
        let (shape, next) = (version.shape(), self.0.len());
        match self.0.get(shape.hash()) {
            Some(number) => put_varint(out, number + 2),
            None => {
                out.push(1);
                put_slice(out, shape.as_bytes());
                if gets_number(shape, next) {
                    self.0.insert(*shape.hash(), next as u64);
                }
            }
        }
        put_slice(out, version.key().as_encoded());
        out.extend_from_slice(version.hash().as_bytes());
        out.extend_from_slice(version.state_bytes());
    }
}

fn gets_number(shape: &Shape, next: usize) -> bool {
    next < NUMBERED && shape.as_bytes().len() <= SHORT_SHAPE
}

/// What a body is.
pub(crate) enum Arrived {
    Version(Version),
    /// A schema and the row where it is kept.
    Schema(Vec<u8>, Vec<u8>),
}

/// The shapes that came in.
#[derive(Default)]
pub(crate) struct Taking(Vec<Arc<Shape>>);

impl Taking {
    /// Reads a body; believed only when everything about it is right.
    pub(crate) fn read(&mut self, body: &[u8]) -> Result<Arrived> {
        let mut reader = Reader::new(body);
        let shape = match reader.length()? {
            0 => return read_schema(reader.rest()),
            1 => {
                let shape = Shape::parse(reader.slice()?)?;
                // The other side numbers each shape once.
                let is_new = !self.0.iter().any(|known| known.hash() == shape.hash());
                if gets_number(&shape, self.0.len()) && is_new {
                    self.0.push(shape.clone());
                }
                shape
            }
            number => {
                let missing = || Error::corrupt(format!("a version names shape {number}, which never came"));
                self.0.get(number - 2).ok_or_else(missing)?.clone()
            }
        };
        let key = Key::from_encoded(reader.slice()?)?;
        let hash = Hash::from_bytes(reader.array()?);
        let version = Version::from_store(key, shape, hash, reader.rest().into(), 0);
        if !Giving::fits(&version) {
            return Err(Error::corrupt("a version of more than 32 MiB is not accepted"));
        }
        version.verify()?;
        Ok(Arrived::Version(version))
    }
}

fn read_schema(bytes: &[u8]) -> Result<Arrived> {
    if bytes.len() > MAX_SCHEMA {
        return Err(Error::corrupt("a schema of more than 1 MiB is not accepted"));
    }
    let kind = Schema::from_bytes(bytes)?.kind;
    if kind.is_empty() || kind.len() > 255 || kind.contains('\0') {
        return Err(Error::corrupt("a schema is of no kind"));
    }
    Ok(Arrived::Schema(rows::schema(&kind, &Hash::of(bytes)), bytes.to_vec()))
}
