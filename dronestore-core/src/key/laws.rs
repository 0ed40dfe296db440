//! The laws of keys, over random keys with every byte that could break the encoding.

use super::Key;
use std::collections::BTreeMap;
use std::ops::Bound;

/// What a key stands for: per namespace what comes first, and the name if that was a field.
///
/// Rust's own order of this type is the hierarchical order that the encoding must reproduce.
type Model = Vec<(String, Option<String>)>;

struct Random(u64);

impl Random {
    /// A number below `limit` (xorshift64*).
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn part(&mut self) -> String {
        const LETTERS: &[char] = &[
            '\0',
            '\u{1}',
            '\u{2}',
            '\u{3}',
            '0',
            '1',
            '2',
            'a',
            'b',
            '/',
            ':',
            '%',
            '\u{7f}',
            '\u{80}',
            'ÿ',
            '\u{ffff}',
            '\u{10ffff}',
        ];
        (0..=self.below(3)).map(|_| LETTERS[self.below(LETTERS.len())]).collect()
    }

    /// A model that is often related to an earlier one, or ancestors and equals would hardly ever be met.
    fn model(&mut self, earlier: &[Model]) -> Model {
        let mut model = match earlier.len() {
            0 => Model::new(),
            count => earlier[self.below(count)].clone(),
        };
        model.truncate(self.below(4));
        for _ in 0..self.below(3) {
            let first = self.part();
            let name = (self.below(2) == 0).then(|| self.part());
            model.push((first, name));
        }
        model
    }
}

fn build(model: &Model) -> Key {
    model.iter().fold(Key::root(), |key, (first, name)| match name {
        None => key.child(first).unwrap(),
        Some(name) => key.child_in(first, name).unwrap(),
    })
}

/// 300 models with their keys; the seed is printed if a law fails.
fn sample(seed: u64) -> Vec<(Model, Key)> {
    println!("seed {seed}");
    let mut random = Random(seed);
    let mut models = vec![Model::new()];
    for _ in 0..300 {
        let model = random.model(&models);
        models.push(model);
    }
    models.into_iter().map(|model| (model.clone(), build(&model))).collect()
}

fn within(key: &Key, (start, end): &(Vec<u8>, Vec<u8>)) -> bool {
    start.as_slice() <= key.as_encoded() && key.as_encoded() < end.as_slice()
}

#[test]
fn order_of_keys_is_order_of_bytes_is_hierarchical_order() {
    for seed in 1..6 {
        let sample = sample(seed);
        for (model, key) in &sample {
            for (other_model, other) in &sample {
                assert_eq!(key.cmp(other), model.cmp(other_model), "{key} {other}");
                assert_eq!(key.as_encoded().cmp(other.as_encoded()), model.cmp(other_model));
                assert!(key.namespaces().cmp(other.namespaces()) == model.cmp(other_model), "{key} {other}");
            }
        }
    }
}

#[test]
fn only_ancestors_are_prefixes_and_subtrees_are_ranges() {
    for seed in 11..16 {
        let sample = sample(seed);
        for (above_model, above) in &sample {
            let (range, descendants) = (above.range(), above.descendants_range());
            for (model, key) in &sample {
                let inside = model.starts_with(above_model);
                assert_eq!(key.as_encoded().starts_with(above.as_encoded()), inside, "{above} {key}");
                assert_eq!(within(key, &range), inside, "{above} {key}");
                assert_eq!(within(key, &descendants), inside && key != above, "{above} {key}");
                assert_eq!(above.is_ancestor_of(key), inside && key != above);
                assert_eq!(key.ancestors().any(|ancestor| ancestor == *above), inside && key != above);
            }
        }
    }
}

