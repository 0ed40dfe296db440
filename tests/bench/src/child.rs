//! Work in a process of its own: to be killed, or to have its memory measured.
//!
//! The program starts itself again with `child` and what the child is to do. A child says `ready` and what it
//! measured, and waits.

use crate::Options;
use crate::peers::floor::FloorPerson;
use crate::person::{Person, name};
use crate::raw::{Folder, Raw};
use crate::replicas::fill;
use crate::table::{Must, Table, Unit};
use dronestore::Repo;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// The cache that the store on disk may have while its memory is measured.
const CACHE: usize = 64 << 20;

/// A child that has said that it is ready.
pub struct Child {
    process: std::process::Child,
    answer: String,
}

impl Child {
    /// Starts one and waits until it is ready.
    pub fn start(words: &[&str]) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut process = command.arg("child").args(words).stdout(Stdio::piped()).spawn().unwrap();
        let mut answer = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut answer).unwrap();
        assert!(answer.starts_with("ready"), "a child with {words:?} said `{answer}`");
        Child { process, answer }
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Kills it and gives the number that it measured.
    pub fn number(self) -> f64 {
        let number = self.answer.trim_start_matches("ready").trim().parse().unwrap();
        self.kill();
        number
    }
}

/// What a child does.
pub fn run(words: &[String]) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["hold", "ours", path] => {
            let repo = Repo::open(path).unwrap();
            // Another number each time, or there would be nothing to write.
            let phone = std::process::id().to_string();
            repo.put(name(0), Person { phone, ..Person::make(0) }).unwrap();
            wait(0);
            drop(repo);
        }
        ["hold", "raw", path] => {
            let raw = Raw::open(Path::new(path));
            raw.commit(&[(name(0).into_bytes(), vec![0; 100])]);
            wait(0);
            drop(raw);
        }
        ["memory", "ours", count] => {
            let repo = Repo::memory().unwrap();
            let before = memory("VmRSS");
            fill(&repo, count.parse().unwrap());
            wait(memory("VmRSS") - before);
            drop(repo);
        }
        ["memory", "floor", count] => {
            let before = memory("VmRSS");
            let people: BTreeMap<String, FloorPerson> = (0..count.parse().unwrap())
                .map(|id| (name(id), FloorPerson::new(Person::make(id), (id as u64, 1))))
                .collect();
            wait(memory("VmRSS") - before);
            drop(black_box(people));
        }
        ["memory", "disk", count, path] => {
            let count = count.parse().unwrap();
            let repo = Repo::builder().path(path).cache_bytes(CACHE).open().unwrap();
            fill(&repo, count);
            assert_eq!(repo.iter::<Person>().unwrap().map(Result::unwrap).count(), count);
            (0..count / 4).for_each(|read| {
                assert!(repo.get::<Person>(name(read * 7_919 % count)).unwrap().is_some());
            });
            // The most that it ever was, not what it is now.
            wait(memory("VmHWM"));
            drop(repo);
        }
        other => panic!("a child cannot {other:?}"),
    }
}

fn wait(number: usize) {
    println!("ready {number}");
    loop {
        std::thread::park();
    }
}

/// Memory of this process in bytes, by its name in `/proc/self/status`.
fn memory(which: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// G14: memory of a record in memory, and of a store on disk with a small cache.
pub fn memories(options: &Options, table: &mut Table) {
    let count = 100_000;
    let each = |kind: &str| Child::start(&["memory", kind, &count.to_string()]).number() / f64::from(count);
    let work = format!("memory of a record, {count} in memory");
    let (ours, floor) = (each("ours"), each("floor"));
    table.push("G14", &work, Unit::Bytes, ours, "floor by hand", Some(floor), Must::Ratio(1.5));
    for count in options.sizes() {
        let folder = Folder::new("memory");
        let path = folder.file("ours.drone");
        let words = ["memory", "disk", &count.to_string(), path.to_str().unwrap()];
        let most = Child::start(&words).number();
        let work = format!("most memory: write, scan and read {count} on disk, cache of 64 MiB");
        let limit = (CACHE + (64 << 20)) as f64;
        table.push("G14", &work, Unit::Bytes, most, "cache", Some(CACHE as f64), Must::AtMost(limit));
    }
}
