//! A web server that hands out files, as a shared folder to pull from.

use super::index;
use super::storage::{Entry, Storage, not_found, too_long};
use dronestore_core::{Error, ErrorKind, Result};
use std::io::Read;
use std::time::Duration;
use ureq::Agent;

/// The longest index that is read.
const MOST_INDEX: u64 = 16 << 20;
/// How long connecting may take, how long the beginning of an answer, how long all of it.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);
const WHOLE: Duration = Duration::from_secs(600);

/// A published folder behind a plain web server, which only has to hand out files. For [`pull`](crate::Repo::pull) alone.
///
/// Publish into a directory that the server shows, with [`Folder::with_index`](super::Folder::with_index).
#[derive(Debug)]
pub struct WebFolder {
    agent: Agent,
    index: String,
    base: String,
}

impl WebFolder {
    /// The folder with this index: `https://host/people/laptop.index`.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) for an address that is not of HTTP, or not of an index.
    pub fn new(index: &str) -> Result<WebFolder> {
        let is_web = index.starts_with("http://") || index.starts_with("https://");
        let (base, _) =
            index.rsplit_once('/').filter(|_| is_web && index.ends_with(".index")).ok_or_else(|| {
                let message =
                    format!("`{index}` is not the address of an index, as `https://host/folder/name.index`");
                Error::new(ErrorKind::Unsupported, message)
            })?;
        let config = Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_global(Some(WHOLE));
        Ok(WebFolder { agent: config.build().into(), index: index.to_owned(), base: base.to_owned() })
    }

    fn fetch(&self, url: &str, most: u64) -> Result<Vec<u8>> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Store, format!("`{url}` cannot be read")).with_source(error)
        };
        let answer = self.agent.get(url).call().map_err(|error| match error {
            ureq::Error::StatusCode(404 | 410) => not_found(url),
            error => failed(error.into()),
        })?;
        let mut bytes = Vec::new();
        let mut body = answer.into_body().into_reader().take(most.saturating_add(1));
        let read = body.read_to_end(&mut bytes).map_err(|error| failed(error.into()))?;
        if read as u64 > most { Err(too_long(url)) } else { Ok(bytes) }
    }

    fn read_only(&self) -> Error {
        Error::new(
            ErrorKind::Unsupported,
            format!("{} is read only: publish where its files are", self.describe()),
        )
    }
}

impl Storage for WebFolder {
    fn list(&self) -> Result<Vec<Entry>> {
        index::read(&self.fetch(&self.index, MOST_INDEX)?)
    }

    fn get(&self, name: &str, most: u64) -> Result<Vec<u8>> {
        self.fetch(&format!("{}/{name}", self.base), most)
    }

    fn put_new(&self, _name: &str, _bytes: &[u8]) -> Result<()> {
        Err(self.read_only())
    }

    fn put(&self, _name: &str, _bytes: &[u8]) -> Result<()> {
        Err(self.read_only())
    }

    fn delete(&self, _name: &str) -> Result<()> {
        Err(self.read_only())
    }

    fn describe(&self) -> String {
        format!("`{}`", self.index)
    }
}
