//! Two that have met before compare only what has changed since.

use super::{change, fill, name, replica, repo_with, sync, twin};
use dronestore::stores::MemoryStore;
use dronestore::testing::CountingStore;
use dronestore::{Drone, Repo};
use std::sync::Arc;

/// Two that have met, and hold so many notes.
fn met(count: usize) -> (Repo, Repo) {
    let one = repo_with(count);
    let other = replica(&one);
    fill(&one, [0], "to have met");
    sync(&one, &other);
    (one, other)
}

#[test]
fn a_few_changes_take_a_few_bytes_and_one_look_at_each() {
    let store = Arc::new(CountingStore::new(MemoryStore::new()));
    let one = Repo::builder().store(store.clone()).open().unwrap();
    fill(&one, 0..5000, "begun");
    let other = replica(&one);
    fill(&one, [0], "to have met");
    sync(&one, &other);
    for difference in [1, 10, 100] {
        fill(&one, (0..difference).map(|number| number * 40), "by one");
        fill(&other, (0..difference).map(|number| number * 40 + 20), "by the other");
        for (caller, answerer) in [(&one, &other), (&other, &one)] {
            let before = store.counts();
            let report = sync(caller, answerer);
            let (bytes, reads) =
                (report.bytes_in + report.bytes_out, store.counts().pairs_scanned - before.pairs_scanned);
            println!("{difference}: {report}, {} turns, {reads} pairs scanned", report.turns);
            assert!(report.turns <= 5 && bytes < 300 + 450 * difference as u64, "{report}");
            assert!(reads < 100 + 4 * difference as u64, "{reads}");
        }
        // Both at once, and the same object.
        fill(&one, [7], "by one");
        fill(&other, [7], "by the other");
        sync(&one, &other);
    }
    one.verify().unwrap();
}

#[test]
fn what_came_from_others_meanwhile_is_passed_on() {
    let (one, other) = met(300);
    let third = replica(&one);
    fill(&third, [5, 301], "by the third");
    sync(&one, &third);
    fill(&other, [6, 302], "by the other");
    sync(&other, &third);
    for _ in 0..3 {
        sync(&one, &other);
        sync(&third, &one);
    }
    assert_eq!(other.get::<super::Note>(name(301)).unwrap().unwrap().title, "by the third");
}

#[test]
fn what_was_put_back_or_is_not_remembered_is_found_by_ranges() {
    for which in [true, false] {
        let (one, other) = met(300);
        let older = twin(&other);
        fill(&one, [5, 301], "later");
        fill(&other, [6, 302], "later");
        sync(&one, &other);
        fill(&one, [7], "later still");
        // The other is put back to what it was: both remember, and not the same.
        let (caller, answerer) = if which { (&one, &older) } else { (&older, &one) };
        sync(caller, answerer);
        one.verify().unwrap();
        older.verify().unwrap();
    }
}

#[test]
fn more_changes_than_the_log_holds_are_found_by_ranges() {
    let (one, other) = met(300);
    (0..4200).for_each(|turn| fill(&one, [turn % 280], "often"));
    let report = sync(&other, &one);
    assert!(report.received.forwarded >= 280, "{report}");
    fill(&one, (0..9000).map(|number| number % 3000), "many");
    sync(&one, &other);
}

#[derive(Drone, Debug, Clone, Default)]
struct Newer {
    #[merge(latest)]
    word: String,
}

#[test]
fn new_schemas_travel_too() {
    let (one, other) = met(100);
    change::<Newer>(&one, "a", |newer| newer.word = "new".into());
    sync(&other, &one);
    assert_eq!(one.schemas().unwrap(), other.schemas().unwrap());
}
