//! The everyday calls.

use super::Person;
use crate::folder::Folder;
use dronestore::{Drone, ErrorKind, Key, Repo};

#[test]
fn what_is_saved_is_there() {
    let folder = Folder::new();
    let path = folder.join("people.drone");
    let hash = {
        let repo = Repo::open(&path).unwrap();
        let mut person = Person::named("jbenet").unwrap();
        person.first = "Juan".into();
        person.tags.insert("a".into());
        assert!(repo.save(&mut person).unwrap().is_new());
        assert!(!repo.save(&mut person).unwrap().is_new());
        assert_eq!(repo.get::<Person>("jbenet").unwrap().unwrap(), person);
        assert!(repo.get::<Person>("nobody").unwrap().is_none());
        repo.verify().unwrap();
        repo.hash()
    };
    let repo = Repo::open(&path).unwrap();
    assert_eq!(repo.hash(), hash);
    assert_eq!(repo.verify().unwrap().hash, hash);
    assert_eq!(repo.get::<Person>("jbenet").unwrap().unwrap().first, "Juan");
    let busy = Repo::open(&path).unwrap_err();
    assert_eq!(busy.kind(), ErrorKind::Busy, "{busy}");
}

#[test]
fn deleted_objects_read_as_absent_and_come_back_with_a_concurrent_update() {
    let (ours, theirs) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    let mut person = Person::named("x").unwrap();
    person.first = "Ann".into();
    person.last = "Lee".into();
    ours.save(&mut person).unwrap();
    theirs.merge(&ours).unwrap();
    assert!(ours.delete::<Person>("x").unwrap());
    assert!(!ours.delete::<Person>("x").unwrap());
    assert!(!ours.contains::<Person>("x").unwrap());
    assert_eq!(ours.iter::<Person>().unwrap().count(), 0);
    let mut copy = theirs.get::<Person>("x").unwrap().unwrap();
    copy.first = "Bea".into();
    theirs.save(&mut copy).unwrap();
    ours.merge(&theirs).unwrap();
    theirs.merge(&ours).unwrap();
    assert_eq!(ours.hash(), theirs.hash());
    let back = ours.get::<Person>("x").unwrap().unwrap();
    assert_eq!((back.first.as_str(), back.last.as_str()), ("Bea", "Lee"));
}

#[test]
fn a_new_object_under_a_deleted_name_starts_clean() {
    let repo = Repo::memory().unwrap();
    let mut old = Person::named("x").unwrap();
    old.first = "Old".into();
    old.visits = 7;
    old.tags.insert("old".into());
    repo.save(&mut old).unwrap();
    repo.delete::<Person>("x").unwrap();
    let mut new = Person::named("x").unwrap();
    new.last = "New".into();
    repo.save(&mut new).unwrap();
    let read = repo.get::<Person>("x").unwrap().unwrap();
    assert_eq!(*read, Person { last: "New".into(), ..Person::default() });
    repo.verify().unwrap();
}

#[test]
fn iteration_is_by_kind_and_by_prefix_in_the_order_of_keys() {
    let repo = Repo::memory().unwrap();
    let team: Key = "/Team:red".parse().unwrap();
    for name in ["c", "a", "b"] {
        repo.save(&mut Person::named(name).unwrap()).unwrap();
        repo.save(&mut Person::child_of(&team, name).unwrap()).unwrap();
    }
    let keys: Vec<String> =
        repo.objects(&team).unwrap().map(|version| version.unwrap().key().to_string()).collect();
    assert_eq!(keys, ["/Team:red/Person:a", "/Team:red/Person:b", "/Team:red/Person:c"]);
    assert_eq!(repo.iter::<Person>().unwrap().count(), 6);
    assert_eq!(repo.objects(&Key::root()).unwrap().count(), 6);
    assert!(repo.contains::<Person>(team.child_in("Person", "a").unwrap()).unwrap());
}

