//! Segments of other databases, of later formats, under wrong names.

use super::{Place, meet};
use crate::sync::{fill, repo_with};
use dronestore::Repo;
use dronestore::folder::{Folder, LocalFolder, Storage};

#[test]
fn segments_of_another_database_are_passed_over() {
    let (_, folder) = Place::new();
    let (one, stranger, other) = (repo_with(5), repo_with(7), Repo::memory().unwrap());
    stranger.publish(&folder).unwrap();
    one.publish(&folder).unwrap();
    let hash = one.hash();
    let report = one.pull(&folder).unwrap();
    assert_eq!((report.foreign, one.hash()), (1, hash));
    let joined = Repo::builder().replica_of(&one).open().unwrap();
    fill(&joined, [9], "joined");
    joined.publish(&folder).unwrap();
    one.pull(&folder).unwrap();
    joined.pull(&folder).unwrap();
    assert_eq!(one.hash(), joined.hash());
    other.pull(&folder).unwrap();
    assert!([one.hash(), stranger.hash()].contains(&other.hash()));
}

#[test]
fn a_repo_without_anything_publishes_nothing() {
    let (place, folder) = Place::new();
    let (empty, one) = (Repo::memory().unwrap(), repo_with(5));
    empty.sync_folder(&folder).unwrap();
    assert!(place.names().is_empty());
    one.sync_folder(&folder).unwrap();
    meet(&folder, &[&empty, &one]);
    assert_eq!(empty.database(), one.database());
}

#[test]
fn a_segment_under_the_name_of_another_writer_is_reported() {
    let (place, folder) = Place::new();
    let (one, other) = (repo_with(5), Repo::memory().unwrap());
    one.publish(&folder).unwrap();
    let mut files = place.files.lock().unwrap();
    let (name, bytes) = files.pop_first().unwrap();
    files.insert(format!("{}{}", "f".repeat(24), &name[24..]), bytes);
    drop(files);
    let report = other.pull(&folder).unwrap();
    assert_eq!((report.unreadable.len(), other.len()), (1, 0));
}

#[test]
fn no_name_leads_out_of_a_directory() {
    let directory = crate::folder::Folder::new();
    let folder = LocalFolder::open(directory.join("in")).unwrap();
    for name in ["", "..", "../x", "a/b", "/etc/x", ".hidden", "a\\b", "c:x", "a\0b"] {
        assert!(folder.put_new(name, b"x").is_err(), "{name:?}");
        assert!(folder.get(name, 10).is_err() && folder.delete(name).is_err());
    }
    folder.put_new("a", b"12345").unwrap();
    assert!(folder.put_new("a", b"other").unwrap_err().is_conflict());
    assert_eq!(folder.get("a", 5).unwrap(), b"12345");
    assert!(folder.get("a", 4).unwrap_err().is_corrupt());
    assert!(folder.get("b", 4).unwrap_err().is_not_found());
    folder.put("a", b"other").unwrap();
    assert_eq!(folder.get("a", 5).unwrap(), b"other");
    folder.delete("b").unwrap();
    assert_eq!(folder.list().unwrap().len(), 1);
    for bad in ["", "a b", "a/b", &"x".repeat(65)] {
        assert!(Folder::open(directory.path()).unwrap().with_index(bad).is_err());
    }
}
