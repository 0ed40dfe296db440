//! `diff`: what two repos differ in.

use crate::cli::shell::Shell;
use crate::cli::{Exit, names, places, show};
use crate::repo::decisions_kind;
use crate::schema::Schema;
use crate::strategy::Reading;
use crate::version::Diff as Differences;
use crate::{Key, Objects, Result, Version};
use serde_json::{Value as Json, json};
use std::cmp::Ordering;
use std::path::PathBuf;

/// Show in what this repo and another one differ
///
/// Object by object, attribute by attribute: what reads otherwise, here → there. Exit code 1 where anything differs.
/// Nothing is changed in either.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore diff ../other
  dronestore diff ../other groceries
  dronestore diff ../other --json")]
pub(in crate::cli) struct Diff {
    /// The other repo: its folder or file
    #[arg(value_name = "REPO")]
    other: PathBuf,

    /// Only this object
    #[arg(value_name = "OBJECT")]
    object: Option<String>,
}

/// An object that differs: here, there, and in what where it is on both sides.
struct Different {
    kind: String,
    key: Key,
    here: Option<Version>,
    there: Option<Version>,
    differences: Option<Differences>,
}

impl Diff {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let (here, there) = (shell.open()?, shell.open_other(&self.other)?);
        let progress = shell.progress("comparing", None);
        let mut different = Vec::new();
        if let Some(object) = &self.object {
            let found = match names::find(&here, object) {
                Err(error) if error.is_not_found() => names::find(&there, object)?,
                found => found?,
            };
            let (kind, key) = (found.kind().to_owned(), found.key().clone());
            let (ours, theirs) = (here.view()?.version(&kind, &key)?, there.view()?.version(&kind, &key)?);
            different.extend(compare(ours, theirs)?);
        } else if here.hash() != there.hash() {
            let root = Key::root();
            let (mut ours, mut theirs) = (here.objects(&root)?, there.objects(&root)?);
            let (mut our, mut their) = (next(&mut ours)?, next(&mut theirs)?);
            while our.is_some() || their.is_some() {
                let order = match (&our, &their) {
                    (Some(our), Some(their)) => (our.key(), our.kind()).cmp(&(their.key(), their.kind())),
                    (Some(_), None) => Ordering::Less,
                    _ => Ordering::Greater,
                };
                let (mut left, mut right) = (None, None);
                if order.is_le() {
                    left = std::mem::replace(&mut our, next(&mut ours)?);
                }
                if order.is_ge() {
                    right = std::mem::replace(&mut their, next(&mut theirs)?);
                }
                different.extend(compare(left, right)?);
            }
        }
        drop(progress);
        let equal = different.is_empty();
        let objects: Vec<Json> = different.iter().map(as_json).collect();
        shell.answer(json!({ "equal": equal, "objects": objects }))?;
        let (here, there) = (here.view()?, there.view()?);
        for object in &mut different {
            let schema = match here.schema_of(&object.kind)? {
                None => there.schema_of(&object.kind)?,
                schema => schema,
            };
            put_times(object, schema.as_ref());
            show_one(object, shell)?;
        }
        Ok(if equal { Exit::Ok } else { Exit::Found })
    }
}

fn next(objects: &mut Objects) -> Result<Option<Version>> {
    objects.next().transpose()
}

/// The difference of two sides of one object; none where the versions are equal.
fn compare(here: Option<Version>, there: Option<Version>) -> Result<Option<Different>> {
    let Some(one) = here.as_ref().or(there.as_ref()) else { return Ok(None) };
    let (kind, key) = (one.kind().to_owned(), one.key().clone());
    let differences = match (&here, &there) {
        (Some(here), Some(there)) if here == there => return Ok(None),
        (Some(here), Some(there)) => Some(here.diff(there)?),
        _ => None,
    };
    Ok(Some(Different { kind, key, here, there, differences }))
}

/// Puts times for the numbers that are some.
fn put_times(object: &mut Different, schema: Option<&Schema>) {
    for attribute in object.differences.iter_mut().flat_map(|differences| &mut differences.attributes) {
        let place = schema.and_then(|schema| schema.place(&attribute.name));
        for reading in [&mut attribute.ours, &mut attribute.theirs] {
            if let Reading::Value(value) = reading {
                *value = places::timed(value, place.as_ref());
            }
        }
    }
}

fn show_one(object: &Different, shell: &mut Shell<'_, '_>) -> Result<()> {
    if object.kind == decisions_kind() {
        return shell.say(format_args!("{}: another state of a decision", show::name(&object.key)));
    }
    let name = show::name(&object.key);
    match (&object.here, &object.differences) {
        (_, Some(differences)) if differences.is_empty() => {
            shell.say(format_args!("{name}: reads alike, other commits"))
        }
        (_, Some(differences)) => {
            shell.say(name)?;
            shell.print(differences.to_string().lines().map(|line| format!("  {line}\n")).collect::<String>())
        }
        (Some(_), None) => shell.say(format_args!("{name}: only here")),
        (None, None) => shell.say(format_args!("{name}: only there")),
    }
}

fn reading(reading: &Reading) -> Json {
    if let Reading::Value(value) = reading { value.to_json() } else { Json::Null }
}

fn as_json(object: &Different) -> Json {
    let hash = |version: &Option<Version>| version.as_ref().map(|version| version.hash().to_string());
    let attributes = object.differences.iter().flat_map(|differences| &differences.attributes);
    let attributes: Vec<Json> = attributes
        .map(|attribute| {
            json!({
                "name": attribute.name,
                "strategy": attribute.strategy,
                "here": reading(&attribute.ours),
                "there": reading(&attribute.theirs),
            })
        })
        .collect();
    json!({
        "key": object.key.to_string(),
        "kind": object.kind,
        "here": hash(&object.here),
        "there": hash(&object.there),
        "attributes": attributes,
    })
}
