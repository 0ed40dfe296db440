//! Strategies with one fault each: the kit finds it, names the law, and shows it in at most five steps.

use dronestore::Result;
use dronestore::laws::{Check, Failure, Met};
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

fn seen<S>(state: S) -> Result<Write<S>> {
    Ok(Write { state, replaces: Replaces::Seen })
}

/// A strategy and a model with one field of it; `write` and `read` are as a user would write them.
macro_rules! faulty {
    ($name:ident: $ty:ty as $state:ty, |$new:ident| $write:expr, |$entries:ident| $read:expr) => {
        mod $name {
            #[allow(clippy::wildcard_imports, reason = "as if it stood there")]
            use super::*;

            pub struct Rule;

            impl Strategy<$ty> for Rule {
                const NAME: &'static str = stringify!($name);
                type State = $state;

                fn write(_: &[Held<$state>], _: &$ty, $new: &$ty) -> Result<Write<$state>> {
                    seen($write)
                }

                fn read($entries: &[Held<$state>]) -> Result<$ty> {
                    Ok($read)
                }
            }

            #[derive(dronestore::Drone, Debug)]
            pub struct Note {
                #[merge(with = "Rule")]
                pub field: $ty,
                #[merge(latest)]
                pub other: u8,
            }
        }
    };
}

type Lines = BTreeSet<String>;

fn lines(entries: &[Held<Lines>]) -> Lines {
    entries.iter().flat_map(|held| held.state.clone()).collect()
}

faulty!(sound: Lines as Lines, |new| new.clone(), |entries| lines(entries));

faulty!(by_arrival: String as String, |new| new.clone(), |entries| entries[entries.len() - 1].state.clone());

faulty!(by_time_alone: String as String, |new| new.clone(), |entries| {
    entries.iter().max_by_key(|held| held.time).map(|held| held.state.clone()).unwrap_or_default()
});

faulty!(by_the_clock: u64 as u64, |new| *new, |entries| {
    entries[0].state + SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 % 1000
});

// Right for the first second.
faulty!(by_the_second: u64 as u64, |new| *new, |entries| {
    static START: OnceLock<Instant> = OnceLock::new();
    entries.iter().map(|held| held.state).max().unwrap() + START.get_or_init(Instant::now).elapsed().as_secs().min(1)
});

faulty!(by_the_machine: String as Lines, |new| BTreeSet::from([new.clone(), "x".into(), "y".into(), "z".into()]),
|entries| {
    let counts: HashMap<String, usize> = lines(entries).into_iter().map(|line| (line, 1)).collect();
    counts.keys().next().cloned().unwrap_or_default()
});

faulty!(drops_a_side: Lines as Lines, |new| new.clone(), |entries| {
    entries.iter().map(|held| held.state.clone()).max().unwrap()
});

faulty!(reads_back_another: String as String, |new| new.to_uppercase(), |entries| {
    entries.iter().map(|held| held.state.clone()).max().unwrap()
});

/// Writes only what is new, in place of all that was seen.
mod loses_what_it_has_seen {
    use super::*;

    pub struct Rule;

    impl Strategy<Lines> for Rule {
        const NAME: &'static str = "loses";
        type State = Lines;

        fn write(_: &[Held<Lines>], old: &Lines, new: &Lines) -> Result<Write<Lines>> {
            seen(new.difference(old).cloned().collect())
        }

        fn read(entries: &[Held<Lines>]) -> Result<Lines> {
            Ok(lines(entries))
        }
    }

    #[derive(dronestore::Drone, Debug)]
    pub struct Note {
        #[merge(with = "Rule")]
        pub field: Lines,
    }
}

/// Keeps all entries and reads the newest: what a clock a year ahead wrote stays, whoever overwrites it.
mod pinned_by_a_clock {
    use super::*;

    pub struct Rule;

    impl Strategy<String> for Rule {
        const NAME: &'static str = "pinned";
        type State = String;

        fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
            Ok(Write { state: new.clone(), replaces: Replaces::Nothing })
        }

