//! The history that is printed is a program: what stands in `printed.txt` is printed, compiled and run.

use dronestore::Drone;
use dronestore::laws::Check;
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

mod printed {
    use super::{Order, State};
    include!("printed.txt");
}

#[test]
fn what_is_printed_is_a_program() {
    let check = Check::<Order>::new().edit(|_, order| edit(order));
    // The fields' own values come first in small worlds, so only what the edit makes is promised to fail.
    let check = check.promise("nobody is sent anything twice", |met| {
        let sent = |order: &Order| matches!(&order.state, State::Sent { to } if to == "me");
        !(sent(met.ours) && sent(met.theirs) && met.merged.tags.len() == 2)
    });
    let failure = check.run().unwrap_err();
    assert_eq!(failure.program, include_str!("printed.txt"), "{failure}");
}
