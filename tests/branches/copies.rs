//! Copies of a repo with branches: nobody makes the dots of another.

use super::{Dots, Page, copy_of, open, page, title};
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::{ErrorKind, Key, Repo};

fn see(dots: &mut Dots, repo: &Repo) {
    repo.objects(&Key::root()).unwrap().for_each(|version| dots.see(&version.unwrap()));
    for info in repo.branches().unwrap() {
        let branch = repo.find_branch(&info.name).unwrap().unwrap();
        branch.objects(&Key::root()).unwrap().for_each(|version| dots.see(&version.unwrap()));
    }
}

#[test]
fn a_copied_file_goes_on_with_branches_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here.drone"), folder.path().join("there.drone"));
    let repo = Repo::open(&here).unwrap();
    repo.branch("draft").unwrap().put("a", page("one")).unwrap();
    drop(repo);
    std::fs::copy(&here, &there).unwrap();
    let mut dots = Dots::default();
    let repos = [Repo::open(&here).unwrap(), Repo::open(&there).unwrap()];
    for (repo, add) in repos.iter().zip([1, 10]) {
        let draft = repo.branch("draft").unwrap();
        assert_eq!(title(&draft, "a").as_deref(), Some("one"));
        draft.update::<Page>("a", |page| Ok(page.visits += add)).unwrap();
        see(&mut dots, repo);
        draft.merge().unwrap();
    }
    assert_ne!(repos[0].branches().unwrap()[0].actor, repos[1].branches().unwrap()[0].actor);
    let report = repos[0].merge(&repos[1]).unwrap();
    assert_eq!((report.merged, report.forked.len()), (1, 0));
    repos[1].merge(&repos[0]).unwrap();
    assert_eq!(repos[0].hash(), repos[1].hash());
    assert_eq!(repos[0].get::<Page>("a").unwrap().unwrap().visits, 11);
    see(&mut dots, &repos[0]);
}

#[test]
fn what_the_original_does_with_a_branch_is_in_no_copys_way() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here.drone"), folder.path().join("there.drone"));
    let repo = Repo::open(&here).unwrap();
    let draft = repo.branch("draft").unwrap();
    draft.put("a", page("one")).unwrap();
    draft.put("b", page("one")).unwrap();
    drop((repo, draft));
    std::fs::copy(&here, &there).unwrap();
    let (repo, copy) = (Repo::open(&here).unwrap(), Repo::open(&there).unwrap());
    let draft = repo.branch("draft").unwrap();
    for title in ["two", "three"] {
        draft.put("a", page(title)).unwrap();
        draft.put("b", page(title)).unwrap();
    }
    draft.merge().unwrap();
    copy.merge(&repo).unwrap();
    let draft = copy.branch("draft").unwrap();
    assert!(draft.changes().unwrap().iter().all(|change| !change.is_forked));
    draft.update::<Page>("b", |page| Ok(page.visits += 1)).unwrap();
    assert!(draft.changes().unwrap().iter().all(|change| !change.is_forked));
    let report = draft.catch_up().unwrap();
    assert_eq!((report.forwarded, report.merged, report.forked.len()), (1, 1, 0));
    assert_eq!(draft.merge().unwrap().forked.len(), 0);
    repo.merge(&copy).unwrap();
    let page = repo.get::<Page>("b").unwrap().unwrap();
    assert_eq!((page.title.as_str(), page.visits), ("three", 1));
}

#[test]
fn a_backup_that_is_put_back_goes_on_under_other_actors() {
    let folder = tempfile::tempdir().unwrap();
    let (file, backup) = (folder.path().join("here.drone"), folder.path().join("backup"));
    let (mut dots, other) = (Dots::default(), Repo::memory().unwrap());
    {
        let repo = Repo::open(&file).unwrap();
        repo.branch("draft").unwrap().put("a", page("one")).unwrap();
    }
    std::fs::copy(&file, &backup).unwrap();
    {
        let repo = Repo::open(&file).unwrap();
        let draft = repo.branch("draft").unwrap();
        draft.update::<Page>("a", |page| Ok(page.visits += 1)).unwrap();
        see(&mut dots, &repo);
        draft.merge().unwrap();
        other.merge(&repo).unwrap();
    }
    // Into the same file, so that only its content tells.
    std::fs::write(&file, std::fs::read(&backup).unwrap()).unwrap();
    let repo = Repo::open(&file).unwrap();
    let draft = repo.branch("draft").unwrap();
    draft.update::<Page>("a", |page| Ok(page.visits += 10)).unwrap();
    see(&mut dots, &repo);
    draft.merge().unwrap();
    assert!(repo.merge(&other).unwrap().forked.is_empty());
    assert_eq!(repo.get::<Page>("a").unwrap().unwrap().visits, 11);
    see(&mut dots, &repo);
}

