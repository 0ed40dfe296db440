//! Stored bytes: the example that docs/FORMAT.md takes apart is what the library writes.

use dronestore::version::Author;
use dronestore::{ActorId, Drone, Hash, HybridClock, Key, Nanotime, Version, model};
use std::collections::BTreeSet;
use std::path::Path;

#[derive(Drone, Debug, Default)]
struct Note {
    #[merge(latest)]
    text: String,
    #[merge(counter)]
    likes: i64,
    #[merge(set)]
    tags: BTreeSet<String>,
}

/// The one commit of the example, by an actor and at a time that are no secret.
fn example() -> Version {
    let mut clock = HybridClock::default();
    let wall: Nanotime = "2026-11-20T17:30:00Z".parse().unwrap();
    let actor = ActorId::from_bytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let mut author = Author { actor, clock: &mut clock, wall };
    let note = Note { text: "Hi".into(), likes: 3, tags: BTreeSet::from(["x".into()]) };
    let key = Key::for_kind("Note", "a").unwrap();
    model::commit(&note, &key, None, None, &mut author).unwrap().result.unwrap().version
}

/// The bytes in the first column of the page's example.
fn written() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/FORMAT.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (_, example) = page.split_once("\n## A version taken apart\n").expect("the page has an example");
    let example = example.split("\n## ").next().unwrap();
    let rows = example.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let digits: String = rows.flat_map(|row| row.chars().filter(char::is_ascii_hexdigit)).collect();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_example_in_the_page_is_what_is_written() {
    assert_eq!(hex(&written()), hex(&example().to_bytes()));
    assert_eq!(Version::from_bytes(&written()).unwrap(), example());
}

#[test]
fn the_hashes_are_as_the_page_says() {
    let version = example();
    let (state, key) = (version.state_bytes(), version.key().as_encoded());
    let mut input = vec![u8::try_from(key.len()).unwrap()];
    input.extend_from_slice(key);
    input.extend_from_slice(Hash::of(version.shape().as_bytes()).as_bytes());
    input.extend_from_slice(state);
    assert_eq!(Hash::of(&input), version.hash());
}

#[test]
fn the_commit_hash_is_as_the_page_says() {
    let version = example();
    let dot = version.tips()[0].dot;
    let mut input = [0; 32].to_vec();
    input.extend_from_slice(b"\x07Note\x01a\x00\x04Note");
    input.extend_from_slice(dot.actor.as_bytes());
    input.extend_from_slice(&[1, 0]);
    input.extend_from_slice(&version.committed().as_nanos().to_be_bytes());
    input.extend_from_slice(
        b"\x05likes\x15\x02\x00\x03\x04tags\x20\x04\x00\x61x\x02\x04text\x10\x04\x00\x62Hi",
    );
    assert_eq!(Hash::of(&input).tag(), version.context().get(&dot.actor).unwrap().tag);
}
