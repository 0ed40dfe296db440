//! Resolving: by a side, by a value, by a rule; what is written and what is not.

use super::{Card, conflicts, devices, edit, in_conflict, meet, only, phone, settle, side};
use dronestore::{ErrorKind, Repo, Resolution, Rule};

#[test]
fn a_resolution_takes_the_place_of_all_sides() {
    for value in ["a", "b", "something else"] {
        let repos = in_conflict(3);
        only(&repos[0]).resolve(&repos[0], Resolution::value(&value).unwrap()).unwrap();
        assert_eq!(phone(&repos[0]), value);
        assert!(conflicts(&repos[0]).is_empty());
        let card = repos[0].get::<Card>("x").unwrap().unwrap();
        assert!(!card.version().unwrap().is_conflicted().unwrap());
        settle(&repos);
        assert!(repos.iter().all(|repo| phone(repo) == value && conflicts(repo).is_empty()));
    }
}

#[test]
fn a_side_written_meanwhile_stays_beside_the_decision() {
    let repos = in_conflict(3);
    repos[2].merge(&repos[0]).unwrap();
    let conflict = only(&repos[0]);
    edit(&repos[2], |card| card.phone = "c".into());
    repos[0].merge(&repos[2]).unwrap();
    repos[0].resolve(&conflict, Resolution::value(&"d").unwrap()).unwrap();
    let open = only(&repos[0]);
    assert_eq!(open.sides().len(), 2);
    assert!(side(&open, "c") != side(&open, "d"));
    settle(&repos);
    only(&repos[1]).resolve(&repos[1], Resolution::Side(side(&open, "c"))).unwrap();
    settle(&repos);
    assert!(repos.iter().all(|repo| phone(repo) == "c" && conflicts(repo).is_empty()));
}

#[test]
fn conflicts_below_maps_and_nested_drones_are_resolved() {
    let repos = devices(2);
    for (number, repo) in (1..).zip(&repos) {
        edit(repo, |card| {
            card.numbers.extend([("work".into(), number), (format!("own {number}"), number)]);
            card.home.street = format!("street {number}");
            card.home.rooms.extend([("hall".into(), number), ("attic".into(), number)]);
        });
    }
    meet(&repos[0], &repos[1]);
    let mut expected = repos[0].get::<Card>("x").unwrap().unwrap().clone();
    for conflict in conflicts(&repos[0]) {
        let path = conflict.path().to_string();
        let resolution = match path.as_str() {
            "home.street" => Resolution::value(&"settled"),
            _ => Resolution::value(&77u32),
        };
        conflict.resolve(&repos[0], resolution.unwrap()).unwrap();
    }
    expected.numbers.insert("work".into(), 77);
    expected.home.street = "settled".into();
    expected.home.rooms.extend([("hall".into(), 77), ("attic".into(), 77)]);
    settle(&repos);
    for repo in &repos {
        assert!(conflicts(repo).is_empty());
        assert_eq!(repo.get::<Card>("x").unwrap().unwrap(), *expected);
    }
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let repos = in_conflict(2);
    let conflict = only(&repos[0]);
    let before = (repos[0].hash(), repos[0].sequence());
    let wrong = Resolution::value(&17).unwrap();
    for (resolution, kind) in
        [(wrong, ErrorKind::InvalidValue), (Resolution::Side(2), ErrorKind::InvalidValue)]
    {
        assert_eq!(conflict.resolve(&repos[0], resolution).unwrap_err().kind(), kind);
    }
    assert_eq!((repos[0].hash(), repos[0].sequence()), before);
    assert_eq!(conflicts(&repos[0]).len(), 1);
}

#[test]
fn deciding_again_takes_the_place_of_the_decision() {
    let repos = in_conflict(2);
    let conflict = only(&repos[0]);
    conflict.resolve(&repos[0], Resolution::Side(0)).unwrap();
    conflict.resolve(&repos[0], Resolution::Side(1)).unwrap();
    let last = conflict.sides()[1].value.clone();
    assert_eq!(phone(&repos[0]), last.as_text().unwrap());
    settle(&repos);
    assert!(repos.iter().all(|repo| phone(repo) == last.as_text().unwrap() && conflicts(repo).is_empty()));
}

