//! Lines of JSON: what goes out comes in again, and nothing else does.

use super::{City, Parcel, all, cities, parcel};
use crate::random::{Random, from_env};
use dronestore::{Drone, Error, ErrorKind, Export, Import, Nanotime, Repo};
use std::io::{Read, Write};

fn lines(repo: &Repo) -> Vec<u8> {
    let mut lines = Vec::new();
    let report = repo.export_json(&mut lines).unwrap();
    assert_eq!(report.bytes, lines.len() as u64);
    lines
}

/// Two models, deleted objects, some never touched, some in conflict with another repo.
fn world(seed: u64) -> Repo {
    let mut random = Random::new(seed);
    let (repo, other) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    repo.import(cities(5)).unwrap();
    other.merge(&repo).unwrap();
    for repo in [&repo, &other] {
        for _ in 0..8 {
            repo.put(format!("p{}", random.below(6)), parcel(&mut random)).unwrap();
        }
    }
    repo.update::<Parcel>("untouched", |_| Ok(())).unwrap();
    repo.merge(&other).unwrap();
    repo.delete::<City>("000002").unwrap();
    repo
}

#[test]
fn values_come_back_as_they_were() {
    let seed = from_env("DRONESTORE_SEED", 7);
    for seed in seed..seed + 60 {
        println!("seed {seed}");
        let from = world(seed);
        let text = lines(&from);
        for limit in [usize::MAX, 300] {
            let to = Repo::builder().replica_of(&from).open().unwrap();
            let report = Import::new(&to).batch_bytes(limit).json(&text[..]).unwrap();
            assert_eq!(report.schemas, 2);
            assert_eq!(all::<Parcel>(&to), all::<Parcel>(&from));
            assert_eq!(all::<City>(&to), all::<City>(&from));
            // What was written to be as the default is does not differ from it, and is not written anew.
            let (text, second) = (lines(&to), Repo::memory().unwrap());
            second.import_json(&text[..]).unwrap();
            assert_eq!(lines(&second), text, "and they go out as they did");
            assert_eq!(to.import_json(&text[..]).unwrap().written, 0);
            to.verify().unwrap();
            // They are new writes of the same database, and merge with what they came of.
            assert_eq!(to.database(), from.database());
            to.merge(&from).unwrap();
            to.verify().unwrap();
        }
    }
}

