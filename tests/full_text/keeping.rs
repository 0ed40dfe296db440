//! The index follows the repo: in memory, in a folder, over reopening, merges and syncs, and when it was away for long.

use super::{Note, Page, names, note, open, sorted};
use dronestore::{ErrorKind, FullText, Repo, Resolution};
use std::fs;
use std::path::Path;

/// A search in a folder.
pub fn open_in(repo: &Repo, folder: &Path) -> FullText {
    repo.full_text().model::<Note>().model::<Page>().folder(folder).open().unwrap()
}

#[test]
fn what_is_written_is_found_and_what_is_deleted_is_not() {
    let repo = Repo::memory().unwrap();
    let search = open(&repo);
    assert!(names(&search, "fox").is_empty());
    repo.put("a", note("fox")).unwrap();
    assert_eq!(names(&search, "fox"), ["a"]);
    repo.put("a", note("hare")).unwrap();
    assert_eq!((names(&search, "fox").len(), names(&search, "hare").len()), (0, 1));
    repo.delete::<Note>("a").unwrap();
    assert!(names(&search, "hare").is_empty());
    repo.put("a", note("bear")).unwrap();
    assert_eq!(names(&search, "bear"), ["a"]);
    // Where nothing is new nothing is done.
    assert_eq!(search.catch_up().unwrap().objects, 0);
    repo.transaction(|transaction| {
        for number in 0..100 {
            transaction.put(format!("n{number}").as_str(), note("many"))?;
        }
        Ok(())
    })
    .unwrap();
    let progress = search.catch_up().unwrap();
    assert_eq!((progress.objects, progress.indexed, progress.is_done), (100, 100, true));
}

#[test]
fn what_comes_from_others_is_found() {
    let (a, b) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    a.put("base", note("base")).unwrap();
    b.merge(&a).unwrap();
    let (at_a, at_b) = (open(&a), open(&b));
    a.put("a", note("from a")).unwrap();
    b.put("b", note("from b")).unwrap();
    b.delete::<Note>("base").unwrap();
    assert_eq!((sorted(&at_a, "from"), sorted(&at_b, "from")), (vec!["a".to_owned()], vec!["b".to_owned()]));
    a.sync_with(&b).unwrap();
    for search in [&at_a, &at_b] {
        assert_eq!(sorted(search, "from"), ["a", "b"]);
        assert!(names(search, "base").is_empty());
    }
    // Field by field: both words are in one object then.
    a.update::<Note>("a", |note| {
        note.title = "left".into();
        Ok(())
    })
    .unwrap();
    b.update::<Note>("a", |note| {
        note.nick = Some("right".into());
        Ok(())
    })
    .unwrap();
    assert!(names(&at_a, "left right").is_empty());
    a.sync_with(&b).unwrap();
    assert_eq!(
        (names(&at_a, "left right"), names(&at_b, "left right")),
        (vec!["a".to_owned()], vec!["a".to_owned()])
    );
}

#[test]
fn a_decision_about_a_conflict_changes_what_is_found() {
    let (a, b) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    a.put("p", Page::default()).unwrap();
    b.merge(&a).unwrap();
    a.put("p", Page { summary: "fox".into(), ..Page::default() }).unwrap();
    b.put("p", Page { summary: "hare".into(), ..Page::default() }).unwrap();
    a.merge(&b).unwrap();
    let search = open(&a);
    let found = (names(&search, "fox").len(), names(&search, "hare").len());
    assert_eq!(found.0 + found.1, 1);
    let conflicts = a.conflicts::<Page>().unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let other = if found.0 == 1 { "hare" } else { "fox" };
    a.resolve(&conflicts[0], Resolution::value(&other).unwrap()).unwrap();
    assert_eq!(names(&search, other), ["p"]);
    assert_eq!(a.get::<Page>("p").unwrap().unwrap().summary, other);
}

#[test]
fn an_index_in_a_folder_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (file, index) = (folder.path().join("notes.drone"), folder.path().join("index"));
    {
        let repo = Repo::open(&file).unwrap();
        repo.put("a", note("fox")).unwrap();
        let search = open_in(&repo, &index);
        assert_eq!(search.catch_up().unwrap().indexed, 1);
        assert!(search.bytes().unwrap().unwrap() > 0);
        // One at a time.
        let second = repo.full_text().model::<Note>().folder(&index).open();
        assert_eq!(second.unwrap_err().kind(), ErrorKind::Busy);
    }
    let repo = Repo::open(&file).unwrap();
    let search = open_in(&repo, &index);
    assert_eq!(search.catch_up().unwrap().objects, 0);
    assert_eq!(names(&search, "fox"), ["a"]);
    drop(search);
    repo.put("b", note("fox")).unwrap();
    repo.delete::<Note>("a").unwrap();
    let search = open_in(&repo, &index);
    assert_eq!(search.catch_up().unwrap().objects, 2);
    assert_eq!(names(&search, "fox"), ["b"]);
    drop(search);
    // Other fields: made anew.
    let other = repo.full_text().attribute("Note", "text").folder(&index).open().unwrap();
    assert_eq!((names(&other, "fox"), other.fields()), (vec!["b".to_owned()], vec!["text".to_owned()]));
    drop(other);
    // As it is found.
    let found = repo.full_text().model::<Note>().folder(&index).as_found().open().unwrap();
    assert_eq!((found.fields(), found.catch_up().unwrap().objects), (vec!["text".to_owned()], 0));
    drop(found);
    fs::remove_dir_all(&index).unwrap();
    assert_eq!(names(&open_in(&repo, &index), "fox"), ["b"]);
}

