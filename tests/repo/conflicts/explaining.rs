//! Explanations: data, JSON, and a tree.

use super::{in_conflict, key, meet, only, side};
use crate::repo::Person;
use dronestore::{Drone, ErrorKind, Repo, Resolution, Value};

#[test]
fn a_conflict_is_explained_before_and_after_it_is_decided() {
    let repos = in_conflict(3);
    repos[2].merge(&repos[0]).unwrap();
    let shown = repos[0].explain(&key(), "phone").unwrap();
    let [part] = shown.parts.as_slice() else { panic!("{shown}") };
    assert_eq!((part.strategy.as_str(), part.reads.clone()), ("conflict", Some(Value::from("b"))));
    assert!(part.rule.ends_with("undecided"), "{}", part.rule);
    assert_eq!(part.writes.iter().filter(|write| write.wins).count(), 1);
    assert!(part.writes.iter().all(|write| write.had_seen.is_empty()));

    // One writes on: its entry says which it had seen and left.
    super::edit(&repos[0], |card| card.phone = "c".into());
    let part = repos[0].explain(&key(), "phone").unwrap().parts.remove(0);
    let on = part.writes.iter().find(|write| write.value == Value::from("c")).unwrap();
    assert_eq!((on.wins, on.had_seen.len()), (true, 1));

    let conflict = only(&repos[2]);
    conflict.resolve(&repos[2], Resolution::Side(side(&conflict, "a"))).unwrap();
    let decisions = repos[2].objects(&dronestore::Key::root()).unwrap().map(Result::unwrap);
    decisions
        .filter(|version| version.kind() != "Card")
        .for_each(|decision| drop(repos[1].merge(&decision).unwrap()));
    let shown = repos[1].explain(&key(), "phone").unwrap();
    assert_eq!(shown.parts[0].rule, "decided: 1 of 1 votes");
    assert_eq!(shown.parts[0].reads, Some(Value::from("a")));
    let tree = shown.to_string();
    assert!(tree.contains("* \"a\" by ") && tree.contains("- \"b\" by "), "{tree}");
}

