//! Keys of maps removed beside edits of what is below them: as the guide's cases say, in every order of meetings.

use super::device::Device;
use super::world::{NOW, SECOND};
use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone, Debug, Clone, PartialEq)]
struct Shelf {
    #[merge(map(counter))]
    counts: BTreeMap<u8, i64>,
    #[merge(map(text))]
    notes: BTreeMap<u8, String>,
    #[merge(map(list))]
    lists: BTreeMap<u8, Vec<u8>>,
    #[merge(map(nested))]
    rooms: BTreeMap<u8, Room>,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Room {
    #[merge(latest)]
    name: String,
    #[merge(counter)]
    seen: i64,
    #[merge(text)]
    note: String,
}

fn shelf() -> Device<Shelf> {
    let mut device = Device::<Shelf>::new(1);
    device
        .edit(|shelf| {
            for key in [1, 2] {
                shelf.counts.insert(key, 5);
                shelf.notes.insert(key, "to do".into());
                shelf.lists.insert(key, vec![1, 2]);
                shelf.rooms.insert(key, Room { name: "hall".into(), seen: 5, note: "cold".into() });
            }
        })
        .unwrap();
    device
}

fn remove(shelf: &mut Shelf) {
    shelf.counts.remove(&1);
    shelf.notes.remove(&1);
    shelf.lists.remove(&1);
    shelf.rooms.remove(&1);
}

fn add(shelf: &mut Shelf, count: i64, typed: &str, item: u8) {
    *shelf.counts.get_mut(&1).unwrap() += count;
    shelf.notes.get_mut(&1).unwrap().push_str(typed);
    shelf.lists.get_mut(&1).unwrap().push(item);
    let room = shelf.rooms.get_mut(&1).unwrap();
    room.seen += count;
    room.note.push_str(typed);
}

/// The ways in which three devices and a fourth may come to have seen the same.
fn meetings(devices: &[Device<Shelf>; 3]) -> Vec<Device<Shelf>> {
    let mut met = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let [first, second, third] = order.map(|number| &devices[number]);
        let mut one: Device<Shelf> = first.copy(9);
        one.merge(second);
        one.merge(third);
        met.push(one);
        // The last two meet before the first hears of either.
        let mut pair: Device<Shelf> = second.copy(9);
        pair.merge(third);
        let mut one: Device<Shelf> = first.copy(9);
        one.merge(&pair);
        met.push(one);
    }
    met
}

#[test]
fn what_is_written_below_a_removed_key_brings_it_back_with_just_that() {
    let start = shelf();
    let mut devices = [2, 3, 4].map(|actor| start.copy::<Shelf>(actor).at(NOW + u64::from(actor) * SECOND));
    devices[0].edit(remove).unwrap();
    devices[1].edit(|shelf| add(shelf, 1, "!", 3)).unwrap();
    devices[2].edit(|shelf| add(shelf, 10, "?", 4)).unwrap();
    let met = meetings(&devices);
    let bytes = met[0].version.as_ref().unwrap().to_bytes();
    for device in &met {
        assert_eq!(device.version.as_ref().unwrap().to_bytes(), bytes);
        let shelf = &device.value;
        assert_eq!(shelf.counts, BTreeMap::from([(1, 11), (2, 5)]));
        assert!(["!?", "?!"].contains(&shelf.notes[&1].as_str()), "{}", shelf.notes[&1]);
        assert!([[3, 4], [4, 3]].iter().any(|list| shelf.lists[&1] == list), "{:?}", shelf.lists[&1]);
        let room = &shelf.rooms[&1];
        assert_eq!((room.name.as_str(), room.seen, room.note.len()), ("", 11, 2));
        let kept = Room { name: "hall".into(), seen: 5, note: "cold".into() };
        assert_eq!(
            (&shelf.notes[&2], &shelf.lists[&2], &shelf.rooms[&2]),
            (&"to do".into(), &vec![1, 2], &kept)
        );
    }

    // Whoever removes it having seen all of that takes all of it away, everywhere.
    let mut last: Device<Shelf> = met[0].copy(5);
    last.edit(remove).unwrap();
    for mut device in met {
        device.merge(&last);
        assert_eq!(device.value.counts, BTreeMap::from([(2, 5)]));
        assert!(
            device.value.notes.len() == 1 && device.value.lists.len() == 1 && device.value.rooms.len() == 1
        );
    }
}

#[test]
fn a_key_that_one_removes_and_nobody_writes_below_is_gone() {
    let start = shelf();
    let mut devices = [2, 3, 4].map(|actor| start.copy::<Shelf>(actor));
    devices[0].edit(remove).unwrap();
    devices[1].edit(|shelf| *shelf.counts.get_mut(&2).unwrap() += 1).unwrap();
    devices[2].edit(|shelf| shelf.rooms.get_mut(&2).unwrap().note.push('!')).unwrap();
    for device in meetings(&devices) {
        assert_eq!(device.value.counts, BTreeMap::from([(2, 6)]));
        assert_eq!(device.value.rooms.keys().copied().collect::<Vec<_>>(), [2]);
        assert_eq!(device.value.rooms[&2].note, "cold!");
    }
}