#[test]
fn the_folder_is_beside_the_file_if_nothing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::open(folder.path().join("notes.drone")).unwrap();
    repo.put("a", note("fox")).unwrap();
    let search = repo.full_text().model::<Note>().open().unwrap();
    assert_eq!(names(&search, "fox"), ["a"]);
    assert!(folder.path().join("notes.drone.search").join("meta.json").is_file());
    let in_memory = repo.full_text().model::<Note>().in_memory().open().unwrap();
    assert_eq!((names(&in_memory, "fox").len(), in_memory.bytes().unwrap()), (1, None));
}

/// Copies the files of a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn an_index_of_another_or_an_older_repo_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    {
        let repo = Repo::open(at("a.drone")).unwrap();
        repo.put("a", note("fox")).unwrap();
        fs::copy(at("a.drone"), at("older.drone")).unwrap();
    }
    fs::copy(at("a.drone"), at("older.drone")).unwrap();
    {
        let repo = Repo::open(at("a.drone")).unwrap();
        repo.put("b", note("fox")).unwrap();
        repo.put("c", note("fox")).unwrap();
        assert_eq!(sorted(&open_in(&repo, &at("index")), "fox"), ["a", "b", "c"]);
    }
    // A backup is restored: what the index has and the repo has not is not found.
    fs::copy(at("older.drone"), at("a.drone")).unwrap();
    {
        let repo = Repo::open(at("a.drone")).unwrap();
        assert_eq!(sorted(&open_in(&repo, &at("index")), "fox"), ["a"]);
        // And goes on otherwise.
        repo.put("d", note("fox")).unwrap();
        repo.put("e", note("fox")).unwrap();
        repo.put("f", note("fox")).unwrap();
    }
    copy(&at("index"), &at("index2"));
    let repo = Repo::open(at("a.drone")).unwrap();
    assert_eq!(sorted(&open_in(&repo, &at("index")), "fox"), ["a", "d", "e", "f"]);
    // Another database.
    let other = Repo::memory().unwrap();
    for name in ["x", "y", "z"] {
        other.put(name, note("fox")).unwrap();
    }
    assert_eq!(sorted(&open_in(&other, &at("index2")), "fox"), ["x", "y", "z"]);
}

#[test]
fn an_index_that_missed_more_than_the_log_tells_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    let repo = Repo::memory().unwrap();
    for number in 0..300 {
        repo.put(format!("n{number}").as_str(), note("old")).unwrap();
    }
    let search = open_in(&repo, &index);
    assert_eq!(names(&search, "old").len(), 300);
    // The log keeps 4096 rows at most, and half of them when it has more.
    for round in 0..4200 {
        repo.update::<Note>("n7", |note| {
            note.visits = round;
            Ok(())
        })
        .unwrap();
    }
    repo.put("n8", note("new")).unwrap();
    repo.delete::<Note>("n9").unwrap();
    assert!(repo.changes_from(305).is_err());
    let progress = search.catch_up().unwrap();
    assert_eq!((progress.objects, progress.indexed), (300, 3));
    assert_eq!((names(&search, "old").len(), names(&search, "new")), (298, vec!["n8".to_owned()]));
    drop(search);
    // The index of a replica that has more: as long a log of the same database, and objects that are not here.
    let replica = Repo::builder().replica_of(&repo).open().unwrap();
    for round in 0..4500 {
        replica.put("n1", note(&format!("replica {round}"))).unwrap();
    }
    let search = open_in(&replica, &index);
    assert_eq!((names(&search, "old").len(), names(&search, "replica").len()), (0, 1));
}

#[test]
fn the_making_of_an_index_can_be_stopped_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    let repo = Repo::memory().unwrap();
    repo.transaction(|transaction| {
        for number in 0..1000 {
            transaction.put(format!("n{number:04}").as_str(), note(&format!("fox n{number}")))?;
        }
        for number in 0..300 {
            transaction
                .put(format!("p{number}").as_str(), Page { title: "fox".into(), ..Page::default() })?;
        }
        Ok(())
    })
    .unwrap();
    let mut looked_at = 0;
    for round in 0..20 {
        let search = open_in(&repo, &index);
        let mut told = 0;
        let progress = search
            .catch_up_with(|progress| {
                told = progress.objects;
                false
            })
            .unwrap();
        looked_at += progress.objects;
        // What changes meanwhile, in front of where it stands and behind.
        if round < 4 {
            assert!(!progress.is_done && progress.objects == told);
            repo.put(format!("n{round:04}").as_str(), note("hare")).unwrap();
            repo.put("n0999", note("hare")).unwrap();
            repo.delete::<Note>(format!("n{:04}", 990 + round).as_str()).unwrap();
        }
        if progress.is_done {
            break;
        }
    }
    assert!(looked_at < 1400, "{looked_at} objects were looked at");
    let search = open_in(&repo, &index);
    assert_eq!(search.catch_up().unwrap().objects, 0);
    assert_eq!(search.find("hare").count().unwrap(), 5);
    assert_eq!(search.find("fox").count().unwrap(), 1300 - 5 - 4);
    assert_eq!(search.rebuild().unwrap().indexed, 1296);
}

#[test]
fn many_threads_search_and_write_at_once() {
    let repo = Repo::memory().unwrap();
    let search = open(&repo);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let (repo, search) = (repo.clone(), search.clone());
            scope.spawn(move || {
                for number in 0..20 {
                    let name = format!("t{thread}n{number}");
                    repo.put(name.as_str(), note(&format!("fox {name}"))).unwrap();
                    assert_eq!(names(&search, &name), [name]);
                }
            });
        }
    });
    assert_eq!(search.find("fox").count().unwrap(), 60);
}
