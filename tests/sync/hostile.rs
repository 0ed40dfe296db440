//! Whatever the other side says: an error in bounded time and memory, and nothing in the repo that did not verify.

use super::{change, fill, replica, repo_with, talk, twin};
use crate::format::mutate::{mutated, noise, survives};
use crate::random::{Random, from_env};
use dronestore::sync::{Scope, Session};
use dronestore::{Key, Repo};
use dronestore_core::bytes::{put_slice, put_varint};

/// How many hostile sessions each of the four kinds of attack gets.
fn rounds() -> u64 {
    from_env("DRONESTORE_HOSTILE", 25_000)
}

/// A repo to be attacked, and what one that differs from it said to it in earnest, turn by turn.
struct Scene {
    victim: Repo,
    calls: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
}

/// How the two of a scene find what differs.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Ranges,
    Sketch,
    /// They have met, and both have written since.
    Listed,
    /// They have met, and one has written since.
    Told,
    /// As listed, of one kind.
    Part,
}

fn scene(way: Way) -> Scene {
    let victim = repo_with(if way == Way::Sketch { 300 } else { 70 });
    let all = Scope::everything();
    let scope = if way == Way::Part { all.kind::<super::Note>() } else { all };
    let other = replica(&victim);
    if matches!(way, Way::Listed | Way::Told | Way::Part) {
        fill(&other, [3], "to meet");
        let call = Session::call(&victim).within(scope.clone());
        talk(&mut { call }, &mut Session::answer(&other)).unwrap();
    }
    if way != Way::Told {
        fill(&victim, [1, 5, 9, 80], "by the victim");
    }
    fill(&other, [1, 2, 50, 81, 82], "by the other");
    change::<super::Note>(&other, "large", |note| note.title = "large ".repeat(4000));
    let call = |repo: &Repo| Session::call(&twin(repo)).within(scope.clone());
    let said = talk(&mut call(&other), &mut Session::answer(&twin(&victim))).unwrap();
    let calls = said.iter().step_by(2).cloned().collect();
    let said = talk(&mut call(&victim), &mut Session::answer(&twin(&other))).unwrap();
    let answers = said.iter().skip(1).step_by(2).cloned().collect();
    Scene { victim, calls, answers }
}

impl Scene {
    /// Says these turns to a copy of the victim, and checks what became of it.
    fn attack(&self, is_called: bool, turns: &[Vec<u8>]) {
        let all: Vec<u8> = turns.concat();
        survives(&all, || {
            let repo = twin(&self.victim);
            let mut session = if is_called { Session::answer(&repo) } else { Session::call(&repo) };
            let mut out = Vec::new();
            let _ = session.send(&mut out);
            for turn in turns {
                let heard = session.receive(turn);
                for _ in 0..100 {
                    let before = out.len();
                    if session.send(&mut out).is_err() || out.len() == before {
                        break;
                    }
                }
                if heard.is_err() {
                    break;
                }
            }
            assert!(out.len() < 1 << 20, "{} bytes were said", out.len());
            let has_news = session.report().received.has_news();
            drop(session);
            assert!(has_news || repo.hash() == self.victim.hash());
            repo.verify().unwrap();
            let view = repo.view().unwrap();
            for before in self.victim.objects(&Key::root()).unwrap().map(Result::unwrap) {
                let after = view.version(before.kind(), before.key()).unwrap().unwrap();
                assert!(after.covers(&before).unwrap());
            }
        });
    }

    fn turns(&self, is_called: bool) -> &[Vec<u8>] {
        if is_called { &self.calls } else { &self.answers }
    }
}

/// An attack: what is said to a victim, which was called or calls.
type Attack = fn(&Scene, bool, &mut Random);

fn each_round(rounds: u64, attack: Attack) {
    let ways = [Way::Ranges, Way::Listed, Way::Told, Way::Part, Way::Sketch];
    let (seed, scenes) = (from_env("DRONESTORE_SEED", 5), ways.map(scene));
    println!("seed {seed}");
    for round in 0..rounds {
        let mut random = Random::new(seed + round * 7919);
        // The larger scene takes longer.
        let which = [0, 1, 2, 3, 0, 1, 2, 3, 4][(round / 2 % 9) as usize];
        attack(&scenes[which], round % 2 == 0, &mut random);
    }
}

