//! Planted faults: each is found within ten seconds, and shown by a short trace.

use super::models::Note;
use dronestore::causal::Context;
use dronestore::causal::state::{Row, State};
use dronestore::sim::{Failure, World};
use dronestore::store::{Capabilities, Expectation, Snapshot, Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::version::Shape;
use dronestore::{Hash, Key, Result, Version};
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Finds a planted fault, and says how.
#[track_caller]
fn finds(world: World, most_steps: usize) -> Failure {
    let began = Instant::now();
    let failure = world.model::<Note>().schedules(100_000).check().unwrap_err();
    println!("{:?}: {failure}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}: {failure}", began.elapsed());
    assert!(failure.steps <= most_steps, "{failure}");
    assert_eq!(failure.trace.lines().count(), failure.steps + 2);
    failure
}

/// A version whose context lacks one commit that it has seen: one of which nothing stands there any more.
fn forget_a_dot(version: &Version) -> Option<Version> {
    let state = State::parse(version.state_bytes()).ok()?;
    let lines = state.context.entries();
    let gone = (0..lines.len()).find(|line| state.table.iter().all(|row| row.actor as usize != *line))?;
    let mut context = Context::default();
    lines.iter().enumerate().filter(|(line, _)| *line != gone).for_each(|(_, seen)| context.advance(*seen));
    let below = |actor: u32| actor - u32::from(actor as usize > gone);
    let table = state.table.iter().map(|row| Row { actor: below(row.actor), ..*row }).collect();
    let bytes = State { context, table, ..state }.encode();
    let with = |hash| {
        let (key, shape) = (version.key().clone(), version.shape().clone());
        Version::from_store(key, shape, hash, bytes.as_slice().into(), 0)
    };
    Some(with(with(Hash::ZERO).recompute_hash()))
}

/// A frame of versions of which the first is written out: with one dot less in its context.
fn forge(frame: &[u8]) -> Option<Vec<u8>> {
    const VERSIONS: u8 = 6;
    let mut reader = Reader::new(frame.strip_prefix(&[VERSIONS])?);
    let head = reader.varint().ok()?;
    let mut body = Reader::new(reader.take((head >> 1) as usize).ok()?);
    if body.varint().ok()? != 1 {
        return None;
    }
    let shape = body.slice().ok()?;
    let (key, hash) = (body.slice().ok()?, Hash::from_bytes(body.array().ok()?));
    let (key, shape) = (Key::from_encoded(key).ok()?, Shape::parse(shape).ok()?);
    let forged = forget_a_dot(&Version::from_store(key, shape, hash, body.rest().into(), 0))?;
    let mut body = vec![1];
    put_slice(&mut body, forged.shape().as_bytes());
    put_slice(&mut body, forged.key().as_encoded());
    body.extend_from_slice(forged.hash().as_bytes());
    body.extend_from_slice(forged.state_bytes());
    let mut out = vec![VERSIONS];
    put_varint(&mut out, (body.len() as u64) << 1 | head & 1);
    out.extend_from_slice(&body);
    out.extend_from_slice(reader.rest());
    Some(out)
}

fn drop_dots(said: &mut Vec<u8>) {
    let mut out = Vec::new();
    let mut reader = Reader::new(said);
    while let Ok(frame) = reader.slice() {
        put_slice(&mut out, &forge(frame).unwrap_or_else(|| frame.to_vec()));
    }
    *said = out;
}

#[test]
fn a_dot_dropped_from_a_context() {
    let failure = finds(World::new().with_wire(drop_dots), 6);
    assert!(failure.trace.contains("meet("), "{failure}");
}

/// A store that says of every so manieth batch that it is kept, and does not keep it.
struct Forgetful {
    inner: MemoryStore,
    every: u64,
    count: AtomicU64,
}

impl Store for Forgetful {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        self.inner.snapshot()
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        match self.count.fetch_add(1, Ordering::Relaxed) % self.every + 1 == self.every {
            true => Ok(()),
            false => self.inner.apply(expectations, writes),
        }
    }

    fn describe(&self) -> String {
        "a forgetful store".into()
    }
}

#[test]
fn a_batch_that_was_acknowledged_and_is_not_kept() {
    let store = || Arc::new(Forgetful { inner: MemoryStore::new(), every: 4, count: AtomicU64::new(0) });
    let failure = finds(World::new().store(move || store()), 3);
    assert_eq!(failure.law, "an acknowledged write stands there");
}
