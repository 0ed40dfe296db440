//! Damaged files give errors or what they held, never a panic and never an endless walk.

use crate::folder::Folder;
use dronestore::ErrorKind;
use dronestore::store::{Direction, Range, Store, Write};
use dronestore::stores::{RedbOptions, RedbStore};
use std::fs;
use std::path::Path;

const SAMPLES: u64 = 1_500;

/// Xorshift, so that a seed names a file.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// A store of a few levels with small and large values, as its bytes; closed or as a kill would leave it.
fn sample(folder: &Folder, clean: bool) -> Vec<u8> {
    let path = folder.join("sample");
    let store = RedbStore::create(&path).unwrap();
    for batch in 0..4u32 {
        let keys: Vec<[u8; 8]> = (0..600).map(|at| u64::from(at * 4 + batch).to_be_bytes()).collect();
        let large = vec![batch as u8; 20_000];
        let mut writes: Vec<Write<'_>> = keys.iter().map(|key| Write::put(key, &[9; 30])).collect();
        writes.push(Write::put(b"large", &large));
        store.apply(&[], &writes).unwrap();
    }
    let mut store = Some(store);
    store.take_if(|_| clean);
    let bytes = fs::read(&path).unwrap();
    drop(store);
    fs::remove_file(path).unwrap();
    bytes
}

/// Reads all there is, both ways; the error of the first thing that fails.
fn read_all(path: &Path) -> dronestore::Result<()> {
    let store = RedbStore::open(path)?;
    let snapshot = store.snapshot()?;
    for direction in [Direction::Forward, Direction::Backward] {
        let mut outcome = Ok(());
        let mut pairs = 0;
        match snapshot.scan(Range::ALL, direction) {
            Err(error) => outcome = Err(error),
            Ok(mut cursor) => loop {
                match cursor.next() {
                    Ok(Some(_)) => pairs += 1,
                    Ok(None) => break,
                    Err(error) => break outcome = Err(error),
                }
                assert!(pairs < 1_000_000, "a walk does not end");
            },
        }
        outcome?;
    }
    let mut keys = (0..2_400u64).step_by(97).map(u64::to_be_bytes);
    keys.try_for_each(|key| snapshot.get(&key).map(drop))
}

/// Opens with all checksums compared, and does all that a program would.
fn verify_and_write(path: &Path) -> dronestore::Result<()> {
    let store = RedbOptions::new().verify(true).open(path)?;
    let snapshot = store.snapshot()?;
    let mut cursor = snapshot.scan(Range::ALL, Direction::Forward)?;
    let (mut pairs, mut batches) = (0, 0);
    while let Some((key, value)) = cursor.next()? {
        let large = key == b"large" && value.len() == 20_000 && value.iter().all(|byte| *byte == value[0]);
        assert!(large || key.len() == 8 && value == [9; 30], "wrong bytes passed verification");
        batches = if large { usize::from(value[0]) + 1 } else { batches };
        pairs += 1;
    }
    assert_eq!(pairs, batches * 600 + 1, "pairs that passed verification");
    // One flipped bit of the header, which has no checksum, brings back the last batch but one.
    assert!(batches >= 3, "only {batches} batches passed verification");
    let keys = (0..2_400u64).step_by(97).map(u64::to_be_bytes);
    let writes: Vec<[u8; 8]> = keys.collect();
    let writes: Vec<Write<'_>> = writes.iter().map(|key| Write::put(key, b"new")).collect();
    store.apply(&[], &writes)?;
    store.apply(&[], &[Write::delete(b"large"), Write::put(b"large2", &[1; 9_000])])?;
    store.snapshot()?.get(b"large2").map(drop)
}

type Work = fn(&Path) -> dronestore::Result<()>;

fn outcome(folder: &Folder, bytes: &[u8], work: Work, what: &str) -> Option<ErrorKind> {
    let path = folder.join("damaged");
    fs::write(&path, bytes).unwrap();
    let outcome = std::panic::catch_unwind(|| work(&path));
    let result = outcome.unwrap_or_else(|_| panic!("{what}: a panic came through"));
    let kind = result.err().map(|error| error.kind());
    assert_ne!(kind, Some(ErrorKind::Busy), "{what}: the file stayed locked");
    assert_ne!(kind, Some(ErrorKind::NotFound), "{what}");
    kind
}

#[test]
fn garbage_is_an_error() {
    let folder = Folder::new();
    let mut state = 7;
    for length in [1, 9, 100, 320, 511, 512, 4_095, 4_096, 8_192, 100_000] {
        let garbage: Vec<u8> = (0..length).map(|_| next(&mut state) as u8).collect();
        let kind = outcome(&folder, &garbage, read_all, &format!("{length} bytes of garbage"));
        assert_eq!(kind, Some(ErrorKind::Corrupt), "{length} bytes");
        let kind = outcome(&folder, &vec![0; length], read_all, &format!("{length} zeros"));
        assert_eq!(kind, Some(ErrorKind::Corrupt), "{length} zeros");
    }
    assert_eq!(outcome(&folder, b"not a store, but a text\n", read_all, "text"), Some(ErrorKind::Corrupt));
}

#[test]
fn truncated_files_are_errors() {
    let folder = Folder::new();
    for clean in [true, false] {
        let bytes = sample(&folder, clean);
        let mut state = 11;
        for at in 0..200 {
            let length = if at < 40 { at * 13 } else { next(&mut state) as usize % bytes.len() };
            let kind = outcome(
                &folder,
                &bytes[..length],
                read_all,
                &format!("the first {length} of {} bytes", bytes.len()),
            );
            assert!(kind.is_some(), "{length} bytes of {} are enough", bytes.len());
        }
        assert_eq!(outcome(&folder, &bytes, read_all, "whole"), None);
        assert_eq!(outcome(&folder, &bytes, verify_and_write, "whole"), None);
    }
}

/// Most flips hit room that is unused or values, which redb does not check; the versions above have hashes.
#[test]
fn flipped_bits_never_panic() {
    let folder = Folder::new();
    let samples = [sample(&folder, true), sample(&folder, false)];
    let used = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    let mut failed = 0;
    for seed in 1..=SAMPLES {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut bytes = samples[(seed % 2) as usize].clone();
        let used = used(&bytes);
        for _ in 0..=next(&mut state) % 4 {
            // Headers and the first bytes of pages, where structure lives, as often as all the rest.
            let at = next(&mut state) as usize % used;
            let at = match next(&mut state) % 4 {
                0 => at % 512,
                1 => at & !4_095 | at & 31,
                _ => at,
            };
            bytes[at.min(used - 1)] ^= 1 << (next(&mut state) % 8);
        }
        failed += u32::from(outcome(&folder, &bytes, read_all, &format!("seed {seed}")).is_some());
        outcome(&folder, &bytes, verify_and_write, &format!("seed {seed}, verified"));
    }
    assert!(failed > 100, "only {failed} of {SAMPLES} files were found damaged");
}
