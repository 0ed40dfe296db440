//! Pages: every object once, whatever comes and goes between them.

use super::Person;
use crate::random::Random;
use dronestore::query::Cursor;
use dronestore::{Drone, Key, Repo};
use std::collections::BTreeSet;

fn repo(random: &mut Random, count: usize) -> Repo {
    let repo = Repo::memory().unwrap();
    for name in 0..count {
        let person = Person { visits: random.below(4) as i64, ..Person::default() };
        repo.put(name.to_string().as_str(), person).unwrap();
    }
    repo
}

/// All pages of three, with something done between them.
fn pages(repo: &Repo, is_ordered: bool, mut between: impl FnMut()) -> Vec<Key> {
    let (mut keys, mut after) = (Vec::new(), None::<Cursor>);
    loop {
        let mut query = repo.query::<Person>().limit(3);
        if is_ordered {
            query = query.order_by(Person::fields().visits.desc());
        }
        if let Some(cursor) = after.take() {
            // It goes through text, as over a network.
            query = query.after(cursor.to_string().parse().unwrap());
        }
        let page = query.page().unwrap();
        assert!(page.objects.len() <= 3 && (page.next.is_none() || page.objects.len() == 3));
        keys.extend(page.objects.iter().map(|person| person.key().clone()));
        match page.next {
            Some(next) => after = Some(next),
            None => return keys,
        }
        between();
    }
}

#[test]
fn pages_together_are_the_whole() {
    for is_ordered in [false, true] {
        for count in [0, 1, 3, 4, 30] {
            let repo = repo(&mut Random::new(count as u64), count);
            let mut whole = repo.query::<Person>();
            if is_ordered {
                whole = whole.order_by(Person::fields().visits.desc());
            }
            assert_eq!(pages(&repo, is_ordered, || ()), whole.keys().unwrap());
        }
    }
}

#[test]
fn what_comes_and_goes_between_pages_costs_and_doubles_nobody_else() {
    for is_ordered in [false, true] {
        let mut random = Random::new(5);
        let repo = repo(&mut random, 30);
        let stay: BTreeSet<Key> = repo
            .query::<Person>()
            .keys()
            .unwrap()
            .into_iter()
            .filter(|key| key.to_string().ends_with('1'))
            .collect();
        let mut number = 100;
        let seen = pages(&repo, is_ordered, || {
            number += 1;
            let person = Person { visits: random.below(4) as i64, ..Person::default() };
            repo.put(number.to_string().as_str(), person).unwrap();
            let name = random.below(30).to_string();
            if !name.ends_with('1') {
                repo.delete::<Person>(name.as_str()).unwrap();
            }
        });
        let unique: BTreeSet<Key> = seen.iter().cloned().collect();
        assert_eq!(unique.len(), seen.len());
        assert!(stay.is_subset(&unique));
    }
}
