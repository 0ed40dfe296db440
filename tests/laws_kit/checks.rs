//! Models that want something of their values: they are filled so that they are tried, or the kit says that they were not.

use dronestore::laws::{self, Check, Failure, Report};
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Drone, Key, Result};
use of_the_guide::Person;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the entry that stands last.
struct Last;

impl Strategy<String> for Last {
    const NAME: &'static str = "last";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<String>]) -> Result<String> {
        Ok(entries[entries.len() - 1].state.clone())
    }
}

#[track_caller]
fn passes<T: Drone + std::fmt::Debug>(check: Check<T>) -> Report {
    let report = check.run().unwrap_or_else(|failure| panic!("{failure}"));
    println!("{report}");
    assert!(report.worlds > 500 && report.commits > 1000, "{report}");
    report
}

#[track_caller]
fn fails<T: Drone + std::fmt::Debug>(check: Check<T>, words: &[&str]) -> Failure {
    let failure = check.run().expect_err("the fault is found");
    println!("{failure}");
    for word in words {
        assert!(failure.to_string().contains(word), "no `{word}`: {failure}");
    }
    failure
}

#[derive(Drone, Debug)]
struct TwoRequired {
    #[merge(latest)]
    #[drone(required)]
    first: String,
    #[merge(latest)]
    #[drone(required)]
    last: String,
    #[merge(with = "Last")]
    text: String,
}

#[test]
fn a_fault_beside_required_fields_is_found() {
    let failure = fails(Check::<TwoRequired>::new(), &["in whatever order", "a.first = \"a\".into();"]);
    assert!(failure.steps == 3 && failure.seed.is_none(), "{failure}");
}

#[derive(Drone, Debug)]
#[merge(latest)]
struct FiveRequired {
    #[drone(required)]
    one: String,
    #[drone(required)]
    two: String,
    #[drone(required)]
    three: Option<u8>,
    #[drone(required)]
    four: Option<BTreeSet<String>>,
    #[drone(required)]
    five: String,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Home {
    #[merge(latest)]
    #[drone(required)]
    city: String,
    #[merge(latest)]
    #[drone(required)]
    street: String,
    #[merge(counter)]
    rooms: u64,
}

#[derive(Drone, Debug)]
struct Housed {
    #[merge(latest)]
    name: String,
    #[merge(nested)]
    home: Option<Home>,
    #[merge(map(nested))]
    others: BTreeMap<String, Home>,
}

#[test]
fn required_fields_are_filled() {
    passes(Check::<FiveRequired>::new());
    let promise = "a home stays where it was";
    let both = Check::<Housed>::new().promise(promise, |met| met.ours.home == met.theirs.home);
    fails(both, &[promise, "street: "]);
    passes(Check::<Housed>::new());
}

fn in_order(span: &Span) -> std::result::Result<(), String> {
    if span.from < span.to {
        Ok(())
    } else {
        Err(format!("ends at {}, which is not after {}", span.to, span.from))
    }
}

#[derive(Drone, Debug)]
#[drone(validate = "in_order")]
struct Span {
    #[merge(latest)]
    from: u8,
    #[merge(latest)]
    to: u8,
}

#[test]
fn whole_values_are_tried_until_one_is_accepted() {
    passes(Check::<Span>::new());
    let stays = Check::<Span>::new().promise("it stays in order", |met| met.merged.from < met.merged.to);
    let failure = fails(stays, &["it stays in order"]);
    assert!(failure.seed.is_none(), "small worlds find it: {failure}");
}

fn address(text: &str) -> std::result::Result<(), &'static str> {
    if text.contains('@') { Ok(()) } else { Err("has no @") }
}

#[derive(Drone, Debug)]
#[merge(latest)]
struct Account {
    name: String,
    #[drone(validate = "address")]
    email: String,
}

fn some_address(text: &Option<String>) -> std::result::Result<(), &'static str> {
    text.as_deref().map_or(Ok(()), address)
}

#[derive(Drone, Debug)]
#[merge(latest)]
struct Friend {
    name: String,
    #[drone(validate = "some_address")]
    email: Option<String>,
}

