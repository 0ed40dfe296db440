//! What an index saves, and what it costs, counted in rows.

use dronestore::stores::MemoryStore;
use dronestore::testing::CountingStore;
use dronestore::{Drone, Repo, Update};
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Drone, Debug, Clone)]
#[drone(index(team, rank))]
#[merge(latest)]
struct Player {
    #[drone(index)]
    name: String,
    team: u32,
    rank: i64,
    #[drone(default = 0.0, index)]
    score: f64,
    #[merge(set)]
    #[drone(index)]
    tags: BTreeSet<u32>,
    notes: String,
}

const COUNT: u32 = 10_000;

fn repo() -> (CountingStore, Repo) {
    let store = CountingStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    repo.transaction(|transaction| {
        for number in 0..COUNT {
            let player = Player {
                name: format!("player {number:05}"),
                team: number % 100,
                rank: i64::from(number) - 5000,
                score: f64::from(number) / 2.0,
                tags: [number % 1000, 5000].into(),
                notes: String::new(),
            };
            transaction.put(number.to_string().as_str(), player)?;
        }
        Ok(())
    })
    .unwrap();
    repo.query::<Player>().limit(1).count().unwrap();
    store.take();
    (store, repo)
}

#[test]
fn what_is_looked_up_is_read_and_nothing_else() {
    let (store, repo) = repo();
    let f = Player::fields;
    let check = |what: &str, most: u64, work: &dyn Fn() -> usize, expected: usize| {
        store.take();
        assert_eq!(work(), expected, "{what}");
        let counts = store.take();
        let read = counts.gets + counts.pairs_scanned;
        assert!(read <= most, "{what}: {read} keys read");
    };
    let query = || repo.query::<Player>();
    let keys = |find: dronestore::Find<Player>| find.keys().unwrap().len();
    check("equality", 5, &|| keys(query().filter(f().name.eq("player 01234"))), 1);
    check("nobody", 3, &|| keys(query().filter(f().name.eq("nobody"))), 0);
    check("in", 10, &|| keys(query().filter(f().name.is_in(["player 00001", "player 09999", "x"]))), 2);
    check("or", 10, &|| keys(query().filter(f().name.eq("player 00001").or(f().score.eq(3.0)))), 2);
    check("prefix", 25, &|| keys(query().filter(f().name.starts_with("player 0123"))), 10);
    check("range", 25, &|| keys(query().filter(f().score.between(100.0, 104.5))), 10);
    check("membership", 30, &|| keys(query().filter(f().tags.has(7))), 10);
    check("order and limit", 25, &|| keys(query().order_by(f().name.asc()).limit(10)), 10);
    check("the last ones", 25, &|| keys(query().order_by(f().score.desc()).limit(10)), 10);
    check(
        "the best of a team",
        25,
        &|| keys(query().filter(f().team.eq(3)).order_by(f().rank.desc()).limit(10)),
        10,
    );
    check(
        "range, order and limit",
        25,
        &|| keys(query().filter(f().score.ge(2000.0)).order_by(f().score.asc()).limit(10)),
        10,
    );
    check(
        "the narrower of two",
        150,
        &|| keys(query().filter(f().tags.has(5000).and(f().name.eq("player 00042")))),
        1,
    );
    check(
        "a few, sorted by another",
        150,
        &|| keys(query().filter(f().tags.has(7)).order_by(f().name.desc()).limit(3)),
        3,
    );
    check("exists", 10, &|| usize::from(query().filter(f().score.gt(1.0)).exists().unwrap()), 1);
    let mut after = None;
    for _ in 0..3 {
        check("a page", 25, &|| 0, 0);
        let mut page = query().order_by(f().name.asc()).limit(10);
        if let Some(cursor) = after.take() {
            page = page.after(cursor);
        }
        store.take();
        let page = page.page().unwrap();
        let counts = store.take();
        assert!(counts.gets + counts.pairs_scanned <= 25, "{counts:?}");
        after = page.next;
    }
}

