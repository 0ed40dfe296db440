//! Rust's types as values: round trips, sets in random order, errors.

use crate::value::sort::in_random_order;
use crate::value::{
    Integer, Value, check, decode, decode_borrowed, encode, encode_into, from_value, to_value,
};
use crate::{Error, ErrorKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
    let bytes = encode(&value).unwrap();
    assert_eq!(check(&bytes).unwrap(), bytes.len(), "{value:?}");
    assert_eq!(decode::<T>(&bytes).unwrap(), value);
    assert_eq!(from_value::<T>(&to_value(&value).unwrap()).unwrap(), value);
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Default)]
struct Person {
    first: String,
    age: u32,
    tags: BTreeSet<String>,
    gender: Option<String>,
    height: f32,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Unit;

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Newtype(u8);

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Shape {
    Empty,
    Circle(f64),
    Line(i8, i8),
    Named { name: String, x: i8 },
    Nothing(()),
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
#[serde(untagged)]
enum Loose {
    Number(u64),
    Text(String),
    Maybe(Option<Vec<u8>>),
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Flat {
    #[serde(flatten)]
    person: Person,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[test]
fn types_round_trip() {
    round_trip((i8::MIN, i16::MAX, i32::MIN, i64::MIN, i128::MIN));
    round_trip((u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX));
    round_trip((f32::MIN_POSITIVE, f64::MAX, 0.1f32, -0.0f64, 'é', true));
    round_trip((Unit, Newtype(7), String::from("abc"), [1, 2, 3], ((), "é".to_owned())));
    round_trip(vec![Shape::Empty, Shape::Circle(1.0), Shape::Line(-1, 2), Shape::Nothing(())]);
    round_trip(Shape::Named { name: "n".into(), x: 1 });
    round_trip((Loose::Number(1), Loose::Text("a".into()), Loose::Maybe(None), Loose::Maybe(Some(vec![1]))));
    let person = Person { first: "Juan".into(), tags: ["b".into(), "aa".into()].into(), ..Person::default() };
    round_trip(person.clone());
    round_trip(Flat { person, rest: [("z".to_owned(), Value::Float(1.0))].into(), note: None });
    round_trip(HashMap::from([("b".to_owned(), 1), ("aa".to_owned(), 2)]));
    round_trip(BTreeMap::from([((1, "x".to_owned()), None), ((0, "y".to_owned()), Some(1))]));
    round_trip(std::net::IpAddr::from([127, 0, 0, 1]));
    round_trip(std::time::Duration::from_millis(1500));
    round_trip(Integer::from(u128::MAX));
}

#[test]
fn options_round_trip_to_any_depth() {
    let all: [Option<Option<Option<u8>>>; 4] = [None, Some(None), Some(Some(None)), Some(Some(Some(1)))];
    all.into_iter().for_each(round_trip);
    round_trip((None::<()>, Some(())));
    round_trip([None, Some(Unit)]);
    round_trip([None, Some(None), Some(Some(()))]);
    round_trip([None, Some(Shape::Empty), Some(Shape::Nothing(()))]);
    // An `Option<Value>` reads `null` as `None`, so its `Some(Null)` is tagged.
    let null: Option<Value> = Some(Value::Null);
    assert_eq!(decode::<Option<Value>>(&encode(&null).unwrap()).unwrap(), null);
    assert_eq!(to_value(&null).unwrap(), Value::some(Value::Null));
    assert_eq!(Value::from(Some(None::<u8>)), to_value(&Some(None::<u8>)).unwrap());
}

#[test]
fn hash_sets_are_written_as_tree_sets() {
    let words = || (0..200).map(|number| format!("{number:x}"));
    let set = encode(&words().collect::<BTreeSet<_>>()).unwrap();
    for _ in 0..10 {
        let hashed: HashSet<String> = words().collect();
        assert_eq!(encode(&hashed).unwrap(), set);
        let inside = encode(&BTreeMap::from([(1, Some(vec![hashed.clone()]))])).unwrap();
        let expected = encode(&BTreeMap::from([(1, [words().collect::<BTreeSet<_>>()])])).unwrap();
        assert_eq!(inside, expected);
        let sets: HashSet<BTreeSet<u8>> =
            (0..50).map(|number| BTreeSet::from([number, number * 3])).collect();
        assert_eq!(encode(&sets).unwrap(), encode(&sets.iter().collect::<BTreeSet<_>>()).unwrap());
    }
}

#[test]
fn lists_keep_their_order_even_of_sets() {
    let sets = vec![HashSet::from([2]), HashSet::from([1])];
    assert_eq!(to_value(&sets).unwrap().to_string(), "[[2],[1]]");
    round_trip(vec![3, 1, 2]);
    round_trip(std::collections::VecDeque::from([3, 1, 2]));
    let names = [
        (std::any::type_name::<&HashSet<String>>(), true),
        (std::any::type_name::<std::collections::hash_set::Iter<'_, u8>>(), true),
        (std::any::type_name::<std::collections::hash_map::Keys<'_, u8, u8>>(), true),
        (std::any::type_name::<std::iter::Copied<std::collections::hash_set::Iter<'_, u8>>>(), true),
        ("&hashbrown::set::HashSet<u8>", true),
        ("&ahash::hash_set::AHashSet<u8>", true),
        (std::any::type_name::<&[HashSet<u8>]>(), false),
        (std::any::type_name::<&Vec<HashSet<u8>>>(), false),
        (std::any::type_name::<&BTreeSet<u8>>(), false),
        ("&indexmap::set::IndexSet<u8>", false),
        ("&app::hash::Settings<std::collections::hash::set::HashSet<u8>>", false),
    ];
    for (name, random) in names {
        assert_eq!(in_random_order(name), random, "{name}");
    }
}

#[test]
fn nan_is_refused_and_the_buffer_is_as_before() {
    let mut out = vec![1, 2];
    let error = encode_into(&("text", f32::NAN), &mut out).unwrap_err();
    assert_eq!((error.kind(), out), (ErrorKind::InvalidValue, vec![1, 2]));
    assert!(error.to_string().starts_with("NaN has no place in an order"));
    assert!(Value::Float(f64::NAN).to_bytes().is_err());
    assert!(Value::Some(Box::new(Value::Bool(true))).to_bytes().is_err());
    let person = Person { height: f32::NAN, ..Person::default() };
    assert!(encode(&person).unwrap_err().to_string().starts_with("height: NaN"));
}

#[test]
fn keys_are_unique_and_lengths_are_counted() {
    struct Pairs(&'static [(&'static str, u8)]);
    impl Serialize for Pairs {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().filter(|_| true).map(|(key, value)| (key, value)))
        }
    }
    assert_eq!(encode(&Pairs(&[("b", 1), ("a", 2)])).unwrap(), b"\xa2\x61a\x02\x61b\x01");
    struct Odd(u8);
    impl Serialize for Odd {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq((0..self.0).filter(|number| number % 2 == 1))
        }
    }
    for count in [0, 10, 100] {
        let expected: Vec<u8> = (0..count).filter(|number| number % 2 == 1).collect();
        assert_eq!(encode(&(1, Odd(count), 2)).unwrap(), encode(&(1, expected, 2)).unwrap());
    }
    let error = encode(&Pairs(&[("a", 1), ("b", 1), ("a", 2)])).unwrap_err();
    assert_eq!(error.to_string(), "a map has the key \"a\" twice");
}

#[test]
fn errors_say_what_was_expected_and_found() {
    fn check<T: DeserializeOwned + Debug>(value: impl Serialize, message: &str) {
        let error: Error = decode::<T>(&encode(&value).unwrap()).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.kind()), (message, ErrorKind::InvalidValue));
    }
    check::<u32>("abc", "expected u32, found text \"abc\"");
    check::<u32>(-1, "expected u32, found integer -1");
    check::<u8>(300, "expected u8, found integer 300");
    check::<u32>(1.0, "expected u32, found float 1.0");
    check::<f64>(1, "expected f64, found integer 1");
    check::<f32>(0.1, "expected f32, found float 0.1");
    check::<String>(Value::Bytes(vec![65]), "expected a string, found 1 bytes");
    check::<bool>((), "expected a boolean, found null");
    check::<u64>(Some(()), "expected u64, found a some");
    check::<i64>(u128::MAX, "expected i64, found integer `340282366920938463463374607431768211455` as u128");
    check::<(u8, u8)>([1, 2, 3], "expected a list of 2, found 3 items");
    check::<(u8, u8)>([1], "expected a tuple of size 2, found 1 items");
    check::<BTreeMap<String, Vec<u8>>>(BTreeMap::from([("a", [-1])]), "a: expected u8, found integer -1");
    check::<Shape>(BTreeMap::from([("Line", [1.5])]), "Line: expected i8, found float 1.5");
}

