//! Golden versions: the bytes that this format gives, and what they read as, for as long as it has its number.
//!
//! `DRONESTORE_BLESS=1` writes those that are missing, and never over one that is there.

use super::corpus::corpus;
use super::model::{Board, Everything, Order, Page, Part, edit, one};
use dronestore::version::{from_json, to_json};
use dronestore::{Nanotime, Version, Versioned};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

pub(super) fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "format", "golden", name].iter().collect()
}

/// The golden file of this name, written now where it is missing and that was asked for.
pub(crate) fn golden(name: &str, now: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let path = path(name);
    if !path.exists() && std::env::var_os("DRONESTORE_BLESS").is_some() {
        fs::write(&path, now()).unwrap();
    }
    fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}; DRONESTORE_BLESS=1 writes it"))
}

fn json_text(version: &Version) -> String {
    serde_json::to_string_pretty(&to_json(version).unwrap()).unwrap() + "\n"
}

#[test]
fn versions_are_written_as_they_always_were() {
    for (name, version) in corpus() {
        let bytes = golden(&format!("{name}.version"), || version.to_bytes());
        assert!(version.to_bytes() == bytes, "{name}: the bytes of a version have changed");
        let json = golden(&format!("{name}.json"), || json_text(&version).into_bytes());
        assert_eq!(json_text(&version), String::from_utf8(json).unwrap(), "{name}");
    }
}

#[test]
fn versions_read_as_they_always_did() {
    for (name, version) in corpus() {
        let read = read(name);
        assert_eq!((read.hash(), read.to_bytes()), (version.hash(), version.to_bytes()), "{name}");
        let json = serde_json::from_slice(&fs::read(path(&format!("{name}.json"))).unwrap()).unwrap();
        assert_eq!(from_json(&json).unwrap(), version, "{name}");
    }
}

#[test]
fn there_is_no_golden_version_that_nobody_tests() {
    let known: BTreeSet<String> = corpus().iter().map(|(name, _)| format!("{name}.version")).collect();
    let names =
        fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.filter(|name| name.ends_with(".version")).collect();
    assert_eq!(found, known);
}

fn read(name: &str) -> Version {
    Version::from_bytes(&fs::read(path(&format!("{name}.version"))).unwrap()).unwrap()
}

fn everything(name: &str) -> Versioned<Everything> {
    Versioned::from_version(read(name)).unwrap()
}

#[test]
fn golden_values_are_the_expected_ones() {
    assert_eq!(*everything("default"), Everything::default());
    assert_eq!(*everything("every_strategy"), one());
    let mut edited = one();
    edit(&mut edited, 1);
    assert_eq!(*everything("edited"), edited);
    let part = Versioned::<Part>::from_version(read("small")).unwrap();
    assert_eq!(
        (part.key().to_string(), &*part),
        (part.key().to_string(), &Part { name: "é".into(), count: -1 })
    );
    let page = Versioned::<Page>::from_version(read("page_merged")).unwrap();
    assert_eq!(page.text, "Ein guter Käse für 字 😀");
    let numbers: Vec<u8> = page.list.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [2, 9, 8, 3]);
    assert_eq!(page.notes, [(1, "do: sleep".into()), (2, String::new())].into());
    let order = Versioned::<Order>::from_version(read("order_merged")).unwrap();
    assert_eq!((order.state.as_str(), order.stock), ("shipped", 9));
    assert_eq!(order.part.as_ref().map(|part| part.name.as_str()), Some("nut"));
    assert_eq!(order.notes, [(1, String::new())].into());
    let board = Versioned::<Board>::from_version(read("board_merged")).unwrap();
    assert_eq!(board.lanes, ["done", "to do", "doing", "tested"]);
    let tasks: Vec<_> =
        board.tasks.iter().map(|task| (task.id, task.title.as_str(), task.parts.len())).collect();
    assert_eq!(tasks, [(2, "task 2", 3), (3, "edited", 0), (4, "task 4", 0), (1, "task 1", 0)]);
    assert!(read("deleted").is_deleted() && !read("deleted_and_updated").is_deleted());
}

/// Two concurrent edits, strategy by strategy.
#[test]
fn golden_merges_read_by_the_rules_of_their_strategies() {
    let version = read("merged");
    assert_eq!((version.tips().len(), version.context().entries().len()), (2, 2));
    assert!(version.is_conflicted().unwrap() && version.has_concurrent_values().unwrap());
    let merged = everything("merged");
    assert_eq!(merged.latest, [Some(1), None, Some(255), Some(2)], "the second wrote later");
    assert_eq!((merged.street.as_str(), merged.city.as_deref()), ("Main", Some("by 2")));
    assert_eq!((merged.max, merged.min), (Some(9), -(1 << 70) - 2));
    assert_eq!(merged.time, Nanotime::from_nanos(1_500_000_000_000_000_001));
    assert_eq!((merged.first.as_str(), merged.visits, merged.conflict.0), ("first", 6, 2));
    assert_eq!((merged.flag, merged.open), (false, false), "only one wrote `flag`");
    assert_eq!(merged.longest, "by 2by 2");
    assert_eq!(merged.part, Part { name: "wheel".into(), count: 7 });
    assert_eq!(merged.union.len(), 4);
    assert_eq!(merged.set, BTreeSet::from([2, 300]));
    assert_eq!((merged.remove_wins.len(), merged.once.len()), (0, 0));
    assert_eq!((merged.votes["ann"], merged.votes["bob"], merged.map.len()), (5, -3, 1));
    assert_eq!(merged.sets[&1], BTreeSet::from([1, 2]));
    assert_eq!((merged.parts.len(), merged.deep[&1].len()), (3, 2));
    assert_eq!((merged.tree.children.len(), merged.tree.children["0"].name.as_str()), (1, "by 2"));
}