/// All attacks, each so often.
pub fn attack_in_all_ways(rounds: u64) {
    for attack in [say_noise, say_wrong, say_again, say_lies] {
        each_round(rounds, attack);
    }
    endless_streams_end();
}

#[test]
fn random_bytes() {
    each_round(rounds(), say_noise);
}

/// Behind a hello that is as it should be in half of the cases.
fn say_noise(scene: &Scene, is_called: bool, random: &mut Random) {
    let mut turns = scene.turns(is_called)[..random.below(2)].to_vec();
    turns.push(noise(random, 200));
    scene.attack(is_called, &turns);
}

#[test]
fn real_sessions_made_wrong() {
    each_round(rounds(), say_wrong);
}

/// A real session with some changes.
fn say_wrong(scene: &Scene, is_called: bool, random: &mut Random) {
    let mut turns = scene.turns(is_called).to_vec();
    for _ in 0..=random.below(2) {
        let turn = random.below(turns.len());
        turns[turn] = mutated(&turns[turn], random);
    }
    scene.attack(is_called, &turns);
}

#[test]
fn replays_and_turns_in_any_order() {
    each_round(rounds(), say_again);
}

/// Turns of a real session, in any order and again.
fn say_again(scene: &Scene, is_called: bool, random: &mut Random) {
    let real = scene.turns(is_called);
    let mut turns = real[..1].to_vec();
    for _ in 0..random.below(8) {
        turns.push(real[random.below(real.len())].clone());
    }
    scene.attack(is_called, &turns);
}

/// A frame of this type.
fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_slice(&mut out, &[&[kind], body].concat());
    out
}

/// A row that may be there, or nearly.
fn row(random: &mut Random, out: &mut Vec<u8>) {
    let rows =
        ["t", "u", "v", "vNote\0", "vNote\0Note\u{1}n00005\0", "vNote\0Note\u{1}n00050\0", "w", "", "o", "m"];
    put_varint(out, random.below(9).saturating_sub(7) as u64);
    put_slice(out, rows[random.below(rows.len())].as_bytes());
}

/// Frames that are what they should be, and lie.
fn lies(random: &mut Random) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..random.below(6) {
        let kind = match random.below(6) {
            0 | 1 => 16 + random.below(5),
            2 => 32 + random.below(2),
            _ => 1 + random.below(13),
        } as u8;
        let mut body = Vec::new();
        for _ in 0..random.below(4) {
            match kind {
                2 => {
                    (0..2).for_each(|_| row(random, &mut body));
                    body.extend((0..16).map(|_| random.next() as u8));
                }
                3 | 4 => {
                    (0..2 * (kind - 3)).for_each(|_| row(random, &mut body));
                    let count = random.below(5);
                    put_varint(
                        &mut body,
                        [count as u64, 1 << 40, u64::MAX][random.below(9).saturating_sub(6)],
                    );
                    for _ in 0..count.saturating_sub(2 * usize::from(kind == 3)) {
                        row(random, &mut body);
                        body.extend((0..8).map(|_| random.next() as u8));
                    }
                }
                5 => {
                    row(random, &mut body);
                    let context = noise(random, 40);
                    put_slice(&mut body, if random.below(2) == 0 { &[] } else { &context });
                }
                7 => put_varint(&mut body, random.next() >> random.below(60)),
                9 => body = vec![1],
                0x21 => {
                    body.resize(body.len().max(16), 7);
                    row(random, &mut body);
                    // Origins of every sort, with few attributes.
                    put_varint(&mut body, random.below(64) as u64);
                    body.extend(noise(random, 40));
                }
                0x10 => body = (0..32).map(|_| random.next() as u8 % 9).collect(),
                0x11 | 0x12 => {
                    let (group, count) = ([1, 2, 3, 64, 127, 128][random.below(6)], random.below(40));
                    [group, [0, 1000, 1 << 40][random.below(9) / 4], count as u64]
                        .iter()
                        .for_each(|number| put_varint(&mut body, *number));
                    let cells = if kind == 0x11 { 8 * count } else { 0 };
                    body.extend((0..cells).map(|_| random.next() as u8));
                }
                0x13 | 0x14 => {
                    (0..random.below(30))
                        .for_each(|_| put_varint(&mut body, random.next() >> random.below(60)));
                }
                _ => body.extend(noise(random, 60)),
            }
        }
        out.extend(frame(kind, &body));
    }
    out.extend(frame(9, &[]));
    out
}

