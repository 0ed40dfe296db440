//! G9, G10, G16: what a record takes encoded, and what encoding and decoding cost.

use crate::Options;
use crate::core::Writer;
use crate::hand;
use crate::harness::{Clock, compete, contestant, cost, micro};
use crate::peers::automerge::Automerge;
use crate::peers::crdts::Crdts;
use crate::peers::loro::Loro;
use crate::peers::ours::HEAD;
use crate::peers::ours::Ours;
use crate::peers::yrs::Yrs;
use crate::peers::{Replica, filled};
use crate::person::{Person, name};
use crate::table::{Must, Table, Unit};
use dronestore::bundle::BundleOptions;
use dronestore::value::encode_into;
use dronestore::{Drone, Key, Repo, Transaction, Version, Versioned, model};
use std::collections::BTreeSet;

const COUNT: usize = 1_000;

/// Stored bytes of a head after one commit.
pub fn heads(table: &mut Table) {
    fn each<R: Replica>() -> f64 {
        filled::<R>(1, COUNT).saved().unwrap() as f64 / COUNT as f64
    }
    let work = "stored bytes of a head after one commit";
    let ours = each::<Ours>();
    table.push("G9", work, Unit::Bytes, ours, "", None, Must::AtMost(160.0));
    let postcard = (0..COUNT).map(|id| postcard::to_allocvec(&Person::make(id)).unwrap().len());
    let postcard = postcard.sum::<usize>() as f64 / COUNT as f64;
    let peers = [
        ("postcard, values alone", postcard),
        (Automerge::NAME, each::<Automerge>()),
        (Crdts::NAME, each::<Crdts>()),
        (Yrs::NAME, each::<Yrs>()),
        (Loro::NAME, each::<Loro>()),
    ];
    for (name, bytes) in peers {
        table.push("G9", work, Unit::Bytes, ours, name, Some(bytes), Must::Shown);
    }
    let grouped = (0..COUNT).map(|id| grouped(Person::make(id))).sum::<usize>() as f64 / COUNT as f64;
    table.push(
        "G9",
        "the same with gender: latest_object",
        Unit::Bytes,
        grouped,
        "gender: latest",
        Some(ours),
        Must::Shown,
    );
    let values = (0..COUNT).map(|id| values(&Person::make(id), &mut Vec::new())).sum::<usize>();
    let (values, must) = (values as f64 / COUNT as f64, Must::Ratio(1.15));
    table.push("G16", "bytes of the values alone", Unit::Bytes, values, "postcard", Some(postcard), must);
}

/// Bytes of a record in a bundle of many, beside the one peer that keeps a document in columns.
pub fn bundles(options: &Options, table: &mut Table) {
    let count = if options.million { 100_000 } else { 10_000 };
    for (values, make) in [("", Person::make as fn(usize) -> Person), (", random values", Person::varied)] {
        let repo = Repo::memory().unwrap();
        for from in (0..count).step_by(1_000) {
            let put = |transaction: &mut Transaction<'_>| {
                (from..from + 1_000).try_for_each(|id| transaction.put(name(id), make(id)).map(|_| ()))
            };
            repo.transaction(put).unwrap();
        }
        let report = repo.write_bundle(std::io::sink(), BundleOptions::new()).unwrap();
        let ours = report.bytes as f64 / count as f64;
        let work = format!("a record in a bundle of {count}{values}");
        table.push("G9", &work, Unit::Bytes, ours, "", None, Must::AtMost(85.0));
        if options.peers {
            let mut peer = Automerge::new(1);
            (0..count).for_each(|id| peer.create(id, make(id)));
            let theirs = peer.saved().map(|bytes| bytes as f64 / count as f64);
            table.push("G9", &work, Unit::Bytes, ours, Automerge::NAME, theirs, Must::Ratio(1.5));
        }
    }
}

/// The record with its last field in a group, which names its members; stored as the other, state and hash.
#[derive(Drone)]
#[drone(kind = "Person")]
struct Grouped {
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    last: String,
    #[merge(latest)]
    phone: String,
    #[merge(max)]
    age: u32,
    #[merge(counter)]
    visits: u64,
    #[merge(set)]
    tags: BTreeSet<String>,
    #[merge(latest_object)]
    gender: Option<String>,
}

fn grouped(person: Person) -> usize {
    let Person { first, last, phone, age, visits, tags, gender } = person;
    let value = Grouped { first, last, phone, age, visits, tags, gender };
    let mut handle = Versioned::new(Key::for_kind("Person", "x").unwrap(), value);
    handle.commit().unwrap();
    handle.version().unwrap().state_bytes().len() + HEAD
}

