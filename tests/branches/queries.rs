//! Queries on a branch against a walk over what it has touched and what stands in the repo beneath.

use super::{Page, page};
use crate::random::{Random, from_env};
use dronestore::{Branch, Drone, Key, Repo, Version, Versioned};
use std::collections::BTreeMap;

fn oracle(repo: &Repo, branch: &Branch) -> BTreeMap<String, Page> {
    let mut all: BTreeMap<String, Version> = BTreeMap::new();
    for version in repo.objects(&Key::root()).unwrap() {
        let version = version.unwrap();
        all.insert(version.key().to_string(), version);
    }
    for change in branch.changes().unwrap() {
        all.insert(change.key.to_string(), change.own().clone());
    }
    let there = all.into_iter().filter(|(_, version)| !version.is_deleted());
    let page = |version| (*Versioned::<Page>::from_version(version).unwrap()).clone();
    there.map(|(key, version)| (key, page(version))).collect()
}

#[test]
fn queries_agree_with_a_walk() {
    let seeds = from_env("DRONESTORE_BRANCH_SEEDS", 20);
    for seed in 1..=seeds {
        let mut random = Random::new(seed);
        let repo = Repo::memory().unwrap();
        let branch = repo.branch("draft").unwrap();
        for _ in 0..60 {
            let name = format!("{}", random.below(25));
            let value = Page { stars: random.below(6) as u32, visits: random.below(9) as i64, ..page(&name) };
            match random.below(8) {
                0 => drop(repo.delete::<Page>(name.as_str()).unwrap()),
                1 => drop(branch.delete::<Page>(name.as_str()).unwrap()),
                2 => drop(branch.catch_up().unwrap()),
                3 if random.below(6) == 0 => drop(branch.merge().unwrap()),
                3..6 => drop(repo.put(name.as_str(), value).unwrap()),
                _ => drop(branch.put(name.as_str(), value).unwrap()),
            }
            let all = oracle(&repo, &branch);
            let (least, limit) = (random.below(6) as u32, 1 + random.below(12));
            let fields = Page::fields();
            let find = || branch.query::<Page>().unwrap().filter(Page::fields().stars.ge(least));
            let wanted: Vec<(&String, &Page)> = all.iter().filter(|(_, page)| page.stars >= least).collect();
            let keys = |keys: Vec<Key>| keys.iter().map(Key::to_string).collect::<Vec<_>>();
            let expected: Vec<String> = wanted.iter().map(|(key, _)| (*key).clone()).collect();
            assert_eq!(keys(find().keys().unwrap()), expected, "seed {seed}");
            assert_eq!(find().count().unwrap(), wanted.len());
            let sum: i64 = wanted.iter().map(|(_, page)| page.visits).sum();
            assert_eq!(find().sum(Page::fields().visits).unwrap(), sum);
            let mut ordered = wanted.clone();
            ordered.sort_by_key(|(key, page)| (page.visits, (*key).clone()));
            let first: Vec<String> = ordered.iter().take(limit).map(|(key, _)| (*key).clone()).collect();
            let found = find().order_by(fields.visits.asc()).limit(limit);
            assert_eq!(keys(found.keys().unwrap()), first, "seed {seed}");
            // One after the other, page by page.
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let find = find().limit(limit);
                let page = match after.take() {
                    Some(cursor) => find.after(cursor),
                    None => find,
                };
                let page = page.page().unwrap();
                paged.extend(page.objects.iter().map(|found| found.key().to_string()));
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            assert_eq!(paged, expected, "seed {seed}");
        }
    }
}
