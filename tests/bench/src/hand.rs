//! The limit by hand: a compact encoding of Person and nothing else, no field names, no versions, no checks.

use crate::person::Person;
use std::collections::BTreeSet;

/// Appends the person: texts with their lengths in front, integers as they are in memory.
pub fn encode(person: &Person, out: &mut Vec<u8>) {
    let text = |out: &mut Vec<u8>, text: &str| {
        out.push(text.len() as u8);
        out.extend_from_slice(text.as_bytes());
    };
    text(out, &person.first);
    text(out, &person.last);
    text(out, &person.phone);
    out.extend_from_slice(&person.age.to_le_bytes());
    out.extend_from_slice(&person.visits.to_le_bytes());
    out.push(person.tags.len() as u8);
    person.tags.iter().for_each(|tag| text(out, tag));
    match &person.gender {
        Some(gender) => text(out, gender),
        None => out.push(0xff),
    }
}

/// Reads what [`encode`] wrote; anything else panics.
pub fn decode(bytes: &[u8]) -> Person {
    let mut rest = bytes;
    let mut take = |length: usize| {
        let (taken, left) = rest.split_at(length);
        rest = left;
        taken
    };
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().to_owned();
    macro_rules! sized {
        () => {{
            let length = take(1)[0] as usize;
            text(take(length))
        }};
    }
    let (first, last, phone) = (sized!(), sized!(), sized!());
    let age = u32::from_le_bytes(take(4).try_into().unwrap());
    let visits = u64::from_le_bytes(take(8).try_into().unwrap());
    let count = take(1)[0];
    let mut tags = BTreeSet::new();
    for _ in 0..count {
        tags.insert(sized!());
    }
    let gender = match take(1)[0] {
        0xff => None,
        length => Some(text(take(length as usize))),
    };
    Person { first, last, phone, age, visits, tags, gender }
}
