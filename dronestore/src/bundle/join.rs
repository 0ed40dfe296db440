//! Putting versions together again from the columns of a block.

use super::layout::{Layout, MOST_SHAPE_BYTES, MOST_SHAPES, column};
use super::split::{first_tag, item, move_dots};
use dronestore_core::bytes::{Reader, put_sized, put_slice, put_varint, unzigzag};
use dronestore_core::causal::form::{Child, Structure};
use dronestore_core::version::Shape;
use dronestore_core::{ActorId, Error, Hash, Key, Result, Version};

/// How many bytes the versions of one block may have in all.
const MOST_BYTES: usize = 64 << 20;

/// The columns of a block that is being read.
struct Join<'a> {
    layout: Layout,
    actors: &'a [[u8; ActorId::LENGTH]],
    columns: Vec<Reader<'a>>,
    key: Vec<u8>,
    created: u64,
}

/// The versions of a block, each checked strictly, its hash computed anew.
///
/// # Errors
/// [`Corrupt`](dronestore_core::ErrorKind::Corrupt) where the columns are anything but those of so many versions.
pub(super) fn join(block: &[u8], count: usize) -> Result<Vec<Version>> {
    let mut join = Join::new(block)?;
    let (mut versions, mut bytes) = (Vec::with_capacity(count.min(256)), 0);
    for _ in 0..count {
        let version = join.next()?;
        bytes += version.state_bytes().len() + version.key().as_encoded().len();
        if bytes > MOST_BYTES {
            return Err(Error::corrupt("the versions of a block are longer than they may be"));
        }
        versions.push(version);
    }
    if join.columns.iter().all(Reader::is_empty) {
        return Ok(versions);
    }
    Err(Error::corrupt("a block holds more than its versions"))
}

impl<'a> Join<'a> {
    fn new(block: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(block);
        let mut layout = Layout::default();
        let shapes = reader.length()?;
        if shapes > MOST_SHAPES {
            return Err(Error::corrupt("a block has more shapes than it may"));
        }
        for _ in 0..shapes {
            let shape = reader.slice()?;
            if shape.len() > MOST_SHAPE_BYTES {
                return Err(Error::corrupt("a block has longer shapes than it may"));
            }
            layout.push(Shape::parse(shape)?)?;
        }
        let actors = reader.length()?;
        let too_many = || Error::corrupt("a block has more actors than it may");
        let actors = reader.take(actors.checked_mul(ActorId::LENGTH).ok_or_else(too_many)?)?;
        let columns = (0..layout.columns()).map(|_| reader.slice().map(Reader::new));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        if !reader.is_empty() {
            return Err(Error::corrupt("a block holds more than its columns"));
        }
        Ok(Join { layout, actors: actors.as_chunks().0, columns, key: Vec::new(), created: 0 })
    }

    fn take(&mut self, column: usize) -> Result<u64> {
        self.columns[column].varint()
    }

    fn take_length(&mut self, column: usize) -> Result<usize> {
        self.columns[column].length()
    }

    fn next(&mut self) -> Result<Version> {
        let number = self.take_length(column::SHAPES)?;
        let missing = || Error::corrupt("a version names a shape that its block does not have");
        let shape = self.layout.shapes.get(number).ok_or_else(missing)?.shape.clone();
        let key = self.next_key()?;
        let mut state = Vec::with_capacity(256);
        put_slice(&mut state, self.columns[column::TIPS].slice()?);
        let delta = unzigzag(self.take(column::CREATED)?) as u64;
        self.created = self.created.wrapping_add(delta);
        state.extend_from_slice(&self.created.to_be_bytes());
        let (mut context, tagless) = self.next_context()?;
        let table = self.next_table()?;
        let attributes = self.next_attributes(number)?;
        if tagless {
            let tag = first_tag(&key, &shape, self.created, &context, &table, &attributes);
            let not_first = || Error::corrupt("a context lacks tags that cannot be recomputed");
            let end = context.len() - 4;
            context[end..].copy_from_slice(&tag.ok_or_else(not_first)?);
        }
        put_slice(&mut state, &context);
        put_slice(&mut state, &table);
        state.extend_from_slice(&attributes);
        let unnamed = Version::from_store(key, shape, Hash::ZERO, state.into(), 0);
        unnamed.with_its_hash()
    }

    fn next_key(&mut self) -> Result<Key> {
        let (shared, size) = (self.take_length(column::KEY_SHARED)?, self.take_length(column::KEY_SIZES)?);
        if shared > self.key.len() || size > Key::MAX_BYTES {
            return Err(Error::corrupt("a key shares more with the one before it than there is"));
        }
        self.key.truncate(shared);
        self.key.extend_from_slice(self.columns[column::KEY_BYTES].take(size)?);
        Key::from_encoded(&self.key)
    }

    /// The context, and whether its one tag is to be computed: then there is room for it.
    fn next_context(&mut self) -> Result<(Vec<u8>, bool)> {
        let lines = self.take_length(column::LINES)?;
        let tagless = match self.columns[column::TAGS_KEPT].byte()? {
            0 if lines == 1 => true,
            1 => false,
            _ => return Err(Error::corrupt("a context lacks tags that cannot be recomputed")),
        };
        let mut context = Vec::with_capacity(24);
        for _ in 0..lines {
            let number = self.take_length(column::LINE_ACTORS)?;
            let missing = || Error::corrupt("a context names an actor that its block does not have");
            context.extend_from_slice(self.actors.get(number).ok_or_else(missing)?);
            put_varint(&mut context, self.take(column::LINE_SEQUENCES)?);
            let tag = if tagless { &[0; 4] } else { self.columns[column::TAGS].array_ref()? };
            context.extend_from_slice(tag);
        }
        Ok((context, tagless))
    }

    fn next_table(&mut self) -> Result<Vec<u8>> {
        let (rows, mut table) = (self.take(column::ROWS)?, Vec::with_capacity(16));
        for _ in 0..rows {
            for column in [column::ROW_LINES, column::ROW_SEQUENCES, column::ROW_TIMES] {
                put_varint(&mut table, self.take(column)?);
            }
        }
        Ok(table)
    }

    fn next_attributes(&mut self, number: usize) -> Result<Vec<u8>> {
        let laid = &self.layout.shapes[number];
        let Some(starts) = &laid.starts else { return Ok(self.columns[column::WHOLE].slice()?.to_vec()) };
        let mut attributes = Vec::with_capacity(128);
        for (index, start) in starts.iter().enumerate() {
            let Some((_, form)) = laid.shape.head(index) else { break };
            if let [sizes, rows, values] = &mut self.columns[*start..*start + 3] {
                put_sized(&mut attributes, |out| next_body(form.structure(), sizes, rows, values, out))?;
            }
        }
        Ok(attributes)
    }
}

fn next_body(
    structure: Structure<'_>,
    sizes: &mut Reader<'_>,
    rows: &mut Reader<'_>,
    values: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let count = sizes.length()?;
    match structure {
        Structure::Values => {
            for _ in 0..count {
                put_varint(out, rows.varint()?);
                out.extend_from_slice(item(values)?);
            }
        }
        Structure::Map(Child::Unit) => {
            move_dots(rows, out)?;
            for _ in 0..count {
                out.extend_from_slice(item(values)?);
                move_dots(rows, out)?;
            }
        }
        _ => out.extend_from_slice(values.take(count)?),
    }
    Ok(())
}
