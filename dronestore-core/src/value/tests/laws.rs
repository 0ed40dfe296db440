//! Laws that hold for all values and all bytes.

use super::Random;
use crate::value::{Value, check, compare, decode, encode, item_len};
use std::cmp::Ordering;

/// What the gate lets in must be the one encoding of some value.
fn refused_or_canonical(bytes: &[u8]) {
    let _ = item_len(bytes);
    let loose = decode::<Value>(bytes);
    let Ok(length) = check(bytes) else { return };
    assert_eq!(item_len(bytes).unwrap(), length);
    let value = Value::from_bytes(&bytes[..length]).unwrap();
    assert_eq!(value.to_bytes().unwrap(), bytes[..length], "{value}");
    assert_eq!(loose.is_ok(), length == bytes.len());
}

#[test]
fn every_value_survives_and_has_one_encoding() {
    for seed in 0..20_000 {
        let value = Random::new(seed).value(4);
        let bytes = value.to_bytes().unwrap();
        assert_eq!(check(&bytes).unwrap(), bytes.len(), "seed {seed}: {value}");
        assert_eq!(item_len(&bytes).unwrap(), bytes.len(), "seed {seed}: {value}");
        let back: Value = decode(&bytes).unwrap();
        assert_eq!(back, value, "seed {seed}");
        assert_eq!(encode(&back).unwrap(), bytes, "seed {seed}");
    }
}

#[test]
fn damage_is_refused_or_makes_another_canonical_value() {
    for seed in 0..1_500 {
        let mut bytes = Random::new(seed).value(3).to_bytes().unwrap();
        bytes.truncate(400);
        for end in 0..bytes.len() {
            refused_or_canonical(&bytes[..end]);
        }
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            refused_or_canonical(&bytes);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn truncations_of_one_item_are_refused() {
    for seed in 0..2_000 {
        let bytes = Random::new(seed).value(3).to_bytes().unwrap();
        for end in 0..bytes.len() {
            assert!(check(&bytes[..end]).unwrap_err().is_corrupt(), "seed {seed}");
            assert!(item_len(&bytes[..end]).unwrap_err().is_corrupt(), "seed {seed}");
            assert!(decode::<Value>(&bytes[..end]).is_err(), "seed {seed}");
        }
    }
}

/// Bytes of which many are heads: purely random ones are refused too early to show anything.
fn noise(random: &mut Random) -> Vec<u8> {
    let heads = [
        0x00, 0x20, 0x41, 0x61, 0x81, 0x82, 0xa1, 0xa2, 0xc2, 0xc3, 0xd9, 0xf6, 0xf9, 0xfa, 0xfb, 0x49, 0x18,
    ];
    (0..random.below(24))
        .map(|_| if random.below(3) == 0 { random.next() as u8 } else { heads[random.below(heads.len())] })
        .collect()
}

#[test]
fn noise_never_panics() {
    let mut random = Random::new(7);
    for _ in 0..200_000 {
        let bytes = noise(&mut random);
        refused_or_canonical(&bytes);
        let _ = decode::<Option<Vec<(String, f32)>>>(&bytes);
        let _ = decode::<Result<std::collections::HashMap<u8, i128>, char>>(&bytes);
    }
}

#[test]
fn encoded_order_is_the_order_of_values() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let values: Vec<Value> = (0..25).map(|_| random.value(2)).collect();
        let encoded: Vec<Vec<u8>> = values.iter().map(|value| value.to_bytes().unwrap()).collect();
        for (a, left) in values.iter().zip(&encoded) {
            for (b, right) in values.iter().zip(&encoded) {
                assert_eq!(compare(left, right), a.cmp(b), "seed {seed}: {a} and {b}");
                assert_eq!(a == b, left == right, "seed {seed}: {a} and {b}");
            }
        }
    }
}

/// Sorting panics on an order that is none, so even garbage needs one.
#[test]
fn order_is_total_on_garbage_too() {
    let mut random = Random::new(3);
    for _ in 0..300 {
        let items: Vec<Vec<u8>> = (0..20).map(|_| noise(&mut random)).collect();
        for (a, b) in items.iter().flat_map(|a| items.iter().map(move |b| (a, b))) {
            assert_eq!(compare(a, b), compare(b, a).reverse(), "{a:x?} {b:x?}");
            for c in items.iter().filter(|c| compare(b, c).is_le() && compare(a, b).is_le()) {
                assert_ne!(compare(a, c), Ordering::Greater, "{a:x?} {b:x?} {c:x?}");
            }
        }
    }
}

