//! `query`: the objects of a kind that are wanted, in the order that is wanted.

use crate::cli::places::{self, Object};
use crate::cli::shell::Shell;
use crate::cli::table::{lines, table};
use crate::cli::{Exit, kinds, show};
use crate::query::{Cursor, Path, Query as Wanted, Root};
use crate::schema::Schema;
use crate::{Repo, Result, Version, View};
use serde_json::{Value as Json, json};

/// Find objects of a kind by what they hold
///
/// One line each, ordered and cut as the query says; without a query all objects of the kind. Deleted ones are not
/// found. Where nothing was written there is nothing: `visits ?? 0` says what counts instead.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A query: [CONDITION] [under KEY] [order by PATH [desc], …] [after CURSOR] [offset N] [limit N],
in this order, its words written small. KEY and CURSOR stand in quotes. A condition is made of
  age = 1, !=, <, <=, >, >=     age in [1, 2]            nick is none, is not none
  tags has \"x\"                  last starts with \"L\"     last contains \"ove\"
  and, or, not, ( )             done, not done           true, false
A path is an attribute, or goes on into it, or says what is known of the object itself:
  home.city, steps[0]           stock[\"a.b\"]            tags.len(), last.len()
  visits ?? 0                   `odd name`               @key, @parent, @kind, @created, @committed
`visits ?? 0` is 0 where nothing was written. Values are JSON's (texts in double quotes), times
as 2026-11-21T18:42:51Z, and none, inf, h'00ff'. One `=` compares; put the whole query in single
quotes, so that the shell leaves it alone.

Examples:
  dronestore query Person 'age >= 18 and tags has \"tea\"'
  dronestore query Person 'order by age desc limit 10' --show last,age
  dronestore query Person 'visits ?? 0 = 0' --count
  dronestore query Person 'under \"/Team:red\" order by last offset 10 limit 10'
  dronestore query Person 'home.city = \"Paris\"' --show 'home.city,tags.len()'
  dronestore query Note '@committed >= 2026-11-01T00:00:00Z' --json")]
pub(in crate::cli) struct Query {
    /// The kind
    #[arg(value_name = "KIND")]
    kind: String,

    /// What is wanted
    #[arg(value_name = "QUERY", default_value = "")]
    query: String,

    /// These attributes of each, or what stands at these paths, with commas between
    #[arg(short, long, value_name = "PATHS")]
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
        let schemas = schemas(&repo, &self.kind)?;
        let columns = self.columns(&schemas)?;
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
            shell.print(lines_of(&columns, &versions, &view)?)?;
        }
        if let Some(next) = next {
            shell.note(format_args!("there may be more: --after {next}"));
        }
        Ok(Exit::Ok)
    }

    /// The paths that are shown, as they were written.
    fn columns(&self, schemas: &[Schema]) -> Result<Vec<(String, Path)>> {
        let attributes = schemas.iter().flat_map(|schema| &schema.attributes);
        let names: Vec<&str> = attributes.map(|known| known.name.as_str()).collect();
        let mut columns = Vec::new();
        for text in self.show.iter().flat_map(|list| places::split(list)) {
            let path = places::path(text, &names)?;
            path.check(schemas)?;
            columns.push((text.to_owned(), path));
        }
        Ok(columns)
    }
}

/// All that is known of a kind.
fn schemas(repo: &Repo, kind: &str) -> Result<Vec<Schema>> {
    let schemas: Vec<Schema> = repo.schemas()?.into_iter().filter(|schema| schema.kind == kind).collect();
    if schemas.is_empty() {
        kinds::find(repo, kind)?;
    }
    Ok(schemas)
}

fn lines_of(columns: &[(String, Path)], versions: &[Version], view: &View) -> Result<String> {
    let Some(first) = versions.first().filter(|_| !columns.is_empty()) else {
        let row = |version: &Version| {
            let (hash, time) = (show::short(version.hash()), show::time(version.committed()));
            [hash, time, show::name(version.key())]
        };
        let rows: Vec<_> = versions.iter().map(row).collect();
        return Ok(table(["VERSION", "COMMITTED", "OBJECT"], &rows));
    };
    let schema = view.schema_of(first.kind())?;
    let mut rows = Vec::new();
    for version in versions {
        let values = view.values(version)?;
        let object = Object { version, values: &values, schema: None };
        let mut row = vec![show::name(version.key())];
        for (_, path) in columns {
            let value = path.read(&object)?;
            let is_there = match &path.root {
                Root::Attribute(name) => !value.is_null() || values.contains_key(name),
                _ => true,
            };
            let place = places::end(path, schema.as_ref());
            let text = if is_there { places::plain(&value, place.as_ref()) } else { String::new() };
            row.push(text.replace('\n', " "));
        }
        rows.push(row);
    }
    let head = ["OBJECT"].into_iter().chain(columns.iter().map(|(text, _)| text.as_str())).collect();
    let rows = rows.iter().map(|row| row.iter().map(String::as_str).collect());
    Ok(lines(&std::iter::once(head).chain(rows).collect::<Vec<_>>()))
}

fn object(version: &Version, view: &View) -> Result<Json> {
    let mut object = show::object(version);
    object.insert("values".into(), show::values(&view.values(version)?));
    Ok(object.into())
}
