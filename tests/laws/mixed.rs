//! Whole models that mix the strategies.

use super::history::check;
use super::models::model;
use super::shown::Shown;
use super::spec::{Rule, SetRule, Spec, counter, latest, map};
use std::collections::{BTreeMap, BTreeSet, HashMap};

model!(Address {
    street: i64, [latest], 0, latest();
    zip: i64, [latest_object], 1, Spec::Member;
    city: i64, [latest_object], 2, Spec::Member;
    seen: BTreeSet<u8>, [set], BTreeSet::from([2]), Spec::Set(SetRule::AddWins);
});

model!(Person {
    name: i64, [latest], 0, latest();
    age: i64, [max], 0, Spec::Register(Rule::Max);
    visits: u64, [counter], 0, Spec::Counter { only_grows: true };
    tags: BTreeSet<u8>, [set], BTreeSet::new(), Spec::Set(SetRule::AddWins);
    height: i64, [latest_object], 0, Spec::Member;
    weight: i64, [latest_object], 0, Spec::Member;
    home: Address, [nested], Address::start(), Spec::Nested(Address::specs());
    banned: bool, [flag], false, Spec::Register(Rule::Flag);
});

model!(Shop {
    stock: HashMap<u8, i64>, [map(counter)], HashMap::new(), map(counter());
    branches: BTreeMap<u8, Address>, [map(nested)], BTreeMap::new(), map(Spec::Nested(Address::specs()));
    prices: BTreeMap<u8, BTreeMap<u8, i64>>, [map(map(latest))], BTreeMap::new(), map(map(latest()));
    closed: BTreeSet<u8>, [set(remove_wins)], BTreeSet::new(), Spec::Set(SetRule::RemoveWins);
    owner: i64, [first], 0, Spec::Register(Rule::First);
    note: i64, [conflict], 0, Spec::Register(Rule::Conflict);
});

model!(Depot {
    shop: Shop, [nested], Shop::start(), Spec::Nested(Shop::specs());
    people: BTreeMap<u8, Person>, [map(nested)], BTreeMap::new(), map(Spec::Nested(Person::specs()));
});

#[test]
fn person_keeps_the_laws() {
    check::<Person>(10_000);
}

#[test]
fn shop_keeps_the_laws() {
    check::<Shop>(10_000);
}

#[test]
fn depot_keeps_the_laws() {
    check::<Depot>(10_000);
}
