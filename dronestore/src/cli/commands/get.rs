//! `get`: what an object reads as.

use super::branch;
use crate::cli::places::{self, Object};
use crate::cli::shell::Shell;
use crate::cli::table::pairs;
use crate::cli::{Exit, names, show};
use crate::query::{Path, Root, Row};
use crate::schema::{Place, Schema, Values};
use crate::{Error, ErrorKind, Result, Value, Version, View};
use serde_json::json;

/// Show an object, or one attribute of it
///
/// All attributes that were ever written, each with its value; an attribute alone is printed as it is. What was never
/// written reads as a default, where the schema has it. A path goes on into an attribute, as in queries.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore get Note:groceries
  dronestore get groceries text
  dronestore get Person:ann address.city
  dronestore get groceries 'stock[\"a.b\"]'
  dronestore get groceries 'lines[0]'
  dronestore get wqnw --json")]
pub(in crate::cli) struct Get {
    /// The object: its key, name, id, or version
    #[arg(value_name = "OBJECT")]
    object: String,

    /// Only this attribute, or what stands at this path: name.field, name["key"], name[0], name.len()
    #[arg(value_name = "PATH")]
    attribute: Option<String>,

    /// On this branch
    #[arg(short, long, value_name = "NAME")]
    branch: Option<String>,
}

impl Get {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let look = || branch::view(&repo, self.branch.as_deref());
        let version = alive(names::find_in(&look, &self.object)?)?;
        let view = look()?;
        match &self.attribute {
            Some(attribute) => get_one(&view, &version, attribute, shell),
            None => get_all(&view, &version, shell),
        }
    }
}

/// The version, of an object that is there.
pub(super) fn alive(version: Version) -> Result<Version> {
    match version.is_deleted() {
        true => Err(Error::new(ErrorKind::NotFound, format!("`{}` was deleted", version.key()))),
        false => Ok(version),
    }
}

fn get_one(view: &View, version: &Version, text: &str, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let (values, schema) = (view.values(version)?, view.schema_of(version.kind())?);
    let (path, place) = find(text, (version, &values), schema.as_ref())?;
    let object = Object { version, values: &values, schema: schema.as_ref() };
    let value = path.read(&object)?;
    // Nothing and null are told apart where nothing was written.
    let is_there = match &path.root {
        Root::Attribute(name) => !value.is_null() || object.attribute(name)?.is_some(),
        _ => true,
    };
    shell.answer(json!({
        "key": version.key().to_string(),
        "attribute": text,
        "value": value.to_json(),
    }))?;
    match is_there {
        true => shell.say(places::plain(&value, place.as_ref()))?,
        false => shell.note(format_args!("`{text}` was never written; its program knows what it reads as")),
    }
    Ok(Exit::Ok)
}

/// The path that a text is, and the place where it ends; an error where there can be none.
fn find<'s>(
    text: &str,
    (version, values): (&Version, &Values),
    schema: Option<&'s Schema>,
) -> Result<(Path, Option<Place<'s>>)> {
    let known = schema.iter().flat_map(|schema| &schema.attributes).map(|known| known.name.as_str());
    let names: Vec<&str> = known.chain(values.keys().map(String::as_str)).collect();
    let path = places::path(text, &names)?;
    let schemas = schema.map(std::slice::from_ref).unwrap_or_default();
    let (is_described, is_stored) = match &path.root {
        Root::Attribute(name) => {
            (schema.is_some_and(|schema| schema.place(name).is_some()), values.contains_key(name))
        }
        _ => (true, true),
    };
    match is_described || !is_stored && !schemas.is_empty() {
        true => path.check(schemas)?,
        // What no schema describes is taken as it stands there.
        false if is_stored => {}
        false => {
            let message = format!("`{}` has no attribute `{}`", version.key(), text.escape_debug());
            return Err(Error::new(ErrorKind::NotFound, message));
        }
    }
    let place = places::end(&path, schema);
    Ok((path, place))
}

fn get_all(view: &View, version: &Version, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let (values, schema) = (view.values(version)?, view.schema_of(version.kind())?);
    let contests = version.contests()?;
    let open: Vec<String> =
        contests.iter().filter(|contest| contest.asks).map(|contest| contest.path.to_string()).collect();
    let mut object = show::object(version);
    object.insert("values".into(), show::values(&values));
    object.insert("contested".into(), open.clone().into());
    shell.answer(object.into())?;
    let (name, hash) = (show::name(version.key()), show::short(version.hash()));
    shell.say(format_args!("{name} at version {hash}, committed {}", show::time(version.committed())))?;
    let place = |name: &str| schema.as_ref().and_then(|schema| schema.place(name));
    let row = |(name, value)| -> (&str, String) {
        let (name, value): (&String, &Value) = (name, value);
        (name.as_str(), places::plain(value, place(name).as_ref()))
    };
    let rows: Vec<(&str, String)> = values.iter().map(row).collect();
    let text = pairs(&rows);
    shell.print(text.lines().map(|line| format!("  {line}\n")).collect::<String>())?;
    for path in open {
        shell.say(format_args!(
            "  ({path} was written apart by several; `dronestore explain` says how it reads)"
        ))?;
    }
    Ok(Exit::Ok)
}
