//! Taking versions apart: each part goes behind its like, into a column of its own.

use super::layout::{Layout, column};
use dronestore_core::bytes::{Reader, put_slice, put_varint, zigzag};
use dronestore_core::causal::Dot;
use dronestore_core::causal::form::{Child, Structure};
use dronestore_core::version::{Commit, Shape, commit_hash};
use dronestore_core::{ActorId, Hash, Key, Nanotime, Result, Version, value};
use std::collections::HashMap;
use std::sync::Arc;

/// How many versions a block has at most.
pub(super) const MOST_VERSIONS: usize = 4096;
/// About how many bytes of versions a block has; one that is longer has a block of its own.
const ENOUGH: usize = 1 << 20;

/// The columns of the block that is being written.
#[derive(Default)]
pub(super) struct Split {
    layout: Layout,
    shape_numbers: HashMap<Hash, usize>,
    actors: Vec<ActorId>,
    actor_numbers: HashMap<ActorId, usize>,
    columns: Vec<Vec<u8>>,
    last_key: Vec<u8>,
    last_created: u64,
    /// The hashes of all versions, one after another.
    pub(super) hashes: Vec<u8>,
    pub(super) bytes: usize,
}

impl Split {
    /// How many versions are in it.
    pub(super) fn len(&self) -> usize {
        self.hashes.len() / Hash::LENGTH
    }

    /// Whether another version fits in.
    pub(super) fn has_room_for(&self, version: &Version) -> bool {
        let is_known = self.shape_numbers.contains_key(version.shape().hash());
        let length = version.state_bytes().len() + version.key().as_encoded().len();
        self.len() < MOST_VERSIONS
            && (self.len() == 0 || self.bytes + length <= ENOUGH)
            && (is_known || self.layout.has_room_for(version.shape()))
    }

    /// Adds a version, for which there has to be room.
    ///
    /// # Errors
    /// [`Corrupt`](dronestore_core::ErrorKind::Corrupt) where its bytes are damaged.
    pub(super) fn push(&mut self, version: &Version) -> Result<()> {
        let number = match self.shape_numbers.get(version.shape().hash()) {
            Some(number) => *number,
            None => self.add_shape(version.shape())?,
        };
        self.bytes += version.state_bytes().len() + version.key().as_encoded().len();
        self.put(column::SHAPES, number as u64);
        self.push_key(version.key());
        self.push_state(version, number).map_err(|error| error.at(version))?;
        self.hashes.extend_from_slice(version.hash().as_bytes());
        Ok(())
    }

    fn add_shape(&mut self, shape: &Arc<Shape>) -> Result<usize> {
        let number = self.layout.shapes.len();
        self.layout.push(shape.clone())?;
        self.shape_numbers.insert(*shape.hash(), number);
        self.columns.resize_with(self.layout.columns(), Vec::new);
        Ok(number)
    }

    fn put(&mut self, column: usize, number: u64) {
        put_varint(&mut self.columns[column], number);
    }

    fn push_key(&mut self, key: &Key) {
        let key = key.as_encoded();
        let shared = key.iter().zip(&self.last_key).take_while(|(one, other)| one == other).count();
        self.put(column::KEY_SHARED, shared as u64);
        self.put(column::KEY_SIZES, (key.len() - shared) as u64);
        self.columns[column::KEY_BYTES].extend_from_slice(&key[shared..]);
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(&key[shared..]);
    }

    fn push_state(&mut self, version: &Version, number: usize) -> Result<()> {
        let mut reader = Reader::new(version.state_bytes());
        put_slice(&mut self.columns[column::TIPS], reader.slice()?);
        let created = u64::from_be_bytes(reader.array()?);
        self.put(column::CREATED, zigzag(created.wrapping_sub(self.last_created) as i64));
        self.last_created = created;
        let (context, table) = (reader.slice()?, reader.slice()?);
        let first = first_tag(version.key(), version.shape(), created, context, table, reader.rest());
        self.push_context(context, first)?;
        self.push_table(table)?;
        self.push_attributes(number, reader.rest())
    }

    fn push_context(&mut self, context: &[u8], first: Option<[u8; 4]>) -> Result<()> {
        let (mut reader, mut lines, mut tags) = (Reader::new(context), 0, Vec::new());
        while !reader.is_empty() {
            let actor = ActorId::from_bytes(reader.array()?);
            let next = self.actors.len();
            let number = *self.actor_numbers.entry(actor).or_insert(next);
            if number == next {
                self.actors.push(actor);
            }
            self.put(column::LINE_ACTORS, number as u64);
            self.put(column::LINE_SEQUENCES, reader.varint()?);
            tags.extend_from_slice(reader.take(4)?);
            lines += 1;
        }
        self.put(column::LINES, lines);
        let is_first = first.is_some_and(|first| tags == first);
        self.columns[column::TAGS_KEPT].push(u8::from(!is_first));
        if !is_first {
            self.columns[column::TAGS].extend_from_slice(&tags);
        }
        Ok(())
    }

