//! `query`: the objects of a kind that are wanted, in the order that is wanted.

use crate::cli::assign::no_attribute;
use crate::cli::shell::Shell;
use crate::cli::table::{lines, table};
use crate::cli::{Exit, show};
use crate::query::{Cursor, Path, Query as Wanted, Root};
use crate::schema::Schema;
use crate::{Error, ErrorKind, Repo, Result, Version, View};
use serde_json::{Value as Json, json};

/// Find objects of a kind by what they hold
///
/// One line each, ordered and cut as the query says; without a query all objects of the kind. Deleted ones are not
/// found. Where nothing was written there is nothing: `visits ?? 0` says what counts instead.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A query: [CONDITION] [order by PATH [desc], …] [limit N], where a condition is made of
  age = 1, !=, <, <=, >, >=     age in [1, 2]            nick is none, is not none
  tags has \"x\"                  last starts with \"L\"     last contains \"ove\"
  and, or, not, ( )             home.city, steps[0]      @key, @created, @committed
and has as values JSON's (texts in quotes), and times as 2026-11-21T18:42:51Z.

Examples:
  dronestore query Person 'age >= 18 and tags has \"tea\"'
  dronestore query Person 'order by age desc limit 10' --show last,age
  dronestore query Person 'visits ?? 0 = 0' --count
  dronestore query Note '@committed >= 2026-11-01T00:00:00Z' --json")]
pub(in crate::cli) struct Query {
    /// The kind
    #[arg(value_name = "KIND")]
    kind: String,

    /// What is wanted
    #[arg(value_name = "QUERY", default_value = "")]
    query: String,

    /// These attributes of each, with commas between
    #[arg(short, long, value_name = "ATTRIBUTES", value_delimiter = ',')]
    show: Vec<String>,

    /// Only at and below this key
    #[arg(short, long, value_name = "KEY")]
    under: Option<String>,

    /// Only what comes after this place, which an earlier answer gave
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,

    /// How many there are, and nothing else
    #[arg(short, long, conflicts_with_all = ["show", "after"])]
    count: bool,
}

impl Query {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let mut query: Wanted = self.query.parse()?;
        if let Some(under) = &self.under {
            query = query.under(&crate::cli::names::key(under)?);
        }
        if let Some(after) = &self.after {
            query = query.after(after.clone());
        }
        let repo = shell.open()?;
        let paths = query.filter.paths().into_iter().chain(query.order.iter().map(|order| &order.by));
        let asked = paths.filter_map(attribute).chain(self.show.iter().map(String::as_str));
        check(&repo, &self.kind, asked)?;
        let found = repo.query_kind(&self.kind, &query)?;
        if self.count {
            let count = found.run()?.try_fold(0u64, |count, version| version.map(|_| count + 1))?;
            shell.answer(json!({ "count": count }))?;
            shell.say(count)?;
            return Ok(Exit::Ok);
        }
        let (mut versions, mut last) = (Vec::new(), None);
        for next in found.places()? {
            let (version, place) = next?;
            (last, _) = (Some(place), versions.push(version));
        }
        let is_full = query.limit.is_some_and(|limit| versions.len() >= limit);
        let next = last.filter(|_| is_full).map(|place| place.cursor().to_string());
        let view = repo.view()?;
        if shell.json {
            let objects =
                versions.iter().map(|version| object(version, &view)).collect::<Result<Vec<_>>>()?;
            shell.answer(json!({ "objects": objects, "next": next }))?;
            return Ok(Exit::Ok);
        }
        if !versions.is_empty() {
            shell.print(self.lines(&versions, &view)?)?;
        }
        if let Some(next) = next {
            shell.note(format_args!("there may be more: --after {next}"));
        }
        Ok(Exit::Ok)
    }

    fn lines(&self, versions: &[Version], view: &View) -> Result<String> {
        if self.show.is_empty() {
            let row = |version: &Version| {
                let (hash, time) = (show::short(version.hash()), show::time(version.committed()));
                [hash, time, show::name(version.key())]
            };
            let rows: Vec<_> = versions.iter().map(row).collect();
            return Ok(table(["VERSION", "COMMITTED", "OBJECT"], &rows));
        }
        let mut rows = vec![["OBJECT"].into_iter().chain(self.show.iter().map(String::as_str)).collect()];
        let rest: Vec<Vec<String>> = versions
            .iter()
            .map(|version| {
                let values = view.values(version)?;
                let value = |name: &String| values.get(name).map(show::plain).unwrap_or_default();
                let shown = self.show.iter().map(|name| value(name).replace('\n', " "));
                Ok([show::name(version.key())].into_iter().chain(shown).collect())
            })
            .collect::<Result<_>>()?;
        rows.extend(rest.iter().map(|row| row.iter().map(String::as_str).collect::<Vec<_>>()));
        Ok(lines(&rows))
    }
}

fn object(version: &Version, view: &View) -> Result<Json> {
    let mut object = show::object(version);
    object.insert("values".into(), show::values(&view.values(version)?));
    Ok(object.into())
}

/// The attribute that a path begins with.
fn attribute(path: &Path) -> Option<&str> {
    match &path.root {
        Root::Attribute(name) => Some(name),
        _ => None,
    }
}

/// Refuses names that nothing has: they would find nothing, and nobody would know why.
fn check<'n>(repo: &Repo, kind: &str, mut names: impl Iterator<Item = &'n str>) -> Result<()> {
    let schemas: Vec<Schema> = repo.schemas()?.into_iter().filter(|schema| schema.kind == kind).collect();
    if schemas.is_empty() {
        let message =
            format!("there is no kind `{}`: `dronestore schema` lists what there is", kind.escape_debug());
        return Err(Error::new(ErrorKind::NotFound, message));
    }
    let known: std::collections::BTreeSet<&str> = schemas
        .iter()
        .flat_map(|schema| &schema.attributes)
        .map(|attribute| attribute.name.as_str())
        .collect();
    match names.find(|name| !known.contains(name)) {
        Some(name) => Err(no_attribute(kind, name, known.into_iter())),
        None => Ok(()),
    }
}
