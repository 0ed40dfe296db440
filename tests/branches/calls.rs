//! Each call, by examples.

use super::{Page, branch_rows, open, page, title};
use dronestore::schema::Schema;
use dronestore::stores::MemoryStore;
use dronestore::{Drone, ErrorKind, History, Key, Repo, Value, Versioned};

#[test]
fn what_a_branch_has_not_touched_reads_as_the_repo_does_now() {
    let repo = Repo::memory().unwrap();
    repo.put("a", page("one")).unwrap();
    let draft = repo.branch("draft").unwrap();
    draft.put("b", page("apart")).unwrap();
    repo.put("a", page("two")).unwrap();
    assert_eq!(title(&draft, "a").as_deref(), Some("two"));
    assert!(draft.contains::<Page>("b").unwrap() && !repo.contains::<Page>("b").unwrap());
    draft.update::<Page>("a", |page| Ok(page.visits += 1)).unwrap();
    repo.put("a", page("three")).unwrap();
    assert_eq!(title(&draft, "a").as_deref(), Some("two"));
    let names: Vec<String> = draft.iter::<Page>().unwrap().map(|page| page.unwrap().title.clone()).collect();
    assert_eq!(names, ["two", "apart"]);
    assert_eq!(repo.len(), 1);
}

#[test]
fn names_are_any_text_in_bounds() {
    let repo = Repo::memory().unwrap();
    let long = "ä".repeat(127);
    for name in ["draft", "a b/c:d", "  ", "日本", &long] {
        repo.branch(name).unwrap().put("a", page(name)).unwrap();
        assert_eq!(repo.find_branch(name).unwrap().unwrap().name(), name);
    }
    assert_eq!(repo.branches().unwrap().len(), 5);
    for (name, message) in [
        ("", "a branch needs a name"),
        ("a\nb", "`a\\nb` has a control character: no name of a branch has one"),
        (&"x".repeat(256), "is too long for the name of a branch: 255 bytes at most"),
    ] {
        let error = repo.branch(name).unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidValue && error.to_string().ends_with(message), "{error}");
        assert!(repo.find_branch(name).unwrap().is_none());
    }
    repo.verify().unwrap();
}

#[test]
fn a_branch_of_a_name_that_was_discarded_is_another_one() {
    let store = MemoryStore::new();
    let repo = open(&store);
    let draft = repo.branch("draft").unwrap();
    draft.put("a", page("one")).unwrap();
    let mut old = draft.get::<Page>("a").unwrap().unwrap();
    let gone = draft.discard().unwrap();
    assert_eq!((gone.objects, branch_rows(&store)), (1, 0));
    for error in [draft.info().unwrap_err(), draft.merge().unwrap_err(), draft.discard().unwrap_err()] {
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::NotFound, "there is no branch `draft`")
        );
    }
    let again = repo.branch("draft").unwrap();
    assert_ne!(again.info().unwrap().actor, gone.actor);
    assert!(again.get::<Page>("a").unwrap().is_none());
    // The handle of the old one does not write on the new one.
    assert_eq!(draft.put("a", page("two")).unwrap_err().kind(), ErrorKind::NotFound);
    // What it had read is still its own, and can be brought along.
    old.title = "kept".into();
    again.save(&mut old).unwrap();
    again.merge().unwrap();
    assert_eq!(repo.get::<Page>("a").unwrap().unwrap().title, "kept");
    repo.verify().unwrap();
}

#[test]
fn a_branch_goes_on_after_it_was_merged() {
    let store = MemoryStore::new();
    let repo = open(&store);
    let draft = repo.branch("draft").unwrap();
    for round in 1..=5 {
        draft.update::<Page>("a", |page| Ok(page.visits += 1)).unwrap();
        repo.update::<Page>("a", |page| Ok(page.visits += 10)).unwrap();
        let report = draft.merge().unwrap();
        assert_eq!(report.merged, 1);
        assert_eq!(branch_rows(&store), 1);
        let page = repo.get::<Page>("a").unwrap().unwrap();
        assert_eq!(page.visits, 11 * round);
        assert_eq!(page.version().unwrap().context().entries().len(), 2, "one actor for all rounds");
    }
    repo.verify().unwrap();
}