#[test]
fn what_is_set_aside_costs_a_branch_its_actor() {
    let store = MemoryStore::new();
    let repo = open(&store);
    repo.branch("draft").unwrap().put("a", page("base")).unwrap();
    drop(repo);
    // A copy that nobody can know of.
    let copy = copy_of(&store);
    let repos = [open(&store), open(&copy)];
    let actor = repos[0].branches().unwrap()[0].actor;
    for (repo, title) in repos.iter().zip(["here", "there"]) {
        let draft = repo.branch("draft").unwrap();
        draft.update::<Page>("a", |page| Ok(page.title = title.into())).unwrap();
        draft.merge().unwrap();
    }
    repos[0].merge(&repos[1]).unwrap();
    repos[1].merge(&repos[0]).unwrap();
    assert_eq!(repos[0].hash(), repos[1].hash());
    assert!(repos.iter().any(|repo| repo.forks().unwrap().count() > 0));
    // Whoever lost goes on as another.
    let actors: Vec<_> = repos.iter().map(|repo| repo.branches().unwrap()[0].actor).collect();
    assert!(actors.iter().any(|now| *now != actor), "{actors:?}");
    for repo in &repos {
        let draft = repo.branch("draft").unwrap();
        draft.update::<Page>("a", |page| Ok(page.visits += 1)).unwrap();
        draft.merge().unwrap();
    }
    assert!(repos[0].merge(&repos[1]).unwrap().forked.is_empty());
    assert_eq!(repos[0].get::<Page>("a").unwrap().unwrap().visits, 2);
    for repo in &repos {
        repo.verify().unwrap();
    }
}

#[test]
fn a_branch_follows_when_the_repo_writes_anew_under_another_name() {
    let seeds = from_env("DRONESTORE_BRANCH_SEEDS", 20);
    for seed in 1..=seeds {
        let mut random = Random::new(seed);
        let store = MemoryStore::new();
        let repo = open(&store);
        for name in ["a", "b", "c"] {
            repo.put(name, page("base")).unwrap();
        }
        drop(repo);
        let copy = copy_of(&store);
        let mut repos = [open(&store), open(&copy)];
        let mut sums = [0; 3];
        // Each writes in the repo, under one name, and on a branch over that.
        for _ in 0..12 {
            let (number, add) = (random.below(3), 1 + random.below(5) as i64);
            let name = ["a", "b", "c"][number];
            let repo = &repos[random.below(2)];
            match random.below(2) {
                0 => drop(repo.update::<Page>(name, |page| Ok(page.visits += add)).unwrap()),
                _ => {
                    let made = repo.branch("draft").unwrap();
                    made.update::<Page>(name, |page| Ok(page.visits += add)).unwrap();
                }
            }
            sums[number] += add;
        }
        // They meet, and one of them takes another name; then the branches are merged.
        repos[0].merge(&repos[1]).unwrap();
        repos[1].merge(&repos[0]).unwrap();
        if seed % 2 == 0 {
            // What was renamed is not known any more.
            repos = [open(&store), open(&copy)];
        }
        for repo in &repos {
            if let Some(draft) = repo.find_branch("draft").unwrap() {
                assert!(draft.merge().unwrap().forked.is_empty(), "seed {seed}");
            }
            repo.verify().unwrap();
        }
        for _ in 0..2 {
            repos[0].merge(&repos[1]).unwrap();
            repos[1].merge(&repos[0]).unwrap();
        }
        assert_eq!(repos[0].hash(), repos[1].hash(), "seed {seed}");
        if repos[0].forks().unwrap().count() + repos[1].forks().unwrap().count() == 0 {
            for (name, sum) in ["a", "b", "c"].iter().zip(sums) {
                assert_eq!(repos[0].get::<Page>(*name).unwrap().unwrap().visits, sum, "seed {seed}: {name}");
            }
        } else {
            println!("seed {seed}: set aside");
        }
    }
}

#[test]
fn a_version_that_has_no_join_stays_on_the_branch() {
    let store = MemoryStore::new();
    let repo = open(&store);
    repo.branch("draft").unwrap().put("a", page("base")).unwrap();
    let copy = open(&copy_of(&store));
    for (repo, title) in [(&repo, "here"), (&copy, "there")] {
        repo.branch("draft").unwrap().update::<Page>("a", |page| Ok(page.title = title.into())).unwrap();
    }
    copy.branch("draft").unwrap().merge().unwrap();
    repo.merge(&copy).unwrap();
    let draft = repo.branch("draft").unwrap();
    assert!(draft.changes().unwrap()[0].is_forked);
    assert_eq!(draft.catch_up().unwrap().forked.len(), 1);
    assert_eq!(title(&draft, "a").as_deref(), Some("here"));
    // A handle of the other one's cannot be saved on it.
    let mut handle = copy.get::<Page>("a").unwrap().unwrap();
    handle.visits = 1;
    assert_eq!(draft.save(&mut handle).unwrap_err().kind(), ErrorKind::Forked);
    let actor = draft.info().unwrap().actor;
    assert_eq!(draft.merge().unwrap().forked.len(), 1);
    assert_ne!(draft.info().unwrap().actor, actor);
    assert_eq!(repo.forks().unwrap().count(), 1);
    draft.update::<Page>("a", |page| Ok(page.visits += 1)).unwrap();
    draft.merge().unwrap();
    assert_eq!(repo.get::<Page>("a").unwrap().unwrap().visits, 1);
    repo.verify().unwrap();
}
