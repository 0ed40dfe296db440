//! The record of these workloads: a person of twelve fields, ten of which can have an index; and countries in the same columns.

use flate2::read::GzDecoder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

/// A person, or a country told in the same words.
#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub struct Record {
    pub id: String,
    pub born: u32,
    pub last: String,
    pub email: String,
    pub city: String,
    pub country: String,
    pub phone: String,
    pub first: String,
    pub visits: u64,
    pub score: u32,
    pub joined: u64,
    pub level: u32,
    pub notes: String,
}

/// The fields that have an index, the first so many of these; `level` and `notes` never have one.
pub const INDEXED: [&str; 10] =
    ["born", "last", "email", "city", "country", "phone", "first", "visits", "score", "joined"];

/// On how many days people are born.
pub const DAYS: u32 = 30_000;

const SYLLABLES: [&str; 16] =
    ["an", "be", "cor", "da", "el", "fi", "gus", "ha", "il", "jo", "ka", "lin", "mor", "na", "os", "pe"];

/// A field that an update sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// One that always has an index.
    Born,
    /// One that never has.
    Level,
}

impl Record {
    /// The person of this number: always the same, values that nothing but chance connects, names in the order of numbers.
    pub fn make(number: usize) -> Record {
        let mut state = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut below = |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % limit
        };
        let mut word =
            |count: usize| -> String { (0..count).map(|_| SYLLABLES[below(16) as usize]).collect() };
        let (first, last, city, notes) = (word(2), word(3), word(2), word(8));
        Record {
            id: name(number),
            born: below(u64::from(DAYS)) as u32,
            email: format!("{first}.{last}.{}@example.org", below(100_000)),
            phone: format!("+49 170 {:08}", below(100_000_000)),
            country: format!("C{:02}", below(100)),
            visits: below(1_000),
            score: below(1_000_000) as u32,
            joined: 1_600_000_000 + number as u64 * 7,
            level: below(100) as u32,
            first,
            last,
            city,
            notes,
        }
    }

    /// Sets one field.
    pub fn set(&mut self, field: Field, value: u32) {
        match field {
            Field::Born => self.born = value,
            Field::Level => self.level = value,
        }
    }
}

/// The name of the record of this number.
pub fn name(number: usize) -> String {
    format!("{number:08}")
}

/// One commit of the countries' history: what was written, and what went.
pub struct Edit {
    pub written: Vec<Record>,
    pub deleted: Vec<String>,
}

/// The edit history of the countries, the first parents of its last commit; `None` where the file is not there.
///
/// The file is `countries-history.jsonl.gz` in the folder that `DRONESTORE_DATA` names.
pub fn countries() -> Option<Vec<Edit>> {
    let path = std::path::Path::new(&std::env::var_os("DRONESTORE_DATA")?).join("countries-history.jsonl.gz");
    let lines = BufReader::new(GzDecoder::new(File::open(path).ok()?)).lines();
    let commits: Vec<Value> = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    let by_id: BTreeMap<u64, &Value> =
        commits.iter().map(|commit| (commit["id"].as_u64().unwrap(), commit)).collect();
    let mut chain = vec![*commits.last().as_ref()?];
    while let Some(parent) = chain[chain.len() - 1]["parents"].get(0).and_then(Value::as_u64) {
        chain.push(by_id[&parent]);
    }
    let mut countries: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut edits = Vec::new();
    for commit in chain.into_iter().rev() {
        let mut edit = Edit { written: Vec::new(), deleted: Vec::new() };
        for (code, change) in commit["change"].as_object().into_iter().flatten() {
            let country = countries.entry(code).or_default();
            country.extend(change["set"].as_object().cloned().into_iter().flatten());
            for name in change["unset"].as_array().into_iter().flatten() {
                country.remove(name.as_str().unwrap());
            }
            edit.written.push(of_country(code, country));
        }
        for code in commit["delete"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if countries.remove(code).is_some() {
                edit.deleted.push(code.to_owned());
            }
        }
        if !edit.written.is_empty() || !edit.deleted.is_empty() {
            edits.push(edit);
        }
    }
    Some(edits)
}

/// A country in the columns of a person: its texts and numbers, and all the rest as JSON in the notes.
fn of_country(code: &str, country: &Map<String, Value>) -> Record {
    let text = |name: &str, inner: &str| -> String {
        let value = country.get(name).unwrap_or(&Value::Null);
        match value.get(inner).or_else(|| value.get(0)).unwrap_or(value) {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    };
    let number = |name: &str| country.get(name).and_then(Value::as_f64).unwrap_or_default();
    let count = |name: &str| country.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    Record {
        id: code.to_owned(),
        born: number("area").max(0.0) as u32,
        last: text("name", "common"),
        email: text("tld", ""),
        city: text("capital", ""),
        country: text("cca2", ""),
        phone: text("callingCode", ""),
        first: text("region", ""),
        visits: count("altSpellings") as u64,
        score: text("ccn3", "").parse().unwrap_or_default(),
        joined: count("latlng") as u64,
        level: count("borders") as u32,
        notes: Value::Object(country.clone()).to_string(),
    }
}
