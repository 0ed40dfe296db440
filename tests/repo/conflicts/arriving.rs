//! Arriving decisions: what reads otherwise then, without a write to the object.

use super::{Card, conflicts, edit, in_conflict, only, phone, settle, side};
use dronestore::{Drone, Key, Repo, Resolution, Resolver, Value, Version, Versioned};
use std::collections::BTreeMap;

/// Two repos with the conflict, and the decision for `a` that a third made.
fn decided() -> (Vec<Repo>, Version) {
    let repos = in_conflict(3);
    repos[2].merge(&repos[0]).unwrap();
    let conflict = only(&repos[2]);
    conflict.resolve(&repos[2], Resolution::Side(side(&conflict, "a"))).unwrap();
    let all = repos[2].objects(&Key::root()).unwrap().map(Result::unwrap);
    let decision = all.into_iter().find(|version| version.kind() == "dronestore.Decision").unwrap();
    (repos, decision)
}

#[test]
fn the_index_and_the_change_log_follow_in_the_same_batch() {
    let (repos, decision) = decided();
    let repo = &repos[0];
    assert_eq!((conflicts(repo).len(), phone(repo).as_str()), (1, "b"));
    let from = repo.sequence();
    repo.merge(&decision).unwrap();
    assert_eq!(repo.sequence(), from + 1);
    assert_eq!((conflicts(repo).len(), phone(repo).as_str()), (0, "a"));
    let changes: Vec<_> = repo.changes_from(from).unwrap().map(Result::unwrap).collect();
    let told = changes.iter().find(|change| change.kind == "Card").unwrap();
    assert_eq!((told.old, &told.key), (Some(told.new), &super::key()));
    let listed = repo.conflicts::<Card>().unwrap().decided().next().unwrap().unwrap();
    assert_eq!((listed.reads().as_text(), listed.decided()), (Some("a"), Some("1 of 1 votes")));
    assert_eq!(repo.verify().unwrap().conflicts, 0);
}

#[test]
fn a_handle_that_was_loaded_before_reads_it_when_it_is_saved() {
    let (repos, decision) = decided();
    let repo = &repos[0];
    let mut handle = repo.get::<Card>("x").unwrap().unwrap();
    assert_eq!(handle.phone, "b");
    repo.merge(&decision).unwrap();
    assert!(!repo.save(&mut handle).unwrap().is_new());
    handle.calls += 1;
    let report = repo.save(&mut handle).unwrap();
    assert_eq!((report.changed, handle.phone.as_str()), (vec!["calls"], "a"));
    assert_eq!(repo.get::<Card>("x").unwrap().unwrap(), handle);
    let version = handle.version().unwrap();
    assert!(version.is_conflicted().unwrap(), "both sides stand there still");
}

#[test]
fn a_decided_value_is_no_change_and_a_change_ends_the_conflict() {
    let (repos, decision) = decided();
    let repo = &repos[0];
    repo.merge(&decision).unwrap();
    let mut handle = repo.get::<Card>("x").unwrap().unwrap();
    assert_eq!(handle.phone, "a");
    assert!(handle.changes().unwrap().is_empty());
    handle.phone = "zzz".into();
    handle.revert().unwrap();
    assert_eq!(handle.phone, "a");
    let sides = |handle: &Versioned<Card>| handle.version().unwrap().is_conflicted().unwrap();
    // A commit outside the repo goes on with what was read.
    let mut outside = handle.clone();
    outside.calls += 1;
    assert_eq!(outside.commit().unwrap().changed, ["calls"]);
    assert_eq!(outside.phone, "a");
    assert!(outside.changes().unwrap().is_empty() && sides(&outside));
    outside.revert().unwrap();
    assert_eq!(outside.phone, "a");
    repo.save(&mut outside).unwrap();
    assert_eq!((outside.phone.as_str(), sides(&outside)), ("a", true));
    // Whoever read the decision has seen both sides.
    handle.phone = "c".into();
    repo.save(&mut handle).unwrap();
    assert_eq!((handle.phone.as_str(), sides(&handle)), ("c", false));
    settle(&repos);
    assert!(repos.iter().all(|repo| conflicts(repo).len() <= 1));
}

