//! An old program and what a newer one wrote: nothing is lost, and nothing counts as a change.

use super::device::Device;
use super::world::{NOW, SECOND};
use dronestore::Drone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! program {
    ($name:ident { $($more:ident)? }) => {
        mod $name {
            use super::*;

            /// A value inside another; the newer program has one member more.
            #[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
            pub struct Info {
                pub a: i64,
                $(#[serde(default)] pub $more: Option<i64>,)?
            }

            #[derive(Drone, Debug, Clone, Default, PartialEq)]
            #[drone(kind = "Part")]
            pub struct Part {
                #[merge(latest)]
                pub size: i64,
                $(#[merge(latest)] pub $more: i64,)?
            }

            #[derive(Drone, Debug, Clone, Default, PartialEq)]
            #[drone(kind = "Doc")]
            pub struct Doc {
                #[merge(latest)]
                pub info: Info,
                #[merge(conflict)]
                pub doubt: Info,
                #[merge(set)]
                pub set: BTreeSet<Info>,
                #[merge(set(latest))]
                pub votes: BTreeSet<Info>,
                #[merge(list)]
                pub list: Vec<Info>,
                #[merge(map(counter))]
                pub counts: BTreeMap<Info, i64>,
                #[merge(map(latest))]
                pub infos: BTreeMap<u8, Info>,
                #[merge(map(nested))]
                pub parts: BTreeMap<u8, Part>,
                #[merge(nested)]
                pub part: Part,
                #[merge(latest_object)]
                pub left: Info,
                $(#[merge(latest_object)] pub $more: i64, #[merge(counter)] pub later: i64,)?
                #[merge(latest)]
                pub other: i64,
            }
        }
    };
}
program!(old {});
program!(new { more });

fn rich(a: i64) -> new::Info {
    new::Info { a, more: Some(a + 100) }
}

fn part(size: i64) -> new::Part {
    new::Part { size, more: size + 100 }
}

/// A document as the newer program writes it, and an old program that has received it.
fn written() -> (Device<new::Doc>, Device<old::Doc>) {
    let mut newer = Device::<new::Doc>::new(1);
    let write = |doc: &mut new::Doc| {
        (doc.info, doc.doubt, doc.left) = (rich(1), rich(2), rich(3));
        doc.set = BTreeSet::from([rich(1), rich(2)]);
        doc.votes = BTreeSet::from([rich(1), rich(2)]);
        doc.list = vec![rich(1), rich(2), rich(1)];
        doc.counts = BTreeMap::from([(rich(1), 1), (rich(2), 2)]);
        doc.infos = BTreeMap::from([(1, rich(1)), (2, rich(2))]);
        doc.parts = BTreeMap::from([(1, part(1)), (2, part(2))]);
        (doc.part, doc.more, doc.later) = (part(7), 8, 9);
    };
    newer.edit(write).unwrap();
    let older = newer.copy(2).at(NOW + SECOND);
    (newer, older)
}

/// The old program edits; the newer one reads what it wrote itself, with that edit.
fn check(edit: impl FnOnce(&mut old::Doc), expect: impl FnOnce(&mut new::Doc)) {
    let (mut newer, mut older) = written();
    let mut expected = newer.value.clone();
    expect(&mut expected);
    assert!(older.edit(edit).unwrap().is_some());
    newer.merge(&older);
    assert_eq!(newer.value, expected);
    assert!(newer.is_silent() && older.is_silent());
}

#[test]
fn loading_and_committing_is_no_change() {
    let (_, mut older) = written();
    assert!(older.is_silent());
}

#[test]
fn an_edit_elsewhere_leaves_what_is_not_known() {
    check(|doc| doc.other = 1, |doc| doc.other = 1);
}

#[test]
fn removing_an_element_leaves_the_others_as_they_were() {
    check(
        |doc| {
            doc.set.retain(|info| info.a != 1);
            doc.votes.retain(|info| info.a != 1);
        },
        |doc| (doc.set, doc.votes) = (BTreeSet::from([rich(2)]), BTreeSet::from([rich(2)])),
    );
}

#[test]
fn an_edit_of_a_list_leaves_its_other_items_as_they_were() {
    let poor = |a| new::Info { a, more: None };
    check(
        |doc| {
            doc.list.remove(0);
            doc.list.insert(1, old::Info { a: 9 });
        },
        |doc| doc.list = vec![rich(2), poor(9), rich(1)],
    );
}

#[test]
fn a_value_under_a_richer_key_is_written_under_that_key() {
    check(
        |doc| *doc.counts.get_mut(&old::Info { a: 1 }).unwrap() += 4,
        |doc| *doc.counts.get_mut(&rich(1)).unwrap() += 4,
    );
    check(|doc| doc.counts.retain(|key, _| key.a != 2), |doc| doc.counts.retain(|key, _| key.a != 2));
}

#[test]
fn one_key_of_a_map_leaves_the_others_as_they_were() {
    let poor = |a| new::Info { a, more: None };
    check(|doc| doc.infos.get_mut(&1).unwrap().a = 5, |doc| doc.infos.extend([(1, poor(5))]));
}

#[test]
fn nested_drones_keep_attributes_that_are_not_known() {
    check(
        |doc| (doc.part.size, doc.parts.get_mut(&1).unwrap().size) = (5, 6),
        |doc| (doc.part.size, doc.parts.get_mut(&1).unwrap().size) = (5, 6),
    );
}

#[test]
fn a_latest_object_carries_over_members_that_are_not_known() {
    let poor = |a| new::Info { a, more: None };
    check(|doc| doc.left.a = 5, |doc| doc.left = poor(5));
}

#[test]
fn an_edit_of_both_programs_at_once_keeps_both() {
    let (mut newer, mut older) = written();
    newer.edit(|doc| (doc.later, doc.more) = (10, 11)).unwrap();
    older.edit(|doc| doc.other = 3).unwrap();
    newer.merge(&older);
    older.merge(&newer);
    assert_eq!((newer.value.later, newer.value.more, newer.value.other), (10, 11, 3));
    assert_eq!(newer.version, older.version);
}

// Both keys were written with the one value that was read, by a commit without an edit.
#[test]
fn two_keys_that_read_as_one_are_left_alone() {
    let mut newer = Device::<new::Doc>::new(1);
    let twin = new::Info { a: 1, more: Some(5) };
    let keys = [(rich(1), 1), (twin.clone(), 2)];
    newer.edit(|doc| (doc.counts, doc.set) = (keys.clone().into(), [rich(1), twin].into())).unwrap();
    let mut older: Device<old::Doc> = newer.copy(2);
    assert_eq!((older.value.counts.len(), older.value.set.len()), (1, 1));
    assert!(older.is_silent());
    older.edit(|doc| doc.other = 1).unwrap();
    newer.merge(&older);
    assert_eq!(newer.value.counts, BTreeMap::from(keys));
}
