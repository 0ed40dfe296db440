//! Joins with one bug each.

use dronestore::causal::Structure;
use dronestore::causal::place::Values;
use dronestore::causal::state::State;
use dronestore::laws::Check;
use dronestore::version::Merged;
use dronestore::{Hash, Result, Version};
use dronestore_core::bytes::{put_slice, put_varint};
use std::collections::BTreeSet;

#[derive(dronestore::Drone, Debug)]
struct Person {
    #[merge(latest)]
    name: String,
    #[merge(counter)]
    visits: u64,
    #[merge(set)]
    tags: BTreeSet<String>,
}

#[track_caller]
fn found(merge: fn(&Version, &Version) -> Result<Merged>, law: &str, seen: &str) {
    let failure = Check::<Person>::new().with_merge(merge).run().expect_err("the bug is found");
    println!("{failure}");
    assert!(failure.law.contains(law) && failure.seen.contains(seen), "{failure}");
    assert!((1..=5).contains(&failure.steps), "{failure}");
}

/// The version without the last of the entries that stand beside one another in a register.
fn without_one_entry(version: &Version) -> Result<Version> {
    let state = State::parse(version.state_bytes())?;
    let mut fields = version.shape().fields(state.attributes);
    let mut attributes = Vec::new();
    while let Some(field) = fields.next()? {
        let mut body = field.body.to_vec();
        if field.form.structure() == Structure::Values {
            let mut values = Values::new(field.body);
            let mut entries = Vec::new();
            while let Some(entry) = values.next()? {
                entries.push(entry);
            }
            if entries.len() > 1 {
                entries.pop();
                body.clear();
                for entry in entries {
                    put_varint(&mut body, entry.row.into());
                    body.extend_from_slice(entry.value);
                }
            }
        }
        put_slice(&mut attributes, &body);
    }
    let bytes = State { attributes: &attributes, ..state }.encode();
    let with = |hash| {
        Version::from_store(version.key().clone(), version.shape().clone(), hash, bytes.as_slice().into(), 0)
    };
    Ok(with(with(Hash::ZERO).recompute_hash()))
}

#[test]
fn one_lost_dot_is_found() {
    let lossy = |ours: &Version, theirs: &Version| {
        Ok(match ours.merge(theirs)? {
            Merged::Joined(version) => Merged::Joined(without_one_entry(&version)?),
            merged => merged,
        })
    };
    found(lossy, "a merge keeps", "`name` has lost the write");
}

#[test]
fn a_merge_that_takes_one_side_is_found() {
    found(|_, _| Ok(Merged::Known), "the same in every byte", "differ");
    found(|_, _| Ok(Merged::Forward), "the same in every byte", "differ");
}

#[test]
fn a_merge_that_fails_is_found() {
    let fails = |ours: &Version, _: &Version| ours.merge(&Version::from_bytes(&[1])?);
    found(fails, "has seen all", "the bytes end too early");
}
