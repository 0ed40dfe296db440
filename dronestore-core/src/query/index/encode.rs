//! Values as bytes, in the order in which queries sort them.
//!
//! ```text
//! value  := 02                        null
//!         | 03 inner                  a `Some`
//!         | 04 (00 | 01)              false, true
//!         | 05 number type            a number: equal ones differ in their type alone
//!         | 08 escaped 00             bytes
//!         | 09 escaped 00             text
//!         | 0a inner* 00              a list
//!         | 0b (inner inner)* 00      a map: key, value
//! pair   := 0c inner value            an entry of a map, of which each is indexed
//! inner  := as value, but 06 number   a whole number
//!         | 07 bits (8 bytes)         a float
//! number := exponent (2 bytes), mantissa in groups of 7 bits, each but the last with its lowest bit set
//! type   := 01 whole  |  02 negative zero  |  03 float
//! ```
//!
//! A negative number is the complement of the positive one. In `escaped` the bytes 00 and 01 are written 01 02 and 01 03.
//! No value is the beginning of another, so values may follow one another; of a value that is longer than [`LIMIT`] the
//! beginning alone is kept, which is in order still, but says less.

use crate::value::{Integer, Value};

/// How many bytes of a value an index keeps.
pub const LIMIT: usize = 256;
/// Before the key of an object that could not be read: such ones come last, and are always looked at.
pub const RESIDUE: u8 = 0xfe;

pub(super) const NULL: u8 = 2;
const SOME: u8 = 3;
const BOOL: u8 = 4;
pub(super) const NUMBER: u8 = 5;
const WHOLE: u8 = 6;
const FLOAT: u8 = 7;
const BYTES: u8 = 8;
pub(super) const TEXT: u8 = 9;
const LIST: u8 = 10;
const MAP: u8 = 11;
pub(super) const PAIR: u8 = 12;
const END: u8 = 0;
const ESCAPE: u8 = 1;

/// The types of numbers, in their order among equal ones.
const IS_WHOLE: u8 = 1;
const IS_NEGATIVE_ZERO: u8 = 2;
const IS_FLOAT: u8 = 3;

/// The exponent of zero, and of one; what is less is negative.
const ZERO: u16 = 0x8000;
const ONE: u16 = 0x8800;
const INFINITE: u16 = 0x8f00;

/// Appends a value, no more than [`LIMIT`] bytes of it.
pub(super) fn put(value: &Value, out: &mut Vec<u8>) {
    let start = out.len();
    put_value(value, out, start + LIMIT);
    out.truncate(start + LIMIT);
}

/// Appends an entry of a map, no more than [`LIMIT`] bytes of it.
pub(super) fn put_pair(key: &Value, value: &Value, out: &mut Vec<u8>) {
    let start = out.len();
    put_pair_key(key, out);
    put_value(value, out, start + LIMIT);
    out.truncate(start + LIMIT);
}

/// Appends what the entries of a map under this key begin with; it may be longer than is kept.
pub(super) fn put_pair_key(key: &Value, out: &mut Vec<u8>) {
    out.push(PAIR);
    let most = out.len() + LIMIT;
    put_inner(key, out, most);
}

/// As [`put`], but for the type of a number: what all numbers begin with that are equal to this one.
pub(super) fn put_equal(value: &Value, out: &mut Vec<u8>) {
    let start = out.len();
    match value {
        Value::Integer(number) => put_whole(NUMBER, *number, out),
        Value::Float(number) => put_float(NUMBER, *number, out),
        other => put_inner(other, out, start + LIMIT),
    }
    out.truncate(start + LIMIT);
}