#[test]
fn order_is_the_order_of_rust() {
    fn check<T: serde::Serialize + PartialOrd + std::fmt::Debug>(values: &[T]) {
        for (a, b) in values.iter().flat_map(|a| values.iter().map(move |b| (a, b))) {
            let order = compare(&encode(a).unwrap(), &encode(b).unwrap());
            assert_eq!(Some(order), a.partial_cmp(b), "{a:?} and {b:?}");
        }
    }
    check(&[false, true]);
    check(&[i64::MIN, -65537, -256, -25, -24, -1, 0, 23, 24, 255, 256, 65536, i64::MAX]);
    check(&[i128::MIN, -(1 << 64) - 1, -(1 << 64), -1, 0, 1 << 64, i128::MAX]);
    check(&[0, u128::from(u64::MAX), 1 << 64, i128::MAX as u128 + 1, u128::MAX]);
    check(&[f64::NEG_INFINITY, -1e300, -1.5, -0.0, 1e-300, 1.0, 1.1, 65504.0, 1e300, f64::INFINITY]);
    check(&["", "a", "aa", "b", "z", "é", "🚁"]);
    check(&['a', 'b', 'é', '\u{ffff}', '🚁']);
    check(&[None, Some(None), Some(Some(0)), Some(Some(1))]);
    check(&[None, Some(())]);
    check(&[(1, "b"), (1, "aa"), (2, ""), (300, "")]);
    check(&[vec![], vec![1u8], vec![1, 2], vec![2], vec![255, 0]]);
    check(&[vec![None], vec![Some(1)], vec![Some(1), None]]);
    let map = |keys: &[&str]| {
        keys.iter().map(|&key| (key.to_owned(), 1)).collect::<std::collections::BTreeMap<_, _>>()
    };
    check(&[map(&[]), map(&["aa", "b"]), map(&["aa"]), map(&["b"]), map(&["aa", "aaa"])]);
}

#[test]
fn claimed_lengths_reserve_nothing() {
    for major in [0x5b, 0x7b, 0x9b, 0xbb] {
        for claim in [u64::MAX, 1 << 62, 1 << 40, 1 << 33] {
            let mut bytes = vec![major];
            bytes.extend_from_slice(&claim.to_be_bytes());
            bytes.extend_from_slice(&[0; 16]);
            assert!(item_len(&bytes).unwrap_err().is_corrupt());
            assert!(check(&bytes).unwrap_err().is_corrupt());
            assert!(decode::<Value>(&bytes).unwrap_err().is_corrupt());
            assert!(decode::<Vec<u64>>(&bytes).is_err());
        }
    }
}

/// A visitor may reserve what a list or map claims to hold, so none gets to see a claim that cannot be true.
#[test]
fn a_claim_beyond_the_input_reaches_no_visitor() {
    struct Unreached;
    impl<'de> serde::Deserialize<'de> for Unreached {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Unreached)
        }
    }
    impl<'de> serde::de::Visitor<'de> for Unreached {
        type Value = Self;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("nothing")
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, items: A) -> Result<Self, A::Error> {
            panic!("a list of {:?}", items.size_hint())
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, entries: A) -> Result<Self, A::Error> {
            panic!("a map of {:?}", entries.size_hint())
        }
    }
    for (major, length) in [(0x98, 39), (0xb8, 79)] {
        let bytes = [&[major, 40][..], &vec![0; length]].concat();
        assert!(decode::<Unreached>(&bytes).err().unwrap().is_corrupt());
    }
}

#[test]
fn depth_is_limited_and_reading_stops_in_time() {
    let nested = |depth: usize| (1..depth).fold(Value::List(vec![]), |inner, _| Value::List(vec![inner]));
    let bytes = nested(128).to_bytes().unwrap();
    assert_eq!(Value::from_bytes(&bytes).unwrap(), nested(128));
    let wide: Value =
        (0..300).map(|_| Value::some(Value::from_iter([nested(5), Value::some(Value::Null)]))).collect();
    assert_eq!(Value::from_bytes(&wide.to_bytes().unwrap()).unwrap(), wide);
    assert!(nested(129).to_bytes().unwrap_err().to_string().contains("128 levels"));
    for head in [&[0x81][..], &[0xa1], &[0xa1, 0xf6], &super::super::head::SOME] {
        let mut bytes = head.repeat(100_000);
        bytes.push(0xf6);
        assert!(check(&bytes).is_err());
        assert!(decode::<Value>(&bytes).is_err());
        assert!(compare(&bytes, &bytes).is_eq());
        let _ = item_len(&bytes);
    }
}

/// Sorting the keys of maps in keys of maps again at each level would take 3^60 steps here.
#[test]
fn maps_in_keys_do_not_blow_up() {
    let deep = |leaf: i32| {
        (0..60).fold(Value::from(leaf), |key, _| {
            [Value::Null, Value::List(vec![]), Value::Map(Default::default()), key]
                .into_iter()
                .map(|key| (Value::Map([(key, Value::Null)].into()), Value::Null))
                .collect()
        })
    };
    let (a, b) = (deep(1), deep(2));
    assert_eq!(compare(&a.to_bytes().unwrap(), &b.to_bytes().unwrap()), a.cmp(&b));
}
