//! What comes from outside of a scope, or of another database, by ways that are not plain.

use super::talk;
use dronestore::query::Query;
use dronestore::sync::{Scope, Session};
use dronestore::{Drone, ErrorKind, Key, Repo, Rule};

#[derive(Drone, Debug, Default)]
struct Note {
    #[merge(latest)]
    text: String,
}

#[derive(Drone, Debug, Default)]
struct Secret {
    #[merge(conflict)]
    text: String,
}

/// A decision as somebody else writes one.
#[derive(Drone, Debug, Clone, Default)]
#[drone(kind = "dronestore.Decision")]
struct Forged {
    #[merge(latest)]
    kind: String,
    #[merge(latest)]
    object: String,
    #[merge(latest)]
    place: String,
}

/// Two secrets written apart, and a rule that says which counts.
fn ruled() -> (Repo, Key) {
    let victim = Repo::memory().unwrap();
    let other = Repo::builder().replica_of(&victim).open().unwrap();
    victim.put("a", Note::default()).unwrap();
    victim.put("s", Secret { text: "aaa".into() }).unwrap();
    other.put("s", Secret { text: "zzz".into() }).unwrap();
    victim.merge(&other).unwrap();
    victim.resolve_all::<Secret>(None, Rule::Smallest).unwrap();
    let keys = victim.objects(&Key::root()).unwrap().map(|version| version.unwrap().key().clone());
    let rule = keys.into_iter().find(|key| key.to_string().contains("Decision")).unwrap();
    assert_eq!(victim.get::<Secret>("s").unwrap().unwrap().text, "aaa");
    (victim, rule)
}

#[test]
fn a_rule_about_another_kind_is_neither_written_over_nor_given() {
    let (victim, rule) = ruled();
    let forger = Repo::builder().replica_of(&victim).open().unwrap();
    for place in ["*", "", "text"] {
        forger
            .put(rule.clone(), Forged { kind: "Note".into(), place: place.into(), ..Forged::default() })
            .unwrap();
        let scope = || Scope::everything().kind::<Note>();
        let before = victim.hash();
        let mut caller = Session::call(&forger).within(scope());
        let error = talk(&mut caller, &mut Session::answer(&victim).within(scope())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        assert_eq!(victim.hash(), before);
        victim.verify().unwrap();
    }
}

#[test]
fn a_decision_that_says_another_kind_than_it_did_leaves_the_index_right() {
    let (victim, rule) = ruled();
    assert_eq!(victim.conflicts::<Secret>().unwrap().count().unwrap(), 0);
    let peer = Repo::builder().replica_of(&victim).open().unwrap();
    peer.put(rule, Forged { kind: "Other".into(), ..Forged::default() }).unwrap();
    victim.merge(&peer).unwrap();
    victim.verify().unwrap();
    assert_eq!(victim.conflicts::<Secret>().unwrap().count().unwrap(), 1);
}

#[test]
fn what_an_empty_repo_of_another_database_writes_meanwhile_is_not_taken() {
    let (full, new) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    full.put("full", Note::default()).unwrap();
    let (mut caller, mut answerer) = (Session::call(&full), Session::answer(&new));
    let mut wire = Vec::new();
    caller.send(&mut wire).unwrap();
    answerer.receive(&wire).unwrap();
    wire.clear();
    answerer.send(&mut wire).unwrap();
    // It has said that it is empty; now its program writes.
    new.put("new", Note::default()).unwrap();
    caller.receive(&wire).unwrap();
    let error = talk(&mut caller, &mut answerer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
    assert_eq!((full.len(), new.len()), (1, 1));
}

#[test]
fn a_schema_of_a_kind_that_is_only_outside_changes_no_reading() {
    mod real {
        #[derive(dronestore::Drone, Debug, Default)]
        pub struct Item {
            #[merge(max)]
            pub x: i64,
        }
    }
    mod other {
        #[derive(dronestore::Drone, Debug, Default)]
        pub struct Item {
            #[merge(latest)]
            pub x: i64,
            #[merge(latest)]
            pub y: i64,
        }
    }
    let victim = Repo::memory().unwrap();
    victim.put("/Team:red/Note:n".parse::<Key>().unwrap(), Note::default()).unwrap();
    victim.put("/Team:blue/Item:s".parse::<Key>().unwrap(), real::Item { x: 5 }).unwrap();
    let peer = Repo::builder().replica_of(&victim).open().unwrap();
    peer.put("/Team:red/Item:s".parse::<Key>().unwrap(), other::Item { x: 1, y: 1 }).unwrap();
    let red = || Scope::everything().below(&"/Team:red".parse().unwrap());
    // Where keys alone are named, any kind may be in the scope, and its schema comes before its objects.
    talk(&mut Session::call(&peer).within(red()), &mut Session::answer(&victim).within(red())).unwrap();
    assert_eq!(victim.schemas().unwrap().iter().filter(|schema| schema.kind == "Item").count(), 2);
    let query: Query = "x >= 1".parse().unwrap();
    assert_eq!(victim.query_kind("Item", &query).unwrap().run().unwrap().count(), 2);
}

#[test]
fn scopes_that_have_more_in_common_than_either_names_meet() {
    let one = Repo::memory().unwrap();
    let other = Repo::builder().replica_of(&one).open().unwrap();
    let key = |text: String| text.parse::<Key>().unwrap();
    let (mut ours, mut theirs) =
        (Scope::everything().below(&key("/T:a".into())), Scope::everything().below(&key("/T:b".into())));
    for number in 0..200 {
        for team in ["a", "b"] {
            one.put(key(format!("/T:{team}/Note:{number}")), Note::default()).unwrap();
        }
        ours = ours.below(&key(format!("/T:b/Note:{number}")));
        theirs = theirs.below(&key(format!("/T:a/Note:{number}")));
    }
    talk(&mut Session::call(&one).within(ours), &mut Session::answer(&other).within(theirs)).unwrap();
    assert_eq!(other.len(), 400);
}
