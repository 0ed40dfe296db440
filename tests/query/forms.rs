//! Each form of a query, once, as a person would write it.

use super::{Address, Person, State};
use dronestore::query::{Condition, meta};
use dronestore::{Drone, Key, Nanotime, Repo};
use std::collections::BTreeMap;

fn repo() -> Repo {
    let repo = Repo::memory().unwrap();
    let people = [
        ("ann", "Ann", "Smith", 30, Some("annie"), 3, "Rome"),
        ("bob", "Bob", "Jones", 17, None, -2, "Oslo"),
        ("cid", "Cid", "Jones", 65, Some(""), 0, "Rome"),
    ];
    for (name, first, last, age, nick, visits, city) in people {
        let person = Person {
            first: first.into(),
            last: last.into(),
            age,
            nick: nick.map(str::to_owned),
            visits,
            weight: f64::from(age) / 2.0,
            is_in: visits > 0,
            state: if visits == 0 { State::Shipped } else { State::Draft },
            tags: [first.to_lowercase(), "person".into()].into(),
            scores: [("chess".to_owned(), visits)].into(),
            steps: vec![visits, 7],
            notes: format!("{first} of {city}"),
            home: Address { city: city.into(), number: None },
            office: (visits < 0).then(|| Address { city: "Bern".into(), number: Some(4) }),
            phone: String::new(),
        };
        repo.put(name, person).unwrap();
    }
    // One of whom nothing is known but the name.
    repo.put("dot", Person { first: "Dot".into(), age: 18, ..Person::default() }).unwrap();
    repo.put("eve", Person::default()).unwrap();
    repo.delete::<Person>("eve").unwrap();
    repo
}

#[test]
fn every_form_finds_what_it_says() {
    let repo = repo();
    let check = |condition: Condition<Person>, expected: &[&str]| {
        let shown = format!("{condition:?}");
        let query = repo.query::<Person>().filter(condition);
        let text = query.into_query().unwrap().to_string();
        let found = repo.query::<Person>().matching(&text).keys().unwrap();
        let found: Vec<String> = found.iter().map(|key| key.last().unwrap().name().into_owned()).collect();
        assert_eq!(found, expected, "{shown}");
    };
    let f = Person::fields;
    check(f().first.eq("Ann"), &["ann"]);
    check(f().first.ne("Ann"), &["bob", "cid", "dot"]);
    check(f().first.eq(String::from("Bob")).or(f().first.eq("Cid")), &["bob", "cid"]);
    check(f().first.starts_with("D").not(), &["ann", "bob", "cid"]);
    check(f().notes.contains("of R"), &["ann", "cid"]);
    check(f().notes.len().gt(10u64), &["ann", "bob", "cid"]);
    check(f().notes.len().eq(0u64), &["dot"]);
    check(f().last.eq("Jones"), &["bob", "cid"]);
    // Where nothing was written a field reads as its default.
    check(f().age.ge(18), &["ann", "cid", "dot"]);
    check(f().age.eq(18u32), &["dot"]);
    check(f().age.between(17, 30), &["ann", "bob", "dot"]);
    check(f().age.is_in([17, 65]), &["bob", "cid"]);
    check(f().visits.le(0), &["bob", "cid", "dot"]);
    check(f().weight.lt(10.0), &["bob", "dot"]);
    check(f().is_in.is_true(), &["ann"]);
    check(f().is_in.eq(false), &["bob", "cid", "dot"]);
    check(f().state.eq(State::Shipped), &["cid"]);
    check(f().nick.is_none(), &["bob", "dot"]);
    check(f().nick.is_some(), &["ann", "cid"]);
    check(f().nick.eq("annie"), &["ann"]);
    check(f().nick.eq(Some(String::new())), &["cid"]);
    check(f().nick.ge(String::new()), &["ann", "cid"]);
    check(f().tags.has("person"), &["ann", "bob", "cid"]);
    check(f().tags.len().eq(0u64), &["dot"]);
    check(f().scores.has_key("chess"), &["ann", "bob", "cid"]);
    check(f().scores.key("chess").gt(-2i64), &["ann", "cid"]);
    check(f().scores.key("go").is_none(), &["ann", "bob", "cid", "dot"]);
    check(f().steps.any(3i64), &["ann"]);
    check(f().steps.at(1).eq(7i64), &["ann", "bob", "cid"]);
    check(f().home.then(Address::fields().city).eq("Rome"), &["ann", "cid"]);
    check(f().home.then(Address::fields().city).eq(""), &["dot"]);
    check(f().office.then(Address::fields().number).is_some(), &["bob"]);
    check(f().office.then(Address::fields().city).eq(""), &[]);
    check(meta().key().eq("/Person:cid"), &["cid"]);
    check(meta().created().gt(Nanotime::from_nanos(5)), &["ann", "bob", "cid", "dot"]);
    check(meta().parent().eq("/Person"), &[]);
}

