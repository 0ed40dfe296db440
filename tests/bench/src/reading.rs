//! G11, G12, G13: opening a large store and reading from it, beside raw redb and decoding by hand.

use crate::Options;
use crate::child::Child;
use crate::hand;
use crate::harness::{Clock, compete, contestant, cost};
use crate::person::{Person, name};
use crate::raw::{Folder, Raw};
use crate::replicas::fill;
use crate::table::{Must, Table, Unit};
use dronestore::Repo;
use redb::ReadableTable;
use std::hint::black_box;
use std::path::{Path, PathBuf};

/// A store of ours and a raw one with the same people, encoded by hand.
struct Stores {
    ours: PathBuf,
    raw: PathBuf,
    count: usize,
    _folder: Folder,
}

impl Stores {
    fn new(count: usize) -> Stores {
        let folder = Folder::new(&format!("reading-{count}"));
        let (ours, raw) = (folder.file("ours.drone"), folder.file("raw.redb"));
        fill(&Repo::open(&ours).unwrap(), count);
        fill_raw(&Raw::open(&raw), count);
        Stores { ours, raw, count, _folder: folder }
    }
}

fn fill_raw(raw: &Raw, count: usize) {
    let row = |&id: &usize| {
        let mut value = Vec::new();
        hand::encode(&Person::make(id), &mut value);
        (name(id).into_bytes(), value)
    };
    let ids: Vec<usize> = (0..count).collect();
    ids.chunks(1_000).for_each(|ids| raw.commit(&ids.iter().map(row).collect::<Vec<_>>()));
}

/// All goals about reading, at each size.
pub fn all(options: &Options, table: &mut Table) {
    for count in options.sizes() {
        let stores = Stores::new(count);
        for (goal, run) in [("G11", open as fn(&Options, &Stores, &mut Table)), ("G12", get), ("G13", scan)] {
            if options.wants(goal) {
                run(options, &stores, table);
            }
        }
    }
}

fn open_ours(path: &Path) -> Repo {
    let repo = Repo::open(path).unwrap();
    assert_eq!(repo.get::<Person>(name(500)).unwrap().unwrap().age, Person::make(500).age);
    repo
}

fn open_raw(path: &Path) -> Raw {
    let raw = Raw::open(path);
    let found = raw.table().get(name(500).as_bytes()).unwrap().unwrap();
    assert_eq!(hand::decode(found.value()).age, Person::make(500).age);
    drop(found);
    raw
}

fn open(options: &Options, stores: &Stores, table: &mut Table) {
    for (state, killed) in [("a clean end", false), ("a kill", true)] {
        let before = |kind: &str, path: &Path| {
            if killed {
                Child::start(&["hold", kind, path.to_str().unwrap()]).kill();
            }
        };
        let results = compete(
            options.repeats,
            vec![
                contestant("ours", || {
                    before("ours", &stores.ours);
                    cost(1, || open_ours(&stores.ours))
                }),
                contestant("raw redb", || {
                    before("raw", &stores.raw);
                    cost(1, || open_raw(&stores.raw))
                }),
            ],
        );
        let work = format!("open {} records and read one, after {state}", stores.count);
        table.results("G11", &work, Clock::Wall, &results, "ours", &[("raw redb", Must::Ratio(2.0))]);
        let ours = results.get("ours").wall;
        table.push("G11", &work, Unit::Nanos, ours, "", None, Must::AtMost(5e6));
    }
}

fn get(options: &Options, stores: &Stores, table: &mut Table) {
    const READS: usize = 20_000;
    let (repo, raw) = (Repo::open(&stores.ours).unwrap(), Raw::open(&stores.raw));
    let view = repo.view().unwrap();
    let raw_table = raw.table();
    // Names made off the clock, in no order.
    let names: Vec<String> = (0..READS).map(|read| name(read * 7_919 % stores.count)).collect();
    let results = compete(
        options.repeats,
        vec![
            contestant("ours", || {
                cost(READS, || {
                    names.iter().for_each(|name| drop(black_box(view.get::<Person>(name).unwrap().unwrap())));
                })
            }),
            contestant("raw redb + hand", || {
                cost(READS, || {
                    for name in &names {
                        let found = raw_table.get(name.as_bytes()).unwrap().unwrap();
                        drop(black_box(hand::decode(found.value())));
                    }
                })
            }),
        ],
    );
    let work = format!("typed get among {} under a shared view", stores.count);
    table.results("G12", &work, Clock::Cpu, &results, "ours", &[("raw redb + hand", Must::Ratio(1.3))]);
}

fn scan(options: &Options, stores: &Stores, table: &mut Table) {
    let (repo, raw) = (Repo::open(&stores.ours).unwrap(), Raw::open(&stores.raw));
    let count = stores.count;
    let repeats = if count > 100_000 { 3 } else { options.repeats };
    let results = compete(
        repeats,
        vec![
            contestant("ours", || {
                cost(count, || {
                    let visits = repo.iter::<Person>().unwrap().map(|person| person.unwrap().visits);
                    black_box(visits.sum::<u64>());
                })
            }),
            contestant("raw redb + hand", || {
                let table = raw.table();
                cost(count, || {
                    let visits =
                        table.iter().unwrap().map(|pair| hand::decode(pair.unwrap().1.value()).visits);
                    black_box(visits.sum::<u64>());
                })
            }),
        ],
    );
    let work = format!("typed scan, a record of {count}");
    table.results("G13", &work, Clock::Cpu, &results, "ours", &[("raw redb + hand", Must::Ratio(1.3))]);
}
