//! The map in docs/ARCHITECTURE.md against the folders, both ways.

use super::check;
use super::source::{File, files, root};
use std::collections::BTreeSet;
use std::fs;

/// The places in the first column of the map.
fn listed() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let (_, map) = text.split_once("\n## Map\n").expect("the page has a map");
    let map = map.split("\n## ").next().unwrap_or_default();
    let firsts = map.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    firsts.flat_map(|first| first.split('`').step_by(2)).map(str::to_owned).collect()
}

/// The folder of a source file, or the file itself where it stands at the top of a crate.
fn places(file: &File) -> Vec<String> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    if file.path.starts_with("tests/ui/") {
        return vec!["tests/ui/".to_owned()];
    }
    let mut places = vec![format!("{folder}/")];
    if folder.ends_with("/src") && name != "lib.rs" && name != "main.rs" {
        places.push(file.path.clone());
    }
    places
}

#[test]
fn the_map_shows_every_source_folder() {
    let listed = listed();
    assert!(listed.len() > 20, "the map is not read: {listed:?}");
    let sources = files().iter().filter(|file| file.is_rust() && !file.path.starts_with("tests/bench/"));
    let there: BTreeSet<String> = sources.flat_map(places).collect();
    let missing = there.difference(&listed).map(|place| format!("| `{place}` | … |"));
    check("docs/ARCHITECTURE.md lacks the row", missing.collect());
}

#[test]
fn the_map_shows_nothing_else() {
    let listed = listed();
    let gone = listed.iter().filter(|place| !root().join(place).exists());
    check("docs/ARCHITECTURE.md shows what is not there", gone.cloned().collect());
}
