//! Writing by a schema gives the bytes that the typed program gives: every strategy, random histories.

use crate::random::{Random, from_env};
use dronestore::model::{self, Model, fresh, load};
use dronestore::schema::{Schema, Values};
use dronestore::version::Author;
use dronestore::{ActorId, Drone, ErrorKind, HybridClock, Key, Nanotime, Repo, Value, Version};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
enum Mood {
    #[default]
    Calm,
    Cross,
    Gone(u8),
}

#[derive(Drone, Debug, Clone, Default)]
struct Room {
    #[merge(latest)]
    name: String,
    #[merge(counter)]
    doors: u32,
    #[merge(set)]
    lamps: BTreeSet<u8>,
    #[merge(latest_object)]
    wide: u8,
    #[merge(latest_object)]
    long: Option<u8>,
    #[merge(map(nested))]
    within: BTreeMap<u8, Room>,
}

#[derive(Drone, Debug, Clone, Default)]
struct Step {
    #[drone(id)]
    #[merge(first)]
    id: u8,
    #[merge(text)]
    what: String,
    #[merge(latest)]
    done: bool,
}

/// A field of every strategy.
#[derive(Drone, Debug, Clone)]
struct All {
    #[merge(latest)]
    latest: String,
    #[merge(latest)]
    mood: Mood,
    #[merge(latest)]
    maybe: Option<Option<u8>>,
    #[merge(latest)]
    real: f32,
    #[merge(latest)]
    #[drone(default = 7)]
    seven: i64,
    #[merge(conflict)]
    conflict: String,
    #[merge(max)]
    max: u16,
    #[merge(min)]
    min: (u8, String),
    #[merge(first)]
    first: Option<u8>,
    #[merge(counter)]
    counter: i32,
    #[merge(counter)]
    grows: u64,
    #[merge(flag)]
    flag: bool,
    #[merge(flag(false_wins))]
    unless: bool,
    #[merge(latest_object)]
    x: i8,
    #[merge(latest_object)]
    y: String,
    #[merge(set)]
    set: BTreeSet<String>,
    #[merge(set(remove_wins))]
    removes: BTreeSet<u8>,
    #[merge(set(latest))]
    newest: BTreeSet<u8>,
    #[merge(set(once))]
    once: BTreeSet<u8>,
    #[merge(union)]
    union: BTreeSet<u8>,
    #[merge(text)]
    text: String,
    #[merge(list)]
    list: Vec<u8>,
    #[merge(list(moves))]
    moves: Vec<u8>,
    #[merge(list(nested))]
    steps: Vec<Step>,
    #[merge(nested)]
    room: Room,
    #[merge(nested)]
    perhaps: Option<Room>,
    #[merge(map(latest))]
    names: HashMap<u8, String>,
    #[merge(map(counter))]
    counts: BTreeMap<String, i16>,
    #[merge(map(map(set)))]
    deep: BTreeMap<u8, BTreeMap<u8, BTreeSet<u8>>>,
    #[merge(map(text))]
    texts: BTreeMap<u8, String>,
    #[merge(map(list))]
    lists: BTreeMap<u8, Vec<u8>>,
    #[merge(map(nested))]
    rooms: BTreeMap<String, Room>,
    #[merge(map(nested))]
    perhapses: BTreeMap<u8, Option<Room>>,
    #[merge(rank("a", "b", "c"))]
    rank: String,
    #[merge(first_non_empty)]
    filled: String,
    #[merge(clamp(2..=6, max))]
    stars: u8,
    #[merge(clamp(0..=9, counter))]
    bounded: i32,
    #[merge(map(clamp(1..=4, latest)))]
    clamps: BTreeMap<u8, u8>,
}

fn word(random: &mut Random) -> String {
    ["", "a", "b", "c", "milk and bread", "milk or bread"][random.below(6)].to_owned()
}

fn small(random: &mut Random) -> u8 {
    random.below(5) as u8
}

fn set(random: &mut Random, set: &mut BTreeSet<u8>) {
    let element = small(random);
    if !set.remove(&element) {
        set.insert(element);
    }
}

