//! Two processes that stay in touch while both write, and one of them is killed.

use crate::folder::Folder;
use crate::sync::{Note, fill, name, repo_with};
use dronestore::Repo;
use dronestore::sync::LiveOptions;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CHILD: &str = "DRONESTORE_LIVE_CHILD";

/// No test of its own: the other process of the test below. It writes until it is killed.
#[test]
fn other_live_process() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let repo = Repo::open(path).unwrap();
    let options = LiveOptions::new()
        .keep_alive(Duration::from_millis(100))
        .wait(Duration::from_millis(5), Duration::from_millis(50));
    let _live = repo.live_with(&std::env::var("DRONESTORE_LIVE_ADDRESS").unwrap(), options).unwrap();
    let most: usize = std::env::var("DRONESTORE_LIVE_WRITES").unwrap().parse().unwrap();
    for turn in 0..most {
        fill(&repo, [turn % 20, 10_000 + turn], "by the child");
        std::thread::sleep(Duration::from_millis(1));
    }
    // The test kills it.
    std::thread::sleep(Duration::from_secs(60));
}

fn child(path: &Path, address: &str, writes: usize) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "live::processes::other_live_process", "--test-threads=1", "--nocapture"]);
    child.env(CHILD, path).env("DRONESTORE_LIVE_ADDRESS", address);
    child.env("DRONESTORE_LIVE_WRITES", writes.to_string());
    child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn two_processes_stay_in_touch_while_both_write_and_one_is_killed() {
    let folder = Folder::new();
    let path = folder.join("child.drone");
    let one = repo_with(200);
    Repo::open(&path).unwrap().merge(&one).unwrap();
    let server = one.serve("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", server.local_addr());
    for round in 0..3 {
        let mut process = child(&path, &address, 100_000);
        let (begun, before) = (Instant::now(), one.len());
        // Pushed while both write.
        let mut turn = 0;
        while one.len() < before + 20 || turn < 20 {
            fill(&one, [turn % 30, 20_000 + round * 1000 + turn % 50], "by the parent");
            turn += 1;
            std::thread::sleep(Duration::from_millis(2));
            assert!(begun.elapsed() < Duration::from_secs(30), "{} objects", one.len());
        }
        process.kill().unwrap();
        process.wait().unwrap();
        fill(&one, [50 + round], "while it was gone");
    }
    // What the child had when it was killed the last time is in its file.
    let other = Repo::open(&path).unwrap();
    let live = other.live(&address).unwrap();
    assert!(live.wait_in_sync(Duration::from_secs(30)));
    assert_eq!(one.hash(), other.hash());
    live.stop();
    for round in 0..3 {
        assert_eq!(other.get::<Note>(name(50 + round)).unwrap().unwrap().title, "while it was gone");
        assert_eq!(other.get::<Note>(name(20_000 + round * 1000)).unwrap().unwrap().title, "by the parent");
    }
    assert_eq!(one.get::<Note>(name(10_000)).unwrap().unwrap().title, "by the child");
    one.verify().unwrap();
    other.verify().unwrap();
    let peer = one.peers().unwrap().into_iter().find(|peer| peer.actor == other.actor()).unwrap();
    assert!(peer.sessions >= 4 && peer.versions_in > 20, "{peer}");
}
