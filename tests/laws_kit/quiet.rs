//! A strategy that panics is reported and not printed; another thread's panic is.

use dronestore::laws::Check;
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Drone, Result};
use std::panic::catch_unwind;
use std::process::Command;

struct Fragile;

impl Strategy<String> for Fragile {
    const NAME: &'static str = "fragile";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<String>]) -> Result<String> {
        assert!(entries.len() < 2, "two entries");
        Ok(entries[0].state.clone())
    }
}

#[derive(Drone, Debug)]
struct Note {
    #[merge(with = "Fragile")]
    text: String,
}

#[test]
fn a_strategy_that_panics_is_reported() {
    let failure = Check::<Note>::new().run().unwrap_err();
    println!("{failure}");
    assert_eq!((failure.law, failure.steps), ("nothing panics", 3));
    assert!(failure.seen.contains("two entries, at tests/laws_kit/quiet.rs:"), "{failure}");
    catch_unwind(|| panic!("one of the test's own")).unwrap_err();
}

/// A process of its own: the hook of panics is the whole process's, and so is where it prints.
#[test]
fn only_the_panics_of_the_kit_are_silent() {
    let name = "laws_kit::quiet::a_strategy_that_panics_is_reported";
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .output()
        .unwrap();
    let printed = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success() && printed.contains("one of the test's own"), "{printed}");
    assert_eq!(printed.matches("panicked at").count(), 1, "{printed}");
}
