//! A writer killed again and again over one file.

use super::child;
use super::record::Record;
use crate::folder::Folder;
use crate::random::{Random, from_env};
use dronestore::Repo;
use std::io::{BufRead, BufReader};
use std::time::Duration;

/// `DRONESTORE_KILLS` asks for more kills, `DRONESTORE_SEED` for other moments.
#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let (kills, seed) = (from_env("DRONESTORE_KILLS", 50), from_env("DRONESTORE_SEED", 1));
    println!("{kills} kills, seed {seed}");
    let folder = Folder::new();
    let path = folder.join("notes.drone");
    let mut random = Random::new(seed);
    let mut record = Record::begin(&Repo::open(&path).unwrap());
    for kill in 0..kills {
        let mut child = child::start(&path, seed * 1_000_000 + kill);
        let lines = random.below(30);
        let pause = Duration::from_micros(random.below(3000) as u64);
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        output.by_ref().find(|line| line.starts_with("@ready")).expect("the child opens the file");
        output
            .by_ref()
            .filter(|line| line.starts_with("@ack"))
            .take(lines)
            .for_each(|line| record.note(&line));
        std::thread::sleep(pause);
        child.kill().unwrap();
        // What is still in the pipe was acknowledged before the kill.
        output.for_each(|line| record.note(&line));
        child.wait().unwrap();
        record.check(&Repo::open(&path).unwrap());
    }
    let Record { acknowledged, beyond, actors, .. } = &record;
    println!("{acknowledged} acknowledged, {beyond} times one batch beyond, {} actors", actors.len());
    assert_eq!(actors.len(), 1, "a kill is no restored backup: the repo stays who it is");
    assert!(*acknowledged as u64 > kills, "the children came to write");
}