#[test]
fn texts_are_borrowed_and_all_bytes_are_read() {
    let bytes = encode(&("abc", 1)).unwrap();
    assert_eq!(decode_borrowed::<(&str, u8)>(&bytes).unwrap(), ("abc", 1));
    assert!(decode::<u8>(&[0x01, 0x01]).unwrap_err().is_corrupt());
    assert!(Value::from_bytes(&[0x01, 0x01]).unwrap_err().is_corrupt());
    assert!(decode::<u8>(&[]).unwrap_err().is_corrupt());
}

#[test]
fn a_type_that_holds_only_itself_ends_in_an_error() {
    #[derive(Serialize, Deserialize, Debug)]
    struct Endless(Option<Box<Endless>>);
    assert!(decode::<Endless>(&[0x01]).is_err());
    assert!(decode::<Endless>(&[0xf6]).unwrap().0.is_none());
}

#[test]
fn integers_know_what_they_fit() {
    let max = Integer::from(u128::MAX);
    assert_eq!((max.as_i128(), max.as_u128(), max.as_u64()), (None, Some(u128::MAX), None));
    let minus = Integer::from(-1);
    assert_eq!((minus.as_i64(), minus.as_u128(), minus.as_u64()), (Some(-1), None, None));
    assert!(minus < Integer::from(0) && Integer::from(i128::MIN) < minus && Integer::from(i128::MAX) < max);
    for text in
        ["0", "-1", "170141183460469231731687303715884105728", "-170141183460469231731687303715884105728"]
    {
        assert_eq!(text.parse::<Integer>().unwrap().to_string(), text);
    }
    assert!(u8::try_from(Integer::from(256)).unwrap_err().to_string().contains("256 does not fit u8"));
    assert_eq!(size_of::<Value>(), 32);
}

#[test]
fn a_map_written_askew_is_refused() {
    struct Askew;
    impl Serialize for Askew {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeMap;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("a", "c")?;
            map.serialize_key("b")?;
            map.end()
        }
    }
    assert_eq!(encode(&Askew).unwrap_err().kind(), ErrorKind::InvalidValue);
}

#[test]
fn many_keys_sort_as_few_do() {
    for count in [1, 2, 23, 24, 25, 100, 1000] {
        round_trip((0..count).map(|number| (number * 37 % 1009, number)).collect::<HashMap<_, _>>());
    }
}

#[test]
fn display_is_compact() {
    let value =
        Value::from_iter([(Value::from(1), Value::Bytes(vec![0, 255])), ("a".into(), Value::Float(2.0))]);
    let list =
        Value::from_iter([value, Value::some(Value::Null), Value::Text("\"".into()), Value::from(u128::MAX)]);
    let shown = r#"[{1:h'00ff',"a":2.0},some(null),"\"",340282366920938463463374607431768211455]"#;
    assert_eq!(list.to_string(), shown);
}