#[test]
fn a_write_of_what_no_index_has_writes_no_row_of_one() {
    let (store, repo) = repo();
    let written = |work: &dyn Fn()| {
        store.take();
        work();
        store.take().keys_written
    };
    let update = |change: &dyn Fn(&mut Player)| {
        written(&|| {
            repo.update::<Player>("17", |player| {
                change(player);
                Ok(())
            })
            .unwrap();
        })
    };
    // The head, and a row of the change log; where notes are new, a shape and its number.
    assert_eq!(update(&|player| player.notes.push('x')), 4);
    assert_eq!(update(&|player| player.notes.push('x')), 2);
    // One row goes, one comes.
    assert_eq!(update(&|player| player.score = 7.0), 4);
    assert_eq!(update(&|player| player.rank = 7), 4);
    assert_eq!(
        update(&|player| {
            player.tags.insert(3);
        }),
        3
    );
    let before = repo.verify().unwrap().index_rows;
    let gone = written(&|| assert!(repo.delete::<Player>("17").unwrap()));
    assert_eq!(gone, 2 + 3 + 3);
    assert_eq!(repo.verify().unwrap().index_rows, before - 6);
}

#[test]
fn what_an_index_answers_is_counted_without_a_look_at_the_objects() {
    let (store, repo) = repo();
    let f = Player::fields;
    let query = || repo.query::<Player>();
    let check = |what: &str, most: u64, work: &dyn Fn() -> usize, expected: usize| {
        store.take();
        assert_eq!(work(), expected, "{what}");
        let counts = store.take();
        // A snapshot reads the list of indexes, and nothing else.
        let read = counts.gets + counts.pairs_scanned;
        assert!(read <= most && counts.gets <= 1, "{what}: {read} keys read, {} of them alone", counts.gets);
    };
    let count = |find: dronestore::Find<Player>| find.count().unwrap();
    check("a team", 102, &|| count(query().filter(f().team.eq(3))), 100);
    let ranked = || query().filter(f().team.eq(3).and(f().rank.ge(0)));
    check("a part of it", 52, &|| count(ranked()), 50);
    check("within a limit", 32, &|| count(ranked().order_by(f().name.asc()).offset(20).limit(10)), 10);
    check("beyond the last", 52, &|| count(ranked().offset(60)), 0);
    check("two teams", 203, &|| count(query().filter(f().team.is_in([3, 4]))), 200);
    check(
        "by two indexes",
        103,
        &|| count(query().filter(f().team.eq(3).or(f().name.eq("player 00004")))),
        101,
    );
    check("that meet", 103, &|| count(query().filter(f().team.eq(3).or(f().name.eq("player 00003")))), 100);
    check("a tag", 12, &|| count(query().filter(f().tags.has(7))), 10);
    check("any", 3, &|| usize::from(query().filter(f().team.eq(3)).exists().unwrap()), 1);
    check("none", 3, &|| usize::from(query().filter(f().team.eq(300)).exists().unwrap()), 0);
    // What an index says half of is looked at.
    assert_eq!(count(query().filter(f().tags.has(7).and(f().tags.has(8)))), 0);
    assert_eq!(count(query().filter(f().tags.has(7).and(f().tags.has(5000)))), 10);
    assert_eq!(count(query().filter(f().team.eq(3).and(f().notes.eq("")))), 100);
    assert_eq!(count(query().filter(f().team.eq(3).and(f().notes.ne("")))), 0);
}

#[test]
fn views_and_watchers_ask_indexes_too() {
    let (store, repo) = repo();
    let wanted = || Player::fields().name.eq("player 01234");
    let mut view = repo.view().unwrap();
    let change = |name: &str| {
        repo.update::<Player>("1234", |player| {
            player.name = name.into();
            Ok(())
        })
        .unwrap();
    };
    change("another");
    store.take();
    assert_eq!(view.query::<Player>().filter(wanted()).keys().unwrap().len(), 1);
    assert_eq!(view.query::<Player>().filter(Player::fields().team.eq(34)).count().unwrap(), 100);
    let counts = store.take();
    assert!(counts.gets + counts.pairs_scanned <= 107, "{counts:?}");
    assert_eq!(repo.query::<Player>().filter(wanted()).count().unwrap(), 0);

    change("player 01234");
    let mut watch = repo.query::<Player>().filter(wanted()).watch().unwrap();
    let untyped = repo.query_kind("Player", &r#"name = "player 01234""#.parse().unwrap()).unwrap();
    let mut untyped = untyped.watch().unwrap();
    store.take();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Result { objects, .. }) if objects.len() == 1));
    let typed = store.take();
    assert!(
        matches!(untyped.try_next().unwrap(), Some(Update::Result { objects, .. }) if objects.len() == 1)
    );
    let counts = store.take();
    assert!(typed.gets + typed.pairs_scanned <= 8, "{typed:?}");
    assert!(counts.gets + counts.pairs_scanned <= 30, "{counts:?}");
    change("another");
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Removed { .. })));
}
