//! The first things a user does.

use dronestore::{Drone, Merge, Versioned};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct MyModel {
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    second: String,
}

#[test]
fn hello_world() {
    let mut a = MyModel::named("FooBar").unwrap();
    let mut b = MyModel::named("FooBar").unwrap();
    a.first = "Hello".into();
    b.second = "World".into();
    a.commit().unwrap();
    b.commit().unwrap();
    assert_eq!(a.merge(&b).unwrap(), Merge::Joined);
    assert_eq!(format!("{} {}", a.first, a.second), "Hello World");
    assert_eq!(b.merge(&a).unwrap(), Merge::Forward);
    assert_eq!(a.version(), b.version());
    assert_eq!(a.merge(&b).unwrap(), Merge::Known);
    let version = a.version().unwrap();
    version.verify().unwrap();
    let back = dronestore::Version::from_bytes(&version.to_bytes()).unwrap();
    assert_eq!(&back, version);
    let json = dronestore::version::to_json(version).unwrap();
    assert_eq!(&dronestore::version::from_json(&json).unwrap(), version);
}

#[derive(Drone, Debug, Clone, PartialEq)]
struct Person {
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    last: String,
    #[merge(latest)]
    phone: String,
    #[merge(max)]
    age: u32,
    #[merge(counter)]
    visits: u64,
    #[merge(set)]
    tags: BTreeSet<String>,
    #[merge(latest_object)]
    gender: Option<String>,
    #[merge(map(counter))]
    votes: BTreeMap<String, i64>,
}

#[test]
fn person() {
    let mut p1 = Person::named("jbenet").unwrap();
    p1.first = "Juan".into();
    p1.age = 23;
    p1.visits += 2;
    p1.tags.extend(["a".to_string(), "b".to_string()]);
    p1.votes.insert("x".into(), 3);
    p1.gender = Some("Male".into());
    let report = p1.commit().unwrap();
    assert!(report.is_new());
    assert!(!p1.commit().unwrap().is_new());
    let mut p2 = Versioned::<Person>::from_version(p1.version().unwrap().clone()).unwrap();
    p2.last = "Benet".into();
    p2.visits += 1;
    p2.tags.remove("a");
    p2.tags.insert("c".into());
    *p2.votes.get_mut("x").unwrap() += 1;
    p2.commit().unwrap();
    p1.visits += 5;
    p1.age = 20;
    p1.votes.remove("x");
    p1.tags.remove("b");
    let report = p1.commit().unwrap();
    assert_eq!(report.not_recorded.len(), 1, "{report}");
    assert_eq!(p1.age, 23);
    p1.merge(&p2).unwrap();
    assert_eq!(p1.visits, 8);
    assert_eq!(p1.tags, BTreeSet::from(["c".to_string()]));
    assert_eq!(p1.votes, BTreeMap::from([("x".to_string(), 1)]));
    p1.version().unwrap().verify().unwrap();
}
