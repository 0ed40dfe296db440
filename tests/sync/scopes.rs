//! Scopes: what is outside is neither compared nor given, taken or revealed; what is inside merges as ever.

use super::{Journal, Note, change, name, replica, sync, talk, twin};
use crate::random::{Random, from_env};
use dronestore::sync::{Scope, Session, SyncReport};
use dronestore::{Key, Repo, Resolution, Version};
use dronestore_core::bytes::{put_slice, put_varint};

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn red() -> Scope {
    Scope::everything().below(&key("/Team:red"))
}

fn note(repo: &Repo, team: &str, number: usize, title: &str) {
    change::<Note>(repo, key(&format!("/Team:{team}/Note:{}", name(number))), |note| {
        note.title = title.into()
    });
}

/// Two teams with notes, and a diary of each.
fn full() -> Repo {
    let repo = Repo::memory().unwrap();
    for team in ["red", "blue"] {
        (0..40).for_each(|number| note(&repo, team, number, &format!("{team} title")));
        let page = key(&format!("/Team:{team}/journal:day"));
        change::<Journal>(&repo, page, |page| page.text = format!("{team} diary"));
    }
    repo
}

/// A session of these scopes; gives the caller's report, and all that was said.
fn meet(caller: (&Repo, &Scope), answerer: (&Repo, &Scope)) -> (SyncReport, Vec<Vec<u8>>) {
    let mut sessions = (
        Session::call(caller.0).within(caller.1.clone()),
        Session::answer(answerer.0).within(answerer.1.clone()),
    );
    let said = talk(&mut sessions.0, &mut sessions.1).unwrap();
    let agreed = caller.1.and(answerer.1);
    assert_eq!(held(caller.0, &agreed), held(answerer.0, &agreed));
    assert!(sessions.0.report().in_sync && sessions.1.report().in_sync);
    (sessions.0.report().clone(), said)
}

/// What of a scope stands in a repo, but for decisions.
fn held(repo: &Repo, scope: &Scope) -> Vec<Vec<u8>> {
    let objects = repo.objects(&Key::root()).unwrap().map(Result::unwrap);
    objects
        .filter(|version| scope.contains(version.kind(), version.key()))
        .map(|version| version.to_bytes())
        .collect()
}

fn empty_of(repo: &Repo) -> Repo {
    Repo::builder().replica_of(repo).open().unwrap()
}

fn says(said: &[Vec<u8>], word: &str) -> bool {
    said.iter().any(|turn| turn.windows(word.len()).any(|part| part == word.as_bytes()))
}

#[test]
fn only_what_is_inside_travels_and_is_named() {
    let full = full();
    let everything = Scope::everything();
    for (scope, count) in [
        (red(), 41),
        (Scope::everything().kind::<Journal>(), 2),
        (red().kind::<Journal>(), 1),
        (red().below(&key("/Team:blue/journal:day")), 42),
        (Scope::everything().kind_named("None"), 0),
    ] {
        // Whichever side names it.
        for (ours, theirs) in [(&scope, &everything), (&everything, &scope), (&scope, &scope)] {
            let part = empty_of(&full);
            let (_, said) = meet((&part, ours), (&full, theirs));
            assert_eq!(part.len(), count, "{scope}");
            assert_eq!(part.schemas().unwrap().len(), usize::from(count > 0) + usize::from(count > 40));
            for word in ["red", "blue"] {
                let wanted = scope.contains("journal", &key(&format!("/Team:{word}/journal:day")));
                assert_eq!(says(&said, &format!("{word} diary")), wanted, "{scope}");
            }
            let (report, _) = meet((&part, ours), (&full, theirs));
            assert_eq!(report.sent, 0);
            part.verify().unwrap();
        }
    }
}

