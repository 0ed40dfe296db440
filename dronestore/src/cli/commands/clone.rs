//! `clone`: a replica of another repo.

use super::init::create;
use crate::bundle::{Bundle, Summary};
use crate::cli::other::{Other, Terms, is_address};
use crate::cli::place::{self, NAME};
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, show};
use crate::sync::{Session, meet};
use crate::{DatabaseId, Error, ErrorKind, Repo, Result};
use serde_json::json;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Make a replica of another repo
///
/// The replica has all that the other one has, and an actor of its own. Both can be edited from then on, apart from
/// one another, and be brought together again by `sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore clone ../notes
  dronestore clone ../notes copy
  dronestore clone tcp://192.168.1.7:7070 notes
  dronestore clone ../notes red --scope /Team:red
  dronestore clone ~/Dropbox/notes phone
  dronestore clone notes.bundle phone")]
pub(in crate::cli) struct Clone {
    /// The other repo: its folder or file, the address where it is served, a shared folder, or a bundle
    #[arg(value_name = "FROM")]
    from: String,

    /// The folder of the replica; named as the other one if not given
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    #[command(flatten)]
    terms: Terms,
}

/// Where the data comes from.
enum Source {
    Repo(Repo),
    Bundle(PathBuf, Box<Summary>),
    Elsewhere(Other),
}

impl Clone {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let folder = match shell.new_folder(self.folder.clone())? {
            Some(folder) => folder,
            None => self.name()?,
        };
        let at = shell.path(&folder);
        let existed = at.exists();
        let (source, database) = self.source(shell)?;
        let (path, repo) = create(&at, database, shell)?;
        let progress = shell.progress("cloning", None);
        let copied = self.copy(&repo, &source, shell);
        drop(progress);
        if copied.is_err() {
            drop(repo);
            // What was made for the replica goes with it.
            let _ = std::fs::remove_file(&path);
            if !existed {
                let _ = std::fs::remove_dir(&at);
            }
            copied?;
            return Ok(Exit::Failed);
        }
        let is_whole = match &source {
            Source::Bundle(_, summary) => summary.is_full(),
            _ => self.terms.scope.is_none(),
        };
        shell.answer(json!({
            "repo": path.display().to_string(),
            "from": self.from,
            "database": repo.database().to_string(),
            "actor": repo.actor().to_string(),
            "objects": repo.len(),
            "whole": is_whole,
        }))?;
        let (shown, database) = (folder.join(NAME), show::short(repo.database()));
        let objects = show::count(repo.len(), "object");
        shell.say(format_args!("made {}, a replica of database {database}; {objects}", shown.display()))?;
        if !is_whole && matches!(source, Source::Bundle(..)) {
            shell.note(
                "the bundle has only a part of its repo: sync, or import the other parts, for the rest",
            );
        }
        Ok(Exit::Ok)
    }

    /// Opens what is cloned, and says of which database it is, where that is known beforehand.
    fn source(&self, shell: &Shell<'_, '_>) -> Result<(Source, Option<DatabaseId>)> {
        let path = match Other::find(&self.from, shell)? {
            Other::Repo(path) => path,
            other => return Ok((Source::Elsewhere(other), None)),
        };
        if let Some(Ok(bundle)) = File::open(&path).ok().map(Bundle::read) {
            let summary = bundle.summary().clone();
            let database = summary.database();
            return Ok((Source::Bundle(path, Box::new(summary)), Some(database)));
        }
        let repo = place::open(&path, shell.io.clock.clone())?;
        let database = repo.database();
        Ok((Source::Repo(repo), Some(database)))
    }

    /// Brings all that the source has.
    fn copy(&self, repo: &Repo, source: &Source, shell: &Shell<'_, '_>) -> Result<()> {
        match source {
            Source::Elsewhere(Other::Served(address)) => self.terms.call(repo, address, shell).map(|_| ()),
            Source::Elsewhere(Other::Shared(folder)) => {
                self.terms.whole(&self.from)?;
                let report = repo.pull(folder)?;
                match report.segments {
                    0 => Err(nothing(&self.from)),
                    _ => Ok(()),
                }
            }
            Source::Bundle(path, _) => {
                self.terms.whole(&self.from)?;
                let file = File::open(path).map_err(|error| crate::cli::other::unread(path, error))?;
                repo.import_bundle(BufReader::new(file)).map(|_| ())
            }
            Source::Repo(source) if self.terms.scope.is_some() => {
                kinds::check_scope(source, &self.terms.scope())?;
                meet(Session::call(repo).within(self.terms.scope()), Session::answer(source)).map(|_| ())
            }
            Source::Repo(source) => copy(repo, source),
            Source::Elsewhere(Other::Repo(_)) => Err(nothing(&self.from)),
        }
    }

    /// The last part of the source's path.
    fn name(&self) -> Result<PathBuf> {
        let path = Path::new(&self.from);
        let path = if path.ends_with(NAME) { path.parent().unwrap_or(path) } else { path };
        let name = if is_address(&self.from) { None } else { path.file_stem() };
        name.map(PathBuf::from).ok_or_else(|| {
            let message = format!("`{}` gives no name for the replica: give a folder", self.from);
            Error::new(ErrorKind::InvalidValue, message)
        })
    }
}

fn nothing(from: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is nothing to read in `{from}`"))
}

fn copy(repo: &Repo, source: &Repo) -> Result<()> {
    // Those of a repo without objects too, or nothing could be written in the replica.
    repo.keep_schemas_of(source)?;
    repo.merge(source).map(|_| ())
}