fn list(random: &mut Random, list: &mut Vec<u8>) {
    let at = random.below(list.len() + 1);
    match random.below(3) {
        0 if at < list.len() => drop(list.remove(at)),
        1 if at < list.len() => {
            let item = list.remove(at);
            list.insert(random.below(list.len() + 1), item);
        }
        _ => list.insert(at, small(random)),
    }
}

fn room(random: &mut Random, room: &mut Room, depth: usize) {
    match random.below(6) {
        0 => room.name = word(random),
        1 => room.doors += 1,
        2 => set(random, &mut room.lamps),
        3 => room.wide = small(random),
        4 => room.long = [None, Some(1)][random.below(2)],
        _ if depth > 0 => {
            entry(random, &mut room.within, |random, inner| self::room(random, inner, depth - 1))
        }
        _ => {}
    }
}

fn entry<V: Default>(random: &mut Random, map: &mut BTreeMap<u8, V>, change: impl Fn(&mut Random, &mut V)) {
    let key = small(random);
    match random.below(3) {
        0 => drop(map.remove(&key)),
        _ => change(random, map.entry(key).or_default()),
    }
}

/// One edit of one field.
fn edit(random: &mut Random, all: &mut All) {
    match random.below(39) {
        0 => all.latest = word(random),
        1 => all.mood = [Mood::Calm, Mood::Cross, Mood::Gone(1)][random.below(3)].clone(),
        2 => all.maybe = [None, Some(None), Some(Some(1))][random.below(3)],
        3 => all.real = [0.0, 0.1, 1.5][random.below(3)],
        4 => all.seven = random.below(9) as i64,
        5 => all.conflict = word(random),
        6 => all.max = random.below(300) as u16,
        7 => all.min = (small(random), word(random)),
        8 => all.first = all.first.or(Some(small(random))),
        9 => all.counter += random.below(9) as i32 - 4,
        10 => all.grows += random.below(3) as u64,
        11 => all.flag = !all.flag,
        12 => all.unless = !all.unless,
        13 => all.x = small(random) as i8,
        14 => all.y = word(random),
        15 => {
            let word = word(random);
            if !all.set.remove(&word) {
                all.set.insert(word);
            }
        }
        16 => set(random, &mut all.removes),
        17 => set(random, &mut all.newest),
        18 => drop(all.once.pop_first()),
        19 => drop(all.once.insert(random.below(200) as u8)),
        20 => drop(all.union.insert(small(random))),
        21 => all.text = word(random),
        22 => list(random, &mut all.list),
        23 => list(random, &mut all.moves),
        24 | 25 => {
            let id = small(random);
            match all.steps.iter().position(|step| step.id == id) {
                Some(at) if random.below(2) == 0 => all.steps[at].what = word(random),
                Some(at) => {
                    let step = all.steps.remove(at);
                    let at = random.below(all.steps.len() + 1);
                    all.steps.insert(at, step);
                }
                None => all.steps.push(Step { id, what: word(random), done: random.below(2) == 0 }),
            }
        }
        26 => room(random, &mut all.room, 2),
        27 => match &mut all.perhaps {
            Some(inner) if random.below(3) > 0 => room(random, inner, 1),
            Some(_) => all.perhaps = None,
            None => all.perhaps = Some(Room { name: word(random), ..Room::default() }),
        },
        28 => drop(all.names.insert(small(random), word(random))),
        29 => *all.counts.entry(word(random)).or_default() += random.below(3) as i16,
        30 => entry(random, &mut all.deep, |random, inner| entry(random, inner, set)),
        31 => entry(random, &mut all.texts, |random, text| *text = word(random)),
        32 => entry(random, &mut all.lists, list),
        33 => {
            let name = word(random);
            match random.below(3) {
                0 => drop(all.rooms.remove(&name)),
                _ => room(random, all.rooms.entry(name).or_default(), 1),
            }
        }
        34 => entry(random, &mut all.perhapses, |random, inner| {
            room(random, inner.get_or_insert_default(), 1);
        }),
        35 => all.rank = ["a", "b", "c"][random.below(3)].to_owned(),
        36 => all.filled = word(random),
        37 => {
            // Beyond the bounds a program writes what nobody reads.
            all.stars = 2 + small(random);
            all.bounded = (all.bounded + random.below(5) as i32 - 2).clamp(0, 9);
        }
        _ => entry(random, &mut all.clamps, |random, value| *value = 1 + random.below(4) as u8),
    }
}

