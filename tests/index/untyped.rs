//! Programs without the Rust type: they keep indexes right, and use them.

use super::Person;
use dronestore::query::Query;
use dronestore::{Drone, Repo, Value};

#[test]
fn who_has_no_type_writes_indexes_and_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.drone");
    {
        let typed = Repo::open(&path).unwrap();
        for number in 0..30u32 {
            let person = Person { age: 18 + number, last: format!("L{}", number % 3), ..Person::default() };
            typed.put(number.to_string().as_str(), person).unwrap();
        }
    }
    let tool = Repo::open(&path).unwrap();
    let key = Person::key_of("3").unwrap();
    tool.update_values("Person", &key, |values| {
        values.insert("age".into(), Value::from(99));
        values.insert("tags".into(), Value::List(vec!["tea".into()]));
        Ok(())
    })
    .unwrap();
    tool.delete_object("Person", &Person::key_of("4").unwrap()).unwrap();
    tool.verify().unwrap();
    for (text, index, count) in [
        ("age >= 40", "Person(age)", 9),
        ("age = 99", "Person(age)", 1),
        ("last = \"L1\" and age < 30", "Person(last, age)", 3),
        ("tags has \"tea\"", "Person(tags, `first name`)", 1),
        ("age ?? 18 < 20 order by age ?? 18 desc", "Person(age)", 2),
    ] {
        let query: Query = text.parse().unwrap();
        let find = || tool.query_kind("Person", &query).unwrap();
        assert_eq!(find().explain().unwrap().indexes[0].index, index, "{text}");
        assert_eq!(find().run().unwrap().count(), count, "{text}");
    }
    // What reads otherwise where nothing was written is no answer of an index: nobody has no age.
    for text in ["age is none", "not age >= 40", "first name is none"] {
        let Ok(query) = text.parse::<Query>() else { continue };
        let find = || tool.query_kind("Person", &query).unwrap();
        assert!(find().explain().unwrap().indexes.is_empty(), "{text}");
    }
    drop(tool);
    let typed = Repo::open(&path).unwrap();
    assert_eq!(typed.query::<Person>().filter(Person::fields().age.eq(99)).count().unwrap(), 1);
    typed.verify().unwrap();
}

#[test]
fn what_programs_store_in_two_ways_is_not_asked_of_an_index() {
    mod older {
        use dronestore::Drone;

        #[derive(Drone, Debug, Clone, Default)]
        pub(super) struct Person {
            #[merge(latest)]
            #[drone(default = 18)]
            pub(super) age: u32,
        }
    }
    let typed = Repo::memory().unwrap();
    typed.put("a", Person { age: 40, ..Person::default() }).unwrap();
    let query: Query = "age >= 30".parse().unwrap();
    let find = || typed.query_kind("Person", &query).unwrap();
    assert_eq!(find().explain().unwrap().indexes.len(), 1);
    let other = Repo::builder().replica_of(&typed).open().unwrap();
    other.put("b", older::Person { age: 50 }).unwrap();
    typed.merge(&other).unwrap();
    assert!(find().explain().unwrap().indexes.is_empty());
    assert_eq!(find().run().unwrap().count(), 2);
    assert_eq!(typed.query::<Person>().filter(Person::fields().age.ge(30)).count().unwrap(), 1);
    typed.verify().unwrap();
}
