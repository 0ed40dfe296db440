//! Large batches: what a store writes together is what it would have written pair by pair.

use crate::folder::Folder;
use crate::random::{Random, from_env};
use dronestore::store::{Cursor, Direction, Range, Store, Write};
use dronestore::stores::{MemoryStore, RedbStore};
use dronestore::{Error, ErrorKind};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

/// All that it holds.
fn all(store: &dyn Store) -> Pairs {
    let mut pairs = Pairs::new();
    let mut cursor = store.snapshot().unwrap().scan(Range::ALL, Direction::Forward).unwrap();
    while let Some((key, value)) = cursor.next().unwrap() {
        assert!(pairs.insert(key.to_vec(), value.to_vec()).is_none());
    }
    pairs
}

/// The pairs that a cursor has left, taken one by one or shown in some walks.
fn rest(cursor: &mut dyn Cursor, random: &mut Random) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pairs = Vec::new();
    loop {
        if random.below(2) == 0 {
            let Some((key, value)) = cursor.next().unwrap() else { break };
            pairs.push((key.to_vec(), value.to_vec()));
            continue;
        }
        let mut left = random.below(40);
        let is_within = cursor.walk(&mut |key, value| {
            pairs.push((key.to_vec(), value.to_vec()));
            left = left.saturating_sub(1);
            Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        });
        if !is_within.unwrap() {
            break;
        }
    }
    assert!(cursor.next().unwrap().is_none() && !cursor.walk(&mut |_, _| unreachable!()).unwrap());
    pairs
}

/// Compares some of what both hold, in both directions.
fn compare(store: &dyn Store, expected: &Pairs, random: &mut Random) {
    let snapshot = store.snapshot().unwrap();
    let keys: Vec<&Vec<u8>> = expected.keys().collect();
    for direction in [Direction::Forward, Direction::Backward] {
        let (a, b) = (random.below(keys.len()), random.below(keys.len()));
        let Some((start, end)) = keys.get(a.min(b)).zip(keys.get(a.max(b))) else { return };
        let mut within: Vec<_> = expected.range((*start).clone()..(*end).clone()).collect();
        if direction == Direction::Backward {
            within.reverse();
        }
        let within: Vec<_> = within.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut cursor = snapshot.scan(Range::between(start, end), direction).unwrap();
        assert_eq!(rest(&mut *cursor, random), within);
        assert_eq!(snapshot.get(start).unwrap().as_deref(), Some(&expected[*start][..]));
    }
}

/// A key of some kind of rows: close to others of its kind, or anywhere.
fn key(random: &mut Random, next: &mut u64) -> Vec<u8> {
    let kind = b"abc"[random.below(3)];
    let number = match random.below(4) {
        0 => random.below(1 << 20) as u64,
        _ => {
            *next += 1 + random.below(2) as u64;
            *next
        }
    };
    let mut key = [&[kind][..], &number.to_be_bytes()].concat();
    key.extend(vec![b'-'; random.below(60)]);
    key
}

/// A batch in order, or not; with runs of new pairs, changes, and removals, a few keys twice.
fn batch(random: &mut Random, known: &Pairs, next: &mut u64) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let known: Vec<&Vec<u8>> = known.keys().collect();
    *next = random.below(1 << 20) as u64;
    let mut writes = Vec::new();
    let most = [8, 600][random.below(2)];
    for _ in 0..1 + random.below(most) {
        let (put, value) = (random.below(10) < 8, vec![7; [0, 5, 80, 300][random.below(4)]]);
        let key = match known.get(random.below(known.len() * 4)) {
            Some(known) => (*known).clone(),
            None => key(random, next),
        };
        writes.push((key, put.then_some(value)));
    }
    if random.below(5) > 0 {
        // As the sort is stable, of two writes of one key the later one stays the later one.
        writes.sort_by(|(a, _), (b, _)| a.cmp(b));
    }
    writes
}

#[test]
fn large_batches_write_what_single_writes_would() {
    let seed = from_env("DRONESTORE_SEED", 7);
    println!("seed {seed}");
    for round in 0..8 {
        let folder = Folder::new();
        let path = folder.join("large.drone");
        let mut random = Random::new(seed + round);
        let (mut expected, mut next) = (Pairs::new(), 0);
        let memory = MemoryStore::new();
        let mut store = RedbStore::create(&path).unwrap();
        for step in 0..50 {
            let writes = batch(&mut random, &expected, &mut next);
            for (key, value) in &writes {
                match value {
                    Some(value) => drop(expected.insert(key.clone(), value.clone())),
                    None => drop(expected.remove(key)),
                }
            }
            let writes: Vec<Write<'_>> =
                writes.iter().map(|(key, value)| Write { key, value: value.as_deref() }).collect();
            store.apply(&[], &writes).unwrap();
            memory.apply(&[], &writes).unwrap();
            if step % 5 == 0 {
                assert_eq!(all(&store), expected, "round {round}, step {step}");
                assert_eq!(all(&memory), expected, "round {round}, step {step}");
            }
            compare(&store, &expected, &mut random);
            compare(&memory, &expected, &mut random);
            if random.below(6) == 0 {
                drop(store);
                store = RedbStore::open(&path).unwrap();
                assert_eq!(all(&store), expected, "round {round}, opened after step {step}");
            }
        }
        assert!(expected.len() > 1_000, "{}", expected.len());
        drop(store);
        // Redb's own check of its tree: each page with its checksum, each key in order.
        RedbStore::compact(&path).unwrap();
        assert_eq!(all(&RedbStore::open(&path).unwrap()), expected);
    }
}

/// A callback that fails ends its walk and not the cursor: that is behind the pair which it failed at.
#[test]
fn a_cursor_goes_on_behind_the_pair_at_which_a_callback_failed() {
    let folder = Folder::new();
    let path = folder.join("walk.drone");
    let redb = RedbStore::create(&path).unwrap();
    let stores: [&dyn Store; 2] = [&redb, &MemoryStore::new()];
    for store in stores {
        // Of a large batch in the tables, and small ones above them.
        let large: Vec<_> = (0..400_u32).map(|number| (number * 2).to_be_bytes()).collect();
        let writes: Vec<Write<'_>> = large.iter().map(|key| Write::put(key, &[7; 1_000])).collect();
        store.apply(&[], &writes).unwrap();
        for number in [1_u32, 3, 301] {
            store.apply(&[], &[Write::put(&number.to_be_bytes(), b"small")]).unwrap();
        }
        for failing in [0, 1, 5, 300, 400] {
            let mut cursor = store.snapshot().unwrap().scan(Range::ALL, Direction::Forward).unwrap();
            let mut seen = 0;
            let walked = cursor.walk(&mut |_, _| {
                seen += 1;
                match seen > failing {
                    true => Err(Error::new(ErrorKind::Refused, "this one")),
                    false => Ok(ControlFlow::Continue(())),
                }
            });
            assert_eq!(walked.unwrap_err().kind(), ErrorKind::Refused);
            while cursor.next().unwrap().is_some() {
                seen += 1;
            }
            assert_eq!(seen, 403, "failing at {failing}");
        }
    }
}
