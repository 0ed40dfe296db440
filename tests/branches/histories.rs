//! Random histories of a repo with branches, beside a world in which each branch is a replica of its own.

use super::{Dots, HandClock, Page, branch_rows, open as open_store};
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::{Branch, Repo, Result, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const BRANCHES: [&str; 3] = ["draft", "try it", "für später"];

/// A branch in the model: a replica, which follows the repo where it is not touched.
struct Apart {
    repo: Repo,
    touched: BTreeSet<&'static str>,
}

/// The model: the repo, its branches, and the peer, all of them plain replicas.
struct Model {
    repo: Repo,
    branches: BTreeMap<&'static str, Apart>,
    peer: Repo,
}

struct World {
    clock: HandClock,
    store: MemoryStore,
    repo: Repo,
    peer: Repo,
    model: Model,
    dots: Dots,
}

fn open(store: &MemoryStore, clock: &HandClock) -> Repo {
    Repo::builder().store(Arc::new(store.clone())).clock(clock.clone()).open().unwrap()
}

fn replica(of: &Repo, clock: &HandClock) -> Repo {
    Repo::builder().clock(clock.clone()).replica_of(of).open().unwrap()
}

fn version(repo: &Repo, name: &str) -> Option<Version> {
    version_in(&repo.view().unwrap(), name)
}

fn version_in(view: &dronestore::View, name: &str) -> Option<Version> {
    view.version("Page", &format!("/Page:{name}").parse().unwrap()).unwrap()
}

/// One edit, the same wherever it is made.
#[derive(Clone, Copy)]
struct Edit {
    key: &'static str,
    what: usize,
    number: usize,
}

impl Edit {
    fn random(random: &mut Random) -> Edit {
        Edit { key: KEYS[random.below(KEYS.len())], what: random.below(9), number: random.below(1000) }
    }

    fn is_delete(self) -> bool {
        self.what == 0
    }

    fn change(self, page: &mut Page) -> Result<()> {
        let number = self.number;
        match self.what {
            1 | 2 => page.title = format!("title {number}"),
            3 => page.visits += number as i64 % 7,
            4 => page.stars = number as u32 % 10,
            5 => drop(page.tags.insert(format!("t{}", number % 4))),
            6 => drop(page.tags.remove(&format!("t{}", number % 4))),
            7 => page.state = format!("s{}", number % 5),
            _ => page.body.insert(number % (page.body.chars().count() + 1), 'x'),
        }
        Ok(())
    }

    /// Makes it in a repo; says whether anything was written.
    fn on_repo(self, repo: &Repo) -> bool {
        match self.is_delete() {
            true => repo.delete::<Page>(self.key).unwrap(),
            false => repo.update::<Page>(self.key, |page| self.change(page)).unwrap().is_new(),
        }
    }

    fn on_branch(self, branch: &Branch) -> bool {
        match self.number % 3 {
            _ if self.is_delete() => branch.delete::<Page>(self.key).unwrap(),
            0 => branch.update::<Page>(self.key, |page| self.change(page)).unwrap().is_new(),
            1 => {
                let update = |page: &mut Page| self.change(page);
                branch.transaction(|on| on.update::<Page>(self.key, update)).unwrap().is_new()
            }
            _ => match branch.get::<Page>(self.key).unwrap() {
                Some(mut page) => {
                    self.change(&mut page).unwrap();
                    branch.save(&mut page).unwrap().is_new()
                }
                None => branch.update::<Page>(self.key, |page| self.change(page)).unwrap().is_new(),
            },
        }
    }
}

impl World {
    fn new() -> World {
        let (clock, store) = (HandClock::new(), MemoryStore::new());
        let repo = open(&store, &clock);
        let peer = replica(&repo, &clock);
        let plain = replica(&repo, &clock);
        let model = Model { peer: replica(&repo, &clock), repo: plain, branches: BTreeMap::new() };
        World { clock, store, repo, peer, model, dots: Dots::default() }
    }

    fn step(&mut self, random: &mut Random) -> String {
        self.clock.tick();
        let name = BRANCHES[random.below(BRANCHES.len())];
        let edit = Edit::random(random);
        match random.below(20) {
            0..4 => {
                let written = edit.on_repo(&self.repo);
                assert_eq!(written, edit.on_repo(&self.model.repo));
                format!("edit {} {}", edit.key, edit.what)
            }
            4..6 => {
                let written = edit.on_repo(&self.peer);
                assert_eq!(written, edit.on_repo(&self.model.peer));
                format!("edit {} {} at the peer", edit.key, edit.what)
            }
            6..12 => self.edit_apart(name, edit),
            12..14 => self.merge(name),
            14 => self.catch_up(name),
            15 => self.discard(name),
            16..18 => {
                self.peer.merge(&self.repo).unwrap();
                self.repo.merge(&self.peer).unwrap();
                self.model.peer.merge(&self.model.repo).unwrap();
                self.model.repo.merge(&self.model.peer).unwrap();
                assert_eq!(self.peer.hash(), self.repo.hash());
                "sync".into()
            }
            _ => {
                self.repo = open(&self.store, &self.clock);
                "reopen".into()
            }
        }
    }

    fn edit_apart(&mut self, name: &'static str, edit: Edit) -> String {
        let (hash, sequence) = (self.repo.hash(), self.repo.sequence());
        let branch = self.repo.branch(name).unwrap();
        let model = &self.model.repo;
        let apart = self
            .model
            .branches
            .entry(name)
            .or_insert_with(|| Apart { repo: replica(model, &self.clock), touched: BTreeSet::new() });
        if let Some(standing) = version(model, edit.key).filter(|_| !apart.touched.contains(edit.key)) {
            apart.repo.merge(&standing).unwrap();
        }
        let written = edit.on_branch(&branch);
        assert_eq!(written, edit.on_repo(&apart.repo));
        if written {
            apart.touched.insert(edit.key);
            assert!(self.repo.sequence() > sequence);
        }
        assert_eq!(self.repo.hash(), hash);
        format!("edit {} {} on {name}", edit.key, edit.what)
    }

    fn merge(&mut self, name: &'static str) -> String {
        let Some(branch) = self.repo.find_branch(name).unwrap() else { return String::new() };
        let would: BTreeMap<String, Version> = branch
            .changes()
            .unwrap()
            .iter()
            .map(|c| (c.key.name().into_owned(), c.merged().clone()))
            .collect();
        let report = branch.merge().unwrap();
        assert!(report.forked.is_empty());
        let apart = self.model.branches.get_mut(name).unwrap();
        let mut expected = dronestore::MergeReport::default();
        for key in std::mem::take(&mut apart.touched) {
            let part = self.model.repo.merge(&version(&apart.repo, key).unwrap()).unwrap();
            expected.new += part.new;
            expected.forwarded += part.forwarded;
            expected.merged += part.merged;
            expected.known += part.known;
            expected.concurrent += part.concurrent;
            expected.conflicts += part.conflicts;
            assert_eq!(version(&self.repo, key).as_ref(), would.get(key), "{key} is what was shown");
        }
        assert_eq!(report, expected);
        // Merging again moves nothing.
        let sequence = self.repo.sequence();
        assert!(!branch.merge().unwrap().has_news() && self.repo.sequence() == sequence);
        format!("merge {name}")
    }

    fn catch_up(&mut self, name: &'static str) -> String {
        let Some(branch) = self.repo.find_branch(name).unwrap() else { return String::new() };
        let hash = self.repo.hash();
        branch.catch_up().unwrap();
        assert_eq!(self.repo.hash(), hash);
        let apart = self.model.branches.get_mut(name).unwrap();
        for key in std::mem::take(&mut apart.touched) {
            let standing = version(&self.model.repo, key);
            if let Some(standing) = &standing {
                apart.repo.merge(standing).unwrap();
            }
            if version(&apart.repo, key) != standing {
                apart.touched.insert(key);
            }
        }
        assert!(branch.changes().unwrap().iter().all(|change| !change.is_behind));
        format!("catch up {name}")
    }

    fn discard(&mut self, name: &'static str) -> String {
        let Some(branch) = self.repo.find_branch(name).unwrap() else { return String::new() };
        let hash = self.repo.hash();
        branch.discard().unwrap();
        assert!(self.repo.find_branch(name).unwrap().is_none() && branch.get::<Page>("a").is_err());
        assert_eq!(self.repo.hash(), hash);
        self.model.branches.remove(name);
        format!("discard {name}")
    }

    /// Everything reads as in the model.
    fn check(&mut self) {
        let (ours, theirs) = (self.repo.view().unwrap(), self.model.repo.view().unwrap());
        for key in KEYS {
            same(version_in(&ours, key), version_in(&theirs, key), key);
        }
        let mut count = 0;
        for (name, apart) in &self.model.branches {
            let (view, own) = (self.repo.find_branch(name).unwrap().unwrap(), apart.repo.view().unwrap());
            let view = view.view().unwrap();
            for key in KEYS {
                let version = version_in(&view, key);
                version.iter().for_each(|version| self.dots.see(version));
                let is_touched = apart.touched.contains(key);
                let expected = version_in(if is_touched { &own } else { &theirs }, key);
                same(version, expected, &format!("{key} on {name}"));
            }
            count += 1 + apart.touched.len();
        }
        KEYS.iter().filter_map(|key| version_in(&ours, key)).for_each(|version| self.dots.see(&version));
        assert_eq!(branch_rows(&self.store), count);
        let infos = self.repo.branches().unwrap();
        let shown: Vec<(&str, u64)> = infos.iter().map(|info| (info.name.as_str(), info.objects)).collect();
        let mut known: Vec<(&str, u64)> =
            self.model.branches.iter().map(|(name, apart)| (*name, apart.touched.len() as u64)).collect();
        known.sort_unstable();
        assert_eq!(shown, known);
    }
}

/// Two versions that read alike, are as contested, and have seen as many commits of as many actors.
fn same(ours: Option<Version>, theirs: Option<Version>, what: &str) {
    let seen = |version: &Version| {
        let mut seen: Vec<u64> = version.context().entries().iter().map(|seen| seen.sequence).collect();
        seen.sort_unstable();
        seen
    };
    match (ours, theirs) {
        (None, None) => {}
        (Some(ours), Some(theirs)) => {
            assert_eq!(ours.is_deleted(), theirs.is_deleted(), "{what}");
            assert_eq!(ours.created(), theirs.created(), "{what}");
            assert_eq!(ours.contests().unwrap().len(), theirs.contests().unwrap().len(), "{what}");
            let value = |version: Version| dronestore::Versioned::<Page>::from_version(version).unwrap();
            assert_eq!(seen(&ours), seen(&theirs), "{what}");
            assert_eq!(*value(ours), *value(theirs), "{what}");
        }
        (ours, theirs) => panic!("{what}: {ours:?}, {theirs:?}"),
    }
}

#[test]
fn a_repo_with_branches_is_as_one_with_replicas() {
    let (first, seeds) = (from_env("DRONESTORE_SEED", 1), from_env("DRONESTORE_BRANCH_SEEDS", 40));
    for seed in first..first + seeds {
        let mut random = Random::new(seed);
        let mut world = World::new();
        let mut told: Vec<String> = Vec::new();
        for _ in 0..100 {
            told.push(world.step(&mut random));
            let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.check()));
            if let Err(panic) = checked {
                println!("seed {seed}: {told:#?}");
                std::panic::resume_unwind(panic);
            }
        }
        let report = world.repo.verify().unwrap();
        assert_eq!(report.branches as usize, world.model.branches.len());
        // Nothing of the branches is known to who merges the repo.
        let other = open_store(&MemoryStore::new());
        other.merge(&world.repo).unwrap();
        assert_eq!((other.hash(), other.branches().unwrap().len()), (world.repo.hash(), 0));
    }
}
