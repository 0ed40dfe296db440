//! Bytes made by whoever means harm: too deep, too many, too large, not in order. Refused, or handled.

use super::corpus::Writer;
use super::craft::{Craft, TIME, actor, deep_map, row, tip};
use super::model::Tree;
use dronestore::causal::form::code;
use dronestore::schema::Schema;
use dronestore::version::{delete, from_json, join_in_full, to_json};
use dronestore::{Drone, ErrorKind, Key, Nanotime, Repo, Value, Version, Versioned, model};
use dronestore_core::bytes::put_varint;

const DEEP: usize = 10_000;

#[test]
fn the_version_that_the_others_are_made_of_is_accepted() {
    let version = Craft::new(3).received().unwrap();
    assert_eq!(Versioned::<Tree>::from_version(version).unwrap().name, "x");
    let shallow = Craft::new(1).with("children", &[code::MAP, code::NESTED], deep_map(2)).received().unwrap();
    let tree = Versioned::<Tree>::from_version(shallow).unwrap();
    assert_eq!(tree.children["x"].children["x"].name, "x");
}

/// What is not in order, written twice, not there, or not needed.
#[test]
fn what_has_another_canonical_form_is_refused() {
    type Wrong = (&'static str, fn(&mut Craft));
    let set = |body: &'static [u8]| vec![("name", vec![code::SET], body.to_vec())];
    assert!(Craft { fields: set(b"\x00\x61a\x02\x61b\x02"), ..Craft::new(3) }.received().is_ok());
    let cases: [Wrong; 18] = [
        ("a row that nothing bears", |it| it.tips.truncate(2)),
        ("tips out of order", |it| it.tips.swap(0, 1)),
        ("a tip twice", |it| it.tips.insert(1, tip(0))),
        ("no tips", |it| it.tips.clear()),
        ("a tip of no row", |it| it.tips.push(tip(3))),
        ("rows out of order", |it| it.table.swap(0, 1)),
        ("a row twice", |it| it.table.insert(1, row(0, 1))),
        ("a row of no actor", |it| it.table[2] = row(3, 1)),
        ("a row beyond the context", |it| it.table[2] = row(2, 2)),
        ("a row of sequence 0", |it| it.table[0] = row(0, 0)),
        ("a context that has seen nothing of an actor", |it| it.see(9, 0)),
        ("an attribute without an entry", |it| it.fields[0].2.clear()),
        ("an entry of no row", |it| it.fields[0].2[0] = 3),
        ("a write twice", |it| it.fields[0].2.extend([0, 0x61, b'y'])),
        ("an attribute twice", |it| it.fields.push(it.fields[0].clone())),
        ("attributes out of order", |it| it.fields.push(("a", vec![code::LATEST], vec![0, 0xf6]))),
        ("a value with a long head", |it| it.fields[0].2 = vec![0, 0x78, 1, b'x']),
        ("bytes after a value", |it| it.fields[0].2.push(0)),
    ];
    for (what, wrong) in cases {
        let mut craft = Craft::new(3);
        wrong(&mut craft);
        assert!(craft.received().is_err(), "{what}");
    }
    for (what, body) in [
        ("elements out of order", &b"\x00\x61b\x02\x61a\x02"[..]),
        ("an element twice", b"\x00\x61a\x02\x61a\x04"),
        ("an element that nobody added", b"\x00\x61a\x00\x61b\x02"),
        ("a set of nothing", b"\x00"),
        ("dots out of order", b"\x00\x61a\x05\x02"),
        ("a dot twice", b"\x00\x61a\x03\x02"),
        ("a list of dots that goes on after its end", b"\x00\x61a\x01\x02"),
    ] {
        assert!(Craft { fields: set(body), ..Craft::new(3) }.received().is_err(), "{what}");
    }
}

/// Two rows; each body is a list of dots and then runs.
#[test]
fn sequences_have_one_form() {
    let read = |form: u8, body: &[u8]| Craft::new(2).with("name", &[form], body.to_vec()).received();
    for body in [&b"\x02"[..], b"\0\x09\0\0\0\0ab", b"\0\x05\0\0\0\0a\x05\x01\0\x02\x01\0b\x07\0\x01\0c"] {
        assert!(read(code::TEXT, body).is_ok(), "{body:?}");
    }
    let cases: [(&str, &[u8]); 20] = [
        ("nothing", b"\0"),
        ("an ancestor of nothing", b"\0\x04\0\0\0"),
        ("a run of nothing", b"\0\x01\0\0\0\0"),
        ("a run cut in two", b"\0\x05\0\0\0\0a\x07\0\x01\0b"),
        (
            "a stem written out that goes without saying",
            b"\0\x05\0\0\0\0a\x05\x01\0\x02\x01\0b\x05\0\x01\x03\0\0c",
        ),
        ("a run that goes on from nowhere", b"\0\x07\0\0\0a"),
        ("an element twice", b"\0\x05\0\0\0\0a\x05\0\0\0\0a"),
        ("siblings out of order", b"\0\x05\0\0\0\0a\x05\x01\0\0\0b"),
        ("a left one on the right", b"\0\x05\0\0\0\0a\x05\x01\0\x02\0\0b"),
        ("an element on one that is not there", b"\0\x05\0\0\x05\0\0a"),
        ("an element on itself", b"\0\x05\0\0\x02\0\0a"),
        ("two elements on each other", b"\0\x05\0\0\x04\0\0a\x05\x01\0\x03\0\0b"),
        ("more characters than there are", b"\0\x09\0\0\0\0a"),
        ("fewer characters than there are", b"\0\x05\0\0\0\x01ab"),
        ("half a character", b"\0\x05\0\0\0\0\xc3"),
        ("an element of no row", b"\0\x05\x02\0\0\0a"),
        ("a stem of no row", b"\0\x05\0\0\x07\0\0a"),
        ("more elements than can be", b"\0\x04\0\xff\xff\xff\xff\x0f\0"),
        ("a number longer than it need be", b"\0\x85\0\0\0\0\0a"),
        ("bytes behind the last run", b"\0\x05\0\0\0\0a\0"),
    ];
    for (what, body) in cases {
        assert!(read(code::TEXT, body).unwrap_err().is_corrupt(), "{what}");
    }
    assert!(read(code::LIST, b"\0\x09\0\0\0\x02\x01\x02").is_ok());
    for body in [&b"\0\x09\0\0\0\x01\x01"[..], b"\0\x05\0\0\0\x02\x01\x02", b"\0\x05\0\0\0\x02\x18\x01"] {
        assert!(read(code::LIST, body).unwrap_err().is_corrupt(), "{body:?}");
    }
}

#[test]
fn a_text_in_which_each_character_hangs_on_the_next_overflows_no_stack() {
    let mut body = vec![0];
    for index in (0..100_000u32).rev() {
        body.extend_from_slice(&[5, 0]);
        put_varint(&mut body, index.into());
        body.push(if index == 0 { 0 } else { 2 });
        if index > 0 {
            put_varint(&mut body, (index - 1).into());
        }
        body.extend_from_slice(&[0, b'x']);
    }
    let version = Craft::new(1).with("name", &[code::TEXT], body.clone()).received().unwrap();
    let mut other = Craft::new(1).with("name", &[code::TEXT], body);
    other.see(1, 1);
    other.table.push(row(1, 1));
    other.tips = vec![tip(1)];
    let joined = join_in_full(&version, &other.received().unwrap()).unwrap();
    assert_eq!(joined.read("name").unwrap().unwrap().as_text().unwrap().len(), 100_000);
    joined.verify().unwrap();
}

#[test]
fn drones_in_maps_in_drones_are_refused_at_any_depth_and_overflow_no_stack() {
    let craft = Craft::new(1).with("children", &[code::MAP, code::NESTED], deep_map(DEEP));
    assert_eq!(craft.received().unwrap_err().kind(), ErrorKind::Unsupported);
    // The same in a store of ours, which believes what it wrote: whatever is asked, the stack holds.
    let (version, other) = (craft.version().unwrap(), Craft::new(2).version().unwrap());
    let unsupported = |kind| assert_eq!(kind, Some(ErrorKind::Unsupported));
    unsupported(version.attributes().err().map(|error| error.kind()));
    unsupported(version.value().err().map(|error| error.kind()));
    unsupported(version.is_conflicted().err().map(|error| error.kind()));
    unsupported(version.has_concurrent_values().err().map(|error| error.kind()));
    unsupported(to_json(&version).err().map(|error| error.kind()));
    unsupported(join_in_full(&version, &other).err().map(|error| error.kind()));
    unsupported(delete(&version, &version, &mut Writer::new(1).author()).err().map(|error| error.kind()));
    unsupported(Versioned::<Tree>::from_version(version).err().map(|error| error.kind()));
}

/// What is committed can be read by every replica.
#[test]
fn a_value_nested_too_deep_is_refused_at_commit() {
    for depth in [1, 10, 20, 22, 23, 24, 25, 30, 47, 48, 49, 100] {
        let mut tree = Tree::default();
        for _ in 0..depth {
            tree = Tree { name: "x".into(), children: [("c".to_string(), tree)].into() };
        }
        let key = Tree::key_of("deep").unwrap();
        match model::commit(&tree, &key, None, None, &mut Writer::new(1).author()) {
            Ok(loaded) => {
                let version = loaded.result.unwrap().version;
                let read = Version::from_bytes(&version.to_bytes());
                assert!(read.is_ok(), "depth {depth}: committed, and refused: {}", read.unwrap_err());
                assert_eq!(*Versioned::<Tree>::from_version(version).unwrap(), tree);
            }
            Err(error) => assert!(depth > 20, "depth {depth}: {error}"),
        }
    }
}

#[test]
fn forms_and_values_and_json_that_nest_are_refused() {
    assert!(Craft::new(1).with("x", &vec![code::MAP; DEEP], vec![0]).received().is_err());
    let some = dronestore::value::SOME_TAG.to_be_bytes();
    for unit in [&[0x81][..], &[0xa1, 0x00], &[0xd9, some[0], some[1]]] {
        let mut value = unit.repeat(1_000_000);
        value.push(0xf6);
        assert!(Value::from_bytes(&value).is_err() && Schema::from_bytes(&value).is_err());
        assert!(dronestore::value::check(&value).is_err());
        let body = [&[0][..], &value].concat();
        let craft = Craft::new(1).with("name", &[code::LATEST], body);
        assert!(craft.received().is_err());
        let version = craft.version().unwrap();
        assert!(Versioned::<Tree>::from_version(version.clone()).is_err());
        let _ = (version.attributes(), to_json(&version), join_in_full(&version, &version));
        let map_key = Craft::new(1).with("name", &[code::SET], [&[0][..], &value, &[2]].concat());
        assert!(map_key.received().is_err() && map_key.version().unwrap().attributes().is_err());
    }
    for unit in ["[", "{\"key\":"] {
        let text = unit.repeat(1_000_000);
        assert!(serde_json::from_str(&text).map(|json: serde_json::Value| from_json(&json)).is_err());
    }
    assert!("/a".repeat(1_000_000).parse::<Key>().is_err());
    assert!(Key::from_encoded(&b"a\x01a\x00".repeat(1_000_000)).is_err());
}

#[test]
fn the_last_sequence_number_ends_an_actor_with_an_error() {
    let repo = Repo::memory().unwrap();
    let mut craft = Craft::new(1);
    craft.context = Default::default();
    craft.context.advance(dronestore::causal::Seen { actor: repo.actor(), sequence: u64::MAX, tag: [1; 4] });
    craft.table = vec![row(0, u64::MAX)];
    let version = craft.received().unwrap();
    assert_eq!(version.tips()[0].dot.sequence, u64::MAX);
    repo.merge(&version).unwrap();
    let mut tree = repo.get::<Tree>("x").unwrap().unwrap();
    tree.name = "y".into();
    // Either there is no dot left, or the repo has taken another actor: it met a dot that it did not make.
    if let Err(error) = repo.save(&mut tree) {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    let _ = (repo.delete::<Tree>("x"), repo.put("x", Tree::default()));
    tree.commit().unwrap();
    repo.merge(&tree).unwrap();
    repo.verify().unwrap();
}

#[test]
fn times_at_the_end_of_time_are_overwritten_by_whoever_has_seen_them() {
    for created in [Nanotime::MIN, TIME, Nanotime::MAX] {
        let mut craft = Craft::new(2);
        craft.created = created;
        craft.table[0].time = Nanotime::MAX;
        craft.table[1].time = Nanotime::MIN;
        let version = craft.received().unwrap();
        assert_eq!((version.created(), version.committed()), (created, Nanotime::MAX));
        let repo = Repo::memory().unwrap();
        repo.merge(&version).unwrap();
        let mut tree = repo.get::<Tree>("x").unwrap().unwrap();
        tree.name = "mine".into();
        repo.save(&mut tree).unwrap();
        assert_eq!(repo.get::<Tree>("x").unwrap().unwrap().name, "mine");
        assert!(tree.version().unwrap().committed() < Nanotime::MAX, "nobody is dragged along");
        to_json(tree.version().unwrap()).unwrap();
        repo.verify().unwrap();
    }
}

/// Linear work: were it quadratic, this would take minutes.
#[test]
fn a_hundred_thousand_actors_and_tips_are_merged() {
    let (one, mut two) = (Craft::new(100_001), Craft::new(100_001));
    two.context = one.context.entries()[..100_000].iter().fold(Default::default(), |mut context, seen| {
        context.advance(*seen);
        context
    });
    two.see(200_000, 1);
    let (one, two) = (one.received().unwrap(), two.received().unwrap());
    let joined = join_in_full(&one, &two).unwrap();
    assert_eq!(joined, join_in_full(&two, &one).unwrap());
    assert_eq!((joined.tips().len(), joined.context().entries().len()), (100_002, 100_002));
    joined.verify().unwrap();
    let mut tree = Versioned::<Tree>::from_version(joined).unwrap();
    tree.name = "y".into();
    tree.commit().unwrap();
    assert_eq!(tree.version().unwrap().tips().len(), 1);
    assert_eq!(actor(0), one.context().entries()[0].actor);
}

#[test]
fn an_entry_that_its_strategy_would_not_write_is_refused() {
    let place =
        |form: &[u8], body: &[u8]| Craft::new(3).with("name", form, body.to_vec()).received().map(|_| ());
    let cases: [(u8, &[u8], &[u8]); 7] = [
        (code::CONFLICT, b"\x00\x82\x61x\x41y", b"\x00\x61x"),
        (code::CONFLICT, b"\x00\x81\x61x", b"\x00\x80"),
        (code::CONFLICT, b"\x00\x81\xf6", b"\x00\x82\x61x\x61y"),
        (code::COUNTER, b"\x00\x20", b"\x00\x61x"),
        (code::FLAG, b"\x00\xf5", b"\x00\x01"),
        (code::LATEST_OBJECT, b"\x00\xa1\x61x\x01", b"\x00\x61x"),
        (code::SET_LATEST, b"\x00\x61x\x00\x02\x00\xf5", b"\x00\x61x\x00\x02\x00\x01"),
    ];
    for (form, right, wrong) in cases {
        place(&[form], right).unwrap_or_else(|error| panic!("{form:#x}: {error}"));
        assert!(place(&[form], wrong).unwrap_err().is_corrupt(), "{form:#x}");
    }
    let option = [code::OPTION, code::NESTED];
    place(&option, b"\x00\xf6\x02\x00").unwrap();
    assert!(place(&option, b"\x00\xf5\x02\x00").unwrap_err().is_corrupt());
}

// Who claims to have seen what he cannot: two such states have no join, and no other object waits for it.
#[test]
fn what_cannot_be_joined_is_set_aside_and_the_rest_arrives() {
    let mut claims = [Craft::new(1), Craft::new(1)];
    for (number, craft) in (0..).zip(&mut claims) {
        // Each is of an author of its own, and has seen the other's, but not what stands in it.
        (craft.context, craft.table[0].actor) = (Default::default(), number);
        craft.see(0, 1);
        craft.see(1, 1);
        craft.see(2 + number, 1);
    }
    let [one, other] = claims.map(|craft| craft.received().unwrap());
    assert_eq!(one.merge(&other).unwrap_err().kind(), ErrorKind::Forked);

    let ours = Repo::memory().unwrap();
    ours.merge(&one).unwrap();
    let theirs = Repo::builder().replica_of(&ours).open().unwrap();
    theirs.merge(&other).unwrap();
    for name in ["a", "z"] {
        theirs.put(name, Tree { name: name.into(), ..Tree::default() }).unwrap();
    }
    let report = ours.merge(&theirs).unwrap();
    assert_eq!((report.new, report.forked.len(), ours.len()), (2, 1, 3));
    // Here one of the two stands whole; there nothing else comes.
    assert!(theirs.merge(&ours).unwrap().forked.is_empty());
    assert_eq!(ours.hash(), theirs.hash());
    ours.verify().unwrap();
}

#[test]
fn an_object_of_thousands_of_members_is_shown_member_by_member() {
    let members: std::collections::BTreeMap<String, u32> =
        (0..20_000).map(|n| (format!("m{n:05}"), n)).collect();
    let mut body = vec![0];
    body.extend(dronestore::value::to_value(&members).unwrap().to_bytes().unwrap());
    let version = Craft::new(1).with("", &[code::LATEST_OBJECT], body).received().unwrap();
    let views = version.attributes().unwrap();
    assert_eq!((views.len(), views[7].name.as_str()), (20_000, "m00007"));
    assert_eq!(views[7].reading.clone().into_value().unwrap(), Some(Value::from(7)));
}
