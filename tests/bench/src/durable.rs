//! G2, G3: durable commits on disk beside raw redb inserts of the same head bytes.

use crate::Options;
use crate::core::Writer;
use crate::harness::{Clock, Cost, Results, compete, contestant, cost};
use crate::person::{Person, name};
use crate::raw::{Folder, Raw};
use crate::table::{Must, Table};
use dronestore::store::{Capabilities, Expectation, Snapshot, Store, Write};
use dronestore::stores::RedbStore;
use dronestore::{Key, Repo, Result, Version, Versioned};
use std::cell::RefCell;
use std::sync::Arc;

/// A row of a head as our store keeps it: the same bytes for both sides.
fn head(version: &Version) -> (Vec<u8>, Vec<u8>) {
    let key = [b"vPerson\0", version.key().as_encoded()].concat();
    let value = [&[1], &version.hash().as_bytes()[..], version.state_bytes()].concat();
    (key, value)
}

fn fresh(id: usize) -> Versioned<Person> {
    Versioned::new(Key::for_kind("Person", &name(id)).unwrap(), Person::make(id))
}

fn save_all(repo: &Repo, handles: &mut [Versioned<Person>]) {
    repo.transaction(|transaction| {
        for handle in handles {
            transaction.save(handle)?;
        }
        Ok(())
    })
    .unwrap();
}

fn heads(handles: &[Versioned<Person>]) -> Vec<(Vec<u8>, Vec<u8>)> {
    handles.iter().map(|handle| head(handle.version().unwrap())).collect()
}

/// A thousand records in one transaction: fresh ones in the order of their keys, then updates of them.
pub fn batches(options: &Options, table: &mut Table) {
    const COUNT: usize = 1_000;
    let folder = Folder::new("batches");
    let (repo, raw) = (Repo::open(folder.file("ours.drone")).unwrap(), Raw::open(&folder.file("raw.redb")));
    // What ours writes in a turn raw redb writes next, byte by byte.
    let rows = RefCell::new(Vec::new());
    let mut next = 0;
    let ours = || {
        let mut handles: Vec<_> = (next..next + COUNT).map(fresh).collect();
        next += COUNT;
        let cost = cost(COUNT, || save_all(&repo, &mut handles));
        *rows.borrow_mut() = heads(&handles);
        cost
    };
    let theirs = || cost(COUNT, || raw.commit(&rows.borrow()));
    let results =
        compete(options.repeats * 2, vec![contestant("ours", ours), contestant("raw redb", theirs)]);
    show(table, "G2", "a record of 1000 fresh ones in one durable transaction", &results, 1.5);

    let mut round = 0;
    let mut handles: Vec<_> = (0..COUNT).map(|id| repo.get::<Person>(name(id)).unwrap().unwrap()).collect();
    let ours = || {
        round += 1;
        handles.iter_mut().enumerate().for_each(|(id, handle)| handle.edit(id, round));
        let cost = cost(COUNT, || save_all(&repo, &mut handles));
        *rows.borrow_mut() = heads(&handles);
        cost
    };
    let theirs = || cost(COUNT, || raw.commit(&rows.borrow()));
    let results =
        compete(options.repeats * 2, vec![contestant("ours", ours), contestant("raw redb", theirs)]);
    show(table, "G2", "a record of 1000 updates in one durable transaction", &results, 1.5);
}

/// One record, one durable commit.
pub fn single(options: &Options, table: &mut Table) {
    const COUNT: usize = 50;
    let folder = Folder::new("single");
    let (repo, raw) = (Repo::open(folder.file("ours.drone")).unwrap(), Raw::open(&folder.file("raw.redb")));
    let mut handles: Vec<_> = (0..1_000).map(fresh).collect();
    save_all(&repo, &mut handles);
    raw.commit(&heads(&handles));
    let rows = RefCell::new(Vec::new());
    let mut round = 0;
    let ours = || -> Cost {
        round += 1;
        let cost = cost(COUNT, || {
            for (id, handle) in handles.iter_mut().enumerate().take(COUNT) {
                handle.edit(id, round);
                repo.save(handle).unwrap();
            }
        });
        *rows.borrow_mut() = heads(&handles[..COUNT]);
        cost
    };
    let theirs = || cost(COUNT, || rows.borrow().chunks(1).for_each(|row| raw.commit(row)));
    let (mut sequence, with_log) = (0u64, Raw::open(&folder.file("log.redb")));
    with_log.commit(&heads_of(1_000));
    let logged = || {
        cost(COUNT, || {
            for row in rows.borrow().iter() {
                sequence += 1;
                let log = ([b"c", &sequence.to_be_bytes()[..]].concat(), vec![7; 110]);
                with_log.commit(&[log, row.clone()]);
            }
        })
    };
    let bare = RedbStore::create(folder.file("bare.drone")).unwrap();
    let bare = Repo::builder().store(Arc::new(Unmarked(bare))).open().unwrap();
    let mut bare_handles: Vec<_> = (0..1_000).map(fresh).collect();
    save_all(&bare, &mut bare_handles);
    let unmarked = || {
        cost(COUNT, || {
            for (id, handle) in bare_handles.iter_mut().enumerate().take(COUNT) {
                let round = handle.visits;
                handle.edit(id, round);
                bare.save(handle).unwrap();
            }
        })
    };
    let results = compete(
        options.repeats,
        vec![
            contestant("ours", ours),
            contestant("raw redb", theirs),
            contestant("raw redb, head and log row", logged),
            contestant("ours without a mark", unmarked),
        ],
    );
    show(table, "G3", "one record, one durable commit", &results, 1.15);
    let shown = ["raw redb, head and log row", "ours without a mark"].map(|name| (name, Must::Shown));
    table.results("G3", "one record, one durable commit", Clock::Wall, &results, "ours", &shown);
}

fn heads_of(count: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut writer = Writer::new(1);
    (0..count).map(|id| head(&writer.create(id))).collect()
}

/// Our store without the note beside the file that tells a restored backup, to see what the note costs.
struct Unmarked(RedbStore);

impl Store for Unmarked {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        self.0.snapshot()
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        self.0.apply(expectations, writes)
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

/// The wall clock decides, for a disk is waited for; the CPU clock says how much of it is ours.
fn show(table: &mut Table, goal: &'static str, work: &str, results: &Results, limit: f64) {
    table.results(goal, work, Clock::Wall, results, "ours", &[("raw redb", Must::Ratio(limit))]);
    let cpu = format!("{work}, CPU");
    table.results(goal, &cpu, Clock::Cpu, results, "ours", &[("raw redb", Must::Shown)]);
}