#[test]
fn versions_come_back_as_they_were() {
    for seed in 0..10 {
        let from = world(seed);
        let mut text = Vec::new();
        let report = Export::new(&from).versions(true).json(&mut text).unwrap();
        assert_eq!(report.objects, from.len());
        let to = Repo::memory().unwrap();
        let report = Import::new(&to).batch_objects(4).json(&text[..]).unwrap();
        assert_eq!((report.versions(), report.written), (from.len(), 0));
        assert_eq!((to.hash(), to.database()), (from.hash(), from.database()));
        let again = to.import_json(&text[..]).unwrap();
        assert_eq!((again.batches, again.merged.known as u64), (0, from.len()));
        let stranger = Repo::memory().unwrap();
        stranger.import(cities(1)).unwrap();
        let error = stranger.import_json(&text[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
        assert!(Import::new(&stranger).foreign(true).json(&text[..]).is_ok());
    }
}

#[test]
fn some_of_it_may_be_wanted() {
    let repo = world(3);
    let written = |export: Export<'_>| {
        let mut text = Vec::new();
        let report = export.schemas(false).json(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(report.objects, text.lines().count() as u64);
        text
    };
    let all = written(Export::new(&repo));
    let cities = written(Export::new(&repo).kind("City"));
    assert_eq!(
        (cities.lines().count(), all.lines().count()),
        (4, all.lines().filter(|line| line.contains("Parcel")).count() + 4)
    );
    assert_eq!(written(Export::new(&repo).model::<City>()), cities);
    assert_eq!(
        written(Export::new(&repo).under(&City::key_of("000001").unwrap())),
        cities.lines().nth(1).unwrap().to_owned() + "\n"
    );
    let rich =
        repo.query::<City>().filter(City::fields().people.ge(300)).order_by(City::fields().people.desc());
    let found = written(Export::new(&repo).found_by(rich));
    assert_eq!(found, cities.lines().rev().take(2).map(|line| format!("{line}\n")).collect::<String>());
    let text = "people >= 300 order by people desc".parse().unwrap();
    assert_eq!(written(Export::new(&repo).query("City", text)), found);
    let error = Export::new(&repo).kind("Ctiy").json(Vec::new()).unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let wrong = Export::new(&repo).found_by(repo.query::<City>().matching("people >=")).json(Vec::new());
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::InvalidValue);
    // Of another moment than now nothing is exported as if it were of now.
    let then = repo.view().unwrap().query::<City>();
    let wrong = Export::new(&repo).found_by(then).json(Vec::new());
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::Unsupported);
    let then = repo.query::<City>().at(Nanotime::MIN);
    let wrong = Export::new(&repo).found_by(then).json(Vec::new());
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn a_model_says_what_the_repo_does_not_know() {
    let line = br#"{"key":"City:a","values":{"name":"Aa","people":3}}"#;
    let repo = Repo::memory().unwrap();
    assert!(repo.import_json(&line[..]).unwrap_err().is_not_found());
    let report = Import::new(&repo).model::<City>().json(&line[..]).unwrap();
    assert_eq!(report.written, 1);
    assert_eq!(repo.get::<City>("a").unwrap().unwrap().people, 3);
    assert!(repo.schema_of("City").unwrap().is_some());
    repo.verify().unwrap();
    // What the schema calls a type of the program's own may be anything; the program knows.
    let line = br#"{"key":"/Parcel:a","values":{"state":"Shpped"}}"#;
    let error = Import::new(&repo).model::<Parcel>().json(&line[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
    assert_eq!(repo.len(), 1);
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_came_before_stays() {
    let good = r#"{"key":"/City:a","values":{"name":"Aa"}}"#;
    for (line, kind, said) in [
        ("{", ErrorKind::InvalidValue, "is not JSON"),
        ("7", ErrorKind::InvalidValue, "neither a version nor"),
        ("{\"values\":{}}", ErrorKind::InvalidValue, "no `key`"),
        ("{\"values\":[],\"key\":\"/City:b\"}", ErrorKind::InvalidValue, "neither a version nor"),
        ("{\"values\":{},\"key\":\"/x\"}", ErrorKind::InvalidValue, "no `kind`"),
        (
            "{\"values\":{},\"key\":\"/Note:x\",\"kind\":7}",
            ErrorKind::InvalidValue,
            "a `kind` that is no text",
        ),
        ("{\"values\":{},\"key\":\"/a//b\"}", ErrorKind::InvalidKey, "empty"),
        ("{\"values\":{},\"key\":\"/Town:b\"}", ErrorKind::NotFound, "no schema of kind `Town`"),
        ("{\"values\":{\"nmae\":\"x\"},\"key\":\"/City:b\"}", ErrorKind::NotFound, "no attribute `nmae`"),
        ("{\"values\":{\"name\":7},\"key\":\"/City:b\"}", ErrorKind::InvalidValue, "7 is no `String`"),
        ("{\"values\":{\"people\":-1},\"key\":\"/City:b\"}", ErrorKind::InvalidValue, "-1 is no `u64`"),
        ("{\"values\":{\"people\":1e300},\"key\":\"/City:b\"}", ErrorKind::InvalidValue, "is no `u64`"),
        ("{\"schema\":{}}", ErrorKind::Corrupt, "is no schema"),
        ("{\"version\":{}}", ErrorKind::Corrupt, ""),
        ("{\"dronestore\":2}", ErrorKind::Unsupported, "later version"),
        ("{\"dronestore\":1}", ErrorKind::Corrupt, "names no database"),
        ("\u{fffd}", ErrorKind::InvalidValue, "is not JSON"),
    ] {
        let repo = Repo::memory().unwrap();
        repo.add_schema(&City::schema()).unwrap();
        let text = format!("{good}\n\n{line}\n{}\n", good.replace(":a", ":c"));
        // Bytes that are no UTF-8 at all.
        let text: Vec<u8> = text
            .replace('\u{fffd}', "~")
            .bytes()
            .map(|byte| if byte == b'~' { 0xff } else { byte })
            .collect();
        let mut import = Import::new(&repo);
        let error = import.json(&text[..]).unwrap_err();
        let shown = format!("{error:?}");
        assert_eq!(error.kind(), kind, "{line}: {shown}");
        assert!(error.to_string().starts_with("line 3, with 1 before it imported: "), "{line}: {shown}");
        assert!(shown.contains(said), "{line}: {shown}");
        assert_eq!((import.report().objects, repo.len()), (1, 1), "{line}");
        repo.verify().unwrap();
    }
}

#[test]
fn a_line_without_an_end_takes_no_more_than_allowed() {
    let repo = Repo::memory().unwrap();
    let endless = std::io::repeat(b'x').take(1 << 34);
    let error = Import::new(&repo).line_bytes(1 << 16).json(endless).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Unsupported, "line 1: is longer than 65536 bytes".into())
    );
    let deep = "[".repeat(100_000);
    assert_eq!(repo.import_json(deep.as_bytes()).unwrap_err().kind(), ErrorKind::InvalidValue);
}

#[test]
fn a_file_that_is_cut_leaves_what_was_whole() {
    let from = Repo::memory().unwrap();
    from.import(cities(3)).unwrap();
    let text = lines(&from);
    for end in 0..text.len() {
        let to = Repo::memory().unwrap();
        let whole = text[..end].iter().filter(|byte| **byte == b'\n').count().saturating_sub(1);
        // A line may be whole but for its end.
        let is_whole = text[end] == b'\n' && end > 0;
        match Import::new(&to).batch_objects(2).json(&text[..end]) {
            Ok(report) => assert!(
                report.objects as usize
                    == whole
                        + usize::from(
                            is_whole
                                && report.schemas == 1
                                && end > text.iter().position(|byte| *byte == b'\n').unwrap()
                        )
            ),
            Err(error) => assert_eq!(to.len() as usize, whole, "{end}: {error}"),
        }
        to.verify().unwrap();
    }
}

/// A reader that breaks off, a writer that is full.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the stick was pulled"))
    }
}

impl Write for Broken {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| std::io::Error::other("full"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn readers_and_writers_that_fail_are_told() {
    let repo = Repo::memory().unwrap();
    repo.import(cities(1000)).unwrap();
    let text = lines(&repo);
    let to = Repo::memory().unwrap();
    let error = to.import_json(text[..20_000].chain(Broken(0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(to.len() > 100 && format!("{error:?}").contains("the stick was pulled"), "{error:?}");
    for room in [0, 10, 20_000, text.len() - 1] {
        let error: Error = repo.export_json(Broken(room)).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Store, "the output cannot be written".into())
        );
    }
    assert!(repo.export_json(Broken(text.len())).is_ok());
    let mut told = Vec::new();
    Export::new(&repo)
        .progress(|progress| told.push((progress.objects, progress.bytes)))
        .json(Vec::new())
        .unwrap();
    assert_eq!(told.last(), Some(&(1000, text.len() as u64)));
}