#[test]
fn frames_that_lie() {
    each_round(rounds(), say_lies);
}

/// Frames that are what they should be, and lie.
fn say_lies(scene: &Scene, is_called: bool, random: &mut Random) {
    let mut turns = scene.turns(is_called)[..1].to_vec();
    turns.extend((0..random.below(5)).map(|_| lies(random)));
    scene.attack(is_called, &turns);
}

/// A session of a victim that has heard the hello of one who differs.
fn greeted(scene: &Scene) -> Session {
    let mut session = Session::answer(&twin(&scene.victim));
    session.receive(&scene.calls[0]).unwrap();
    session.send(&mut Vec::new()).unwrap();
    session
}

#[test]
fn endless_streams_end() {
    let scene = scene(Way::Ranges);
    // A row and no context, over and over; then pieces of a version that claims the most.
    let asks = frame(5, &[&[0, 1, b'v', 0][..], &[1, 0, 0].repeat(20_000)].concat());
    let mut session = greeted(&scene);
    let taken = (0..1000).take_while(|_| session.receive(&asks).is_ok()).count();
    assert!(taken < 300, "{taken} frames");

    let mut large = Vec::new();
    put_varint(&mut large, (32 << 20) << 1);
    let mut session = greeted(&scene);
    session.receive(&frame(7, &large)).unwrap();
    let piece = frame(8, &[0x55; 60_000]);
    let taken = (0..1000).take_while(|_| session.receive(&piece).is_ok()).count();
    assert!((500..600).contains(&taken), "{taken} frames");

    for claim in [(33 << 20) << 1, u64::MAX] {
        let mut large = Vec::new();
        put_varint(&mut large, claim);
        assert!(greeted(&scene).receive(&frame(7, &large)).unwrap_err().is_corrupt());
    }
    // Turns without a word, and the same version over and over.
    let mut session = greeted(&scene);
    assert!(session.receive(&frame(9, &[])).unwrap_err().is_corrupt());
    let known = scene.calls[1..].iter().flat_map(|turn| frames(turn)).find(|frame| frame[0] == 6).unwrap();
    let mut session = greeted(&scene);
    let mut taken = 0;
    while session.receive(&frame(6, &known[1..])).is_ok() {
        taken += 1;
        assert!(taken < 2000);
    }
}

/// The frames of a turn, without their lengths.
pub fn frames(mut turn: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while !turn.is_empty() {
        let mut reader = dronestore_core::bytes::Reader::new(turn);
        frames.push(reader.slice().unwrap().to_vec());
        turn = reader.rest();
    }
    frames
}

#[test]
fn a_forged_version_is_an_error_and_changes_nothing() {
    let scene = scene(Way::Ranges);
    let mut checked = 0;
    for known in scene.calls[1..].iter().flat_map(|turn| frames(turn)).filter(|frame| frame[0] == 6) {
        for at in 1..known.len() {
            let mut forged = known.clone();
            forged[at] ^= 1 << (at % 8);
            let mut session = greeted(&scene);
            let before = session.repo().hash();
            match session.receive(&frame(6, &forged[1..])) {
                Err(_) => assert_eq!(session.repo().hash(), before),
                // Whether an answer is asked for is one bit that nothing vouches for.
                Ok(()) => drop(session.repo().verify().unwrap()),
            }
            checked += 1;
        }
    }
    assert!(checked > 500, "{checked}");
}

