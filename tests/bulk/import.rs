//! What an iterator gives comes in, in bounded batches; what came before a failure stays.

use super::{City, all, cities, city};
use dronestore::stores::MemoryStore;
use dronestore::testing::CountingStore;
use dronestore::{Drone, ErrorKind, Import, ImportReport, Key, Repo};
use std::cell::RefCell;
use std::sync::Arc;

fn wanted(count: u64) -> Vec<(String, City)> {
    cities(count).map(|(name, city)| (format!("/City:{name}"), city)).collect()
}

#[test]
fn everything_comes_in_whatever_the_batches() {
    for (count, objects, bytes) in [
        (0, 10, 1 << 20),
        (1, 1, 1),
        (25, 10, 1 << 20),
        (300, 1000, 500),
        (600, 256, 1 << 20),
        (30, 1, 1 << 20),
    ] {
        let repo = Repo::memory().unwrap();
        let mut import = Import::new(&repo).batch_objects(objects).batch_bytes(bytes);
        let report = import.objects(cities(count)).unwrap();
        assert_eq!(all::<City>(&repo), wanted(count));
        assert_eq!((report.objects, report.written), (count, count));
        assert!(report.batches < repo.sequence(), "a batch has rows of the log: {report}");
        let again = repo.import(cities(count)).unwrap();
        assert_eq!((again.objects, again.written, again.batches), (count, 0, 0), "{again}");
        repo.verify().unwrap();
    }
}

#[test]
fn batches_are_bounded_by_objects_and_bytes() {
    let store = CountingStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    store.take();
    let (mut most, mut last) = (0, 0);
    let mut import = Import::new(&repo).batch_objects(700).batch_bytes(20_000).progress(|told| {
        most = most.max(told.bytes - last);
        last = told.bytes;
    });
    let report = import.objects(cities(5000)).unwrap();
    drop(import);
    assert_eq!(store.counts().applies, report.batches);
    assert!(report.batches >= report.bytes / 20_300, "{report}");
    assert!((19_000..20_300).contains(&most), "{most}");
    let repo = Repo::memory().unwrap();
    assert_eq!(Import::new(&repo).batch_objects(700).objects(cities(2356)).unwrap().batches, 4);
}

#[test]
fn an_import_writes_what_one_transaction_would() {
    let written = |work: &dyn Fn(&Repo)| {
        let store = CountingStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        store.take();
        work(&repo);
        store.counts()
    };
    let import = written(&|repo| drop(repo.import(cities(20_000)).unwrap()));
    let one = written(&|repo| {
        let put = |transaction: &mut dronestore::Transaction<'_>| {
            cities(20_000).try_for_each(|(name, city)| transaction.put(name, city).map(drop))
        };
        repo.transaction(put).unwrap();
    });
    assert!(import.applies <= 4, "{import:?}");
    assert!(import.bytes_written <= one.bytes_written + one.bytes_written / 500, "{import:?} and {one:?}");
    assert!(
        import.gets <= one.gets + 60 && import.pairs_scanned <= one.pairs_scanned + 20,
        "{import:?} and {one:?}"
    );
}

#[test]
fn what_came_before_a_failure_stays() {
    // An error of a reader, a name that is none, a value that its model refuses.
    for kind in 0..3 {
        for (at, batch) in
            [(0, 10), (1, 10), (9, 10), (10, 10), (11, 10), (255, 1000), (256, 1000), (300, 1000)]
        {
            let repo = Repo::memory().unwrap();
            let items = (0..1000).map(|number| {
                let (name, city) = city(number);
                match kind {
                    _ if number != at => Ok((name, Checked { name: city.name })),
                    0 => Err(std::io::Error::other("the line is cut")),
                    1 => Ok((String::new(), Checked { name: city.name })),
                    _ => Ok((name, Checked { name: String::new() })),
                }
            });
            let mut import = Import::new(&repo).batch_objects(batch);
            let error = import.objects(items).unwrap_err();
            let place = format!("object {}", at + 1);
            let shown = error.to_string();
            assert!(shown.starts_with(&place), "{shown}");
            assert!(at == 0 || shown.contains(&format!("with {at} before it imported")), "{shown}");
            let wanted = [ErrorKind::InvalidValue, ErrorKind::InvalidKey, ErrorKind::Invalid][kind];
            assert_eq!(error.kind(), wanted, "{shown}");
            assert_eq!((import.report().objects, repo.len()), (at, at));
            assert_eq!(all::<Checked>(&repo).len() as u64, at);
            repo.verify().unwrap();
        }
    }
}

/// A model that refuses.
#[derive(Drone, Debug, Clone, PartialEq)]
struct Checked {
    #[merge(latest)]
    #[drone(required)]
    name: String,
}

#[test]
fn an_object_that_is_there_gets_what_came() {
    let repo = Repo::memory().unwrap();
    repo.import(cities(10)).unwrap();
    let hash = repo.hash();
    let changed = cities(20).map(|(name, mut city)| {
        if city.people == 500 {
            city.mayor = Some("new".into());
        }
        (City::key_of(&name).unwrap(), city)
    });
    // The same object twice in one batch: the later one stands.
    let twice = [
        (Key::for_kind("City", "x").unwrap(), City::default()),
        (Key::for_kind("City", "x").unwrap(), city(1).1),
    ];
    let report = repo.import(changed.chain(twice)).unwrap();
    assert_eq!((report.objects, report.written), (22, 13));
    assert_eq!(repo.get::<City>("000005").unwrap().unwrap().mayor.as_deref(), Some("new"));
    assert_eq!(*repo.get::<City>("x").unwrap().unwrap(), city(1).1);
    assert_ne!(repo.hash(), hash);
    repo.verify().unwrap();
}

#[test]
fn an_iterator_may_read_and_write_the_repo_it_fills() {
    let repo = Repo::memory().unwrap();
    repo.import(cities(100)).unwrap();
    let copies = repo.iter::<City>().unwrap().map(|city| {
        let city = city?;
        repo.update::<City>("last", |last| {
            last.people += 1;
            Ok(())
        })?;
        Ok::<_, dronestore::Error>((format!("copy of {}", city.name), (*city).clone()))
    });
    assert_eq!(Import::new(&repo).batch_objects(7).objects(copies).unwrap().written, 100);
    assert_eq!((repo.len(), repo.get::<City>("last").unwrap().unwrap().people), (201, 100));
}

#[test]
fn progress_is_what_is_durable() {
    let repo = Repo::memory().unwrap();
    let told = RefCell::new(Vec::new());
    let mut import = Import::new(&repo).batch_objects(100).progress(|progress| {
        assert!(progress.objects >= repo.len());
        told.borrow_mut().push(progress.objects);
    });
    import.objects(cities(250)).unwrap();
    assert_eq!(*told.borrow(), [100, 200, 250]);
    // One import may take from several places.
    let report: ImportReport = import.objects(cities(260)).unwrap();
    assert_eq!((report.objects, report.written), (510, 260));
    assert!(told.borrow().is_sorted());
}
