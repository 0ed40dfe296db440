//! A bundle of a part: what is outside is not in it, and its head says which part it is.

use super::{import, write};
use crate::sync::{Journal, Note, change, name};
use dronestore::bundle::BundleOptions;
use dronestore::sync::{Scope, Session};
use dronestore::{ErrorKind, Key, Repo, Resolution};

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn red() -> Scope {
    Scope::everything().below(&key("/Team:red"))
}

fn note(repo: &Repo, team: &str, number: usize, title: &str) {
    let key = key(&format!("/Team:{team}/Note:{}", name(number)));
    change::<Note>(repo, key, |note| note.title = title.into());
}

fn full() -> Repo {
    let repo = Repo::memory().unwrap();
    for team in ["red", "blue"] {
        (0..40).for_each(|number| note(&repo, team, number, &format!("{team} title")));
        let page = key(&format!("/Team:{team}/journal:day"));
        change::<Journal>(&repo, page, |page| page.text = format!("{team} diary"));
    }
    repo
}

fn within(scope: &Scope) -> BundleOptions<'static> {
    BundleOptions::new().within(scope.clone())
}

#[test]
fn only_what_is_inside_is_in_it() {
    let repo = full();
    for (scope, count, schemas) in [
        (red(), 41, 2),
        (Scope::everything().kind::<Journal>(), 2, 1),
        (red().kind::<Journal>(), 1, 1),
        (red().below(&key("/Team:blue/journal:day")), 42, 2),
        (Scope::everything().kind_named("None"), 0, 0),
        (Scope::everything(), 82, 2),
    ] {
        let (bytes, report) = write(&repo, within(&scope));
        let summary = report.summary;
        assert_eq!((summary.objects, summary.schemas), (count, schemas), "{scope}");
        assert_eq!((&summary.scope, summary.is_full()), (&scope, scope.is_everything()));
        let part = Repo::memory().unwrap();
        import(&part, &bytes);
        assert_eq!(part.len(), count, "{scope}");
        part.verify().unwrap();
        // As a session within it would have it.
        let session = Repo::builder().replica_of(&repo).open().unwrap();
        let (mut caller, mut answerer) = (Session::call(&session).within(scope), Session::answer(&repo));
        crate::sync::talk(&mut caller, &mut answerer).unwrap();
        assert_eq!(part.hash(), session.hash());
    }
}

#[test]
fn since_a_point_it_has_what_has_changed_of_the_part() {
    let repo = full();
    let (bytes, report) = write(&repo, within(&red()));
    let part = Repo::memory().unwrap();
    import(&part, &bytes);
    note(&repo, "red", 3, "new");
    note(&repo, "blue", 3, "new");
    let (bytes, report) = write(&repo, within(&red()).since(&report.summary.point));
    assert_eq!((report.summary.objects, report.summary.is_full()), (1, false));
    assert_eq!(import(&part, &bytes).forwarded, 1);
    let text = report.summary.to_string();
    assert!(text.starts_with("1 changed object of 82 within /Team:red ("), "{text}");
}

#[test]
fn a_decision_comes_with_what_it_is_about() {
    let repo = full();
    let other = Repo::builder().replica_of(&repo).open().unwrap();
    other.merge(&repo).unwrap();
    for team in ["red", "blue"] {
        for (repo, mood) in [(&repo, "glad"), (&other, "sad")] {
            let key = key(&format!("/Team:{team}/Note:{}", name(1)));
            change::<Note>(repo, key, |note| note.plan = mood.into());
        }
    }
    repo.merge(&other).unwrap();
    for conflict in repo.conflicts::<Note>().unwrap().map(Result::unwrap).collect::<Vec<_>>() {
        conflict.resolve(&repo, Resolution::Side(0)).unwrap();
    }
    let (bytes, report) = write(&repo, within(&red()));
    assert_eq!(report.summary.objects, 42, "the notes, the diary and one decision");
    let part = Repo::memory().unwrap();
    import(&part, &bytes);
    assert_eq!(part.all_conflicts().unwrap().count().unwrap(), 0);
    part.verify().unwrap();
}

#[test]
fn a_scope_that_names_too_much_is_refused() {
    let many = (0..300).fold(Scope::everything(), |scope, number| scope.kind_named(&format!("K{number}")));
    let error = full().write_bundle(Vec::new(), within(&many)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
}
