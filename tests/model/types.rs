//! Types that do not behave: what a program must not lose by them.

use dronestore::{Drone, ErrorKind, Merge, Repo, Versioned};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A text whose order and equality ignore case, as its encoding does not.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Tag(String);

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for Tag {}
impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Tag {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.to_ascii_lowercase().cmp(&other.0.to_ascii_lowercase())
    }
}

#[derive(Drone, Debug, Clone)]
struct Tagged {
    #[merge(set)]
    tags: BTreeSet<Tag>,
    #[merge(counter)]
    small: i8,
}

#[test]
fn two_elements_that_read_as_one_are_not_removed_by_a_commit_without_an_edit() {
    let mut a = Tagged::named("x").unwrap();
    let mut b = Tagged::named("x").unwrap();
    a.tags.insert(Tag("A".into()));
    b.tags.insert(Tag("a".into()));
    a.commit().unwrap();
    b.commit().unwrap();
    assert_eq!(a.merge(&b).unwrap(), Merge::Joined);
    assert_eq!(a.tags.len(), 1);
    assert!(!a.commit().unwrap().is_new());
}

#[test]
fn a_counter_that_does_not_fit_its_field_counts_no_phantoms() {
    let repo = Repo::memory().unwrap();
    repo.save(&mut Tagged::named("x").unwrap()).unwrap();
    let mut handles: Vec<Versioned<Tagged>> =
        (0..2).map(|_| repo.get::<Tagged>("x").unwrap().unwrap()).collect();
    for handle in &mut handles {
        handle.small += 100;
        repo.save(handle).unwrap();
    }
    let mut handle = repo.get::<Tagged>("x").unwrap().unwrap();
    assert_eq!(handle.small, 127);
    handle.small = 126;
    repo.save(&mut handle).unwrap();
    for _ in 0..3 {
        assert!(!repo.save(&mut handle).unwrap().is_new());
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Unreadable {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<u8>,
}

#[derive(Drone, Debug)]
struct Holder {
    #[merge(latest)]
    #[drone(default = Unreadable { items: vec![1] })]
    held: Unreadable,
}

#[test]
fn what_could_not_be_read_back_is_not_saved() {
    let repo = Repo::memory().unwrap();
    let mut holder = Holder::named("x").unwrap();
    repo.save(&mut holder).unwrap();
    holder.held.items.clear();
    let error = repo.save(&mut holder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error:?}");
    assert_eq!(repo.get::<Holder>("x").unwrap().unwrap().held.items, [1]);
}

/// A list whose `Serialize` goes on after one of its parts could not be encoded.
#[derive(Debug, Clone, Default)]
struct Careless(Vec<f64>);

impl Serialize for Careless {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for part in &self.0 {
            let _swallowed = list.serialize_element(part);
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Careless {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Careless)
    }
}

#[derive(Drone, Debug)]
struct Measured {
    #[merge(latest)]
    values: Careless,
}

#[test]
fn a_part_that_could_not_be_encoded_is_not_passed_over() {
    let repo = Repo::memory().unwrap();
    let mut measured = Measured::named("x").unwrap();
    measured.values = Careless(vec![1.0, f64::NAN, 2.0]);
    assert!(repo.save(&mut measured).is_err());
    assert!(repo.is_empty());
    measured.values = Careless(vec![1.0, 2.0]);
    repo.save(&mut measured).unwrap();
    repo.verify().unwrap();
}

#[derive(Drone, Debug)]
struct Page {
    #[merge(latest)]
    text: String,
}

#[test]
fn what_outgrew_its_limit_by_merging_can_still_be_deleted() {
    let repo = Repo::memory().unwrap();
    for letter in ["a", "b"] {
        let mut page = Page::named("x").unwrap();
        page.text = letter.repeat(20 << 20);
        page.commit().unwrap();
        repo.merge(&page).unwrap();
    }
    assert!(repo.delete::<Page>("x").unwrap());
    assert!(!repo.contains::<Page>("x").unwrap());
    let mut page = Page::named("y").unwrap();
    page.text = "c".repeat(33 << 20);
    assert_eq!(repo.save(&mut page).unwrap_err().kind(), ErrorKind::Unsupported);
}
