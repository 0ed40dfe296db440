//! Sessions over HTTP without a socket: requests that are repeated, lost, out of turn, or of somebody else.

use super::{SHORT, two, until};
use crate::sync::{replica, repo_with};
use dronestore::sync::{HttpResponse, HttpSessions, ServeOptions, Session, SyncReport};
use dronestore::{ErrorKind, Repo};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const MIME: &str = "application/x-dronestore";

fn id(number: usize) -> String {
    format!("{number:032x}")
}

fn post(sessions: &HttpSessions, id: &str, turn: u64, body: &[u8]) -> HttpResponse {
    let turn = turn.to_string();
    let header = |name: &str| match name {
        "content-type" => Some(MIME),
        "dronestore-session" => Some(id),
        "dronestore-turn" => Some(turn.as_str()),
        _ => None,
    };
    sessions.handle("POST", header, body)
}

/// Carries a session; each request is sent so many times.
fn carry(caller: &Repo, sessions: &HttpSessions, id: &str, times: usize) -> SyncReport {
    let mut session = Session::call(caller);
    for turn in 0.. {
        let mut out = Vec::new();
        session.send(&mut out).unwrap();
        if session.is_done() && out.is_empty() {
            break;
        }
        let first = post(sessions, id, turn, &out);
        for _ in 1..times {
            assert_eq!(post(sessions, id, turn, &out), first, "turn {turn}");
        }
        assert_eq!(first.status, 200);
        if session.is_done() {
            break;
        }
        session.receive(&first.body).unwrap();
    }
    session.report().clone()
}

#[test]
fn a_request_that_is_repeated_does_no_harm() {
    let (one, other, hash) = two();
    let sessions = HttpSessions::new(&other, &ServeOptions::new());
    let before = other.sequence();
    let once = replica(&other);
    carry(&replica(&one), &HttpSessions::new(&once, &ServeOptions::new()), &id(1), 1);
    assert!(carry(&one, &sessions, &id(1), 3).in_sync);
    assert_eq!((one.hash(), other.hash(), once.hash()), (hash, hash, hash));
    assert!(other.sequence() > before);
    assert_eq!(sessions.sessions(), 0);
    other.verify().unwrap();
}

#[test]
fn what_is_out_of_turn_is_refused() {
    let (one, other, hash) = two();
    let sessions = HttpSessions::new(&other, &ServeOptions::new());
    let mut hello = Vec::new();
    Session::call(&one).send(&mut hello).unwrap();
    assert_eq!(post(&sessions, &id(1), 1, &hello).status, 410);
    let first = post(&sessions, &id(1), 0, &hello);
    assert_eq!((first.status, post(&sessions, &id(1), 0, b"other").status), (200, 409));
    for turn in [2, u64::MAX] {
        assert_eq!(post(&sessions, &id(1), turn, b"").status, 409);
    }
    // Noise ends the session with the reason, which is said again when asked again.
    let refused = post(&sessions, &id(1), 1, &[9; 40]);
    assert_eq!((refused.status, &refused.body[..2]), (200, &[2, 0x0b][..]));
    assert_eq!(post(&sessions, &id(1), 1, &[9; 40]), refused);
    assert_eq!((post(&sessions, &id(1), 2, b"").status, sessions.sessions()), (409, 0));
    assert!(carry(&one, &sessions, &id(2), 1).in_sync);
    assert_eq!(other.hash(), hash);
}

#[test]
fn requests_of_others_are_refused_in_words() {
    let hub = repo_with(3);
    let sessions = HttpSessions::new(&hub, &ServeOptions::new().origin("https://notes.example"));
    let ours: [(&str, &str); 3] =
        [("content-type", MIME), ("dronestore-session", &id(1)), ("dronestore-turn", "0")];
    let with = |changes: &[(&'static str, &'static str)]| {
        let find = |name: &str| {
            let changed = changes.iter().find(|(other, _)| *other == name);
            changed
                .map(|(_, value)| *value)
                .or_else(|| ours.iter().find(|(other, _)| *other == name).map(|(_, value)| *value))
        };
        sessions.handle("POST", find, b"")
    };
    for (changes, status) in [
        (&[][..], 200),
        (&[("origin", "https://notes.example")], 200),
        (&[("origin", "https://elsewhere.example")], 403),
        (&[("origin", "null")], 403),
        (&[("content-type", "text/plain")], 415),
        (&[("content-type", "application/x-www-form-urlencoded")], 415),
        (&[("dronestore-session", "")], 400),
        (&[("dronestore-session", "0123")], 400),
        (&[("dronestore-session", "é123456789012345678901234567890")], 400),
        (&[("dronestore-turn", "-1")], 400),
        (&[("dronestore-turn", "99999999999999999999")], 400),
    ] {
        assert_eq!(with(changes).status, status, "{changes:?}");
    }
    assert_eq!(sessions.handle("GET", |_| None, b"").status, 405);
    assert_eq!(post(&sessions, &id(2), 0, &vec![0; (1 << 20) + 1]).status, 413);
}

#[test]
fn sessions_are_bounded_in_number_and_time() {
    let hub = repo_with(3);
    let ended = Arc::new(AtomicUsize::new(0));
    let count = ended.clone();
    let options = ServeOptions::new().sessions(4).silence_limit(SHORT * 5);
    let options = options.on_end(move |ended| {
        assert_eq!(ended.result.as_ref().unwrap_err().kind(), ErrorKind::Store);
        count.fetch_add(1, Ordering::SeqCst);
    });
    let sessions = HttpSessions::new(&hub, &options);
    let mut hello = Vec::new();
    Session::call(&repo_with(2)).foreign().send(&mut hello).unwrap();
    // Nothing but the beginning of a hello: the session goes on.
    let begin = |number: usize| post(&sessions, &id(number), 0, &hello[..9]).status;
    let statuses: Vec<u16> = (0..6).map(begin).collect();
    assert_eq!((statuses, sessions.sessions()), (vec![200, 200, 200, 200, 503, 503], 4));
    let busy = post(&sessions, &id(50), 0, &hello);
    let mut caller = Session::call(&hub);
    caller.send(&mut Vec::new()).unwrap();
    assert_eq!(caller.receive(&busy.body).unwrap_err().kind(), ErrorKind::Busy);
    until("there is room again", || begin(60) == 200);
    assert_eq!(post(&sessions, &id(0), 1, b"").status, 410);
    until("all are given up", || {
        sessions.sweep();
        sessions.sessions() == 0
    });
    assert_eq!(ended.load(Ordering::SeqCst), 5);
}

#[test]
fn many_sessions_that_are_over_are_not_kept() {
    let hub = repo_with(3);
    let sessions = HttpSessions::new(&hub, &ServeOptions::new().sessions(2));
    for number in 0..100 {
        assert!(carry(&replica(&hub), &sessions, &id(number), 2).in_sync);
    }
    // The last can still be asked again, the first not.
    let mut hello = Vec::new();
    Session::call(&replica(&hub)).send(&mut hello).unwrap();
    assert_eq!(post(&sessions, &id(0), 1, &hello).status, 410);
    assert_eq!(post(&sessions, &id(99), 1, &hello).status, 409);
}
