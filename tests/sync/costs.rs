//! What a session costs.

use super::{change, fill, name, replica, repo_with, sync, talk};
use dronestore::Repo;
use dronestore::stores::MemoryStore;
use dronestore::sync::Session;
use dronestore::testing::CountingStore;
use std::sync::Arc;

#[test]
fn two_that_hold_the_same_are_done_after_64_bytes_and_no_read() {
    for count in [0, 1, 100, 5000] {
        let store = Arc::new(CountingStore::new(MemoryStore::new()));
        let one = Repo::builder().store(store.clone()).open().unwrap();
        fill(&one, 0..count, "begun");
        let other = replica(&one);
        let before = store.counts();
        let said = talk(&mut Session::call(&one), &mut Session::answer(&other)).unwrap();
        assert_eq!(store.counts(), before);
        let bytes: usize = said.iter().map(Vec::len).sum();
        assert!(bytes <= 64, "{bytes} bytes");
    }
}

#[test]
fn a_second_session_moves_no_version() {
    let one = repo_with(300);
    let other = replica(&one);
    fill(&one, [1, 2, 3], "by one");
    fill(&other, [3, 4, 5], "by the other");
    sync(&one, &other);
    let (rows, others) = (one.sequence(), other.sequence());
    // The first time the other side may be one more stranger.
    for most in [100, 64, 64] {
        let report = sync(&one, &other);
        assert_eq!((report.sent, report.received.has_news()), (0, false));
        assert!(report.bytes_in + report.bytes_out <= most, "{report}");
    }
    assert_eq!((one.sequence(), other.sequence()), (rows, others));
}

#[test]
fn bytes_and_turns_grow_with_the_difference_and_hardly_with_the_size() {
    for count in [1000, 20_000] {
        let one = repo_with(count);
        let other = replica(&one);
        for difference in [1, 10, 100] {
            let numbers = (0..difference).map(|number| number * (count / difference) + 3);
            fill(&one, numbers, &format!("changed {difference}"));
            let report = sync(&one, &other);
            let bytes = report.bytes_in + report.bytes_out;
            println!("{difference} of {count}: {bytes} bytes, {} turns; {report}", report.turns);
            assert!(bytes < 500 + 3500 * difference as u64, "{difference} of {count}: {report}");
            assert!(report.turns <= 9, "{difference} of {count}: {} turns", report.turns);
        }
    }
}

#[test]
fn only_one_side_has_something_new_so_only_one_version_moves() {
    let one = repo_with(500);
    let other = replica(&one);
    change::<super::Journal>(&other, "long", |page| page.text = "long ".repeat(5000));
    sync(&one, &other);
    change::<super::Journal>(&one, "long", |page| page.text.push_str("er"));
    for (from, to) in [(&one, &other), (&other, &one)] {
        change::<super::Journal>(from, "long", |page| page.text.push_str("er"));
        let report = to.sync_with(from).unwrap();
        assert_eq!((report.sent, report.received.known), (0, 0), "{report}");
        assert_eq!(to.hash(), from.hash());
    }
    assert!(one.get::<super::Note>(name(1)).unwrap().is_some());
}
