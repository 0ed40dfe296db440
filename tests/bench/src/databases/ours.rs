//! dronestore: a repo in one file.

use super::record::{Field, Record};
use super::{Database, Options};
use dronestore::query::{Condition, Field as Handle, Sort};
use dronestore::{Drone, Find, Repo};
use std::hint::black_box;

/// A person with so many indexes.
pub trait Person: Drone {
    fn of(record: &Record) -> Self;
    fn set(&mut self, field: Field, value: u32);
    fn record(&self, id: &str) -> Record;
    fn visits(&self) -> u64;
    fn born_is(day: u32) -> Condition<Self>;
    fn born_within(days: (u32, u32)) -> Condition<Self>;
    fn by_birth() -> Sort<Self>;
    fn level_from(level: u32) -> Condition<Self>;
    fn last() -> Handle<Self, String>;
}

macro_rules! person {
    ($name:ident: $($indexed:ident)+) => {
        #[derive(Drone, Debug, Clone)]
        #[merge(latest)]
        #[drone(kind = "Person", $(index($indexed)),+)]
        pub struct $name {
            born: u32,
            last: String,
            email: String,
            city: String,
            country: String,
            phone: String,
            first: String,
            visits: u64,
            score: u32,
            joined: u64,
            level: u32,
            notes: String,
        }

        impl Person for $name {
            fn of(record: &Record) -> Self {
                let Record { born, visits, score, joined, level, .. } = *record;
                let Record { last, email, city, country, phone, first, notes, .. } = record.clone();
                $name { born, last, email, city, country, phone, first, visits, score, joined, level, notes }
            }

            fn set(&mut self, field: Field, value: u32) {
                match field {
                    Field::Born => self.born = value,
                    Field::Level => self.level = value,
                }
            }

            fn record(&self, id: &str) -> Record {
                let $name { born, visits, score, joined, level, .. } = *self;
                let $name { last, email, city, country, phone, first, notes, .. } = self.clone();
                let id = id.to_owned();
                Record { id, born, last, email, city, country, phone, first, visits, score, joined, level, notes }
            }

            fn visits(&self) -> u64 {
                self.visits
            }

            fn born_is(day: u32) -> Condition<Self> {
                Self::fields().born.eq(day)
            }

            fn born_within((from, to): (u32, u32)) -> Condition<Self> {
                Self::fields().born.ge(from).and(Self::fields().born.lt(to))
            }

            fn by_birth() -> Sort<Self> {
                Self::fields().born.asc()
            }

            fn level_from(level: u32) -> Condition<Self> {
                Self::fields().level.ge(level)
            }

            fn last() -> Handle<Self, String> {
                Self::fields().last
            }
        }
    };
}

person!(One: born);
person!(Three: born last email);
person!(Ten: born last email city country phone first visits score joined);

/// A repo of such persons.
pub struct Ours<T> {
    repo: Repo,
    model: std::marker::PhantomData<T>,
}

/// With so many indexes.
pub fn open(options: &Options<'_>) -> Box<dyn Database> {
    let repo = Repo::builder().path(options.file("ours")).cache_bytes(options.cache).open().unwrap();
    match options.indexes {
        1 => Ours::<One>::boxed(repo),
        3 => Ours::<Three>::boxed(repo),
        10 => Ours::<Ten>::boxed(repo),
        other => panic!("there is no model with {other} indexes"),
    }
}

impl<T: Person + 'static> Ours<T> {
    fn boxed(repo: Repo) -> Box<dyn Database> {
        Box::new(Ours::<T> { repo, model: std::marker::PhantomData })
    }

    fn load(find: Find<T>) -> usize {
        find.run().unwrap().map(|person| drop(black_box(person.unwrap()))).count()
    }
}

impl<T: Person> Database for Ours<T> {
    fn insert(&mut self, records: &[Record]) {
        self.replace(records);
    }

    fn replace(&mut self, records: &[Record]) {
        self.repo
            .transaction(|transaction| {
                for record in records {
                    transaction.put(&*record.id, T::of(record))?;
                }
                Ok(())
            })
            .unwrap();
    }

    fn update(&mut self, field: Field, changes: &[(String, u32)]) {
        self.repo
            .transaction(|transaction| {
                for (id, value) in changes {
                    transaction.update::<T>(&**id, |person| {
                        person.set(field, *value);
                        Ok(())
                    })?;
                }
                Ok(())
            })
            .unwrap();
    }

    fn delete(&mut self, ids: &[String]) {
        self.repo
            .transaction(|transaction| {
                for id in ids {
                    transaction.delete::<T>(&**id)?;
                }
                Ok(())
            })
            .unwrap();
    }

    fn read(&self, id: &str) -> Option<Record> {
        self.repo.get::<T>(id).unwrap().map(|person| person.record(id))
    }

    fn get(&self, id: &str) -> bool {
        black_box(self.repo.get::<T>(id).unwrap()).is_some()
    }

    fn born_on(&self, day: u32) -> usize {
        Self::load(self.repo.query::<T>().filter(T::born_is(day)))
    }

    fn born_within(&self, days: (u32, u32), limit: usize) -> usize {
        Self::load(self.repo.query::<T>().filter(T::born_within(days)).order_by(T::by_birth()).limit(limit))
    }

    fn last_of_level(&self, level: u32) -> Vec<String> {
        self.repo.query::<T>().filter(T::level_from(level)).select(T::last()).unwrap()
    }

    fn stream(&self) -> u64 {
        self.repo.query::<T>().run().unwrap().map(|person| person.unwrap().visits()).sum()
    }

    fn count(&self) -> usize {
        self.repo.query::<T>().count().unwrap()
    }
}