#[test]
fn a_rule_decides_what_is_there_and_what_comes() {
    let repos = in_conflict(3);
    assert_eq!(only(&repos[2].clone_of(&repos[0])).sides().len(), 2);
    repos[0].resolve_all::<Card>(Some("phone"), Rule::Smallest).unwrap();
    assert!(conflicts(&repos[0]).is_empty());
    assert_eq!(phone(&repos[0]), "a");
    assert_eq!(repos[0].conflicts::<Card>().unwrap().decided().count().unwrap(), 1);
    settle(&repos);
    edit(&repos[0], |card| card.phone = "y".into());
    edit(&repos[1], |card| card.phone = "x".into());
    for repo in &repos[..2] {
        edit(repo, |card| card.fax = repo.actor().to_string());
    }
    settle(&repos);
    for repo in &repos {
        assert_eq!(phone(repo), "x");
        assert_eq!(only(repo).attribute(), "fax");
    }
    repos[1].resolve_all::<Card>(None, Rule::Newest).unwrap();
    settle(&repos);
    assert!(repos.iter().all(|repo| conflicts(repo).is_empty() && phone(repo) == "x"));
    // A decision about the one goes before the rule, and the rule can be taken back.
    repos[0].resolve_all::<Card>(Some("phone"), Rule::Ask).unwrap();
    repos[0].resolve_all::<Card>(None, Rule::Ask).unwrap();
    repos[1].resolve_all::<Card>(None, Rule::Ask).unwrap();
    settle(&repos);
    assert!(repos.iter().all(|repo| conflicts(repo).len() == 2));
}

trait CloneOf {
    fn clone_of(&self, other: &Repo) -> Repo;
}

impl CloneOf for Repo {
    /// A replica that has just what the other has.
    fn clone_of(&self, other: &Repo) -> Repo {
        let clone = Repo::builder().replica_of(other).open().unwrap();
        clone.merge(other).unwrap();
        clone
    }
}

#[test]
fn each_rule_chooses_as_it_says() {
    for (rule, value) in
        [(Rule::Newest, "b"), (Rule::Oldest, "a"), (Rule::Largest, "b"), (Rule::Smallest, "a")]
    {
        let repos = in_conflict(2);
        repos[1].resolve_all::<Card>(None, rule).unwrap();
        assert_eq!(phone(&repos[1]), value);
        assert_eq!(Rule::from_name(rule.name()), Some(rule));
    }
}

#[test]
fn a_conflict_is_resolved_where_it_stands_and_nowhere_else() {
    let repos = in_conflict(2);
    let conflict = only(&repos[0]);
    let elsewhere = Repo::memory().unwrap();
    elsewhere.put("x", Card::default()).unwrap();
    let before = elsewhere.hash();
    let error = conflict.resolve(&elsewhere, Resolution::Side(0)).unwrap_err();
    assert_eq!((error.kind(), elsewhere.hash()), (ErrorKind::Mismatch, before), "{error}");

    repos[0].delete::<Card>("x").unwrap();
    let before = repos[0].hash();
    let error = conflict.resolve(&repos[0], Resolution::Side(0)).unwrap_err();
    assert_eq!((error.kind(), repos[0].hash()), (ErrorKind::NotFound, before), "{error}");
    let without = Repo::builder().replica_of(&repos[0]).open().unwrap();
    assert_eq!(conflict.resolve(&without, Resolution::Side(0)).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(without.is_empty());
}

#[test]
fn a_rule_is_for_attributes_that_ask() {
    let repo = Repo::memory().unwrap();
    for name in ["nope", "note", "home.street"] {
        let error = repo.resolve_all::<Card>(Some(name), Rule::Newest).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("`fax`, `home`, `numbers`, `phone`"), "{error}");
    }
    assert!(repo.is_empty());
    for name in [None, Some("phone"), Some("home"), Some("numbers")] {
        repo.resolve_all::<Card>(name, Rule::Newest).unwrap();
    }
}
