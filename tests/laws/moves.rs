//! The tables of `list(moves)` and `list(nested)`, row by row, and what positions are for.

use super::device::Device;
use super::rng::Rng;
use super::world::{NOW, SECOND};
use dronestore::model::{Violations, load};
use dronestore::{Drone, ErrorKind};

#[derive(Drone, Debug, Clone, PartialEq)]
struct Task {
    #[drone(id)]
    #[merge(first)]
    id: String,
    #[merge(latest)]
    title: String,
    #[merge(latest)]
    done: bool,
    #[merge(list(nested))]
    parts: Vec<Task>,
}

#[derive(Drone, Debug, Clone, PartialEq)]
struct Board {
    #[merge(list(nested))]
    tasks: Vec<Task>,
    #[merge(list(moves))]
    lanes: Vec<String>,
    #[merge(latest)]
    note: u8,
}

fn task(id: &str) -> Task {
    Task { id: id.into(), title: format!("title of {id}"), done: false, parts: Vec::new() }
}

fn tasks(ids: &str) -> Vec<Task> {
    ids.chars().map(|id| task(&id.to_string())).collect()
}

fn lanes(names: &str) -> Vec<String> {
    names.chars().map(String::from).collect()
}

impl Board {
    fn ids(&self) -> String {
        self.tasks.iter().map(|task| task.id.as_str()).collect()
    }

    fn names(&self) -> String {
        self.lanes.concat()
    }

    /// Both lists.
    fn both(&self) -> [String; 2] {
        [self.ids(), self.names()]
    }

    fn set(&mut self, order: &str) {
        self.lanes = lanes(order);
        let mut old = std::mem::take(&mut self.tasks);
        for id in order.chars().map(String::from) {
            let known = old.iter().position(|task| task.id == id);
            self.tasks.push(known.map_or_else(|| task(&id), |known| old.remove(known)));
        }
    }

    fn task(&mut self, id: &str) -> &mut Task {
        self.tasks.iter_mut().find(|task| task.id == id).unwrap()
    }
}

type Edit = fn(&mut Board);

/// Two devices that share `abcd` edit apart, the second ten seconds later, and meet.
fn concurrently(one: Edit, other: Edit) -> Device<Board> {
    let mut a = Device::<Board>::new(1);
    a.edit(|board| board.set("abcd")).unwrap();
    let mut b: Device<Board> = a.copy(2).at(NOW + 10 * SECOND);
    a.edit(one).unwrap();
    b.edit(other).unwrap();
    a.meet(&mut b);
    assert!(a.is_silent());
    a
}

fn check(one: Edit, other: Edit, expected: &str) {
    assert_eq!(concurrently(one, other).value.both(), [expected, expected]);
}

#[test]
fn concurrent_moves_of_one_item_end_where_the_newer_put_it() {
    check(|b| b.set("bcda"), |b| b.set("bcad"), "bcad");
    check(|b| b.set("bcad"), |b| b.set("bcda"), "bcda");
}

#[test]
fn moves_of_different_items_meet() {
    check(|b| b.set("bcda"), |b| b.set("dabc"), "dbca");
    check(|b| b.set("acbd"), |b| b.set("abcde"), "acbde");
}

#[test]
fn a_move_beside_a_removal_keeps_the_item() {
    check(|b| b.set("acd"), |b| b.set("acdb"), "acdb");
    check(|b| b.set("acdb"), |b| b.set("acd"), "acdb");
}

#[test]
fn what_one_removes_who_has_seen_all_is_gone() {
    check(|b| b.set("acd"), |b| b.set("abdc"), "adc");
    check(|_| {}, |b| b.set(""), "");
}

#[test]
fn items_that_both_add_are_there_once() {
    check(|b| b.set("abxcd"), |b| b.set("axbcd"), "axbcd");
}

#[test]
fn a_move_and_an_edit_of_one_item_meet() {
    let met = concurrently(|b| b.set("bcda"), |b| b.task("a").done = true).value;
    assert_eq!((met.ids().as_str(), met.tasks[3].done), ("bcda", true));
    // The edit is newer than the move, and says again where the item was before.
    let met = concurrently(|b| b.task("a").done = true, |b| b.set("bcda")).value;
    assert_eq!((met.ids().as_str(), met.tasks[3].done), ("bcda", true));
}

#[test]
fn an_edit_brings_back_what_it_wrote_where_it_was() {
    for swapped in [false, true] {
        let (edit, remove): (Edit, Edit) = (|b| b.task("b").done = true, |b| b.set("acd"));
        let met = if swapped { concurrently(remove, edit) } else { concurrently(edit, remove) }.value;
        assert_eq!(met.ids(), "abcd");
        assert_eq!((met.tasks[1].title.as_str(), met.tasks[1].done), ("", true), "as under a key of a map");
    }
}

