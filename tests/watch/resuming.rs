//! Going on from a place in the log.

use super::{Other, Person, person};
use dronestore::{Cause, Drone, Repo, Update};

#[test]
fn from_here_nothing_is_told_but_changes() {
    let repo = Repo::memory().unwrap();
    repo.put("a", person("ann", 1)).unwrap();
    let mut watch = repo.watch::<Person>().unwrap().from(repo.sequence());
    assert_eq!(watch.try_next().unwrap(), None);
    repo.put("b", person("bob", 1)).unwrap();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Added { .. })));
    // With a limit, too: the window is filled without a word.
    let limited = || repo.query::<Person>().order_by(Person::fields().rank.asc()).limit(1);
    let mut watch = limited().watch().unwrap().from(repo.sequence());
    assert_eq!(watch.try_next().unwrap(), None);
    repo.put("c", person("cat", 0)).unwrap();
    let update = watch.try_next().unwrap();
    assert!(matches!(update, Some(Update::Removed { deleted: false, .. })), "{update:?}");
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Added { .. })));
}

#[test]
fn what_has_changed_since_comes_once_as_it_is_now() {
    let repo = Repo::memory().unwrap();
    for name in ["a", "b", "c", "d"] {
        repo.put(name, person(name, 5)).unwrap();
    }
    let ranked = || repo.query::<Person>().filter(Person::fields().rank.ge(3)).watch().unwrap();
    let mut watch = ranked();
    watch.try_next().unwrap();
    let place = watch.sequence();
    drop(watch);
    repo.put("e", person("e", 9)).unwrap();
    repo.put("a", person("a", 6)).unwrap();
    repo.put("b", person("b", 1)).unwrap();
    repo.put("a", person("a", 7)).unwrap();
    repo.delete::<Person>("c").unwrap();
    repo.put("f", person("f", 1)).unwrap();
    repo.put("a", Other::default()).unwrap();
    let mut watch = ranked().from(place);
    let mut told = Vec::new();
    while let Some(update) = watch.try_next().unwrap() {
        assert_eq!(update.cause(), Some(Cause::Earlier));
        told.push(match update {
            Update::Added { object, .. } => format!("+{}", object.name),
            Update::Changed { object, before, fields, .. } => {
                assert_eq!((before, fields[0].name.as_str(), &fields[0].old), (None, "rank", &None));
                format!("={}{}", object.name, object.rank)
            }
            Update::Removed { key, deleted, .. } => format!("-{}{deleted}", key.name()),
            Update::Result { .. } => panic!("the log goes back that far"),
        });
    }
    assert_eq!(told, ["+e", "-bfalse", "=a7", "-ctrue"]);
    // From there on it goes as ever, and nothing comes twice.
    assert_eq!(watch.sequence(), repo.sequence());
    repo.put("a", person("a", 8)).unwrap();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Changed { before: Some(_), .. })));
}

#[test]
fn where_the_log_cannot_tell_the_result_comes() {
    let repo = Repo::memory().unwrap();
    repo.put("a", person("a", 1)).unwrap();
    let is_result = |update| matches!(update, Some(Update::Result { behind: true, .. }));
    // A place that has not been yet: of another file, or of one that was put back.
    assert!(is_result(repo.watch::<Person>().unwrap().from(999).try_next().unwrap()));
    let place = repo.sequence();
    repo.put("a", person("a", 2)).unwrap();
    let limited = repo.query::<Person>().limit(1).watch().unwrap().from(place).try_next().unwrap();
    assert!(is_result(limited));
    for number in 0..5000 {
        repo.put("a", person("a", number)).unwrap();
    }
    assert!(is_result(repo.watch::<Person>().unwrap().from(place).try_next().unwrap()));
}
