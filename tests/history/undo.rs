//! Going back: undo and redo, reverting, and who wrote what.

use super::{HandClock, Person, head, repo};
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::{Clock, Drone, ErrorKind, History, Nanotime, Repo, Resolution, Rule, Value};
use std::sync::Arc;

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

#[test]
fn whatever_was_done_is_taken_back_step_by_step_and_done_again() {
    let first = from_env("DRONESTORE_SEED", 0);
    for seed in first..first + 8 {
        println!("DRONESTORE_SEED={seed}");
        let (repo, _) = repo(&MemoryStore::new());
        if seed % 2 == 0 {
            repo.set_history::<Person>(History::Full).unwrap();
        }
        let (undo, mut random) = (repo.undo_log(), Random::new(seed));
        let mut stood = vec![None];
        for _ in 0..40 {
            let text = format!("{}", random.below(5));
            match random.below(9) {
                0 => drop(repo.delete::<Person>("ann").unwrap()),
                1 => change(&repo, |person| person.first.push_str(&text)),
                2 => change(&repo, |person| person.visits += 3),
                3 => change(&repo, |person| _ = person.tags.insert(text.clone())),
                4 => change(&repo, |person| drop(person.tags.pop_first())),
                5 => change(&repo, |person| person.gender = Some(text.clone())),
                6 => change(&repo, |person| person.story.insert_str(0, &text)),
                7 => change(&repo, |person| *person.votes.entry(text.clone()).or_default() += 1),
                _ => {
                    change(&repo, |person| person.last.push_str(&text));
                    change(&repo, |person| person.last.push('!'));
                    // The second alone is a step of its own.
                    stood.push(
                        ann(&repo).map(|person| Person { last: person.last.replace("!", ""), ..person }),
                    );
                }
            }
            if stood.last() != Some(&ann(&repo)) {
                stood.push(ann(&repo));
            }
        }
        let end = ann(&repo);
        let mut undone = 0;
        while let Some(report) = undo.undo().unwrap() {
            assert!(report.kept.is_empty(), "{report}");
            undone += 1;
        }
        assert_eq!((ann(&repo), undo.undo_count()), (None, 0));
        for _ in 0..undone {
            let report = undo.redo().unwrap().unwrap();
            assert!(report.kept.is_empty(), "{report}");
        }
        assert_eq!((ann(&repo), undo.redo_count(), undo.undo_count()), (end, 0, undone));
        repo.verify().unwrap();
    }
}

#[test]
fn what_others_wrote_since_stays_and_is_told() {
    let (repo, clock) = repo(&MemoryStore::new());
    change(&repo, |person| person.first = "Ann".into());
    let other = Repo::builder().replica_of(&repo).clock(clock.clone()).open().unwrap();
    let undo = repo.undo_log();
    change(&repo, |person| {
        (person.first, person.last) = ("Anna".into(), "Lee".into());
        person.visits += 5;
        person.age = 40;
    });
    other.merge(&repo).unwrap();
    clock.pass(1_000_000_000);
    change(&other, |person| {
        person.first = "Hannah".into();
        person.visits += 100;
    });
    repo.merge(&other).unwrap();
    let report = undo.undo().unwrap().unwrap();
    let now = ann(&repo).unwrap();
    assert_eq!((&*now.first, &*now.last, now.visits, now.age), ("Hannah", "", 100, 40));
    let kept: Vec<&str> = report.kept.iter().map(|(_, field, _)| &**field).collect();
    // A maximum knows no way back.
    assert_eq!(kept, ["age", "first"], "{report}");
    assert_eq!(report.changed[0].1, ["last", "visits"]);
    assert!(report.to_string().contains("first stays: somebody has written there since"), "{report}");
    let report = undo.redo().unwrap().unwrap();
    let again = ann(&repo).unwrap();
    assert_eq!((&*again.first, &*again.last, again.visits), ("Hannah", "Lee", 105), "{report}");
    // What somebody else did is nobody's here to take back.
    change(&other, |person| person.story = "long".into());
    repo.merge(&other).unwrap();
    let counts = (undo.undo_count(), undo.redo_count());
    assert_eq!(counts, (1, 0));
    drop(undo);
    change(&repo, |person| person.visits += 1);
}