        fn read(entries: &[Held<String>]) -> Result<String> {
            let newest = entries.iter().max_by_key(|held| (held.time, &held.state));
            Ok(newest.map(|held| held.state.clone()).unwrap_or_default())
        }
    }

    #[derive(dronestore::Drone, Debug)]
    pub struct Note {
        #[merge(with = "Rule")]
        pub field: String,
    }
}

/// Its `Serialize` and its `Deserialize` do not agree on the name of a field.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Renamed {
    #[serde(rename(serialize = "words"))]
    text: String,
}

faulty!(breaks_on_reload: String as Renamed, |new| Renamed { text: new.clone() },
    |entries| entries.iter().map(|held| held.state.text.clone()).max().unwrap());

/// One of its fields is not stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Half {
    stored: u8,
    #[serde(skip)]
    forgotten: u8,
}

#[derive(dronestore::Drone, Debug)]
struct Halves {
    #[merge(latest)]
    half: Half,
}

/// The law, and the steps it took.
#[track_caller]
fn found(check: Result<dronestore::laws::Report, Failure>, law: &str) {
    let failure = check.expect_err("the fault is found");
    println!("{failure}");
    assert!(failure.law.contains(law), "found by another law: {failure}");
    assert!((1..=5).contains(&failure.steps), "{failure}");
    assert!(failure.program.contains("::named(\"x\")?"), "{failure}");
}

macro_rules! found {
    ($model:ident, $law:literal) => {
        found(Check::<$model::Note>::new().run(), $law)
    };
}

#[test]
fn reading_by_arrival_order_is_found() {
    found!(by_arrival, "in whatever order");
    found!(by_time_alone, "in whatever order");
}

#[test]
fn reading_the_clock_is_found() {
    found!(by_the_clock, "asks no clock");
    // Where the machine is slow, it shows before the kit looks again.
    found!(by_the_second, "");
}

#[test]
fn reading_the_machine_is_found() {
    // Two readings in a row may come out the same by chance; then a later law notices.
    found!(by_the_machine, "");
}

#[test]
fn a_clock_that_pins_a_value_is_found() {
    let failure = Check::<pinned_by_a_clock::Note>::new().run().unwrap_err();
    println!("{failure}");
    assert!(failure.law.contains("reads back") && failure.steps == 3, "{failure}");
    assert!(failure.program.contains("// The clock of `a` is a year ahead."), "{failure}");
}

#[test]
fn a_seed_leads_back_to_its_history() {
    use sound::Note;
    let check = || {
        let both = |note: &Note, base: &Note| note.field != base.field && note.other != base.other;
        Check::<Note>::new().promise("nobody edits both", move |met| !both(met.ours, met.base))
    };
    let failure = check().run().unwrap_err();
    let again = check().histories(1).seed(failure.seed.expect("edits of two fields come by chance")).run();
    assert_eq!(again.unwrap_err().to_string(), failure.to_string());
    assert_eq!(failure.steps, 3, "{failure}");
}

#[test]
fn dropping_a_concurrent_value_is_found() {
    let keeps = |lines: fn(&Note) -> &Lines| {
        move |met: &Met<'_, Note>| {
            lines(met.ours).difference(lines(met.base)).all(|line| lines(met.merged).contains(line))
                && lines(met.theirs).difference(lines(met.base)).all(|line| lines(met.merged).contains(line))
        }
    };
    use drops_a_side::Note;
    let check = Check::<Note>::new().promise("added lines are kept", keeps(|note| &note.field));
    found(check.run(), "promises");
}

#[test]
fn not_reading_back_what_was_written_is_found() {
    found!(reads_back_another, "reads back");
    found!(loses_what_it_has_seen, "reads back");
}

#[test]
fn breaking_on_reload_is_found() {
    found!(breaks_on_reload, "reads back");
    let check = Check::<Halves>::new().edit(|random, value| {
        value.half = Half { stored: random.below(3) as u8, forgotten: 1 };
    });
    found(check.run(), "survives being encoded");
}

#[test]
fn a_sound_strategy_passes() {
    let report = Check::<sound::Note>::new().run().unwrap_or_else(|failure| panic!("{failure}"));
    println!("{report}");
    assert!(report.histories == 300 && report.worlds > 1000, "{report}");
}
