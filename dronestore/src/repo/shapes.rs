//! The dictionary of shapes: a store keeps each once, and heads bear its number.

use super::rows;
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::store::{Bytes, Snapshot};
use dronestore_core::version::Shape;
use dronestore_core::{Error, Hash, Key, Result, Version};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// How many shapes a store numbers; a head of any further one has its shape written out.
const NUMBERED: u32 = 1 << 16;

/// The shapes that this program has met, by number and by hash.
#[derive(Default)]
pub(crate) struct Shapes(RwLock<Known>);

#[derive(Default)]
struct Known {
    by_number: HashMap<u32, Arc<Shape>>,
    by_hash: HashMap<Hash, u32>,
}

impl Shapes {
    /// The shape of this number.
    pub(crate) fn get(&self, number: u32, snapshot: &dyn Snapshot) -> Result<Arc<Shape>> {
        let known = |known: &Known| known.by_number.get(&number).cloned();
        if let Some(shape) = known(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(shape);
        }
        let bytes = snapshot.get(&rows::shape(number))?;
        let bytes = bytes.ok_or_else(|| Error::corrupt(format!("the store has no shape {number}")))?;
        let shape = Shape::parse(&bytes)?;
        self.learn(number, &shape);
        Ok(shape)
    }

    /// The number of a shape, where it has one.
    pub(crate) fn number(&self, shape: &Shape, snapshot: &dyn Snapshot) -> Result<Option<u32>> {
        let known = |known: &Known| known.by_hash.get(shape.hash()).copied();
        if let Some(number) = known(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(Some(number));
        }
        let Some(bytes) = snapshot.get(&rows::shape_number(shape.hash()))? else { return Ok(None) };
        Ok(Some(u32::from_be_bytes(Reader::new(&bytes).array()?)))
    }

    /// Remembers a numbered shape that is in the store.
    pub(crate) fn learn(&self, number: u32, shape: &Arc<Shape>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.by_number.insert(number, shape.clone());
        known.by_hash.insert(*shape.hash(), number);
    }
}

/// Reads a head: `number, hash, state`, or `0, hash, size, shape, state`.
pub(crate) fn read_head(
    key: Key,
    bytes: Bytes,
    numbered: impl FnOnce(u32) -> Result<Arc<Shape>>,
) -> Result<Version> {
    let read = || {
        let mut reader = Reader::new(&bytes);
        let number = u32::try_from(reader.varint()?).map_err(|_| Error::corrupt("a head has no shape"))?;
        let hash = Hash::from_bytes(reader.array()?);
        let shape = match number {
            0 => Shape::parse(reader.slice()?)?,
            _ => numbered(number)?,
        };
        Ok((shape, hash, bytes.len() - reader.rest().len()))
    };
    let (shape, hash, start) = read().map_err(|error: Error| error.at(&key))?;
    Ok(Version::from_store(key, shape, hash, bytes, start))
}

/// The number of the shape and the state of a head that has a number.
pub(crate) fn split_head(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut reader = Reader::new(bytes);
    let number = u32::try_from(reader.varint().ok()?).ok().filter(|number| *number > 0)?;
    reader.take(Hash::LENGTH).ok()?;
    Some((number, reader.rest()))
}

/// The hash that a head's row holds.
pub(crate) fn head_hash(bytes: &[u8]) -> Result<Hash> {
    let mut reader = Reader::new(bytes);
    reader.varint()?;
    Ok(Hash::from_bytes(reader.array()?))
}

/// Writes a head; number 0 writes the shape out.
pub(crate) fn write_head(version: &Version, number: u32, out: &mut Vec<u8>) {
    out.reserve(version.state_bytes().len() + 40);
    put_varint(out, u64::from(number));
    out.extend_from_slice(version.hash().as_bytes());
    if number == 0 {
        put_slice(out, version.shape().as_bytes());
    }
    out.extend_from_slice(version.state_bytes());
}

/// The numbers that one batch gives to shapes that the store does not have yet.
#[derive(Default)]
pub(crate) struct NewShapes {
    new: Vec<(u32, Arc<Shape>)>,
    /// The shape of the last head, which is mostly that of the next.
    last: Option<(u32, Arc<Shape>)>,
}

impl NewShapes {
    /// The number of a shape, a new one where needed; 0 where the dictionary is full.
    pub(crate) fn number(
        &mut self,
        shape: &Arc<Shape>,
        shapes: &Shapes,
        snapshot: &dyn Snapshot,
        next: &mut u32,
    ) -> Result<u32> {
        if let Some((number, _)) = self.last.as_ref().filter(|(_, last)| Arc::ptr_eq(last, shape)) {
            return Ok(*number);
        }
        let number = self.find(shape, shapes, snapshot, next)?;
        self.last = Some((number, shape.clone()));
        Ok(number)
    }

    fn find(
        &mut self,
        shape: &Arc<Shape>,
        shapes: &Shapes,
        snapshot: &dyn Snapshot,
        next: &mut u32,
    ) -> Result<u32> {
        if let Some((number, _)) = self.new.iter().find(|(_, new)| new.hash() == shape.hash()) {
            return Ok(*number);
        }
        if let Some(number) = shapes.number(shape, snapshot)? {
            return Ok(number);
        }
        if *next >= NUMBERED {
            return Ok(0);
        }
        let number = *next;
        *next += 1;
        self.new.push((number, shape.clone()));
        Ok(number)
    }

    /// The shape of a number that this batch or the store gave.
    pub(crate) fn get(&self, number: u32, shapes: &Shapes, snapshot: &dyn Snapshot) -> Result<Arc<Shape>> {
        match self.new.iter().find(|(new, _)| *new == number) {
            Some((_, shape)) => Ok(shape.clone()),
            None => shapes.get(number, snapshot),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(u32, Arc<Shape>)> {
        self.new.iter()
    }
}
