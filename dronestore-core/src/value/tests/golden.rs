//! Bytes that never change: the examples of RFC 8949, appendix A, and what is ours.

use crate::value::{Value, check, encode};

fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).unwrap()).collect()
}

fn check_bytes<T: serde::Serialize>(value: T, digits: &str) {
    let bytes = encode(&value).unwrap();
    assert_eq!(bytes, unhex(digits), "{digits}");
    assert_eq!(check(&bytes).unwrap(), bytes.len());
    assert_eq!(Value::from_bytes(&bytes).unwrap().to_bytes().unwrap(), bytes, "{digits}");
}

#[test]
fn integers_of_appendix_a() {
    let small = [(0, "00"), (1, "01"), (10, "0a"), (23, "17"), (24, "1818"), (25, "1819"), (100, "1864")];
    for (number, digits) in small {
        check_bytes(number, digits);
    }
    check_bytes(1000, "1903e8");
    check_bytes(1_000_000, "1a000f4240");
    check_bytes(1_000_000_000_000u64, "1b000000e8d4a51000");
    check_bytes(18_446_744_073_709_551_615u64, "1bffffffffffffffff");
    check_bytes(18_446_744_073_709_551_616u128, "c249010000000000000000");
    check_bytes(-18_446_744_073_709_551_616i128, "3bffffffffffffffff");
    check_bytes(-18_446_744_073_709_551_617i128, "c349010000000000000000");
    for (number, digits) in [(-1, "20"), (-10, "29"), (-100, "3863"), (-1000, "3903e7")] {
        check_bytes(number, digits);
    }
    check_bytes(u128::MAX, "c250ffffffffffffffffffffffffffffffff");
    check_bytes(i128::MIN, "c3507fffffffffffffffffffffffffffffff");
}

#[test]
fn floats_of_appendix_a() {
    for (number, digits) in [
        (0.0, "f90000"),
        (-0.0, "f98000"),
        (1.0, "f93c00"),
        (1.1, "fb3ff199999999999a"),
        (1.5, "f93e00"),
        (65504.0, "f97bff"),
        (100_000.0, "fa47c35000"),
        (3.402_823_466_385_288_6e38, "fa7f7fffff"),
        (1.0e300, "fb7e37e43c8800759c"),
        (5.960_464_477_539_063e-8, "f90001"),
        (0.000_061_035_156_25, "f90400"),
        (-4.0, "f9c400"),
        (-4.1, "fbc010666666666666"),
        (f64::INFINITY, "f97c00"),
        (f64::NEG_INFINITY, "f9fc00"),
    ] {
        check_bytes(number, digits);
    }
}

#[test]
fn the_rest_of_appendix_a() {
    check_bytes(false, "f4");
    check_bytes(true, "f5");
    check_bytes((), "f6");
    check_bytes(Value::Bytes(vec![]), "40");
    check_bytes(Value::Bytes(vec![1, 2, 3, 4]), "4401020304");
    for (text, digits) in [
        ("", "60"),
        ("a", "6161"),
        ("IETF", "6449455446"),
        ("\"\\", "62225c"),
        ("\u{fc}", "62c3bc"),
        ("\u{6c34}", "63e6b0b4"),
        ("\u{10151}", "64f0908591"),
    ] {
        check_bytes(text, digits);
    }
    check_bytes(Vec::<u8>::new(), "80");
    check_bytes([1, 2, 3], "83010203");
    check_bytes((1, [2, 3], [4, 5]), "8301820203820405");
    check_bytes((1..26).collect::<Vec<_>>(), "98190102030405060708090a0b0c0d0e0f101112131415161718181819");
    check_bytes(Value::Map(Default::default()), "a0");
    check_bytes(Value::from_iter([(1, 2), (3, 4)]), "a201020304");
    check_bytes(
        Value::from_iter([("a", Value::from(1)), ("b", Value::from_iter([2, 3]))]),
        "a26161016162820203",
    );
    check_bytes(("a", Value::from_iter([("b", "c")])), "826161a161626163");
}

#[test]
fn keys_sort_by_their_bytes_and_some_has_a_tag() {
    // The example of RFC 8949, section 4.2.1: 10, 100, -1, "z", "aa", [100], [-1], false.
    let keys = [
        Value::Bool(false),
        Value::from_iter([-1]),
        Value::from_iter([100]),
        "aa".into(),
        "z".into(),
        (-1).into(),
        100.into(),
        10.into(),
    ];
    let map: Value = keys.into_iter().map(|key| (key, 0)).collect();
    check_bytes(map, "a8 0a00 186400 2000 617a00 62616100 81186400 812000 f400");
    check_bytes(Some(None::<u8>), "d9d5d5 f6");
    check_bytes(Some(Some(None::<u8>)), "d9d5d5 d9d5d5 f6");
    check_bytes(Some(()), "d9d5d5 f6");
    check_bytes(Some(Some(1)), "01");
}

#[test]
fn other_forms_are_refused() {
    for (digits, why) in [
        ("", "end too early"),
        ("1817", "longer than it needs"),
        ("1900ff", "longer than it needs"),
        ("1a0000ffff", "longer than it needs"),
        ("1b00000000ffffffff", "longer than it needs"),
        ("780161", "longer than it needs"),
        ("5f41 0141 02ff", "indefinite"),
        ("9f01ff", "indefinite"),
        ("bf616101ff", "indefinite"),
        ("ff", "indefinite"),
        ("1c", "indefinite"),
        ("f97e00", "NaN"),
        ("fa7fc00000", "NaN"),
        ("fb7ff8000000000000", "NaN"),
        ("fa3f800000", "float is longer"),
        ("fb3ff0000000000000", "float is longer"),
        ("fb47efffffe0000000", "float is longer"),
        ("f7", "simple value"),
        ("e0", "simple value"),
        ("f820", "simple value"),
        ("f8ff", "simple value"),
        ("c0 6161", "tag"),
        ("d9d9f7 00", "tag"),
        ("c2 48 ffffffffffffffff", "9 to 16"),
        ("c2 40", "9 to 16"),
        ("c2 00", "9 to 16"),
        ("c2 49 00ffffffffffffffff", "longer than it needs"),
        ("c3 50 80000000000000000000000000000000", "below the least"),
        ("c2 51 0100000000000000000000000000000000", "9 to 16"),
        ("d9d5d5 01", "some-tag"),
        ("d9d5d5 80", "some-tag"),
        ("d9d5d5", "end too early"),
        ("61ff", "UTF-8"),
        ("a2 6162 01 6161 01", "out of order"),
        ("a2 6161 01 6161 01", "not unique"),
        ("a2 626161 01 617a 01", "out of order"),
        ("81 a2 01 01 00 01", "byte 4"),
        ("8201", "end too early"),
    ] {
        let error = check(&unhex(digits)).expect_err(digits);
        assert!(error.is_corrupt() && error.to_string().contains(why), "{digits}: {error}");
    }
}