/// A caller that has asked for cells, and an answerer that has said some.
fn sketching(victim: &Repo) -> (Session, Session) {
    let (one, other) = (twin(victim), replica(victim));
    fill(&other, [9], "by the other");
    let (mut caller, mut answerer) = (Session::call(&one), Session::answer(&other));
    let mut wire = Vec::new();
    for turn in 0..3 {
        let (from, to) =
            if turn % 2 == 0 { (&mut caller, &mut answerer) } else { (&mut answerer, &mut caller) };
        wire.clear();
        from.send(&mut wire).unwrap();
        to.receive(&wire).unwrap();
    }
    let mut said = Vec::new();
    answerer.send(&mut said).unwrap();
    assert!(frames(&said).iter().any(|frame| frame[0] == 0x11));
    (caller, answerer)
}

/// An entry of cells, all of the same bytes.
fn cells(group: u64, first: u64, count: usize, byte: u8) -> Vec<u8> {
    let mut body = Vec::new();
    [group, first, count as u64].iter().for_each(|number| put_varint(&mut body, *number));
    body.extend(vec![byte; 8 * count]);
    body
}

#[test]
fn a_sketch_that_lies_ends_in_ranges_or_an_error() {
    let victim = repo_with(600);
    let wrong = [
        cells(0, 0, 5, 1),
        cells(128, 0, 5, 1),
        cells(u64::MAX, 0, 5, 1),
        cells(1, 3, 5, 1),
        cells(1, 0, 1025, 1),
        cells(1, 0, 0, 1),
        [cells(1, 0, 9, 1), cells(1, 0, 9, 1)].concat(),
        vec![1, 0, 200, 1],
    ];
    for wrong in wrong {
        let (mut caller, _) = sketching(&victim);
        assert!(caller.receive(&frame(0x11, &wrong)).unwrap_err().is_corrupt());
    }
    // Not of everything.
    let (mut caller, _) = sketching(&victim);
    caller.receive(&[frame(0x11, &cells(2, 0, 9, 1)), frame(9, &[])].concat()).unwrap();
    assert!(caller.send(&mut Vec::new()).unwrap_err().is_corrupt());
    // Cells that never come out, however many: at last the caller goes on by ranges.
    let (mut caller, _) = sketching(&victim);
    let mut turns = 0;
    caller.receive(&[frame(0x11, &cells(1, 0, 20, 0x5a)), frame(9, &[])].concat()).unwrap();
    loop {
        let mut said = Vec::new();
        caller.send(&mut said).unwrap();
        let said = frames(&said);
        let Some(asked) = said.iter().find(|frame| frame[0] == 0x12) else {
            assert!(said.iter().any(|frame| frame[0] == 2), "{said:?}");
            break;
        };
        let mut reader = dronestore_core::bytes::Reader::new(&asked[1..]);
        let mut answer = Vec::new();
        while !reader.is_empty() {
            let [group, first, count] = [0; 3].map(|_| reader.varint().unwrap());
            answer.extend(cells(group, first, count as usize, 0x5a));
        }
        caller.receive(&[frame(0x11, &answer), frame(9, &[])].concat()).unwrap();
        turns += 1;
        assert!(turns < 10);
    }
    // Questions without end, ids without end.
    let mut question = Vec::new();
    [64, 0, 1024].iter().for_each(|number| put_varint(&mut question, *number));
    let (_, mut answerer) = sketching(&victim);
    let asked = (0..1000).take_while(|_| answerer.receive(&frame(0x12, &question)).is_ok()).count();
    assert!(asked <= 128, "{asked}");
    for kind in [0x13, 0x14] {
        let (_, mut answerer) = sketching(&victim);
        let ids = frame(kind, &[1; 50_000]);
        let asked = (0..1000).take_while(|_| answerer.receive(&ids).is_ok()).count();
        assert!(asked <= 6, "{asked}");
    }
    // What the other side never asked for is an error.
    let mut session = Session::call(&twin(&victim));
    session.send(&mut Vec::new()).unwrap();
    assert!(session.receive(&frame(0x11, &cells(1, 0, 9, 1))).unwrap_err().is_corrupt());
}
