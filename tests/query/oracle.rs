//! Random queries over random objects, against closures over the objects themselves.

use super::{Address, Person, State};
use crate::random::{Random, from_env};
use dronestore::query::{Condition, Sort, meta};
use dronestore::{Drone, Repo};
use std::cmp::Ordering;

const NAMES: [&str; 8] = ["", "a", "ab", "b", "é", "A", "a\0", "long "];

fn name(random: &mut Random) -> String {
    match NAMES[random.below(NAMES.len())] {
        // Longer than what an index keeps of a value, with what differs behind that.
        "long " => format!("{}{}", "long ".repeat(60), random.below(3)),
        name => name.to_owned(),
    }
}

fn scramble(person: &mut Person, random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        let number = random.below(5) as i64 - 2;
        match random.below(15) {
            0 => person.first = name(random),
            1 => person.last = name(random),
            2 => person.nick = (random.below(2) == 0).then(|| name(random)),
            3 => person.age = person.age.max(random.below(40) as u32),
            4 => person.visits += number,
            5 => person.weight = number as f64 / 2.0,
            6 => person.is_in = !person.is_in,
            7 => person.state = if number > 0 { State::Shipped } else { State::Draft },
            8 => drop(person.tags.insert(name(random))),
            9 => drop(person.tags.remove(&name(random))),
            10 => *person.scores.entry(name(random)).or_default() += number,
            11 => person.steps.insert(random.below(person.steps.len() + 1), number),
            12 => person.notes.push_str(&name(random)),
            13 => person.home.city = name(random),
            _ => {
                person.office = (random.below(3) > 0)
                    .then(|| Address { city: name(random), number: (number > 0).then_some(number as u16) });
            }
        }
    }
}

/// What a query says, and the same in plain Rust.
type Both = (Condition<Person>, Box<dyn Fn(&Person) -> bool>);

fn ordered<V>(
    random: &mut Random,
    field: dronestore::query::Field<Person, V>,
    value: V,
    of: impl Fn(&Person) -> V + 'static,
) -> Both
where
    V: PartialOrd + dronestore::Ordered + serde::Serialize + 'static,
{
    let which = random.below(6);
    let condition = match which {
        0 => field.eq(&value),
        1 => field.ne(&value),
        2 => field.lt(&value),
        3 => field.le(&value),
        4 => field.gt(&value),
        _ => field.ge(&value),
    };
    let holds = move |person: &Person| {
        let found = of(person);
        match which {
            0 => found == value,
            1 => found != value,
            2 => found < value,
            3 => found <= value,
            4 => found > value,
            _ => found >= value,
        }
    };
    (condition, Box::new(holds))
}

fn condition(random: &mut Random, depth: usize) -> Both {
    let f = Person::fields;
    let (text, number) = (name(random), random.below(5) as i64 - 2);
    match random.below(if depth == 0 { 18 } else { 22 }) {
        0 => ordered(random, f().first, text, |person| person.first.clone()),
        1 => ordered(random, f().last, text, |person| person.last.clone()),
        2 => ordered(random, f().age, random_age(number), |person| person.age),
        3 => ordered(random, f().visits, number, |person| person.visits),
        4 => ordered(random, f().weight, number as f64 / 2.0, |person| person.weight),
        5 => ordered(random, f().is_in, number > 0, |person| person.is_in),
        6 => ordered(random, f().notes.len(), number.unsigned_abs(), |person| {
            person.notes.chars().count() as u64
        }),
        7 => (f().nick.is_none(), Box::new(|person| person.nick.is_none())),
        8 => (f().nick.eq(text.as_str()), Box::new(move |person| person.nick.as_ref() == Some(&text))),
        9 => (
            f().nick.gt(text.clone()),
            Box::new(move |person| person.nick.as_ref().is_some_and(|nick| *nick > text)),
        ),
        10 => (f().state.eq(State::Shipped), Box::new(|person| person.state == State::Shipped)),
        11 => (f().tags.has(&text), Box::new(move |person| person.tags.contains(&text))),
        12 => (
            f().scores.key(&text).ge(number),
            Box::new(move |person| person.scores.get(&text).is_some_and(|score| *score >= number)),
        ),
        13 => (f().steps.any(number), Box::new(move |person| person.steps.contains(&number))),
        14 => (
            f().steps.at(1).lt(number),
            Box::new(move |person| person.steps.get(1).is_some_and(|step| *step < number)),
        ),
        15 => (
            f().home.then(Address::fields().city).starts_with(&text),
            Box::new(move |person| person.home.city.starts_with(&text)),
        ),
        16 => (
            f().office.then(Address::fields().number).is_some(),
            Box::new(|person| person.office.as_ref().is_some_and(|office| office.number.is_some())),
        ),
        17 => {
            let names = [name(random), name(random)];
            let condition = f().first.is_in(names.iter());
            (condition, Box::new(move |person| names.contains(&person.first)))
        }
        18 => {
            let (condition, holds) = condition(random, depth - 1);
            (condition.not(), Box::new(move |person| !holds(person)))
        }
        which => {
            let (ours, here) = condition(random, depth - 1);
            let (theirs, there) = condition(random, depth - 1);
            match which {
                19 => (ours.and(theirs), Box::new(move |person| here(person) && there(person))),
                _ => (ours.or(theirs), Box::new(move |person| here(person) || there(person))),
            }
        }
    }
}

