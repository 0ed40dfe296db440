//! Two processes, over each carrier: they end on one hash, and running it again moves no version.

use super::child::{Serving, answering_script, call};
use super::{SOCKETS, is_secure, two};
use crate::folder::Folder;
use crate::sync::Note;
use dronestore::Repo;
use dronestore::sync::Identity;
use std::path::PathBuf;

/// Two files that differ, and the hash that both come to.
pub fn files(folder: &Folder) -> (PathBuf, PathBuf, String) {
    let (one, other, hash) = two();
    let paths = (folder.join("one.drone"), folder.join("other.drone"));
    for (repo, path) in [(&one, &paths.0), (&other, &paths.1)] {
        Repo::open(path).unwrap().merge(repo).unwrap();
    }
    (paths.0, paths.1, hash.to_string())
}

#[test]
fn two_processes_meet_over_every_socket() {
    for scheme in SOCKETS {
        let folder = Folder::new();
        let (one, other, hash) = files(&folder);
        let keys = [folder.join("one.pem"), folder.join("other.pem")];
        let [pin, other_pin] = keys.each_ref().map(|key| Identity::open(key).unwrap().pin());
        let are_keys = is_secure(scheme);
        let address = format!("{scheme}://127.0.0.1:0");
        let serving = Serving::start(&other, &address, are_keys.then_some((&keys[1], pin)));
        let call = || call(&one, &serving.url, are_keys.then_some((&keys[0], other_pin)));
        let first = call();
        assert!(
            first.in_sync && first.sent > 0 && first.came > 0 && first.hash == hash,
            "{scheme}: {first:?}"
        );
        let again = call();
        assert!(again.in_sync && (again.sent, again.came) == (0, 0), "{scheme}: {again:?}");
        assert_eq!((again.hash, serving.end()), (hash.clone(), hash), "{scheme}");
        check(&one);
        check(&other);
    }
}

#[test]
fn two_processes_meet_over_input_and_output() {
    let folder = Folder::new();
    let (one, other, hash) = files(&folder);
    let script = answering_script(&folder, &other);
    let address = format!("exec:sh {}", script.display());
    let first = call(&one, &address, None);
    assert!(first.in_sync && first.sent > 0 && first.came > 0 && first.hash == hash, "{first:?}");
    let again = call(&one, &address, None);
    assert!(again.in_sync && (again.sent, again.came) == (0, 0) && again.hash == hash, "{again:?}");
    assert_eq!(Repo::open(&other).unwrap().hash().to_string(), hash);
    check(&one);
    check(&other);
}

pub fn check(path: &std::path::Path) {
    let repo = Repo::open(path).unwrap();
    repo.verify().unwrap();
    assert_eq!(repo.get::<Note>(crate::sync::name(303)).unwrap().unwrap().title, "new");
    assert_eq!(repo.get::<Note>(crate::sync::name(37)).unwrap().unwrap().title, "by the other");
}
