//! `clone`: a replica of another repo.

use super::init::create;
use super::is_address;
use crate::cli::place::{self, NAME};
use crate::cli::shell::Shell;
use crate::cli::{Exit, show};
use crate::{Error, ErrorKind, Repo, Result};
use serde_json::json;
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
  dronestore clone tcp://192.168.1.7:7070 notes")]
pub(in crate::cli) struct Clone {
    /// The other repo: its folder or file, or the address where it is served
    #[arg(value_name = "FROM")]
    from: String,

    /// The folder of the replica; the name of the other one's if not given
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Clone {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => self.name()?,
        };
        let at = shell.path(&folder);
        let existed = at.exists();
        let (source, database) = match is_address(&self.from) {
            true => (None, None),
            false => {
                let path = place::file_of(&shell.path(Path::new(&self.from)));
                let source = place::open(&path, shell.io.clock.clone())?;
                let database = source.database();
                (Some(source), Some(database))
            }
        };
        let (path, repo) = create(&at, database, shell)?;
        let progress = shell.progress("cloning", None);
        let copied = copy(&repo, source.as_ref(), &self.from);
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
        shell.answer(json!({
            "repo": path.display().to_string(),
            "from": self.from,
            "database": repo.database().to_string(),
            "actor": repo.actor().to_string(),
            "objects": repo.len(),
        }))?;
        let (shown, database) = (folder.join(NAME), show::short(repo.database()));
        let objects = show::count(repo.len(), "object");
        shell.say(format_args!("made {}, a replica of database {database}; {objects}", shown.display()))?;
        Ok(Exit::Ok)
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

fn copy(repo: &Repo, source: Option<&Repo>, from: &str) -> Result<()> {
    let Some(source) = source else { return repo.sync(from).map(|_| ()) };
    // Those of a repo without objects too, or nothing could be written in the replica.
    for schema in source.schemas()? {
        repo.add_schema(&schema)?;
    }
    repo.merge(source).map(|_| ())
}