#[test]
fn a_transaction_is_one_step() {
    let (repo, _) = repo(&MemoryStore::new());
    let undo = repo.undo_log();
    repo.transaction(|transaction| {
        transaction.put("ann", Person { age: 1, ..Person::default() })?;
        transaction.put("bob", Person { age: 2, ..Person::default() })?;
        transaction.update::<Person>("ann", |person| {
            person.visits = 7;
            Ok(())
        })
    })
    .unwrap();
    repo.delete::<Person>("bob").unwrap();
    assert_eq!(undo.undo_count(), 2);
    undo.undo().unwrap();
    assert_eq!(repo.get::<Person>("bob").unwrap().unwrap().age, 2);
    undo.undo().unwrap();
    assert_eq!(repo.iter::<Person>().unwrap().count(), 0);
    undo.redo().unwrap();
    assert_eq!(ann(&repo).unwrap().visits, 7);
    // A new write is the end of what could be done again.
    change(&repo, |person| person.visits = 1);
    assert!(undo.redo().unwrap().is_none());
}

fn days(clock: &HandClock) -> Nanotime {
    clock.pass(10);
    let now = clock.now();
    clock.pass(86_400_000_000_000);
    now
}

#[test]
fn an_object_and_a_field_go_back_to_what_they_were() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.set_history::<Person>(History::Full).unwrap();
    let before = days(&clock);
    let first = Person { first: "Ann".into(), last: "Lee".into(), visits: 3, ..Person::default() };
    repo.put("ann", first.clone()).unwrap();
    let (one, monday) = (head::<Person>(&repo, "ann"), days(&clock));
    change(&repo, |person| {
        *person = Person { first: "X".into(), story: "new".into(), visits: 10, age: 9, ..Person::default() }
    });
    days(&clock);
    let report = repo.revert::<Person>("ann", monday).unwrap();
    assert_eq!(ann(&repo).unwrap(), Person { age: 9, ..first.clone() }, "{report}");
    assert_eq!(report.not_recorded.len(), 1, "the maximum stays: {report}");

    change(&repo, |person| (person.first, person.last, person.story) = ("Y".into(), "Z".into(), "W".into()));
    repo.revert_field::<Person>("ann", "last", &one).unwrap();
    repo.revert_field::<Person>("ann", "story", monday).unwrap();
    let now = ann(&repo).unwrap();
    assert_eq!((&*now.first, &*now.last, &*now.story), ("Y", "Lee", ""));
    let error = repo.revert_field::<Person>("ann", "lats", monday).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");

    clock.pass(10);
    let diff = repo.history::<Person>("ann").unwrap().diff(monday, clock.now()).unwrap();
    let names: Vec<&str> = diff.attributes.iter().map(|attribute| &*attribute.name).collect();
    // What was never written and what was set back to its default are told apart.
    assert_eq!(names, ["age", "first", "story"], "{diff}");
    repo.revert::<Person>("ann", before).unwrap();
    assert!(ann(&repo).is_none());
    repo.revert::<Person>("ann", one.hash()).unwrap();
    assert_eq!(ann(&repo).unwrap().first, "Ann");
    repo.verify().unwrap();
}

