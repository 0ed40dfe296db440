//! RedbStore: the suite, the file it lives in, and what it says when it cannot.

use crate::folder::Folder;
use dronestore::store::{MARK_LIMIT, Store, Write};
use dronestore::stores::{RedbOptions, RedbStore};
use dronestore::testing::{check_durable_store, check_store};
use dronestore::{Error, ErrorKind};
use redb::{Database, TableDefinition};
use std::fs;
use std::sync::Arc;

fn fails(result: dronestore::Result<RedbStore>, kind: ErrorKind, words: &str) -> Error {
    let error = result.expect_err(words);
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
    error
}

/// The names in the folder, hidden ones too.
fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn passes_the_suite() {
    let folder = Folder::new();
    let mut count = 0;
    check_store(|| {
        count += 1;
        Arc::new(RedbStore::create(folder.join(&count.to_string())).unwrap())
    });
}

#[test]
fn passes_the_durable_suite() {
    let folder = Folder::new();
    check_durable_store(|| Ok(Arc::new(RedbStore::open_or_create(folder.join("people.drone"))?)));
    assert_eq!(names(&folder), ["people.drone"]);
}

#[test]
fn a_second_open_is_busy_until_the_first_is_gone() {
    let folder = Folder::new();
    let path = folder.join("people.drone");
    let store = RedbStore::create(&path).unwrap();
    let error = fails(RedbStore::open(&path), ErrorKind::Busy, "people.drone` is open already");
    assert!(std::error::Error::source(&error).is_some() && error.is_retryable());
    fails(RedbStore::open_or_create(&path), ErrorKind::Busy, "close it there");
    let (clone, snapshot) = (store.clone(), store.snapshot().unwrap());
    drop(store);
    fails(RedbStore::open(&path), ErrorKind::Busy, "open already");
    drop(clone);
    fails(RedbStore::open(&path), ErrorKind::Busy, "open already");
    drop(snapshot);
    RedbStore::open(&path).unwrap();
}

#[test]
fn names_that_cannot_be_opened_are_explained() {
    let folder = Folder::new();
    let path = folder.join("people.drone");
    fails(RedbStore::open(&path), ErrorKind::NotFound, "people.drone` does not exist; create it");
    fails(RedbStore::open(folder.path()), ErrorKind::Store, "is a folder; name a file");
    fails(RedbStore::open_or_create(folder.path()), ErrorKind::Store, "is a folder");
    fails(RedbStore::create(folder.path()), ErrorKind::Conflict, "exists already");
    let lost = folder.join("missing/people.drone");
    fails(RedbStore::open(&lost), ErrorKind::NotFound, "nor does its folder");
    fails(RedbStore::open_or_create(&lost), ErrorKind::NotFound, "create that first");
    fails(RedbStore::create(".."), ErrorKind::Conflict, "exists already");
    fails(RedbStore::open(""), ErrorKind::NotFound, "does not exist");
    drop(RedbStore::create(&path).unwrap());
    fails(RedbStore::create(&path), ErrorKind::Conflict, "exists already; open it");
    fails(RedbStore::open(path.join("below")), ErrorKind::Store, "lies in something that is no folder");
    fs::write(folder.join("empty"), []).unwrap();
    fails(RedbStore::open_or_create(folder.join("empty")), ErrorKind::Corrupt, "is empty");
    assert_eq!(names(&folder), ["empty", "people.drone"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_explained() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.join("people.drone");
    drop(RedbStore::create(&path).unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    // The superuser may write to it all the same.
    if let Err(error) = RedbStore::open(&path) {
        fails(Err(error), ErrorKind::Store, "read-only");
    }
}

#[test]
fn a_redb_file_of_another_program_is_left_alone() {
    let folder = Folder::new();
    let path = folder.join("other.redb");
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, &str>::new("theirs")).unwrap().insert(1, "one").unwrap();
    transaction.commit().unwrap();
    drop(database);
    fails(RedbStore::open_or_create(&path), ErrorKind::Mismatch, "another program");

    let path = folder.join("type.redb");
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, &str>::new("dronestore")).unwrap();
    transaction.commit().unwrap();
    drop(database);
    fails(RedbStore::open(&path), ErrorKind::Mismatch, "another program");
}

/// Files were redb's bytes alone before they had a journal.
#[test]
fn a_file_of_an_earlier_version_is_read_and_written() {
    let folder = Folder::new();
    let path = folder.join("people.drone");
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let pairs = TableDefinition::<&[u8], &[u8]>::new("dronestore");
    transaction.open_table(pairs).unwrap().insert(&b"old"[..], &b"value"[..]).unwrap();
    transaction.commit().unwrap();
    drop(database);
    for number in 0..3_u8 {
        let store = RedbStore::open(&path).unwrap();
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.get(b"old").unwrap().as_deref(), Some(&b"value"[..]));
        (0..number).for_each(|before| assert!(snapshot.get(&[before]).unwrap().is_some()));
        store.apply(&[], &[Write::put(&[number], b"new")]).unwrap();
    }
    RedbOptions::new().verify(true).open(&path).unwrap();
    assert!(Database::open(&path).is_ok(), "it is still redb's alone");
}

