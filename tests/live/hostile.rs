//! Whatever a side says that has come to stay: an error or as it should be, and nothing that did not verify.

use super::staying;
use crate::format::mutate::{mutated, noise, survives};
use crate::random::{Random, from_env};
use crate::sync::{change, fill, repo_with, twin};
use dronestore::sync::Session;
use dronestore::{Key, Repo};
use dronestore_core::bytes::{put_slice, put_varint};

fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_slice(&mut out, &[&[kind], body].concat());
    out
}

/// A copy of a repo whose session has come to stay; what its other side says next is up to the test.
fn victim(repo: &Repo, is_called: bool) -> Session {
    let (ours, theirs) = (twin(repo), twin(repo));
    let (mut calls, mut answers) = (Session::call(&theirs).live(), Session::answer(&ours).live());
    if !is_called {
        (calls, answers) = (Session::call(&ours).live(), Session::answer(&theirs).live());
    }
    let mut wire = Vec::new();
    calls.send(&mut wire).unwrap();
    answers.receive(&wire).unwrap();
    wire.clear();
    answers.send(&mut wire).unwrap();
    calls.receive(&wire).unwrap();
    if is_called { answers } else { calls }
}

/// What the other side says in earnest: versions, points, answers.
fn earnest(repo: &Repo) -> [Vec<u8>; 2] {
    let (one, other) = (twin(repo), crate::sync::replica(repo));
    let mut pair = super::Pair::live(&one, &other);
    let mut said = [Vec::new(), Vec::new()];
    for round in 0..4 {
        fill(&one, [round, 80 + round], "by one");
        fill(&other, [round, 90 + round], "by the other");
        if round == 2 {
            change::<crate::sync::Note>(&other, "large", |note| note.title = "large ".repeat(4000));
        }
        for side in [0, 1, 0, 1] {
            pair.send(side).unwrap();
            said[side].extend(pair.wires[side].clone());
            pair.deliver(side, usize::MAX).unwrap();
        }
        pair.caller.keep_alive();
    }
    said
}

fn lies(random: &mut Random, earnest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..1 + random.below(8) {
        match random.below(9) {
            0 => out.extend(frame(0x30, &[&[7; 16][..], &[random.below(3) as u8]].concat())),
            1 => out.extend(frame(0x31, &[random.below(4) as u8])),
            2 => out.extend(frame(0x32, &[])),
            3 => out.extend(frame(0x33, &[])),
            4 => out.extend(frame(1 + random.below(0x40) as u8, &noise(random, 40))),
            5 => out.extend(frame(9, &[])),
            6 => {
                let mut large = Vec::new();
                put_varint(&mut large, random.next() >> random.below(60));
                out.extend(frame(7, &large));
            }
            7 => out.extend(earnest),
            _ => out.extend(mutated(earnest, random)),
        }
    }
    out
}

#[test]
fn lies_and_noise_are_errors_and_change_nothing_else() {
    let seed = from_env("DRONESTORE_SEED", 23);
    println!("seed {seed}");
    let repo = repo_with(40);
    let said = earnest(&repo);
    for round in 0..from_env("DRONESTORE_HOSTILE", 4_000) {
        let mut random = Random::new(seed + round * 7919);
        let is_called = round % 2 == 0;
        let bytes = lies(&mut random, &said[usize::from(!is_called)]);
        survives(&bytes, || {
            let mut session = victim(&repo, is_called);
            let mut out = Vec::new();
            for piece in bytes.chunks(1 + random.below(2000)) {
                if session.receive(piece).is_err() {
                    break;
                }
                for _ in 0..10 {
                    let before = out.len();
                    if session.send(&mut out).is_err() || out.len() == before {
                        break;
                    }
                }
                if random.below(4) == 0 {
                    session.keep_alive();
                }
            }
            assert!(out.len() < 1 << 20, "{} bytes were said", out.len());
            let (ours, has_news) = (session.repo().clone(), session.report().received.has_news());
            drop(session);
            assert!(has_news || ours.hash() == repo.hash());
            if round % 20 == 0 {
                ours.verify().unwrap();
                for before in repo.objects(&Key::root()).unwrap().map(Result::unwrap) {
                    let after = ours.view().unwrap().version(before.kind(), before.key()).unwrap().unwrap();
                    assert!(after.covers(&before).unwrap());
                }
            }
        });
    }
}

#[test]
fn endless_words_end() {
    let repo = repo_with(40);
    // A second point before the first is answered; answers that nobody asked for; versions that ask.
    let point = frame(0x30, &[0; 17]);
    let mut session = victim(&repo, true);
    session.receive(&point).unwrap();
    assert!(session.receive(&point).unwrap_err().is_corrupt());
    assert!(victim(&repo, false).receive(&frame(0x31, &[1])).unwrap_err().is_corrupt());
    assert!(victim(&repo, true).receive(&frame(0x33, &[])).unwrap_err().is_corrupt());
    assert!(victim(&repo, false).receive(&frame(0x32, &[])).unwrap_err().is_corrupt());
    // The same version over and over is in vain, and so many are too many.
    let (one, _, mut pair) = staying(5);
    fill(&one, [1], "by one");
    pair.send(0).unwrap();
    let known = pair.wires[0].clone();
    let length = usize::from(known[0] & 0x7f) | usize::from(known[1] & 0x7f) << 7;
    let versions = &known[..2 + length];
    assert_eq!(versions[2], 6);
    pair.deliver(0, usize::MAX).unwrap();
    let (entry, mut taken) = (&versions[3..], 0);
    // Many in a frame, of which the first writes out the shape.
    let many = frame(6, &entry.repeat(60_000 / entry.len()));
    let each = 60_000 / entry.len();
    while pair.answerer.receive(&many).is_ok() {
        taken += each;
        assert!(taken < 200_000);
    }
    assert!(taken > 50_000, "{taken}");
    assert!(pair.answerer.receive(&many).is_err());
}

#[test]
fn a_side_that_is_not_heard_keeps_nothing() {
    let (one, _, mut pair) = staying(100);
    // It speaks only as it is asked to, and what it has not said is in the log.
    for turn in 0..3000 {
        fill(&one, [turn % 90, 100 + turn % 50], "often");
        if turn % 100 == 0 {
            pair.send(0).unwrap();
        }
    }
    assert!(pair.wires[0].len() < 2 << 20, "{}", pair.wires[0].len());
    let sent = pair.caller.report().sent;
    assert!(sent <= 31 * 140, "{sent}");
    pair.settle();
    pair.assert_in_sync();
}
