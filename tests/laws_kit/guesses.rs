//! Values that nobody described: which types get them, and what is said where they cannot be guessed.

use dronestore::Drone;
use dronestore::TextEdit;
use dronestore::laws::{self, Check};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Drone, Debug)]
struct Everything {
    #[merge(latest)]
    tuple: (u8, Option<String>, char),
    #[merge(latest)]
    list: Vec<f64>,
    #[merge(conflict)]
    title: String,
    #[merge(first)]
    maker: String,
    #[merge(max)]
    age: i16,
    #[merge(min)]
    best: u64,
    #[merge(counter)]
    visits: u64,
    #[merge(counter)]
    balance: i64,
    #[merge(flag)]
    done: bool,
    #[merge(flag(false_wins))]
    #[drone(default = true)]
    alive: bool,
    #[merge(latest_object)]
    street: String,
    #[merge(latest_object)]
    number: Option<u16>,
}

#[derive(Drone, Debug)]
struct Collections {
    #[merge(union)]
    ever: BTreeSet<String>,
    #[merge(set)]
    tags: HashSet<String>,
    #[merge(set(remove_wins))]
    shy: BTreeSet<u8>,
    #[merge(set(latest))]
    votes: BTreeSet<(u8, bool)>,
    #[merge(set(once))]
    once: BTreeSet<i8>,
    #[merge(map(latest))]
    notes: BTreeMap<String, String>,
    #[merge(map(counter))]
    stock: HashMap<String, i32>,
    #[merge(map(nested))]
    rooms: BTreeMap<u8, Room>,
    #[merge(nested)]
    hall: Room,
    #[merge(text)]
    story: String,
    #[merge(text)]
    edited: TextEdit,
    #[merge(list)]
    pages: Vec<Colour>,
}

#[derive(Drone, Debug, Default)]
struct Room {
    #[merge(latest)]
    colour: Colour,
    #[merge(map(set))]
    shelves: BTreeMap<char, BTreeSet<u8>>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
enum Colour {
    #[default]
    White,
    Mixed(u8, u8),
    Named {
        name: String,
        shade: Option<Box<Colour>>,
    },
    Like(Paint),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paint {
    maker: Maker,
    number: u32,
    mix: [i8; 2],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Maker(String);

#[test]
fn std_types_and_serde_types_are_guessed() {
    laws::check::<Everything>();
    laws::check::<Collections>();
}

#[test]
fn a_text_that_knows_its_edits_is_edited() {
    let check = Check::<Collections>::new().histories(100).edit(|random, value| {
        let at = random.below(value.edited.count() + 1);
        value.edited.insert(at, "x").unwrap();
    });
    check.run().unwrap();
}

/// A text that is no text to serde's messages: it has a check of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Email(String);

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() || text.contains('@') { Ok(Email(text)) } else { Err("an address has an @") }
    }
}

#[derive(Drone, Debug)]
struct Contact {
    #[merge(latest)]
    name: String,
    #[merge(latest)]
    email: Email,
}

#[test]
fn what_cannot_be_guessed_is_named() {
    let failure = Check::<Contact>::new().run().unwrap_err();
    let text = failure.to_string();
    assert!(text.contains("`email: Email`") && text.contains("an address has an @"), "{text}");
    assert!(text.contains("laws::Check::edit") && !text.contains("`name"), "{text}");
}

#[test]
fn an_edit_of_ones_own_takes_its_place() {
    let check = Check::<Contact>::new().histories(100);
    let check = check.edit(|random, contact| contact.email = Email(format!("{}@x", random.below(3))));
    let report = check.run().unwrap();
    assert!(report.commits > 300 && report.refused == 0, "{report}");
}

#[derive(Drone, Debug)]
struct Strict {
    #[merge(latest)]
    #[drone(required)]
    name: String,
    #[merge(latest)]
    text: String,
}

#[test]
fn refused_edits_are_counted_and_no_fault() {
    let report = Check::<Strict>::new().histories(100).run().unwrap();
    assert!(report.refused > 0 && report.commits > 100, "{report}");
}

#[test]
fn a_whole_value_can_be_generated() {
    let generate = |random: &mut laws::Random| Strict { name: "n".into(), text: random.below(9).to_string() };
    Check::<Strict>::new().histories(100).generate(generate).run().unwrap();
}