/// All numbers that begin like this, where it is what equal numbers begin with.
pub(super) fn typed(equal: &[u8]) -> Option<impl Iterator<Item = Vec<u8>>> {
    let is_number = equal.first() == Some(&NUMBER) && number(equal, 1) == Some(equal.len());
    let is_zero = equal.get(1..) == Some(&ZERO.to_be_bytes()[..]);
    let types: &[u8] = if is_zero { &[IS_WHOLE, IS_NEGATIVE_ZERO, IS_FLOAT] } else { &[IS_WHOLE, IS_FLOAT] };
    is_number.then(|| types.iter().map(move |one| [equal, &[*one]].concat()))
}

/// The beginning of texts that begin so; it may be longer than is kept.
pub(super) fn put_prefix(text: &str, out: &mut Vec<u8>) {
    out.push(TEXT);
    let most = out.len() + LIMIT;
    put_escaped(text.as_bytes(), out, most);
}

/// The first byte of all values that this one is compared with.
pub(super) fn tag(value: &Value) -> u8 {
    match value {
        Value::Null => NULL,
        Value::Some(_) => SOME,
        Value::Bool(_) => BOOL,
        Value::Integer(_) | Value::Float(_) => NUMBER,
        Value::Bytes(_) => BYTES,
        Value::Text(_) => TEXT,
        Value::List(_) => LIST,
        Value::Map(_) => MAP,
    }
}

fn put_value(value: &Value, out: &mut Vec<u8>, most: usize) {
    match value {
        Value::Integer(number) => {
            put_whole(NUMBER, *number, out);
            out.push(IS_WHOLE);
        }
        Value::Float(number) => {
            put_float(NUMBER, *number, out);
            let is_negative_zero = *number == 0.0 && number.is_sign_negative();
            out.push(if is_negative_zero { IS_NEGATIVE_ZERO } else { IS_FLOAT });
        }
        other => put_inner(other, out, most),
    }
}

/// Stops where there is more than `most`.
fn put_inner(value: &Value, out: &mut Vec<u8>, most: usize) {
    if out.len() > most {
        return;
    }
    match value {
        Value::Null => out.push(NULL),
        Value::Some(inner) => {
            out.push(SOME);
            put_inner(inner, out, most);
        }
        Value::Bool(is_true) => out.extend([BOOL, u8::from(*is_true)]),
        Value::Integer(number) => put_whole(WHOLE, *number, out),
        Value::Float(number) => {
            let bits = number.to_bits();
            let ordered = if number.is_sign_negative() { !bits } else { bits | 1 << 63 };
            out.push(FLOAT);
            out.extend_from_slice(&ordered.to_be_bytes());
        }
        Value::Bytes(bytes) => {
            out.push(BYTES);
            put_escaped(bytes, out, most);
            out.push(END);
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_escaped(text.as_bytes(), out, most);
            out.push(END);
        }
        Value::List(items) => {
            out.push(LIST);
            items.iter().for_each(|item| put_inner(item, out, most));
            out.push(END);
        }
        Value::Map(entries) => {
            out.push(MAP);
            for (key, value) in entries {
                put_inner(key, out, most);
                put_inner(value, out, most);
            }
            out.push(END);
        }
    }
}

fn put_escaped(bytes: &[u8], out: &mut Vec<u8>, most: usize) {
    let room = (most + 1).saturating_sub(out.len());
    let bytes = &bytes[..bytes.len().min(room)];
    if !bytes.iter().any(|byte| *byte <= ESCAPE) {
        return out.extend_from_slice(bytes);
    }
    for byte in bytes {
        match byte {
            0 | 1 => out.extend([ESCAPE, byte + 2]),
            other => out.push(*other),
        }
    }
}

fn put_whole(tag: u8, number: Integer, out: &mut Vec<u8>) {
    let (magnitude, is_negative) = match (number.as_u128(), number.as_i128()) {
        (Some(natural), _) => (natural, false),
        (None, number) => (number.map_or(0, i128::unsigned_abs), true),
    };
    out.push(tag);
    if magnitude == 0 {
        return out.extend(ZERO.to_be_bytes());
    }
    let zeros = magnitude.leading_zeros();
    put_binary(is_negative, 127 - zeros as i32, magnitude.checked_shl(zeros + 1).unwrap_or(0), out);
}

