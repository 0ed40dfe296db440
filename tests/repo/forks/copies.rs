//! Copies of one store, and copies of copies: all replicas end on one hash, and whatever was written is there once, or
//! is set aside where it can be listed.

mod play;
mod world;

use crate::random::from_env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::World;

#[test]
fn copies_of_copies_agree_and_lose_nothing_unsaid() {
    let (first, count) = (from_env("DRONESTORE_SEED", 1), from_env("DRONESTORE_COPIES", 1500));
    let (mut failures, mut told) = (Vec::new(), 0);
    for seed in first..first + count {
        let mut world = World::new(seed);
        let checked = catch_unwind(AssertUnwindSafe(|| {
            world.play();
            world.check()
        }));
        match checked {
            Ok(Ok(reported)) => told += u64::from(reported),
            Ok(Err(what)) => failures.push((seed, what)),
            Err(_) => failures.push((seed, "panics".into())),
        }
        if count == 1 {
            println!("{}", world.trace());
        }
    }
    println!("{count} histories: {told} with something set aside, {} failed", failures.len());
    failures.truncate(5);
    assert!(failures.is_empty(), "DRONESTORE_SEED=… DRONESTORE_COPIES=1: {failures:#?}");
}