#[test]
fn nothing_outside_is_revealed_by_questions_answers_or_lists() {
    let full = full();
    let part = empty_of(&full);
    meet((&part, &red()), (&full, &Scope::everything()));
    for round in 0..3 {
        note(&full, "blue", round, "blue secret");
        note(&full, "red", round, "red news");
        note(&part, "red", 9, &format!("red too {round}"));
        change::<Journal>(&part, key("/Team:green/journal:day"), |page| page.text.push_str("green secret"));
        let everything = Scope::everything();
        let (_, said) = match round {
            1 => meet((&full, &everything), (&part, &red())),
            _ => meet((&part, &red()), (&full, &everything)),
        };
        assert!(says(&said, "red news") && !says(&said, "blue") && !says(&said, "green"), "{round}");
    }
    assert_eq!(
        full.get::<Journal>(key("/Team:green/journal:day")).unwrap().map(|page| page.text.clone()),
        None
    );
}

#[test]
fn a_partial_replica_relays_and_merges_with_a_full_one_later() {
    let (full, scope) = (full(), red());
    let parts = [empty_of(&full), empty_of(&full)];
    meet((&parts[0], &scope), (&full, &Scope::everything()));
    meet((&parts[1], &scope), (&parts[0], &scope));
    note(&parts[1], "red", 3, "by the second");
    note(&parts[0], "red", 3, "by the first");
    note(&parts[1], "red", 77, "new");
    meet((&parts[1], &scope), (&parts[0], &scope));
    note(&full, "red", 3, "by the full one");
    meet((&full, &Scope::everything()), (&parts[0], &scope));
    assert_eq!(full.get::<Note>(key("/Team:red/Note:n00077")).unwrap().unwrap().title, "new");
    // All of it is one state, whatever way it came.
    sync(&parts[0], &full);
    let fresh = replica(&full);
    sync(&parts[1], &fresh);
    assert_eq!(parts[1].hash(), parts[0].hash());
}

#[test]
fn what_is_remembered_is_of_one_scope() {
    let (full, scope) = (full(), red());
    let part = empty_of(&full);
    meet((&part, &scope), (&full, &scope));
    for round in 0..4 {
        note(if round % 2 == 0 { &part } else { &full }, "red", 5 + round, "changed");
        note(&full, "blue", 5 + round, "changed");
        let (report, said) = meet((&part, &scope), (&full, &scope));
        assert_eq!((report.turns, report.deltas), (2, usize::from(round % 2 == 0)), "{report}");
        assert!(said.concat().len() < 400);
        // A scope that only the answerer named is known to the caller when it has begun.
        note(&full, "red", 7, "changed too");
        let (report, _) = meet((&part, &Scope::everything()), (&full, &scope));
        assert!(report.turns <= 3, "{report}, {} turns", report.turns);
    }
}

#[test]
fn decisions_belong_to_what_they_decide_about() {
    let full = full();
    let other = replica(&full);
    for team in ["red", "blue"] {
        for (repo, plan) in [(&full, "one"), (&other, "two")] {
            let at = key(&format!("/Team:{team}/Note:n00001"));
            change::<Note>(repo, at, |note| note.plan = format!("{team} {plan}"));
        }
    }
    sync(&full, &other);
    for conflict in full.conflicts::<Note>().unwrap() {
        conflict.unwrap().resolve(&full, Resolution::value(&"decided").unwrap()).unwrap();
    }
    let part = empty_of(&full);
    let (_, said) = meet((&part, &red()), (&full, &Scope::everything()));
    assert!(!says(&said, "blue"));
    assert_eq!(part.len(), 42);
    assert_eq!(part.conflicts::<Note>().unwrap().count().unwrap(), 0);
    assert_eq!(part.get::<Note>(key("/Team:red/Note:n00001")).unwrap().unwrap().plan, "decided");
    meet((&part, &red()), (&full, &Scope::everything()));
}

fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_slice(&mut out, &[&[kind], body].concat());
    out
}

/// A session with one who serves the red team and heard the hello of somebody.
fn served(full: &Repo) -> Session {
    let mut caller = Session::call(&empty_of(full));
    let mut hello = Vec::new();
    caller.send(&mut hello).unwrap();
    let mut session = Session::answer(full).within(red());
    session.receive(&hello).unwrap();
    session.send(&mut Vec::new()).unwrap();
    session
}

