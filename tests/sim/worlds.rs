//! Worlds in which everything goes wrong, and all holds.

use super::models::{Note, OldNote, Page};
use crate::random::from_env;
use dronestore::sim::{Failure, Fault, Faults, Report, World};

fn world() -> World {
    World::new().model::<Note>().model::<OldNote>().model::<Page>()
}

#[track_caller]
fn holds(result: Result<Report, Failure>) -> Report {
    let report = result.unwrap_or_else(|failure| panic!("{failure}"));
    println!("{report}");
    report
}

#[test]
fn two_thousand_schedules_with_all_faults() {
    let report = holds(world().schedules(from_env("DRONESTORE_SIM_SCHEDULES", 2000)).check());
    assert!(report.operations > 20 * report.schedules && report.writes > 5 * report.schedules, "{report}");
    assert!(report.sessions > 5 * report.schedules && report.broken > report.schedules, "{report}");
    assert!(report.crashes > report.schedules / 2 && report.restored > report.schedules / 4, "{report}");
}

/// By `DRONESTORE_SIM_OPS=1000000`: longer schedules, from one seed on.
#[test]
fn a_long_run() {
    let wanted = from_env("DRONESTORE_SIM_OPS", 2000);
    let (mut seed, mut operations) = (from_env("DRONESTORE_SIM_SEED", 1_000_000), 0);
    while operations < wanted {
        let count = (wanted / 400).clamp(1, 100);
        let report = holds(world().steps(100..=600).seed(seed).schedules(count).check());
        operations += report.operations;
        seed += count;
    }
}

#[test]
fn each_fault_alone() {
    for fault in Faults::all().iter() {
        println!("{fault:?}");
        holds(world().faults(Faults::none().with(fault)).replicas(2..=5).schedules(20).check());
    }
    let report = holds(world().faults(Faults::none()).replicas(1..=6).relays(false).schedules(20).check());
    assert_eq!((report.broken, report.crashes, report.failures, report.restored), (0, 0, 0, 0));
}

#[test]
fn after_a_rollback_repos_verify_and_what_was_not_set_aside_agrees() {
    let faults = Faults::all().with(Fault::Rollback);
    holds(world().faults(faults).replicas(2..=6).schedules(100).check());
}
