//! Random histories: copies that write, hold handles and meet in any way; what each wrote is there once.

use super::{House, change, twins};
use crate::random::{Random, from_env};
use dronestore::{Key, Repo, Versioned};

const NAMES: [&str; 3] = ["a", "b", "c"];

/// What was written by all, however they met.
#[derive(Default)]
struct Written {
    visits: [u64; 3],
    heat: [i64; 3],
    tokens: [Vec<String>; 3],
}

fn write(house: &mut House, token: &str, random: u64) {
    house.visits += 1;
    house.rooms.entry("r".into()).or_default().heat += 2;
    house.tags.insert(token.into());
    house.steps.insert(random as usize % (house.steps.len() + 1), token.into());
    let words = house.story.matches('<').count();
    let at = house.story.match_indices('<').map(|(at, _)| at).nth(random as usize % (words + 1));
    house.story.insert_str(at.unwrap_or(house.story.len()), token);
    match random % 5 {
        0 => house.name = token.into(),
        1 => house.color = token.into(),
        2 => house.order.insert(0, token.into()),
        3 => house.order.push(token.into()),
        _ => house.street = token.into(),
    }
}

fn cross(a: &Repo, b: &Repo) {
    let all = |repo: &Repo| -> Vec<_> { repo.objects(&Key::root()).unwrap().map(Result::unwrap).collect() };
    let (ours, theirs) = (all(a), all(b));
    theirs.iter().for_each(|version| _ = a.merge(version).unwrap());
    ours.iter().for_each(|version| _ = b.merge(version).unwrap());
}

fn history(seed: u64) {
    let mut random = Random::new(seed);
    let mut written = Written::default();
    let mut count = 0;
    let mut note = |written: &mut Written, object: usize| {
        count += 1;
        let token = format!("<{count}>");
        written.visits[object] += 1;
        written.heat[object] += 2;
        written.tokens[object].push(token.clone());
        token
    };
    let (a, b) = twins(|repo| {
        for (object, name) in NAMES.iter().enumerate().take(2) {
            let token = note(&mut written, object);
            change(repo, name, |house| write(house, &token, 0));
        }
    });
    let mut held: Vec<(usize, usize, Versioned<House>)> = Vec::new();
    for _ in 0..14 {
        let (side, object) = (random.below(2), random.below(3));
        let repo = [&a, &b][side];
        match random.below(12) {
            0..6 => {
                let (token, number) = (note(&mut written, object), random.next());
                change(repo, NAMES[object], |house| write(house, &token, number));
            }
            6 => held.extend(repo.get::<House>(NAMES[object]).unwrap().map(|handle| (side, object, handle))),
            7 | 8 => {
                if let Some((side, object, mut handle)) = held.pop() {
                    let token = note(&mut written, object);
                    write(&mut handle, &token, random.next());
                    [&a, &b][side].save(&mut handle).unwrap();
                }
            }
            9 => _ = repo.merge([&b, &a][side]).unwrap(),
            10 => _ = repo.sync_with([&b, &a][side]).unwrap(),
            _ => cross(&a, &b),
        }
    }
    for _ in 0..4 {
        a.sync_with(&b).unwrap();
    }
    assert_eq!(a.hash(), b.hash());
    a.verify().unwrap();
    b.verify().unwrap();
    for (object, name) in NAMES.iter().enumerate() {
        let Some(house) = a.get::<House>(*name).unwrap() else {
            assert_eq!(written.visits[object], 0);
            continue;
        };
        assert_eq!(house.visits, written.visits[object]);
        assert_eq!(house.rooms["r"].heat, written.heat[object]);
        assert_eq!(house.tags.len(), written.tokens[object].len());
        assert_eq!(house.steps.len(), written.tokens[object].len());
        for token in &written.tokens[object] {
            assert!(house.tags.contains(token) && house.steps.contains(token));
            assert_eq!(house.story.matches(token.as_str()).count(), 1);
        }
    }
}

#[test]
fn what_copies_wrote_is_there_once_however_they_met() {
    let (first, count) = (from_env("DRONESTORE_SEED", 1), from_env("DRONESTORE_FORKS", 300));
    for seed in first..first + count {
        let done = std::panic::catch_unwind(|| history(seed));
        assert!(done.is_ok(), "DRONESTORE_SEED={seed} DRONESTORE_FORKS=1");
    }
}