struct Side {
    actor: ActorId,
    clock: HybridClock,
    version: Option<Version>,
}

fn key() -> Key {
    "/All:one".parse().unwrap()
}

/// The typed commit; what it came to is then asked of the schema: the same values, the same base, the same author.
fn step(side: &mut Side, random: &mut Random, wall: u64, schema: &Schema) {
    let base = side.version.clone();
    let mut value: All = base.as_ref().map_or_else(|| fresh().unwrap(), |version| load(version).unwrap());
    for _ in 0..1 + random.below(3) {
        edit(random, &mut value);
    }
    let wall = Nanotime::from_nanos(wall);
    let mut clock = side.clock.clone();
    let mut author = Author { actor: side.actor, clock: &mut clock, wall };
    let typed = model::commit(&value, &key(), base.as_ref(), base.as_ref(), &mut author);
    let typed = match typed {
        Ok(typed) => typed,
        // What the strategy refuses here it refuses there: asked for elsewhere.
        Err(error) => return assert_eq!(error.kind(), ErrorKind::Refused, "{error}"),
    };
    let before = base.as_ref().map(|base| schema.values(base, None).unwrap()).unwrap_or_default();
    let mut values = match &typed.result {
        Some(committed) => schema.values(&committed.version, None).unwrap(),
        None => before.clone(),
    };
    values.retain(|name, value| before.get(name) != Some(value));
    let mut own = side.clock.clone();
    let mut author = Author { actor: side.actor, clock: &mut own, wall };
    let written = schema.commit(&key(), &values, (base.as_ref(), None), base.as_ref(), &mut author).unwrap();
    assert_eq!(own, clock);
    let (Some(typed), Some(written)) = (typed.result, written.result) else {
        return assert!(values.is_empty(), "{values:?}");
    };
    assert!(written.version.to_bytes() == typed.version.to_bytes(), "{values:?} over {before:?}");
    assert_eq!(written.version, typed.version);
    assert_eq!(written.commit, typed.commit);
    assert_eq!(written.changed, typed.changed);
    (side.clock, side.version) = (clock, Some(typed.version));
}

#[test]
fn a_schema_writes_what_the_program_writes() {
    let schema = Schema::of::<All>();
    for history in 0..60 * from_env("DRONESTORE_HISTORIES", 1) {
        let seed = from_env("DRONESTORE_SEED", history);
        println!("DRONESTORE_SEED={seed}");
        let mut random = Random::new(seed);
        let side = |actor: u8| Side {
            actor: ActorId::from_bytes([actor; 12]),
            clock: HybridClock::default(),
            version: None,
        };
        let mut sides = [side(3), side(1), side(2)];
        for turn in 0..60 {
            let (one, other) = (random.below(3), random.below(3));
            if random.below(3) > 0 {
                step(&mut sides[one], &mut random, 1000 + turn * 10, &schema);
            } else if let Some(theirs) = sides[other].version.clone() {
                let merged =
                    sides[one].version.take().map(|ours| ours.merge(&theirs).unwrap().into_version(&ours));
                sides[one].version = Some(merged.unwrap_or(theirs));
            }
        }
    }
}

trait IntoVersion {
    fn into_version(self, ours: &Version) -> Version;
}

impl IntoVersion for dronestore::version::Merged {
    fn into_version(self, ours: &Version) -> Version {
        match self {
            dronestore::version::Merged::Joined(version) => version,
            _ => ours.clone(),
        }
    }
}

