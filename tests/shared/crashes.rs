//! A program that ends between any two steps, and segments that are there in part.

use super::{Place, meet};
use crate::folder::Folder as Directory;
use crate::random::from_env;
use crate::sync::{fill, replica, repo_with, twin};
use dronestore::Repo;
use dronestore::folder::Folder;
use std::fs;
use std::sync::atomic::Ordering;

/// What is done to a folder while it fails.
type Act = fn(&Repo, &Folder) -> dronestore::Result<()>;

#[test]
fn whatever_fails_nothing_is_lost_and_the_next_time_goes_on() {
    let acts: [(&str, Act); 3] = [
        ("publish", |repo, folder| repo.publish(folder).map(drop)),
        ("compact", |repo, folder| repo.compact_folder(folder).map(drop)),
        ("sync", |repo, folder| repo.sync_folder(folder).map(drop)),
    ];
    for (what, act) in acts {
        for too_late in [false, true] {
            let mut failures = 0;
            for at in 1.. {
                let (place, folder) = Place::new();
                let folder = folder.segment_bytes(300).with_index("index").unwrap();
                let (one, other) = (repo_with(20), Repo::memory().unwrap());
                meet(&folder, &[&one, &other]);
                fill(&one, 15..40, "by one");
                fill(&other, 35..45, "by the other");
                other.publish(&folder).unwrap();
                one.publish(&folder).unwrap();
                fill(&one, 5..30, "by one again");
                place.too_late.store(too_late, Ordering::Relaxed);
                place.fails_from.store(place.calls.load(Ordering::Relaxed) + at, Ordering::Relaxed);
                let result = act(&one, &folder);
                place.fails_from.store(0, Ordering::Relaxed);
                // The other one reads what there is.
                other.pull(&folder).unwrap();
                meet(&folder, &[&one, &other]);
                let late = Repo::memory().unwrap();
                late.pull(&folder).unwrap();
                assert_eq!(late.hash(), one.hash(), "{what}, call {at}");
                if result.is_ok() {
                    break;
                }
                failures += 1;
            }
            println!("{what}: {failures} places to fail");
            assert!(failures > 2);
        }
    }
}

#[test]
fn a_repo_that_forgets_what_it_published_finds_it_again() {
    let (place, folder) = Place::new();
    let repo = repo_with(100);
    // The copy has no memory of the publication, as after a crash between the two.
    let before = twin(&repo);
    repo.publish(&folder).unwrap();
    assert_eq!(before.publish(&folder).unwrap().segments, 0);
    fill(&before, [3], "later");
    assert_eq!(before.publish(&folder).unwrap().objects, 1);
    assert_eq!(place.names().len(), 2);
}

#[test]
fn a_segment_that_is_cut_anywhere_is_left_until_it_is_whole() {
    let (place, folder) = Place::new();
    let one = repo_with(8);
    let before = replica(&one);
    one.publish(&folder).unwrap();
    fill(&one, [1, 2, 50], "news");
    one.publish(&folder).unwrap();
    before.pull(&folder).unwrap();
    let other = replica(&one);
    fill(&one, [3, 60], "more news");
    one.publish(&folder).unwrap();
    let name = place.names().pop().unwrap();
    let whole = place.files.lock().unwrap()[&name].clone();
    let step = from_env("DRONESTORE_CUT_STEP", 3) as usize;
    for cut in (0..whole.len()).step_by(step) {
        place.files.lock().unwrap().insert(name.clone(), whole[..cut].to_vec());
        let repo = twin(&other);
        let hash = repo.hash();
        let report = repo.pull(&folder).unwrap();
        assert_eq!(report.unreadable.len(), 1, "{cut}: {report}");
        assert_eq!((&report.unreadable[0].0, repo.hash()), (&name, hash));
        // As some programs copy: the size is right, and zeros are where nothing has come yet.
        let mut zeros = whole.clone();
        zeros[cut..].fill(0);
        place.files.lock().unwrap().insert(name.clone(), zeros);
        if whole[cut..].iter().any(|byte| *byte != 0) {
            assert_eq!(repo.pull(&folder).unwrap().unreadable.len(), 1, "{cut}");
        }
        place.files.lock().unwrap().insert(name.clone(), whole.clone());
        repo.pull(&folder).unwrap();
        assert_eq!(repo.hash(), one.hash());
        if cut % 50 == 0 {
            repo.verify().unwrap();
        }
    }
}

#[test]
fn half_written_and_foreign_files_of_a_directory_are_passed_over() {
    let directory = Directory::new();
    let folder = Folder::open(directory.path()).unwrap();
    let (one, other) = (repo_with(20), Repo::memory().unwrap());
    one.publish(&folder).unwrap();
    let name =
        fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
    let bytes = fs::read(directory.join(&name)).unwrap();
    let stem = name.strip_suffix(".drone").unwrap();
    let strays = [
        format!(".{name}.0123456789ab.tmp"),
        format!("{stem}.sync-conflict-20261121-101010-ABCDEFG.drone"),
        format!("{stem} (Ann's conflicted copy 2026-11-21).drone"),
        format!("{stem} (1).drone"),
        "desktop.ini".into(),
        "~$notes.drone".into(),
    ];
    for stray in &strays {
        fs::write(directory.join(stray), &bytes[..bytes.len() / 2]).unwrap();
    }
    fs::create_dir(directory.join("00000000-folder.drone")).unwrap();
    let report = other.pull(&folder).unwrap();
    assert_eq!((report.received.new, report.segments, report.ignored), (20, 1, strays.len()));
    assert!(report.unreadable.is_empty());
    other.publish(&folder).unwrap();
    assert!(strays.iter().all(|stray| directory.join(stray).exists()), "nobody's file is touched");
}
