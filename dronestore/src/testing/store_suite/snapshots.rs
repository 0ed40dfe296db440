//! A snapshot stands still.

use super::{expect, must, scan};
use crate::store::{Direction, Range, Store, Write};
use std::sync::Arc;

pub(super) fn check(make: &mut dyn FnMut() -> Arc<dyn Store>) {
    stands_still(&*make());
    if make().capabilities().ordered_scan {
        cursors_stand_still(&*make());
        long_scans(&*make());
    }
    outlives_its_store(make());
}

fn stands_still(store: &dyn Store) {
    let law = "a snapshot sees nothing that came after it";
    let put = |key: &[u8], value: &[u8]| must(law, store.apply(&[], &[Write::put(key, value)]));
    put(b"changed", b"before");
    put(b"deleted", b"before");
    let before = must(law, store.snapshot());
    put(b"changed", b"after");
    put(b"added", b"after");
    must(law, store.apply(&[], &[Write::delete(b"deleted")]));
    let after = must(law, store.snapshot());
    expect(law, &*before, b"changed", Some(b"before"));
    expect(law, &*before, b"deleted", Some(b"before"));
    expect(law, &*before, b"added", None);
    let law = "a snapshot sees all that came before it";
    expect(law, &*after, b"changed", Some(b"after"));
    expect(law, &*after, b"deleted", None);
    expect(law, &*after, b"added", Some(b"after"));
}

fn cursors_stand_still(store: &dyn Store) {
    let law = "a cursor sees what its snapshot saw, also after it";
    for key in [b"a", b"c", b"e"] {
        must(law, store.apply(&[], &[Write::put(key, key)]));
    }
    let snapshot = must(law, store.snapshot());
    let mut cursor = must(law, snapshot.scan(Range::ALL, Direction::Forward));
    drop(snapshot);
    for expected in [b"a", b"c", b"e"] {
        let pair = must(law, cursor.next());
        assert!(pair == Some((expected, expected)), "law `{law}`: found {pair:?}");
        let next = [expected[0] + 1];
        must(law, store.apply(&[], &[Write::put(&next, b"late")]));
        must(law, store.apply(&[], &[Write::delete(b"e")]));
    }
    assert!(must(law, cursor.next()).is_none(), "law `{law}`: it goes on after the end");
}

/// Longer than what any backend fetches at once.
fn long_scans(store: &dyn Store) {
    let law = "a long scan gives every pair once";
    let keys: Vec<[u8; 4]> = (0..5_000u32).map(u32::to_be_bytes).collect();
    let single = !store.capabilities().atomic_batches;
    for some in keys.chunks(if single { 1 } else { 1_000 }) {
        let writes: Vec<Write<'_>> = some.iter().map(|key| Write::put(key, &key[2..])).collect();
        must(law, store.apply(&[], &writes));
    }
    let snapshot = must(law, store.snapshot());
    let mut found = scan(&*snapshot, Range::ALL, Direction::Backward);
    found.reverse();
    for pairs in [found, scan(&*snapshot, Range::ALL, Direction::Forward)] {
        assert!(pairs.len() == keys.len(), "law `{law}`: {} pairs of {}", pairs.len(), keys.len());
        assert!(
            pairs
                .iter()
                .zip(&keys)
                .all(|((key, value), expected)| key == expected && *value == expected[2..]),
            "law `{law}`: a pair is not in its place"
        );
    }
}

fn outlives_its_store(store: Arc<dyn Store>) {
    let law = "a snapshot outlives the store's last handle";
    must(law, store.apply(&[], &[Write::put(b"key", b"value")]));
    let snapshot = must(law, store.snapshot());
    drop(store);
    expect(law, &*snapshot, b"key", Some(b"value"));
}