#[test]
fn instances_of_a_field_are_a_range() {
    for seed in 21..26 {
        let sample = sample(seed);
        for (model, key) in &sample {
            let (Some((field, _)), Some(parent)) = (model.last(), key.parent()) else { continue };
            let range = parent.field_range(field).unwrap();
            for (other_model, other) in &sample {
                let inside = other_model.starts_with(&model[..model.len() - 1])
                    && matches!(other_model.get(model.len() - 1), Some((first, Some(_))) if first == field);
                assert_eq!(within(other, &range), inside, "{parent} {field:?} {other}");
            }
        }
    }
}

#[test]
fn text_bytes_and_namespaces_lead_back_to_the_key() {
    for seed in 31..51 {
        for (model, key) in sample(seed) {
            assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
            assert_eq!(Key::from_encoded(key.as_encoded()).unwrap(), key);
            let read = key.namespaces().map(|namespace| match namespace.field() {
                Some(field) => (field.into_owned(), Some(namespace.name().into_owned())),
                None => (namespace.name().into_owned(), None),
            });
            assert_eq!(read.collect::<Model>(), model);
        }
    }
}

#[test]
fn rows_appended_to_a_key_stay_before_its_descendants() {
    for (_, key) in sample(61) {
        for end in [0, 1] {
            let row = [key.as_encoded(), &[end, 0xff]].concat();
            assert!(
                row < key.descendants_range().0 && row < key.range().1 && row.as_slice() > key.as_encoded()
            );
        }
    }
}

#[test]
fn only_the_one_encoding_is_read() {
    for (bytes, message) in [
        (&b"a"[..], "an encoded key is cut off at byte 1"),
        (b"a\0b", "an encoded key is cut off at byte 3"),
        (b"\0", "an encoded key has an empty part at byte 0"),
        (b"a\0\0", "an encoded key has an empty part at byte 2"),
        (b"a\x01\0", "an encoded key has an empty part at byte 2"),
        (b"\x01a\0", "an encoded key has an empty part at byte 0"),
        (b"a\x01b\x01c\0", "an encoded key has a second field at byte 4"),
        (b"a\x02\0", "an encoded key has an unknown escape at byte 1"),
        (b"a\x023\0", "an encoded key has an unknown escape at byte 1"),
        (b"a\0\x02\x020\0", "an encoded key has an unknown escape at byte 2"),
        (b"a\xff\0", "an encoded key is not UTF-8 at byte 1"),
        (b"\xc3\0", "an encoded key is not UTF-8 at byte 0"),
        (&b"a\0".repeat(65), "an encoded key has more than 64 namespaces at byte 128"),
        (&[b'a'; 1025], "an encoded key is longer than 1024 bytes at byte 1024"),
    ] {
        let error = Key::from_encoded(bytes).unwrap_err();
        assert!(error.is_corrupt());
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn whatever_is_read_was_written_by_us() {
    let mut random = Random(71);
    for (_, key) in sample(71) {
        let mut bytes = key.as_encoded().to_vec();
        for _ in 0..=random.below(2) {
            let at = random.below(bytes.len() + 1);
            let with = [0, 1, 2, b'0', b'a', 0xc3, 0xff][random.below(7)];
            bytes.splice(at..(at + random.below(2)).min(bytes.len()), [with]);
        }
        if let Ok(read) = Key::from_encoded(&bytes) {
            assert_eq!(read.as_encoded(), bytes);
            assert_eq!(read.to_string().parse::<Key>().unwrap().as_encoded(), bytes);
        }
    }
}

#[test]
fn a_map_by_key_is_asked_by_bytes() {
    let mut map: BTreeMap<Key, u8> = BTreeMap::new();
    for (number, name) in (0..).zip(["ann", "bob", "cid"]) {
        map.insert(Key::for_kind("Person", name).unwrap(), number);
    }
    map.insert(Key::for_kind("Team", "red").unwrap(), 9);
    let (start, end) = Key::root().field_range("Person").unwrap();
    let bounds = (Bound::Included(start.as_slice()), Bound::Excluded(end.as_slice()));
    let found: Vec<u8> = map.range::<[u8], _>(bounds).map(|(_, &value)| value).collect();
    assert_eq!(found, [0, 1, 2]);
}
