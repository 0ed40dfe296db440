//! The everyday half beside databases: the same records, the same indexes, every commit durable in each.
//!
//! ```text
//! cargo run --release --bin table -- databases               100,000 persons; with 1, 3 and 10 indexes
//! cargo run --release --bin table -- databases 1000000 --batch 1000 --indexes 1,10
//! ```
//!
//! | | kept by | a commit | at most |
//! |---|---|---|---|
//! | dronestore | redb 4, one table | two syncs, quick repair | cache 256 MiB |
//! | native_db | redb 2, a multimap an index | one sync, no quick repair: opening after a kill takes as long as the file | the same |
//! | rusqlite | SQLite, WAL, no row ids | one sync of the log (`synchronous = full`) | the same |
//! | raw redb | redb 4, a table an index | two syncs, quick repair | the same |
//! | sea-orm | SQLite as above, with `--features sea-orm` | one sync of the log | the same |
//!
//! All of them are durable when a call returns. Whoever is asked for objects makes its own typed ones of them.

mod memory;
mod native;
#[cfg(feature = "sea-orm")]
mod orm;
mod ours;
mod record;
mod redb;
mod sqlite;
mod table;
mod workloads;

pub use memory::child;

use record::{Field, Record};
use std::path::{Path, PathBuf};

/// What everybody is asked to do.
pub trait Database {
    /// New records, in one durable transaction.
    fn insert(&mut self, records: &[Record]);

    /// Whole records in place of what stands there, in one durable transaction.
    fn replace(&mut self, records: &[Record]);

    /// One field of each, in one durable transaction.
    fn update(&mut self, field: Field, changes: &[(String, u32)]);

    /// Takes records away, in one durable transaction.
    fn delete(&mut self, ids: &[String]);

    /// A record, to compare with the others'.
    fn read(&self, id: &str) -> Option<Record>;

    /// Loads a record as its own type; says whether there is one.
    fn get(&self, id: &str) -> bool;

    /// Loads all who were born on a day; says how many.
    fn born_on(&self, day: u32) -> usize;

    /// Loads the first so many who were born within these days, in this order.
    fn born_within(&self, days: (u32, u32), limit: usize) -> usize;

    /// The last names of all from this level on, of which there is no index.
    fn last_of_level(&self, level: u32) -> Vec<String>;

    /// Loads all, one after the other.
    fn stream(&self) -> u64;

    /// How many there are.
    fn count(&self) -> usize;
}

/// How a database is opened.
pub struct Options<'f> {
    folder: &'f Path,
    /// How many of [`record::INDEXED`] have an index.
    indexes: usize,
    /// Bytes.
    cache: usize,
}

impl Options<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Who takes part: name in the table, name of the file, how it is opened.
type Peer = (&'static str, &'static str, fn(&Options<'_>) -> Box<dyn Database>);

const OURS: &str = "dronestore";
const NATIVE: &str = "native_db";
const SQLITE: &str = "rusqlite";

const PEERS: &[Peer] = &[
    (OURS, "ours", ours::open),
    (NATIVE, "native_db", native::open),
    (SQLITE, "rusqlite", sqlite::open),
    ("raw redb", "redb", redb::open),
    #[cfg(feature = "sea-orm")]
    ("sea-orm", "sea-orm", orm::open),
];

/// What was asked for.
pub struct Asked {
    count: usize,
    batch: usize,
    indexes: Vec<usize>,
    /// Those who take part.
    peers: Vec<Peer>,
    /// How many turns each has.
    repeats: usize,
}

/// The subcommand: `databases [N] [--indexes 1,3,10] [--batch 1000] [--repeats 7] [--only dronestore,rusqlite]`.
pub fn run(words: &[String]) {
    let after = |flag: &str| -> Option<&str> {
        let at = words.iter().position(|word| word == flag)?;
        words.get(at + 1).map(String::as_str)
    };
    let number = |flag: &str, usual: usize| after(flag).map_or(usual, |text| text.parse().unwrap());
    let count = words.first().and_then(|word| word.parse().ok()).unwrap_or(100_000);
    let indexes =
        after("--indexes").unwrap_or("1,3,10").split(',').map(|text| text.parse().unwrap()).collect();
    let only: Option<Vec<&str>> = after("--only").map(|names| names.split(',').collect());
    let takes_part =
        |peer: &&Peer| only.as_ref().is_none_or(|only| only.contains(&peer.1) || only.contains(&peer.0));
    let peers = PEERS.iter().filter(takes_part).copied().collect();
    let (batch, repeats) = (number("--batch", 1_000), number("--repeats", 7));
    let asked = Asked { count, batch, indexes, peers, repeats };
    let mut table = table::Table::new(&asked);
    workloads::all(&asked, &mut table);
    workloads::countries(&asked, &mut table);
    memory::all(&asked, &mut table);
    table.print();
}

/// One workload of ours again and again, for a profiler: `table profile databases insert 10 10000 5` has ten indexes, ten thousand
/// persons and five turns.
pub fn profile(words: &[String]) {
    let number = |at: usize, usual: usize| words.get(at).map_or(usual, |word| word.parse().unwrap());
    let (indexes, count, times) = (number(1, 1), number(2, 10_000), number(3, 1));
    let folder = crate::raw::Folder::new("databases-profile");
    let mut database = ours::open(&Options { folder: &folder.file(""), indexes, cache: 256 << 20 });
    let numbers: Vec<usize> = (0..count).collect();
    let records: Vec<Record> = numbers.iter().map(|number| Record::make(*number)).collect();
    records.chunks(1_000).for_each(|records| database.insert(records));
    let ids = |first: usize| -> Vec<String> {
        (first..first + 1_000).map(|number| record::name(number % count)).collect()
    };
    for time in 0..times {
        match &*words[0] {
            "load" => {}
            "insert" => {
                let first = count + time * 1_000;
                let records: Vec<Record> = (first..first + 1_000).map(Record::make).collect();
                database.insert(&records);
            }
            "update" | "update-other" => {
                let field = if words[0] == "update" { Field::Born } else { Field::Level };
                let changes: Vec<_> =
                    ids(time * 1_000).into_iter().map(|id| (id, time as u32 + 17)).collect();
                database.update(field, &changes);
            }
            "delete" => database.delete(&ids(time * 1_000)),
            "delete-each" => ids(time * 1_000).chunks(1).for_each(|id| database.delete(id)),
            "get" => ids(0).iter().for_each(|id| assert!(database.get(id))),
            "equal" => (0..1_000).for_each(|day| assert!(database.born_on(day * 29) < count)),
            "range" => {
                (0..1_000).for_each(|day| assert!(database.born_within((day * 29, day * 29 + 1_000), 20) > 0))
            }
            "scan" => drop(database.last_of_level(90)),
            "stream" => assert!(database.stream() > 0),
            other => panic!("nothing to profile called {other}"),
        }
    }
}
