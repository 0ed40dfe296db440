//! Bulk: many objects in and out, as lines of JSON and as CSV; compaction; what a repo takes up.

mod compact;
mod converted;
mod csv;
mod faults;
mod import;
mod json;
mod schemas;
mod stats;

use crate::random::Random;
use dronestore::{Drone, Nanotime, Repo};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an order has come to.
#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub enum State {
    #[default]
    Draft,
    Shipped,
    Lost(String),
}

/// Who sends.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Sender {
    #[merge(latest)]
    pub city: String,
    #[merge(counter)]
    pub sent: i64,
}

/// A field of every kind that text has to carry.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Parcel {
    #[merge(latest)]
    #[drone(rename = "to, whom")]
    pub to: String,
    #[merge(latest)]
    pub label: String,
    #[merge(latest)]
    pub note: Option<String>,
    #[merge(latest)]
    pub weight: f64,
    #[merge(latest)]
    pub share: f32,
    #[merge(max)]
    #[drone(default = 3)]
    pub size: u64,
    #[merge(counter)]
    pub balance: i64,
    #[merge(flag)]
    pub is_paid: bool,
    #[merge(latest)]
    pub state: State,
    #[merge(latest)]
    pub limit: Option<u8>,
    #[merge(latest)]
    pub posted: Nanotime,
    #[merge(latest_object)]
    pub street: String,
    #[merge(latest_object)]
    pub number: Option<i16>,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(map(counter))]
    pub seen: BTreeMap<u8, i64>,
    #[merge(list)]
    pub steps: Vec<f64>,
    #[merge(text)]
    pub log: String,
    #[merge(nested)]
    pub sender: Sender,
    #[merge(nested)]
    pub back: Option<Sender>,
}

/// Nothing but plain cells.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct City {
    #[merge(latest)]
    pub name: String,
    #[merge(latest)]
    pub mayor: Option<String>,
    #[merge(latest)]
    pub people: u64,
}

pub fn city(number: u64) -> (String, City) {
    let mayor = number.is_multiple_of(3).then(|| format!("mayor {number}"));
    (format!("{number:06}"), City { name: format!("city {number}"), mayor, people: number * 100 })
}

pub fn cities(count: u64) -> impl Iterator<Item = (String, City)> {
    (0..count).map(city)
}

/// Texts that formats trip over.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "a",
    "\"",
    "\"\"",
    "a,b",
    "line\nline",
    "\r\n",
    "null",
    "12",
    "{\"$some\":null}",
    "é☃𝄞",
    "\u{0}\u{1b}",
    "=1+1",
];

fn text(random: &mut Random) -> String {
    TEXTS[random.below(TEXTS.len())].to_owned()
}

/// Any parcel at all.
pub fn parcel(random: &mut Random) -> Parcel {
    let floats = [0.0, -0.5, 1.0, 1e300, f64::MIN_POSITIVE, f64::INFINITY, 0.1, 1e21];
    let integers = [0, 1, 7, u64::MAX, 1 << 53, 10_000_000_000_000_000_001];
    let float = |random: &mut Random| floats[random.below(floats.len())];
    let sender = |random: &mut Random| Sender { city: text(random), sent: random.below(3) as i64 };
    Parcel {
        to: text(random),
        label: text(random),
        note: (random.below(2) == 0).then(|| text(random)),
        weight: float(random),
        share: [0.1, 3.0, -1e30, f32::MIN_POSITIVE][random.below(4)],
        size: integers[random.below(integers.len())],
        balance: random.next() as i64 >> random.below(60),
        is_paid: random.below(2) == 0,
        state: [State::Draft, State::Shipped, State::Lost(text(random))][random.below(3)].clone(),
        limit: (random.below(2) == 0).then_some(7),
        posted: Nanotime::from_nanos(random.next() >> random.below(40)),
        street: text(random),
        number: (random.below(2) == 0).then_some(-3),
        tags: (0..random.below(4)).map(|_| text(random)).collect(),
        seen: (0..random.below(3)).map(|key| (key as u8, random.next() as i64 >> 20)).collect(),
        steps: (0..random.below(4)).map(|_| float(random)).collect(),
        log: text(random),
        sender: sender(random),
        back: (random.below(2) == 0).then(|| sender(random)),
    }
}

/// All objects of a model, by their keys.
pub fn all<T: Drone + Clone>(repo: &Repo) -> Vec<(String, T)> {
    let object = |object: dronestore::Result<dronestore::Versioned<T>>| {
        let object = object.unwrap();
        (object.key().to_string(), (*object).clone())
    };
    repo.iter::<T>().unwrap().map(object).collect()
}
