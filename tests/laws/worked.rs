//! The tables of the strategies, row by row.

use super::device::Device;
use super::world::{NOW, SECOND};
use dronestore::{Drone, ErrorKind};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Drone, Debug, Clone, PartialEq)]
struct Work {
    #[merge(latest)]
    latest: i64,
    #[merge(conflict)]
    conflict: i64,
    #[merge(max)]
    #[drone(default = 3)]
    max: i64,
    #[merge(min)]
    #[drone(default = 3)]
    min: i64,
    #[merge(first)]
    first: i64,
    #[merge(counter)]
    signed: i8,
    #[merge(counter)]
    unsigned: u8,
    #[merge(flag)]
    flag: bool,
    #[merge(flag(false_wins))]
    all: bool,
    #[merge(union)]
    union: BTreeSet<u8>,
    #[merge(set)]
    set: BTreeSet<u8>,
    #[merge(set(remove_wins))]
    remove_wins: BTreeSet<u8>,
    #[merge(set(latest))]
    set_latest: BTreeSet<u8>,
    #[merge(set(once))]
    once: BTreeSet<u8>,
    #[merge(latest_object)]
    left: i64,
    #[merge(latest_object)]
    right: i64,
    #[merge(map(counter))]
    votes: BTreeMap<u8, i64>,
}

type Edit = fn(&mut Work);

/// Two devices that share `start` edit apart, the second ten seconds later, and meet.
fn concurrently(start: Edit, one: Edit, other: Edit) -> Device<Work> {
    let mut a = Device::<Work>::new(1);
    a.edit(start).unwrap();
    let mut b: Device<Work> = a.copy(2).at(NOW + 10 * SECOND);
    a.edit(one).unwrap();
    b.edit(other).unwrap();
    a.meet(&mut b);
    assert!(a.is_silent());
    a
}

/// The second device, its clock an hour behind, has seen what the first did.
fn afterwards(start: Edit, one: Edit, other: Edit) -> Device<Work> {
    let mut a = Device::<Work>::new(1);
    a.edit(start).unwrap();
    a.edit(one).unwrap();
    let mut b: Device<Work> = a.copy(2).at(NOW - 3600 * SECOND);
    b.edit(other).unwrap();
    a.meet(&mut b);
    a
}

fn none(_: &mut Work) {}

fn set(elements: &[u8]) -> BTreeSet<u8> {
    elements.iter().copied().collect()
}

#[test]
fn latest() {
    assert_eq!(afterwards(none, |w| w.latest = 2, |w| w.latest = 1).value.latest, 1);
    assert_eq!(concurrently(none, |w| w.latest = 2, |w| w.latest = 1).value.latest, 1);
}

#[test]
fn latest_of_equal_times_is_the_larger_actor_on_every_replica() {
    for (one, other) in [(1, 2), (2, 1)] {
        let (mut a, mut b) = (Device::<Work>::new(one), Device::<Work>::new(other));
        a.edit(|w| w.latest = i64::from(one)).unwrap();
        b.edit(|w| w.latest = i64::from(other)).unwrap();
        a.meet(&mut b);
        assert_eq!((a.value.latest, b.value.latest), (2, 2));
    }
}

#[test]
fn conflict() {
    let different = concurrently(none, |w| w.conflict = 2, |w| w.conflict = 1);
    assert_eq!((different.value.conflict, different.is_conflicted()), (1, true));
    let same = concurrently(none, |w| w.conflict = 2, |w| w.conflict = 2);
    assert_eq!((same.value.conflict, same.is_conflicted()), (2, false));
    let mut onto = different;
    onto.edit(|w| w.conflict = 9).unwrap();
    assert_eq!((onto.value.conflict, onto.is_conflicted()), (9, true));
}

#[test]
fn max_and_min() {
    let largest = concurrently(none, |w| (w.max, w.min) = (9, 0), |w| (w.max, w.min) = (7, -2));
    assert_eq!((largest.value.max, largest.value.min), (9, -2));
    let mut kept = largest;
    assert!(kept.edit(|w| (w.max, w.min) = (8, 8)).unwrap().is_none());
    assert_eq!((kept.value.max, kept.value.min, kept.notes.len()), (9, -2, 2));
    assert_eq!(afterwards(none, none, |w| (w.max, w.min) = (1, 5)).value.max, 1);
    assert_eq!(afterwards(none, none, |w| (w.max, w.min) = (1, 5)).value.min, 5);
}