    fn push_table(&mut self, table: &[u8]) -> Result<()> {
        let (mut reader, mut rows) = (Reader::new(table), 0);
        while !reader.is_empty() {
            for column in [column::ROW_LINES, column::ROW_SEQUENCES, column::ROW_TIMES] {
                self.put(column, reader.varint()?);
            }
            rows += 1;
        }
        self.put(column::ROWS, rows);
        Ok(())
    }

    fn push_attributes(&mut self, number: usize, attributes: &[u8]) -> Result<()> {
        let laid = &self.layout.shapes[number];
        let Some(starts) = &laid.starts else {
            put_slice(&mut self.columns[column::WHOLE], attributes);
            return Ok(());
        };
        let mut fields = laid.shape.fields(attributes);
        for start in starts {
            let Some(field) = fields.next()? else { break };
            if let [sizes, rows, values] = &mut self.columns[*start..*start + 3] {
                push_body(field.form.structure(), field.body, sizes, rows, values)?;
            }
        }
        fields.next().map(|_| ())
    }

    /// The block, not yet compressed: shapes, actors, columns.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes + 1024);
        put_varint(&mut out, self.layout.shapes.len() as u64);
        for laid in &self.layout.shapes {
            put_slice(&mut out, laid.shape.as_bytes());
        }
        put_varint(&mut out, self.actors.len() as u64);
        for actor in &self.actors {
            out.extend_from_slice(actor.as_bytes());
        }
        for column in &self.columns {
            put_slice(&mut out, column);
        }
        out
    }
}

fn push_body(
    structure: Structure<'_>,
    body: &[u8],
    sizes: &mut Vec<u8>,
    rows: &mut Vec<u8>,
    values: &mut Vec<u8>,
) -> Result<()> {
    let (mut reader, mut count) = (Reader::new(body), 0);
    match structure {
        Structure::Values => {
            while !reader.is_empty() {
                put_varint(rows, reader.varint()?);
                values.extend_from_slice(item(&mut reader)?);
                count += 1;
            }
        }
        Structure::Map(Child::Unit) => {
            move_dots(&mut reader, rows)?;
            while !reader.is_empty() {
                values.extend_from_slice(item(&mut reader)?);
                move_dots(&mut reader, rows)?;
                count += 1;
            }
        }
        _ => {
            count = body.len() as u64;
            values.extend_from_slice(body);
        }
    }
    put_varint(sizes, count);
    Ok(())
}

/// Takes one value off.
pub(super) fn item<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8]> {
    reader.take(value::item_len(reader.rest())?)
}

/// Takes a list of dots off and appends it; its lowest bits say where it ends.
pub(super) fn move_dots(from: &mut Reader<'_>, to: &mut Vec<u8>) -> Result<()> {
    loop {
        let dot = from.varint()?;
        put_varint(to, dot);
        if dot & 1 == 0 {
            return Ok(());
        }
    }
}

/// The tag that the context of an object has that was made by one commit and never changed: recomputed, not kept.
pub(super) fn first_tag(
    key: &Key,
    shape: &Shape,
    created: u64,
    context: &[u8],
    table: &[u8],
    attributes: &[u8],
) -> Option<[u8; 4]> {
    // One line, first commit, and one row for it at the time of creation.
    let actor = *context.first_chunk()?;
    if context.len() != ActorId::LENGTH + 5 || context[ActorId::LENGTH] != 1 || table != [0, 1, 0] {
        return None;
    }
    let mut wrote = Vec::with_capacity(attributes.len() + 128);
    let mut fields = shape.fields(attributes);
    while let Some(field) = fields.next().ok()? {
        put_slice(&mut wrote, field.name.as_bytes());
        wrote.extend_from_slice(field.form.as_bytes());
        put_slice(&mut wrote, field.body);
    }
    let dot = Dot { actor: ActorId::from_bytes(actor), sequence: 1 };
    let time = Nanotime::from_nanos(created);
    let commit = Commit { dot, time, parent: Hash::ZERO, deleted: false, hash: Hash::ZERO };
    Some(commit_hash(&commit, key, shape.kind(), &wrote).tag())
}