#[test]
fn a_model_that_takes_nothing_is_named() {
    let help = ["no commit was accepted", "has no @", "laws::Check::edit", "laws::Check::generate"];
    fails(Check::<Account>::new(), &help);
    passes(Check::<Account>::new().edit(|random, account| account.email = format!("{}@x", random.below(3))));
    let whole =
        |random: &mut laws::Random| Account { name: "n".into(), email: format!("{}@x", random.below(3)) };
    passes(Check::<Account>::new().generate(whole));
}

#[test]
fn a_field_that_takes_nothing_is_named() {
    fails(Check::<Friend>::new(), &["no commit that changes `email`", "has no @", "laws::Check::skip"]);
    passes(Check::<Friend>::new().skip("email"));
    passes(
        Check::<Friend>::new().edit(|random, friend| friend.email = Some(format!("{}@x", random.below(3)))),
    );
}

/// A value about which serde says nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Email(String);

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        if text.is_empty() || text.contains('@') { Ok(Email(text)) } else { Err("an address has an @") }
    }
}

#[derive(Drone, Debug, Default)]
#[merge(latest)]
struct Contact {
    name: String,
    email: Email,
    other: Option<Email>,
}

#[derive(Drone, Debug)]
struct Circle {
    #[merge(nested)]
    friend: Contact,
    #[merge(latest)]
    name: String,
}

#[test]
fn an_edit_of_one_field_is_none_of_another() {
    let check = || {
        Check::<Contact>::new().edit(|random, contact| contact.email = Email(format!("{}@", random.below(3))))
    };
    let failure =
        fails(check(), &["values cannot be guessed for `other: Option<Email>`", "laws::Check::edit"]);
    assert!(!failure.seen.contains("`email"), "{failure}");
    passes(check().edit(|_, contact| contact.other = Some(Email("@".into()))));
    passes(check().skip("other"));
    fails(Check::<Circle>::new(), &["all of `friend: Contact`", "an address has an @"]);
}

#[derive(Drone, Debug)]
struct Keys {
    #[merge(latest)]
    #[drone(default = Key::root())]
    any: Key,
    #[merge(latest)]
    #[drone(link = "Person")]
    boss: Option<Key>,
    #[merge(set)]
    #[drone(link = "Home")]
    homes: BTreeSet<Key>,
    #[merge(list)]
    list: Vec<Key>,
    #[merge(map(latest))]
    #[drone(link = "Person")]
    roles: BTreeMap<String, Key>,
    #[merge(latest)]
    #[drone(default = (Key::root(), 0))]
    pair: (Key, u8),
}

#[test]
fn keys_are_guessed_and_lead_where_links_must() {
    passes(Check::<Keys>::new());
    let nobody = Check::<Keys>::new().promise("nobody has a boss", |met| met.merged.boss.is_none());
    fails(nobody, &["a.boss = Some(\"/Person:a\".parse()?);"]);
}

/// The models of the guide's page on checks.
mod of_the_guide {
    use super::*;

    fn below_150(age: &u32) -> std::result::Result<(), String> {
        if *age < 150 { Ok(()) } else { Err(format!("is {age}, and must be below 150")) }
    }

    fn trim(text: &mut String) {
        *text = text.trim().to_owned();
    }

    #[derive(Drone, Debug)]
    pub struct Person {
        #[merge(latest)]
        #[drone(required, canonicalize = "trim")]
        pub name: String,
        #[merge(latest)]
        #[drone(canonicalize = "str::make_ascii_lowercase")]
        email: String,
        #[merge(max)]
        #[drone(validate = "below_150")]
        age: u32,
        #[merge(latest)]
        #[drone(link = "Person")]
        boss: Option<Key>,
    }
}

#[test]
fn the_person_of_the_guide_passes() {
    laws::check::<Person>();
    passes(Check::<Person>::new());
    // What is not canonical is brought into that form, as by a handle.
    passes(Check::<Person>::new().edit(|_, person| person.name = " ann ".into()));
}
