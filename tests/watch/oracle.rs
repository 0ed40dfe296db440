//! Random histories: what a watch told comes to what the query finds, after every change.

use super::{Mirror, Other, Person};
use crate::random::{Random, from_env};
use dronestore::query::meta;
use dronestore::stores::MemoryStore;
use dronestore::{Cause, Drone, Find, Key, Repo, Resolution, Update, Versioned, Watch};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A random query over few values, so that much matches.
fn query(repo: &Repo, random: &mut Random) -> String {
    let filters = [
        "",
        r#"team = "red""#,
        r#"team in ["red", "blue"]"#,
        "team is none",
        "rank >= 3",
        "rank = 7",
        r#"rank < 8 and tags has "a""#,
        r#"plan = "x""#,
        r#"not (plan = "x") or visits > 2"#,
        r#"city = "Rome" and rank > 1"#,
        "visits = 0",
        r#"@key starts with "/Person:1""#,
    ];
    let orders = [
        "",
        "order by rank",
        "order by team desc, rank",
        "order by visits desc",
        "order by @committed desc",
        "order by plan",
    ];
    let mut text = filters[random.below(filters.len())].to_owned();
    let mut add = |more: &str| text = format!("{text} {more}").trim().to_owned();
    add(orders[random.below(orders.len())]);
    let is_limited = random.below(2) == 0;
    if random.below(if is_limited { 2 } else { 6 }) == 0 {
        add(&format!("offset {}", random.below(4)));
    }
    if is_limited {
        add(&format!("limit {}", random.below(6)));
    }
    // What a person may type is what is asked here, whatever the words are.
    let parsed = repo.query::<Person>().matching(&text).into_query().unwrap();
    parsed.to_string()
}

fn find(repo: &Repo, text: &str, under: Option<&Key>) -> Find<Person> {
    let find = repo.query::<Person>().matching(text);
    match under {
        Some(key) => find.under(key),
        None => find,
    }
}

struct Watched {
    text: String,
    under: Option<Key>,
    watch: Watch<Versioned<Person>>,
    mirror: Mirror,
    /// How seldom it reads.
    patience: usize,
}

impl Watched {
    fn new(repo: &Repo, random: &mut Random) -> Watched {
        let text = query(repo, random);
        let under = (random.below(6) == 0).then(|| "/Person:1".parse().unwrap());
        let mut watch = find(repo, &text, under.as_ref()).watch().unwrap();
        if random.below(4) == 0 {
            watch = watch.capacity(random.below(4));
        }
        let patience = if random.below(3) == 0 { 1 + random.below(12) } else { 1 };
        Watched { text, under, watch, mirror: Mirror::default(), patience }
    }

    fn check(&mut self, repo: &Repo) {
        let mut last = 0;
        while let Some(update) = self.watch.try_next().unwrap() {
            if !matches!(update, Update::Result { .. }) {
                assert!(update.sequence() >= last, "in the order of commits");
                last = update.sequence();
            }
            if let Update::Removed { key, deleted, .. } = &update
                && self.patience == 1
            {
                assert_eq!(*deleted, !repo.contains::<Person>(key).unwrap(), "{}", self.text);
            }
            self.mirror.apply(update);
        }
        let found = find(repo, &self.text, self.under.as_ref()).run().unwrap();
        let found: Vec<Versioned<Person>> = found.map(|person| person.unwrap()).collect();
        let known: Vec<&Versioned<Person>> =
            found.iter().filter_map(|person| self.mirror.objects.get(person.key())).collect();
        assert_eq!(known.len(), found.len(), "{}", self.text);
        assert_eq!(self.mirror.objects.len(), found.len(), "{}", self.text);
        for (known, found) in known.into_iter().zip(&found) {
            assert_eq!((&**known, known.version()), (&**found, found.version()), "{}", self.text);
        }
    }
}

fn pick(random: &mut Random, from: &[&str]) -> String {
    from[random.below(from.len())].to_owned()
}

fn scramble(person: &mut Person, random: &mut Random) {
    for _ in 0..1 + random.below(2) {
        match random.below(7) {
            0 => person.name = pick(random, &["ann", "bob"]),
            1 => person.team = [None, Some("red".into()), Some("blue".into())][random.below(3)].clone(),
            2 => person.rank = random.below(9) as i64,
            3 => person.visits += random.below(3) as i64,
            4 => person.tags = BTreeSet::from([pick(random, &["a", "b", "c"])]),
            5 => person.city = pick(random, &["Rome", "Oslo"]),
            _ => person.plan = pick(random, &["x", "y", "z"]),
        }
    }
}

