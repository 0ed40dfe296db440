//! Clocks advise, causality decides.

use super::device::Device;
use super::rng::Rng;
use super::world::{NOW, SECOND, YEAR};
use dronestore::Drone;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Drone, Debug, Clone, PartialEq)]
struct Note {
    #[merge(latest)]
    text: i64,
    #[merge(conflict)]
    doubt: i64,
    #[merge(latest_object)]
    part: i64,
    #[merge(set(latest))]
    tags: BTreeSet<u8>,
    #[merge(map(latest))]
    lines: BTreeMap<u8, i64>,
}

fn put(value: i64) -> impl Fn(&mut Note) {
    move |note| {
        (note.text, note.doubt, note.part) = (value, value, value);
        note.tags = BTreeSet::from([value as u8]);
        note.lines.insert(1, value);
    }
}

fn reads(device: &Device<Note>, value: i64) -> bool {
    let mut expected = device.value.clone();
    put(value)(&mut expected);
    device.value == expected
}

#[test]
fn a_write_that_has_seen_another_wins_whatever_the_clocks_say() {
    let mut rng = Rng::new(1);
    for _ in 0..2000 {
        let mut walls = || [0, 1, NOW - YEAR, NOW, NOW + 59 * SECOND, NOW + YEAR, u64::MAX][rng.below(7)];
        let mut a = Device::<Note>::new(1).at(walls());
        a.edit(put(1)).unwrap();
        let mut b: Device<Note> = a.copy(2).at(walls());
        b.edit(put(2)).unwrap();
        a.meet(&mut b);
        assert!(reads(&a, 2), "{} then {}: {:?}", a.wall, b.wall, a.value);
    }
}

#[test]
fn equal_stamps_have_one_winner_whatever_the_order_of_merging() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut devices = [1, 2, 3].map(Device::<Note>::new);
        for (value, device) in (1..).zip(&mut devices) {
            device.edit(put(value)).unwrap();
        }
        let mut last: Device<Note> = devices[order[0]].copy(9);
        last.merge(&devices[order[1]]);
        last.merge(&devices[order[2]]);
        assert_eq!((last.value.text, last.value.doubt, last.value.part), (3, 3, 3), "{order:?}");
    }
}

#[test]
fn a_clock_a_year_ahead_neither_drags_others_along_nor_pins_a_value() {
    let mut ahead = Device::<Note>::new(1).at(NOW + YEAR);
    ahead.edit(put(1)).unwrap();
    let mut other = Device::<Note>::new(2);
    other.edit(put(2)).unwrap();
    other.merge(&ahead);
    assert_eq!(other.value.text, 1, "among concurrent writes the larger stamp counts");
    for value in 3..6 {
        let made = other.edit(put(value)).unwrap().unwrap();
        let stamp = made.commit.time.as_nanos();
        assert!((NOW..=NOW + 60 * SECOND).contains(&stamp), "{stamp}");
        assert!(reads(&other, value), "{:?}", other.value);
    }
    let mut third: Device<Note> = other.copy(3);
    let made = third.edit(put(7)).unwrap().unwrap();
    assert!(made.commit.time.as_nanos() <= NOW + 60 * SECOND);
    ahead.merge(&third);
    assert!(reads(&ahead, 7));
}

#[derive(Drone, Debug, Clone, PartialEq)]
#[drone(kind = "Same")]
struct Ordered {
    #[merge(latest)]
    a: i64,
    #[merge(set)]
    b: BTreeSet<u8>,
    #[merge(map(counter))]
    c: BTreeMap<u8, i64>,
    #[merge(latest_object)]
    d: i64,
    #[merge(latest_object)]
    e: i64,
}

#[derive(Drone, Debug, Clone, PartialEq)]
#[drone(kind = "Same")]
struct Shuffled {
    #[merge(latest_object)]
    e: i64,
    #[merge(map(counter))]
    c: HashMap<u8, i64>,
    #[merge(set)]
    b: HashSet<u8>,
    #[merge(latest_object)]
    d: i64,
    #[merge(latest)]
    a: i64,
}

#[test]
fn the_hash_depends_on_no_order_of_fields_or_of_hash_maps() {
    let mut ordered = Device::<Ordered>::new(1);
    ordered
        .edit(|value| {
            (value.a, value.d, value.e) = (1, 2, 3);
            value.b.extend(0..40);
            value.c.extend((0..40).map(|key| (key, i64::from(key))));
        })
        .unwrap();
    for turn in 0..20 {
        let mut shuffled = Device::<Shuffled>::new(1);
        shuffled
            .edit(|value| {
                (value.a, value.d, value.e) = (1, 2, 3);
                value.b.extend((0..40).map(|element| (element + turn) % 40));
                value.c.extend((0..40).rev().map(|key| (key, i64::from(key))));
            })
            .unwrap();
        assert_eq!(shuffled.version, ordered.version);
        assert_eq!(shuffled.version.unwrap().to_bytes(), ordered.version.clone().unwrap().to_bytes());
    }
}
