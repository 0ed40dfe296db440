//! The other side of a sync: where it is, whom to trust, which part of it.

use super::kinds;
use super::place::{self, NAME};
use super::shell::Shell;
use crate::folder::{Folder, WebFolder};
use crate::sync::{Identity, Pin, Scope, SyncOptions, check_address};
use crate::{Error, ErrorKind, Repo, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where another replica can be met.
pub(super) enum Other {
    /// It is served there.
    Served(String),
    /// A folder that replicas share: in a directory, or behind a web server.
    Shared(Folder),
    /// The file of a repo.
    Repo(PathBuf),
}

impl Other {
    /// What a text means: an address, an index behind a web server, a path.
    pub(super) fn find(text: &str, shell: &Shell<'_, '_>) -> Result<Other> {
        let is_web = text.starts_with("http://") || text.starts_with("https://");
        if is_web && text.ends_with(".index") {
            return Ok(Other::Shared(Folder::new(Arc::new(WebFolder::new(text)?))));
        }
        if is_address(text) {
            check_address(text).map_err(|error| error.of_kind(ErrorKind::InvalidValue))?;
            return Ok(Other::Served(text.to_owned()));
        }
        let path = shell.path(Path::new(text));
        refuse_address(text, &path)?;
        match path.is_dir() && !path.join(NAME).exists() && is_shared(&path) {
            true => Ok(Other::Shared(Folder::open(&path)?)),
            false => Ok(Other::Repo(place::file_of(&path))),
        }
    }
}

/// Whether a place to sync with is an address and no path.
pub(super) fn is_address(place: &str) -> bool {
    place.contains("://") || place.starts_with("exec:")
}

/// Refuses what is no path and would be taken for one.
fn refuse_address(text: &str, path: &Path) -> Result<()> {
    let (authority, rest) = text.split_at(text.find('/').unwrap_or(text.len()));
    let is_one = authority
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && !host.contains('\\') && port.parse::<u16>().is_ok());
    if !is_one || path.exists() {
        return Ok(());
    }
    let scheme = if rest.is_empty() { "tcp" } else { "https" };
    let message = format!(
        "there is no file or folder `{text}`; an address begins with how it is called, as `{scheme}://{text}`"
    );
    Err(Error::new(ErrorKind::InvalidValue, message))
}

/// Refuses what is no path of a repo where only that will do.
pub(super) fn refuse_no_path(place: &Path, shell: &Shell<'_, '_>) -> Result<()> {
    let Some(text) = place.to_str() else { return Ok(()) };
    if is_address(text) {
        let message =
            format!("`{text}` is an address, and the path of a repo is wanted: `sync` meets an address");
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let path = shell.path(place);
    refuse_address(text, &path)?;
    if path.is_dir() && !path.join(NAME).exists() && is_shared(&path) {
        let message =
            format!("`{text}` is a shared folder and no repo: `sync`, `pull`, `publish` and `clone` take it");
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(())
}

/// Whether somebody has published into a directory.
fn is_shared(path: &Path) -> bool {
    let Ok(mut entries) = path.read_dir() else { return false };
    entries.any(|entry| {
        let name = entry.map(|entry| entry.file_name()).unwrap_or_default();
        name.to_str().is_some_and(|name| name.ends_with(".drone") && name.split('-').count() == 5)
    })
}

/// A directory to publish into: no repo's.
pub(super) fn to_publish(text: &str, shell: &Shell<'_, '_>) -> Result<Folder> {
    let path = shell.path(Path::new(text));
    if is_address(text) || path.join(NAME).exists() || path.is_file() {
        let message = format!(
            "`{text}` is no folder to publish into: `sync` meets a repo or an address, `push` gives to a repo"
        );
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Folder::open(path)
}

/// Whom to trust, and which part is wanted.
#[derive(Debug, clap::Args)]
pub(super) struct Terms {
    /// Only this part: kinds, and keys with what is below them, as `Note,/Team:red`
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Option<Scope>,

    /// Over TLS: the other side holds the key with this pin, `sha256:…`; with several, one of them
    #[arg(long, value_name = "PIN")]
    pin: Vec<Pin>,

    /// Over TLS: a file with this side's key and certificate, made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(super) identity: Option<PathBuf>,

    /// Over TLS: trust the authorities in this file, and no others
    #[arg(long, value_name = "FILE")]
    authorities: Option<PathBuf>,

    /// Over HTTP and WebSocket: a header of each request, such as `authorization: Basic …`
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
}

impl Terms {
    /// The part that is wanted.
    pub(super) fn scope(&self) -> Scope {
        self.scope.clone().unwrap_or_default()
    }

    /// Syncs with what is served at an address.
    pub(super) fn call(
        &self,
        repo: &Repo,
        address: &str,
        shell: &Shell<'_, '_>,
    ) -> Result<crate::sync::SyncReport> {
        let report = repo.sync_with_options(address, &self.options(shell)?)?;
        kinds::check_met(repo, &self.scope())?;
        Ok(report)
    }

    /// How others are called.
    pub(super) fn options(&self, shell: &Shell<'_, '_>) -> Result<SyncOptions> {
        // Whoever typed a command wants it run.
        let mut options = SyncOptions::new().within(self.scope()).commands(true);
        for pin in &self.pin {
            options = options.pin(*pin);
        }
        if let Some(path) = &self.identity {
            options = options.identity(Identity::open(shell.path(path))?);
        }
        if let Some(path) = &self.authorities {
            let pem = std::fs::read_to_string(shell.path(path)).map_err(|error| unread(path, error))?;
            options = options.authorities(&pem)?;
        }
        for header in &self.header {
            let parts = header.split_once(':').ok_or_else(|| {
                Error::new(ErrorKind::InvalidValue, "a header is `name: value`, with a colon between the two")
            })?;
            options = options.header(parts.0.trim(), parts.1.trim());
        }
        Ok(options)
    }

    /// Refuses a part where there is only the whole.
    pub(super) fn whole(&self, of: &str) -> Result<()> {
        match &self.scope {
            None => Ok(()),
            Some(_) => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "`{of}` is read as a whole: `--scope` is for repos, for addresses and for `bundle write`"
                ),
            )),
        }
    }
}

/// A file that cannot be read.
pub(super) fn unread(path: &Path, error: std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::NotFound => ErrorKind::NotFound,
        _ => ErrorKind::Store,
    };
    Error::new(kind, format!("`{}` cannot be read", path.display())).with_source(error)
}
