//! Who was met, when, how much passed, and how far behind they are.

use super::Pair;
use crate::folder::Folder;
use crate::sync::{fill, replica, repo_with};
use dronestore::store::{Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::sync::Session;
use dronestore::{Peer, Repo};
use std::sync::Arc;

fn only(repo: &Repo) -> Peer {
    let mut peers = repo.peers().unwrap();
    assert_eq!(peers.len(), 1, "{peers:?}");
    peers.remove(0)
}

#[test]
fn a_meeting_is_written_down() {
    let folder = Folder::new();
    let path = folder.join("one.drone");
    let one = Repo::open(&path).unwrap();
    fill(&one, 0..20, "begun");
    assert_eq!(one.peers().unwrap(), []);
    let other = replica(&one);
    fill(&other, [3, 30], "by the other");
    let server = other.serve("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", server.local_addr());
    one.sync(&address).unwrap();
    let peer = only(&one);
    assert_eq!((peer.actor, peer.address.as_deref()), (other.actor(), Some(address.as_str())));
    assert_eq!((peer.sessions, peer.versions_in, peer.versions_out, peer.behind), (1, 2, 0, Some(0)));
    assert!(peer.bytes_in > 300 && peer.bytes_out > 100 && !peer.is_connected, "{peer}");
    assert!(peer.first_met.is_some() && peer.first_met <= peer.last_met && peer.in_sync_at.is_some());
    fill(&one, [1, 2, 2], "later");
    assert_eq!(only(&one).behind, Some(2));
    assert!(only(&one).to_string().ends_with("2 behind"), "{}", only(&one));
    assert_eq!(only(&other).address, None);

    one.sync(&address).unwrap();
    let before = only(&one);
    drop(one);
    let one = Repo::open(&path).unwrap();
    let peer = only(&one);
    assert_eq!((peer.sessions, peer.versions_out, &peer.address), (2, 2, &before.address));
    // What had passed when it was written is not less than what is known of it, but for the last words.
    assert!(peer.bytes_in <= before.bytes_in && peer.bytes_in + 100 > before.bytes_in);
    one.verify().unwrap();
}

#[test]
fn sessions_that_go_on_are_seen_and_those_that_break_too() {
    let one = repo_with(20);
    let other = replica(&one);
    let mut pair = Pair::live(&one, &other);
    assert!(only(&one).is_connected && only(&other).is_connected);
    fill(&one, 0..9, "by one");
    pair.settle();
    assert_eq!((only(&one).versions_out, only(&other).versions_in), (9, 9));
    drop(pair);
    assert!(!only(&one).is_connected);
    // A session without a difference writes nothing, and is counted.
    let before = one.sequence();
    one.sync_with(&other).unwrap();
    assert_eq!((one.sequence(), only(&one).sessions), (before, 2));
    // Neither agreed in a way that is remembered.
    assert_eq!(only(&one).behind, None);
}

#[test]
fn what_was_remembered_before_there_were_records_is_read() {
    let (one, other) = (repo_with(300), Repo::memory().unwrap());
    one.sync_with(&other).unwrap();
    fill(&other, [5], "by the other");
    // The rows of before: a sequence and a digest.
    for repo in [&one, &other] {
        let snapshot = repo.store().snapshot().unwrap();
        let peer = if repo.actor() == one.actor() { other.actor() } else { one.actor() };
        let key = [&b"p"[..], peer.as_bytes()].concat();
        let row = snapshot.get(&key).unwrap().unwrap();
        assert_eq!(row[..2], [1, 1]);
        repo.store().apply(&[], &[Write::put(&key, &row[2..26])]).unwrap();
        repo.verify().unwrap();
    }
    let peer = only(&one);
    assert_eq!((peer.behind, peer.first_met), (Some(0), None));
    let mut pair =
        Pair { caller: Session::call(&one), answerer: Session::answer(&other), wires: Default::default() };
    pair.settle();
    let report = pair.caller.report();
    assert!(report.in_sync && report.turns <= 3, "{report}, {} turns", report.turns);
    // A row that is damaged is an error and no more.
    let key = [&b"p"[..], other.actor().as_bytes()].concat();
    one.store().apply(&[], &[Write::put(&key, &[1, 9, 9])]).unwrap();
    assert!(one.peers().unwrap_err().is_corrupt() && one.verify().is_err());
}

#[test]
fn what_was_exchanged_of_a_part_is_counted_too() {
    let one = repo_with(30);
    let other = replica(&one);
    let scope = || dronestore::sync::Scope::everything().kind::<crate::sync::Note>();
    fill(&one, [1, 2], "by one");
    let mut pair = Pair {
        caller: Session::call(&one).within(scope()).at("there"),
        answerer: Session::answer(&other),
        wires: Default::default(),
    };
    pair.settle();
    assert!(pair.caller.is_done());
    drop(pair);
    let peer = only(&one);
    assert_eq!((peer.sessions, peer.versions_out, peer.behind), (1, 2, None), "{peer}");
    fill(&one, [3], "more");
    one.sync_with(&other).unwrap();
    let peer = only(&one);
    assert_eq!((peer.sessions, peer.versions_out, peer.behind), (2, 3, Some(0)), "{peer}");
    assert_eq!(peer.address.as_deref(), Some("there"));
    assert!(one.verify().is_ok() && peer.first_met < peer.last_met);
}

#[test]
fn a_waiting_thread_is_woken_by_a_commit() {
    use std::time::{Duration, Instant};
    let repo = Repo::builder().store(Arc::new(MemoryStore::new())).open().unwrap();
    let seen = repo.sequence();
    assert_eq!(repo.wait_for_change(seen, Duration::from_millis(1)), seen);
    std::thread::scope(|scope| {
        let waiters: Vec<_> =
            (0..8).map(|_| scope.spawn(|| repo.wait_for_change(seen, Duration::from_secs(60)))).collect();
        let begun = Instant::now();
        fill(&repo, [1], "woken");
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap() == seen + 1));
        assert!(begun.elapsed() < Duration::from_secs(20));
    });
    // What was committed before is not waited for.
    assert_eq!(repo.wait_for_change(seen, Duration::from_secs(60)), seen + 1);
    // Nobody misses one who looks again and again while another one writes.
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (0..2000).for_each(|turn| fill(&repo, [turn % 7], "on")));
        let mut seen = seen + 1;
        while seen < 2002 {
            seen = repo.wait_for_change(seen, Duration::from_secs(20));
        }
        writer.join().unwrap();
    });
}