fn put_float(tag: u8, number: f64, out: &mut Vec<u8>) {
    out.push(tag);
    let is_negative = number.is_sign_negative();
    if number == 0.0 {
        return out.extend(ZERO.to_be_bytes());
    }
    if !number.is_finite() {
        // A NaN is no value that is stored, and greater than all in comparisons.
        let code = INFINITE + u16::from(number.is_nan());
        return out.extend(if is_negative && !number.is_nan() { !code } else { code }.to_be_bytes());
    }
    let bits = number.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    let (exponent, mantissa) = match exponent {
        // Subnormal: the leading one is somewhere in the fraction.
        0 => {
            let zeros = u128::from(fraction).leading_zeros();
            (127 - zeros as i32 - 1074, u128::from(fraction).checked_shl(zeros + 1).unwrap_or(0))
        }
        _ => (exponent - 1023, u128::from(fraction) << 76),
    };
    put_binary(is_negative, exponent, mantissa, out);
}

/// A number that is not zero: its exponent, and what follows the leading one, from the highest bit on.
fn put_binary(is_negative: bool, exponent: i32, mut mantissa: u128, out: &mut Vec<u8>) {
    let flip = if is_negative { 0xff } else { 0 };
    let code = (i32::from(ONE) + exponent) as u16;
    out.extend(code.to_be_bytes().map(|byte| byte ^ flip));
    loop {
        let group = (mantissa >> 121) as u8;
        mantissa <<= 7;
        out.push((group << 1 | u8::from(mantissa != 0)) ^ flip);
        if mantissa == 0 {
            return;
        }
    }
}

/// How long the value is that these bytes begin with, and whether it is all of it.
pub fn part(bytes: &[u8]) -> (usize, bool) {
    let kept = &bytes[..bytes.len().min(LIMIT)];
    match item(kept, 0) {
        Some(end) => (end, true),
        None => (kept.len(), false),
    }
}

/// The end of the item at this place; `None` where the bytes end before.
fn item(bytes: &[u8], at: usize) -> Option<usize> {
    let end = match *bytes.get(at)? {
        NULL => at + 1,
        SOME => item(bytes, at + 1)?,
        BOOL => at + 2,
        NUMBER => number(bytes, at + 1)? + 1,
        WHOLE => number(bytes, at + 1)?,
        FLOAT => at + 9,
        BYTES | TEXT => at + 2 + bytes.get(at + 1..)?.iter().position(|byte| *byte == END)?,
        PAIR => item(bytes, item(bytes, at + 1)?)?,
        LIST | MAP => {
            let mut at = at + 1;
            while *bytes.get(at)? != END {
                at = item(bytes, at)?;
            }
            at + 1
        }
        _ => return None,
    };
    (end <= bytes.len()).then_some(end)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let code = u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
    let (flip, code) = if code < ZERO { (1, !code) } else { (0, code) };
    if code == ZERO || code >= INFINITE {
        return Some(at + 2);
    }
    let groups = bytes.get(at + 2..)?;
    Some(at + 3 + groups.iter().position(|group| group & 1 == flip)?)
}

#[cfg(test)]
mod tests {
    use super::super::super::compare::sorted;
    use super::*;
    use std::collections::BTreeMap;

