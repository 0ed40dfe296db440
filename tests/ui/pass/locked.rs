//! Changes that leave all that is stored readable, held against a lock.
#![deny(warnings)]
use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Convert, Drone, Result};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Drone)]
#[drone(kind = "a/b", lock = "schema")]
pub struct Thing {
    #[merge(map(set(once)))]
    pub by_city: BTreeMap<u8, BTreeSet<u8>>,
    #[merge(latest_object)]
    pub left: u16,
    #[merge(latest)]
    #[drone(rename = "nick")]
    pub name: Option<String>,
    #[merge(with = "Own")]
    pub own: String,
    #[merge(latest)]
    pub size: u64,
    #[merge(latest)]
    #[drone(convert = "State")]
    pub state: State,
    #[merge(latest)]
    pub new: u8,
    #[merge(counter)]
    pub gone: u8,
}

#[derive(Default, Clone, Copy)]
pub struct State(pub u8);

impl Convert<State> for State {
    type Stored = u8;

    fn load(stored: u8) -> Result<State> {
        Ok(State(stored))
    }

    fn store(value: &State) -> Result<u8> {
        Ok(value.0)
    }
}

pub struct Own;

impl Strategy<String> for Own {
    const NAME: &'static str = "own";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(_: &[Held<String>]) -> Result<String> {
        Ok(String::new())
    }
}

fn main() {}
