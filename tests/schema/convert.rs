//! A field of one type that is stored as another: programs with either share it.

use dronestore::{Convert, Drone, Error, ErrorKind, Repo, Result, check_conversion};
use serde::{Deserialize, Serialize};

mod old {
    #[derive(dronestore::Drone, Debug, Clone)]
    #[drone(kind = "House")]
    #[merge(latest)]
    pub struct House {
        pub number: u32,
        #[merge(max)]
        pub highest: String,
        #[merge(conflict)]
        pub owner: String,
        #[merge(latest_object)]
        pub city: String,
        pub note: String,
    }
}

mod new {
    use super::{Lower, Name, Number, Text};

    #[derive(dronestore::Drone, Debug, Clone)]
    #[drone(kind = "House")]
    #[merge(latest)]
    pub struct House {
        #[drone(convert = "Text", default = "0".to_owned())]
        pub number: String,
        #[merge(max)]
        #[drone(convert = "Number")]
        pub highest: u64,
        #[merge(conflict)]
        #[drone(convert = "Name", required)]
        pub owner: Name,
        #[merge(latest_object)]
        #[drone(convert = "Lower")]
        pub city: String,
        pub note: String,
    }
}

fn invalid(value: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("`{value}` is no number"))
}

/// Stored as a number, a text in the program.
pub struct Text;

impl Convert<String> for Text {
    type Stored = u32;

    fn load(stored: u32) -> Result<String> {
        Ok(stored.to_string())
    }

    fn store(value: &String) -> Result<u32> {
        value.parse().map_err(|_| invalid(value))
    }
}

/// Stored as a text, a number in the program; of one width, so that the largest text is the largest number.
pub struct Number;

impl Convert<u64> for Number {
    type Stored = String;

    fn load(stored: String) -> Result<u64> {
        if stored.is_empty() { Ok(0) } else { stored.parse().map_err(|_| invalid(&stored)) }
    }

    fn store(value: &u64) -> Result<String> {
        Ok(if *value == 0 { String::new() } else { format!("{value:04}") })
    }
}

#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub struct Name {
    pub name: String,
}

impl Convert<Name> for Name {
    type Stored = String;

    fn load(stored: String) -> Result<Name> {
        Ok(Name { name: stored })
    }

    fn store(value: &Name) -> Result<String> {
        Ok(value.name.clone())
    }
}

/// Loses something: what it reads is lower case.
pub struct Lower;

impl Convert<String> for Lower {
    type Stored = String;

    fn load(stored: String) -> Result<String> {
        Ok(stored.to_lowercase())
    }

    fn store(value: &String) -> Result<String> {
        Ok(value.clone())
    }
}

#[test]
fn conversions_are_checked_on_examples() {
    check_conversion::<Text, String>(["0", "12"].map(String::from)).unwrap();
    check_conversion::<Number, u64>([0, 1, 999, 1000]).unwrap();
    check_conversion::<Name, Name>([Name::default(), Name { name: "a".into() }]).unwrap();
    for (value, said) in [("012", "comes back as \"12\""), ("x", "is no number")] {
        let error = check_conversion::<Text, String>([value.to_owned()]).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    assert!(check_conversion::<Lower, String>(["Bern".to_owned()]).is_err());
}

#[test]
fn old_and_new_programs_read_and_write_one_attribute() {
    let (old, new) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    let mut house = old::House::named("a").unwrap();
    (house.number, house.highest, house.owner) = (12, "0300".into(), "ann".into());
    old.save(&mut house).unwrap();
    new.merge(&old).unwrap();
    let mut house = new.get::<new::House>("a").unwrap().unwrap();
    assert_eq!((house.number.as_str(), house.highest, house.owner.name.as_str()), ("12", 300, "ann"));
    assert!(house.changes().unwrap().is_empty());
    (house.number, house.highest, house.owner.name) = ("13".into(), 450, "bea".into());
    new.save(&mut house).unwrap();
    // At once: the old program writes too.
    old.update::<old::House>("a", |house| {
        house.note = "red".into();
        Ok(())
    })
    .unwrap();
    old.merge(&new).unwrap();
    new.merge(&old).unwrap();
    assert_eq!(old.hash(), new.hash());
    let read = old.get::<old::House>("a").unwrap().unwrap();
    assert_eq!((read.number, read.highest.as_str(), read.owner.as_str()), (13, "0450", "bea"));
    assert_eq!(read.note, "red");
    for repo in [&old, &new] {
        assert!(repo.schema_issues().unwrap().is_empty());
    }
}

#[test]
fn what_the_stored_type_cannot_hold_fails_the_commit() {
    let mut house = new::House::named("a").unwrap();
    house.owner.name = "ann".into();
    house.number = "12a".into();
    let error = house.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert!(error.to_string().contains("attribute `number`"), "{error}");
    assert!(house.version().is_none());
    house.number = "12".into();
    house.owner.name = String::new();
    assert_eq!(house.commit().unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn what_reads_alike_is_no_change() {
    let repo = Repo::memory().unwrap();
    let mut house = old::House::named("a").unwrap();
    (house.city, house.highest) = ("BERN".into(), "00300".into());
    repo.save(&mut house).unwrap();
    let program = Repo::builder().store(repo.store().clone()).open().unwrap();
    let mut house = program.get::<new::House>("a").unwrap().unwrap();
    assert_eq!((house.city.as_str(), house.highest), ("bern", 300));
    assert!(house.changes().unwrap().is_empty());
    house.owner.name = "ann".into();
    program.save(&mut house).unwrap();
    let stored = house.version().unwrap();
    assert_eq!(stored.read("city").unwrap().unwrap().as_text(), Some("BERN"));
    assert_eq!(stored.read("highest").unwrap().unwrap().as_text(), Some("00300"));
}

#[test]
fn after_a_commit_a_field_reads_as_it_will_be_loaded() {
    let mut house = new::House::named("a").unwrap();
    house.owner.name = "ann".into();
    house.city = "Bern".into();
    house.commit().unwrap();
    assert_eq!(house.city, "bern");
    assert!(house.changes().unwrap().is_empty());
}

#[test]
fn the_schema_names_the_conversion() {
    let schema = new::House::schema();
    let number = schema.attributes.iter().find(|attribute| attribute.name == "number").unwrap();
    assert_eq!(
        (number.convert.as_deref(), number.default.as_deref()),
        (Some("Text"), Some("\"0\".to_owned()"))
    );
}

#[derive(Drone, Debug)]
struct Unstorable {
    #[merge(latest)]
    #[drone(convert = "Text", default = "ground floor".to_owned())]
    floor: String,
    #[merge(counter)]
    visits: u32,
}

#[test]
fn a_default_that_cannot_be_stored_is_told_and_changes_nothing() {
    let repo = Repo::memory().unwrap();
    let error = Unstorable::named("a")
        .map(|_| ())
        .or_else(|_| repo.put("a", Unstorable { floor: "2".into(), visits: 1 }).map(|_| ()));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
    assert!(error.to_string().contains("`ground floor` is no number"), "{error}");
    assert_eq!(repo.len(), 0);
}