#[test]
fn the_log_reads_as_one_is_used_to() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.set_history::<Person>(History::Full).unwrap();
    repo.put("ann", Person { first: "Ann".into(), ..Person::default() }).unwrap();
    let other = Repo::builder().replica_of(&repo).clock(clock.clone()).open().unwrap();
    other.merge(&repo).unwrap();
    clock.pass(1_500_000_000);
    change(&other, |person| person.last = "Lee".into());
    clock.pass(1_500_000_000);
    change(&repo, |person| _ = person.tags.insert("a".into()));
    repo.merge(&other).unwrap();
    repo.delete::<Person>("ann").unwrap();
    let past = repo.history::<Person>("ann").unwrap();
    let entries: Vec<_> = past.log().unwrap().map(Result::unwrap).collect();
    let log: String = entries.iter().map(ToString::to_string).collect();
    let (us, them) = (repo.actor().to_string(), other.actor().to_string());
    for part in [
        "    deleted\n",
        "arrived ",
        &format!("Author: {them:.8}:1\nMade:   2027-01-15T08:00:01.500000000Z\n"),
        "Date:   2027-01-15T08:00:03",
        "    last: nothing → \"Lee\"\n",
        &format!("Author: {us:.8}:2\n"),
        "    tags: nothing → [\"a\"]\n",
        "    created\n    first: nothing → \"Ann\"\n",
    ] {
        assert!(log.contains(part), "{part:?} in\n{log}");
    }
    assert_eq!(entries.iter().map(|entry| entry.arrived).collect::<Vec<_>>(), [false, true, false, false]);
    assert_eq!(entries[1].became::<Person>().unwrap().unwrap().last, "Lee");
    assert_eq!(entries[1].was::<Person>().unwrap().unwrap().last, "");
    assert!(entries[0].became::<Person>().unwrap().is_none());
    let graph = past.graph().unwrap();
    assert_eq!(graph.nodes[0].parents, [graph.nodes[1].version]);
    assert!(graph.to_string().starts_with('*'), "{graph}");
    assert_eq!(graph.to_string().lines().nth(1).and_then(|line| line.chars().next()), Some('o'));

    let blame = past.blame_at(graph.nodes[1].version).unwrap();
    let by = |place: &str| {
        let blame = blame.iter().find(|blame| blame.place == place).unwrap();
        (blame.writes[0].actor.clone(), blame.writes[0].sequence)
    };
    assert_eq!((by("first"), by("last")), ((us.clone(), 1), (them, 1)));
    assert_eq!(by("tags[\"a\"]"), (us, 2));
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Task {
    #[merge(latest)]
    title: String,
    #[merge(latest)]
    open: bool,
}