/// One record edited again and again: neither its bytes nor the cost of an edit may grow.
pub fn one_record(options: &Options, table: &mut Table) {
    let edits = if options.million { 100_000 } else { 20_000 };
    let mut person = Versioned::new(Key::for_kind("Person", "x").unwrap(), Person::make(1));
    person.commit().unwrap();
    let mut run = |from: usize, count: usize| {
        cost(count, || {
            for round in from..from + count {
                person.edit(1, round as u64);
                person.commit().unwrap();
            }
        })
    };
    run(0, 1_000);
    let early = run(1_000, 2_000);
    run(3_000, edits);
    let late = run(edits, 2_000);
    let work = format!("edit of a record with {edits} edits");
    table.push("G10", &work, Unit::Nanos, late.cpu, "with 1000 edits", Some(early.cpu), Must::Ratio(1.2));
    let mut person = Versioned::new(person.key().clone(), Person::make(1));
    let mut size = |rounds: u64| {
        for round in 0..rounds {
            person.edit(1, round);
            person.commit().unwrap();
        }
        person.version().unwrap().state_bytes().len() as f64
    };
    let (one, many) = (size(1), size(10_000));
    table.push(
        "G10",
        "head after 10000 edits",
        Unit::Bytes,
        many,
        "after 1 edit",
        Some(one),
        Must::Ratio(1.1),
    );
}

/// Encoding and decoding one record.
pub fn encoding(options: &Options, table: &mut Table) {
    let units = 20_000;
    let people: Vec<Person> = (0..64).map(Person::make).collect();
    let mut writer = Writer::new(1);
    let versions: Vec<Version> = (0..64).map(|id| writer.create(id)).collect();
    let by_hand = encoded(&people, hand::encode);
    let by_postcard = encoded(&people, |person, out| out.extend(postcard::to_allocvec(person).unwrap()));
    for (bytes, person) in by_hand.iter().zip(&people) {
        assert_eq!(hand::decode(bytes), *person);
    }
    let mut buffers = [const { Vec::<u8>::new() }; 3];
    let [ours, hands, postcards] = &mut buffers;
    let results = compete(
        options.repeats,
        vec![
            contestant("dronestore", || micro(units, |unit| values(&people[unit % 64], ours))),
            contestant("hand", || {
                micro(units, |unit| {
                    hands.clear();
                    hand::encode(&people[unit % 64], hands);
                })
            }),
            contestant("postcard", || {
                micro(units, |unit| {
                    postcards.clear();
                    let out = std::mem::take(postcards);
                    *postcards = postcard::to_extend(&people[unit % 64], out).unwrap();
                })
            }),
        ],
    );
    let work = "encode the values of one person";
    let ours = results.get("dronestore").cpu;
    table.push("G16", work, Unit::Nanos, ours, "", None, Must::AtMost(80.0));
    let against = [("postcard", Must::Shown), ("hand", Must::Shown)];
    table.results("G16", work, Clock::Cpu, &results, "dronestore", &against);
    let results = compete(
        options.repeats,
        vec![
            contestant("dronestore", || {
                micro(units, |unit| model::load::<Person>(&versions[unit % 64]).unwrap())
            }),
            contestant("hand", || micro(units, |unit| hand::decode(&by_hand[unit % 64]))),
            contestant("postcard", || {
                micro(units, |unit| postcard::from_bytes::<Person>(&by_postcard[unit % 64]).unwrap())
            }),
        ],
    );
    let against = [("hand", Must::Ratio(1.2)), ("postcard", Must::Shown)];
    table.results("G16", "decode one person from its version", Clock::Cpu, &results, "dronestore", &against);
}

fn encoded(people: &[Person], encode: impl Fn(&Person, &mut Vec<u8>)) -> Vec<Vec<u8>> {
    let encode = |person| {
        let mut out = Vec::new();
        encode(person, &mut out);
        out
    };
    people.iter().map(encode).collect()
}

/// Encodes the values field by field into one buffer, as a commit does; says how many bytes they take.
fn values(person: &Person, out: &mut Vec<u8>) -> usize {
    out.clear();
    encode_into(&person.first, out).unwrap();
    encode_into(&person.last, out).unwrap();
    encode_into(&person.phone, out).unwrap();
    encode_into(&person.age, out).unwrap();
    encode_into(&person.visits, out).unwrap();
    person.tags.iter().for_each(|tag| encode_into(tag, out).unwrap());
    encode_into(&person.gender, out).unwrap();
    out.len()
}
