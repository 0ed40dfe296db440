//! A seed leads back.

use super::models::{Note, OldNote, Page};
use dronestore::Drone;
use dronestore::sim::{Fleet, Model, World};
use std::sync::atomic::{AtomicU64, Ordering};

#[test]
fn a_seed_gives_the_same_schedule_to_the_byte() {
    let play = |seed| {
        let world = World::new().model::<Note>().model::<OldNote>().model::<Page>();
        world.seed(seed).schedules(20).check().unwrap()
    };
    // Bytes on the wire hold actors, stamps and hashes, and the report counts them.
    assert_eq!(play(5), play(5));
    assert_ne!(play(5), play(6));
}

#[test]
fn a_panic_is_found_and_told_again() {
    let fail = || {
        let model = Model::<Note>::new().edit(|random, note| {
            note.visits += random.below(3) as u64;
            assert!(note.visits < 5, "too many");
        });
        World::new().with(model).schedules(100).check().unwrap_err()
    };
    let failure = fail();
    println!("{failure}");
    assert_eq!(failure.law, "nothing panics");
    assert!(failure.seen.contains("too many") && failure.seen.contains("seeds.rs"), "{failure}");
    assert!(failure.steps <= 5, "{failure}");
    assert_eq!(fail().to_string(), failure.to_string());
}

#[derive(Drone, Debug)]
struct Jar {
    #[merge(counter)]
    coins: u64,
}

#[test]
fn an_edit_that_draws_elsewhere_is_noticed() {
    let drawn = AtomicU64::new(0);
    let jar = Model::<Jar>::new().edit(move |_, jar| jar.coins += drawn.fetch_add(1, Ordering::Relaxed));
    let failure = World::new().with(jar).schedules(200).check().unwrap_err();
    assert_eq!(failure.law, "a schedule that is played again comes to the same", "{failure}");
}

#[derive(Drone, Debug)]
struct Never {
    #[merge(latest)]
    #[drone(validate = "never")]
    text: String,
}

fn never(_: &str) -> Result<(), String> {
    Err("is never right".into())
}

#[test]
fn a_world_in_which_nothing_is_written_says_so() {
    assert_eq!(World::new().check().unwrap_err().law, "a world has a model");
    let failure = World::new().model::<Never>().schedules(20).check().unwrap_err();
    assert_eq!((failure.law, failure.seed), ("replicas write", None), "{failure}");
}

#[test]
fn a_fleet_meets_as_its_seed_says() {
    let spread = |seed, broken, away| {
        let mut fleet = Fleet::new(40, seed).unwrap().broken(broken).away(away);
        fleet.repo(3).put("x", Note { text: "news".into(), ..Note::default() }).unwrap();
        let spread = fleet.spread(100).unwrap();
        assert!(fleet.is_in_sync() && fleet.repo(39).get::<Note>("x").unwrap().unwrap().text == "news");
        assert_eq!(spread.informed.last(), Some(&40));
        assert!(fleet.spread(0).unwrap().rounds == 0);
        spread
    };
    let well = spread(1, 0, 0);
    assert_eq!(well, spread(1, 0, 0));
    assert!(well.rounds < 12 && well.broken == 0, "{well}");
    let badly = spread(1, 30, 30);
    assert!(badly.broken > 0 && badly.rounds < 30, "{badly}");
    let mut alone = Fleet::new(2, 1).unwrap().away(100);
    alone.repo(0).put("x", Note { visits: 1, ..Note::default() }).unwrap();
    assert!(alone.spread(5).unwrap_err().to_string().contains("after 5 rounds"));
}
