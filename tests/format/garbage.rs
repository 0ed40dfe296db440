//! Bytes that nobody wrote: refused, or as good as what somebody wrote.

use super::corpus::corpus;
use super::model::{Board, Everything, Page};
use super::mutate::{mutated, noise, survives};
use crate::random::{Random, from_env};
use dronestore::schema::Schema;
use dronestore::version::{Merged, from_json, join_in_full, to_json};
use dronestore::{Drone, Hash, Key, Value, Version, Versioned};

/// Runs so many rounds, each with numbers of its own; the seed of the whole is printed.
fn rounds(count: u64, mut round: impl FnMut(&mut Random)) {
    let (seed, times) = (from_env("DRONESTORE_SEED", 3), from_env("DRONESTORE_ROUNDS", 1));
    println!("seed {seed}, {} rounds", count * times);
    let mut random = Random::new(seed);
    (0..count * times).for_each(|_| round(&mut random));
}

fn pick<'a, T>(from: &'a [T], random: &mut Random) -> &'a T {
    &from[random.below(from.len())]
}

#[test]
fn every_flipped_bit_of_a_version_is_refused() {
    for (name, version) in corpus() {
        let mut bytes = version.to_bytes();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let read = survives(&bytes, || Version::from_bytes(&bytes));
            assert!(read.is_err(), "bit {bit} of {name}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        for end in 0..bytes.len() {
            assert!(Version::from_bytes(&bytes[..end]).is_err(), "{name} cut at {end}");
        }
    }
}

#[test]
fn mutated_versions_are_refused_or_whole() {
    let versions: Vec<Vec<u8>> = corpus().iter().map(|(_, version)| version.to_bytes()).collect();
    rounds(25_000, |random| {
        let bytes = match random.below(8) {
            0 => noise(random, 200),
            _ => mutated(pick::<Vec<u8>>(&versions, random), random),
        };
        survives(&bytes, || {
            if let Ok(version) = Version::from_bytes(&bytes) {
                assert_eq!(version.to_bytes(), bytes);
                version.verify().unwrap();
            }
        });
    });
}

/// A state with a hash that fits it: what a peer could send who means harm.
fn hashed(of: &Version, state: &[u8]) -> Option<Version> {
    let with = |hash| Version::from_store(of.key().clone(), of.shape().clone(), hash, state.into(), 0);
    Some(with(with(Hash::ZERO).recompute_hash()))
}

/// Asks everything that can be asked of a version that was not checked; answers do not matter, panics do.
fn interrogate(version: &Version, other: &Version) {
    let _ = (version.tips(), version.context(), version.created(), version.committed(), version.is_deleted());
    let _ = (version.attributes(), version.value(), version.is_conflicted(), version.has_concurrent_values());
    let _ = (version.covers(other), other.covers(version), to_json(version), format!("{version:?}"));
    let _ = (join_in_full(version, other), join_in_full(other, version), join_in_full(version, version));
    if let Ok(mut handle) = Versioned::<Everything>::from_version(version.clone()) {
        handle.visits = handle.visits.saturating_add(1);
        handle.votes.insert("new".into(), 1);
        let _ = handle.commit();
    }
    if let Ok(mut handle) = Versioned::<Page>::from_version(version.clone()) {
        handle.text = handle.text.replace('n', "mm") + "!";
        handle.list.reverse();
        handle.notes.values_mut().for_each(String::clear);
        let _ = handle.commit();
    }
    if let Ok(mut handle) = Versioned::<Board>::from_version(version.clone()) {
        handle.lanes.reverse();
        let first = handle.tasks.len().min(1);
        handle.tasks.rotate_left(first);
        handle.tasks.iter_mut().for_each(|task| task.title.push('!'));
        let _ = handle.commit();
    }
}

/// What passes the gate is a version like any other: one encoding, and it merges both ways to one result.
fn accepted(version: &Version, other: &Version) {
    let bytes = version.to_bytes();
    assert_eq!(Version::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    if let Ok(json) = to_json(version) {
        assert_eq!(from_json(&json).unwrap(), *version);
    }
    if let (Ok(Merged::Joined(one)), Ok(Merged::Joined(two))) = (version.merge(other), other.merge(version)) {
        assert_eq!(one.to_bytes(), two.to_bytes(), "a join that depends on the side");
        one.verify().unwrap();
    }
}

#[test]
fn mutated_states_under_a_fitting_hash_never_panic() {
    let versions = corpus();
    let mut passed = 0;
    rounds(35_000, |random| {
        let (_, of) = pick(&versions, random);
        let (_, other) = pick(&versions, random);
        let state = mutated(of.state_bytes(), random);
        survives(&state, || {
            let Some(version) = hashed(of, &state) else { return };
            interrogate(&version, other);
            if version.verify().is_ok() {
                passed += 1;
                accepted(&version, other);
            }
        });
    });
    println!("{passed} passed the gate");
    assert!(passed > 100, "the test looks behind the gate");
}

#[test]
fn mutated_json_is_refused_or_the_same() {
    let texts: Vec<(String, Version)> =
        corpus().into_iter().map(|(_, version)| (to_json(&version).unwrap().to_string(), version)).collect();
    rounds(10_000, |random| {
        let (text, version) = pick(&texts, random);
        let bytes = mutated(text.as_bytes(), random);
        survives(&bytes, || {
            let Ok(json) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return };
            if let Ok(read) = from_json(&json) {
                assert_eq!(read, *version);
            }
        });
    });
}

#[test]
fn mutated_values_keys_and_schemas_are_refused_or_canonical() {
    let readings = corpus()[1].1.attributes().unwrap().into_iter();
    let values = readings.filter_map(|attribute| attribute.reading.into_value().ok().flatten());
    let value = Value::List(values.collect());
    let (value, schema) = (value.to_bytes().unwrap(), Everything::schema().to_bytes().unwrap());
    let key = "/Comedy/MontyPython/Actor:JohnCleese".parse::<Key>().unwrap();
    rounds(40_000, |random| {
        let source = match random.below(4) {
            0 => noise(random, 60),
            1 => value.clone(),
            2 => schema.clone(),
            _ => key.as_encoded().to_vec(),
        };
        let bytes = mutated(&source, random);
        survives(&bytes, || {
            if let Ok(value) = Value::from_bytes(&bytes) {
                assert_eq!(value.to_bytes().unwrap(), bytes);
                let _ = (value.to_string(), Value::from_json(&value.to_json()));
            }
            if let Ok(schema) = Schema::from_bytes(&bytes) {
                let again = Schema::from_bytes(&schema.to_bytes().unwrap()).unwrap();
                assert_eq!((again.to_string(), &again), (schema.to_string(), &schema));
            }
            if let Ok(key) = Key::from_encoded(&bytes) {
                assert_eq!(key.as_encoded(), bytes);
                assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
            }
        });
    });
}
