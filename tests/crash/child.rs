//! The process that writes until it is killed, and how it is started.

use super::{GROUP, Note};
use crate::random::{Random, from_env};
use dronestore::model::Model;
use dronestore::{Drone, Key, Repo, Result};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PATH: &str = "DRONESTORE_CRASH_PATH";
const SEED: &str = "DRONESTORE_CRASH_SEED";

/// Starts a process that writes to this file.
pub(super) fn start(path: &Path, seed: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child::writes_until_killed", "--nocapture", "--test-threads=1"])
        .env(PATH, path)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// No test of its own: without a file in the environment there is nothing to do.
#[test]
fn writes_until_killed() {
    let Some(path) = std::env::var_os(PATH) else { return };
    say("opening", &[]);
    let mut writer = Writer::open(Path::new(&path), from_env(SEED, 0));
    say("ready", &[]);
    // An orphan comes to its end by itself.
    for step in 0..100_000 {
        writer.step(step).unwrap();
    }
}

struct Writer {
    repo: Repo,
    /// Another replica, in memory, that brings news by merging.
    other: Repo,
    random: Random,
    seed: u64,
}

impl Writer {
    fn open(path: &Path, seed: u64) -> Writer {
        let repo = Repo::open(path).unwrap();
        let other = Repo::builder().replica_of(&repo).open().unwrap();
        Writer { repo, other, random: Random::new(seed), seed }
    }

    fn step(&mut self, step: usize) -> Result<()> {
        let text = format!("{}-{step}", self.seed);
        let name = format!("n{}", self.random.below(10));
        match self.random.below(8) {
            0..=3 => self.save(&name, &text),
            4 | 5 => self.transaction(&text),
            6 => self.delete(&name),
            _ => self.merge(&text),
        }
    }

    fn save(&mut self, name: &str, text: &str) -> Result<()> {
        let mut note = match self.repo.get::<Note>(name)? {
            Some(note) => note,
            None => Note::named(name)?,
        };
        edit(&mut note, text);
        self.repo.save(&mut note)?;
        self.acknowledge(&[name.to_owned()])
    }

    /// Writes a whole group with one text: who reads two texts in a group has read half a transaction.
    fn transaction(&mut self, text: &str) -> Result<()> {
        let group = self.random.below(3);
        let names: Vec<String> = (0..GROUP).map(|member| format!("g{group}-{member}")).collect();
        self.repo.transaction(|transaction| {
            names.iter().try_for_each(|name| {
                let change = |note: &mut Note| {
                    edit(note, text);
                    Ok(())
                };
                transaction.update::<Note>(name.as_str(), change).map(drop)
            })
        })?;
        self.acknowledge(&names)
    }

    fn delete(&mut self, name: &str) -> Result<()> {
        if self.repo.delete::<Note>(name)? { self.acknowledge(&[name.to_owned()]) } else { Ok(()) }
    }

    fn merge(&mut self, text: &str) -> Result<()> {
        self.other.merge(&self.repo)?;
        let names = ["n1", "n2", "m1"].map(str::to_owned);
        for name in &names {
            let mut note = self.other.get::<Note>(name.as_str())?.unwrap_or(Note::named(name)?);
            edit(&mut note, text);
            self.other.save(&mut note)?;
        }
        self.repo.merge(&self.other)?;
        self.acknowledge(&names)
    }

    /// Tells what stands there now, as one line that is written at once.
    fn acknowledge(&self, names: &[String]) -> Result<()> {
        let mut words = vec![self.repo.sequence().to_string(), self.repo.hash().to_string()];
        for name in names {
            let key: Key = Note::key_of(name)?;
            let version = self.repo.view()?.version(Note::KIND, &key)?.expect("it was just written");
            words.push(hex(&version.to_bytes()));
        }
        say("ack", &words);
        Ok(())
    }
}

fn edit(note: &mut Note, text: &str) {
    note.text = text.to_owned();
    note.visits += 1;
    note.tags.insert(format!("t{}", text.len()));
}

/// The test harness writes to this output too, and leaves lines unfinished; a kill may cut ours short, so the
/// last word of a whole one is a full stop.
fn say(word: &str, words: &[String]) {
    let line = format!("\n@{word} {} .\n", words.join(" "));
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