#[test]
fn a_query_is_asked_of_a_day_in_the_past() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.set_history::<Task>(History::Full).unwrap();
    let task = |name: &str, open| {
        repo.put(name, Task { title: name.into(), open }).unwrap();
    };
    let empty = days(&clock);
    task("a", true);
    task("b", true);
    let both = days(&clock);
    task("a", false);
    task("c", true);
    let two = days(&clock);
    repo.delete::<Task>("b").unwrap();
    let open = |time| {
        let query = repo.query::<Task>().filter(Task::fields().open.eq(true)).at(time);
        query.select(Task::fields().title).unwrap()
    };
    assert_eq!(open(empty), Vec::<String>::new());
    assert_eq!(open(both), ["a", "b"]);
    assert_eq!(open(two), ["b", "c"]);
    assert_eq!(open(clock.now()), ["c"]);
    repo.prune_older(std::time::Duration::ZERO).unwrap();
    let error = repo.query::<Task>().at(both).count().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(!repo.at::<Task>("a", clock.now()).unwrap().unwrap().open);
    let values = repo.view().unwrap().values(&head::<Task>(&repo, "a")).unwrap();
    assert_eq!(values["open"], Value::Bool(false));
    drop(Arc::new(repo));
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Place {
    #[merge(latest)]
    city: String,
    #[merge(latest)]
    street: String,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Shopper {
    #[merge(nested)]
    home: Place,
    #[merge(conflict)]
    shop: String,
}

#[test]
fn a_nested_drone_that_was_not_written_before_reads_as_its_defaults_again() {
    let repo = Repo::builder().history::<Shopper>(History::Full).open().unwrap();
    let city = || repo.get::<Shopper>("ann").unwrap().unwrap().home.city.clone();
    let first = repo.put("ann", Shopper::default()).unwrap().version().unwrap().hash();
    let undo = repo.undo_log();
    repo.update::<Shopper>("ann", |ann| {
        ann.home.city = "Linz".into();
        Ok(())
    })
    .unwrap();
    let report = undo.undo().unwrap().unwrap();
    assert_eq!((city().as_str(), report.kept.len()), ("", 0), "{report}");
    undo.redo().unwrap();
    assert_eq!(city(), "Linz");
    repo.revert_field::<Shopper>("ann", "home", first).unwrap();
    assert_eq!(city(), "");
}

/// Two replicas of one object in conflict, and what it reads as here.
fn in_conflict() -> (Repo, Repo) {
    let (repo, clock) = repo(&MemoryStore::new());
    let other = Repo::builder().replica_of(&repo).clock(clock.clone()).open().unwrap();
    repo.put("ann", Shopper { shop: "one".into(), ..Shopper::default() }).unwrap();
    clock.pass(1_000_000_000);
    other.put("ann", Shopper { shop: "two".into(), ..Shopper::default() }).unwrap();
    repo.merge(&other).unwrap();
    assert_eq!(shop(&repo), "two");
    (repo, other)
}

fn shop(repo: &Repo) -> String {
    repo.get::<Shopper>("ann").unwrap().unwrap().shop.clone()
}

#[test]
fn a_decision_is_taken_back_with_its_vote_and_made_again() {
    let (repo, other) = in_conflict();
    let undo = repo.undo_log();
    let conflict = repo.conflicts::<Shopper>().unwrap().next().unwrap().unwrap();
    repo.resolve(&conflict, Resolution::value(&"one").unwrap()).unwrap();
    for _ in 0..2 {
        assert_eq!(shop(&repo), "one");
        undo.undo().unwrap().unwrap();
        assert_eq!(shop(&repo), "two");
        undo.redo().unwrap().unwrap();
    }
    other.merge(&repo).unwrap();
    assert_eq!((shop(&other), other.hash()), ("one".into(), repo.hash()));
    repo.verify().unwrap();
}

#[test]
fn what_a_rule_decided_is_brought_back_as_it_read() {
    let (repo, _) = in_conflict();
    let undo = repo.undo_log();
    repo.resolve_all::<Shopper>(None, Rule::Oldest).unwrap();
    repo.delete::<Shopper>("ann").unwrap();
    undo.undo().unwrap().unwrap();
    assert_eq!(shop(&repo), "one");

    let (repo, _) = in_conflict();
    let undo = repo.undo_log();
    repo.resolve_all::<Shopper>(None, Rule::Oldest).unwrap();
    repo.resolve_all::<Shopper>(None, Rule::Newest).unwrap();
    assert_eq!(shop(&repo), "two");
    for reads in ["one", "two"] {
        undo.undo().unwrap().unwrap();
        assert_eq!(shop(&repo), reads);
    }
    undo.redo().unwrap().unwrap();
    assert_eq!(shop(&repo), "one");
    repo.verify().unwrap();
}

#[test]
fn a_field_is_reverted_to_what_it_read_as_when_it_was_decided() {
    let (repo, _) = in_conflict();
    repo.set_history::<Shopper>(History::Full).unwrap();
    repo.resolve_all::<Shopper>(None, Rule::Oldest).unwrap();
    let key = Shopper::key_of("ann").unwrap();
    let then = repo.view().unwrap().version("Shopper", &key).unwrap().unwrap().hash();
    repo.update::<Shopper>("ann", |ann| {
        ann.shop = "three".into();
        Ok(())
    })
    .unwrap();
    repo.revert_field::<Shopper>("ann", "shop", then).unwrap();
    assert_eq!(
        (shop(&repo), repo.at::<Shopper>("ann", then).unwrap().unwrap().shop.clone()),
        ("one".into(), "one".into())
    );
}
