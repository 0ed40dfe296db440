//! A program that knows schema 1 only relays and merges what schema 2 alone knows.

use super::device::Device;
use super::rng::Rng;
use super::world::{NOW, SECOND};
use dronestore::Version;
use dronestore::model::Model;

mod one {
    #[derive(dronestore::Drone, Debug, Clone, Default, PartialEq)]
    #[drone(kind = "Doc")]
    pub struct Doc {
        #[merge(latest)]
        pub title: String,
    }
}

mod two {
    #[derive(dronestore::Drone, Debug, Clone, Default, PartialEq)]
    #[drone(kind = "Doc")]
    pub struct Doc {
        #[merge(latest)]
        pub title: String,
        #[merge(counter)]
        pub visits: i64,
        #[merge(text)]
        pub body: String,
    }
}

trait Titled: Model {
    fn set_title(&mut self, title: &str);
}

impl Titled for one::Doc {
    fn set_title(&mut self, title: &str) {
        self.title = title.into();
    }
}

impl Titled for two::Doc {
    fn set_title(&mut self, title: &str) {
        self.title = title.into();
    }
}

/// Two devices of schema 2 that meet through a relay of schema `R` alone.
fn fleet<R: Titled>() -> (Version, two::Doc) {
    let mut ann = Device::<two::Doc>::new(1);
    ann.edit(|doc| (doc.title, doc.visits, doc.body) = ("a".into(), 5, "one three".into())).unwrap();
    let mut relay: Device<R> = ann.copy(3).at(NOW + SECOND);
    let mut bob: Device<two::Doc> = relay.copy::<two::Doc>(2).at(NOW + 2 * SECOND);
    // Apart: each counts and writes, and the relay edits what it knows.
    ann.edit(|doc| (doc.visits, doc.body) = (doc.visits + 10, "one two three".into())).unwrap();
    bob.edit(|doc| (doc.visits, doc.body) = (doc.visits + 200, "one three four".into())).unwrap();
    relay.edit(|doc| doc.set_title("relayed")).unwrap();
    // The relay joins what it does not know; neither of the two has seen the other.
    relay.merge(&ann);
    relay.merge(&bob);
    relay.edit(|doc| doc.set_title("joined")).unwrap();
    ann.merge(&relay);
    bob.merge(&relay);
    assert_eq!(ann.version, bob.version);
    (ann.version.unwrap(), ann.value)
}

#[test]
fn sum_text_and_hash_are_those_of_a_fleet_of_schema_2() {
    let (version, doc) = fleet::<one::Doc>();
    assert_eq!((doc.visits, doc.body.as_str(), doc.title.as_str()), (215, "one two three four", "joined"));
    let (same, same_doc) = fleet::<two::Doc>();
    assert_eq!((version.hash(), doc), (same.hash(), same_doc));
    assert_eq!(version.to_bytes(), same.to_bytes());
}

/// A random history over four devices; those at `relays` are of schema `R`.
fn history<R: Titled>(seed: u64) -> (Version, two::Doc) {
    let mut rng = Rng::new(seed);
    let mut ends = [Device::<two::Doc>::new(1), Device::new(2)];
    ends[0].edit(|doc| doc.body = "start".into()).unwrap();
    let first = ends[0].version.clone().unwrap();
    ends[1].take(first.clone());
    let mut relays = [Device::<R>::new(3), Device::new(4)];
    relays.iter_mut().for_each(|relay| relay.take(first.clone()));
    for step in 0..40u64 {
        let (end, relay) = (rng.below(2), rng.below(2));
        match rng.below(4) {
            0 => _ = relays[relay].edit(|doc| doc.set_title(&format!("{step}"))).unwrap(),
            1 => {
                let at = rng.below(4);
                let edit = |doc: &mut two::Doc| {
                    doc.visits += step as i64;
                    doc.body.insert_str(at.min(doc.body.len()), "ab");
                };
                ends[end].edit(edit).unwrap();
            }
            2 => relays[relay].merge(&ends[end]),
            _ => ends[end].merge(&relays[relay]),
        }
    }
    let [mut one, other] = ends;
    for relay in &mut relays {
        relay.merge(&other);
        one.merge(relay);
    }
    (one.version.unwrap(), one.value)
}

#[test]
fn relays_that_know_less_give_the_same_bytes_in_random_histories() {
    for seed in 0..50 {
        let (old, new) = (history::<one::Doc>(seed), history::<two::Doc>(seed));
        assert_eq!((old.0.hash(), old.1), (new.0.hash(), new.1), "seed {seed}");
    }
}
