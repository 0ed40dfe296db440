//! Real versions by fixed authors at fixed times: the same bytes in every run.

use super::model::{Board, Everything, Order, Page, Part, Task, edit, one};
use dronestore::model::{self, Model};
use dronestore::version::{Author, Merged, delete};
use dronestore::{ActorId, Drone, HybridClock, Key, Nanotime, Version};

/// An author whose identity, clock and times are given.
pub(super) struct Writer {
    actor: ActorId,
    clock: HybridClock,
    wall: u64,
}

impl Writer {
    pub(super) fn new(number: u8) -> Writer {
        let wall = 1_700_000_000_000_000_000 + u64::from(number) * 1_000_000_000;
        Writer { actor: ActorId::from_bytes([number; 12]), clock: HybridClock::default(), wall }
    }

    pub(super) fn author(&mut self) -> Author<'_> {
        self.wall += 1_000_000;
        Author { actor: self.actor, clock: &mut self.clock, wall: Nanotime::from_nanos(self.wall) }
    }

    pub(super) fn commit<T: Model>(&mut self, key: &Key, value: &T, base: Option<&Version>) -> Version {
        let loaded = model::commit(value, key, base, base, &mut self.author()).unwrap();
        loaded.result.expect("something was changed").version
    }

    pub(super) fn edit(&mut self, number: u8, base: &Version) -> Version {
        let mut value: Everything = model::load(base).unwrap();
        edit(&mut value, number);
        self.commit(base.key(), &value, Some(base))
    }

    pub(super) fn delete(&mut self, base: &Version) -> Version {
        delete(base, base, &mut self.author()).unwrap().0
    }
}

pub(super) fn join(ours: &Version, theirs: &Version) -> Version {
    match ours.merge(theirs).unwrap() {
        Merged::Known => ours.clone(),
        Merged::Forward => theirs.clone(),
        Merged::Joined(version) => version,
    }
}

/// Versions of every state that an object can be in, by name.
pub(super) fn corpus() -> Vec<(&'static str, Version)> {
    let pages = pages();
    let [mut ann, mut bob, mut cid] = [1, 2, 3].map(Writer::new);
    let key = Everything::key_of("golden").unwrap();
    let first = ann.commit(&key, &one(), None);
    let (by_ann, by_bob) = (ann.edit(1, &first), bob.edit(2, &first));
    let merged = join(&by_ann, &by_bob);
    let by_cid = cid.edit(3, &merged);
    let deleted = bob.delete(&merged);
    let alive = join(&by_cid, &deleted);
    let again = ann.commit(&key, &Everything { visits: 1, ..Everything::default() }, None);
    let twice = join(&again, &cid.commit(&key, &Everything::default(), None));
    let part = Key::root().child_in("Team", "a").unwrap().child_in("Part", "b/c:d é").unwrap();
    let others = vec![
        ("default", cid.commit(&Everything::key_of("default").unwrap(), &Everything::default(), None)),
        ("every_strategy", first),
        ("edited", by_ann),
        ("merged", merged),
        ("resolved", by_cid),
        ("deleted", deleted),
        ("deleted_and_updated", alive),
        ("created_twice", twice),
        ("small", bob.commit(&part, &Part { name: "é".into(), count: -1 }, None)),
    ];
    others.into_iter().chain(pages).chain(orders()).chain(boards()).collect()
}

/// A text and a list, and the same after two have edited them at one place and deleted what the other typed beside.
fn pages() -> [(&'static str, Version); 2] {
    let [mut dan, mut eve] = [4, 5].map(Writer::new);
    let item = |number: u8| (number, format!("item {number}"));
    let first = Page {
        text: "Ein Käse für 漢字".into(),
        list: (0..4).map(item).collect(),
        notes: [(1, "to do".into()), (2, String::new())].into(),
    };
    let key = Page::key_of("golden").unwrap();
    let base = dan.commit(&key, &first, None);
    let edit = |writer: &mut Writer, text: &str, gone: usize, note: &str| {
        let mut page = first.clone();
        page.text = text.into();
        page.list.remove(gone);
        page.list.insert(2, item(gone as u8 + 8));
        page.notes.insert(1, note.into());
        writer.commit(&key, &page, Some(&base))
    };
    let by_dan = edit(&mut dan, "Ein guter Käse für 漢字", 0, "to do: sleep");
    let by_eve = edit(&mut eve, "Ein Käse für 字 😀", 1, "do");
    [("page", base.clone()), ("page_merged", join(&by_dan, &by_eve))]
}

/// Lists that move, and the same after two have moved and edited, and one has removed what the other edits.
fn boards() -> [(&'static str, Version); 2] {
    let [mut hal, mut ida] = [8, 9].map(Writer::new);
    let task = |id: u8| Task { id, title: format!("task {id}"), parts: Vec::new() };
    let mut first = Board {
        lanes: ["to do", "to do", "doing", "done"].map(String::from).to_vec(),
        tasks: (1..=4).map(task).collect(),
    };
    first.tasks[1].parts = vec![task(1), task(9)];
    let key = Board::key_of("golden").unwrap();
    let base = hal.commit(&key, &first, None);
    let (mut by_hal, mut by_ida) = (first.clone(), first);
    by_hal.lanes.rotate_right(1);
    by_hal.tasks.rotate_left(1);
    by_hal.tasks.remove(1);
    by_ida.lanes.remove(0);
    by_ida.lanes.insert(2, "tested".into());
    by_ida.tasks[2].title = "edited".into();
    by_ida.tasks[1].parts.insert(1, task(5));
    let (by_hal, by_ida) = (hal.commit(&key, &by_hal, Some(&base)), ida.commit(&key, &by_ida, Some(&base)));
    [("board", base), ("board_merged", join(&by_hal, &by_ida))]
}

/// Declared strategies and a drone that may not be there, and the same after one took it away and another edited it.
fn orders() -> [(&'static str, Version); 2] {
    let [mut fay, mut gus] = [6, 7].map(Writer::new);
    let part = |name: &str| Some(Part { name: name.into(), count: 2 });
    let first =
        Order { state: "draft".into(), part: part("bolt"), stock: 5, notes: [(1, "a".into())].into() };
    let key = Order::key_of("golden").unwrap();
    let base = fay.commit(&key, &first, None);
    let by_fay = Order { state: "shipped".into(), part: None, stock: 15, ..first.clone() };
    let by_gus =
        Order { state: "cancelled".into(), part: part("nut"), notes: [(1, String::new())].into(), ..first };
    let (by_fay, by_gus) = (fay.commit(&key, &by_fay, Some(&base)), gus.commit(&key, &by_gus, Some(&base)));
    [("order", base), ("order_merged", join(&by_fay, &by_gus))]
}
