//! Over TCP: pushes within milliseconds, connections that break, servers that go and come back, readers that are slow.

use crate::random::Random;
use crate::sync::{Note, fill, name, replica, repo_with};
use dronestore::sync::{LiveOptions, LiveState};
use dronestore::{ErrorKind, Repo};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(30);

fn quick() -> LiveOptions {
    LiveOptions::new()
        .keep_alive(Duration::from_millis(50))
        .silence(Duration::from_secs(5))
        .wait(Duration::from_millis(5), Duration::from_millis(100))
}

/// Waits until both hold the same.
fn wait_equal(one: &Repo, other: &Repo) {
    let begun = Instant::now();
    while one.hash() != other.hash() {
        one.wait_for_change(one.sequence(), Duration::from_millis(5));
        assert!(begun.elapsed() < LONG, "they do not come together");
    }
}

#[test]
fn a_commit_arrives_within_milliseconds() {
    let one = repo_with(100);
    let other = replica(&one);
    let server = other.serve("127.0.0.1:0").unwrap();
    let live = one.live(&format!("tcp://{}", server.local_addr())).unwrap();
    assert!(live.wait_in_sync(LONG));
    let mut times = Vec::new();
    for turn in 0..40 {
        let (writer, reader) = if turn % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let (seen, begun) = (reader.sequence(), Instant::now());
        fill(writer, [turn], "pushed");
        reader.wait_for_change(seen, LONG);
        times.push(begun.elapsed());
        wait_equal(&one, &other);
        assert!(live.wait_in_sync(LONG));
    }
    times.sort();
    println!("a push takes {:?}, at most {:?}", times[20], times[39]);
    // Half of them: others may be computing here.
    assert!(times[20] < Duration::from_millis(250), "{times:?}");
    let status = live.status();
    assert_eq!((status.state, status.connections, server.live_sessions()), (LiveState::InSync, 1, 1));
    // Each commit goes one way once, and nothing comes back.
    assert_eq!((status.report.sent, status.report.received.forwarded), (20, 20), "{status}");
    live.stop();
    wait_until(|| server.sessions() == 0);
}

fn wait_until(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        thread::sleep(Duration::from_millis(1));
        assert!(begun.elapsed() < LONG);
    }
}

#[test]
fn a_server_that_goes_and_comes_back_is_met_again() {
    let one = repo_with(50);
    let other = replica(&one);
    let server = other.serve("127.0.0.1:0").unwrap();
    let address = server.local_addr();
    let live = one.live_with(&format!("tcp://{address}"), quick()).unwrap();
    assert!(live.wait_in_sync(LONG));
    server.shutdown();
    wait_until(|| live.status().failures > 1);
    let status = live.status();
    assert_eq!(status.error.as_ref().map(|error| error.0), Some(ErrorKind::Store), "{status}");
    fill(&one, 0..20, "while alone");
    fill(&other, 30..60, "while alone");
    let server = again(&other, address);
    wait_equal(&one, &other);
    assert!(live.wait_in_sync(LONG));
    let status = live.status();
    assert_eq!((status.connections, status.failures), (2, 0));
    assert_eq!(status.report.received.known, 0, "{status}");
    drop(live);
    wait_until(|| server.live_sessions() == 0);
}

