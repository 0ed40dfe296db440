//! The history that is printed is a program: what stands in `printed.txt` is printed, compiled and run.

use dronestore::laws::{Check, Failure};
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Drone, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Drone, Debug)]
struct Order {
    #[merge(latest)]
    state: State,
    #[merge(latest)]
    past: Vec<State>,
    #[merge(latest)]
    note: Option<String>,
    #[merge(latest)]
    sign: (char, f64, bool),
    #[merge(set)]
    tags: BTreeSet<String>,
    #[merge(map(counter))]
    stock: HashMap<String, i32>,
    #[merge(nested)]
    address: Address,
}

#[derive(Drone, Debug, Default)]
struct Address {
    #[merge(latest)]
    street: String,
    #[merge(map(latest))]
    floors: BTreeMap<u8, (i8, String)>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
enum State {
    #[default]
    Open,
    Paid(u8),
    Sent {
        to: String,
    },
}

fn edit(order: &mut Order) {
    order.state = State::Sent { to: "me".into() };
    order.past = vec![State::Open, State::Paid(3)];
    order.note = Some("a \"quoted\" line\n".into());
    order.sign = ('é', -2.5, true);
    order.tags = ["x".into(), "y".into()].into();
    order.stock = [("b".into(), -2), ("a".into(), 7)].into();
    order.address.floors = [(1, (-1, "cellar".into()))].into();
}

/// The printed programs, without the line `#[test]`: they fail.
macro_rules! printed {
    ($name:ident: $file:literal, $($used:tt)*) => {
        mod $name {
            use super::$($used)*;
            include!($file);

            #[track_caller]
            pub fn is(failure: &Failure) {
                assert_eq!(failure.program, concat!("#[test]\n", include_str!($file)), "{failure}");
                let came = std::panic::catch_unwind(smallest_history);
                assert!(!matches!(came, Ok(Ok(()))), "the printed program passes");
            }
        }
    };
}

printed!(promise: "printed.txt", {Failure, Order, State});
printed!(order: "printed_order.txt", {Failure, Note});
printed!(programs: "printed_programs.txt", {Failure, Jar, OldJar});

#[test]
fn what_is_printed_is_a_program() {
    let check = Check::<Order>::new().edit(|_, order| edit(order));
    // The fields' own values come first in small worlds, so only what the edit makes is promised to fail.
    let check = check.promise("nobody is sent anything twice", |met| {
        let sent = |order: &Order| matches!(&order.state, State::Sent { to } if to == "me");
        !(sent(met.ours) && sent(met.theirs) && met.merged.tags.len() == 2)
    });
    promise::is(&check.run().unwrap_err());
}

/// Takes the one that was written last, and any of two that were written at one time.
struct Newest;

impl Strategy<String> for Newest {
    const NAME: &'static str = "newest";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<String>]) -> Result<String> {
        let newest = entries.iter().max_by_key(|held| held.time);
        Ok(newest.map(|held| held.state.clone()).unwrap_or_default())
    }
}

#[derive(Drone, Debug)]
struct Note {
    #[merge(with = "Newest")]
    text: String,
}

#[test]
fn the_program_of_an_order_fails() {
    order::is(&Check::<Note>::new().run().unwrap_err());
}

#[derive(Drone, Debug)]
struct Jar {
    #[merge(latest)]
    coins: u64,
    #[merge(latest)]
    owner: String,
}

#[derive(Drone, Debug)]
#[drone(kind = "Jar")]
struct OldJar {
    #[merge(latest)]
    coins: u64,
}

#[test]
fn a_program_says_who_runs_what_and_where_it_began() {
    let check = Check::<Jar>::new().older(Check::<OldJar>::new());
    let check = check.promise("no coin is lost", |met| {
        met.base.coins == 0 || met.merged.coins + met.base.coins == met.ours.coins + met.theirs.coins
    });
    programs::is(&check.run().unwrap_err());
}
