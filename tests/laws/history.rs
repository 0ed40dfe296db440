//! Histories: made at random, run, and made small where they fail.

use super::models::{Specified, Table, table};
use super::rng::Rng;
use super::world::{Act, Step, World};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs so many random histories of a model, and shows the smallest that fails.
pub fn check<M: Specified>(count: usize) {
    check_table(&table::<M>(), count);
}

fn check_table(table: &Table, count: usize) {
    let from_env = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = from_env("DRONESTORE_SEED") {
        return check_one(table, seed);
    }
    let count = count as u64 * from_env("DRONESTORE_HISTORIES").unwrap_or(1);
    // Every model has histories of its own, the same on every machine.
    let start = table.kind.bytes().fold(17u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    (0..count).for_each(|number| check_one(table, start.wrapping_add(number)));
}

fn check_one(table: &Table, seed: u64) {
    let steps = steps(&mut Rng::new(seed ^ 0x5eed));
    let Err(first) = run(table, seed, &steps, None) else { return };
    let steps = shrink(table, seed, steps);
    let mut told = Vec::new();
    let last = run(table, seed, &steps, Some(&mut told)).err().unwrap_or(first);
    panic!("{}, DRONESTORE_SEED={seed}, {} steps:\n{}\n{last}", table.kind, steps.len(), told.join("\n"));
}

fn steps(rng: &mut Rng) -> Vec<Step> {
    const ACTS: [Act; 20] = {
        use Act::{Anew, Bytes, Delete, Fork, Merge, Moved, Write};
        [
            Write, Write, Write, Write, Write, Write, Write, Write, Merge, Merge, Merge, Merge, Merge, Moved,
            Moved, Moved, Fork, Bytes, Delete, Anew,
        ]
    };
    let step = |rng: &mut Rng| {
        let act = if rng.once_in(40) { Act::Json } else { ACTS[rng.below(ACTS.len())] };
        Step { act, who: rng.below(8), whom: rng.below(8), seed: rng.next() }
    };
    (0..6 + rng.below(9)).map(|_| step(rng)).collect()
}

fn run(table: &Table, seed: u64, steps: &[Step], told: Option<&mut Vec<String>>) -> Result<(), String> {
    let mut world = World::new(table, seed, told.is_some());
    let mut all = || {
        steps.iter().try_for_each(|step| world.step(step))?;
        world.check_all_orders(&mut Rng::new(seed))?;
        // One history in a few has enough of them.
        if seed.is_multiple_of(16) { world.check_deltas() } else { Ok(()) }
    };
    let result = catch_unwind(AssertUnwindSafe(&mut all)).unwrap_or_else(|_| Err("it panicked".into()));
    if let (Some(told), Some(lines)) = (told, world.told) {
        *told = lines;
    }
    result
}

/// Leaves out steps as long as it still fails.
fn shrink(table: &Table, seed: u64, mut steps: Vec<Step>) -> Vec<Step> {
    let mut index = 0;
    while index < steps.len() {
        let mut fewer = steps.clone();
        fewer.remove(index);
        if run(table, seed, &fewer, None).is_err() {
            steps = fewer;
            index = 0;
        } else {
            index += 1;
        }
    }
    steps
}
