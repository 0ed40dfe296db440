//! What is asked of a value at commit, and what a merge may bring about all the same.

use dronestore::{Drone, ErrorKind, Key, Repo};
use std::collections::{BTreeMap, BTreeSet};

fn below_150(age: &u32) -> Result<(), String> {
    if *age < 150 { Ok(()) } else { Err(format!("is {age}, and must be below 150")) }
}

fn one_word(text: &str) -> Result<(), &'static str> {
    if text.contains(' ') { Err("must be one word") } else { Ok(()) }
}

fn trim(text: &mut String) {
    *text = text.trim().to_owned();
}

fn not_both(person: &Person) -> Result<(), &'static str> {
    if person.member && person.banned { Err("cannot be a member and banned") } else { Ok(()) }
}

fn sorted(person: &mut Person) {
    person.hobbies.sort_unstable();
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Address {
    #[merge(latest)]
    #[drone(required, canonicalize = "trim")]
    city: String,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[drone(validate = "not_both", canonicalize = "sorted")]
struct Person {
    #[merge(latest)]
    #[drone(required, validate = "one_word", canonicalize = "trim")]
    name: String,
    #[merge(max)]
    #[drone(validate = "below_150")]
    age: u32,
    #[merge(latest)]
    #[drone(canonicalize = "str::make_ascii_lowercase")]
    email: String,
    #[merge(latest)]
    hobbies: Vec<String>,
    #[merge(latest)]
    member: bool,
    #[merge(latest)]
    banned: bool,
    #[merge(nested)]
    home: Option<Address>,
    #[merge(map(nested))]
    others: BTreeMap<String, Address>,
    #[merge(latest)]
    #[drone(link = "Person")]
    boss: Option<Key>,
    #[merge(set)]
    #[drone(link = "Person")]
    friends: BTreeSet<Key>,
}

fn valid() -> Person {
    Person { name: "ann".into(), ..Person::default() }
}

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let repo = Repo::memory().unwrap();
    let mut person = Person::named("a").unwrap();
    person.age = 200;
    (person.member, person.banned) = (true, true);
    person.home = Some(Address::default());
    person.others.insert("work".into(), Address::default());
    person.boss = Some(key("/Dog:rex"));
    person.friends = BTreeSet::from([key("/Club:x/Person:bob"), key("/Person")]);
    let expected = [
        "`name` is required and empty",
        "`age` is 200, and must be below 150",
        "`home.city` is required and empty",
        "`others[\"work\"].city` is required and empty",
        "`boss` links to `/Dog:rex`, which is no key of a `Person`: write `Person:…`",
        "`friends` links to `/Person`, which is no key of a `Person`: write `Person:…`",
        "cannot be a member and banned",
    ];
    let message = format!("`/Person:a` is not valid: {}", expected.join("; "));
    for error in [person.commit().unwrap_err(), repo.save(&mut person).unwrap_err()] {
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Invalid, message.clone()));
    }
    let found: Vec<String> = person.violations().iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
    assert!(person.version().is_none() && repo.is_empty());
}

#[test]
fn what_is_committed_is_canonical_whatever_the_way() {
    let repo = Repo::memory().unwrap();
    let crooked = || Person {
        name: "  ann ".into(),
        email: "Ann@X.org".into(),
        hobbies: vec!["tea".into(), "go".into()],
        home: Some(Address { city: " Bern".into() }),
        others: BTreeMap::from([("work".into(), Address { city: "Rome ".into() })]),
        ..Person::default()
    };
    let straight = Person {
        name: "ann".into(),
        email: "ann@x.org".into(),
        hobbies: vec!["go".into(), "tea".into()],
        home: Some(Address { city: "Bern".into() }),
        others: BTreeMap::from([("work".into(), Address { city: "Rome".into() })]),
        ..Person::default()
    };
    let mut handle = Person::named("a").unwrap();
    *handle = crooked();
    handle.commit().unwrap();
    assert_eq!(*handle, straight);
    let mut saved = Person::named("b").unwrap();
    *saved = crooked();
    repo.save(&mut saved).unwrap();
    assert_eq!(*saved, straight);
    assert_eq!(*repo.put("c", crooked()).unwrap(), straight);
    repo.update::<Person>("d", |person| {
        *person = crooked();
        Ok(())
    })
    .unwrap();
    repo.transaction(|transaction| transaction.put::<Person>("e", crooked()).map(drop)).unwrap();
    for name in ["b", "c", "d", "e"] {
        assert_eq!(*repo.get::<Person>(name).unwrap().unwrap(), straight, "{name}");
    }
}