/// Serves where somebody has served before.
fn again(repo: &Repo, address: SocketAddr) -> dronestore::sync::Server {
    let begun = Instant::now();
    loop {
        match repo.serve(address) {
            Ok(server) => return server,
            Err(error) => assert!(begun.elapsed() < LONG, "{error}"),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_cannot_be_called_is_said() {
    let one = repo_with(3);
    assert_eq!(one.live("https://nowhere").unwrap_err().kind(), ErrorKind::Unsupported);
    let stranger = repo_with(4);
    let server = stranger.serve("127.0.0.1:0").unwrap();
    let live = one.live(&format!("tcp://{}", server.local_addr())).unwrap();
    wait_until(|| live.status().failures > 0);
    let status = live.status();
    assert_eq!(status.error.as_ref().unwrap().0, ErrorKind::Mismatch);
    assert!(matches!(status.state, LiveState::Waiting(time) if time > Duration::from_secs(20)), "{status}");
    assert!(!live.wait_in_sync(Duration::from_millis(1)));
    live.retry_now();
    wait_until(|| live.status().failures > 1);
    live.stop();
    assert_eq!(one.len(), 3);
}

/// Stands between two and breaks what it carries again and again.
struct Breaker {
    address: SocketAddr,
    ending: AtomicBool,
    broken: AtomicUsize,
}

impl Breaker {
    fn run(&self, listener: &TcpListener, to: SocketAddr, times: usize) {
        let mut random = Random::new(5);
        thread::scope(|scope| {
            while let Ok((from, _)) = listener.accept() {
                if self.ending.load(Ordering::SeqCst) {
                    break;
                }
                let to = TcpStream::connect(to).unwrap();
                let breaks = self.broken.load(Ordering::SeqCst) < times;
                for (mut read, mut write) in [
                    (from.try_clone().unwrap(), to.try_clone().unwrap()),
                    (to.try_clone().unwrap(), from.try_clone().unwrap()),
                ] {
                    // Most break soon, some late, and some in the hello.
                    let most = 1 << (4 + random.below(12));
                    let mut left = if breaks { random.below(most) } else { usize::MAX };
                    scope.spawn(move || {
                        let mut buffer = [0; 4096];
                        while let Ok(count @ 1..) = read.read(&mut buffer) {
                            let count = count.min(left);
                            left -= count;
                            if write.write_all(&buffer[..count]).is_err() || left == 0 {
                                break;
                            }
                        }
                        let _ = (read.shutdown(Shutdown::Both), write.shutdown(Shutdown::Both));
                        self.broken.fetch_add(1, Ordering::SeqCst);
                    });
                }
            }
        });
    }
}

#[test]
fn a_connection_that_breaks_at_any_byte_loses_nothing() {
    let one = repo_with(60);
    let other = replica(&one);
    let server = other.serve("127.0.0.1:0").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let breaker = Breaker { address, ending: AtomicBool::new(false), broken: AtomicUsize::new(0) };
    thread::scope(|scope| {
        scope.spawn(|| breaker.run(&listener, server.local_addr(), 60));
        let live = one.live_with(&format!("tcp://{address}"), quick()).unwrap();
        let begun = Instant::now();
        let mut turns = 0;
        while breaker.broken.load(Ordering::SeqCst) < 60 && begun.elapsed() < Duration::from_secs(6) {
            fill(&one, [turns % 40, 1000 + turns], "by one");
            fill(&other, [turns % 30, 5000 + turns], "by the other");
            turns += 1;
            thread::sleep(Duration::from_millis(1));
        }
        let broken = breaker.broken.load(Ordering::SeqCst);
        println!("{broken} halves broken, {turns} turns, {}", live.status());
        breaker.broken.store(1000, Ordering::SeqCst);
        wait_equal(&one, &other);
        assert!(live.wait_in_sync(LONG));
        assert!(broken > 10 && turns > 20);
        for turn in 0..turns {
            assert_eq!(other.get::<Note>(name(1000 + turn)).unwrap().unwrap().title, "by one");
            assert_eq!(one.get::<Note>(name(5000 + turn)).unwrap().unwrap().title, "by the other");
        }
        live.stop();
        breaker.ending.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(breaker.address));
    });
    one.verify().unwrap();
    other.verify().unwrap();
}

#[test]
fn one_who_does_not_read_is_left_and_holds_nobody_up() {
    let one = repo_with(20);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let options = quick().silence(Duration::from_millis(300));
    let live = one.live_with(&address, options).unwrap();
    // It takes the call and says nothing.
    let (silent, _) = listener.accept().unwrap();
    fill(&one, 0..20, "meanwhile");
    let (_, _) = listener.accept().unwrap();
    wait_until(|| live.status().failures > 0);
    assert!(live.status().error.unwrap().1.contains("silent"));
    drop(silent);
    let begun = Instant::now();
    drop(live);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
