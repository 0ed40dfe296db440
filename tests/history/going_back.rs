//! Undo where something stays: maxima, unique values, what others have written, what a model refuses.

use super::{HandClock, Person, repo};
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::{Drone, History, Repo, UndoLog};
use std::collections::{BTreeMap, BTreeSet};

fn ann(repo: &Repo) -> Option<Person> {
    repo.get::<Person>("ann").unwrap().map(|person| (*person).clone())
}

fn change(repo: &Repo, change: impl Fn(&mut Person)) {
    repo.update::<Person>("ann", |person| {
        change(person);
        Ok(())
    })
    .unwrap();
}

/// Another replica that holds what this one does.
fn other(repo: &Repo, clock: &HandClock) -> Repo {
    let other = Repo::builder().replica_of(repo).clock(clock.clone()).open().unwrap();
    other.merge(repo).unwrap();
    clock.pass(1_000_000_000);
    other
}

fn undo(log: &UndoLog) -> String {
    log.undo().unwrap().unwrap().to_string()
}

#[test]
fn what_was_made_goes_although_a_maximum_of_it_was_raised() {
    let (repo, clock) = repo(&MemoryStore::new());
    let log = repo.undo_log();
    change(&repo, |person| person.first = "Ann".into());
    change(&repo, |person| (person.age, person.last) = (40, "Lee".into()));
    assert_eq!(log.undo().unwrap().unwrap().kept[0].1, "age");
    assert_eq!(ann(&repo).unwrap(), Person { first: "Ann".into(), age: 40, ..Person::default() });
    assert_eq!(undo(&log), "/Person:ann: \n");
    assert_eq!(ann(&repo), None);
    log.redo().unwrap().unwrap();
    log.redo().unwrap().unwrap();
    let again = Person { first: "Ann".into(), last: "Lee".into(), age: 40, ..Person::default() };
    assert_eq!(ann(&repo), Some(again));
    undo(&log);
    undo(&log);
    assert_eq!(ann(&repo), None);

    // Not where somebody else has raised it.
    let log = repo.undo_log();
    change(&repo, |person| person.first = "Ann".into());
    change(&repo, |person| person.age = 41);
    let other = other(&repo, &clock);
    change(&other, |person| person.age = 50);
    repo.merge(&other).unwrap();
    undo(&log);
    assert_eq!(undo(&log), "/Person:ann:  stays: somebody has changed the object since\n");
    assert_eq!(ann(&repo).unwrap().age, 50);
    repo.verify().unwrap();
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct User {
    #[drone(unique)]
    #[merge(latest)]
    email: String,
    #[merge(latest)]
    name: String,
}

fn user(email: &str, name: &str) -> User {
    User { email: email.into(), name: name.into() }
}

fn set(repo: &Repo, key: &str, value: User) {
    repo.put(key, value).unwrap();
}

fn get(repo: &Repo, key: &str) -> Option<User> {
    repo.get::<User>(key).unwrap().map(|user| (*user).clone())
}

#[test]
fn what_somebody_else_has_now_stays_and_earlier_steps_are_not_held_up() {
    let (repo, clock) = repo(&MemoryStore::new());
    set(&repo, "ann", user("a", "Ann"));
    set(&repo, "eve", user("e", "Eve"));
    let log = repo.undo_log();
    set(&repo, "ann", user("a", "Anna"));
    set(&repo, "ann", user("b", "Hannah"));
    repo.delete::<User>("eve").unwrap();
    let other = other(&repo, &clock);
    set(&other, "bob", user("a", "Bob"));
    set(&other, "kim", user("e", "Kim"));
    repo.merge(&other).unwrap();

    let told = undo(&log);
    assert!(told.starts_with("/User:eve:  stays: `/User:eve` cannot have email = \"e\""), "{told}");
    let told = undo(&log);
    assert!(told.starts_with("/User:ann: name\n/User:ann: email stays: "), "{told}");
    assert!(told.contains("it is unique"), "{told}");
    assert_eq!((get(&repo, "ann"), get(&repo, "eve")), (Some(user("b", "Anna")), None));
    undo(&log);
    assert_eq!(get(&repo, "ann"), Some(user("b", "Ann")));
    assert!(repo.unique_violations::<User>().unwrap().is_empty());
    repo.verify().unwrap();
}

#[test]
fn unique_values_that_changed_places_change_back() {
    let (repo, _) = repo(&MemoryStore::new());
    set(&repo, "ann", user("a", ""));
    set(&repo, "bob", user("b", ""));
    let log = repo.undo_log();
    repo.transaction(|transaction| {
        transaction.put("ann", user("b", ""))?;
        transaction.put("bob", user("a", ""))
    })
    .unwrap();
    undo(&log);
    assert_eq!((get(&repo, "ann"), get(&repo, "bob")), (Some(user("a", "")), Some(user("b", ""))));
    log.redo().unwrap();
    assert_eq!(get(&repo, "ann"), Some(user("b", "")));
}

#[test]
fn of_sets_and_maps_the_members_go_that_were_changed_and_others_stay() {
    let (repo, clock) = repo(&MemoryStore::new());
    change(&repo, |person| person.tags = ["x".into(), "y".into()].into());
    let log = repo.undo_log();
    change(&repo, |person| {
        person.tags = ["a".into(), "b".into(), "y".into()].into();
        person.votes = [("a".into(), 1), ("b".into(), 2)].into();
    });
    let other = other(&repo, &clock);
    change(&other, |person| {
        person.tags.insert("c".into());
        *person.votes.entry("b".into()).or_default() += 10;
        person.votes.insert("c".into(), 3);
    });
    repo.merge(&other).unwrap();
    undo(&log);
    let now = ann(&repo).unwrap();
    assert_eq!(now.tags, BTreeSet::from(["c".into(), "x".into(), "y".into()]));
    assert_eq!(now.votes, BTreeMap::from([("b".into(), 10), ("c".into(), 3)]));
    log.redo().unwrap();
    let now = ann(&repo).unwrap();
    assert_eq!(now.tags, BTreeSet::from(["a".into(), "b".into(), "c".into(), "y".into()]));
    assert_eq!(now.votes, BTreeMap::from([("a".into(), 1), ("b".into(), 12), ("c".into(), 3)]));

    // What two have added stays theirs.
    let log = repo.undo_log();
    change(&repo, |person| _ = person.tags.insert("both".into()));
    change(&other, |person| _ = person.tags.insert("both".into()));
    repo.merge(&other).unwrap();
    assert_eq!(undo(&log), "/Person:ann: tags[\"both\"] stays: somebody has written there since\n");
    assert!(ann(&repo).unwrap().tags.contains("both"));
    repo.verify().unwrap();
}

fn order(stay: &Stay) -> Result<(), &'static str> {
    if stay.from <= stay.to { Ok(()) } else { Err("ends before it begins") }
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[drone(validate = "order")]
#[merge(latest)]
struct Stay {
    from: u32,
    to: u32,
    who: String,
}

#[test]
fn nothing_is_taken_back_that_the_model_would_refuse() {
    let (repo, clock) = repo(&MemoryStore::new());
    let stay = |from, to, who: &str| Stay { from, to, who: who.into() };
    let put = |repo: &Repo, stay| drop(repo.put("a", stay).unwrap());
    let get = |repo: &Repo| (*repo.get::<Stay>("a").unwrap().unwrap()).clone();
    put(&repo, stay(5, 9, "ann"));
    let log = repo.undo_log();
    put(&repo, stay(1, 9, "bob"));
    let other = other(&repo, &clock);
    put(&other, stay(1, 3, "bob"));
    repo.merge(&other).unwrap();
    assert_eq!(
        undo(&log),
        "/Stay:a: who\n/Stay:a: from stays: it would not be valid: ends before it begins\n"
    );
    assert_eq!(get(&repo), stay(1, 3, "ann"));
    assert_eq!(repo.violations::<Stay>().unwrap().count(), 0);

    // Fields that are valid together go back together.
    put(&repo, stay(20, 30, "ann"));
    let log = repo.undo_log();
    put(&repo, stay(1, 2, "ann"));
    undo(&log);
    assert_eq!(get(&repo), stay(20, 30, "ann"));
    log.redo().unwrap();
    assert_eq!(get(&repo), stay(1, 2, "ann"));
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Page {
    #[merge(latest)]
    title: String,
    #[merge(counter)]
    visits: u64,
    #[merge(union)]
    seen: BTreeSet<u8>,
}

#[test]
fn what_a_strategy_forbids_is_told_in_a_line() {
    let (repo, _) = repo(&MemoryStore::new());
    repo.put("home", Page::default()).unwrap();
    let log = repo.undo_log();
    repo.put("home", Page { title: "Home".into(), visits: 1, seen: [7].into() }).unwrap();
    let told = undo(&log);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "/Page:home: title");
    assert!(lines[1].starts_with("/Page:home: seen stays: "), "{told}");
    assert!(lines[2].starts_with("/Page:home: visits stays: an unsigned counter only grows"), "{told}");
    assert_eq!(repo.get::<Page>("home").unwrap().unwrap().visits, 1);
}

#[test]
fn a_step_taken_back_is_one_change_in_the_history() {
    let (repo, _) = repo(&MemoryStore::new());
    repo.set_history::<Person>(History::Full).unwrap();
    change(&repo, |person| person.first = "Ann".into());
    let log = repo.undo_log();
    change(&repo, |person| (person.first, person.last, person.visits) = ("X".into(), "Y".into(), 7));
    assert!(undo(&log).starts_with("/Person:ann: first, last, visits"));
    assert_eq!(repo.history::<Person>("ann").unwrap().log().unwrap().count(), 3);
    change(&repo, |person| person.first = "Z".into());
    assert!(log.skip() && !log.skip());
    assert_eq!(ann(&repo).unwrap().first, "Z");
}

#[test]
fn whatever_two_do_at_once_the_log_goes_back_and_forth() {
    let first = from_env("DRONESTORE_SEED", 9000);
    for seed in first..first + from_env("DRONESTORE_UNDO", 12) {
        println!("DRONESTORE_SEED={seed}");
        let (repo, clock) = repo(&MemoryStore::new());
        let (log, other) = (repo.undo_log(), other(&repo, &clock));
        let mut random = Random::new(seed);
        for _ in 0..30 {
            let text = format!("{}", random.below(5));
            let at = if random.below(4) == 0 { &other } else { &repo };
            match random.below(11) {
                0 => drop(at.delete::<Person>("ann").unwrap()),
                1 => change(at, |person| person.first.push_str(&text)),
                2 => change(at, |person| person.visits += 3),
                3 => change(at, |person| _ = person.tags.insert(text.clone())),
                4 => change(at, |person| drop(person.tags.pop_first())),
                5 => change(at, |person| person.gender = Some(text.clone())),
                6 => change(at, |person| person.story.insert_str(0, &text)),
                7 => change(at, |person| *person.votes.entry(text.clone()).or_default() += 1),
                8 => change(at, |person| person.age += 1),
                9 => drop(other.merge(&repo).unwrap()),
                _ => drop(repo.merge(&other).unwrap()),
            }
        }
        let (end, mut undone) = (ann(&repo), 0);
        while log.undo().unwrap().is_some() {
            undone += 1;
        }
        while log.redo().unwrap().is_some() {}
        while log.undo().unwrap().is_some() {}
        println!("{undone} steps from {end:?} to {:?}", ann(&repo));
        repo.verify().unwrap();
    }
}
