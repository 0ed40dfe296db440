//! Versions made by hand, byte by byte, for what no program of ours would write.

use dronestore::causal::form::code;
use dronestore::causal::state::{Row, State, Tip};
use dronestore::causal::{Context, Seen};
use dronestore::version::Shape;
use dronestore::{ActorId, Hash, Key, Nanotime, Result, Version};
use dronestore_core::bytes::{put_slice, put_varint};

/// A state of a few writes, to be made wrong in one place.
#[derive(Clone)]
pub(super) struct Craft {
    /// Name, form and body of each attribute.
    pub(super) fields: Vec<(&'static str, Vec<u8>, Vec<u8>)>,
    pub(super) context: Context,
    pub(super) table: Vec<Row>,
    pub(super) tips: Vec<Tip>,
    pub(super) created: Nanotime,
}

pub(super) const TIME: Nanotime = Nanotime::from_nanos(1_700_000_000_000_000_000);

pub(super) fn actor(number: u32) -> ActorId {
    let mut bytes = [7; 12];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    ActorId::from_bytes(bytes)
}

pub(super) fn row(actor: u32, sequence: u64) -> Row {
    Row { actor, sequence, time: TIME }
}

pub(super) fn tip(row: u32) -> Tip {
    Tip { row, deleted: false }
}

impl Craft {
    /// One commit of each of so many actors, each a tip, and the first wrote `name`.
    pub(super) fn new(actors: u32) -> Craft {
        let mut craft = Craft {
            fields: vec![("name", vec![code::LATEST], vec![0, 0x61, b'x'])],
            context: Context::default(),
            table: (0..actors).map(|line| row(line, 1)).collect(),
            tips: (0..actors).map(tip).collect(),
            created: TIME,
        };
        (0..actors).for_each(|number| craft.see(number, 1));
        craft
    }

    pub(super) fn see(&mut self, number: u32, sequence: u64) {
        self.context.advance(Seen { actor: actor(number), sequence, tag: [1; 4] });
    }

    /// The one attribute is this.
    pub(super) fn with(mut self, name: &'static str, form: &[u8], body: Vec<u8>) -> Craft {
        self.fields = vec![(name, form.to_vec(), body)];
        self
    }

    /// The version under a hash that fits it, not checked.
    pub(super) fn version(&self) -> Result<Version> {
        let (mut shape, mut attributes) = (Vec::new(), Vec::new());
        put_slice(&mut shape, b"Tree");
        for (name, form, body) in &self.fields {
            put_slice(&mut shape, name.as_bytes());
            shape.extend_from_slice(form);
            put_slice(&mut attributes, body);
        }
        let Craft { context, table, tips, created, .. } = self.clone();
        let state =
            State { tips: tips.into(), created, context, table: table.into(), attributes: &attributes }
                .encode();
        let (key, shape) = (Key::for_kind("Tree", "x")?, Shape::parse(&shape)?);
        let with = |hash| Version::from_store(key.clone(), shape.clone(), hash, state.as_slice().into(), 0);
        Ok(with(with(Hash::ZERO).recompute_hash()))
    }

    /// What the gate says of it.
    pub(super) fn received(&self) -> Result<Version> {
        Version::from_bytes(&self.version()?.to_bytes())
    }
}

/// A body of maps and drones in one another, so deep: the field `children` of a `Tree`, with a drone in it that has
/// such a field, and so on.
pub(super) fn deep_map(depth: usize) -> Vec<u8> {
    // Made from the inside out, backwards: so the cost is linear.
    let mut out: Vec<u8> = Vec::new();
    let prepend = |out: &mut Vec<u8>, bytes: &[u8]| out.extend(bytes.iter().rev());
    let size = |out: &mut Vec<u8>| {
        let mut size = Vec::new();
        put_varint(&mut size, out.len() as u64);
        prepend(out, &size);
    };
    prepend(&mut out, b"\x00\x04name\x10\x03\x00\x61x");
    for level in 0..depth {
        // In a map: no dots of its own, key `x` under dot 0, and the drone.
        if level > 0 {
            // In a drone: no dots of its own, the attribute `children` of the form map(nested).
            size(&mut out);
            prepend(&mut out, b"\x00\x08children\x40\x50");
        }
        size(&mut out);
        prepend(&mut out, b"\x00\x61x\x02");
    }
    out.reverse();
    out
}