#[test]
fn first() {
    let mut both = concurrently(none, |w| w.first = 2, |w| w.first = 1);
    assert_eq!(both.value.first, 2);
    assert_eq!(both.edit(|w| w.first = 1).unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(both.value.first, 2);
}

#[test]
fn counter() {
    assert_eq!(concurrently(none, |w| w.signed += 2, |w| w.signed += 3).value.signed, 5);
    let mut repo = Device::<Work>::new(1);
    repo.edit(none).unwrap();
    let base = repo.version.clone();
    repo.save(base.clone(), |w| w.unsigned += 1).unwrap();
    repo.save(base, |w| w.unsigned += 1).unwrap();
    assert_eq!(repo.value.unsigned, 2);
    let mut over = concurrently(none, |w| w.signed += 100, |w| w.signed += 101);
    assert_eq!(over.value.signed, i8::MAX);
    over.edit(|w| w.signed -= 100).unwrap();
    assert_eq!(over.value.signed, 101, "the totals stay exact");
    over.edit(|w| w.unsigned = 3).unwrap();
    assert_eq!(over.edit(|w| w.unsigned = 2).unwrap_err().kind(), ErrorKind::Refused);
}

#[test]
fn flag() {
    assert!(!afterwards(none, |w| w.flag = true, |w| w.flag = false).value.flag);
    let yes = |w: &mut Work| (w.flag, w.all) = (true, true);
    let no = |w: &mut Work| (w.flag, w.all) = (false, false);
    // One device takes the true back; the other too, and then sets it again.
    let mut a = Device::<Work>::new(1);
    a.edit(yes).unwrap();
    let mut b: Device<Work> = a.copy(2);
    b.edit(no).unwrap();
    let mut c: Device<Work> = b.copy(3).at(NOW - 9 * SECOND);
    c.edit(yes).unwrap();
    let mut d: Device<Work> = c.copy(4);
    d.edit(no).unwrap();
    let mut e: Device<Work> = c.copy(5).at(NOW + 9 * SECOND);
    e.edit(no).unwrap();
    e.edit(yes).unwrap();
    d.meet(&mut e);
    assert_eq!((d.value.flag, d.value.all), (true, false));
    d.edit(|w| (w.flag, w.all) = (false, true)).unwrap();
    assert_eq!((d.value.flag, d.value.all), (false, true));
}

#[test]
fn union() {
    let mut both = concurrently(none, |w| w.union = set(&[1]), |w| w.union = set(&[2]));
    assert_eq!(both.value.union, set(&[1, 2]));
    assert_eq!(both.edit(|w| w.union.clear()).unwrap_err().kind(), ErrorKind::Refused);
}

#[test]
fn sets() {
    let start: Edit =
        |w| (w.set, w.remove_wins, w.set_latest, w.once) = (set(&[1]), set(&[1]), set(&[1]), set(&[1]));
    let clear: Edit = |w| (w.set, w.remove_wins, w.set_latest, w.once) = Default::default();
    let again = |w: &mut Work| (w.set, w.remove_wins, w.set_latest) = (set(&[1]), set(&[1]), set(&[1]));
    let seen = afterwards(start, none, clear);
    assert_eq!((seen.value.set, seen.value.remove_wins), (set(&[]), set(&[])));
    let apart = concurrently(none, |w| w.set = set(&[1]), |w| w.set = set(&[2]));
    assert_eq!(apart.value.set, set(&[1, 2]));

    // Taken out and put back on one device, taken out on the other, later.
    let mut a = Device::<Work>::new(1);
    a.edit(start).unwrap();
    let mut b: Device<Work> = a.copy(2).at(NOW + 10 * SECOND);
    a.edit(|w| (w.set, w.remove_wins, w.set_latest) = Default::default()).unwrap();
    a.edit(again).unwrap();
    b.edit(clear).unwrap();
    a.meet(&mut b);
    assert_eq!((&a.value.set, &a.value.remove_wins), (&set(&[1]), &set(&[])));
    assert_eq!((&a.value.set_latest, &a.value.once), (&set(&[]), &set(&[])));
    assert_eq!(a.edit(|w| w.once = set(&[1])).unwrap_err().kind(), ErrorKind::Refused);
}

#[test]
fn latest_object() {
    let both = concurrently(|w| (w.left, w.right) = (1, 1), |w| w.left = 2, |w| w.right = 3);
    assert_eq!((both.value.left, both.value.right), (1, 3));
}

#[test]
fn an_edit_brings_a_removed_key_back_with_the_actors_whole_total() {
    let start: Edit = |w| w.votes = BTreeMap::from([(1, 5)]);
    let both = concurrently(start, |w| *w.votes.get_mut(&1).unwrap() += 1, |w| w.votes.clear());
    assert_eq!(both.value.votes, BTreeMap::from([(1, 6)]));
    let both = concurrently(start, |w| w.votes.clear(), |w| *w.votes.get_mut(&1).unwrap() += 1);
    assert_eq!(both.value.votes, BTreeMap::from([(1, 1)]));
    let gone = concurrently(start, |w| w.votes.clear(), |w| w.latest = 1);
    assert_eq!(gone.value.votes, BTreeMap::new());
}
