//! `init`: a new repo.

use crate::cli::place::{NAME, Shared};
use crate::cli::shell::{Shell, unwritten};
use crate::cli::{Exit, show};
use crate::stores::RedbStore;
use crate::{DatabaseId, Error, ErrorKind, Repo, Result};
use serde_json::json;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Make a repo in a folder
///
/// The repo is the file `.drone` in the folder, which is made too where it is not there. It begins a database of its
/// own; `clone` makes a replica of one that exists.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dronestore init
  dronestore init notes
  dronestore init --database 1f9c02aa54d10b3c8e7f6a5b4c3d2e1f notes")]
pub(in crate::cli) struct Init {
    /// The folder; the one you are in if not given
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Make it a replica of this database (`info` says which it is), to be synced later
    #[arg(long, value_name = "ID")]
    database: Option<DatabaseId>,
}

impl Init {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let folder: PathBuf = shell
            .new_folder(self.folder)?
            .iter()
            .flat_map(|folder| folder.components())
            .filter(|part| *part != Component::CurDir)
            .collect();
        let (path, repo) = create(&shell.path(&folder), self.database, shell)?;
        shell.answer(json!({
            "repo": path.display().to_string(),
            "database": repo.database().to_string(),
            "actor": repo.actor().to_string(),
        }))?;
        let shown = folder.join(NAME);
        shell.say(format_args!("made {}, database {}", shown.display(), show::short(repo.database())))?;
        Ok(Exit::Ok)
    }
}

/// Makes the repo of a folder, and the folder.
pub(super) fn create(
    folder: &Path,
    database: Option<DatabaseId>,
    shell: &Shell<'_, '_>,
) -> Result<(PathBuf, Repo)> {
    let failed = |error| {
        let message = format!("the folder `{}` cannot be made", folder.display());
        Error::new(ErrorKind::Store, message).with_source(error)
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let path = folder.join(NAME);
    let store = RedbStore::create(&path).map_err(|error| match error.is_conflict() {
        true => Error::new(ErrorKind::Refused, format!("there is a repo already: `{}`", shell.shown(&path))),
        false => error,
    })?;
    let mut builder = Repo::builder().store(Arc::new(store)).clock(Shared(shell.io.clock.clone()));
    if let Some(database) = database {
        builder = builder.database(database);
    }
    let repo = builder.open();
    if repo.is_err() {
        // What is no repo is not left there for one.
        std::fs::remove_file(&path).map_err(unwritten)?;
    }
    Ok((path, repo?))
}