#[test]
fn fields_of_one_item_meet_deep_down() {
    let met = concurrently(
        |b| {
            b.task("b").title = "new".into();
            b.task("b").parts = tasks("xy");
        },
        |b| {
            b.task("b").done = true;
            b.task("b").parts = tasks("z");
        },
    );
    let b = &met.value.tasks[1];
    let mut parts: Vec<&str> = b.parts.iter().map(|part| part.id.as_str()).collect();
    assert_eq!((b.title.as_str(), b.done), ("new", true));
    assert!(parts == ["x", "y", "z"] || parts == ["z", "x", "y"], "{parts:?}");
    parts.sort_unstable();
    assert_eq!(b.parts[0].title, format!("title of {}", b.parts[0].id));
}

#[test]
fn two_saves_on_one_base_keep_both() {
    let mut repo = Device::<Board>::new(1);
    repo.edit(|board| board.set("ab")).unwrap();
    let base = repo.version.clone();
    repo.save(base.clone(), |board| board.set("abx")).unwrap();
    repo.save(base.clone(), |board| board.set("aby")).unwrap();
    repo.save(base.clone(), |board| board.set("pab")).unwrap();
    repo.save(base, |board| board.set("qab")).unwrap();
    assert_eq!(repo.value.both(), ["qpabxy"; 2]);
    assert!(repo.is_silent());
    repo.edit(|board| board.set("qpazbxy")).unwrap();
    assert_eq!(repo.value.both(), ["qpazbxy"; 2]);
}

#[test]
fn equal_items_are_told_apart() {
    let mut a = Device::<Board>::new(1);
    a.edit(|board| board.lanes = lanes("aabab")).unwrap();
    assert_eq!(a.value.names(), "aabab");
    let mut b: Device<Board> = a.copy(2).at(NOW + SECOND);
    a.edit(|board| board.lanes = lanes("abab")).unwrap();
    b.edit(|board| board.lanes = lanes("aababc")).unwrap();
    a.meet(&mut b);
    assert_eq!(a.value.names(), "ababc");
    a.edit(|board| board.lanes = lanes("bbaaaac")).unwrap();
    assert_eq!(a.value.names(), "bbaaaac");
    assert!(a.is_silent());
}

#[test]
fn two_items_with_one_id_are_refused() {
    let mut a = Device::<Board>::new(1);
    a.edit(|board| board.set("ab")).unwrap();
    let before = a.version.clone();
    for twice in ["aab", "abcc", "aba"] {
        let error = a.edit(|board| board.tasks = tasks(twice)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("two items have the id \""), "{error}");
        assert_eq!((a.version.clone(), a.value.ids().as_str()), (before.clone(), "ab"));
    }
    let violations = Violations::of(&Board { tasks: tasks("aa"), lanes: Vec::new(), note: 0 });
    assert_eq!(violations[0].to_string(), "`tasks[\"a\"]` is there twice: an id names one item");
}

#[test]
fn an_id_that_is_changed_is_another_item() {
    let mut a = Device::<Board>::new(1);
    a.edit(|board| board.set("abc")).unwrap();
    a.edit(|board| board.task("b").id = "x".into()).unwrap();
    assert_eq!((a.value.ids().as_str(), a.value.tasks[1].title.as_str()), ("axc", "title of b"));
    assert!(a.is_silent());
}

#[test]
fn what_was_emptied_is_empty() {
    let mut a = Device::<Board>::new(1);
    a.edit(|board| board.set("ab")).unwrap();
    let mut b: Device<Board> = a.copy(2);
    a.edit(|board| board.set("a")).unwrap();
    b.edit(|board| board.set("b")).unwrap();
    a.meet(&mut b);
    assert_eq!(a.value.both(), ["", ""]);
    assert!(a.is_silent());
    a.edit(|board| board.set("c")).unwrap();
    assert_eq!(a.value.both(), ["c", "c"]);
}

// A device whose clock is a year ahead moves an item; whoever has seen that moves it again, and an edit that is
// concurrent to the second move says again where the first had put it.
#[test]
fn a_move_that_has_seen_another_beats_it_whatever_the_clocks_say() {
    let mut ahead = Device::<Board>::new(9).at(NOW + 365 * 24 * 3600 * SECOND);
    ahead.edit(|board| board.set("abcd")).unwrap();
    ahead.edit(|board| board.set("dabc")).unwrap();
    let mut a: Device<Board> = ahead.copy(1).at(NOW);
    let mut b: Device<Board> = ahead.copy(2).at(NOW);
    a.edit(|board| board.set("abcd")).unwrap();
    b.edit(|board| board.task("d").done = true).unwrap();
    a.meet(&mut b);
    assert_eq!(a.value.ids(), "abcd");
    assert!(a.value.tasks[3].done);
}

