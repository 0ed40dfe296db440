//! What queries say of how they are answered.

use super::{Address, Person};
use dronestore::{Drone, Find, PlanOrder, Repo};

fn repo() -> Repo {
    let repo = Repo::memory().unwrap();
    for number in 0..50u32 {
        let person = Person {
            first: format!("F{}", number % 7),
            last: format!("L{}", number % 3),
            age: 20 + number,
            visits: i64::from(number % 2),
            tags: [format!("t{}", number % 5)].into(),
            steps: vec![i64::from(number)],
            home: Address { city: format!("C{}", number % 4), number: None },
            ..Person::default()
        };
        repo.put(number.to_string().as_str(), person).unwrap();
    }
    repo
}

#[test]
fn a_plan_says_what_is_used_what_is_filtered_and_what_is_sorted() {
    let repo = repo();
    let f = Person::fields;
    let check = |find: Find<Person>, expected: &[&str]| {
        let plan = find.explain().unwrap();
        assert_eq!(plan.to_string().lines().collect::<Vec<_>>(), expected);
        let json = serde_json::to_value(&plan).unwrap();
        assert_eq!(json["kind"], "Person");
    };
    let query = || repo.query::<Person>();
    check(query(), &["walk over all `Person`", "order: as found"]);
    check(
        query().under(&Person::key_of("1").unwrap()).filter(f().first.eq("F1")),
        &[
            "walk over `Person` at and below `/Person:1`",
            "filter: `first name` ?? \"\" = \"F1\"",
            "order: as found",
        ],
    );
    check(
        query().filter(f().first.eq("F1")),
        &["index Person(`first name`), 1 range, 7 rows", "order: as found"],
    );
    check(
        query().filter(f().last.eq("L1").and(f().age.gt(60))),
        &["index Person(last, age), 1 range, 3 rows", "order: keys are sorted"],
    );
    check(
        query().filter(f().tags.has("t1").and(f().visits.eq(1))),
        &[
            "index Person(tags, `first name`), 1 range, 10 rows",
            "filter: visits ?? 0 = 1",
            "order: keys are sorted",
        ],
    );
    check(
        query().filter(f().steps.any(3i64).or(f().home.then(Address::fields().city).eq("C1"))),
        &[
            "index Person(steps), 2 ranges and index Person(home.city), 1 range, 14 rows",
            "filter: steps ?? [] has 3 or home.city ?? \"\" = \"C1\"",
            "order: as found",
        ],
    );
    check(
        query().order_by(f().last.desc()).limit(3),
        &["index Person(last, age), 1 range", "order: group by group"],
    );
    check(
        query().order_by(f().last.asc()).order_by(f().age.asc()).limit(3),
        &["index Person(last, age), 1 range", "order: as found"],
    );
    check(
        query().filter(f().notes.contains("x")).order_by(f().visits.asc()),
        &["walk over all `Person`", "filter: notes ?? \"\" contains \"x\"", "order: all are sorted"],
    );
    let plan = query().filter(f().last.eq("L1")).order_by(f().age.desc()).limit(2).explain().unwrap();
    assert_eq!((plan.order, plan.indexes[0].fields), (PlanOrder::AsFound, 1));
}
