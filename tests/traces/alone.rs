//! One writer.

use super::trace::Trace;
use dronestore::{Drone, Version, Versioned};

#[derive(Drone)]
struct Page {
    #[merge(text)]
    body: String,
}

/// The first of this many edits are a commit each; then so many together are one.
const SINGLE: usize = 2_000;
const BATCH: usize = 1_000;

fn check(trace: &Trace) {
    let mut chars: Vec<char> = trace.start.chars().collect();
    let mut page = Page::named("page").unwrap();
    page.commit().unwrap();
    let patches: Vec<_> = trace.txns.iter().flat_map(|txn| &txn.patches).collect();
    for (number, (at, deleted, inserted)) in patches.iter().enumerate() {
        chars.splice(*at..at + deleted, inserted.chars());
        if number < SINGLE || number % BATCH == 0 || number + 1 == patches.len() {
            page.body = chars.iter().collect();
            page.commit().unwrap();
        }
    }
    assert!(page.body == trace.end);
    // What is stored says so too, and nothing else does.
    let version = Version::from_bytes(&page.version().unwrap().to_bytes()).unwrap();
    assert_eq!(&version, page.version().unwrap());
    assert!(Versioned::<Page>::from_version(version).unwrap().body == trace.end);
}

#[test]
fn a_small_text_typed_alone() {
    check(&Trace::small(include_str!("alone.json")));
}

#[test]
fn automerge_paper() {
    Trace::real("automerge-paper").iter().for_each(check);
}

#[test]
fn rustcode() {
    Trace::real("rustcode").iter().for_each(check);
}

#[test]
fn sveltecomponent() {
    Trace::real("sveltecomponent").iter().for_each(check);
}
