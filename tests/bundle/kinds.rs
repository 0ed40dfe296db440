//! What goes into a bundle comes out of it: every kind of object, everything or what has changed.

use super::hostile::raw_blocks;
use super::{bundle, import, write};
use crate::format::golden::golden;
use crate::format::golden_repo::{open, sample};
use crate::random::{Random, from_env};
use crate::sync::{Journal, Note, change, fill, name, replica, repo_with, sync, write as change_anything};
use dronestore::bundle::{Bundle, BundleOptions};
use dronestore::{ErrorKind, Point, Repo, Resolution};

#[test]
fn every_kind_of_version_comes_out_as_it_went_in() {
    let repo = open(&sample());
    let other = Repo::memory().unwrap();
    import(&other, &bundle(&repo));
    assert_eq!((other.hash(), other.len()), (repo.hash(), repo.len()));
    assert_eq!((other.database(), other.schemas().unwrap()), (repo.database(), repo.schemas().unwrap()));
    other.verify().unwrap();
}

#[test]
fn a_bundle_of_old_is_read_as_it_always_was() {
    let repo = open(&sample());
    let bytes = golden("repo.bundle", || bundle(&repo));
    let other = Repo::memory().unwrap();
    import(&other, &bytes);
    let summary = Bundle::read(&bytes[..]).unwrap().check().unwrap();
    assert_eq!((summary.repo_hash, summary.objects, summary.is_full()), (other.hash(), 4, true));
    assert_eq!(raw_blocks(&bundle(&other)), raw_blocks(&bytes), "blocks are written as they always were");
    other.verify().unwrap();
}

#[test]
fn replicas_that_only_exchange_bundles_end_on_one_hash() {
    let seed = from_env("DRONESTORE_SEED", 17);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for round in 0..20 {
        let first = repo_with([0, 30, 700][round % 3]);
        let repos: Vec<Repo> =
            (0..3).map(|number| if number == 0 { first.clone() } else { replica(&first) }).collect();
        let most = [5, 60, 700][random.below(3)];
        for _ in 0..10 {
            for _ in 0..random.below(9) {
                change_anything(&repos[random.below(3)], &mut random, most);
            }
            let (one, other) = (&repos[random.below(3)], &repos[random.below(3)]);
            if !one.is_empty() && (other.is_empty() || one.database() == other.database()) {
                import(other, &bundle(one));
            }
        }
        for _ in 0..2 {
            for pair in [(0, 1), (1, 2), (2, 0)] {
                import(&repos[pair.1], &bundle(&repos[pair.0]));
            }
        }
        assert!(repos.iter().all(|repo| repo.hash() == repos[0].hash()), "seed {seed}, round {round}");
        for repo in &repos {
            repo.verify().unwrap();
        }
    }
}

#[test]
fn since_a_point_there_is_what_has_changed() {
    let repo = repo_with(3000);
    let other = Repo::memory().unwrap();
    let (bytes, full) = write(&repo, BundleOptions::new());
    import(&other, &bytes);
    fill(&repo, [1, 7, 4000], "changed");
    repo.delete::<Note>(name(9)).unwrap();
    // A point is kept as text.
    let point: Point = full.summary.point.to_string().parse().unwrap();
    assert_eq!(point, full.summary.point);
    let (changes, report) = write(&repo, BundleOptions::new().since(&point));
    assert_eq!((report.summary.since, report.summary.objects), (Some(point), 4));
    assert!(changes.len() < 1500, "{} bytes", changes.len());
    assert_eq!(import(&other, &changes).forwarded, 3);
    assert_eq!(other.hash(), repo.hash());

    // Nothing since; the other side's own point, whom this repo remembers; and a point that nobody knows.
    assert_eq!(write(&repo, BundleOptions::new().since(&repo.point().unwrap())).1.summary.objects, 0);
    fill(&other, [5], "back");
    let (back, report) = write(&other, BundleOptions::new().since(&repo.point().unwrap()));
    assert_eq!(report.summary.objects, 1);
    import(&repo, &back);
    assert_eq!(other.hash(), repo.hash());
    let stranger = replica(&repo);
    let report = write(&repo, BundleOptions::new().since(&stranger.point().unwrap())).1;
    assert!(report.summary.is_full() && report.summary.objects == 3001);
    fill(&stranger, [6], "of its own");
    sync(&repo, &stranger);
    fill(&repo, [5], "after they met");
    assert_eq!(write(&repo, BundleOptions::new().since(&stranger.point().unwrap())).1.summary.objects, 1);

    let foreign = repo_with(1).point().unwrap();
    let error = repo.write_bundle(Vec::new(), BundleOptions::new().since(&foreign)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    for text in ["", "12", &"g".repeat(104), &"é".repeat(52), &point.to_string()[1..]] {
        assert_eq!(text.parse::<Point>().unwrap_err().kind(), ErrorKind::InvalidValue);
    }
}

#[test]
fn another_database_is_refused_unless_mixed_on_purpose() {
    let (one, other) = (repo_with(3), repo_with(40));
    let (bytes, hash) = (bundle(&one), other.hash());
    assert_eq!(other.import_bundle(&bytes[..]).unwrap_err().kind(), ErrorKind::Mismatch);
    assert_eq!(other.hash(), hash);
    Bundle::read(&bytes[..]).unwrap().foreign().import_into(&other).unwrap();
    assert_ne!(one.database(), other.database());
    assert_ne!(other.hash(), hash);
    // Of an empty repo there is nothing but the database.
    let (empty, new) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    import(&new, &bundle(&empty));
    assert_eq!(new.database(), empty.database());
}

#[test]
fn decisions_come_first_and_large_objects_alone() {
    let one = repo_with(60);
    let other = replica(&one);
    fill(&one, [1], "left");
    fill(&other, [1], "right");
    sync(&one, &other);
    let conflict = one.conflicts::<Note>().unwrap().next().unwrap().unwrap();
    conflict.resolve(&one, Resolution::value(&"left").unwrap()).unwrap();
    change::<Journal>(&one, "long", |page| page.text = "0123456789".repeat(300_000));
    change::<Note>(&one, "long", |note| note.title = "0123456789".repeat(200_000));
    let mut told = Vec::new();
    let options = BundleOptions::new().progress(|progress| told.push(progress.objects));
    let (bytes, report) = write(&one, options);
    assert_eq!((told.first(), told.last()), (Some(&1), Some(&report.summary.objects)));
    let mut told = 0;
    let read = Bundle::read(&bytes[..]).unwrap().progress(|progress| told = progress.objects);
    read.import_into(&other).unwrap();
    assert_eq!((told, other.hash()), (63, one.hash()));
    assert_eq!(other.conflicts::<Note>().unwrap().count().unwrap(), 0);
}

#[test]
fn what_a_program_does_not_know_travels() {
    #[derive(dronestore::Drone)]
    struct Wide {
        #[merge(map(latest))]
        map: std::collections::BTreeMap<String, String>,
    }
    let one = Repo::memory().unwrap();
    change::<Wide>(&one, "w", |wide| {
        wide.map = (0..3000).map(|number| (number.to_string(), "x".into())).collect();
    });
    let other = Repo::memory().unwrap();
    import(&other, &bundle(&one));
    assert_eq!(other.get::<Wide>("w").unwrap().unwrap().map.len(), 3000);
}