#[test]
fn a_schema_as_text_is_that_of_the_program() {
    let source = "#[derive(Drone)] struct Step { #[drone(id)] #[merge(first)] id: u8, #[merge(text)] what: String, \
                  #[merge(latest)] done: bool }";
    assert_eq!(Schema::parse(source).unwrap(), Schema::of::<Step>());
    for schema in [Schema::of::<All>(), Schema::of::<Strict>()] {
        assert_eq!(Schema::parse(&schema.to_string()).unwrap(), schema, "{schema}");
    }
    let room = "struct Room { #[merge(latest)] name: String, #[merge(counter)] doors: u32, #[merge(set)] lamps: \
                BTreeSet<u8>, #[merge(latest_object)] wide: u8, #[merge(latest_object)] long: Option<u8>, \
                #[merge(map(nested))] within: BTreeMap<u8, Room> }";
    assert_eq!(Schema::parse(room).unwrap(), Schema::of::<Room>());
}

#[derive(Drone, Debug)]
#[drone(kind = "Strict")]
struct Strict {
    #[merge(latest)]
    #[drone(required)]
    name: String,
    #[merge(first)]
    id: Option<u8>,
    #[merge(union)]
    seen: BTreeSet<u8>,
    #[merge(counter)]
    visits: u8,
    #[merge(latest)]
    #[drone(link = "Strict")]
    next: Option<Key>,
    #[merge(set)]
    #[drone(default = BTreeSet::from([1]))]
    given: BTreeSet<u8>,
}

fn change(repo: &Repo, name: &str, value: Value) -> dronestore::Result<dronestore::ValueReport> {
    repo.update_values(Strict::KIND, &"/Strict:a".parse().unwrap(), |values: &mut Values| {
        values.insert(name.to_owned(), value.clone());
        Ok(())
    })
}

#[test]
fn what_a_program_may_not_write_is_refused_and_changes_nothing() {
    let repo = Repo::memory().unwrap();
    let ints = |ints: &[u8]| -> Value { ints.iter().copied().collect() };
    let kind =
        |result: dronestore::Result<_>| result.map(|_: dronestore::ValueReport| ()).unwrap_err().kind();
    assert_eq!(kind(change(&repo, "name", Value::from("a"))), ErrorKind::NotFound, "there is no schema");
    repo.add_schema(&Strict::schema()).unwrap();
    assert!(!repo.add_schema(&Strict::schema()).unwrap());
    assert_eq!(kind(change(&repo, "id", Value::from(1))), ErrorKind::Invalid, "the name is required");
    for (name, value) in
        [("name", Value::from("a")), ("id", Value::from(1)), ("seen", ints(&[1])), ("visits", Value::from(2))]
    {
        change(&repo, name, value).unwrap();
    }
    let hash = repo.hash();
    for (name, value, expected) in [
        ("name", Value::from(""), ErrorKind::Invalid),
        ("name", Value::from(1), ErrorKind::InvalidValue),
        ("nickname", Value::from("x"), ErrorKind::NotFound),
        ("id", Value::from(2), ErrorKind::Refused),
        ("seen", ints(&[]), ErrorKind::Refused),
        ("visits", Value::from(1), ErrorKind::Refused),
        ("visits", Value::from(256), ErrorKind::InvalidValue),
        ("next", Value::from("/Other:a"), ErrorKind::Invalid),
        ("next", Value::from("nowhere"), ErrorKind::InvalidKey),
        ("given", ints(&[2]), ErrorKind::Unsupported),
    ] {
        assert_eq!(kind(change(&repo, name, value.clone())), expected, "{name} = {value}");
    }
    assert_eq!(repo.hash(), hash);
    let loaded = repo.get::<Strict>("a").unwrap().unwrap();
    assert_eq!((loaded.name.as_str(), loaded.id, loaded.visits), ("a", Some(1), 2));
    assert_eq!(loaded.given, BTreeSet::from([1]), "still at its default");
    assert!(change(&repo, "visits", Value::from(2)).unwrap().commit.is_none(), "no change, no commit");
    assert!(
        repo.delete_object("Strict", loaded.key()).unwrap()
            && !repo.delete_object("Strict", loaded.key()).unwrap()
    );
    assert!(repo.get::<Strict>("a").unwrap().is_none());
}
