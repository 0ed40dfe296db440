//! A backup that was put back, two copies of one repo, a folder that lost files.

use super::{Place, meet};
use crate::sync::{Note, fill, name, repo_with, twin};
use dronestore::Repo;

#[test]
fn a_backup_that_was_put_back_overwrites_nothing_and_gets_its_own_back() {
    let (place, folder) = Place::new();
    let repo = repo_with(20);
    repo.publish(&folder).unwrap();
    fill(&repo, [1], "before the backup");
    repo.publish(&folder).unwrap();
    // What no prevention can see: the very store of before, with its actor.
    let backup = twin(&repo);
    fill(&repo, [2, 30], "lost with the disk");
    repo.publish(&folder).unwrap();
    let published = place.files.lock().unwrap().clone();
    drop(repo);

    let report = backup.sync_folder(&folder).unwrap();
    assert_eq!(report.pulled.received.forwarded, 1, "{report}");
    assert_eq!(backup.get::<Note>(name(2)).unwrap().unwrap().title, "lost with the disk");
    fill(&backup, [4], "afterwards");
    backup.publish(&folder).unwrap();
    let files = place.files.lock().unwrap().clone();
    assert!(published.iter().all(|(name, bytes)| files.get(name) == Some(bytes)), "nothing is overwritten");
    let late = Repo::memory().unwrap();
    late.pull(&folder).unwrap();
    assert_eq!(late.hash(), backup.hash());
}

#[test]
fn a_backup_that_wrote_before_it_looked_takes_a_new_name() {
    let (place, folder) = Place::new();
    let repo = repo_with(20);
    repo.publish(&folder).unwrap();
    let backup = twin(&repo);
    fill(&repo, [2], "original");
    fill(&backup, [3], "copy");
    repo.publish(&folder).unwrap();
    backup.publish(&folder).unwrap();
    let writers: std::collections::BTreeSet<String> =
        place.names().iter().map(|name| name[..41].to_owned()).collect();
    assert_eq!(writers.len(), 2);
    meet(&folder, &[&repo, &backup]);
}

#[test]
fn a_folder_that_lost_files_is_filled_again() {
    let (place, folder) = Place::new();
    let repo = repo_with(20);
    for round in 0..3 {
        fill(&repo, [round], "round");
        repo.publish(&folder).unwrap();
    }
    for lost in 0..3 {
        let names = place.names();
        place.files.lock().unwrap().remove(&names[lost]);
        fill(&repo, [10 + lost], "after the loss");
        repo.publish(&folder).unwrap();
        let late = Repo::memory().unwrap();
        late.pull(&folder).unwrap();
        assert_eq!(late.hash(), repo.hash());
    }
    place.files.lock().unwrap().clear();
    repo.publish(&folder).unwrap();
    let late = Repo::memory().unwrap();
    late.pull(&folder).unwrap();
    assert_eq!(late.hash(), repo.hash());
}

#[test]
fn a_change_log_that_no_longer_goes_back_costs_a_full_publication() {
    let (_, folder) = Place::new();
    let repo = repo_with(20);
    repo.publish(&folder).unwrap();
    for round in 0..4200 {
        fill(&repo, [round % 5], "many rows");
    }
    assert_eq!(repo.publish(&folder).unwrap().objects, 20);
    let late = Repo::memory().unwrap();
    late.pull(&folder).unwrap();
    assert_eq!(late.hash(), repo.hash());
}
