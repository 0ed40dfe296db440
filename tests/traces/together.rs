//! Several writers at once, a replica each.

use super::trace::Trace;
use dronestore::{Drone, TextEdit, Version, Versioned};
use std::collections::BTreeMap;

#[derive(Drone, Clone)]
struct Page {
    #[merge(text)]
    body: TextEdit,
}

/// Replays with a replica for each writer. Each makes its commits on the merge of the parents that the trace says, takes them
/// from the replicas that made them, as they were then; in the end all have the text and one hash.
fn check(trace: &Trace, stretches: bool) {
    let mut first = Page::named("page").unwrap();
    first.commit().unwrap();
    let mut replicas: Vec<Versioned<Page>> = (0..trace.agents()).map(|_| first.clone()).collect();
    let commits = trace.commits(stretches);
    // How many will still want each version.
    let mut wanted: BTreeMap<usize, usize> = BTreeMap::new();
    for parent in commits.iter().flat_map(|(from, _)| &trace.txns[*from].parents) {
        *wanted.entry(*parent).or_default() += 1;
    }
    let mut versions: BTreeMap<usize, Version> = BTreeMap::new();
    for (from, to) in commits {
        let replica = &mut replicas[trace.txns[from].agent];
        for parent in &trace.txns[from].parents {
            replica.merge(&versions[parent]).unwrap();
            let left = wanted.get_mut(parent).unwrap();
            *left -= 1;
            if *left == 0 {
                versions.remove(parent);
            }
        }
        for (at, deleted, inserted) in trace.txns[from..to].iter().flat_map(|txn| &txn.patches) {
            replica.body.replace(*at..at + deleted, inserted).unwrap();
        }
        replica.commit().unwrap();
        if wanted.contains_key(&(to - 1)) {
            versions.insert(to - 1, replica.version().unwrap().clone());
        }
    }
    let all: Vec<Version> = replicas.iter().map(|replica| replica.version().unwrap().clone()).collect();
    for replica in &mut replicas {
        for version in &all {
            replica.merge(version).unwrap();
        }
        assert!(replica.body == trace.end.as_str());
        assert_eq!(replica.version().unwrap().hash(), replicas_hash(&all));
    }
    assert_eq!(
        Version::from_bytes(&replicas[0].version().unwrap().to_bytes()).unwrap().hash(),
        replicas_hash(&all)
    );
}

/// The hash of all merged, in another order.
fn replicas_hash(all: &[Version]) -> dronestore::Hash {
    let mut merged = Versioned::<Page>::from_version(all[all.len() - 1].clone()).unwrap();
    for version in all.iter().rev() {
        merged.merge(version).unwrap();
    }
    merged.version().unwrap().hash()
}

#[test]
fn a_small_text_typed_by_three_at_once() {
    let trace = Trace::small(include_str!("together.json"));
    check(&trace, false);
    check(&trace, true);
}

// The real ones have a commit for each stretch that one of them typed while nobody else did, 3,727 and 5,380 of them: a commit
// for each key makes 26,078 and 23,136 runs of one character, and takes minutes.
#[test]
fn friendsforever() {
    Trace::real("friendsforever").iter().for_each(|trace| check(trace, true));
}

#[test]
fn clownschool() {
    Trace::real("clownschool").iter().for_each(|trace| check(trace, true));
}