#[test]
fn a_change_that_is_none_in_canonical_form_is_no_change() {
    let mut person = Person::named("a").unwrap();
    *person = valid();
    person.commit().unwrap();
    person.name = " ann  ".into();
    assert!(!person.commit().unwrap().is_new());
    assert_eq!(person.name, "ann");
}

#[test]
fn a_merge_of_valid_sides_is_never_refused_but_listed() {
    let repo = Repo::memory().unwrap();
    repo.put("fine", valid()).unwrap();
    let mut ours = repo.put("a", valid()).unwrap();
    let mut theirs = ours.clone();
    ours.member = true;
    repo.save(&mut ours).unwrap();
    theirs.banned = true;
    theirs.commit().unwrap();
    repo.merge(&theirs).unwrap();

    let mut invalid: Vec<_> = repo.violations::<Person>().unwrap().map(Result::unwrap).collect();
    assert_eq!(invalid.len(), 1);
    let mut found = invalid.remove(0);
    assert_eq!(found.object.key(), &key("/Person:a"));
    assert_eq!(found.violations[0].message, "cannot be a member and banned");
    found.object.member = false;
    repo.save(&mut found.object).unwrap();
    assert!(repo.violations::<Person>().unwrap().next().is_none());
}

#[test]
fn what_a_merge_made_invalid_stands_in_nobodys_way_who_writes_elsewhere() {
    let repo = Repo::memory().unwrap();
    let mut ours = repo
        .put("a", Stay { hotel: Some(Hotel { name: "Inn".into(), room: 1 }), ..Stay::default() })
        .unwrap();
    let mut theirs = ours.clone();
    ours.hotel = None;
    repo.save(&mut ours).unwrap();
    theirs.hotel.as_mut().unwrap().room = 2;
    theirs.commit().unwrap();
    repo.merge(&theirs).unwrap();
    let mut stay = repo.get::<Stay>("a").unwrap().unwrap();
    assert_eq!(stay.hotel, Some(Hotel { name: String::new(), room: 2 }));

    stay.note = "late".into();
    repo.save(&mut stay).unwrap();
    assert_eq!(repo.violations::<Stay>().unwrap().count(), 1);
    // What is written must be valid, and whatever else is new too.
    stay.hotel.as_mut().unwrap().room = 3;
    stay.guests = 99;
    let error = repo.save(&mut stay).unwrap_err().to_string();
    assert!(error.contains("`hotel.name` is required") && error.contains("`guests`"), "{error}");
    stay.guests = 2;
    stay.hotel.as_mut().unwrap().name = "Inn".into();
    repo.save(&mut stay).unwrap();
    assert_eq!(repo.violations::<Stay>().unwrap().count(), 0);
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[merge(latest)]
struct Stay {
    note: String,
    #[drone(validate = "few")]
    guests: u8,
    #[merge(nested)]
    hotel: Option<Hotel>,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[merge(latest)]
struct Hotel {
    #[drone(required)]
    name: String,
    room: u8,
}

fn few(guests: &u8) -> Result<(), &'static str> {
    if *guests < 9 { Ok(()) } else { Err("are too many") }
}

#[test]
fn the_schema_lists_links() {
    let schema = Person::schema();
    let link = |name: &str| {
        let found = schema.attributes.iter().find(|attribute| attribute.name == name);
        found.unwrap().link.clone()
    };
    assert_eq!(
        (link("boss"), link("friends"), link("name")),
        (Some("Person".into()), Some("Person".into()), None)
    );
}

#[derive(Drone, Debug, Clone, PartialEq)]
struct Node<T> {
    #[merge(nested)]
    #[drone(default = None)]
    inner: Option<T>,
    #[merge(clamp(0..=9, latest))]
    few: u8,
}

#[test]
fn a_drone_that_may_not_be_there_merges_field_by_field() {
    type Held = Node<Address>;
    let mut ours = Held::named("a").unwrap();
    ours.commit().unwrap();
    assert_eq!(ours.inner, None);
    let mut theirs = ours.clone();
    ours.inner = Some(Address { city: "Bern".into() });
    ours.commit().unwrap();
    theirs.few = 3;
    theirs.commit().unwrap();
    ours.merge(&theirs).unwrap();
    assert_eq!(ours.inner, Some(Address { city: "Bern".into() }));

    // Taken away here and edited there: there again, with what the edit wrote.
    let mut theirs = ours.clone();
    ours.inner = None;
    ours.commit().unwrap();
    assert_eq!(ours.inner, None);
    theirs.inner = Some(Address { city: "Rome".into() });
    theirs.commit().unwrap();
    ours.merge(&theirs).unwrap();
    assert_eq!(ours.inner, Some(Address { city: "Rome".into() }));
    let value = ours.version().unwrap().read("inner").unwrap().unwrap();
    assert_eq!(value.get("city"), Some(&"Rome".into()));
}
