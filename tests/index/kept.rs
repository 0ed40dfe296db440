//! Indexes are what their objects say, whatever is done and wherever it stops: `verify` recomputes every row.

use super::{Address, Person};
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{Drone, Error, Repo, Resolution, Rule};
use std::sync::Arc;

/// Something that a program does. It may fail at any place.
fn step(repo: &Repo, other: &Repo, random: &mut Random) -> Result<(), Error> {
    let name = random.below(6).to_string();
    let (name, number) = (name.as_str(), random.below(4) as i64);
    let which = random.below(9);
    println!("  step {which} {name} {number}");
    match which {
        0 => drop(repo.delete::<Person>(name)?),
        1 => drop(repo.merge(other)?),
        2 => drop(repo.sync_with(other)?),
        3 => {
            let person = Person { age: 20 + number as u32, steps: vec![number, 1], ..Person::default() };
            repo.put(name, person)?;
        }
        4 => {
            if let Some(mut person) = repo.get::<Person>(name)? {
                person.home = Address { city: format!("c{number}"), number: None };
                person.tags.insert(format!("t{number}"));
                repo.save(&mut person)?;
            }
        }
        5 => {
            let conflict = repo.conflicts::<Person>()?.next().transpose()?;
            if let Some(conflict) = conflict {
                repo.resolve(&conflict, Resolution::Side(random.below(conflict.sides().len())))?;
            }
        }
        6 => {
            let key = Person::key_of(name)?;
            repo.update_values("Person", &key, |values| {
                values.insert("phone".into(), format!("p{number}").as_str().into());
                Ok(())
            })?;
        }
        7 => {
            let rule = [Rule::Newest, Rule::Oldest, Rule::Ask][random.below(3)];
            repo.resolve_all::<Person>(None, rule)?;
        }
        _ => {
            repo.transaction(|transaction| {
                transaction.delete::<Person>(name)?;
                transaction.update::<Person>(name, |person| {
                    person.phone = format!("q{number}");
                    person.visits += number;
                    Ok(())
                })?;
                transaction.update::<Person>("9", |person| {
                    person.nick = (number > 1).then(|| "x".repeat(250 + number as usize));
                    person.weight = number as f64 / 3.0;
                    Ok(())
                })
            })?;
        }
    }
    Ok(())
}

#[test]
fn random_work_that_fails_at_any_place_leaves_indexes_right() {
    let seed = from_env("DRONESTORE_SEED", 1);
    println!("seed {seed}");
    for round in 0..40u64 {
        let mut random = Random::new(seed * 1000 + round);
        let memory = Arc::new(MemoryStore::new());
        let store = FaultyStore::new(memory.clone());
        let other = Repo::memory().unwrap();
        other.put("0", Person::default()).unwrap();
        let mut repo = Repo::builder().store(Arc::new(store.clone())).replica_of(&other).open().unwrap();
        for _ in 0..40 {
            step(&other, &repo, &mut random).unwrap();
            let fault = [Fault::Refuse, Fault::Lose, Fault::Keep][random.below(3)];
            match random.below(3) {
                0 => store.fail_apply(1 + random.below(2) as u64, fault),
                1 => store.fail_call(1 + random.below(30) as u64, fault),
                _ => {}
            }
            println!("round {round}:");
            let done = step(&repo, &other, &mut random);
            println!("  {done:?}");
            store.heal();
            if random.below(6) == 0 {
                drop(repo);
                repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            }
            repo.verify().unwrap();
        }
        other.merge(&repo).unwrap();
        other.verify().unwrap();
        repo.build_indexes::<Person>().unwrap();
        let rows = repo.verify().unwrap().index_rows;
        repo.rebuild_indexes::<Person>().unwrap();
        assert_eq!(repo.verify().unwrap().index_rows, rows);
    }
}

/// The same kind, in a program that asks for no index.
mod plain {
    use dronestore::Drone;

    #[derive(Drone, Debug, Clone, Default)]
    pub struct Item {
        #[merge(latest)]
        pub name: String,
        #[merge(counter)]
        pub count: i64,
    }
}

#[derive(Drone, Debug, Clone, Default)]
#[drone(index(name, count))]
struct Item {
    #[merge(latest)]
    #[drone(index)]
    name: String,
    #[merge(counter)]
    count: i64,
}

#[test]
fn a_build_that_is_killed_goes_on_and_what_is_written_meanwhile_is_in_it() {
    let count = 3500;
    for stop in [1, 2, 3, 5, 100] {
        let memory = Arc::new(MemoryStore::new());
        let store = FaultyStore::new(memory.clone());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        repo.transaction(|transaction| {
            for number in 0..count {
                let item = plain::Item { name: format!("n{}", number % 50), count: number };
                transaction.put(format!("{number:05}").as_str(), item)?;
            }
            Ok(())
        })
        .unwrap();
        drop(repo);
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        store.fail_apply(stop, Fault::Lose);
        let mut steps = 0;
        let built = repo.build_indexes_with::<Item>(|_| {
            steps += 1;
            true
        });
        assert_eq!(built.is_ok(), stop == 100);
        store.heal();
        drop(repo);
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        repo.verify().unwrap();
        for name in ["00003", "01500", "03400", "x"] {
            repo.update::<Item>(name, |item| {
                item.name = "other".into();
                Ok(())
            })
            .unwrap();
        }
        repo.delete::<Item>("03000").unwrap();
        repo.verify().unwrap();
        let rest = repo.build_indexes::<Item>().unwrap();
        assert!(stop < 3 || rest.objects < count as u64, "{stop}: {rest:?}");
        let report = repo.verify().unwrap();
        assert_eq!(report.index_rows, 2 * count as u64);
        let others = repo.query::<Item>().filter(Item::fields().name.eq("other"));
        assert_eq!(others.count().unwrap(), 4);
    }
}
