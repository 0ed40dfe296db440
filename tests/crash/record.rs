//! What the one who kills knows: the acknowledged versions, and every dot that was ever seen.

use super::{GROUP, Note};
use dronestore::{ActorId, Drone, Hash, Key, Repo, Version};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// All that was acknowledged or read so far.
#[derive(Default)]
pub(super) struct Record {
    heads: BTreeMap<Key, Version>,
    sequence: u64,
    hash: Hash,
    /// Object, actor and sequence of a commit; its tag. One dot, one commit.
    tags: HashMap<(Key, ActorId, u64), [u8; 4]>,
    pub(super) actors: BTreeSet<ActorId>,
    pub(super) acknowledged: usize,
    /// Kills after which one batch stood there that was not acknowledged.
    pub(super) beyond: usize,
}

impl Record {
    /// Takes what a repo holds as what must be there.
    pub(super) fn begin(repo: &Repo) -> Record {
        let mut record = Record::default();
        record.read(repo);
        record
    }

    /// Takes in a line of the child: `@ack sequence hash version… .`, where it is whole.
    pub(super) fn note(&mut self, line: &str) {
        let Some(words) = line.strip_prefix("@ack ").and_then(|line| line.strip_suffix(" .")) else { return };
        let mut words = words.split_ascii_whitespace();
        self.sequence = words.next().unwrap().parse().unwrap();
        self.hash = words.next().unwrap().parse().unwrap();
        for word in words {
            self.head(Version::from_bytes(&unhex(word)).unwrap());
        }
        self.acknowledged += 1;
    }

    fn head(&mut self, version: Version) {
        for seen in version.context().entries() {
            let dot = (version.key().clone(), seen.actor, seen.sequence);
            let tag = *self.tags.entry(dot).or_insert(seen.tag);
            assert_eq!(tag, seen.tag, "dot {}:{} of {version} was made twice", seen.actor, seen.sequence);
        }
        self.heads.insert(version.key().clone(), version);
    }

    fn read(&mut self, repo: &Repo) {
        for version in repo.objects(&Key::root()).unwrap() {
            self.head(version.unwrap());
        }
        (self.sequence, self.hash) = (repo.sequence(), repo.hash());
        self.actors.insert(repo.actor());
    }

    /// Everything acknowledged is there, and beyond it at most one batch, whole.
    pub(super) fn check(&mut self, repo: &Repo) {
        let report = repo.verify().unwrap();
        assert_eq!(report.hash, repo.hash());
        assert_eq!(report.forked, 0);
        let rows = repo.sequence() - self.sequence;
        assert!(rows <= 1, "{rows} batches stand there that were not acknowledged");
        if rows == 0 {
            assert_eq!(repo.hash(), self.hash);
        } else {
            self.beyond += 1;
        }
        let changed: BTreeSet<Key> =
            repo.changes_from(self.sequence).unwrap().map(|change| change.unwrap().key).collect();
        for (key, acknowledged) in &self.heads {
            let head = repo.view().unwrap().version(acknowledged.kind(), key).unwrap().unwrap();
            let same = head == *acknowledged;
            assert!(same || changed.contains(key), "{acknowledged} was acknowledged, {head} is there");
            assert!(head.covers(acknowledged).unwrap(), "{head} has not seen {acknowledged}");
        }
        check_groups(repo);
        self.read(repo);
    }
}

/// The members of a group are only ever written together.
fn check_groups(repo: &Repo) {
    for group in 0..3 {
        let text = |member| {
            let name = format!("g{group}-{member}");
            repo.get::<Note>(name.as_str()).unwrap().map(|note| (note.text.clone(), note.visits))
        };
        let texts: BTreeSet<_> = (0..GROUP).map(text).collect();
        assert_eq!(texts.len(), 1, "half a transaction: {texts:?}");
    }
    for note in repo.iter::<Note>().unwrap() {
        let note = note.unwrap();
        assert_eq!(Note::key_of(&note.key().name()).unwrap(), *note.key());
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}
