//! Power cuts: a disk that forgets what was not synced, or keeps parts of it.

use super::super::open::OpenFile;
use super::super::witness::FileWitness;
use super::super::{RedbOptions, RedbStore};
use crate::store::{Direction, Range, Store, Write};
use ::redb::StorageBackend;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What a disk keeps whole.
const SECTOR: usize = 512;

/// A disk whose power can be cut; clones are one disk.
#[derive(Debug, Clone, Default)]
struct Disk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    /// What a reader sees.
    shown: Vec<u8>,
    /// What is there after a cut, whatever else is.
    durable: Vec<u8>,
    /// What may be there or not.
    unsynced: Vec<Change>,
    /// How many writes and syncs it still makes before the power goes, and how many syncs.
    left: usize,
    syncs_left: usize,
    writes: usize,
    syncs: usize,
    /// Whether the next sync fails, after which what was to be synced is shown, and never synced.
    forgets: bool,
    /// Up to where there is room, if not everywhere: a file may be longer than what of it the disk has.
    room: Option<usize>,
}

#[derive(Debug)]
enum Change {
    Length(usize),
    Write(usize, Vec<u8>),
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>, mut keeps: impl FnMut() -> bool) {
        match self {
            Change::Length(length) => bytes.resize(*length, 0),
            Change::Write(at, data) => {
                for (place, sector) in data.chunks(SECTOR).enumerate() {
                    let from = at + place * SECTOR;
                    if keeps() && from + sector.len() <= bytes.len() {
                        bytes[from..from + sector.len()].copy_from_slice(sector);
                    }
                }
            }
        }
    }
}

fn gone() -> io::Error {
    io::Error::other("the power is gone")
}

impl Platter {
    fn step(&mut self) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or_else(gone)?;
        Ok(())
    }
}

