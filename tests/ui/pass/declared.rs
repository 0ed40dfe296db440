//! Declared strategies and checks, in every way that they can be written.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use dronestore::strategy::{Held, Replaces, Write};
use dronestore::{Drone, Key, Nanotime};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Default, Clone, Copy)]
enum State {
    #[default]
    Draft,
    r#True,
}

struct Longest;
impl dronestore::strategy::Strategy<String> for Longest {
    const NAME: &'static str = "longest";
    type State = String;
    fn write(_: &[Held<String>], _: &String, new: &String) -> dronestore::Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }
    fn read(entries: &[Held<String>]) -> dronestore::Result<String> {
        Ok(entries[0].state.clone())
    }
}

const MOST: u32 = 9;

#[derive(Drone)]
struct All<T> {
    #[merge(rank(Draft, r#True))]
    a: State,
    #[merge(map(map(rank(Draft,))))]
    b: BTreeMap<u8, HashMap<u8, State>>,
    #[merge(rank("x", "y"))]
    c: Option<String>,
    #[merge(first_non_empty)]
    d: Vec<u8>,
    #[merge(any_of(max_by("a"), min_by("b.0"), max, min, any_of(first_non_empty, latest)))]
    e: BTreeMap<String, Vec<u8>>,
    #[merge(clamp(1..=MOST, max))]
    f: u32,
    #[merge(clamp(-1.5.., min))]
    g: f64,
    #[merge(clamp(..=i64::MAX - 1, counter))]
    h: i64,
    #[merge(map(clamp(0..=7, counter)))]
    i: HashMap<String, u8>,
    #[merge(clamp(Nanotime::MIN.., any_of(max, first)))]
    j: Nanotime,
    #[merge(max_by("part"))]
    k: Vec<u8>,
    #[merge(map(with = "Longest"))]
    l: BTreeMap<u8, String>,
    #[merge(nested)]
    m: Option<Part>,
    #[merge(map(nested))]
    n: BTreeMap<u8, Option<Part>>,
    #[merge(nested)]
    o: Option<T>,
}

#[derive(Drone, Default)]
#[merge(any_of(first_non_empty, latest))]
#[drone(validate = "Part::check", canonicalize = "Part::tidy")]
struct Part {
    #[drone(validate = "Part::name::<3>", canonicalize = "str::make_ascii_uppercase")]
    name: String,
    #[drone(link = "Part")]
    one: Option<Key>,
    #[drone(link = "All<Part>")]
    many: BTreeMap<String, BTreeSet<Key>>,
    #[merge(latest_object)]
    #[drone(link = "Part", required)]
    member: Vec<Key>,
}

impl Part {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
    fn tidy(&mut self) {}
    fn name<const MOST: usize>(name: &str) -> Result<(), &'static str> {
        if name.len() <= MOST { Ok(()) } else { Err("is too long") }
    }
}

fn main() {
    let _ = All::<Part>::named("x");
}
