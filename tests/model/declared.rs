//! Declared strategies: worked cases, in Rust and by the schema alone.

use dronestore::schema::Schema;
use dronestore::strategy::{Declared, Held, Replaces, Strategy, Write};
use dronestore::{Drone, Merge, Repo, Value, Versioned};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    #[default]
    Draft,
    Cancelled,
    Shipped,
    Lost,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Photo {
    file: String,
    size: Size,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Size {
    pixels: Option<u32>,
}

#[derive(Drone, Debug, Clone, PartialEq)]
struct Order {
    #[merge(rank(Draft, Cancelled, Shipped))]
    state: State,
    #[merge(map(rank(Draft, Cancelled, Shipped)))]
    states: BTreeMap<String, State>,
    #[merge(rank("low", "high"))]
    urgency: String,
    #[merge(first_non_empty)]
    note: Vec<String>,
    #[merge(max_by("size.pixels"))]
    largest: Photo,
    #[merge(min_by("size.pixels"))]
    smallest: Photo,
    #[merge(any_of(first_non_empty, max))]
    place: String,
    #[merge(clamp(0..=100, counter))]
    stock: i64,
    #[merge(clamp(..=100, latest))]
    percent: u8,
    #[merge(map(clamp(-1.5..=1.5, latest)))]
    angles: BTreeMap<String, f64>,
}

fn apart(ours: impl FnOnce(&mut Order), theirs: impl FnOnce(&mut Order)) -> Versioned<Order> {
    let mut a = Order::named("17").unwrap();
    a.commit().unwrap();
    let mut b = a.clone();
    ours(&mut a);
    a.commit().unwrap();
    theirs(&mut b);
    b.commit().unwrap();
    assert_eq!(a.merge(&b).unwrap(), Merge::Joined);
    assert!(!a.commit().unwrap().is_new());
    // Without the type, by the schema, it reads the same.
    let schema = Schema::from_bytes(&Order::schema().to_bytes().unwrap()).unwrap();
    let value = schema.value_of(a.version().unwrap()).unwrap();
    for (name, read) in [
        ("state", dronestore::value::to_value(&a.state).unwrap()),
        ("states", dronestore::value::to_value(&a.states).unwrap()),
        ("note", dronestore::value::to_value(&a.note).unwrap()),
        ("largest", dronestore::value::to_value(&a.largest).unwrap()),
        ("smallest", dronestore::value::to_value(&a.smallest).unwrap()),
        ("place", dronestore::value::to_value(&a.place).unwrap()),
        ("stock", dronestore::value::to_value(&a.stock).unwrap()),
        ("percent", dronestore::value::to_value(&a.percent).unwrap()),
        ("angles", dronestore::value::to_value(&a.angles).unwrap()),
    ] {
        if let Some(found) = value.get(name) {
            assert_eq!(*found, read, "{name}");
        }
    }
    a
}

fn photo(file: &str, pixels: Option<u32>) -> Photo {
    Photo { file: file.into(), size: Size { pixels } }
}

#[test]
fn the_state_furthest_in_the_list_is_read() {
    for (one, other) in [(State::Shipped, State::Cancelled), (State::Cancelled, State::Shipped)] {
        assert_eq!(apart(|o| o.state = one, |o| o.state = other).state, State::Shipped);
    }
}

#[test]
fn what_is_not_ranked_loses_and_among_such_the_newest_is_read() {
    assert_eq!(apart(|o| o.state = State::Cancelled, |o| o.state = State::Lost).state, State::Cancelled);
    assert_eq!(apart(|o| o.urgency = "x".into(), |o| o.urgency = "a".into()).urgency, "a");
}

#[test]
fn whoever_has_seen_a_state_decides() {
    let mut order = apart(|o| o.state = State::Shipped, |o| o.state = State::Cancelled);
    order.state = State::Draft;
    order.commit().unwrap();
    assert_eq!(order.state, State::Draft);
}

#[test]
fn the_values_of_a_map_are_ranked_each() {
    let put = |state| move |o: &mut Order| o.states = BTreeMap::from([("a".into(), state)]);
    let order = apart(put(State::Shipped), put(State::Cancelled));
    assert_eq!(order.states["a"], State::Shipped);
}

#[test]
fn an_empty_value_loses_to_one_that_is_not() {
    assert_eq!(apart(|o| o.note = vec!["x".into()], |o| o.percent = 1).note, ["x"]);
    let mut order = Order::named("17").unwrap();
    order.note = vec!["old".into()];
    order.commit().unwrap();
    let mut other = order.clone();
    order.note = vec!["new".into()];
    order.commit().unwrap();
    other.note.clear();
    other.commit().unwrap();
    order.merge(&other).unwrap();
    assert_eq!(order.note, ["new"]);
}

#[test]
fn a_part_decides_and_what_lacks_it_loses() {
    let order = apart(
        |o| (o.largest, o.smallest) = (photo("a", Some(9)), photo("a", Some(9))),
        |o| (o.largest, o.smallest) = (photo("b", Some(8)), photo("b", Some(8))),
    );
    assert_eq!((order.largest.file.as_str(), order.smallest.file.as_str()), ("a", "b"));
    let order = apart(
        |o| (o.largest, o.smallest) = (photo("a", Some(9)), photo("a", Some(9))),
        |o| (o.largest, o.smallest) = (photo("b", None), photo("b", None)),
    );
    assert_eq!((order.largest.file.as_str(), order.smallest.file.as_str()), ("a", "a"));
}

#[test]
fn strategies_are_tried_in_turn() {
    assert_eq!(apart(|o| o.place = "b".into(), |o| o.place = "a".into()).place, "b");
}

#[test]
fn bounds_change_the_reading_and_not_what_is_stored() {
    let mut order = apart(|o| o.stock += 80, |o| o.stock += 70);
    assert_eq!(order.stock, 100);
    order.stock -= 30;
    order.commit().unwrap();
    assert_eq!(order.stock, 100, "150 - 30 is more than can be shown");
    order.stock -= 30;
    order.commit().unwrap();
    assert_eq!(order.stock, 90);

    order.percent = 150;
    order.angles.insert("a".into(), -2.0);
    order.commit().unwrap();
    assert_eq!((order.percent, order.angles["a"]), (100, -1.5));
    assert!(!order.commit().unwrap().is_new());
    assert_eq!(order.version().unwrap().read("percent").unwrap(), Some(Value::from(150)));
}

#[test]
fn the_schema_says_it_as_the_source_does() {
    let text = Order::schema().to_string();
    for line in [
        r#"#[merge(rank("draft", "cancelled", "shipped"))] state: State,"#,
        r#"#[merge(map(rank("draft", "cancelled", "shipped")))] states: BTreeMap<String, State>,"#,
        r#"#[merge(max_by("size.pixels"))] largest: Photo,"#,
        "#[merge(any_of(first_non_empty, max))] place: String,",
        "#[merge(clamp(0..=100, counter))] stock: i64,",
        "#[merge(map(clamp(-1.5..=1.5, latest)))] angles: BTreeMap<String, f64>,",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn without_a_schema_several_writes_have_no_reading_and_one_has() {
    let order = apart(|o| o.state = State::Shipped, |o| o.state = State::Cancelled);
    let version = order.version().unwrap();
    assert!(version.read("state").is_err() && version.value().is_err());
    let alone = apart(|o| o.state = State::Lost, |o| o.percent = 1);
    assert_eq!(alone.version().unwrap().read("state").unwrap(), Some("lost".into()));
    let mut schema = Order::schema();
    let state = schema.attributes.iter_mut().find(|attribute| attribute.name == "state").unwrap();
    state.declared = Some(Declared::Unknown("median".into()));
    assert!(schema.read(version, "state").is_err());
    let view = dronestore::version::to_json(version).unwrap();
    assert_eq!(dronestore::version::from_json(&view).unwrap(), *version);
}

mod reversed {
    #[derive(dronestore::Drone, Debug, Clone)]
    pub struct Order {
        #[merge(rank(Shipped, Cancelled, Draft))]
        pub state: super::State,
    }
}

#[test]
fn two_orders_of_one_rank_merge_alike_and_read_differently() {
    let order = apart(|o| o.state = State::Shipped, |o| o.state = State::Cancelled);
    let version = order.version().unwrap().clone();
    let mut other = Versioned::<reversed::Order>::from_version(version.clone()).unwrap();
    assert_eq!((order.state, other.state), (State::Shipped, State::Cancelled));
    assert_eq!(other.merge(&order).unwrap(), Merge::Known);
    assert_eq!(other.version(), order.version());
}

struct Sum;

impl Strategy<i64> for Sum {
    const NAME: &'static str = "sum";
    type State = i64;

    fn write(entries: &[Held<i64>], old: &i64, new: &i64) -> dronestore::Result<Write<i64>> {
        let own: i64 = entries.iter().filter(|held| held.own).map(|held| held.state).sum();
        Ok(Write { state: own + new - old, replaces: Replaces::Own })
    }

    fn read(entries: &[Held<i64>]) -> dronestore::Result<i64> {
        Ok(entries.iter().map(|held| held.state).sum())
    }
}

#[derive(Drone, Debug, Clone, PartialEq)]
struct Poll {
    #[merge(map(with = "Sum"))]
    votes: BTreeMap<String, i64>,
}

#[test]
fn a_strategy_of_ones_own_goes_below_keys() {
    let repo = Repo::memory().unwrap();
    let mut poll = repo.put("lunch", Poll { votes: BTreeMap::from([("soup".into(), 3)]) }).unwrap();
    assert_eq!(poll.votes["soup"], 3);
    let mut other = poll.clone();
    *poll.votes.get_mut("soup").unwrap() += 1;
    repo.save(&mut poll).unwrap();
    *other.votes.get_mut("soup").unwrap() += 5;
    other.commit().unwrap();
    repo.merge(&other).unwrap();
    let back = repo.get::<Poll>("lunch").unwrap().unwrap();
    assert_eq!(back.votes["soup"], 9);
    assert!(!back.clone().commit().unwrap().is_new());
}