impl Disk {
    fn platter(&self) -> std::sync::MutexGuard<'_, Platter> {
        self.0.lock().unwrap()
    }

    /// The disk when the power is back. Of what was not synced each change is there, is not, or is in part.
    fn after_a_cut(&self, rng: &mut Rng) -> Disk {
        let platter = self.platter();
        let mut bytes = platter.durable.clone();
        for change in &platter.unsynced {
            match (rng.below(3), change) {
                (0, _) => {}
                (1, Change::Write(..)) => change.make(&mut bytes, || rng.below(2) == 0),
                _ => change.make(&mut bytes, || true),
            }
        }
        let (shown, durable) = (bytes.clone(), bytes);
        let disk = empty_disk();
        (disk.platter().shown, disk.platter().durable) = (shown, durable);
        disk
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platter().shown.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let platter = self.platter();
        let there = platter.shown.get(offset as usize..).and_then(|bytes| bytes.get(..out.len()));
        out.copy_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let platter = &mut *self.platter();
        platter.step()?;
        platter.shown.resize(len as usize, 0);
        platter.unsynced.push(Change::Length(len as usize));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let platter = &mut *self.platter();
        platter.step()?;
        if std::mem::take(&mut platter.forgets) {
            platter.unsynced.clear();
            return Err(io::Error::other("a sector cannot be written"));
        }
        let left = platter.syncs_left.checked_sub(1);
        if left.is_none() {
            platter.left = 0;
        }
        platter.syncs_left = left.ok_or_else(gone)?;
        platter.syncs += 1;
        for change in std::mem::take(&mut platter.unsynced) {
            change.make(&mut platter.durable, || true);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let platter = &mut *self.platter();
        platter.step()?;
        if platter.room.is_some_and(|room| room < offset as usize + data.len()) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        platter.writes += 1;
        let change = Change::Write(offset as usize, data.to_vec());
        change.make(&mut platter.shown, || true);
        platter.unsynced.push(change);
        Ok(())
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

fn open(disk: &Disk, verify: bool) -> crate::Result<RedbStore> {
    // So small that pages go to the disk before their commit.
    open_with(disk, &RedbOptions::new().cache_bytes(1 << 20).verify(verify))
}

fn open_with(disk: &Disk, options: &RedbOptions) -> crate::Result<RedbStore> {
    let path = std::env::temp_dir().join(format!("dronestore-journal-{}", std::process::id()));
    let witness = FileWitness::new(&File::create(&path).unwrap(), &path).unwrap();
    let is_new = disk.len().unwrap() == 0;
    let open = OpenFile::from_disk(Box::new(disk.clone()), witness, Path::new("people.drone"), options)?;
    if is_new {
        open.commit_all()?;
    }
    Ok(RedbStore::new(open))
}

fn empty_disk() -> Disk {
    let disk = Disk::default();
    (disk.platter().left, disk.platter().syncs_left) = (usize::MAX, usize::MAX);
    disk
}

/// A disk with a store in which there is one pair.
fn new_disk() -> Disk {
    let disk = empty_disk();
    open(&disk, false).unwrap().apply(&[], &[Write::put(b"first", b"")]).unwrap();
    disk
}

type Content = BTreeMap<Vec<u8>, Vec<u8>>;

fn content(store: &RedbStore) -> Content {
    let snapshot = store.snapshot().unwrap();
    let mut cursor = snapshot.scan(Range::ALL, Direction::Forward).unwrap();
    let mut content = Content::new();
    while let Some((key, value)) = cursor.next().unwrap() {
        content.insert(key.to_vec(), value.to_vec());
    }
    content
}

/// A batch: mostly small, now and then one that no record holds.
fn batch(rng: &mut Rng) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let is_large = rng.below(12) == 0;
    let count = if is_large { 200 + rng.below(200) } else { 1 + rng.below(6) };
    let size = if is_large { 16_000 } else { [20, 200, 3000, 9000][rng.below(4)] };
    let write = |rng: &mut Rng| {
        let key = format!("key-{}", rng.below(400)).into_bytes();
        let value = (rng.below(5) > 0).then(|| vec![rng.next() as u8; rng.below(size)]);
        (key, value)
    };
    (0..count).map(|_| write(rng)).collect()
}

fn apply(store: &RedbStore, batch: &[(Vec<u8>, Option<Vec<u8>>)]) -> crate::Result<()> {
    let writes: Vec<Write<'_>> =
        batch.iter().map(|(key, value)| Write { key, value: value.as_deref() }).collect();
    store.apply(&[], &writes)
}

fn note(content: &mut Content, batch: &[(Vec<u8>, Option<Vec<u8>>)]) {
    for (key, value) in batch {
        match value {
            Some(value) => content.insert(key.clone(), value.clone()),
            None => content.remove(key),
        };
    }
}

#[test]
fn a_power_cut_loses_nothing_acknowledged_and_leaves_no_half() {
    let seed = std::env::var("DRONESTORE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let rounds = std::env::var("DRONESTORE_CUTS").map_or(300, |_| 20_000);
    let mut cuts = 0;
    for round in 0..rounds {
        let mut rng = Rng(seed + round);
        let mut disk = new_disk();
        let mut known = Content::from([(b"first".to_vec(), Vec::new())]);
        for _ in 0..1 + rng.below(4) {
            let store =
                open(&disk, rng.below(4) == 0).unwrap_or_else(|error| panic!("round {round}: {error:?}"));
            match rng.below(4) {
                0 => disk.platter().left = rng.below(40),
                1 => disk.platter().left = rng.below(4000),
                _ => disk.platter().syncs_left = rng.below(60),
            }
            let unknown = loop {
                let batch = batch(&mut rng);
                if rng.below(40) == 0 && store.compact().is_err() {
                    break None;
                }
                match apply(&store, &batch) {
                    Ok(()) => note(&mut known, &batch),
                    Err(_) => break Some(batch),
                }
            };
            drop(store);
            cuts += 1;
            disk = disk.after_a_cut(&mut rng);
            let store = open(&disk, true).unwrap_or_else(|error| panic!("round {round}: {error:?}"));
            let found = content(&store);
            let mut with = known.clone();
            unknown.iter().for_each(|batch| note(&mut with, batch));
            assert!(found == known || found == with, "round {round}: neither before nor after");
            known = found;
        }
    }
    assert!(cuts >= rounds, "{cuts}");
}

/// The length of a file is another write to a disk than what stands at its end.
#[test]
fn a_record_survives_the_growth_that_was_made_for_it() {
    let mut grown = 0;
    for syncs in 0..150 {
        let disk = new_disk();
        let store = open(&disk, false).unwrap();
        disk.platter().syncs_left = syncs;
        let put = |number: u32| store.apply(&[], &[Write::put(&number.to_be_bytes(), &[7; 9000])]);
        let made = (0..).take_while(|number| put(*number).is_ok()).count();
        drop(store);
        let after = empty_disk();
        {
            let platter = &mut *disk.platter();
            grown += usize::from(platter.unsynced.iter().any(|change| matches!(change, Change::Length(_))));
            platter.unsynced.retain(|change| matches!(change, Change::Write(..)));
            platter.unsynced.iter().for_each(|change| change.make(&mut platter.durable, || true));
            after.platter().shown = platter.durable.clone();
        }
        let found = content(&open(&after, true).unwrap()).len();
        assert!((1 + made..=2 + made).contains(&found), "{found} of {made} after {syncs} syncs");
    }
    assert!(grown > 0);
}

#[test]
fn a_small_batch_is_one_sync() {
    let disk = new_disk();
    let store = open(&disk, false).unwrap();
    let put = |number: u32| store.apply(&[], &[Write::put(&number.to_be_bytes(), b"value")]).unwrap();
    put(0);
    let before = disk.platter().syncs;
    (1..=200).for_each(put);
    let syncs = disk.platter().syncs - before;
    assert!((200..=202).contains(&syncs), "{syncs} syncs of 200 batches");
}

#[test]
fn what_a_journal_holds_is_there_after_opening_again() {
    let disk = new_disk();
    for number in 0..50_u32 {
        let store = open(&disk, false).unwrap();
        assert_eq!(content(&store).len(), 1 + number as usize);
        store.apply(&[], &[Write::put(&number.to_be_bytes(), &[7; 5000])]).unwrap();
    }
    // Looking at it writes nothing.
    let before = disk.platter().writes;
    content(&open(&disk, false).unwrap());
    assert_eq!(disk.platter().writes, before);
}

/// A flipped bit in the journal is found, or costs the last batch alone.
#[test]
fn a_damaged_journal_is_refused_or_lacks_the_last_batch() {
    let disk = new_disk();
    let store = open(&disk, false).unwrap();
    let mut states = vec![content(&store)];
    for number in 0..150_u32 {
        store.apply(&[], &[Write::put(&number.to_be_bytes(), &[number as u8; 5000])]).unwrap();
        states.push(content(&store));
    }
    // As a kill leaves it.
    let bytes = disk.platter().shown.clone();
    let (mut refused, mut shorter) = (0, 0);
    for at in (0..257 * super::BLOCK).step_by(1999) {
        let damaged = empty_disk();
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        damaged.platter().shown = flipped;
        match open(&damaged, false) {
            Ok(store) => {
                let found = content(&store);
                shorter += usize::from(found == states[149]);
                assert!(found == states[150] || found == states[149], "at {at}");
            }
            Err(error) => {
                assert!(error.is_corrupt() || error.kind() == crate::ErrorKind::Unsupported, "{error:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > 20 && shorter > 0, "{refused} refused, {shorter} shorter");
}

/// What is stored may be anything, also the bytes of a record.
#[test]
fn a_value_that_looks_like_a_record_is_none() {
    let disk = new_disk();
    let store = open(&disk, false).unwrap();
    store.apply(&[], &[Write::put(b"key", b"value")]).unwrap();
    let record = disk.platter().shown[super::BLOCK..2 * super::BLOCK].to_vec();
    for shift in 0..super::BLOCK {
        let mut value = vec![0; shift];
        value.extend(&record);
        store.apply(&[], &[Write::put(b"key", &value)]).unwrap();
    }
    let other = disk.after_a_cut(&mut Rng(1));
    assert_eq!(content(&open(&other, true).unwrap()), content(&store));
}

/// As docs/FORMAT.md has it.
#[test]
fn a_record_is_what_the_format_says() {
    let disk = new_disk();
    let store = open(&disk, false).unwrap();
    let mark = disk.platter().shown[24..32].to_vec();
    store.apply(&[], &[Write::put(b"key", b"value"), Write::delete(b"gone")]).unwrap();
    let record = disk.platter().shown[super::BLOCK..2 * super::BLOCK].to_vec();
    let batch = b"\x03key\x06value\x04gone\x00";
    let mut expected =
        [mark, vec![2, 0, 0, 0, 0, 0, 0, 0], vec![0; 4], vec![16, 0, 0, 0], batch.to_vec()].concat();
    expected.resize(super::BLOCK - 16, 0);
    assert_eq!(record[16..], expected);
    assert_eq!(record[..16], crate::Hash::of(&expected).as_bytes()[..16]);
}

#[test]
fn a_file_on_a_full_disk_can_be_opened_and_read() {
    for size in [100, 3_000, 20_000, 100_000, 300_000] {
        let disk = new_disk();
        disk.platter().room = Some(6 << 20);
        let store = open_with(&disk, &RedbOptions::new()).unwrap();
        let put = |number: u32| store.apply(&[], &[Write::put(&number.to_be_bytes(), &vec![7; size])]);
        let made = (0..).take_while(|number| put(*number).is_ok()).count();
        drop(store);
        for disk in [&disk, &disk.after_a_cut(&mut Rng(size as u64))] {
            disk.platter().room = Some(6 << 20);
            for _ in 0..2 {
                let found = content(&open_with(disk, &RedbOptions::new()).unwrap()).len();
                assert!((1 + made..=2 + made).contains(&found), "{found} of {made} of {size} bytes");
            }
        }
    }
}

/// Redb compacts with commits after which a kill costs reading the whole file.
#[test]
fn the_first_batch_after_compacting_is_a_commit_of_redb() {
    let disk = new_disk();
    let store = open(&disk, false).unwrap();
    let journal = || disk.platter().shown[super::BLOCK..257 * super::BLOCK].to_vec();
    store.compact().unwrap();
    let before = journal();
    store.apply(&[], &[Write::put(b"first after", b"value")]).unwrap();
    assert_eq!(journal(), before);
    store.apply(&[], &[Write::put(b"second after", b"value")]).unwrap();
    assert_ne!(journal(), before);
}

/// A system shows what it could not write, and forgets that it could not.
#[test]
fn a_record_whose_sync_failed_does_not_come_between() {
    let disk = new_disk();
    let store = open(&disk, false).unwrap();
    let put = |store: &RedbStore, number: u8| store.apply(&[], &[Write::put(&[number], b"value")]);
    (0..3).for_each(|number| put(&store, number).unwrap());
    disk.platter().forgets = true;
    assert_eq!(put(&store, 3).unwrap_err().kind(), crate::ErrorKind::Unknown);
    assert_eq!(put(&store, 4).unwrap_err().kind(), crate::ErrorKind::Store);
    // A kill: nobody closes the file.
    std::mem::forget(store);
    let store = open(&disk, false).unwrap();
    put(&store, 5).unwrap();
    std::mem::forget(store);
    let found = content(&open(&disk.after_a_cut(&mut Rng(1)), true).unwrap());
    assert!([0, 1, 2, 5].iter().all(|number| found.contains_key(&vec![*number])), "{found:?}");
    assert!(!found.contains_key(&vec![4]));
}