#[test]
fn who_asks_for_a_row_outside_gets_nothing() {
    let full = full();
    let mut rows = Vec::new();
    for object in full.objects(&Key::root()).unwrap().map(Result::unwrap) {
        rows.push([b"v", object.kind().as_bytes(), &[0], object.key().as_encoded()].concat());
    }
    let mut asks = Vec::new();
    for row in &rows {
        put_varint(&mut asks, 0);
        put_slice(&mut asks, row);
        asks.push(0);
    }
    let mut session = served(&full);
    session.receive(&[frame(5, &asks), frame(9, &[])].concat()).unwrap();
    let mut said = Vec::new();
    session.send(&mut said).unwrap();
    assert_eq!(session.report().sent, 41);
    assert!(!says(&[said], "blue"));
    // A list of all there is: what is outside is not known to be the same or another.
    let mut list = Vec::new();
    for bound in [&b"t"[..], b"w"] {
        put_varint(&mut list, 0);
        put_slice(&mut list, bound);
    }
    put_varint(&mut list, 0);
    let mut session = served(&full);
    session.receive(&[frame(4, &list), frame(9, &[])].concat()).unwrap();
    let mut said = Vec::new();
    session.send(&mut said).unwrap();
    assert_eq!(session.report().sent, 41);
    assert!(!says(&[said], "blue"));
}

#[test]
fn what_is_outside_is_not_taken() {
    let full = full();
    let other = twin(&full);
    note(&other, "blue", 1, "smuggled");
    let (other, target) = (other.objects(&Key::root()).unwrap(), full.hash());
    let smuggled: Vec<Version> =
        other.map(Result::unwrap).filter(|version| !red().contains(version.kind(), version.key())).collect();
    for version in smuggled {
        let mut body = vec![1];
        put_slice(&mut body, version.shape().as_bytes());
        put_slice(&mut body, version.key().as_encoded());
        body.extend_from_slice(version.hash().as_bytes());
        body.extend_from_slice(version.state_bytes());
        let mut entry = Vec::new();
        put_varint(&mut entry, (body.len() as u64) << 1);
        entry.extend_from_slice(&body);
        let error = served(&full).receive(&frame(6, &entry)).unwrap_err();
        assert!(error.is_corrupt() && error.to_string().contains("outside"), "{error}");
    }
    assert_eq!(full.hash(), target);
}

#[test]
fn any_scopes_end_with_the_same_in_both() {
    let seed = from_env("DRONESTORE_SEED", 3);
    let keys = ["/Team:red", "/Team:blue", "/Team:red/Note:n00003", "/Team", "/"];
    for round in 0..30 {
        let mut random = Random::new(seed + round);
        let first = full();
        let repos = [empty_of(&first), empty_of(&first), first];
        let mut scope = || {
            let mut scope = Scope::everything();
            for _ in 0..random.below(3) {
                scope = scope.below(&key(keys[random.below(keys.len())]));
            }
            match random.below(4) {
                0 => scope.kind::<Note>(),
                1 => scope.kind::<Journal>(),
                _ => scope,
            }
        };
        let scopes: Vec<Scope> = (0..8).map(|_| scope()).collect();
        for (index, scope) in scopes.iter().enumerate() {
            let (one, other) = (&repos[index % 3], &repos[(index + 1 + index / 3 % 2) % 3]);
            note(one, ["red", "blue"][index % 2], index, &format!("round {round}"));
            meet((one, scope), (other, &scopes[(index + 1) % 8]));
        }
        repos.iter().for_each(|repo| _ = repo.verify().unwrap());
    }
}

#[test]
fn scopes_are_read_as_they_are_written() {
    for text in
        ["everything", "nothing", "Person", "Note,Person,/Team:blue,/Team:red", "/a b", r"\/k,a\,b,\nothing"]
    {
        let scope: Scope = text.parse().unwrap();
        assert_eq!(scope.to_string(), text);
    }
    let same = red().below(&key("/Team:red/Note:a")).below(&key("/Team:red"));
    assert_eq!(same, red());
    assert!(Scope::everything().below(&key("/Team:red/Note:a")).below(&key("/Team:red")) == red());
    assert!(Scope::everything().below(&Key::root()).is_everything());
    assert_eq!(red().and(&Scope::everything().below(&key("/Team:blue"))).to_string(), "nothing");
    assert!(["", "a,,b", "/a//b", "x\\", &"k".repeat(300)].iter().all(|text| text.parse::<Scope>().is_err()));
}
