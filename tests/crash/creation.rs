//! Kills that fall into the creation of the file.

use super::child;
use crate::folder::Folder;
use crate::random::{Random, from_env};
use dronestore::Repo;
use std::io::{BufRead, BufReader};
use std::time::Duration;

#[test]
fn a_kill_during_creation_leaves_nothing_or_a_whole_repo() {
    let (kills, seed) = (from_env("DRONESTORE_KILLS", 40), from_env("DRONESTORE_SEED", 2));
    println!("{kills} kills, seed {seed}");
    let folder = Folder::new();
    let mut random = Random::new(seed);
    let (mut absent, mut drafts) = (0, 0);
    for kill in 0..kills {
        let path = folder.join(&format!("{kill}.drone"));
        // Several creations are cut short one after the other, so that leftovers could pile up.
        for attempt in 0..3 {
            kill_while_opening(&path, seed + kill * 3 + attempt, random.below(15_000) as u64);
        }
        absent += usize::from(!path.exists());
        drafts += names(&folder) - usize::from(path.exists());
        for _ in 0..2 {
            Repo::open(&path).unwrap().verify().unwrap();
        }
        let left = names(&folder);
        assert!(left <= 2, "{left} files beside a repo that opens: drafts pile up");
        std::fs::remove_file(&path).unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
    println!("{absent} times there was no file, {drafts} drafts were left");
}

fn names(folder: &Folder) -> usize {
    std::fs::read_dir(folder.path()).unwrap().count()
}

fn kill_while_opening(path: &std::path::Path, seed: u64, micros: u64) {
    let mut child = child::start(path, seed);
    let output = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    output.take_while(|line| !line.starts_with("@opening")).for_each(drop);
    std::thread::sleep(Duration::from_micros(micros));
    child.kill().unwrap();
    child.wait().unwrap();
}
