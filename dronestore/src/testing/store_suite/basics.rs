//! Bytes come back as they went in.

use super::{expect, must, must_fail};
use crate::ErrorKind;
use crate::store::{Expectation, KEY_LIMIT, Store, VALUE_LIMIT, Write};
use std::sync::Arc;

pub(super) fn check(make: &mut dyn FnMut() -> Arc<dyn Store>) {
    put_get_delete(&*make());
    keys_of_any_bytes(&*make());
    large_values(&*make());
    limits(&*make());
    let store = make();
    assert!(!store.describe().is_empty(), "law `a store says what it is`: its description is empty");
}

fn apply(store: &dyn Store, write: Write<'_>) {
    must("a single write is applied", store.apply(&[], &[write]));
}

fn holds(law: &str, store: &dyn Store, key: &[u8], value: Option<&[u8]>) {
    expect(law, &*must(law, store.snapshot()), key, value);
}

fn put_get_delete(store: &dyn Store) {
    holds("a new store is empty", store, b"key", None);
    apply(store, Write::put(b"key", b"one"));
    holds("what was put is there", store, b"key", Some(b"one"));
    holds("nothing is there but what was put", store, b"ke", None);
    holds("nothing is there but what was put", store, b"key2", None);
    apply(store, Write::put(b"key", b"two, longer"));
    holds("the last put wins", store, b"key", Some(b"two, longer"));
    apply(store, Write::put(b"key", b""));
    holds("an empty value is a value", store, b"key", Some(b""));
    apply(store, Write::delete(b"key"));
    holds("what was deleted is gone", store, b"key", None);
    apply(store, Write::delete(b"key"));
    holds("deleting what is absent changes nothing", store, b"key", None);
    must("an empty batch is applied", store.apply(&[], &[]));
}

fn keys_of_any_bytes(store: &dyn Store) {
    let law = "any byte may stand anywhere in keys and values";
    let mut keys: Vec<Vec<u8>> =
        (0..=255).flat_map(|byte| [vec![byte], vec![byte, 0x00], vec![0xff, byte]]).collect();
    keys.push((0..=255).collect());
    keys.push(vec![0xff; KEY_LIMIT]);
    keys.sort();
    keys.dedup();
    for key in &keys {
        apply(store, Write::put(key, key));
    }
    let snapshot = must(law, store.snapshot());
    for key in &keys {
        expect(law, &*snapshot, key, Some(key));
    }
}

fn large_values(store: &dyn Store) {
    let law = "large values come back whole";
    for length in [4_095, 4_096, 65_537, 3_000_000, VALUE_LIMIT] {
        let value: Vec<u8> = (0..length).map(|at| (at ^ at >> 8) as u8).collect();
        apply(store, Write::put(b"large", &value));
        holds(law, store, b"large", Some(&value));
    }
    apply(store, Write::put(b"large", b"small"));
    holds(law, store, b"large", Some(b"small"));
}

fn limits(store: &dyn Store) {
    let law = "beyond the limits is Unsupported, and nothing of the batch is written";
    let long_key = vec![b'k'; KEY_LIMIT + 1];
    let large_value = vec![b'v'; VALUE_LIMIT + 1];
    let refused = |expectations: &[Expectation<'_>], write: Write<'_>| {
        let error = must_fail(law, store.apply(expectations, &[Write::put(b"other", b"value"), write]));
        assert!(error.kind() == ErrorKind::Unsupported, "law `{law}`: failed with {error:?}");
        holds(law, store, b"other", None);
    };
    refused(&[], Write::put(&long_key, b"value"));
    refused(&[], Write::put(b"", b"value"));
    refused(&[], Write::put(b"key", &large_value));
    refused(&[], Write::delete(&long_key));
    refused(&[Expectation::absent(&long_key)], Write::put(b"key", b"value"));
    holds("a key beyond the limits is not there", store, &long_key, None);
    holds("a key beyond the limits is not there", store, b"", None);
}
