//! What two versions differ in, read without types.

use dronestore::strategy::{Held, Reading, Replaces, Strategy, Write};
use dronestore::{Drone, ErrorKind, Result, Version, Versioned};
use std::collections::BTreeSet;

struct Longest;

impl Strategy<String> for Longest {
    const NAME: &'static str = "longest";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<String>]) -> Result<String> {
        Ok(entries.iter().map(|held| held.state.clone()).max().unwrap_or_default())
    }
}

#[derive(Drone, Debug, Clone)]
struct Page {
    #[merge(latest)]
    title: String,
    #[merge(counter)]
    visits: i64,
    #[merge(set)]
    tags: BTreeSet<String>,
    #[merge(text)]
    body: String,
    #[merge(latest_object)]
    left: u8,
    #[merge(latest_object)]
    right: u8,
    #[merge(with = "Longest")]
    own: String,
}

fn page(edit: impl FnOnce(&mut Page)) -> Versioned<Page> {
    let mut page = Page::named("a").unwrap();
    (page.title, page.own, page.left) = ("A".into(), "x".into(), 1);
    edit(&mut page);
    page.commit().unwrap();
    page
}

fn version(page: &Versioned<Page>) -> Version {
    page.version().unwrap().clone()
}

#[test]
fn a_version_does_not_differ_from_itself() {
    let version = version(&page(|_| ()));
    assert!(version.diff(&version.clone()).unwrap().is_empty());
}

#[test]
fn only_what_was_edited_differs_with_values_of_both_sides() {
    let before = page(|page| _ = page.tags.insert("old".into()));
    let mut after = before.clone();
    (after.title, after.visits, after.right) = ("B".into(), 3, 2);
    after.body = "text".into();
    after.tags = BTreeSet::from(["new".to_owned()]);
    after.commit().unwrap();
    let diff = version(&before).diff(&version(&after)).unwrap();
    let expected = "body: nothing → \"text\"\nright: nothing → 2\ntags: [\"old\"] → [\"new\"]\ntitle: \"A\" → \"B\"\nvisits: nothing → 3\n";
    assert_eq!(diff.to_string(), expected);
    let back = version(&after).diff(&version(&before)).unwrap();
    assert_eq!(back.attributes.len(), diff.attributes.len());
    assert_eq!(back.attributes[0].theirs, Reading::Default);
}

#[test]
fn what_came_to_the_same_is_no_difference() {
    // Two that never met, with equal values.
    let (one, other) = (version(&page(|_| ())), version(&page(|_| ())));
    assert_ne!(one.hash(), other.hash());
    let diff = one.diff(&other).unwrap();
    let names: Vec<_> = diff.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    // Of a strategy whose code is not here nobody knows that they read alike.
    assert_eq!(names, ["own"]);
    assert_eq!(diff.attributes[0].to_string(), "own: not known here → not known here");
}

#[test]
fn an_unknown_strategy_differs_only_where_it_was_written() {
    let before = page(|_| ());
    let mut after = before.clone();
    after.title = "B".into();
    after.commit().unwrap();
    assert_eq!(version(&before).diff(&version(&after)).unwrap().to_string(), "title: \"A\" → \"B\"\n");
    after.own = "yy".into();
    after.commit().unwrap();
    assert_eq!(version(&before).diff(&version(&after)).unwrap().attributes.len(), 2);
}

#[test]
fn deletion_is_a_difference() {
    let repo = dronestore::Repo::memory().unwrap();
    let mut page = page(|_| ());
    repo.save(&mut page).unwrap();
    repo.delete::<Page>("a").unwrap();
    let deleted = repo.view().unwrap().version("Page", page.key()).unwrap().unwrap();
    let diff = version(&page).diff(&deleted).unwrap();
    assert_eq!(diff.deleted, (false, true));
    assert_eq!(diff.to_string(), "the object: there → deleted\n");
}

#[test]
fn two_objects_have_no_difference_to_tell() {
    let one = version(&page(|_| ()));
    let mut other = Page::named("b").unwrap();
    other.commit().unwrap();
    assert_eq!(one.diff(&version(&other)).unwrap_err().kind(), ErrorKind::Mismatch);
}