#[test]
fn conflicts_come_with_the_merge_and_are_decided_in_the_repo() {
    let repo = Repo::memory().unwrap();
    repo.put("a", page("one")).unwrap();
    let draft = repo.branch("draft").unwrap();
    draft.update::<Page>("a", |page| Ok(page.state = "apart".into())).unwrap();
    repo.update::<Page>("a", |page| Ok(page.state = "here".into())).unwrap();
    assert_eq!(repo.conflicts::<Page>().unwrap().count().unwrap(), 0);
    let change = draft.changes().unwrap().remove(0);
    assert_eq!(change.conflicts, ["state"]);
    assert_eq!(draft.merge().unwrap().conflicts, 1);
    let conflict = repo.conflicts::<Page>().unwrap().next().unwrap().unwrap();
    let other = repo.branch("other").unwrap();
    let decide = |side| dronestore::Resolution::Side(side);
    let error = other.transaction(|on| on.resolve(&conflict, decide(0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    repo.resolve(&conflict, decide(0)).unwrap();
    // A decision is read on a branch too.
    assert_eq!(other.get::<Page>("a").unwrap().unwrap().state, repo.get::<Page>("a").unwrap().unwrap().state);
    repo.verify().unwrap();
}

#[test]
fn deletions_are_merged_as_any_other() {
    let repo = Repo::memory().unwrap();
    for name in ["a", "b"] {
        repo.put(name, page("one")).unwrap();
    }
    let draft = repo.branch("draft").unwrap();
    assert!(draft.delete::<Page>("a").unwrap() && draft.delete::<Page>("b").unwrap());
    assert!(!draft.delete::<Page>("a").unwrap());
    repo.put("b", page("edited")).unwrap();
    let words: Vec<&str> = draft.changes().unwrap().iter().map(|change| change.word()).collect();
    assert_eq!(words, ["deleted", "changed"]);
    draft.merge().unwrap();
    assert!(!repo.contains::<Page>("a").unwrap());
    assert_eq!(repo.get::<Page>("b").unwrap().unwrap().title, "edited");
}

#[test]
fn changes_are_what_a_merge_would_do() {
    let repo = Repo::memory().unwrap();
    repo.put("a", Page { stars: 3, ..page("one") }).unwrap();
    let draft = repo.branch("draft").unwrap();
    draft.update::<Page>("a", |page| Ok((page.title, page.stars) = ("two".into(), 4))).unwrap();
    draft.put("b", page("new")).unwrap();
    repo.update::<Page>("a", |page| Ok((page.stars, page.visits) = (9, 1))).unwrap();
    let changes = draft.changes().unwrap();
    let text: String = changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        text,
        "/Page:a changed\n    title: \"one\" → \"two\"\n/Page:b created\n    title: nothing → \"new\"\n"
    );
    assert_eq!((changes[0].is_behind, changes[1].is_behind), (true, false));
    assert_eq!(changes[0].was::<Page>().unwrap().unwrap().title, "one");
    let becomes = changes[0].becomes::<Page>().unwrap().unwrap();
    assert_eq!((becomes.title.as_str(), becomes.stars, becomes.visits), ("two", 9, 1));
    let report = draft.catch_up().unwrap();
    assert_eq!((report.merged, report.known), (1, 1));
    assert!(!draft.changes().unwrap()[0].is_behind);
    assert_eq!(draft.get::<Page>("a").unwrap().unwrap().stars, 9);
}

#[test]
fn what_the_repo_has_seen_is_let_go_of() {
    let store = MemoryStore::new();
    let repo = open(&store);
    let draft = repo.branch("draft").unwrap();
    let mut page = draft.put("a", page("one")).unwrap();
    // Saved in the repo, it brings along what the branch did.
    page.visits = 3;
    repo.save(&mut page).unwrap();
    assert_eq!(repo.get::<Page>("a").unwrap().unwrap().title, "one");
    assert_eq!(draft.catch_up().unwrap().forwarded, 1);
    assert_eq!(branch_rows(&store), 1);
    assert_eq!(draft.get::<Page>("a").unwrap().unwrap().visits, 3);
    draft.update::<Page>("a", |page| Ok(page.visits += 1)).unwrap();
    draft.merge().unwrap();
    assert_eq!(repo.get::<Page>("a").unwrap().unwrap().visits, 4);
    repo.verify().unwrap();
}

#[test]
fn a_transaction_on_a_branch_is_all_or_nothing() {
    let repo = Repo::memory().unwrap();
    let draft = repo.branch("draft").unwrap();
    let mut kept = Versioned::new("/Page:a".parse().unwrap(), page("one"));
    let failed = draft.transaction(|on| {
        on.save(&mut kept)?;
        on.put("b", page("two"))?;
        assert_eq!(on.query::<Page>()?.count()?, 2);
        Err::<(), _>(dronestore::Error::new(ErrorKind::Refused, "no"))
    });
    assert!(failed.is_err() && kept.version().is_none() && draft.changes().unwrap().is_empty());
    draft.transaction(|on| on.save(&mut kept)).unwrap();
    assert!(kept.version().is_some() && repo.is_empty());
}

#[test]
fn it_is_written_and_read_without_the_types() {
    let repo = Repo::memory().unwrap();
    repo.add_schema(&Schema::parse("struct Note { #[merge(counter)] visits: u64 }").unwrap()).unwrap();
    let (draft, key): (_, Key) = (repo.branch("draft").unwrap(), "/Note:a".parse().unwrap());
    let add = |values: &mut dronestore::schema::Values| {
        values.insert("visits".into(), Value::from(3));
        Ok(())
    };
    draft.update_values("Note", &key, add).unwrap();
    let view = draft.view().unwrap();
    assert_eq!(view.kinds().unwrap(), ["Note"]);
    assert!(repo.view().unwrap().kinds().unwrap().is_empty());
    let found: Vec<_> = draft.objects(&Key::root()).unwrap().map(|version| version.unwrap()).collect();
    assert_eq!(view.values(&found[0]).unwrap()["visits"], Value::from(3));
    assert!(draft.transaction(|on| on.delete_object("Note", &key)).unwrap());
    draft.merge().unwrap();
    assert_eq!((repo.len(), repo.verify().unwrap().objects), (1, 1));
}

#[derive(Drone, Debug, Default, Clone)]
#[merge(latest)]
struct User {
    #[drone(unique)]
    email: String,
    #[drone(index)]
    age: u32,
}

#[test]
fn unique_values_and_indexes_are_the_repos() {
    let repo = Repo::memory().unwrap();
    repo.put("ann", User { email: "a@b.c".into(), age: 3 }).unwrap();
    let draft = repo.branch("draft").unwrap();
    draft.put("bob", User { email: "a@b.c".into(), age: 4 }).unwrap();
    let young = |age: u32| repo.query::<User>().filter(User::fields().age.eq(age)).count().unwrap();
    assert_eq!((young(3), young(4)), (1, 0));
    let apart = draft.query::<User>().unwrap().filter(User::fields().age.ge(3)).count().unwrap();
    assert_eq!(apart, 2);
    let hash = repo.hash();
    assert_eq!(draft.merge().unwrap_err().kind(), ErrorKind::Taken);
    assert_eq!((repo.hash(), draft.changes().unwrap().len()), (hash, 1));
    draft.update::<User>("bob", |bob| Ok(bob.email = "b@b.c".into())).unwrap();
    draft.merge().unwrap();
    assert_eq!((young(3), young(4)), (1, 1));
    repo.verify().unwrap();
}

#[test]
fn histories_and_undo_logs_are_of_the_repo() {
    let repo = Repo::builder().history::<Page>(History::Full).open().unwrap();
    repo.put("a", page("one")).unwrap();
    let undo = repo.undo_log();
    let draft = repo.branch("draft").unwrap();
    for title in ["two", "three"] {
        draft.update::<Page>("a", |page| Ok(page.title = title.into())).unwrap();
    }
    assert_eq!((repo.history::<Page>("a").unwrap().log().unwrap().count(), undo.undo_count()), (1, 0));
    draft.merge().unwrap();
    let log: Vec<_> = repo.history::<Page>("a").unwrap().log().unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].changes[0].to_string(), r#"title: "one" → "three""#);
    assert_eq!((log[0].arrived, undo.undo_count()), (true, 0));
    repo.revert::<Page>("a", log[1].version).unwrap();
    assert_eq!(title(&draft, "a").as_deref(), Some("one"));
    repo.verify().unwrap();
}

#[test]
fn what_is_watched_is_the_repo() {
    let repo = Repo::memory().unwrap();
    let mut watch = repo.watch::<Page>().unwrap();
    while watch.try_next().unwrap().is_some() {}
    let draft = repo.branch("draft").unwrap();
    draft.put("a", page("one")).unwrap();
    assert!(watch.try_next().unwrap().is_none());
    draft.merge().unwrap();
    let told = format!("{:?}", watch.try_next().unwrap());
    assert!(told.contains("Merge"), "{told}");
}

#[test]
fn rows_are_counted_and_checked() {
    let store = MemoryStore::new();
    let repo = open(&store);
    repo.put("a", page("one")).unwrap();
    let before = repo.stats().unwrap();
    let draft = repo.branch("draft").unwrap();
    draft.put("a", page("two")).unwrap();
    draft.put("b", page("two")).unwrap();
    let stats = repo.stats().unwrap();
    assert_eq!((stats.branches.rows, &stats.kinds), (3, &before.kinds));
    assert!(stats.to_string().contains("branches"), "{stats}");
    let report = repo.verify().unwrap();
    assert!(report.to_string().contains("1 branch with 2 objects"), "{report}");
    // Damage is found.
    let rows = super::rows(&store);
    for (row, value) in rows.iter().filter(|(row, _)| row[0] == b'n') {
        let damaged = super::copy_of(&store);
        let mut other = value.clone();
        *other.last_mut().unwrap() ^= 1;
        if row[1] == 1 {
            dronestore::store::Store::apply(&damaged, &[], &[dronestore::store::Write::put(row, &other)])
                .unwrap();
            assert!(open(&damaged).verify().is_err());
        } else {
            dronestore::store::Store::apply(
                &damaged,
                &[],
                &[dronestore::store::Write { key: row, value: None }],
            )
            .unwrap();
            assert!(open(&damaged).verify().is_err());
            dronestore::store::Store::apply(
                &damaged,
                &[],
                &[dronestore::store::Write::put(row, &other[1..])],
            )
            .unwrap();
            assert!(open(&damaged).verify().is_err() && open(&damaged).branch("draft").is_err());
        }
    }
}
