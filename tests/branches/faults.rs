//! Every call of the store fails once, in turn: a branch and its repo are as before the call, or as after it.

use super::{Page, open, page, rows, title};
use dronestore::stores::MemoryStore;
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{Repo, Result};
use std::sync::Arc;

fn again<R>(mut call: impl FnMut() -> Result<R>) -> R {
    (0..3).find_map(|_| call().ok()).unwrap_or_else(|| call().unwrap())
}

type Step = fn(&Repo) -> Result<()>;

fn draft(repo: &Repo) -> Result<dronestore::Branch> {
    repo.branch("draft")
}

/// Each of these may be done twice.
const STEPS: [(&str, Step); 11] = [
    ("put in the repo", |repo| repo.put("a", page("one")).map(drop)),
    ("make", |repo| draft(repo).map(drop)),
    ("put", |repo| draft(repo)?.put("a", Page { stars: 3, ..page("two") }).map(drop)),
    ("transaction", |repo| {
        draft(repo)?.transaction(|on| {
            on.put("b", page("two"))?;
            on.put("c", page("two")).map(drop)
        })
    }),
    ("save", |repo| {
        let draft = draft(repo)?;
        let Some(mut handle) = draft.get::<Page>("b")? else { return Ok(()) };
        handle.stars = 7;
        // What is saved again finds out what became of it.
        draft.save(&mut handle).or_else(|_| draft.save(&mut handle)).map(drop)
    }),
    ("delete", |repo| draft(repo)?.delete::<Page>("c").map(drop)),
    ("put more in the repo", |repo| repo.put("a", Page { visits: 5, ..page("three") }).map(drop)),
    ("catch up", |repo| draft(repo)?.catch_up().map(drop)),
    ("merge", |repo| draft(repo)?.merge().map(drop)),
    ("go on", |repo| draft(repo)?.put("d", page("four")).map(drop)),
    ("discard", |repo| match repo.find_branch("draft")? {
        Some(draft) => draft.discard().map(drop),
        None => Ok(()),
    }),
];

fn check(repo: &Repo, what: &str) {
    repo.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
    let title =
        |name| repo.get::<Page>(name).unwrap().map(|page| (page.title.clone(), page.stars, page.visits));
    assert_eq!(title("a"), Some(("three".into(), 3, 5)), "{what}");
    assert_eq!(title("b"), Some(("two".into(), 7, 0)), "{what}");
    assert_eq!((title("c"), title("d")), (None, None), "{what}");
    assert!(repo.branches().unwrap().is_empty(), "{what}");
}

#[test]
fn whatever_fails_is_done_again_and_done_once() {
    let run = |store: &FaultyStore| {
        let repo = again(|| Repo::builder().store(Arc::new(store.clone())).open());
        STEPS.iter().for_each(|(_, step)| again(|| step(&repo)));
        repo
    };
    let store = FaultyStore::new(MemoryStore::new());
    check(&run(&store), "without a failure");
    for fault in [Fault::Refuse, Fault::Lose, Fault::Keep] {
        for call in 1..=store.calls() {
            let store = FaultyStore::new(MemoryStore::new());
            store.fail_call(call, fault);
            let repo = run(&store);
            store.heal();
            check(&repo, &format!("{fault:?} at {call}"));
        }
    }
}

#[test]
fn a_call_that_was_refused_changes_nothing() {
    let mut refused = 0;
    for (number, (what, step)) in STEPS.iter().enumerate() {
        for call in 1.. {
            let memory = MemoryStore::new();
            let store = FaultyStore::new(memory.clone());
            let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            STEPS[..number].iter().for_each(|(_, step)| step(&repo).unwrap());
            let (before, begun) = (rows(&memory), store.calls());
            store.fail_call(call, Fault::Refuse);
            let failed = step(&repo).is_err();
            let is_reached = store.calls() - begun >= call;
            store.heal();
            assert!(!failed || rows(&memory) == before, "{what}: call {call}");
            if !is_reached {
                break;
            }
            refused += usize::from(failed);
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn a_repo_that_dies_at_any_batch_opens_before_or_after_it() {
    for batch in 1..16 {
        for fault in [Fault::Lose, Fault::Keep] {
            let memory = MemoryStore::new();
            let store = FaultyStore::new(memory.clone());
            let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            store.die_at_apply(batch, fault);
            let done = STEPS.iter().take_while(|(_, step)| step(&repo).is_ok()).count();
            let opened = open(&memory);
            opened.verify().unwrap();
            if let Some(draft) = opened.find_branch("draft").unwrap() {
                assert!(title(&draft, "a").is_some());
            }
            STEPS[done..].iter().for_each(|(_, step)| step(&opened).unwrap());
            check(&opened, &format!("{fault:?} at batch {batch}"));
        }
    }
}
