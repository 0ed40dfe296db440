//! Counts, keys and selected fields of many objects, read without making objects, are those of the objects.

use crate::folder::Folder;
use dronestore::{Drone, Key, Repo};

#[derive(Drone, Debug, Clone)]
struct Item {
    #[merge(latest)]
    level: u32,
    #[merge(latest)]
    name: String,
    #[merge(conflict)]
    note: Option<String>,
}

const COUNT: u32 = 14_000;

/// Most stand close together, some elsewhere, and none between.
fn key(number: u32) -> String {
    match number % 7 {
        0 => format!("z{:08x}", number.wrapping_mul(0x9e37_79b9)),
        _ => format!("near/{number:06}"),
    }
}

fn fill(repo: &Repo) {
    for numbers in (0..COUNT).collect::<Vec<_>>().chunks(5_000) {
        repo.transaction(|transaction| {
            for number in numbers {
                let note = (number % 3 == 0).then(|| format!("note {number}"));
                let item = Item { level: number % 100, name: format!("name {}", number % 11), note };
                transaction.put(&*key(*number), item)?;
            }
            Ok(())
        })
        .unwrap();
    }
    // Apart, for conflicts; and in batches that are not in the tables of a file yet.
    let other = Repo::memory().unwrap();
    other.merge(repo).unwrap();
    for (repo, note) in [(repo, "one"), (&other, "other")] {
        for number in (0..COUNT).step_by(997) {
            repo.update::<Item>(&*key(number), |item| {
                (item.level, item.note) = (item.level / 2, Some(note.into()));
                Ok(())
            })
            .unwrap();
        }
    }
    repo.merge(&other).unwrap();
    for number in (0..COUNT).step_by(1_499) {
        repo.delete::<Item>(&*key(number)).unwrap();
    }
}

fn check(repo: &Repo) {
    let mut items: Vec<(Key, Item)> = repo
        .iter::<Item>()
        .unwrap()
        .map(|item| item.unwrap())
        .map(|item| (item.key().clone(), Item::clone(&item)))
        .collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert_eq!(items.len(), (COUNT - COUNT.div_ceil(1_499)) as usize);
    type Wanted = fn(&Item) -> bool;
    let filters: [(&str, Wanted); 7] = [
        ("level >= 90", |item| item.level >= 90),
        ("level >= 0", |_| true),
        ("level > 1000", |_| false),
        ("level < 50 and name starts with \"name 1\"", |item| {
            item.level < 50 && item.name.starts_with("name 1")
        }),
        ("note = \"one\" or note = \"other\"", |item| {
            item.note.as_deref().is_some_and(|note| note == "one" || note == "other")
        }),
        ("note = null", |item| item.note.is_none()),
        ("not name contains \"7\"", |item| !item.name.contains('7')),
    ];
    for (text, wants) in filters {
        let wanted: Vec<&(Key, Item)> = items.iter().filter(|(_, item)| wants(item)).collect();
        let find = || repo.query::<Item>().matching(text);
        assert_eq!(find().count().unwrap(), wanted.len(), "{text}");
        let keys: Vec<Key> = wanted.iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(find().keys().unwrap(), keys, "{text}");
        let fields = Item::fields();
        let selected = find().select((fields.name, fields.level, fields.note)).unwrap();
        let expected: Vec<_> =
            wanted.iter().map(|(_, item)| (item.name.clone(), item.level, item.note.clone())).collect();
        assert_eq!(selected, expected, "{text}");
        // A part of them.
        let some = find().offset(3).limit(5_000).keys().unwrap();
        assert_eq!(some, keys.iter().skip(3).take(5_000).cloned().collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn what_is_read_in_place_is_what_the_objects_are() {
    let folder = Folder::new();
    for repo in [Repo::memory().unwrap(), Repo::open(folder.join("many.drone")).unwrap()] {
        fill(&repo);
        check(&repo);
        // From within a transaction, over what it has staged.
        repo.transaction(|transaction| {
            transaction.delete::<Item>(&*key(1))?;
            assert_eq!(transaction.query::<Item>()?.matching("level = 1").count()?, 139);
            Ok(())
        })
        .unwrap();
    }
}
