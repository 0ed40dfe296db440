//! Every strategy on every type of std that it fits, and on newtypes that say what they are.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use dronestore::strategy::{Held, Replaces, Write};
use dronestore::{Drone, Nanotime, Ordered};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Default, PartialEq, PartialOrd)]
struct Age(u32);
impl Ordered for Age {}

#[derive(Clone, Copy, Default)]
struct Done(bool);
impl From<bool> for Done {
    fn from(done: bool) -> Self {
        Done(done)
    }
}
impl From<Done> for bool {
    fn from(done: Done) -> bool {
        done.0
    }
}

#[derive(Clone, Copy, Default)]
struct Cents(i64);
impl dronestore::Integer for Cents {
    const UNSIGNED: bool = false;
    fn to_i128(self) -> dronestore::Result<i128> {
        Ok(self.0.into())
    }
    fn from_i128(sum: i128) -> Self {
        Cents(i64::from_i128(sum))
    }
}

struct Clamp<const MOST: u32>;
impl<const MOST: u32> dronestore::strategy::Strategy<u32> for Clamp<MOST> {
    const NAME: &'static str = "clamp";
    type State = u32;
    fn write(_: &[Held<u32>], _: &u32, new: &u32) -> dronestore::Result<Write<u32>> {
        Ok(Write { state: *new, replaces: Replaces::Seen })
    }
    fn read(entries: &[Held<u32>]) -> dronestore::Result<u32> {
        Ok(entries.iter().map(|held| held.state.min(MOST)).max().unwrap_or(0))
    }
}

#[derive(Drone, Default)]
struct Part {
    #[merge(latest)]
    name: String,
}

#[derive(Drone)]
struct Written {
    #[merge(text)]
    text: String,
    #[merge(text)]
    shared: Box<str>,
    #[merge(text)]
    typed: dronestore::TextEdit,
    #[merge(list)]
    list: Vec<(Age, Option<f64>)>,
    #[merge(list)]
    queue: std::collections::VecDeque<String>,
    #[merge(map(text))]
    texts: BTreeMap<u8, String>,
    #[merge(map(list))]
    lists: HashMap<String, Vec<u8>>,
    #[merge(list(moves))]
    moves: Vec<(u8, String)>,
    #[merge(list(moves))]
    ring: std::collections::VecDeque<String>,
    #[merge(list(nested))]
    tasks: Vec<Task>,
    #[merge(map(list(nested)))]
    by_day: BTreeMap<u8, std::collections::VecDeque<Task>>,
    #[merge(map(list(moves)))]
    columns: BTreeMap<u8, Vec<char>>,
    #[merge(list(nested))]
    pairs: Vec<Pair<String>>,
}

#[derive(Drone)]
struct Task {
    #[drone(id)]
    #[merge(first)]
    id: TaskId,
    #[merge(list(nested))]
    parts: Vec<Task>,
}

// An id of a type that nobody else sees.
#[derive(Serialize, Deserialize, Default, PartialEq)]
struct TaskId(u64);

#[derive(Drone)]
pub struct Pair<T> {
    #[drone(id)]
    #[merge(latest)]
    one: T,
    #[merge(latest)]
    other: T,
}

#[derive(Drone)]
struct Plain {
    #[merge(latest)]
    latest: Vec<Option<u8>>,
    #[merge(latest_object)]
    street: String,
    #[merge(latest_object)]
    #[drone(required)]
    city: Option<String>,
    #[merge(first)]
    first: HashMap<String, f64>,
    #[merge(conflict)]
    conflict: (u8, String),
    #[merge(with = "Clamp<10>")]
    clamped: u32,
    #[merge(nested)]
    nested: Part,
    #[merge(flag)]
    flag: bool,
    #[merge(flag(false_wins))]
    done: Done,
}

#[derive(Drone)]
#[merge(max)]
struct Ordereds {
    a: u8,
    b: i128,
    c: bool,
    d: char,
    e: String,
    f: f32,
    g: f64,
    h: Nanotime,
    i: Option<Option<u64>>,
    j: (u8, String, (bool, char)),
    k: Age,
    #[merge(min)]
    l: (i64,),
}

#[derive(Drone)]
#[merge(counter)]
struct Counters {
    a: u8,
    b: u16,
    c: u32,
    d: u64,
    e: u128,
    f: usize,
    g: i8,
    h: i16,
    i: i32,
    j: i64,
    k: i128,
    l: isize,
    m: Cents,
}

#[derive(Drone)]
struct Sets {
    #[merge(union)]
    a: BTreeSet<String>,
    #[merge(set)]
    b: HashSet<(u8, u8)>,
    #[merge(set(remove_wins))]
    c: BTreeSet<Vec<u8>>,
    #[merge(set(latest))]
    d: HashSet<char>,
    #[merge(set(once))]
    e: BTreeSet<BTreeSet<bool>>,
}

#[derive(Drone)]
struct Maps {
    #[merge(map(latest))]
    a: BTreeMap<String, Vec<u8>>,
    #[merge(map(max))]
    b: HashMap<u8, u64>,
    #[merge(map(min))]
    c: BTreeMap<(u8, u8), Age>,
    #[merge(map(first))]
    d: BTreeMap<String, String>,
    #[merge(map(counter))]
    e: BTreeMap<String, Cents>,
    #[merge(map(flag))]
    f: HashMap<String, bool>,
    #[merge(map(flag(false_wins)))]
    g: BTreeMap<String, bool>,
    #[merge(map(conflict))]
    h: BTreeMap<String, Option<u8>>,
    #[merge(map(union))]
    i: BTreeMap<String, BTreeSet<u8>>,
    #[merge(map(set))]
    j: BTreeMap<String, HashSet<u8>>,
    #[merge(map(set(remove_wins)))]
    k: BTreeMap<String, BTreeSet<u8>>,
    #[merge(map(set(latest)))]
    l: BTreeMap<String, BTreeSet<u8>>,
    #[merge(map(set(once)))]
    m: BTreeMap<String, BTreeSet<u8>>,
    #[merge(map(nested))]
    n: BTreeMap<String, Part>,
    #[merge(map(map(counter)))]
    o: BTreeMap<String, HashMap<u8, u64>>,
    #[merge(map(map(map(nested))))]
    p: BTreeMap<u8, BTreeMap<u8, BTreeMap<u8, Part>>>,
}

fn main() {}