#[test]
fn every_strategy_is_explained() {
    let a = Repo::memory().unwrap();
    a.put("x", Person { age: 3, tags: ["old".into()].into(), ..Person::default() }).unwrap();
    let b = Repo::builder().replica_of(&a).open().unwrap();
    b.merge(&a).unwrap();
    for (number, repo) in [(1u32, &a), (2, &b)] {
        repo.update::<Person>("x", |person| {
            person.first = format!("first {number}");
            person.age = 10 * number;
            person.visits += u64::from(number);
            person.tags.insert(format!("tag {number}"));
            person.tags.remove("old");
            person.gender = Some(format!("gender {number}"));
            *person.votes.entry("ann".into()).or_default() += i64::from(number);
            Ok(())
        })
        .unwrap();
    }
    meet(&a, &b);
    let key = Person::key_of("x").unwrap();
    let explain = |name: &str| a.explain(&key, name).unwrap();
    for (name, strategy, reads, writes, wins) in [
        ("first", "latest", Value::from("first 2"), 2, 1),
        ("age", "max", Value::from(20), 2, 1),
        ("visits", "counter", Value::from(3), 2, 2),
    ] {
        let part = explain(name).parts.remove(0);
        assert_eq!((part.strategy.as_str(), part.reads), (strategy, Some(reads)), "{name}");
        assert_eq!(
            (part.writes.len(), part.writes.iter().filter(|write| write.wins).count()),
            (writes, wins),
            "{name}"
        );
    }
    let tags = explain("tags").parts.remove(0);
    assert_eq!(
        tags.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(),
        ["[\"tag 1\"]", "[\"tag 2\"]"]
    );
    let votes = explain("votes").parts.remove(0);
    assert_eq!((votes.parts[0].reads.clone(), votes.parts[0].writes.len()), (Some(Value::from(3)), 2));
    assert_eq!(explain("gender").parts[0].strategy, "latest_object");
    assert!(explain("plan").parts.is_empty(), "it was never written");
    assert!(explain("plan").to_string().contains("never written"));
    for name in ["first", "age", "visits", "tags", "gender", "votes", "plan"] {
        let shown = explain(name);
        assert_eq!(shown.to_string(), b.explain(&key, name).unwrap().to_string());
        let json = serde_json::to_value(&shown).unwrap();
        assert_eq!(json["key"], "/Person:x");
    }
    let error = a.explain(&key, "frist").unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("`first`"), "{error}");
    assert_eq!(a.explain(&Person::key_of("y").unwrap(), "first").unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn nested_drones_are_explained_field_by_field() {
    let repos = super::devices(2);
    for (number, repo) in (1..).zip(&repos) {
        super::edit(repo, |card| {
            card.home.street = format!("street {number}");
            card.home.rooms.insert("hall".into(), number);
        });
    }
    meet(&repos[0], &repos[1]);
    let home = repos[0].explain(&key(), "home").unwrap().parts.remove(0);
    let names: Vec<&str> = home.parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!((home.strategy.as_str(), names), ("nested", vec![".rooms", ".street"]));
    let hall = &home.parts[0].parts[0];
    assert_eq!(
        (hall.name.as_str(), hall.reads.clone(), hall.writes.len()),
        ("[\"hall\"]", Some(Value::from(2)), 2)
    );
}

#[derive(Drone, Debug, Clone, Default)]
struct Trip {
    #[merge(rank("idea", "booked", "cancelled"))]
    status: String,
    #[merge(clamp(0..=10, counter))]
    energy: i32,
    #[merge(map(first_non_empty))]
    hints: std::collections::BTreeMap<String, String>,
    #[merge(text)]
    notes: String,
    #[merge(latest)]
    never: u8,
    #[merge(nested)]
    hotel: Option<Hotel>,
}

#[derive(Drone, Debug, Clone, Default)]
struct Hotel {
    #[merge(conflict)]
    room: String,
}

#[test]
fn declared_strategies_are_explained_by_the_schema() {
    let a = Repo::memory().unwrap();
    let b = Repo::builder().replica_of(&a).open().unwrap();
    for (repo, status, hint) in [(&a, "booked", ""), (&b, "idea", "north")] {
        let mut trip = Trip { status: status.into(), energy: 6, ..Trip::default() };
        trip.hints.insert("way".into(), hint.into());
        trip.notes = "Hello".into();
        trip.hotel = Some(Hotel { room: status.into() });
        repo.put("x", trip).unwrap();
        repo.update::<Trip>("x", |trip| {
            trip.notes.push_str(" World");
            Ok(())
        })
        .unwrap();
    }
    a.merge(&b).unwrap();
    let key = Trip::key_of("x").unwrap();
    let read = a.get::<Trip>("x").unwrap().unwrap();
    // Also where nobody knows the Rust type.
    for repo in [&a, &Repo::builder().store(a.store().clone()).open().unwrap()] {
        let one = |name: &str| repo.explain(&key, name).unwrap().parts.remove(0);
        let status = one("status");
        assert_eq!(status.strategy, r#"rank("idea", "booked", "cancelled")"#);
        assert_eq!((status.reads, status.concurrent), (Some(Value::from(read.status.as_str())), true));
        let winners: Vec<_> =
            status.writes.iter().filter(|write| write.wins).map(|write| &write.value).collect();
        assert_eq!(winners, [&Value::from("booked")]);
        assert_eq!(one("energy").reads, Some(Value::from(10)));
        assert_eq!(one("hints").parts[0].reads, Some(Value::from("north")));
        let notes = one("notes");
        assert!(notes.writes.len() > 1 && !notes.concurrent);
        let never = repo.explain(&key, "never").unwrap().to_string();
        assert!(never.contains("  never: never written"), "{never}");
    }
    let conflict = a.conflicts::<Trip>().unwrap().next().unwrap().unwrap();
    assert_eq!(conflict.path().to_string(), "hotel.room");
}
