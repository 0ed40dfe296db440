//! Faults that show only where three write at once, or where two write two fields: small worlds find them all.

use dronestore::laws::{Check, Failure};
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Drone, Result};

/// Folds the entries into a mean of means: of two in either order it is the same, of three it is not.
struct Mean;

impl Strategy<u64> for Mean {
    const NAME: &'static str = "mean";
    type State = u64;

    fn write(_: &[Held<u64>], _: &u64, new: &u64) -> Result<Write<u64>> {
        Ok(Write { state: *new, replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<u64>]) -> Result<u64> {
        let states = entries.iter().map(|held| held.state);
        Ok(states.reduce(|sum, state| (sum + state) / 2).unwrap_or_default())
    }
}

#[derive(Drone, Debug)]
struct One {
    #[merge(with = "Mean")]
    value: u64,
}

#[derive(Drone, Debug)]
#[merge(latest)]
struct Ten {
    a: u8,
    b: String,
    c: Option<u8>,
    d: bool,
    e: Vec<u8>,
    f: char,
    g: i64,
    h: (u8, u8),
    i: String,
    #[merge(with = "Mean")]
    value: u64,
}

/// Found without chance, before any history.
#[track_caller]
fn found<T: Drone + std::fmt::Debug>(check: Check<T>, law: &str) -> Failure {
    let failure = check.histories(0).run().expect_err("the fault is found");
    println!("{failure}");
    assert!(failure.law.contains(law) && failure.seed.is_none(), "{failure}");
    assert!((3..=5).contains(&failure.steps), "{failure}");
    failure
}

#[test]
fn a_fault_of_three_is_found_whatever_stands_beside_it() {
    found(Check::<One>::new(), "in whatever order");
    found(Check::<Ten>::new(), "in whatever order");
}

#[derive(Drone, Debug)]
#[merge(latest)]
struct Wide {
    from: u8,
    b: String,
    c: Option<u8>,
    d: bool,
    e: Vec<u8>,
    f: char,
    g: i64,
    h: (u8, u8),
    to: u8,
    i: String,
}

#[test]
fn a_promise_across_two_fields_is_asked() {
    let in_order = |wide: &Wide| wide.from != 1 || wide.to == 1;
    let check = Check::<Wide>::new().promise("what was in order stays so", move |met| {
        !(in_order(met.ours) && in_order(met.theirs)) || in_order(met.merged)
    });
    found(check, "promises");
}

#[test]
fn an_edit_and_a_field_meet_as_well() {
    let check = Check::<Wide>::new().edit(|_, wide| wide.e = vec![77]);
    let check = check
        .promise("77 is alone", |met| !(met.merged.e == [77] && met.merged.d && met.theirs.d != met.ours.d));
    found(check, "promises");
}