#[test]
fn a_file_of_a_later_version_is_left_alone() {
    let folder = Folder::new();
    let path = folder.join("people.drone");
    drop(RedbStore::create(&path).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    assert_eq!(bytes[..20], *b"dronestore file\0\x01\0\0\0");
    bytes[16] = 2;
    let check = dronestore::Hash::of(&bytes[..32]);
    bytes[32..40].copy_from_slice(&check.as_bytes()[..8]);
    fs::write(&path, &bytes).unwrap();
    fails(RedbStore::open(&path), ErrorKind::Unsupported, "later version of dronestore");
    bytes[16] = 3;
    fs::write(&path, &bytes).unwrap();
    fails(RedbStore::open(&path), ErrorKind::Corrupt, "damaged or not a store");
    for end in [0, 1, 39, 40, 4096, 100_000, 257 * 4096] {
        bytes[16] = 1;
        let check = dronestore::Hash::of(&bytes[..32]);
        bytes[32..40].copy_from_slice(&check.as_bytes()[..8]);
        fs::write(&path, &bytes[..end]).unwrap();
        fails(RedbStore::open(&path), ErrorKind::Corrupt, "");
    }
}

#[test]
fn many_who_create_at_once_make_one_file() {
    let folder = Folder::new();
    for round in 0..10 {
        let path = folder.join(&format!("{round}.drone"));
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| {
                        RedbStore::open_or_create(&path)
                            .and_then(|store| store.apply(&[], &[Write::put(b"key", b"value")]))
                            .map_err(|error| error.kind())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(outcomes.contains(&Ok(())), "{outcomes:?}");
        assert!(
            outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(ErrorKind::Busy))),
            "{outcomes:?}"
        );
        let store = RedbStore::open(&path).unwrap();
        assert!(store.snapshot().unwrap().get(b"key").unwrap().is_some());
    }
    assert_eq!(names(&folder).len(), 10, "{:?}", names(&folder));
}

#[test]
fn drafts_of_the_dead_are_removed_and_those_of_the_living_kept() {
    let folder = Folder::new();
    fs::write(folder.join(".people.drone.new-1-2-3"), b"half a").unwrap();
    fs::write(folder.join(".other.drone.new-1-2-3"), b"half a").unwrap();
    let living = Database::create(folder.join(".people.drone.new-4-5-6")).unwrap();
    RedbStore::create(folder.join("people.drone")).unwrap();
    assert_eq!(names(&folder), [".other.drone.new-1-2-3", ".people.drone.new-4-5-6", "people.drone"]);
    drop(living);
}

#[test]
fn options_take_a_small_cache() {
    let folder = Folder::new();
    let store = RedbOptions::new().cache_bytes(0).create(folder.join("people.drone")).unwrap();
    let value = vec![7; 1 << 20];
    store.apply(&[], &[Write::put(b"key", &value)]).unwrap();
    assert_eq!(store.snapshot().unwrap().get(b"key").unwrap().unwrap().len(), 1 << 20);
    assert!(store.describe().ends_with("people.drone`"));
}

#[test]
fn a_file_that_is_only_read_stays_as_it_was() {
    let folder = Folder::new();
    let path = folder.join("people.drone");
    let store = RedbStore::create(&path).unwrap();
    store.apply(&[], &[Write::put(b"key", b"value")]).unwrap();
    drop(store);
    let before = fs::read(&path).unwrap();
    for _ in 0..2 {
        let store = RedbStore::open(&path).unwrap();
        assert_eq!(store.snapshot().unwrap().get(b"key").unwrap().as_deref(), Some(&b"value"[..]));
        drop(store);
        assert!(fs::read(&path).unwrap() == before);
    }
    let store = RedbStore::open(&path).unwrap();
    store.apply(&[], &[Write::put(b"key", b"other")]).unwrap();
    assert!(fs::read(&path).unwrap() != before);
    drop(store);
    let store = RedbStore::open(&path).unwrap();
    assert_eq!(store.snapshot().unwrap().get(b"key").unwrap().as_deref(), Some(&b"other"[..]));
}

#[cfg(unix)]
#[test]
fn the_place_follows_a_rename_and_not_a_copy() {
    let folder = Folder::new();
    let place =
        |name: &str| RedbStore::open(folder.join(name)).unwrap().witness().unwrap().place().unwrap().unwrap();
    drop(RedbStore::create(folder.join("one")).unwrap());
    let before = place("one");
    fs::copy(folder.join("one"), folder.join("copy")).unwrap();
    assert_ne!(place("copy"), before);
    fs::rename(folder.join("one"), folder.join("two")).unwrap();
    assert_eq!(place("two"), before);
}

#[test]
fn a_mark_stays_when_older_content_comes_back() {
    let folder = Folder::new();
    let path = folder.join("people.drone");
    let store = RedbStore::create(&path).unwrap();
    let witness = store.witness().unwrap();
    assert_eq!(witness.mark().unwrap(), None);
    assert_eq!(witness.set_mark(&[0; MARK_LIMIT + 1]).unwrap_err().kind(), ErrorKind::Unsupported);
    witness.set_mark(b"first").unwrap();
    let Some(first) = witness.mark().unwrap() else { return };
    assert_eq!(first, b"first");
    drop(store);
    let backup = fs::read(&path).unwrap();
    RedbStore::open(&path).unwrap().witness().unwrap().set_mark(b"second").unwrap();
    fs::write(&path, backup).unwrap();
    let store = RedbStore::open(&path).unwrap();
    let witness = store.witness().unwrap();
    assert_eq!(witness.mark().unwrap().unwrap(), b"second");
    // Of many in a row not each is written, and what is asked for is the last.
    for mark in 0..100u8 {
        witness.set_mark(&[mark]).unwrap();
        assert_eq!(witness.mark().unwrap().unwrap(), [mark]);
    }
    drop(store);
    assert_eq!(RedbStore::open(&path).unwrap().witness().unwrap().mark().unwrap().unwrap(), [99]);
}
