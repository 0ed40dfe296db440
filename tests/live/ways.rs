//! Connections of other kinds: two pipes, TLS, WebSocket, and a side that calls while the other one does not stay.

use crate::sync::{fill, replica, repo_with};
use dronestore::sync::{Halves, Identity, Live, LiveOptions, LiveState, ServeOptions, SyncOptions};
use dronestore::{Error, ErrorKind};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn any_connection_that_can_be_taken_apart_will_do() {
    let one = repo_with(20);
    let other = replica(&one);
    fill(&other, [3], "by the other");
    let server = other.serve("127.0.0.1:0").unwrap();
    let (address, mut calls) = (server.local_addr(), 0);
    // Halves without a time limit: only hanging up ends their reads.
    let connect = move || {
        calls += 1;
        if calls == 1 {
            return Err(Error::new(ErrorKind::Store, "not yet"));
        }
        let stream = TcpStream::connect(address).unwrap();
        let (read, write) = (stream.try_clone().unwrap(), stream.try_clone().unwrap());
        Ok(Halves::new(read, write, move || drop(stream.shutdown(std::net::Shutdown::Both))))
    };
    let options = LiveOptions::new().wait(Duration::from_millis(1), Duration::from_millis(5));
    let live = Live::over(&one, "a pipe", connect, options).unwrap();
    assert!(live.wait_in_sync(Duration::from_secs(30)));
    assert_eq!(one.hash(), other.hash());
    assert_eq!(one.peers().unwrap()[0].address.as_deref(), Some("a pipe"));
    assert!(format!("{live:?}").contains("InSync"));
    live.stop();
}

/// Both write at once, more than a connection holds: nobody may wait for the other to read.
#[test]
fn tls_and_websocket_stay_too() {
    let (ours, theirs) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    for scheme in ["tcp", "tls", "ws", "wss"] {
        let one = repo_with(20);
        let other = replica(&one);
        let mut served = ServeOptions::new();
        let mut call = SyncOptions::new();
        if scheme.ends_with('s') && scheme != "ws" {
            served = served.identity(theirs.clone()).allow(ours.pin());
            call = call.identity(ours.clone()).pin(theirs.pin());
        }
        let server = other.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &served).unwrap();
        let options = LiveOptions::new().keep_alive(Duration::from_millis(100)).calling(call);
        let live = one.live_with(&server.url(), options).unwrap();
        assert!(live.wait_in_sync(Duration::from_secs(30)), "{scheme}: {live:?}");
        let large = |repo: &dronestore::Repo, first: usize| {
            (first..first + 10).for_each(|number| fill(repo, [number], &"x".repeat(400_000)));
        };
        std::thread::scope(|scope| {
            scope.spawn(|| large(&one, 100));
            large(&other, 200);
        });
        let begun = std::time::Instant::now();
        while one.hash() != other.hash() || one.len() != 40 {
            assert!(begun.elapsed() < Duration::from_secs(25), "{scheme}: {live:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(live.wait_in_sync(Duration::from_secs(30)));
        // What is small comes at once, also when it was quiet for a while.
        let (seen, begun) = (one.sequence(), std::time::Instant::now());
        fill(&other, [7], "small");
        one.wait_for_change(seen, Duration::from_secs(30));
        assert!(begun.elapsed() < Duration::from_millis(400), "{scheme}: {:?}", begun.elapsed());
        let status = live.status();
        assert_eq!((status.connections, server.live_sessions()), (1, 1), "{scheme}: {live:?}");
        assert_eq!(one.peers().unwrap()[0].address, Some(server.url()));
        drop(live);
        let begun = std::time::Instant::now();
        while server.sessions() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{scheme}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn what_cannot_stay_is_said() {
    let one = repo_with(1);
    for address in ["http://localhost/notes", "exec:cat", "localhost:7070", "tcp://localhost"] {
        let error = one.live(address).unwrap_err();
        assert!(error.kind() == ErrorKind::Unsupported && error.to_string().contains(address), "{error}");
    }
}

#[test]
fn no_more_stay_than_may() {
    let one = repo_with(3);
    let server = one.serve_with_options("tcp://127.0.0.1:0", &ServeOptions::new().live_sessions(1)).unwrap();
    let (first, second) = (replica(&one), replica(&one));
    let live = first.live(&server.url()).unwrap();
    assert!(live.wait_in_sync(Duration::from_secs(30)));
    fill(&second, [2], "by the second");
    let other = second.live(&server.url()).unwrap();
    let begun = std::time::Instant::now();
    // It is served, and not kept; the first one hears of it.
    while !(matches!(other.status().state, LiveState::Waiting(_)) && first.hash() == second.hash()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "{other:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!((server.live_sessions(), server.sessions()), (1, 1));
}

#[test]
fn one_who_does_not_stay_is_met_now_and_then() {
    let one = repo_with(20);
    let other = replica(&one);
    fill(&one, [3], "by one");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| dronestore::sync::answer(&other, listener.accept().unwrap().0).unwrap());
        let options = LiveOptions::new().wait(Duration::from_millis(1), Duration::from_secs(60));
        let live = one.live_with(&address, options).unwrap();
        let begun = std::time::Instant::now();
        while !matches!(live.status().state, LiveState::Waiting(_)) {
            assert!(begun.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(live.status().error.is_none() && live.status().connections == 0);
        assert!(live.status().report.in_sync);
    });
    assert_eq!(one.hash(), other.hash());
}