#[test]
fn updates_and_puts_go_on_from_what_was_decided() {
    let (repos, decision) = decided();
    let repo = &repos[0];
    repo.merge(&decision).unwrap();
    assert!(
        !repo
            .update::<Card>("x", |card| {
                assert_eq!(card.phone, "a");
                Ok(())
            })
            .unwrap()
            .is_new()
    );
    let read = repo.transaction(|transaction| transaction.read::<Card>("x")).unwrap().unwrap();
    assert_eq!(read.phone, "a");
    repo.put("x", Card { calls: 5, ..read }).unwrap();
    assert!(repo.get::<Card>("x").unwrap().unwrap().version().unwrap().is_conflicted().unwrap());
    repo.update::<Card>("x", |card| {
        card.phone.push('!');
        Ok(())
    })
    .unwrap();
    let card = repo.get::<Card>("x").unwrap().unwrap();
    assert_eq!((card.phone.as_str(), card.version().unwrap().is_conflicted().unwrap()), ("a!", false));
}

#[test]
fn two_fields_with_the_same_sides_are_two_conflicts() {
    let repos = in_conflict(2);
    for (repo, text) in repos.iter().zip(["c", "d"]) {
        edit(repo, |card| (card.phone, card.fax) = (text.into(), text.into()));
    }
    super::meet(&repos[0], &repos[1]);
    let find = |name| conflicts(&repos[0]).into_iter().find(|found| found.attribute() == name).unwrap();
    let (phone, fax) = (find("phone"), find("fax"));
    assert_ne!(phone.fingerprint(), fax.fingerprint());
    fax.resolve(&repos[0], Resolution::Side(side(&fax, "c"))).unwrap();
    assert_eq!(repos[0].get::<Card>("x").unwrap().unwrap().fax, "c");
    assert_eq!(only(&repos[0]).attribute(), "phone");
}

/// What stands under the name of the decision about the conflict that all of [`in_conflict`]'s repos have.
fn forged<T: Drone + Default>(edit: impl FnOnce(&mut T)) -> (Vec<Repo>, Version) {
    let (repos, decision) = decided();
    let mut forged = Versioned::<T>::new(decision.key().clone(), T::default());
    edit(&mut forged);
    forged.commit().unwrap();
    (repos, forged.version().unwrap().clone())
}

#[derive(Drone, Debug, Clone, Default)]
#[drone(kind = "dronestore.Decision")]
struct Strange {
    #[merge(map(latest))]
    votes: BTreeMap<u8, u8>,
}

#[test]
fn what_is_no_decision_decides_nothing_and_stands_in_nobodys_way() {
    let (repos, forged) = forged::<Strange>(|strange| _ = strange.votes.insert(1, 2));
    let repo = &repos[0];
    repo.merge(&forged).unwrap();
    assert_eq!((conflicts(repo).len(), phone(repo).as_str()), (1, "b"));
    repos[1].set_resolver(Resolver::new().prefer_ours());
    repos[1].put("more", Card::default()).unwrap();
    repos[1].merge(repo).unwrap();
    repo.merge(&repos[1]).unwrap();
    assert!(repo.get::<Card>("more").unwrap().is_some());
    let conflict = only(repo);
    conflict.resolve(repo, Resolution::Side(side(&conflict, "a"))).unwrap();
    assert_eq!((conflicts(repo).len(), phone(repo).as_str()), (0, "a"));
    repo.verify().unwrap();
}

#[derive(Drone, Debug, Clone, Default)]
#[drone(kind = "dronestore.Decision")]
struct Elsewhere {
    #[merge(latest)]
    kind: String,
    #[merge(latest)]
    object: String,
    #[merge(map(latest))]
    votes: BTreeMap<String, BTreeMap<String, Value>>,
}

#[test]
fn a_decision_that_says_it_is_about_another_object_decides_nothing() {
    for (kind, object) in [("Card", "/Card:other"), ("Other", "/Card:x")] {
        let (repos, forged) = forged::<Elsewhere>(|forged| {
            (forged.kind, forged.object) = (kind.into(), object.into());
            let vote = [("value".into(), Value::from("a")), ("time".into(), Value::from(1))];
            forged.votes.insert("0102030405060708090a0b0c".into(), vote.into());
        });
        repos[0].merge(&forged).unwrap();
        assert_eq!((conflicts(&repos[0]).len(), phone(&repos[0]).as_str()), (1, "b"));
        repos[0].verify().unwrap();
    }
}
