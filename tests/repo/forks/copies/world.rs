//! A world of replicas, some of which are copies of others that nobody noticed, and what was written in it.

use crate::random::Random;
use crate::repo::forks::{House, copy_of};
use dronestore::stores::MemoryStore;
use dronestore::testing::SeededActors;
use dronestore::{Clock, Key, MergeReport, Nanotime, Repo, Version, Versioned};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) const NAMES: [&str; 3] = ["a", "b", "c"];
/// The object in which nothing but counters tells of a write.
pub(super) const COUNTED: usize = 2;
const MOST: usize = 4;

/// A clock for all, that never says one time twice.
#[derive(Debug, Clone, Default)]
struct Ticks(Arc<AtomicU64>);

impl Clock for Ticks {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(1_700_000_000_000_000_000 + 1000 * self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub(super) struct Replica {
    store: MemoryStore,
    pub(super) repo: Repo,
    /// Whether it counted since it was opened.
    pub(super) counted: bool,
}

pub(super) struct World {
    pub(super) random: Random,
    clock: Ticks,
    pub(super) replicas: Vec<Replica>,
    pub(super) backups: Vec<MemoryStore>,
    pub(super) handles: Vec<(usize, Versioned<House>)>,
    /// What stands to be there of each object.
    pub(super) tokens: [BTreeSet<String>; 3],
    /// What may be gone with a store that was replaced.
    unsure: [BTreeSet<String>; 3],
    restored: bool,
    /// Whether a repo was copied that had counted since it was opened: of a count alone it cannot be told whose it is, and one that is lost shows nowhere.
    is_torn: bool,
    /// What was ever written.
    written: [usize; 3],
    pub(super) deleted: [bool; 3],
    /// Of which a report said that they fork.
    reported: BTreeSet<Key>,
    count: usize,
    trace: Vec<String>,
    _actors: SeededActors,
}

pub(super) fn key(object: usize) -> Key {
    Key::for_kind("House", NAMES[object]).unwrap()
}

impl World {
    pub(super) fn new(seed: u64) -> World {
        let actors = SeededActors::new(seed);
        let mut world = World {
            random: Random::new(seed),
            clock: Ticks::default(),
            replicas: Vec::new(),
            backups: Vec::new(),
            handles: Vec::new(),
            tokens: Default::default(),
            unsure: Default::default(),
            restored: false,
            is_torn: false,
            written: [0; 3],
            deleted: [false; 3],
            reported: BTreeSet::new(),
            count: 0,
            trace: Vec::new(),
            _actors: actors,
        };
        world.add(MemoryStore::new());
        for object in 0..2 {
            (0..world.random.below(3)).for_each(|_| world.write(0, object));
        }
        if world.random.below(3) == 0 {
            let store = MemoryStore::new();
            let builder = Repo::builder().store(Arc::new(store.clone())).clock(world.clock.clone());
            let repo = builder.replica_of(&world.replicas[0].repo).open().unwrap();
            world.tell("1 is a replica of its own".into());
            world.replicas.push(Replica { store, repo, counted: false });
        }
        // What follows began with a file that was closed.
        world.reopen(0);
        (0..1 + world.random.below(2)).for_each(|_| world.copy(0));
        world
    }

    pub(super) fn tell(&mut self, what: String) {
        self.trace.push(what);
    }

    pub(super) fn trace(&self) -> String {
        self.trace.join("\n")
    }

    fn open(&self, store: &MemoryStore) -> Repo {
        Repo::builder().store(Arc::new(store.clone())).clock(self.clock.clone()).open().unwrap()
    }

    fn add(&mut self, store: MemoryStore) {
        let repo = self.open(&store);
        self.replicas.push(Replica { store, repo, counted: false });
    }

    pub(super) fn is_full(&self) -> bool {
        self.replicas.len() >= MOST
    }

    pub(super) fn copy(&mut self, of: usize) {
        self.tell(format!("{} is a copy of {of}", self.replicas.len()));
        self.is_torn |= self.replicas[of].counted;
        self.add(copy_of(&self.replicas[of].store));
    }

    pub(super) fn back_up(&mut self, of: usize) {
        self.tell(format!("backup {} is made of {of}", self.backups.len()));
        self.is_torn |= self.replicas[of].counted;
        self.backups.push(copy_of(&self.replicas[of].store));
    }

    /// The backup goes on beside what it was made of.
    pub(super) fn open_backup(&mut self, backup: usize) {
        self.tell(format!("{} is opened from backup {backup}", self.replicas.len()));
        self.add(copy_of(&self.backups[backup]));
    }

    pub(super) fn reopen(&mut self, replica: usize) {
        self.tell(format!("{replica} is opened anew"));
        self.replicas[replica].repo = self.open(&self.replicas[replica].store);
        self.replicas[replica].counted = false;
    }

    /// The backup takes the place of a replica; what only that one held is gone.
    pub(super) fn restore(&mut self, replica: usize, backup: usize) {
        self.tell(format!("{replica} is restored from backup {backup}"));
        let store = copy_of(&self.backups[backup]);
        let repo = self.open(&store);
        self.replicas[replica] = Replica { store, repo, counted: false };
        self.handles.clear();
        let [mut held, mut surely]: [[BTreeSet<String>; 3]; 2] = Default::default();
        let kept = self.replicas.len();
        let backups: Vec<Repo> = self.backups.iter().map(|store| self.open(&copy_of(store))).collect();
        for (at, repo) in self.replicas.iter().map(|replica| &replica.repo).chain(&backups).enumerate() {
            let aside = repo.forks().unwrap().map(Result::unwrap);
            let all = repo.view().unwrap().objects(&Key::root()).unwrap().map(Result::unwrap);
            for version in all.chain(aside) {
                let object = (0..3).find(|object| key(*object) == *version.key()).unwrap();
                let tags = house(&version).tags;
                if at < kept {
                    surely[object].extend(tags.clone());
                }
                held[object].extend(tags);
            }
        }
        for (tokens, held) in self.tokens.iter_mut().zip(held) {
            tokens.retain(|token| held.contains(token));
        }
        self.surely_held(surely);
        self.restored = true;
    }

    /// A token that was never written before, for a write of this object.
    pub(super) fn token(&mut self, object: usize) -> String {
        self.count += 1;
        self.written[object] += 1;
        let token = format!("<{}>", self.count);
        self.tokens[object].insert(token.clone());
        token
    }

    /// What only backups hold comes back if these do.
    fn surely_held(&mut self, surely: [BTreeSet<String>; 3]) {
        for (object, surely) in surely.into_iter().enumerate() {
            let gone = self.tokens[object].difference(&surely).cloned();
            self.unsure[object].extend(gone);
        }
    }

    /// It was not written after all.
    pub(super) fn take_back(&mut self, object: usize, token: &str) {
        self.written[object] -= 1;
        self.tokens[object].remove(token);
    }

    pub(super) fn write(&mut self, replica: usize, object: usize) {
        let (token, number) = (self.token(object), self.random.next());
        self.tell(format!("{replica} writes {token} to {}", NAMES[object]));
        self.replicas[replica].counted |= object == COUNTED;
        self.replicas[replica]
            .repo
            .update::<House>(NAMES[object], |house| {
                change(house, object, &token, number);
                Ok(())
            })
            .unwrap();
    }

    pub(super) fn note(&mut self, report: &MergeReport) {
        self.reported.extend(report.forked.iter().cloned());
    }

    /// What the one is told by the call, and the other by its list.
    pub(super) fn sync(&mut self, a: usize, b: usize) -> MergeReport {
        let report = self.replicas[a].repo.sync_with(&self.replicas[b].repo).unwrap();
        self.note(&report.received);
        let listed = self.replicas[b].repo.forks().unwrap();
        self.reported.extend(listed.map(|version| version.unwrap().key().clone()));
        report.received
    }

    fn hashes(&self) -> Vec<String> {
        self.replicas.iter().map(|replica| replica.repo.hash().to_string()).collect()
    }

    /// All meet all until nothing moves; gives whether anything is reported, or what is wrong.
    pub(super) fn check(&mut self) -> Result<bool, String> {
        for _ in 0..8 {
            let before = self.hashes();
            for (a, b) in self.pairs() {
                let received = self.sync(a, b);
                self.tell(format!("at last {a} syncs with {b}: {received}"));
            }
            if before == self.hashes() {
                break;
            }
        }
        let hashes = self.hashes();
        if hashes.iter().any(|hash| *hash != hashes[0]) {
            return Err(format!("disagree: {}", self.shown()));
        }
        let rows: Vec<u64> = self.replicas.iter().map(|replica| replica.repo.sequence()).collect();
        for (a, b) in self.pairs() {
            let report = self.replicas[a].repo.sync_with(&self.replicas[b].repo).unwrap();
            if !report.in_sync {
                return Err("quiet meetings are not in sync".into());
            }
        }
        if self.replicas.iter().map(|replica| replica.repo.sequence()).ne(rows) {
            return Err("quiet meetings write".into());
        }
        let mut aside: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
        for Replica { repo, .. } in &self.replicas {
            repo.verify().map_err(|error| format!("damaged: {error}"))?;
            for version in repo.forks().unwrap().map(Result::unwrap) {
                aside.entry(version.key().clone()).or_default().extend(house(&version).tags);
            }
        }
        for object in 0..3 {
            let of = aside.get(&key(object));
            self.check_object(object, of)?;
        }
        Ok(!aside.is_empty())
    }

    fn pairs(&self) -> Vec<(usize, usize)> {
        let all = 0..self.replicas.len();
        all.clone().flat_map(|a| all.clone().map(move |b| (a, b))).filter(|(a, b)| a != b).collect()
    }

    fn check_object(&self, object: usize, aside: Option<&BTreeSet<String>>) -> Result<(), String> {
        let name = NAMES[object];
        let repo = &self.replicas[0].repo;
        let there = repo.view().unwrap().version("House", &key(object)).unwrap();
        let house = there.as_ref().filter(|version| !version.is_deleted()).map(house).unwrap_or_default();
        let mut steps = house.steps.clone();
        steps.sort_unstable();
        steps.dedup();
        if steps.len() != house.steps.len() {
            return Err(format!("a token of {name} is there twice"));
        }
        let visits = house.visits as usize;
        let is_unsure = aside.is_some() || object == COUNTED && self.is_torn;
        let is_told = aside.is_some() || object == COUNTED && self.reported.contains(&key(object));
        if visits > self.written[object] && !is_told {
            return Err(format!("{name} counts {visits} of {} writes", self.written[object]));
        }
        if self.deleted[object] {
            return Ok(());
        }
        if object == COUNTED {
            return match self.restored || is_unsure || visits == self.written[object] {
                true => Ok(()),
                false => Err(format!("{name} counts only {visits} of {} writes", self.written[object])),
            };
        }
        let tokens = &self.tokens[object];
        let words = |token: &String| house.story.matches(token.as_str()).count() == 1;
        let is_there =
            |token: &&String| house.tags.contains(*token) && house.steps.contains(*token) && words(token);
        let (there, gone): (Vec<&String>, Vec<&String>) = tokens.iter().partition(is_there);
        let gone: Vec<_> = gone.into_iter().filter(|token| !self.unsure[object].contains(*token)).collect();
        let is_aside = |token: &&String| aside.is_some_and(|aside| aside.contains(*token));
        if let Some(token) = gone.iter().find(|token| !is_aside(token)) {
            let what = if aside.is_some() { " and is not among what is set aside" } else { "" };
            return Err(format!("{token} of {name} is lost{what}"));
        }
        let counted = if aside.is_some() { visits <= tokens.len() } else { visits == there.len() };
        if !counted || house.rooms.get("r").map_or(0, |room| room.heat) != 2 * visits as i64 {
            return Err(format!("{name} counts {visits} of {} ({} aside)", there.len(), gone.len()));
        }
        Ok(())
    }

    fn shown(&self) -> String {
        let mut shown = String::new();
        for (object, name) in NAMES.iter().enumerate() {
            let versions = self
                .replicas
                .iter()
                .map(|replica| replica.repo.view().unwrap().version("House", &key(object)).unwrap());
            let lines = |version: Version| {
                let lines = version
                    .context()
                    .entries()
                    .iter()
                    .map(|seen| format!("{:.10}:{}:{:02x}", seen.actor, seen.sequence, seen.tag[0]))
                    .collect::<Vec<_>>()
                    .join(" ");
                format!("{:.6} [{lines}]", version.hash())
            };
            let all: Vec<String> = versions.map(|version| version.map_or("none".into(), lines)).collect();
            if all.iter().any(|one| *one != all[0]) {
                shown += &format!("\n  {name}\n    {}", all.join("\n    "));
            }
        }
        shown
    }
}

pub(super) fn house(version: &Version) -> House {
    if version.is_deleted() {
        return House::default();
    }
    (*Versioned::<House>::from_version(version.clone()).unwrap()).clone()
}

pub(super) fn change(house: &mut House, object: usize, token: &str, number: u64) {
    house.visits += 1;
    house.rooms.entry("r".into()).or_default().heat += 2;
    if object == COUNTED {
        return;
    }
    house.tags.insert(token.into());
    house.steps.insert(number as usize % (house.steps.len() + 1), token.into());
    let words = house.story.matches('<').count();
    let at = house.story.match_indices('<').map(|(at, _)| at).nth(number as usize % (words + 1));
    house.story.insert_str(at.unwrap_or(house.story.len()), token);
    match number % 5 {
        0 => house.name = token.into(),
        1 => house.color = token.into(),
        2 => house.order.insert(0, token.into()),
        3 => house.floors += 1,
        _ => house.street = token.into(),
    }
}
