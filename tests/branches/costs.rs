//! What branches cost does not depend on what the repo holds.

use super::{Page, branch_rows, page};
use dronestore::Repo;
use dronestore::stores::MemoryStore;
use dronestore::testing::{CountingStore, Counts};
use std::sync::Arc;

/// What each call asks of the store: on a repo of so many objects, with so many touched on the branch.
fn costs(objects: usize, touched: usize) -> Vec<(&'static str, Counts)> {
    let memory = MemoryStore::new();
    let store = CountingStore::new(memory.clone());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    repo.import((0..objects).map(|number| (format!("{number:06}"), page("one")))).unwrap();
    let step = objects / touched;
    let names: Vec<String> = (0..touched).map(|number| format!("{:06}", number * step)).collect();
    let mut told = Vec::new();
    let mut count = |what, work: &mut dyn FnMut()| {
        store.take();
        work();
        told.push((what, store.take()));
    };
    let mut branch = None;
    count("make", &mut || branch = Some(repo.branch("draft").unwrap()));
    let branch = branch.unwrap();
    count("edit", &mut || {
        for name in &names {
            branch.update::<Page>(name.as_str(), |page| Ok(page.visits += 1)).unwrap();
        }
    });
    assert_eq!(branch_rows(&memory), touched + 1);
    count("get", &mut || drop(branch.get::<Page>(names[0].as_str()).unwrap()));
    count("changes", &mut || assert_eq!(branch.changes().unwrap().len(), touched));
    repo.update::<Page>(names[1].as_str(), |page| Ok(page.visits += 1)).unwrap();
    count("catch up", &mut || drop(branch.catch_up().unwrap()));
    count("list", &mut || assert_eq!(repo.branches().unwrap()[0].objects, touched as u64));
    count("merge", &mut || drop(branch.merge().unwrap()));
    assert_eq!(branch_rows(&memory), 1);
    count("merge again", &mut || drop(branch.merge().unwrap()));
    branch.put("000000", page("two")).unwrap();
    count("discard", &mut || drop(branch.discard().unwrap()));
    told
}

#[test]
fn a_call_costs_what_the_branch_has_touched() {
    let touched = 20;
    let (few, many) = (costs(200, touched), costs(20_000, touched));
    for ((what, few), (_, many)) in few.iter().zip(&many) {
        println!("{what}: {many:?}");
        // Bytes differ by the lengths of numbers.
        assert_eq!((few.gets, few.scans, few.applies), (many.gets, many.scans, many.applies), "{what}");
        assert_eq!(few.pairs_scanned, many.pairs_scanned, "{what}");
        assert_eq!(few.keys_written, many.keys_written, "{what}");
    }
    let of = |what| many.iter().find(|(name, _)| *name == what).unwrap().1;
    let touched = touched as u64;
    let merge = of("merge");
    assert_eq!((merge.snapshots, merge.applies), (1, 1));
    assert!(merge.gets <= 2 * touched + 4 && merge.pairs_scanned <= touched + 4, "{merge:?}");
    // Head and branch's row of each, and a row of the log.
    assert!(merge.keys_written <= 2 * touched + 2, "{merge:?}");
    assert_eq!(of("merge again").applies, 0);
    assert!(of("edit").keys_written <= 3 * touched + 4, "{:?}", of("edit"));
    assert!(of("get").gets <= 2 + 1, "{:?}", of("get"));
    assert!(of("changes").gets <= 2 * touched + 2, "{:?}", of("changes"));
}