fn random_age(number: i64) -> u32 {
    20 + number as u32 % 3
}

/// An order, and the same in plain Rust.
type Sorts = (Sort<Person>, Box<dyn Fn(&Person, &Person) -> Ordering>);

fn sort(random: &mut Random) -> Sorts {
    let f = Person::fields;
    match random.below(6) {
        0 => (f().first.asc(), Box::new(|a, b| a.first.cmp(&b.first))),
        1 => (f().last.desc(), Box::new(|a, b| b.last.cmp(&a.last))),
        2 => (f().nick.asc(), Box::new(|a, b| a.nick.cmp(&b.nick))),
        3 => (f().visits.desc(), Box::new(|a, b| b.visits.cmp(&a.visits))),
        4 => (f().weight.asc(), Box::new(|a, b| a.weight.total_cmp(&b.weight))),
        _ => (
            f().home.then(Address::fields().number).desc(),
            Box::new(|a, b| b.home.number.cmp(&a.home.number)),
        ),
    }
}

/// Asks `count` random queries.
fn ask(repo: &Repo, random: &mut Random, count: usize) {
    let mut all = Vec::new();
    for person in repo.iter::<Person>().unwrap() {
        let person = person.unwrap();
        all.push((person.key().clone(), (*person).clone()));
    }
    for _ in 0..count {
        let (condition, holds) = condition(random, 3);
        let shown = format!("{condition:?}");
        let mut expected: Vec<_> = all.iter().filter(|(_, person)| holds(person)).collect();
        let mut query = repo.query::<Person>().filter(condition);
        let sorts: Vec<Sorts> = (0..random.below(3)).map(|_| sort(random)).collect();
        expected.sort_by(|(_, a), (_, b)| {
            sorts
                .iter()
                .map(|(_, compare)| compare(a, b))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        for (sort, _) in sorts {
            query = query.order_by(sort);
        }
        let (offset, limit) = (random.below(2) * random.below(5), random.below(8));
        if offset > 0 {
            query = query.offset(offset);
        }
        if limit > 0 {
            query = query.limit(limit);
        }
        let most = if limit > 0 { limit } else { usize::MAX };
        let expected: Vec<_> = expected.into_iter().skip(offset).take(most).cloned().collect();
        let query = query.into_query().unwrap();
        let text = query.to_string();
        let typed = || repo.query::<Person>().matching(&text);
        let found: Vec<_> = typed()
            .run()
            .unwrap()
            .map(|person| person.unwrap())
            .map(|person| (person.key().clone(), (*person).clone()))
            .collect();
        assert_eq!(found, expected, "{shown}: {text}");
        assert_eq!(typed().count().unwrap(), expected.len(), "{text}");
        let keys: Vec<_> = typed().select(meta().key()).unwrap();
        assert_eq!(keys, expected.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn random_queries_find_what_plain_rust_finds() {
    let seed = from_env("DRONESTORE_SEED", 1);
    let mut random = Random::new(seed);
    let folder = tempfile::tempdir().unwrap();
    println!("seed {seed}");
    for round in 0..10 {
        let path = folder.path().join(format!("{round}.drone"));
        let here = Repo::open(&path).unwrap();
        let there = Repo::builder().replica_of(&here).open().unwrap();
        for _ in 0..4 {
            for repo in [&here, &there] {
                repo.transaction(|transaction| {
                    for _ in 0..12 {
                        let name = random.below(20).to_string();
                        match random.below(8) {
                            0 => drop(transaction.delete::<Person>(name.as_str())?),
                            _ => drop(transaction.update::<Person>(name.as_str(), |person| {
                                scramble(person, &mut random);
                                Ok(())
                            })?),
                        }
                    }
                    Ok(())
                })
                .unwrap();
            }
            ask(&here, &mut random, 250);
            match random.below(2) {
                0 => drop(here.merge(&there).unwrap()),
                _ => drop(here.sync_with(&there).unwrap()),
            }
            ask(&here, &mut random, 250);
        }
        here.verify().unwrap();
        there.verify().unwrap();
        drop(here);
        ask(&Repo::open(&path).unwrap(), &mut random, 100);
    }
}