fn name(random: &mut Random) -> Key {
    let parent = Person::key_of(&(random.below(3)).to_string()).unwrap();
    match random.below(4) {
        0 => parent,
        _ => parent.child_in("Person", &random.below(5).to_string()).unwrap(),
    }
}

fn edit(repo: &Repo, random: &mut Random) {
    repo.transaction(|transaction| {
        for _ in 0..1 + random.below(3) {
            let key = name(random);
            match random.below(6) {
                0 => drop(transaction.delete::<Person>(&key)?),
                1 => drop(transaction.update::<Other>(&key, |other| {
                    other.text = pick(random, &["m", "n"]);
                    Ok(())
                })?),
                _ => drop(transaction.update::<Person>(&key, |person| {
                    scramble(person, random);
                    Ok(())
                })?),
            }
        }
        Ok(())
    })
    .unwrap();
}

fn decide(repo: &Repo, random: &mut Random) {
    let conflict = repo.conflicts::<Person>().unwrap().next().transpose().unwrap();
    if let Some(conflict) = conflict {
        let side = random.below(conflict.sides().len());
        repo.resolve(&conflict, Resolution::Side(side)).unwrap();
    }
}

#[test]
fn what_is_told_comes_to_what_is_found() {
    let seed = from_env("DRONESTORE_SEED", 1);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for _ in 0..from_env("DRONESTORE_WATCH_ROUNDS", 12) {
        let here = Repo::memory().unwrap();
        let there = Repo::builder().replica_of(&here).open().unwrap();
        let mut watched: Vec<Watched> = Vec::new();
        for turn in 0..90 {
            if watched.len() < 20 && turn % 3 == 0 {
                watched.push(Watched::new(&here, &mut random));
            }
            match random.below(8) {
                0 => drop(here.merge(&there).unwrap()),
                1 => drop(here.sync_with(&there).unwrap()),
                2 => decide(&here, &mut random),
                3 => decide(&there, &mut random),
                4 => edit(&there, &mut random),
                _ => edit(&here, &mut random),
            }
            for one in watched.iter_mut().filter(|one| turn % one.patience == 0) {
                one.check(&here);
            }
        }
        watched.iter_mut().for_each(|one| one.check(&here));
    }
}

#[test]
fn what_another_repo_writes_to_the_store_is_noticed_with_the_next_write() {
    let mut random = Random::new(from_env("DRONESTORE_SEED", 3));
    let store = Arc::new(MemoryStore::new());
    let open = || Repo::builder().store(store.clone()).open().unwrap();
    let (here, there) = (open(), open());
    let mut watched: Vec<Watched> = (0..8).map(|_| Watched::new(&here, &mut random)).collect();
    for turn in 0..60 {
        if turn % 3 < 2 {
            // A put is made again where the other one wrote meanwhile; a transaction is not.
            there.put("tock", Other { text: turn.to_string() }).unwrap();
            edit(&there, &mut random);
        }
        // A write of any kind will do.
        here.put("tick", Other { text: turn.to_string() }).unwrap();
        watched.iter_mut().for_each(|one| one.check(&here));
    }
}

#[test]
fn causes_are_told() {
    let here = Repo::memory().unwrap();
    let there = Repo::builder().replica_of(&here).open().unwrap();
    let mut watch = here.query::<Person>().filter(meta().key().starts_with("/Person:")).watch().unwrap();
    watch.try_next().unwrap().unwrap();
    let mut cause = || watch.try_next().unwrap().unwrap().cause().unwrap();
    here.put("a", super::person("a", 1)).unwrap();
    assert_eq!(cause(), Cause::Local);
    there.put("b", super::person("b", 1)).unwrap();
    here.merge(&there).unwrap();
    assert_eq!(cause(), Cause::Merge);
    there.put("b", super::person("b", 2)).unwrap();
    here.merge(&there.get::<Person>("b").unwrap().unwrap()).unwrap();
    assert_eq!(cause(), Cause::Merge);
    there.put("b", super::person("b", 3)).unwrap();
    here.sync_with(&there).unwrap();
    assert_eq!(cause(), Cause::Sync);
    assert!(watch.try_next().unwrap().is_none());
}
