//! native_db: typed objects over redb, indexes by its derive.

use super::Options;
use super::record::{Field, Record};
use native_db::db_type::{KeyOptions, ToInput, ToKeyDefinition};
// The derive wants the whole of it.
use native_db::*;
use native_model::{Model, native_model};
use serde::{Deserialize, Serialize};
use std::hint::black_box;

/// A person with so many secondary keys.
pub trait Person: ToInput + Clone {
    fn of(record: &Record) -> Self;
    fn record(self) -> Record;
    fn set(&mut self, field: Field, value: u32);
    fn born() -> impl ToKeyDefinition<KeyOptions>;
    fn level(&self) -> u32;
    fn visits(&self) -> u64;
    fn last(self) -> String;
}

macro_rules! person {
    ($name:ident $key:ident $number:literal: $($(#[$mark:ident])? $field:ident: $type:ident,)+) => {
        #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
        #[native_model(id = $number, version = 1)]
        #[native_db]
        pub struct $name {
            #[primary_key]
            id: String,
            $($(#[$mark])? $field: $type,)+
        }

        impl Person for $name {
            fn of(record: &Record) -> Self {
                let record = record.clone();
                $name { id: record.id, $($field: record.$field),+ }
            }

            fn record(self) -> Record {
                Record { id: self.id, $($field: self.$field),+ }
            }

            fn set(&mut self, field: Field, value: u32) {
                match field {
                    Field::Born => self.born = value,
                    Field::Level => self.level = value,
                }
            }

            fn born() -> impl ToKeyDefinition<KeyOptions> {
                $key::born
            }

            fn level(&self) -> u32 {
                self.level
            }

            fn visits(&self) -> u64 {
                self.visits
            }

            fn last(self) -> String {
                self.last
            }
        }
    };
}

person! { One OneKey 1:
    #[secondary_key] born: u32, last: String, email: String, city: String, country: String, phone: String,
    first: String, visits: u64, score: u32, joined: u64, level: u32, notes: String,
}
person! { Three ThreeKey 1:
    #[secondary_key] born: u32, #[secondary_key] last: String, #[secondary_key] email: String, city: String,
    country: String, phone: String, first: String, visits: u64, score: u32, joined: u64, level: u32, notes: String,
}
person! { Ten TenKey 1:
    #[secondary_key] born: u32, #[secondary_key] last: String, #[secondary_key] email: String,
    #[secondary_key] city: String, #[secondary_key] country: String, #[secondary_key] phone: String,
    #[secondary_key] first: String, #[secondary_key] visits: u64, #[secondary_key] score: u32,
    #[secondary_key] joined: u64, level: u32, notes: String,
}

/// A database of such persons.
pub struct NativeDb<T> {
    database: native_db::Database<'static>,
    model: std::marker::PhantomData<T>,
}

/// With so many secondary keys.
pub fn open(options: &Options<'_>) -> Box<dyn super::Database> {
    match options.indexes {
        1 => NativeDb::<One>::boxed(options),
        3 => NativeDb::<Three>::boxed(options),
        10 => NativeDb::<Ten>::boxed(options),
        other => panic!("there is no model with {other} indexes"),
    }
}

impl<T: Person + 'static> NativeDb<T> {
    fn boxed(options: &Options<'_>) -> Box<dyn super::Database> {
        let mut models = Models::new();
        models.define::<T>().unwrap();
        let (mut builder, path) = (Builder::new(), options.file("native_db"));
        builder.set_cache_size(options.cache);
        let models: &'static Models = Box::leak(Box::new(models));
        let database = match path.exists() {
            true => builder.open(models, path),
            false => builder.create(models, path),
        };
        Box::new(NativeDb::<T> { database: database.unwrap(), model: std::marker::PhantomData })
    }
}

impl<T: Person> super::Database for NativeDb<T> {
    fn insert(&mut self, records: &[Record]) {
        let transaction = self.database.rw_transaction().unwrap();
        records.iter().for_each(|record| transaction.insert(T::of(record)).unwrap());
        transaction.commit().unwrap();
    }

    fn replace(&mut self, records: &[Record]) {
        let transaction = self.database.rw_transaction().unwrap();
        records.iter().for_each(|record| drop(transaction.upsert(T::of(record)).unwrap()));
        transaction.commit().unwrap();
    }

    fn update(&mut self, field: Field, changes: &[(String, u32)]) {
        let transaction = self.database.rw_transaction().unwrap();
        for (id, value) in changes {
            let before: T = transaction.get().primary(&**id).unwrap().unwrap();
            let mut after = before.clone();
            after.set(field, *value);
            transaction.update(before, after).unwrap();
        }
        transaction.commit().unwrap();
    }

    fn delete(&mut self, ids: &[String]) {
        let transaction = self.database.rw_transaction().unwrap();
        for id in ids {
            let person: T = transaction.get().primary(&**id).unwrap().unwrap();
            transaction.remove(person).unwrap();
        }
        transaction.commit().unwrap();
    }

    fn read(&self, id: &str) -> Option<Record> {
        self.database.r_transaction().unwrap().get().primary::<T>(id).unwrap().map(T::record)
    }

    fn get(&self, id: &str) -> bool {
        black_box(self.database.r_transaction().unwrap().get().primary::<T>(id).unwrap()).is_some()
    }

    fn born_on(&self, day: u32) -> usize {
        self.born_within((day, day + 1), usize::MAX)
    }

    fn born_within(&self, (from, to): (u32, u32), limit: usize) -> usize {
        let transaction = self.database.r_transaction().unwrap();
        let scan = transaction.scan().secondary::<T>(T::born()).unwrap();
        let found = scan.range(from..to).unwrap().take(limit);
        found.map(|person| drop(black_box(person.unwrap()))).count()
    }

    fn last_of_level(&self, level: u32) -> Vec<String> {
        let transaction = self.database.r_transaction().unwrap();
        let scan = transaction.scan().primary::<T>().unwrap();
        let all = scan.all().unwrap().map(Result::unwrap);
        all.filter(|person| person.level() >= level).map(T::last).collect()
    }

    fn stream(&self) -> u64 {
        let transaction = self.database.r_transaction().unwrap();
        let scan = transaction.scan().primary::<T>().unwrap();
        scan.all().unwrap().map(|person| person.unwrap().visits()).sum()
    }

    fn count(&self) -> usize {
        self.database.r_transaction().unwrap().len().primary::<T>().unwrap() as usize
    }
}
