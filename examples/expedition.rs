//! Two devices of an expedition keep one herbarium apart; what they write is merged later by tools that do not know
//! these types: `cargo run --example expedition -- FOLDER` leaves both stores there.
#![allow(clippy::print_stdout)]

use dronestore::strategy::{Held, Replaces, Strategy, Write};
use dronestore::{Drone, Repo};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A plant, one field a strategy.
#[derive(Drone, Debug, Clone, PartialEq)]
struct Plant {
    #[merge(latest)]
    name: String,
    #[merge(conflict)]
    family: String,
    #[merge(max)]
    highest: u32,
    #[merge(counter)]
    seen: u64,
    #[merge(set)]
    finders: BTreeSet<String>,
    #[merge(map(counter))]
    seen_by_valley: BTreeMap<String, u64>,
    #[merge(text)]
    notes: String,
    #[merge(list)]
    colours: Vec<String>,
    #[merge(with = "Longest")]
    description: String,
}

/// A rule of this program alone: of concurrent texts the longest.
struct Longest;

impl Strategy<String> for Longest {
    const NAME: &'static str = "longest";
    type State = String;

    fn write(_: &[Held<String>], _: &String, new: &String) -> dronestore::Result<Write<String>> {
        Ok(Write { state: new.clone(), replaces: Replaces::Seen })
    }

    fn read(entries: &[Held<String>]) -> dronestore::Result<String> {
        let texts = entries.iter().map(|held| &held.state);
        Ok(texts.max_by_key(|text| (text.len(), text.as_str())).cloned().unwrap_or_default())
    }
}

fn sight(plant: &mut Plant, who: &str, valley: &str, height: u32) {
    plant.seen += 1;
    plant.highest = plant.highest.max(height);
    plant.finders.insert(who.into());
    *plant.seen_by_valley.entry(valley.into()).or_default() += 1;
}

fn main() -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = std::env::args().nth(1);
    let folder = folder.as_deref().map_or(temporary.path(), Path::new);
    let north = Repo::open(folder.join("north.drone"))?;
    let south = Repo::open(folder.join("south.drone"))?;

    north.update::<Plant>("gentian", |plant| {
        plant.name = "gentian".into();
        plant.notes = "Blue. Closes at dusk.".into();
        plant.colours = vec!["blue".into()];
        sight(plant, "ann", "Reintal", 1200);
        Ok(())
    })?;
    south.merge(&north)?;

    // Apart, each on its own side of the ridge.
    north.update::<Plant>("gentian", |plant| {
        plant.family = "Gentianaceae".into();
        plant.notes.insert_str(5, " Bitter root.");
        plant.colours.push("white".into());
        plant.description = "A blue trumpet.".into();
        sight(plant, "ann", "Reintal", 1900);
        Ok(())
    })?;
    south.update::<Plant>("gentian", |plant| {
        plant.family = "Gentiana".into();
        plant.notes.push_str(" Seen in snow.");
        plant.colours.insert(0, "violet".into());
        plant.description = "A trumpet of the deepest blue.".into();
        sight(plant, "ben", "Inntal", 1700);
        Ok(())
    })?;
    south.update::<Plant>("arnica", |plant| {
        sight(plant, "ben", "Inntal", 1500);
        Ok(())
    })?;
    north.update::<Plant>("thistle", |plant| {
        plant.name = "thistle".into();
        Ok(())
    })?;
    north.delete::<Plant>("thistle")?;

    // Together, as this program does it: with its types.
    let both = Repo::memory()?;
    both.merge(&north)?;
    for plant in south.iter::<Plant>()? {
        let theirs = plant?;
        match both.get::<Plant>(theirs.key().clone())? {
            Some(mut ours) => {
                ours.merge(&theirs)?;
                both.merge(&ours)?
            }
            None => both.merge(&theirs)?,
        };
    }
    let gentian = both.get::<Plant>("gentian")?.ok_or("no gentian")?;
    println!("{} seen {} times, up to {} m", gentian.name, gentian.seen, gentian.highest);
    println!("{}", gentian.notes);
    println!("{}", gentian.description);
    println!("{}", both.hash());
    Ok(())
}
