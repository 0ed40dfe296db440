//! G1, G5, G6 through repos in memory: saving, merging diverged ones, merging identical ones.

use crate::Options;
use crate::harness::{Clock, Contestant, Cost, compete, contestant, cost};
use crate::peers::automerge::Automerge;
use crate::peers::loro::Loro;
use crate::peers::yrs::Yrs;
use crate::peers::{Replica, filled};
use crate::person::{Person, name};
use crate::table::{Must, Table, Unit};
use dronestore::stores::MemoryStore;
use dronestore::testing::CountingStore;
use dronestore::{Key, Repo, Versioned};
use std::sync::Arc;

/// A repo in memory that counts its reads, with so many people.
fn repo(count: usize) -> (Repo, CountingStore) {
    let store = CountingStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    fill(&repo, count);
    (repo, store)
}

/// Puts so many people into a repo, a thousand in a transaction.
pub fn fill(repo: &Repo, count: usize) {
    let ids: Vec<usize> = (0..count).collect();
    for ids in ids.chunks(1_000) {
        let put = |transaction: &mut dronestore::Transaction<'_>| {
            for &id in ids {
                transaction.save(Versioned::new(Key::for_kind("Person", &name(id))?, Person::make(id)))?;
            }
            Ok(())
        };
        repo.transaction(put).unwrap();
    }
}

/// Another replica that holds the same.
fn replica(of: &Repo) -> (Repo, CountingStore) {
    let (copy, store) = repo(0);
    copy.merge(of).unwrap();
    (copy, store)
}

/// Edits every record, a thousand in a transaction.
fn edit_all(repo: &Repo, count: usize, round: u64) {
    let ids: Vec<usize> = (0..count).collect();
    for ids in ids.chunks(1_000) {
        let edit = |transaction: &mut dronestore::Transaction<'_>| {
            for &id in ids {
                transaction.update::<Person>(name(id), |person| {
                    person.edit(id, round);
                    Ok(())
                })?;
            }
            Ok(())
        };
        repo.transaction(edit).unwrap();
    }
}

/// Creating and storing records in memory.
pub fn saving(options: &Options, table: &mut Table) {
    let count = options.batch;
    let run = move || {
        let empty = Repo::memory().unwrap();
        cost(count, || fill(&empty, count))
    };
    let results = compete(options.repeats, vec![contestant("repo", run)]);
    let work = "save into a repo in memory, 1000 a transaction, record made on the clock";
    table.push("G1", work, Unit::Nanos, results.get("repo").cpu, "", None, Must::Shown);
}

/// Merging a repo in which every record was edited, as here.
pub fn diverged(options: &Options, table: &mut Table) {
    let at = |count: usize| -> Cost {
        let (base, _) = repo(count);
        let run = || {
            let ((ours, _), (theirs, _)) = (replica(&base), replica(&base));
            edit_all(&ours, count, 1);
            edit_all(&theirs, count, 2);
            let cost = cost(count, || assert_eq!(ours.merge(&theirs).unwrap().merged, count));
            drop((ours, theirs));
            cost
        };
        compete(if count > 1_000 { 3 } else { options.repeats }, vec![contestant("repo", run)]).get("repo")
    };
    let few = at(1_000).cpu;
    table.push(
        "G5",
        "repo in memory merges a diverged repo of 1000",
        Unit::Nanos,
        few,
        "",
        None,
        Must::Shown,
    );
    for count in options.sizes() {
        let work = format!("repo in memory merges a diverged repo of {count}");
        let many = at(count).cpu;
        table.push("G5", &work, Unit::Nanos, many, "a record of 1000", Some(few), Must::Ratio(1.5));
    }
}

/// Merging a repo that holds the same, of every size.
pub fn identical(options: &Options, table: &mut Table) {
    fn peer<'a, R: Replica + 'a>(count: usize) -> Contestant<'a> {
        let mut base: R = filled(1, count);
        let (mut ours, mut theirs) = (base.fork(2), base.fork(3));
        contestant(R::NAME, move || cost(1, || ours.merge(&mut theirs)))
    }
    const OURS: &str = "dronestore";
    let sizes = [1_000].into_iter().chain(options.sizes());
    for count in sizes {
        let (theirs, their_store) = repo(count);
        let (ours, store) = replica(&theirs);
        assert_eq!(ours.hash(), theirs.hash());
        // Many in a row: the CPU clock is too coarse for one.
        let run = || cost(100, || (0..100).for_each(|_| assert!(!ours.merge(&theirs).unwrap().has_news())));
        let mut all = vec![contestant(OURS, run)];
        if options.peers && count == 1_000 {
            all.extend([peer::<Yrs>(count), peer::<Loro>(count), peer::<Automerge>(count)]);
        }
        let results = compete(options.repeats, all);
        let work = format!("merge of an identical repo of {count}");
        let limit = Must::AtMost(20_000.0);
        table.push("G6", &work, Unit::Nanos, results.get(OURS).cpu, "", None, limit);
        let shown = [Yrs::NAME, Loro::NAME, Automerge::NAME].map(|peer| (peer, Must::Shown));
        table.results("G6", &work, Clock::Cpu, &results, OURS, &shown);
        store.take();
        their_store.take();
        ours.merge(&theirs).unwrap();
        let reads = [store.take(), their_store.take()].map(|counts| counts.gets + counts.pairs_scanned);
        let reads = reads.iter().sum::<u64>() as f64;
        let work = format!("reads of both stores in a merge of an identical repo of {count}");
        table.push("G6", &work, Unit::Count, reads, "", None, Must::AtMost(4.0));
    }
}
