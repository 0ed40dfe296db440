//! What cannot be healed is kept aside and told, and the object stays usable.

use super::{House, change, copy_of, house, open};
use dronestore::model::load;
use dronestore::stores::MemoryStore;
use dronestore::{Key, Repo};

#[test]
fn a_fork_from_before_the_last_opening_is_kept_aside_and_told() {
    let store = MemoryStore::new();
    change(&open(&store), "h", |house| house.name = "old".into());
    let twin = open(&copy_of(&store));
    change(&open(&store), "h", |house| house.name = "ours".into());
    (0..2).for_each(|_| change(&twin, "h", |house| house.name = "theirs".into()));
    // Opened again: what it wrote before is not remembered.
    let repo = open(&store);
    change(&twin, "h", |house| house.name.push('!'));
    let report = repo.merge(&twin).unwrap();
    assert_eq!(report.forked.len(), 1);
    let aside: Vec<_> = repo.forks().unwrap().map(Result::unwrap).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(repo.verify().unwrap().forked, 1);
    change(&repo, "h", |house| house.visits += 1);
    assert_eq!(house(&repo, "h").visits, 1);
    assert!(repo.forget_fork(&aside[0]).unwrap());
    assert!(!repo.forget_fork(&aside[0]).unwrap());
    assert_eq!(repo.forks().unwrap().count(), 0);
}

#[test]
fn a_repo_that_wrote_nothing_goes_on_and_takes_a_new_actor() {
    let store = MemoryStore::new();
    change(&open(&store), "h", |house| house.name = "old".into());
    let (repo, twin) = (open(&store), open(&copy_of(&store)));
    let actor = repo.actor();
    change(&twin, "h", |house| house.visits += 1);
    let report = repo.merge(&twin).unwrap();
    assert!(report.forked.is_empty() && report.forwarded == 1, "{report}");
    assert_ne!(repo.actor(), actor);
    assert_eq!(open(&store).actor(), repo.actor());
    assert_eq!(repo.hash(), twin.hash());
}

#[test]
fn merging_what_is_known_still_writes_nothing() {
    let (a, b) = super::twins(|repo| change(repo, "h", |house| house.visits += 1));
    change(&a, "h", |house| house.visits += 1);
    change(&b, "h", |house| house.visits += 1);
    a.merge(&b).unwrap();
    b.merge(&a).unwrap();
    let rows = (a.sequence(), b.sequence());
    a.merge(&b).unwrap();
    b.sync_with(&a).unwrap();
    assert_eq!((a.sequence(), b.sequence()), rows);
}

#[test]
fn what_was_counted_below_a_key_that_was_removed_counts_whole() {
    let (a, b) = super::twins(|repo| change(repo, "h", |house| _ = house.votes.insert("v".into(), 10)));
    change(&a, "h", |house| _ = house.votes.remove("v"));
    change(&a, "h", |house| _ = house.votes.insert("v".into(), 12));
    change(&b, "h", |house| _ = house.votes.insert("v".into(), 15));
    a.merge(&b).unwrap();
    b.merge(&a).unwrap();
    // As of two actors: the concurrent edit brings back what it counted, and the count that began anew stands beside it.
    assert_eq!(house(&a, "h").votes["v"], 27);
    super::agree(&a, &b);
}

#[test]
fn a_copy_that_was_taken_while_the_other_wrote_shares_what_both_show() {
    let store = MemoryStore::new();
    let repo = open(&store);
    change(&repo, "h", |house| house.visits = 1);
    change(&repo, "h", |house| house.name = "shared".into());
    // What the copy does not write again tells how far the two went together.
    let twin = open(&copy_of(&store));
    change(&repo, "h", |house| house.visits += 10);
    change(&twin, "h", |house| house.visits += 100);
    repo.merge(&twin).unwrap();
    twin.merge(&repo).unwrap();
    assert_eq!((house(&repo, "h").visits, house(&twin, "h").visits), (111, 111));
    super::agree(&repo, &twin);
}

#[test]
fn a_handle_alone_still_refuses_a_fork() {
    let (a, b) = super::twins(|repo| change(repo, "h", |house| house.visits = 1));
    change(&a, "h", |house| house.visits += 1);
    change(&b, "h", |house| house.visits += 1);
    let mut handle = a.get::<House>("h").unwrap().unwrap();
    let error = handle.merge(&b.get::<House>("h").unwrap().unwrap()).unwrap_err();
    assert_eq!(error.kind(), dronestore::ErrorKind::Forked);
}

#[test]
fn a_count_that_a_copy_may_hold_too_is_counted_and_told() {
    let store = MemoryStore::new();
    let repo = open(&store);
    change(&repo, "h", |house| house.visits = 1);
    // The copy has these counts too, and nothing in it will show that.
    (0..2).for_each(|_| change(&repo, "h", |house| house.visits += 10));
    let twin = open(&copy_of(&store));
    change(&repo, "h", |house| house.visits += 10);
    (0..2).for_each(|_| change(&twin, "h", |house| house.visits += 100));
    let report = repo.merge(&twin).unwrap();
    assert_eq!(report.forked, [Key::for_kind("House", "h").unwrap()], "{report}");
    let aside: Vec<_> = repo.forks().unwrap().map(Result::unwrap).collect();
    let [aside] = &aside[..] else { panic!("{} set aside", aside.len()) };
    assert_eq!(load::<House>(aside).unwrap().visits, 31);
}

#[test]
fn a_restored_repo_knows_that_nobody_has_what_it_counted_after_all_others() {
    let (gone, repo) = super::twins(|repo| change(repo, "h", |house| house.visits = 1));
    let other = Repo::builder().replica_of(&repo).open().unwrap();
    // What its lost future counted is elsewhere; it goes on from the backup later.
    (0..3).for_each(|_| change(&gone, "h", |house| house.visits += 10));
    other.merge(&gone).unwrap();
    (0..2).for_each(|_| change(&repo, "h", |house| house.visits += 100));
    let report = repo.merge(&other).unwrap();
    assert!(report.forked.is_empty(), "{report}");
    assert_eq!(house(&repo, "h").visits, 231);
    other.merge(&repo).unwrap();
    super::agree(&repo, &other);
}
