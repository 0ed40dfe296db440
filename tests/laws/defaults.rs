//! What was written and emptied is empty, and does not read as its default again.

use super::device::Device;
use dronestore::Drone;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Drone, Debug, Clone, PartialEq)]
struct Inner {
    #[merge(latest)]
    a: i64,
    #[merge(set)]
    set: BTreeSet<u8>,
}

impl Inner {
    fn of(a: i64) -> Inner {
        Inner { a, set: BTreeSet::new() }
    }
}

#[derive(Drone, Debug, Clone, PartialEq)]
struct Outer {
    #[merge(set)]
    #[drone(default = BTreeSet::from([9]))]
    set: BTreeSet<u8>,
    #[merge(map(latest))]
    #[drone(default = BTreeMap::from([(9, 9)]))]
    map: BTreeMap<u8, i64>,
    #[merge(map(set))]
    sets: BTreeMap<u8, BTreeSet<u8>>,
    #[merge(map(map(latest)))]
    maps: BTreeMap<u8, BTreeMap<u8, i64>>,
    #[merge(map(nested))]
    inners: BTreeMap<u8, Inner>,
    #[merge(nested)]
    #[drone(default = Inner::of(5))]
    inner: Inner,
}

fn filled() -> Device<Outer> {
    let mut device = Device::<Outer>::new(1);
    let fill = |value: &mut Outer| {
        value.set = BTreeSet::from([1, 2]);
        value.map = BTreeMap::from([(1, 1), (2, 2)]);
        value.sets.insert(0, BTreeSet::from([1, 2]));
        value.maps.insert(0, BTreeMap::from([(1, 1), (2, 2)]));
    };
    device.edit(fill).unwrap();
    device
}

/// Takes one of two elements out of everything.
fn without(element: u8) -> impl FnOnce(&mut Outer) {
    move |value| {
        value.set.remove(&element);
        value.map.remove(&element);
        value.sets.get_mut(&0).unwrap().remove(&element);
        value.maps.get_mut(&0).unwrap().remove(&element);
    }
}

fn check_empty(device: &mut Device<Outer>) {
    assert_eq!((&device.value.set, &device.value.map), (&BTreeSet::new(), &BTreeMap::new()));
    assert_eq!(device.value.sets, BTreeMap::from([(0, BTreeSet::new())]));
    assert_eq!(device.value.maps, BTreeMap::from([(0, BTreeMap::new())]));
    assert!(device.is_silent());
}

// Two devices took one element of two each: nothing was left to tell that the set had been written, so it read
// as its default again, and as a value under a key it took the key with it.
#[test]
fn what_two_devices_empty_together_stays_empty() {
    let mut a = filled();
    let mut b: Device<Outer> = a.copy(2);
    a.edit(without(1)).unwrap();
    b.edit(without(2)).unwrap();
    a.meet(&mut b);
    check_empty(&mut a);
}

// The same by two saves of one repo: the second wrote out a place that held nothing, which no reader accepts.
#[test]
fn what_two_saves_on_one_base_empty_together_is_well_formed() {
    let mut repo = filled();
    let base = repo.version.clone();
    repo.save(base.clone(), without(1)).unwrap();
    repo.save(base, without(2)).unwrap();
    check_empty(&mut repo);
}

#[test]
fn a_default_that_was_emptied_stays_empty() {
    let mut device = Device::<Outer>::new(1);
    device.edit(|value| (value.set, value.map) = Default::default()).unwrap();
    assert_eq!((&device.value.set, &device.value.map), (&BTreeSet::new(), &BTreeMap::new()));
    assert!(device.is_silent());
    device.edit(|value| (value.set, value.map) = (BTreeSet::from([9]), BTreeMap::from([(9, 9)]))).unwrap();
    device.edit(|value| (value.set, value.map) = Default::default()).unwrap();
    assert_eq!((&device.value.set, &device.value.map), (&BTreeSet::new(), &BTreeMap::new()));
}

// A key with a drone at its defaults had no bytes below it, was not read, and was removed by the next commit.
#[test]
fn a_key_with_a_drone_at_its_defaults_is_a_key() {
    let mut device = Device::<Outer>::new(1);
    device.edit(|value| drop(value.inners.insert(1, Inner::of(0)))).unwrap();
    assert_eq!(device.value.inners, BTreeMap::from([(1, Inner::of(0))]));
    assert!(device.is_silent());
    let mut other: Device<Outer> = device.copy(2);
    other.edit(|value| value.inners.clear()).unwrap();
    device.edit(|value| value.inners.get_mut(&1).unwrap().a = 3).unwrap();
    device.meet(&mut other);
    assert_eq!(device.value.inners, BTreeMap::from([(1, Inner::of(3))]));
}

// Its own fields' defaults are not the field's default: setting it to them wrote nothing.
#[test]
fn a_nested_drone_can_be_set_to_the_defaults_of_its_fields() {
    let mut device = Device::<Outer>::new(1);
    assert_eq!(device.value.inner, Inner::of(5));
    device.edit(|value| value.inner = Inner::of(0)).unwrap();
    assert_eq!(device.value.inner, Inner::of(0));
    assert!(device.is_silent());
}

#[test]
fn a_nested_drone_with_a_default_is_written_out_by_its_first_edit() {
    let mut device = Device::<Outer>::new(1);
    device.edit(|value| value.inner.set = BTreeSet::from([1])).unwrap();
    assert_eq!(device.value.inner, Inner { a: 5, set: BTreeSet::from([1]) });
}