#[test]
fn merging_what_is_known_writes_nothing() {
    let (ours, theirs) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    for name in ["a", "b"] {
        ours.put(name, Person { first: name.into(), ..Person::default() }).unwrap();
    }
    assert_eq!(theirs.merge(&ours).unwrap().new, 2);
    assert_eq!((theirs.hash(), theirs.database()), (ours.hash(), ours.database()));
    let before = theirs.sequence();
    let again = theirs.merge(&ours).unwrap();
    assert!(!again.has_news() && again.known == 2);
    let handle = ours.get::<Person>("a").unwrap().unwrap();
    assert_eq!(theirs.merge(&handle).unwrap().known, 1);
    assert_eq!(theirs.sequence(), before);
}

#[test]
fn two_databases_do_not_mix() {
    let (ours, theirs) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    ours.put("a", Person::default()).unwrap();
    theirs.put("b", Person::default()).unwrap();
    assert_eq!(ours.merge(&theirs).unwrap_err().kind(), ErrorKind::Mismatch);
    assert_eq!(ours.merge_foreign(&theirs).unwrap().new, 1);
    assert_ne!(ours.database(), theirs.database());
}

#[test]
fn two_types_of_one_kind_with_two_schemas_are_an_error_naming_both() {
    #[derive(Drone, Debug, Default)]
    #[drone(kind = "Person")]
    struct Other {
        #[merge(latest)]
        name: String,
    }
    let repo = Repo::memory().unwrap();
    repo.put("a", Person::default()).unwrap();
    let error = repo.put("b", Other { name: String::new() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.to_string().contains("repo::Person") && error.to_string().contains("Other"), "{error}");
}

#[test]
fn the_change_log_tells_what_was_written() {
    let repo = Repo::memory().unwrap();
    let mut person = Person::named("a").unwrap();
    person.first = "A".into();
    repo.save(&mut person).unwrap();
    person.last = "B".into();
    person.tags.insert("t".into());
    repo.save(&mut person).unwrap();
    let changes: Vec<_> = repo.changes_from(0).unwrap().map(Result::unwrap).collect();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1].attributes.as_deref(), Some(&["last".to_string(), "tags".to_string()][..]));
    assert_eq!(changes[1].old, Some(changes[0].new));
    assert_eq!(
        changes[1].new,
        repo.get::<Person>("a").unwrap().unwrap().version().unwrap().hash().as_bytes()[..8]
    );
}

#[test]
fn the_change_log_does_not_name_attributes_where_others_changed_too() {
    let repo = Repo::memory().unwrap();
    repo.put("a", Person { first: "A".into(), last: "B".into(), ..Person::default() }).unwrap();
    let from = repo.sequence();
    // What another device wrote comes with the handle.
    let mut other = Person::named("a").unwrap();
    other.last = "C".into();
    other.commit().unwrap();
    let mut person = repo.get::<Person>("a").unwrap().unwrap();
    person.merge(&other).unwrap();
    person.first = "D".into();
    repo.save(&mut person).unwrap();
    // What is written anew where it was deleted has none of what was there.
    repo.delete::<Person>("a").unwrap();
    repo.put("a", Person { first: "E".into(), ..Person::default() }).unwrap();
    let changes: Vec<_> = repo.changes_from(from).unwrap().map(|change| change.unwrap().attributes).collect();
    assert_eq!(changes, [None, Some(Vec::new()), None]);
}

#[test]
fn an_empty_repo_joins_the_database_of_an_empty_one_too() {
    let (ours, theirs) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    ours.merge(&theirs).unwrap();
    assert_eq!(ours.database(), theirs.database());
    ours.put("a", Person::default()).unwrap();
    theirs.put("b", Person::default()).unwrap();
    assert_eq!(ours.merge(&theirs).unwrap().new, 1);
}

#[test]
fn one_generic_model_with_two_parameters_is_two_types_of_one_kind() {
    #[derive(Drone, Debug, Default)]
    struct Boxed<T: Clone> {
        #[merge(latest)]
        inner: T,
    }
    let repo = Repo::memory().unwrap();
    repo.put("a", Boxed { inner: 1u32 }).unwrap();
    let error = repo.put("b", Boxed { inner: String::new() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    repo.put("a", Boxed { inner: 2u32 }).unwrap();
}
