//! `schema`: what the kinds of objects are made of.

use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, show};
use crate::repo::decisions_kind;
use crate::schema::{Schema as Known, SchemaChange, SchemaIssue, Type};
use crate::{Error, ErrorKind, Result};
use serde_json::json;
use std::io::Read;

/// Show the schemas, or add one
///
/// A schema says of a kind of objects which attributes they have, of which type, and by which rule each merges. The
/// programs that write a repo store theirs in it, and it syncs. Where there is no program yet, `schema add` brings one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore schema
  dronestore schema show Note
  dronestore schema add note.schema")]
pub(in crate::cli) struct Schema {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Show(Show),
    Add(Add),
}

/// Show the schema of a kind, as a struct
///
/// With several programs of several ages all that they store is shown as one. What it prints can be added elsewhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore schema show Note
  dronestore schema show Note --json > note.json")]
struct Show {
    /// The kind
    #[arg(value_name = "KIND")]
    kind: String,
}

/// Add the schema of a kind
///
/// The file has the struct as a program would have it, with those that are nested in it behind it; or a schema as
/// JSON; or the lock of one. The same kind may be added again with more attributes: what is stored stays, and so a
/// strategy is not changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A file:
  struct Note {
      #[merge(text)]     text: String,
      #[merge(set)]      tags: BTreeSet<String>,
      #[merge(counter)]  visits: u64,
      #[merge(conflict)] shop: String,
  }

Strategies: latest, latest_object, max, min, first, counter, flag, set, set(remove_wins),
set(latest), set(once), union, text, list, list(moves), list(nested), map(…), nested,
conflict, rank(…), first_non_empty, max_by(…), min_by(…), any_of(…), clamp(…).

Examples:
  dronestore schema add note.schema
  dronestore schema show Note | dronestore --repo ../other schema add -")]
struct Add {
    /// The file; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: String,
}

/// Refuses what would be hidden: another strategy is another attribute, and only one of two of a name is shown and
/// written.
fn refuse_changes(schema: &Known, stored: &Known) -> Result<()> {
    for issue in schema.issues(stored) {
        let SchemaIssue { kind, attribute, what } = issue;
        let was = match what {
            SchemaChange::Strategy { here, stored } if here != stored => {
                format!("merges by `{stored}`, and would by `{here}`")
            }
            SchemaChange::Type { here, stored } if !is_alike(&Type::parse(&here), &Type::parse(&stored)) => {
                format!("is of type `{stored}`, and would be of type `{here}`")
            }
            _ => continue,
        };
        let message = format!(
            "`{attribute}` of `{kind}` {was}: what is stored stays as it is, so give the new attribute a name of its own"
        );
        return Err(Error::new(ErrorKind::Refused, message));
    }
    Ok(())
}

/// Whether what one program writes another may read: a wider number, an option around it.
fn is_alike(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Option(one), Type::Option(other)) => is_alike(one, other),
        (Type::Option(one), other) | (other, Type::Option(one)) => is_alike(one, other),
        (Type::Integer(_) | Type::Float(_), Type::Integer(_) | Type::Float(_)) => true,
        (Type::List(one), Type::List(other)) | (Type::Set(one), Type::Set(other)) => is_alike(one, other),
        (Type::Map(key, one), Type::Map(other_key, other)) => {
            is_alike(key, other_key) && is_alike(one, other)
        }
        (Type::Other(_), _) | (_, Type::Other(_)) => true,
        (one, other) => one == other,
    }
}

impl Schema {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        match self.command {
            None => list(shell),
            Some(Command::Show(show)) => show.run(shell),
            Some(Command::Add(add)) => add.run(shell),
        }
    }
}

fn list(shell: &mut Shell<'_, '_>) -> Result<Exit> {
    let repo = shell.open()?;
    let mut schemas = repo.schemas()?;
    schemas.retain(|schema| schema.kind != decisions_kind());
    shell.answer(json!({ "schemas": schemas }))?;
    for schema in &schemas {
        shell.say(schema)?;
    }
    Ok(Exit::Ok)
}

impl Show {
    fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        kinds::find(&repo, &self.kind)?;
        let schema = repo.schema_of(&self.kind)?.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("no schema of kind `{}` is here", self.kind.escape_debug()),
            )
        })?;
        shell.answer(json!(schema))?;
        shell.say(schema)?;
        Ok(Exit::Ok)
    }
}

impl Add {
    fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let name = if self.file == "-" { "the standard input" } else { &self.file };
        // What is wrong with a text is a matter of how it was typed.
        let wrong = |error: Error| error.of_kind(ErrorKind::InvalidValue).at(name);
        let schema = Known::parse(&self.text(shell)?).map_err(wrong)?;
        if schema.kind == decisions_kind() {
            let message = format!("the kind `{}` is the library's own", schema.kind);
            return Err(Error::new(ErrorKind::Refused, message));
        }
        if let Some(stored) = repo.schema_of(&schema.kind)? {
            refuse_changes(&schema, &stored)?;
        }
        let is_new = repo.add_schema(&schema)?;
        shell.answer(json!({ "kind": schema.kind, "new": is_new }))?;
        let (kind, count) = (&schema.kind, show::count(schema.attributes.len() as u64, "attribute"));
        match is_new {
            true => shell.say(format_args!("added {kind}, {count}"))?,
            false => shell.say(format_args!("{kind} was known already"))?,
        }
        let now = repo.schema_of(&schema.kind)?;
        for issue in now.iter().flat_map(|now| now.issues(&schema)) {
            let SchemaIssue { attribute, what, .. } = issue;
            match what {
                SchemaChange::Type { here, stored } => shell.note(format_args!(
                    "`{attribute}` goes on as `{here}`, which it is by another schema here, and not as `{stored}`"
                )),
                SchemaChange::Default { .. } | SchemaChange::Reading { .. } => shell.note(format_args!(
                    "`{attribute}` goes on as another schema here has it: `dronestore schema show {}`",
                    schema.kind
                )),
                _ => {}
            }
        }
        Ok(Exit::Ok)
    }

    fn text(&self, shell: &mut Shell<'_, '_>) -> Result<String> {
        let mut text = String::new();
        let read = match self.file.as_str() {
            "-" => shell.io.input.read_to_string(&mut text),
            name => std::fs::File::open(shell.path(name.as_ref()))
                .and_then(|mut file| file.read_to_string(&mut text)),
        };
        read.map_err(|error| {
            let kind = match error.kind() {
                std::io::ErrorKind::NotFound => ErrorKind::NotFound,
                _ => ErrorKind::Store,
            };
            Error::new(kind, format!("`{}` cannot be read", self.file)).with_source(error)
        })?;
        Ok(text)
    }
}
