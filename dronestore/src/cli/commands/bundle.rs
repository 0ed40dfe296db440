//! `bundle`: a repo, or what has changed in it, as one file.

use super::{note_conflicts, refuse_to_overwrite};
use crate::bundle::{Bundle as Reader, BundleOptions, Summary};
use crate::cli::other::unread;
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, show};
use crate::sync::Scope;
use crate::{Point, Result};
use serde_json::{Map, Value as Json, json};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// Write the repo as one file, or merge such a file
///
/// For a stick, a mail, a download, a backup. A bundle has everything, or what has changed since an earlier one; it is
/// checked block by block. Importing one again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore bundle write notes.bundle
  dronestore bundle write later.bundle --since notes.bundle
  dronestore bundle import notes.bundle")]
pub(in crate::cli) struct Bundle {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Write(Write),
    Import(Import),
    Info(Info),
}

/// Write a bundle
///
/// The file is there as a whole or not at all; one that is there already is not written over without `--force`. Where it
/// cannot be told any more what has changed since then, it has everything, and says so.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore bundle write notes.bundle
  dronestore bundle write later.bundle --since notes.bundle
  dronestore bundle write red.bundle --scope Note,/Team:red")]
struct Write {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Only what has changed since then: an earlier bundle, or the `point` of one
    #[arg(long, value_name = "BUNDLE")]
    since: Option<String>,

    /// Only this part: kinds, and keys with what is below them
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,

    /// Over a file that is there already
    #[arg(long)]
    force: bool,
}

/// Merge a bundle
///
/// A repo without objects joins the database of the bundle. What is damaged ends the import; what stood before it is
/// kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore bundle import notes.bundle
  curl -s https://example.org/notes.bundle | dronestore bundle import -")]
struct Import {
    /// The file; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Also where the bundle is of another database
    #[arg(long)]
    foreign: bool,
}

/// Say what is in a bundle
///
/// Reads its beginning only; with `--check` all of it, and whether anything is cut or damaged. No repo is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore bundle info notes.bundle
  dronestore bundle info notes.bundle --check --json")]
struct Info {
    /// The file; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Read all of it
    #[arg(long)]
    check: bool,
}

impl Bundle {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        match self.command {
            Command::Write(command) => command.run(shell),
            Command::Import(command) => command.run(shell),
            Command::Info(command) => command.run(shell),
        }
    }
}

impl Write {
    fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let path = shell.path(&self.file);
        refuse_to_overwrite(&self.file, &path, self.force)?;
        let repo = shell.open()?;
        if let Some(scope) = &self.scope {
            kinds::check_scope(&repo, scope)?;
        }
        let since = self.since.as_deref().map(|text| point(text, shell)).transpose()?;
        let bar = shell.progress("writing", Some(repo.len()));
        let mut options = BundleOptions::new().progress(|progress| bar.reach(progress.objects));
        if let Some(since) = &since {
            options = options.since(since);
        }
        if let Some(scope) = self.scope {
            options = options.within(scope);
        }
        let report = repo.bundle_with(path, options)?;
        drop(bar);
        let (file, summary) = (self.file.display(), &report.summary);
        let mut answer = members(summary);
        answer.insert("file".into(), file.to_string().into());
        answer.insert("bytes".into(), report.bytes.into());
        answer.insert("too_large".into(), show::keys(&report.too_large));
        shell.answer(answer.into())?;
        shell.say(format_args!("wrote {file}: {summary}; {}", show::count(report.bytes, "byte")))?;
        if since.is_some() && summary.since.is_none() {
            shell.note("it has everything: what has changed since then cannot be told any more");
        }
        for key in &report.too_large {
            shell.note(format_args!("{} is too large to travel", show::name(key)));
        }
        Ok(if report.too_large.is_empty() { Exit::Ok } else { Exit::Found })
    }
}

impl Import {
    fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let report = match self.file.as_os_str() == "-" {
            true => import(&repo, &mut *shell.io.input, self.foreign)?,
            false => {
                let bar = shell.progress("importing", None);
                let report = import(&repo, open(&self.file, shell)?, self.foreign)?;
                drop(bar);
                report
            }
        };
        shell.answer(show::merge(&report))?;
        shell.say(&report)?;
        note_conflicts(&report, shell);
        Ok(if report.forked.is_empty() { Exit::Ok } else { Exit::Found })
    }
}

fn import(repo: &crate::Repo, input: impl Read, foreign: bool) -> Result<crate::repo::MergeReport> {
    let bundle = Reader::read(input)?;
    if foreign { bundle.foreign().import_into(repo) } else { bundle.import_into(repo) }
}

impl Info {
    fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let summary = match self.file.as_os_str() == "-" {
            true => look(&mut *shell.io.input, self.check)?,
            false => look(open(&self.file, shell)?, self.check)?,
        };
        shell.answer(members(&summary).into())?;
        shell.say(&summary)?;
        if let Some(since) = &summary.since {
            shell.say(format_args!("since a point of {}", show::short(since.actor)))?;
        }
        if self.check {
            shell.say("nothing is cut or damaged")?;
        }
        Ok(Exit::Ok)
    }
}

fn look(input: impl Read, all: bool) -> Result<Summary> {
    let bundle = Reader::read(input)?;
    if all { bundle.check() } else { Ok(bundle.summary().clone()) }
}

fn open(path: &Path, shell: &Shell<'_, '_>) -> Result<BufReader<File>> {
    let file = File::open(shell.path(path)).map_err(|error| unread(path, error))?;
    Ok(BufReader::new(file))
}

/// The point that a text is, or that of the bundle in a file.
fn point(text: &str, shell: &Shell<'_, '_>) -> Result<Point> {
    match text.parse() {
        Ok(point) => Ok(point),
        Err(_) => Ok(look(open(Path::new(text), shell)?, false)?.point),
    }
}

fn members(summary: &Summary) -> Map<String, Json> {
    let kinds: Map<String, Json> =
        summary.kinds.iter().map(|(kind, count)| (kind.clone(), (*count).into())).collect();
    let members = json!({
        "database": summary.database().to_string(),
        "actor": summary.actor().to_string(),
        "point": summary.point.to_string(),
        "since": summary.since.map(|since| since.to_string()),
        "scope": summary.scope.to_string(),
        "full": summary.is_full(),
        "made": summary.made.to_string(),
        "objects": summary.objects,
        "kinds": kinds,
    });
    match members {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}
