//! The examples as a user runs them, and the parts of `atlas` and `merges` that have tests of their own.

// Two examples read the history by one file.
#![allow(clippy::duplicate_mod)]
#![allow(clippy::unwrap_used, clippy::panic)]

// Only the tests in there are used here: an example that is built as one has none.
#[allow(dead_code)]
#[path = "atlas/main.rs"]
mod atlas;
#[allow(dead_code)]
#[path = "merges/main.rs"]
mod merges;

use dronestore::{ErrorKind, Repo};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs an example: cargo has built it into the folder beside this test's own.
fn run(example: &str, words: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let built: PathBuf = test.ancestors().nth(2).unwrap().join("examples");
    let example = built.join(example).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(example.exists(), "{} is not built; `cargo test` without a target builds it", example.display());
    Command::new(example).args(words).output().unwrap()
}

fn prints(example: &str, expected: &str) {
    let output = run(example, &[]);
    assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

fn atlas(words: &[&str]) -> Value {
    let output = run("atlas", words);
    assert!(output.status.success(), "atlas {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn atlas_fails(words: &[&str], code: i32, expected: &str) {
    let output = run("atlas", words);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "atlas {words:?}: {error}");
    assert!(error.contains(expected), "`{error}` does not say `{expected}`");
}

#[test]
fn hello() {
    prints("hello", "Hello World\n");
}

#[test]
fn person() {
    prints("person", "/Person:jbenet Juan Batiz-Benet #1234567890 age 23 gender Male\n");
}

#[test]
fn friendship() {
    prints(
        "friendship",
        "ann follows {}, is followed by {\"cleo\"}\n\
         ben follows {\"cleo\"}, is followed by {\"cleo\"}\n\
         cleo follows {\"ann\", \"ben\"}, is followed by {\"ben\"}\n",
    );
}

/// Nothing here knows the types of the program that wrote the stores.
#[test]
fn stores_are_merged_without_the_types_of_their_program() {
    let folder = tempfile::tempdir().unwrap();
    let output = run("expedition", &[folder.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed: Vec<_> = printed.lines().collect();
    let open = |name: &str| Repo::open(folder.path().join(name)).unwrap();
    let (north, south) = (open("north.drone"), open("south.drone"));

    // Either way round, and each store into the other: the hash that the program gives with its types.
    let (one, other) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    for (repo, order) in [(&one, [&north, &south]), (&other, [&south, &north])] {
        for theirs in order {
            repo.merge(theirs).unwrap();
        }
        assert_eq!(repo.hash().to_string(), printed[3]);
    }
    north.merge(&south).unwrap();
    assert_eq!(north.hash(), one.hash());
    assert_eq!(north.verify().unwrap().hash, one.hash());

    // Read by the data alone; of the strategy whose code is out of reach it is said so.
    let gentian =
        north.view().unwrap().version("Plant", &"/Plant:gentian".parse().unwrap()).unwrap().unwrap();
    let read = |name: &str| gentian.read(name).map(|value| value.map(|value| value.to_string()));
    assert_eq!(read("seen").unwrap().as_deref(), Some("3"));
    assert_eq!(read("notes").unwrap(), Some(format!("{:?}", printed[1])));
    assert_eq!(read("description").unwrap_err().kind(), ErrorKind::Unsupported);
    let schemas = north.schemas().unwrap();
    assert_eq!(schemas.iter().map(|schema| schema.kind.as_str()).collect::<Vec<_>>(), ["Plant"]);
    let description = schemas[0].attributes.iter().find(|attribute| attribute.name == "description").unwrap();
    assert_eq!(description.strategy, "with = \"longest\"");
}

#[test]
fn all_replicas_agree_in_any_order_of_meetings() {
    for seed in ["1", "2", "3"] {
        let report = atlas(&["--json", "--seed", seed]);
        assert_eq!((&report["replicas"], &report["commits"]), (&6.into(), &38.into()), "{report}");
        assert_eq!((&report["objects"], &report["objects_deleted"]), (&6.into(), &1.into()), "{report}");
        assert!(report["conflicts_seen"].as_u64().unwrap() > 0, "{report}");
        assert!(report["versions_joined"].as_u64().unwrap() > 0, "{report}");
        assert_eq!(report["repo_hash"].as_str().unwrap().len(), 64, "{report}");
    }
}

#[test]
fn one_line_of_history_equals_plain_maps() {
    let report = atlas(&["--json", "--first-parent"]);
    assert_eq!(
        (&report["objects_in_the_repo"], &report["objects_in_plain_maps"]),
        (&5.into(), &5.into()),
        "{report}"
    );
    assert!(report["attributes_that_changed_type"].as_u64().unwrap() > 5, "{report}");
    assert_eq!(report["differences"], 0, "{report}");
}

#[test]
fn kept_files_are_not_taken_for_a_new_run() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("replicas");
    let keep = keep.to_str().unwrap();
    atlas(&["--json", "--keep", keep]);
    assert_eq!(std::fs::read_dir(keep).unwrap().count(), 6);
    atlas_fails(&["--keep", keep], 1, "is not empty");
}

#[test]
fn merges_are_held_against_what_people_left() {
    let output = run("merges", &["--json", "--no-git"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["merges"], 10, "{report}");
    let (whole, members) = (&report["by_attribute"], &report["by_member"]);
    assert_eq!((&whole["merges_as_left"], &members["merges_as_left"]), (&6.into(), &4.into()), "{report}");
    // `name` was made anew by two, with other members: one conflict of whole attributes, none of members.
    assert_eq!(whole["conflicts_by_attribute"]["name"], 1, "{report}");
    assert_eq!(members["conflicts_by_attribute"]["name"], Value::Null, "{report}");
    assert_eq!(run("merges", &["--sed"]).status.code(), Some(2));
}

#[test]
fn a_write_reaches_a_fleet() {
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("fleet.svg");
    let output = run("fleet", &["--quick", plot.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    for part in ["all well:\n     10 replicas: ", " idle 64 bytes", "  1000 writers: "] {
        assert!(printed.contains(part), "no `{part}` in {printed}");
    }
    assert!(std::fs::read_to_string(plot).unwrap().ends_with("</svg>\n"));
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.jsonl");
    std::fs::write(&file, "{\"id\":0,\"parents\":[],\"time\":1,\"author\":1}\n{\"id\":1,").unwrap();
    atlas_fails(&["no/such/file"], 1, "cannot read the history `no/such/file`");
    atlas_fails(&[file.to_str().unwrap()], 1, "bad.jsonl`: line 2: ");
    atlas_fails(&["--sed", "1"], 2, "--sed");
    assert!(String::from_utf8(run("atlas", &["--help"]).stdout).unwrap().contains("Usage: atlas"));
}
