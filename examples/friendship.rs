//! A compound of sets: who follows whom, kept as one JSON file a user on two devices that are offline.
#![allow(clippy::print_stdout)]

use dronestore::{Drone, Merge, Versioned, version};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Each field merges with itself only: nobody who follows becomes someone who is followed.
#[derive(Drone, Debug, Clone, PartialEq)]
struct User {
    #[merge(set)]
    following: BTreeSet<String>,
    #[merge(set)]
    followers: BTreeSet<String>,
}

fn load(device: &Path, name: &str) -> Result<Versioned<User>> {
    let file = device.join(name).with_extension("json");
    if !file.exists() {
        return Ok(User::named(name)?);
    }
    let view = serde_json::from_slice(&fs::read(file)?)?;
    Ok(Versioned::from_version(version::from_json(&view)?)?)
}

fn save(device: &Path, user: &mut Versioned<User>) -> Result<()> {
    user.commit()?;
    let view = user.version().map(version::to_json).transpose()?;
    let file = device.join(&*user.key().name()).with_extension("json");
    Ok(fs::write(file, serde_json::to_vec_pretty(&view)?)?)
}

/// Both users' copies on *this* device change; the others' devices hear of it when they meet.
fn on(device: &Path, fan: &str, edit: fn(&mut BTreeSet<String>, &str), star: &str) -> Result<()> {
    let (mut one, mut other) = (load(device, fan)?, load(device, star)?);
    edit(&mut one.following, star);
    edit(&mut other.followers, fan);
    save(device, &mut one)?;
    save(device, &mut other)
}

/// Both devices read each other's files and keep the merge of the two.
fn meet(one: &Path, other: &Path) -> Result<()> {
    for name in ["ann", "ben", "cleo"] {
        let (mut user, theirs) = (load(one, name)?, load(other, name)?);
        if theirs.version().is_some() {
            user.merge(&theirs)?;
        }
        assert_eq!(user.merge(&user.clone())?, Merge::Known);
        save(one, &mut user)?;
        save(other, &mut user)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let follow = |names: &mut BTreeSet<String>, name: &str| _ = names.insert(name.into());
    let unfollow = |names: &mut BTreeSet<String>, name: &str| _ = names.remove(name);
    let (phone, laptop) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (phone, laptop) = (phone.path(), laptop.path());
    on(phone, "ann", follow, "ben")?;
    on(laptop, "ben", follow, "cleo")?;
    on(laptop, "cleo", follow, "ann")?;
    meet(phone, laptop)?;
    // Apart again: one edits what the other edits too.
    on(phone, "ann", unfollow, "ben")?;
    on(laptop, "cleo", follow, "ben")?;
    meet(phone, laptop)?;
    for name in ["ann", "ben", "cleo"] {
        let user = load(laptop, name)?;
        println!("{name} follows {:?}, is followed by {:?}", user.following, user.followers);
    }
    Ok(())
}
