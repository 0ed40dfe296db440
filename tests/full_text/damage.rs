//! Folders that are damaged, half written, somebody else's.

use super::keeping::{copy, open_in};
use super::{names, note, sorted};
use crate::random::Random;
use dronestore::{ErrorKind, Repo};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn repo() -> Repo {
    let repo = Repo::memory().unwrap();
    for name in ["a", "b", "c"] {
        repo.put(name, note("fox")).unwrap();
    }
    repo
}

/// A repo, and a folder of its index with a second segment, and a deletion in the first.
fn good() -> (tempfile::TempDir, PathBuf, Repo) {
    let folder = tempfile::tempdir().unwrap();
    let (path, repo) = (folder.path().join("good"), repo());
    let search = open_in(&repo, &path);
    assert_eq!(names(&search, "fox").len(), 3);
    repo.put("b", note("fox hare")).unwrap();
    assert_eq!(names(&search, "hare").len(), 1);
    drop(search);
    (folder, path, repo)
}

#[test]
fn damage_anywhere_is_noticed_or_does_no_harm() {
    let (folder, good, repo) = good();
    let mut random = Random::new(11);
    for (number, file) in files(&good).into_iter().enumerate() {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        // Each file in two of six ways; the list of the files and their place in all.
        let ways =
            if name.ends_with(".json") { vec![0, 1, 2, 3, 4] } else { vec![number % 6, (number + 3) % 6] };
        for way in ways {
            let bad = folder.path().join(format!("{name}-{way}"));
            copy(&good, &bad);
            let path = bad.join(&name);
            let bytes = fs::read(&path).unwrap();
            match way {
                0 => fs::remove_file(&path).unwrap(),
                1 => fs::write(&path, b"").unwrap(),
                2 => fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
                3 => fs::write(&path, vec![0xff; bytes.len()]).unwrap(),
                _ => {
                    let mut bytes = bytes;
                    if !bytes.is_empty() {
                        let at = random.below(bytes.len());
                        bytes[at] ^= 1 << random.below(8);
                    }
                    fs::write(&path, bytes).unwrap();
                }
            }
            if name == "dronestore-search" && way == 0 {
                // Without the marker it may be anybody's.
                let refused = repo.full_text().folder(&bad).open().unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::Refused);
                continue;
            }
            let search = open_in(&repo, &bad);
            assert_eq!(sorted(&search, "fox"), ["a", "b", "c"], "{name} {way}");
            assert_eq!(names(&search, "hare"), ["b"], "{name} {way}");
            repo.put("d", note("otter")).unwrap();
            assert_eq!(names(&search, "otter"), ["d"], "{name} {way}");
        }
    }
}

#[test]
fn a_file_that_is_gone_is_noticed_whichever_it_is() {
    let (folder, good, repo) = good();
    let all = files(&good);
    for end in ["idx", "pos", "term", "store", "fast", "fieldnorm", "del"] {
        assert!(all.iter().any(|file| file.extension().is_some_and(|found| found == end)), "no .{end}");
    }
    for file in all.iter().filter(|file| !file.ends_with("dronestore-search")) {
        let bad = folder.path().join("bad");
        copy(&good, &bad);
        fs::remove_file(bad.join(file.file_name().unwrap())).unwrap();
        let search = open_in(&repo, &bad);
        assert_eq!(sorted(&search, "fox"), ["a", "b", "c"], "{}", file.display());
        assert_eq!(names(&search, "\"fox hare\""), ["b"], "{}", file.display());
        drop(search);
        fs::remove_dir_all(&bad).unwrap();
    }
}

#[test]
fn a_folder_that_goes_while_it_is_open_can_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let repo = repo();
    let search = open_in(&repo, &path);
    assert_eq!(names(&search, "fox").len(), 3);
    fs::remove_dir_all(&path).unwrap();
    repo.put("d", note("otter")).unwrap();
    let error = search.find("otter").count().unwrap_err();
    assert_ne!(error.kind(), ErrorKind::Busy, "{error}");
    search.rebuild().unwrap();
    assert_eq!(names(&search, "otter"), ["d"]);
    drop(search);
    assert_eq!(names(&open_in(&repo, &path), "otter"), ["d"]);
}

#[test]
fn folders_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let repo = repo();
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("meta.json"), "{}").unwrap();
    let error = repo.full_text().folder(&theirs).open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(fs::read(theirs.join("meta.json")).unwrap(), b"{}");
    assert_eq!(files(&theirs).len(), 1);
    let error = repo.full_text().folder(theirs.join("meta.json")).open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error}");
    // What somebody puts beside our files stays.
    let ours = folder.path().join("ours");
    drop(open_in(&repo, &ours));
    fs::write(ours.join("notes.txt"), "mine").unwrap();
    fs::write(ours.join("meta.json"), "garbage").unwrap();
    assert_eq!(names(&open_in(&repo, &ours), "fox").len(), 3);
    assert_eq!(fs::read(ours.join("notes.txt")).unwrap(), b"mine");
}

/// What a kill leaves: files of the next commit beside those of the last, whole or cut, and the list of the last.
#[test]
fn a_kill_between_the_commits_of_repo_and_index_is_made_good() {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    let repo = repo();
    {
        let search = open_in(&repo, &before);
        search.catch_up().unwrap();
    }
    copy(&before, &after);
    repo.put("d", note("fox")).unwrap();
    repo.delete::<super::Note>("a").unwrap();
    {
        let search = open_in(&repo, &after);
        search.catch_up().unwrap();
    }
    for cut in 0..4 {
        let killed = folder.path().join(format!("killed{cut}"));
        copy(&after, &killed);
        copy(&before, &killed);
        // New files are there in part.
        for file in files(&killed) {
            let name = file.file_name().unwrap();
            if !before.join(name).exists() && cut > 0 {
                let length = fs::metadata(&file).unwrap().len();
                OpenOptions::new().write(true).open(&file).unwrap().set_len(length * (cut - 1) / 3).unwrap();
            }
        }
        let search = open_in(&repo, &killed);
        assert_eq!(sorted(&search, "fox"), ["b", "c", "d"]);
        assert_eq!(search.catch_up().unwrap().objects, 0);
    }
}
