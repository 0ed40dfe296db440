//! Golden rows: a repo that was written once, row by row, and is read and written on from there.
//!
//! Files of redb are not the same bytes twice, so what is kept is what a repo puts into its store.

use super::golden::golden;
use super::model::{Everything, Part, Tree, edit, one};
use dronestore::store::{Direction, Range, Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::{Clock, Hash, Nanotime, Repo};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock that moves a millisecond whenever it is read.
#[derive(Debug)]
pub(super) struct Steps(AtomicU64);

impl Clock for Steps {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(self.0.fetch_add(1_000_000, Ordering::Relaxed))
    }
}

pub(crate) fn open(store: &MemoryStore) -> Repo {
    let clock = Steps(AtomicU64::new(1_700_000_000_000_000_000));
    Repo::builder().store(Arc::new(store.clone())).clock(clock).open().unwrap()
}

pub(super) type Rows = Vec<(Vec<u8>, Vec<u8>)>;

pub(super) fn rows(store: &MemoryStore) -> Rows {
    let mut cursor = store.snapshot().unwrap().scan(Range::ALL, Direction::Forward).unwrap();
    let mut rows = Vec::new();
    while let Some((key, value)) = cursor.next().unwrap() {
        rows.push((key.to_vec(), value.to_vec()));
    }
    rows
}

pub(super) fn filled(rows: &Rows) -> MemoryStore {
    let store = MemoryStore::new();
    let writes: Vec<Write<'_>> = rows.iter().map(|(key, value)| Write::put(key, value)).collect();
    store.apply(&[], &writes).unwrap();
    store
}

/// A repo with a row of every kind: objects, a deleted one, a merged one, one set aside, several kinds.
pub(crate) fn sample() -> MemoryStore {
    let store = MemoryStore::new();
    let repo = open(&store);
    repo.put("one", one()).unwrap();
    repo.put("gone", Everything::default()).unwrap();
    repo.delete::<Everything>("gone").unwrap();
    repo.transaction(|transaction| {
        transaction.put("wheel", Part { name: "wheel".into(), count: 2 })?;
        transaction.put("tree", Tree { name: "root".into(), ..Tree::default() })
    })
    .unwrap();
    let other = Repo::builder().replica_of(&repo).open().unwrap();
    other.merge(&repo).unwrap();
    // A copy that nothing could tell from the original: their next dots are the same.
    let twin = open(&filled(&rows(&store)));
    for (repo, writer) in [(&repo, 1), (&other, 2)] {
        let mut handle = repo.get::<Everything>("one").unwrap().unwrap();
        edit(&mut handle, writer);
        repo.save(&mut handle).unwrap();
    }
    repo.merge(&other).unwrap();
    for (repo, count) in [(&repo, 1), (&twin, 2)] {
        let mut wheel = repo.get::<Part>("wheel").unwrap().unwrap();
        wheel.count += count;
        repo.save(&mut wheel).unwrap();
    }
    // It is opened anew, and does not know any more what it wrote itself: that fork stays one.
    let store = filled(&rows(&store));
    assert_eq!(open(&store).merge(&twin).unwrap().forked.len(), 1);
    store
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn dump(store: &MemoryStore) -> Vec<u8> {
    let mut text = format!("hash {}\n", open(store).hash());
    for (key, value) in rows(store) {
        writeln!(text, "{} {}", hex(&key), hex(&value)).unwrap();
    }
    text.into_bytes()
}

#[test]
fn a_repo_of_old_is_read_and_written_on() {
    let text = String::from_utf8(golden("repo.rows", || dump(&sample()))).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let hash: Hash = first.strip_prefix("hash ").unwrap().parse().unwrap();
    let row = |line: &str| line.split_once(' ').map(|(key, value)| (unhex(key), unhex(value))).unwrap();
    let old: Rows = rest.lines().map(row).collect();
    assert!(old.len() > 15);
    for kind in *b"cfikmstv" {
        assert!(old.iter().any(|(key, _)| key[0] == kind), "no row `{}`", char::from(kind));
    }

    let store = filled(&old);
    let repo = open(&store);
    let report = repo.verify().unwrap();
    assert_eq!((repo.hash(), report.hash, report.objects, report.forked), (hash, hash, 4, 1));
    assert_eq!(rows(&store), old, "opening and reading write nothing");
    let mut merged = repo.get::<Everything>("one").unwrap().unwrap();
    assert_eq!((merged.visits, merged.votes["ann"], merged.union.len()), (6, 5, 4));
    assert!(repo.get::<Everything>("gone").unwrap().is_none());
    assert_eq!(repo.get::<Part>("wheel").unwrap().unwrap().count, 3);
    assert_eq!(repo.get::<Tree>("tree").unwrap().unwrap().name, "root");
    assert_eq!(repo.changes_from(0).unwrap().map(Result::unwrap).count(), 8);

    edit(&mut merged, 3);
    repo.save(&mut merged).unwrap();
    assert_eq!(repo.get::<Everything>("one").unwrap().unwrap().visits, 9);
    repo.verify().unwrap();
}
