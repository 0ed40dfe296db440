//! Queries without the Rust type: by the schema that came with the data.

use super::Person;
use dronestore::query::Query;
use dronestore::{Drone, Repo};

/// The same kind, in a program that knows less of it.
mod older {
    use dronestore::Drone;

    #[derive(Drone, Debug, Clone, Default)]
    pub struct Person {
        #[merge(max)]
        #[drone(default = 18)]
        pub age: u32,
        #[merge(max)]
        pub visits: i64,
    }
}

#[test]
fn a_program_without_the_type_finds_the_same() {
    let typed = Repo::memory().unwrap();
    for number in 0..20u32 {
        let person = Person {
            age: 18 + number % 5,
            last: format!("L{}", number % 3),
            tags: [format!("t{}", number % 4)].into(),
            ..Person::default()
        };
        typed.put(number.to_string().as_str(), person).unwrap();
    }
    let untyped = Repo::builder().replica_of(&typed).open().unwrap();
    untyped.merge(&typed).unwrap();
    for text in [
        "",
        "last = \"L1\" order by age desc",
        "tags has \"t2\" and age ?? 18 <= 20 limit 3",
        "`first name` ?? \"\" = \"\" order by @committed desc offset 2",
        "visits ?? 0 = 0 and home.city is none",
    ] {
        let query: Query = text.parse().unwrap();
        let found = untyped.query_kind("Person", &query).unwrap().run().unwrap();
        let found: Vec<_> = found.map(|version| version.unwrap().key().clone()).collect();
        assert_eq!(found, typed.query::<Person>().matching(text).keys().unwrap(), "{text}");
        assert!(!found.is_empty(), "{text}");
    }
    assert_eq!(untyped.query_kind("Nobody", &Query::new()).unwrap().run().unwrap().count(), 0);
}

#[test]
fn what_can_find_nothing_is_an_error() {
    let repo = Repo::memory().unwrap();
    repo.put("a", Person { age: 18, ..Person::default() }).unwrap();
    for (text, message) in [
        ("agee >= 18", "`agee >= 18`: `Person` has no attribute `agee`; it has"),
        (
            "age >= \"18\"",
            "`age >= \"18\"`: `age` is of type `u32`, and \"18\" is a text; write `18` without quotes",
        ),
        ("order by home.citty", "`home.citty`: `"),
    ] {
        let typed = repo.query::<Person>().matching(text).count().unwrap_err().to_string();
        let untyped = repo.query_kind("Person", &text.parse().unwrap()).unwrap_err().to_string();
        assert!(typed.starts_with(message) && untyped.starts_with(message), "{typed}\n{untyped}");
    }
    // What another program has stored can be asked for, whatever this one knows.
    let older = Repo::builder().replica_of(&repo).open().unwrap();
    older.put("b", older::Person { visits: 7, ..older::Person::default() }).unwrap();
    older.merge(&repo).unwrap();
    assert!(older.query::<older::Person>().matching("last = \"\"").count().is_ok());
    assert!(older.query_kind("Person", &"last = \"\"".parse().unwrap()).is_ok());
}

#[test]
fn a_model_finds_by_what_it_reads_and_not_by_what_others_wrote() {
    let newer = Repo::memory().unwrap();
    newer.put("x", Person { visits: 5, age: 30, ..Person::default() }).unwrap();
    let older = Repo::builder().replica_of(&newer).open().unwrap();
    older.merge(&newer).unwrap();
    // `visits` is a counter there and a maximum here: two attributes under one name.
    let read = older.get::<older::Person>("x").unwrap().unwrap();
    assert_eq!((read.visits, read.age), (0, 30));
    let find = |visits: i64| older.query::<older::Person>().filter(older::Person::fields().visits.eq(visits));
    assert_eq!(find(0).count().unwrap(), 1);
    assert_eq!(find(5).count().unwrap(), 0);
}

#[test]
fn an_attribute_that_programs_stored_in_two_ways_is_read_in_both() {
    let newer = Repo::memory().unwrap();
    newer.put("a", Person { visits: 5, ..Person::default() }).unwrap();
    let older = Repo::builder().replica_of(&newer).open().unwrap();
    older.put("b", older::Person { visits: 7, ..older::Person::default() }).unwrap();
    let query: Query = "visits >= 5".parse().unwrap();
    for repo in [&newer, &older] {
        repo.merge(if std::ptr::eq(repo, &newer) { &older } else { &newer }).unwrap();
        assert_eq!(repo.query_kind("Person", &query).unwrap().run().unwrap().count(), 2);
    }
}