/// Five devices write into one place at once: forwards, backwards, in several commits; no run is mixed with another.
#[test]
fn what_five_insert_at_one_place_is_not_mixed() {
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let mut first = Device::<Board>::new(1);
        first.edit(|board| board.set("abcd")).unwrap();
        let at = rng.below(5);
        let mut met: Option<Device<Board>> = None;
        for writer in 0..5u8 {
            let mut device: Device<Board> = first.copy(writer + 1).at(NOW + rng.below(100) as u64 * SECOND);
            let mode = rng.below(3);
            for number in 0..2 + rng.below(4) {
                let name = format!("{}{number} ", char::from(b'A' + writer));
                let place = [at + number, at, at + rng.below(number + 1)][mode];
                device
                    .edit(|board| {
                        board.lanes.insert(place, name.clone());
                        board.tasks.insert(place, task(&name));
                    })
                    .unwrap();
            }
            match &mut met {
                Some(met) => met.merge(&device),
                None => met = Some(device),
            }
        }
        let met = met.unwrap();
        let ids: Vec<String> = met.value.tasks.iter().map(|task| task.id.clone()).collect();
        for order in [&ids, &met.value.lanes] {
            let writer = |name: &String| name.chars().next().unwrap();
            let mut writers: Vec<char> = order.iter().map(writer).filter(char::is_ascii_uppercase).collect();
            writers.dedup();
            assert_eq!(writers.len(), 5, "seed {seed}: {order:?}");
        }
    }
}

#[test]
fn what_stays_where_it_is_writes_nothing() {
    let mut a = Device::<Board>::new(1);
    a.edit(|board| board.set("abcdefgh")).unwrap();
    let before = a.version.clone().unwrap().to_bytes().len();
    a.edit(|board| board.set("bcdefgha")).unwrap();
    let moved = a.version.clone().unwrap().to_bytes().len();
    // One row of the table, and numbers of it; both lists write one position.
    assert!(moved <= before + 10, "{before} and then {moved} bytes");
    let untyped = a.version.clone().unwrap();
    assert_eq!(load::<Board>(&untyped).unwrap().names(), "bcdefgha");
}

/// Without the schema an item is shown beside its id, with it as the drone that it is.
#[test]
fn lists_are_read_without_their_types() {
    let mut a = Device::<Board>::new(1);
    a.edit(|board| board.set("ba")).unwrap();
    let version = a.version.clone().unwrap();
    let shown = version.read("tasks").unwrap().unwrap().to_string();
    assert_eq!(shown, r#"[["b",{"title":"title of b"}],["a",{"title":"title of a"}]]"#);
    let schema = dronestore::schema::Schema::of::<Board>();
    let shown = schema.read(&version, "tasks").unwrap().unwrap().to_string();
    assert_eq!(shown, r#"[{"id":"b","title":"title of b"},{"id":"a","title":"title of a"}]"#);
    assert_eq!(version.read("lanes").unwrap().unwrap().to_string(), r#"["b","a"]"#);
    assert!(schema.to_string().contains("#[merge(list(nested))] tasks: Vec<Task>,"), "{schema}");
    assert!(schema.to_string().contains("#[merge(list(moves))] lanes: Vec<String>,"), "{schema}");
}

#[test]
fn moves_are_explained() {
    let met = concurrently(|b| b.set("bcda"), |b| b.set("bcad"));
    let explain = |name| met.version.as_ref().unwrap().explain(name, |_| Ok(None)).unwrap();
    let lanes = &explain("lanes").parts[0];
    let names: Vec<&str> = lanes.parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, [r#"["b"]"#, r#"["c"]"#, r#"["a"]"#, r#"["d"]"#]);
    let a = &lanes.parts[2];
    assert_eq!(a.writes.iter().map(|write| write.wins).collect::<Vec<_>>(), [false, true]);
    let tasks = &explain("tasks").parts[0];
    assert_eq!((tasks.strategy.as_str(), tasks.parts.len()), ("list(nested)", 4));
    assert_eq!(tasks.parts[0].parts[0].name, "(where it stands)");
    assert!(!met.is_conflicted() && met.version.as_ref().unwrap().contests().unwrap().is_empty());
}
