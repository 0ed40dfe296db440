//! Drones inside drones and maps.

use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Part {
    #[merge(latest)]
    name: String,
    #[merge(counter)]
    count: u64,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Bag {
    #[merge(map(nested))]
    parts: BTreeMap<String, Part>,
    #[merge(map(map(nested)))]
    boxes: BTreeMap<u8, BTreeMap<u8, Part>>,
}

/// A drone with every field at its default has no bytes of its own; its key was lost with the next load.
#[test]
fn a_key_whose_drone_is_all_default_stays_in_the_map() {
    let mut bag = Bag::named("x").unwrap();
    bag.parts.insert("a".into(), Part::default());
    bag.boxes.entry(1).or_default().insert(2, Part::default());
    let expected = bag.clone();
    bag.commit().unwrap();
    assert_eq!(*bag, *expected);
    assert!(!bag.commit().unwrap().is_new());
    bag.version().unwrap().verify().unwrap();

    bag.parts.insert("b".into(), Part::default());
    bag.parts.get_mut("a").unwrap().count = 2;
    bag.commit().unwrap();
    assert_eq!((bag.parts.len(), bag.parts["a"].count), (2, 2));
    bag.parts.remove("b");
    bag.boxes.remove(&1);
    bag.commit().unwrap();
    assert_eq!((bag.parts.len(), bag.boxes.len()), (1, 0));
    bag.version().unwrap().verify().unwrap();
}