#[test]
fn orders_limits_and_what_is_made_of_many() {
    let repo = repo();
    let f = Person::fields;
    let query = || repo.query::<Person>();
    let firsts = query().order_by(f().last.asc()).order_by(f().age.desc()).select(f().first).unwrap();
    assert_eq!(firsts, ["Dot", "Cid", "Bob", "Ann"]);
    assert_eq!(query().order_by(f().nick.desc()).limit(2).select(f().nick).unwrap().len(), 2);
    let first = query().order_by(meta().committed().desc()).first().unwrap().unwrap();
    assert_eq!(first.first, "Dot");
    assert_eq!(
        query().offset(1).limit(2).select((f().first, f().age)).unwrap(),
        [("Bob".to_owned(), 17), ("Cid".to_owned(), 65)]
    );
    assert_eq!(query().count().unwrap(), 4);
    assert_eq!(query().limit(3).count().unwrap(), 3);
    assert!(query().filter(f().age.gt(60)).exists().unwrap());
    assert!(!query().filter(f().age.gt(70)).exists().unwrap());
    assert_eq!(query().sum(f().age).unwrap(), 130);
    assert_eq!(query().sum(f().visits).unwrap(), 1);
    assert_eq!(query().sum(f().weight).unwrap(), 56.0);
    assert_eq!(query().min(f().nick).unwrap(), Some(Some(String::new())));
    assert_eq!(query().max(f().age).unwrap(), Some(65));
    assert_eq!(query().filter(f().age.gt(70)).max(f().age).unwrap(), None);
    let groups = |name: &str| name.to_owned();
    assert_eq!(
        query().group_by(f().last).count().unwrap(),
        BTreeMap::from([(groups(""), 1), (groups("Jones"), 2), (groups("Smith"), 1)])
    );
    assert_eq!(query().group_by(f().last).sum(f().age).unwrap()["Jones"], 82);
    assert_eq!(query().group_by(f().last).max(f().visits).unwrap()["Jones"], Some(0));
}

#[test]
fn below_a_key_there_is_what_is_below() {
    let repo = Repo::memory().unwrap();
    let team: Key = "/Team:red".parse().unwrap();
    for (parent, name) in [("/Team:red", "a"), ("/Team:red", "b"), ("/Team:reds", "c")] {
        let mut person = Person::child_of(&parent.parse().unwrap(), name).unwrap();
        person.age = 40;
        repo.save(&mut person).unwrap();
    }
    let found = repo.query::<Person>().under(&team).keys().unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(repo.query::<Person>().under(&found[0]).count().unwrap(), 1);
    let parent =
        repo.query::<Person>().filter(meta().parent().eq("/Team:reds")).select(meta().key()).unwrap();
    assert_eq!(parent, ["/Team:reds/Person:c"]);
}

#[test]
fn mistakes_are_errors_and_change_nothing() {
    let repo = repo();
    let f = Person::fields;
    let message = |result: dronestore::Result<usize>| result.unwrap_err().to_string();
    assert!(message(repo.query::<Person>().filter(f().weight.gt(f64::NAN)).count()).contains("NaN"));
    let typed = repo.query::<Person>().matching("age >").count();
    assert_eq!(message(typed), "query, byte 5: a value is expected, and the query ends");
    let cursor = repo.query::<Person>().order_by(f().age.asc()).limit(1).page().unwrap().next.unwrap();
    assert!(message(repo.query::<Person>().after(cursor).count()).contains("ordered by"));
}

#[test]
fn a_decided_conflict_is_found_by_what_was_decided() {
    let here = Repo::memory().unwrap();
    here.put("x", Person::default()).unwrap();
    let there = Repo::builder().replica_of(&here).open().unwrap();
    there.merge(&here).unwrap();
    here.update::<Person>("x", |person| {
        person.phone = "1".into();
        Ok(())
    })
    .unwrap();
    there
        .update::<Person>("x", |person| {
            person.phone = "2".into();
            Ok(())
        })
        .unwrap();
    here.merge(&there).unwrap();
    let conflict = here.conflicts::<Person>().unwrap().next().unwrap().unwrap();
    let other = conflict.sides().iter().position(|side| side.value.as_text() == Some("1")).unwrap();
    here.resolve(&conflict, dronestore::Resolution::Side(other)).unwrap();
    let phone = here.get::<Person>("x").unwrap().unwrap().phone.clone();
    assert_eq!(phone, "1");
    assert_eq!(here.query::<Person>().filter(Person::fields().phone.eq("1")).count().unwrap(), 1);
    assert_eq!(here.query::<Person>().filter(Person::fields().phone.eq("2")).count().unwrap(), 0);
}

#[test]
fn a_text_knows_the_defaults_of_the_model() {
    let repo = repo();
    for (text, names) in [
        ("age = 18", "dot"),
        ("visits = 0 and last = \"\"", "dot"),
        ("tags.len() = 0", "dot"),
        ("is_in = false and steps.len() < 2", "dot"),
        ("age ?? 3 = 3", "dot"),
    ] {
        let found = repo.query::<Person>().matching(text).keys().unwrap();
        assert_eq!(found, [Person::key_of(names).unwrap()], "{text}");
    }
    assert_eq!(
        repo.query::<Person>().matching("order by age limit 1").keys().unwrap(),
        [Person::key_of("bob").unwrap()]
    );
}
