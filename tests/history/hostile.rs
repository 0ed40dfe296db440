//! Rows of history that nobody wrote so: an error that says where, and heads that are read as ever.

use super::{Player, repo};
use crate::random::Random;
use dronestore::store::{Direction, Range, Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::{ErrorKind, History, Repo};
use std::sync::Arc;

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

fn rows(store: &dyn Store) -> Rows {
    let range = Range::between(b"h", b"i");
    let mut cursor = store.snapshot().unwrap().scan(range, Direction::Forward).unwrap();
    let mut rows = Vec::new();
    while let Some((key, value)) = cursor.next().unwrap() {
        rows.push((key.to_vec(), value.to_vec()));
    }
    rows
}

/// A repo with a block and some young rows.
fn made() -> (MemoryStore, Repo) {
    let store = MemoryStore::new();
    let (repo, clock) = repo(&store);
    repo.set_history::<Player>(History::Last(10)).unwrap();
    for score in 0..25 {
        clock.pass(1_000_000_000);
        repo.put("ann", Player { score: score * 1000, name: format!("{score}") }).unwrap();
    }
    (store, repo)
}

/// Asks everything of it; none of it may panic.
fn ask(repo: &Repo) -> bool {
    let verified = repo.verify();
    if let Err(error) = &verified {
        assert!(matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Unsupported), "{error}");
    }
    let past = repo.history::<Player>("ann").unwrap();
    let _ = past.log().unwrap().take(100).count();
    let _ = past.version_at(repo.hash());
    let _ = past.version_at(dronestore::Nanotime::from_nanos(1_800_000_010_000_000_000));
    assert!(repo.get::<Player>("ann").unwrap().is_some());
    verified.is_ok()
}

/// All that the log tells.
fn told(repo: &Repo) -> Vec<String> {
    let log = repo.history::<Player>("ann").unwrap().log().unwrap();
    log.map(|entry| entry.unwrap().to_string()).collect()
}

#[test]
fn a_byte_that_is_another_is_found_and_harms_no_head() {
    let (store, repo) = made();
    assert!(ask(&repo));
    let rows = rows(&store);
    assert!(rows.len() > 3);
    let (mut random, before) = (Random::new(3), told(&repo));
    for _ in 0..600 {
        let (key, value) = &rows[random.below(rows.len())];
        let mut changed = value.clone();
        let at = random.below(changed.len());
        match random.below(4) {
            0 => changed.truncate(at),
            1 => changed[at] = random.next() as u8,
            2 => changed.push(random.next() as u8),
            _ => changed.splice(at..at, std::iter::repeat_n(random.next() as u8, 9)).for_each(drop),
        }
        store.apply(&[], &[Write::put(key, &changed)]).unwrap();
        // The last bits of what is compressed may be others and mean the same.
        assert!(!ask(&repo) || told(&repo) == before, "{at} in {key:02x?}");
        store.apply(&[], &[Write::put(key, value)]).unwrap();
    }
    assert!(ask(&repo));
}

#[test]
fn missing_and_foreign_rows_are_found_and_writing_goes_on() {
    let (store, repo) = made();
    let kept = rows(&store);
    for (key, _) in &kept {
        store.apply(&[], &[Write::delete(key)]).unwrap();
        let is_first = *key == kept[0].0;
        assert_eq!(ask(&repo), is_first, "the oldest of all may be gone");
        let writes: Vec<Write<'_>> = kept.iter().map(|(key, value)| Write::put(key, value)).collect();
        store.apply(&[], &writes).unwrap();
    }
    let last = kept.last().unwrap().0.clone();
    let mut garbage: Rows = vec![(b"h".to_vec(), vec![1]), (b"hPlayer".to_vec(), vec![]), (last, vec![9, 9])];
    let mut behind = kept.last().unwrap().0.clone();
    *behind.last_mut().unwrap() += 9;
    garbage.push((behind.clone(), vec![0xff; 40]));
    // Numbers near the end, and counts that are none.
    let young = &kept.last().unwrap().1;
    behind.splice(behind.len() - 8.., [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 0]);
    garbage.push((behind.clone(), young.clone()));
    garbage.push((behind, [&[0][..], &[0xff; 9], &[1, 0], &young[3..]].concat()));
    for (key, value) in garbage {
        store.apply(&[], &[Write::put(&key, &value)]).unwrap();
        assert!(!ask(&repo));
        repo.put("ann", Player { score: 5, ..Player::default() }).unwrap();
        for score in 0..40 {
            repo.put("ann", Player { score, ..Player::default() }).unwrap();
        }
        assert!(!ask(&repo));
        repo.put("bob", Player::default()).unwrap();
        let again = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        assert!(again.get::<Player>("bob").unwrap().is_some());
        let now = rows(&store);
        let writes: Vec<Write<'_>> = now.iter().map(|(key, _)| Write::delete(key)).collect();
        store.apply(&[], &writes).unwrap();
        let writes: Vec<Write<'_>> = kept.iter().map(|(key, value)| Write::put(key, value)).collect();
        store.apply(&[], &writes).unwrap();
    }
}

#[test]
fn a_policy_of_a_later_version_is_no_reason_to_forget() {
    let (store, repo) = made();
    drop(repo);
    for row in [&[2][..], &[1, 7, 0, 0], &[]] {
        store.apply(&[], &[Write::put(b"g", row)]).unwrap();
        let error = Repo::builder().store(Arc::new(store.clone())).open().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Corrupt), "{error}");
    }
}
