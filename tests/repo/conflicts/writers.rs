//! Many writers on one `conflict` field: nothing is dropped until somebody resolves.

use super::{conflicts, devices, edit, meet, only, phone, settle, side};
use dronestore::Resolution;
use std::collections::BTreeSet;

#[test]
fn autosaving_writers_drop_nothing() {
    let repos = devices(6);
    // Each types a word, saved letter by letter, and meets a neighbour now and then.
    let words: Vec<String> = (0..6).map(|writer| format!("word{writer}")).collect();
    for (writer, (repo, word)) in repos.iter().zip(&words).enumerate() {
        for letters in 1..=word.len() {
            edit(repo, |card| card.phone = word[..letters].to_owned());
        }
        edit(repo, |card| card.calls += writer as u64);
    }
    settle(&repos);
    for repo in &repos {
        let listed: BTreeSet<String> =
            only(repo).sides().iter().map(|side| side.value.as_text().unwrap().to_owned()).collect();
        assert_eq!(listed, words.iter().cloned().collect());
    }
    // Saving on while it is in conflict replaces what the writer was reading, and no other side.
    let reading = phone(&repos[3]);
    for text in ["x", "xy", "xyz"] {
        edit(&repos[3], |card| card.phone = text.into());
    }
    edit(&repos[4], |card| card.calls += 1);
    settle(&repos);
    let conflict = only(&repos[0]);
    let mut expected: BTreeSet<&str> =
        words.iter().map(String::as_str).filter(|word| *word != reading).collect();
    expected.insert("xyz");
    let listed: BTreeSet<&str> = conflict.sides().iter().map(|side| side.value.as_text().unwrap()).collect();
    assert_eq!(listed, expected);
    assert!(repos.iter().all(|repo| phone(repo) == "xyz"));

    conflict.resolve(&repos[5], Resolution::Side(side(&conflict, "word0"))).unwrap();
    settle(&repos);
    assert!(repos.iter().all(|repo| phone(repo) == "word0" && conflicts(repo).is_empty()));
}

#[test]
fn a_write_that_has_not_seen_the_resolution_is_a_new_conflict() {
    let repos = super::in_conflict(3);
    repos[2].merge(&repos[0]).unwrap();
    let conflict = only(&repos[0]);
    conflict.resolve(&repos[0], Resolution::Side(0)).unwrap();
    edit(&repos[2], |card| card.phone = "late".into());
    meet(&repos[0], &repos[2]);
    let open = only(&repos[2]);
    assert!(open.sides().iter().any(|side| side.value.as_text() == Some("late")));
    settle(&repos);
    assert!(repos.iter().all(|repo| conflicts(repo).len() == 1));
}
