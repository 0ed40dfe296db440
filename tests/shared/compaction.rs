//! Many segments become one, while others read.

use super::{Place, meet};
use crate::sync::{fill, repo_with};
use dronestore::Repo;

#[test]
fn who_reads_meanwhile_is_not_harmed_and_who_has_read_reads_nothing() {
    let (place, folder) = Place::new();
    let (one, other) = (repo_with(40), Repo::memory().unwrap());
    for round in 0..10 {
        fill(&one, [round, 50 + round], "round");
        one.publish(&folder).unwrap();
        if round == 4 {
            other.pull(&folder).unwrap();
        }
    }
    let old = place.names();
    one.compact_folder(&folder).unwrap();
    assert_eq!(place.names().len(), old.len() + 1, "the new one comes first");

    // Half of the old ones go, in the sight of one reader all, of another the new one has not come yet.
    let new = place.names().into_iter().find(|name| !old.contains(name)).unwrap();
    for hidden in [vec![new.clone()], old[3..].to_vec(), old.clone(), vec![]] {
        *place.hidden.lock().unwrap() = hidden;
        let late = Repo::memory().unwrap();
        late.pull(&folder).unwrap();
        place.hidden.lock().unwrap().clear();
        late.pull(&folder).unwrap();
        assert_eq!(late.hash(), one.hash());
    }
    let report = other.pull(&folder).unwrap();
    assert_eq!((report.segments, other.hash()), (1, one.hash()));

    // What was listed goes while it is read: it is listed anew.
    fill(&one, [7], "after");
    one.publish(&folder).unwrap();
    assert_eq!(place.names().len(), 2);
    assert_eq!(other.pull(&folder).unwrap().segments, 1, "what was read is not read again");
    meet(&folder, &[&one, &other]);
}

#[test]
fn many_publications_become_one_by_themselves() {
    let (place, folder) = Place::new();
    let (one, other) = (repo_with(30), Repo::memory().unwrap());
    let mut most = 0;
    for round in 0..150 {
        fill(&one, [round % 30], "round");
        one.publish(&folder).unwrap();
        most = most.max(place.names().len());
        if round % 10 == 0 {
            other.sync_folder(&folder).unwrap();
        }
    }
    assert!(most < 75, "{most} segments");
    meet(&folder, &[&one, &other]);
    let late = Repo::memory().unwrap();
    late.pull(&folder).unwrap();
    assert_eq!(late.hash(), one.hash());
}

#[test]
fn nobody_touches_the_files_of_another() {
    let (place, folder) = Place::new();
    let (one, other) = (repo_with(10), Repo::memory().unwrap());
    meet(&folder, &[&one, &other]);
    let theirs = |repo: &Repo| -> Vec<(String, Vec<u8>)> {
        let files = place.files.lock().unwrap();
        let is_theirs = |name: &str| !name.starts_with(&repo.actor().to_string());
        files.iter().filter(|(name, _)| is_theirs(name)).map(|(n, b)| (n.clone(), b.clone())).collect()
    };
    for round in 0..20 {
        let repo = [&one, &other][round % 2];
        fill(repo, [round], "round");
        let before = theirs(repo);
        match round % 3 {
            0 => drop(repo.compact_folder(&folder).unwrap()),
            _ => drop(repo.sync_folder(&folder).unwrap()),
        }
        assert_eq!(theirs(repo), before);
    }
}
