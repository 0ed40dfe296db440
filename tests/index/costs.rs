//! What an index saves, and what it costs, counted in rows.

use dronestore::stores::MemoryStore;
use dronestore::testing::CountingStore;
use dronestore::{Drone, Repo};
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
