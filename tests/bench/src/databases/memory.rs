//! What a query needs in memory that gives all objects one after the other: asked in a process of its own, with a small cache.

use super::record::Record;
use super::table::{Must, Table, Unit};
use super::{Asked, Options, PEERS};
use crate::raw::Folder;
use std::process::Command;

/// The cache of everybody here.
const CACHE: usize = 8 << 20;

/// Streams all that a file holds, in this process, and says how much memory that took beyond what it took to open it.
pub fn child(words: &[String]) {
    let [name, folder] = words else { panic!("a child takes a name and a folder") };
    let (_, _, open) = PEERS.iter().find(|peer| peer.1 == name).unwrap();
    let database = open(&Options { folder: folder.as_ref(), indexes: 1, cache: CACHE });
    let before = resident("VmRSS");
    std::hint::black_box(database.stream());
    println!("{}", resident("VmHWM").saturating_sub(before));
}

/// Among ten times as many records a stream needs no more.
pub fn all(asked: &Asked, table: &mut Table) {
    let mut few = None;
    for count in [asked.count / 10, asked.count] {
        let folder = Folder::new(&format!("memory-{count}"));
        let path = folder.file("");
        let measure = |peer: &super::Peer| {
            let mut database = (peer.2)(&Options { folder: &path, indexes: 1, cache: 256 << 20 });
            let numbers: Vec<usize> = (0..count).collect();
            for batch in numbers.chunks(10_000) {
                database.insert(&batch.iter().map(|number| Record::make(*number)).collect::<Vec<_>>());
            }
            drop(database);
            let words = ["databases-child", peer.1, path.to_str().unwrap()];
            let output = Command::new(std::env::current_exe().unwrap()).args(words).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap())
        };
        let values: Vec<Option<f64>> = asked.peers.iter().map(measure).collect();
        // Of many no more than of few, beside what the cache and the allocator may keep.
        let must = few.map_or(Must::Shown, |few: f64| Must::AtMost(few + (CACHE + (4 << 20)) as f64));
        table.push(
            &format!("memory of a stream of {count}, cache of 8 MiB"),
            1,
            Unit::Bytes,
            values.clone(),
            must,
        );
        few = values[0];
    }
}

fn resident(which: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}
