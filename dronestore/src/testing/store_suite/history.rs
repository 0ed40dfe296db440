//! Random batches and scans against a map of the standard library.

use super::{Pairs, must, must_fail, scan, show};
use crate::store::{Direction, Expectation, Range, Snapshot, Store, Write};
use crate::testing::random::Random;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

type Oracle = BTreeMap<Vec<u8>, Vec<u8>>;

const BATCHES: usize = 60;

/// One random history in one store, with a snapshot kept from its middle.
pub(super) fn check(store: Arc<dyn Store>, seed: u64) {
    let mut random = Random::new(seed);
    let mut oracle = Oracle::new();
    let mut kept: Option<(Box<dyn Snapshot>, Oracle)> = None;
    for batch in 0..BATCHES {
        step(&*store, &mut oracle, &mut random);
        if batch % 5 == 0 {
            compare(&*must("a snapshot can be taken", store.snapshot()), &oracle, &mut random, seed);
        }
        if batch == BATCHES / 2 {
            kept = Some((must("a snapshot can be taken", store.snapshot()), oracle.clone()));
        }
    }
    if let Some((snapshot, then)) = kept {
        compare(&*snapshot, &then, &mut random, seed);
    }
}

/// One random history, the store opened anew between its batches.
pub(super) fn check_reopened(open: &mut dyn FnMut() -> Arc<dyn Store>, seed: u64) {
    let mut random = Random::new(seed);
    let mut oracle = Oracle::new();
    for _ in 0..20 {
        let store = open();
        compare(&*must("a snapshot can be taken", store.snapshot()), &oracle, &mut random, seed);
        step(&*store, &mut oracle, &mut random);
    }
}

/// One batch, on the store and on the map; its expectations are right or, one time in four, wrong.
fn step(store: &dyn Store, oracle: &mut Oracle, random: &mut Random) {
    let atomic = store.capabilities().atomic_batches;
    let count = if atomic { 1 + random.below(20) } else { 1 };
    let work: Vec<(Vec<u8>, Option<Vec<u8>>)> = (0..count)
        .map(|_| (random.bytes(1, 4), (random.below(3) > 0).then(|| random.bytes(0, 40))))
        .collect();
    let writes: Vec<Write<'_>> =
        work.iter().map(|(key, value)| Write { key, value: value.as_deref() }).collect();
    let key = random.bytes(1, 4);
    let right = oracle.get(&key).cloned();
    let wrong = store.capabilities().compare_and_set && random.below(4) == 0;
    let value = if wrong && right.is_none() { Some(vec![7]) } else { right.filter(|_| !wrong) };
    let expectation = Expectation { key: &key, value: value.as_deref() };
    if wrong {
        let error = must_fail("an expectation that does not hold", store.apply(&[expectation], &writes));
        assert!(error.is_conflict(), "law `an expectation that does not hold is a conflict`: {error:?}");
        return;
    }
    let expectations = if store.capabilities().compare_and_set { &[expectation][..] } else { &[] };
    must("a random batch", store.apply(expectations, &writes));
    for (key, value) in work {
        match value {
            Some(value) => oracle.insert(key, value),
            None => oracle.remove(&key),
        };
    }
}

fn compare(snapshot: &dyn Snapshot, oracle: &Oracle, random: &mut Random, seed: u64) {
    check_range(snapshot, oracle, Range::ALL, seed);
    for _ in 0..10 {
        let (start, end) = (random.bytes(1, 3), random.bytes(1, 3));
        let range = Range { start: bound(&start, random), end: bound(&end, random) };
        check_range(snapshot, oracle, range, seed);
        let found = must("a key can be read", snapshot.get(&start));
        let expected = oracle.get(&start).map(Vec::as_slice);
        assert!(
            found.as_deref() == expected,
            "law `get gives what was put`: key {}, seed {seed}",
            show(&start)
        );
    }
}

fn bound<'a>(key: &'a [u8], random: &mut Random) -> Bound<&'a [u8]> {
    match random.below(5) {
        0 => Bound::Unbounded,
        1 | 2 => Bound::Included(key),
        _ => Bound::Excluded(key),
    }
}

fn check_range(snapshot: &dyn Snapshot, oracle: &Oracle, range: Range<'_>, seed: u64) {
    let mut expected: Pairs = oracle
        .iter()
        .filter(|(key, _)| range.contains(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let law = "a scan gives all pairs of its range, in order, and no other";
    let found = scan(snapshot, range, Direction::Forward);
    assert!(
        found == expected,
        "law `{law}`: forward over {range:?}, seed {seed}: {found:?}, not {expected:?}"
    );
    expected.reverse();
    let found = scan(snapshot, range, Direction::Backward);
    assert!(
        found == expected,
        "law `{law}`: backward over {range:?}, seed {seed}: {found:?}, not {expected:?}"
    );
}
