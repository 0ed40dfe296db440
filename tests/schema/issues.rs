//! What a repo says of data that other programs wrote.

use dronestore::schema::SchemaChange;
use dronestore::{Drone, Repo};

mod one {
    #[derive(dronestore::Drone)]
    #[drone(kind = "Hut")]
    pub struct Hut {
        #[merge(counter)]
        pub visits: u64,
        #[merge(latest)]
        #[drone(default = 4)]
        pub beds: u32,
        #[merge(latest)]
        pub height: u32,
        #[merge(latest)]
        pub owner: String,
        #[merge(nested)]
        pub place: Place,
        #[merge(latest_object)]
        pub kind: String,
        #[merge(rank("open", "shut"))]
        pub state: String,
    }

    #[derive(dronestore::Drone, Default)]
    #[drone(kind = "Place")]
    pub struct Place {
        #[merge(max)]
        pub north: u32,
    }
}

mod two {
    #[derive(dronestore::Drone)]
    #[drone(kind = "Hut")]
    pub struct Hut {
        #[merge(latest)]
        pub visits: u64,
        #[merge(latest)]
        #[drone(default = 6)]
        pub beds: u32,
        #[merge(latest)]
        pub height: String,
        #[merge(nested)]
        pub place: Place,
        #[merge(latest_object)]
        pub kind: String,
        #[merge(rank("shut", "open"))]
        pub state: String,
        #[merge(latest)]
        pub added: String,
    }

    #[derive(dronestore::Drone, Default)]
    #[drone(kind = "Place")]
    pub struct Place {
        #[merge(min)]
        pub north: u32,
    }
}

fn written() -> Repo {
    let repo = Repo::memory().unwrap();
    let mut hut = one::Hut::named("a").unwrap();
    (hut.visits, hut.owner, hut.kind) = (3, "ann".into(), "bivouac".into());
    hut.place.north = 4;
    repo.save(&mut hut).unwrap();
    repo
}

/// Another program on the same store.
fn elsewhere(repo: &Repo) -> Repo {
    Repo::builder().store(repo.store().clone()).open().unwrap()
}

fn lines(repo: &Repo) -> Vec<String> {
    let issues = repo.schema_issues_of::<two::Hut>().unwrap();
    issues.iter().map(ToString::to_string).collect()
}

#[test]
fn the_program_that_wrote_sees_no_issue() {
    let repo = written();
    assert!(repo.schema_issues().unwrap().is_empty());
    assert!(Repo::memory().unwrap().schema_issues_of::<two::Hut>().unwrap().is_empty());
}

#[test]
fn all_that_differs_is_listed_by_kind_and_attribute() {
    let repo = elsewhere(&written());
    assert!(repo.schema_issues().unwrap().is_empty(), "no model was used yet");
    let expected = [
        "Hut: `beds` reads as 6 where it was never written, elsewhere as 4",
        "Hut: `height` was written as `u32` and is read as `String`",
        "Hut: `owner` (`latest`) is not known to this program, which keeps it and passes it on",
        "Hut: `state` is read by `rank(\"shut\", \"open\")`, and elsewhere by `rank(\"open\", \"shut\")`",
        "Hut: `visits` is stored as `counter` too; both are kept, and this program reads `latest`",
        "Place: `north` is stored as `max` too; both are kept, and this program reads `min`",
    ];
    assert_eq!(lines(&repo), expected);
    assert_eq!(repo.schema_issues().unwrap().len(), expected.len());
}

#[test]
fn both_states_of_a_changed_strategy_are_kept() {
    let (old, new) = (written(), Repo::memory().unwrap());
    new.merge(&old).unwrap();
    let mut hut = new.get::<two::Hut>("a").unwrap().unwrap();
    assert_eq!((hut.visits, hut.place.north), (0, 0));
    hut.visits = 70;
    new.save(&mut hut).unwrap();
    old.merge(&new).unwrap();
    assert_eq!(old.get::<one::Hut>("a").unwrap().unwrap().visits, 3);
    old.update::<one::Hut>("a", |hut| {
        hut.visits += 1;
        Ok(())
    })
    .unwrap();
    new.merge(&old).unwrap();
    let version = new.get::<two::Hut>("a").unwrap().unwrap();
    assert_eq!(version.visits, 70);
    let value = version.version().unwrap().value().unwrap();
    let shown = |name| value.get(name).and_then(dronestore::Value::as_u64);
    assert_eq!((shown("visits"), shown("visits (counter)")), (Some(70), Some(4)));
}

// A single version comes without the schema of the program that wrote it; its shape tells.
#[test]
fn a_version_that_came_without_its_schema_is_told_of() {
    let mut hut = one::Hut::named("b").unwrap();
    (hut.visits, hut.owner, hut.kind) = (1, "bob".into(), "hut".into());
    hut.commit().unwrap();
    let repo = Repo::memory().unwrap();
    repo.merge(&hut).unwrap();
    assert!(repo.schemas().unwrap().is_empty());
    let issues = repo.schema_issues_of::<two::Hut>().unwrap();
    let told: Vec<_> = issues.iter().map(|issue| (issue.attribute.as_str(), &issue.what)).collect();
    let (here, stored) = ("latest".to_owned(), "counter".to_owned());
    assert_eq!(
        told,
        [
            ("owner", &SchemaChange::Unknown { strategy: "latest".into() }),
            ("visits", &SchemaChange::Strategy { here, stored }),
        ]
    );
}

#[test]
fn schemas_are_read_without_types() {
    let schemas = elsewhere(&written()).schemas().unwrap();
    assert_eq!(schemas, [one::Hut::schema()]);
    let beds = schemas[0].attributes.iter().find(|attribute| attribute.name == "beds").unwrap();
    assert_eq!(beds.default.as_deref(), Some("4"));
}