    fn values() -> Vec<Value> {
        let wholes = [
            i128::MIN,
            -1 << 90,
            -257,
            -256,
            -255,
            -128,
            -3,
            -2,
            -1,
            0,
            1,
            2,
            3,
            127,
            128,
            255,
            256,
            1 << 53,
        ];
        let mut values: Vec<Value> = wholes.into_iter().map(Value::from).collect();
        values.extend([(1i128 << 53) + 1, 9_007_199_254_740_994, i128::MAX].map(Value::from));
        values.extend([u128::MAX, u128::MAX - 1].map(|number| Value::Integer(number.into())));
        let floats = [
            0.0,
            0.5,
            1.0,
            1.5,
            2.0,
            3.0,
            255.5,
            1e300,
            5e-324,
            1e-310,
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::INFINITY,
        ];
        values.extend(floats.iter().flat_map(|float| [Value::Float(*float), Value::Float(-float)]));
        values.extend(
            [9_007_199_254_740_992.0, 340_282_366_920_938_463_463_374_607_431_768_211_456.0]
                .map(Value::Float),
        );
        values.extend(
            ["", "\0", "\0\0", "\u{1}", "a", "a\0", "a\u{1}", "a\u{2}", "ab", "b", "é"].map(Value::from),
        );
        values.extend(
            [&[][..], &[0], &[0, 0xff], &[1], &[0xff], &[0xff, 0]].map(|bytes| Value::Bytes(bytes.to_vec())),
        );
        values.extend([Value::Null, Value::from(false), Value::from(true)]);
        values.extend(
            [Value::Null, Value::Some(Box::new(Value::Null))].map(|inner| Value::Some(Box::new(inner))),
        );
        let small: Vec<Value> = values.iter().step_by(3).cloned().collect();
        for one in &small {
            values.push(Value::List(vec![one.clone()]));
            values.push(Value::List(vec![one.clone(), Value::from(1)]));
            values.push(Value::Map(BTreeMap::from([(one.clone(), Value::from("x"))])));
            values.push(Value::Map(BTreeMap::from([(Value::from("x"), one.clone())])));
        }
        values.push(Value::List(Vec::new()));
        values.push(Value::Map(BTreeMap::new()));
        values
    }

    #[test]
    fn bytes_are_in_the_order_of_values() {
        let values = values();
        let encoded = |value: &Value| {
            let mut out = Vec::new();
            put(value, &mut out);
            out
        };
        for ours in &values {
            let a = encoded(ours);
            assert_eq!(part(&[&a[..], b"more"].concat()), (a.len(), true), "{ours}");
            for theirs in &values {
                let b = encoded(theirs);
                assert_eq!(a.cmp(&b), sorted(ours, theirs), "{ours} and {theirs}: {a:x?} {b:x?}");
                assert!(a == b || !a.starts_with(&b), "{ours} begins with {theirs}");
            }
        }
    }

    #[test]
    fn equal_numbers_begin_alike_and_no_others_do() {
        let values = values();
        for ours in &values {
            let mut equal = Vec::new();
            put_equal(ours, &mut equal);
            for theirs in &values {
                let mut other = Vec::new();
                put(theirs, &mut other);
                let is_equal = super::super::super::compare::Op::Eq.holds(ours, theirs);
                assert_eq!(other.starts_with(&equal), is_equal, "{ours} and {theirs}");
                let is_typed = typed(&equal).is_none_or(|mut all| all.any(|one| one == other));
                assert!(!is_equal || is_typed, "{ours} and {theirs}");
            }
        }
    }

    #[test]
    fn what_is_long_is_cut_and_stays_in_order() {
        let long = |end: &str, count: usize| Value::from(format!("{}{end}", "x".repeat(count)).as_str());
        for count in LIMIT - 5..LIMIT + 3 {
            let mut values: Vec<Value> = ["", "\0", "a", "b"].map(|end| long(end, count)).into();
            values.extend(values.clone().into_iter().map(|value| Value::List(vec![value, Value::from(1)])));
            for ours in &values {
                for theirs in &values {
                    let (mut a, mut b) = (Vec::new(), Vec::new());
                    put(ours, &mut a);
                    put(theirs, &mut b);
                    assert!(a.len() <= LIMIT && b.len() <= LIMIT);
                    assert!(a.cmp(&b) == sorted(ours, theirs) || a == b);
                    assert!(a != b || ours == theirs || !part(&a).1);
                    assert_eq!(part(&[&a[..], &[0]].concat()).0, a.len());
                }
            }
        }
    }
}
