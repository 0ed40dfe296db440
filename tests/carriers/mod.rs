//! Carriers: what moves the bytes of a session between two processes, whole, cut anywhere, and abused.

mod child;
mod cuts;
mod faults;
mod garbage;
mod http;
mod nginx;
mod process;
mod processes;
mod proxy;
mod scopes;
mod tls;

use crate::sync::{Note, change, fill, name, replica, repo_with};
use dronestore::Repo;
use dronestore::sync::{Identity, ServeOptions, Server, SyncOptions};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The carriers that connect over a socket.
pub const SOCKETS: [&str; 6] = ["tcp", "tls", "ws", "wss", "http", "https"];

/// What a limit of time is in these tests, where it is to be met.
pub const SHORT: Duration = Duration::from_millis(150);

/// Who answers and who calls, in all tests.
pub fn keys() -> &'static [Identity; 2] {
    static KEYS: OnceLock<[Identity; 2]> = OnceLock::new();
    KEYS.get_or_init(|| [Identity::generate().unwrap(), Identity::generate().unwrap()])
}

pub fn is_secure(scheme: &str) -> bool {
    ["tls", "wss", "https"].contains(&scheme)
}

/// The options of one that answers; over TLS it lets one caller in.
pub fn serving(scheme: &str) -> ServeOptions {
    match is_secure(scheme) {
        true => ServeOptions::new().identity(keys()[0].clone()).allow(keys()[1].pin()),
        false => ServeOptions::new(),
    }
}

/// The options of one that calls; over TLS it trusts one that answers.
pub fn calling(scheme: &str) -> SyncOptions {
    match is_secure(scheme) {
        true => SyncOptions::new().identity(keys()[1].clone()).pin(keys()[0].pin()),
        false => SyncOptions::new(),
    }
}

pub fn serve(repo: &Repo, scheme: &str) -> Server {
    repo.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &serving(scheme)).unwrap()
}

/// Two that differ in many ways, and what both hold when they have met.
pub fn two() -> (Repo, Repo, dronestore::Hash) {
    let one = repo_with(250);
    let other = replica(&one);
    fill(&one, (0..250).step_by(29), "by one");
    fill(&other, (0..250).step_by(37), "by the other");
    fill(&one, 300..304, "new");
    one.delete::<Note>(name(11)).unwrap();
    change::<Note>(&other, name(400), |note| note.title = "x".repeat(1000));
    let joined = replica(&one);
    joined.merge(&other).unwrap();
    (one, other, joined.hash())
}

/// Does it, and fails if it takes longer than a test can wait: everything that fails has to fail soon.
pub fn soon<R>(what: impl FnOnce() -> R) -> R {
    let begun = Instant::now();
    let result = what();
    assert!(begun.elapsed() < Duration::from_secs(8), "it took {:?}", begun.elapsed());
    result
}

/// Waits until it is so.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(8), "{what}: not within 8 seconds");
        std::thread::sleep(Duration::from_millis(2));
    }
}
