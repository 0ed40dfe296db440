//! Reading a bundle: each block is verified and merged before the next is looked at.

use super::block;
use super::frame::{Check, Incoming, kind};
use super::options::{Progress, Tell};
use super::summary::Summary;
use super::write::end_hash;
use crate::repo::{Arrival, DatabaseId, MergeReport, Remembered, Repo, other_database, rows};
use crate::sync::digest;
use dronestore_core::bytes::Reader;
use dronestore_core::schema::Schema;
use dronestore_core::{Error, Hash, Result, Version};
use std::fmt;
use std::io::Read;

/// The longest schema.
const MAX_SCHEMA: usize = 1 << 20;

/// A bundle whose beginning has been read.
///
/// ```
/// use dronestore::bundle::{Bundle, BundleOptions};
/// use dronestore::{Drone, Repo};
///
/// # #[derive(Drone)] struct Note { #[merge(latest)] text: String }
/// let (phone, laptop) = (Repo::memory()?, Repo::memory()?);
/// phone.update::<Note>("a", |note| { note.text = "from the phone".into(); Ok(()) })?;
/// let mut bytes = Vec::new();
/// phone.write_bundle(&mut bytes, BundleOptions::new())?;
///
/// let bundle = Bundle::read(&bytes[..])?;
/// assert!(bundle.summary().is_full());
/// assert_eq!(bundle.summary().kinds, [("Note".to_owned(), 1)]);
/// assert_eq!(bundle.import_into(&laptop)?.new, 1);
/// assert_eq!(laptop.hash(), phone.hash());
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct Bundle<'p, R> {
    incoming: Incoming<R>,
    summary: Summary,
    head: Check,
    foreign: bool,
    progress: Option<Tell<'p>>,
    blocks: u64,
    objects: u64,
    schemas: u64,
}

/// What a block holds.
enum Block {
    Objects(Vec<u8>),
    Schemas(Vec<Vec<u8>>),
}

impl Repo {
    /// Merges a bundle that another replica has written, block by block, each in one durable batch.
    ///
    /// Importing it again changes nothing. An empty repo joins the database of the bundle.
    ///
    /// # Errors
    /// [`Mismatch`](crate::ErrorKind::Mismatch) for a bundle of another database: nothing of it is taken,
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where it is cut or damaged: the blocks before that are kept, and the message says
    /// how many objects they held; [`Store`](crate::ErrorKind::Store) where it cannot be read; and as
    /// [`Repo::merge`].
    ///
    /// Cost: some 10 µs an object; memory for some thousand objects, whatever their number.
    pub fn import_bundle(&self, input: impl Read) -> Result<MergeReport> {
        Bundle::read(input)?.import_into(self)
    }
}

impl<'p, R: Read> Bundle<'p, R> {
    /// Reads the beginning of a bundle, and no more than that.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where it is none, or damaged; [`Unsupported`](crate::ErrorKind::Unsupported)
    /// for one of a later format; [`Store`](crate::ErrorKind::Store) where it cannot be read.
    pub fn read(input: R) -> Result<Self> {
        let mut incoming = Incoming::new(input)?;
        let (kind, body, head) = incoming.frame()?;
        if kind != kind::HEAD {
            return Err(Error::corrupt("a bundle does not begin with its head"));
        }
        let summary = Summary::decode(&body)?;
        let progress = None;
        Ok(Bundle { incoming, summary, head, foreign: false, progress, blocks: 0, objects: 0, schemas: 0 })
    }

    /// What it says of itself.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Mixes the data of two databases on purpose; the two stay two databases.
    #[must_use]
    pub fn foreign(mut self) -> Self {
        self.foreign = true;
        self
    }

    /// Tells after each block how far it is.
    #[must_use]
    pub fn progress(mut self, tell: impl FnMut(&Progress) + 'p) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }

    /// Reads it to its end and merges nothing: whether it is whole, and nothing was damaged on the way.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where it is not, saying how far it is good.
    ///
    /// Cost: a hash over the bytes; blocks are not unpacked.
    pub fn check(mut self) -> Result<Summary> {
        while let Some(block) = self.next()? {
            if let Block::Objects(body) = block {
                self.objects += block::count(&body).map_err(|error| self.at(error))?;
            }
        }
        if !self.incoming.is_at_end()? {
            return Err(self.at(Error::corrupt("something follows the end")));
        }
        Ok(self.summary)
    }

    /// Merges it, as [`Repo::import_bundle`] does.
    ///
    /// # Errors
    /// As [`Repo::import_bundle`].
    pub fn import_into(self, repo: &Repo) -> Result<MergeReport> {
        self.import_each(repo, &mut |_, _| Ok(()))
    }

    /// As [`Bundle::import_into`]; tells of each batch that brought news what it came to and which row of the change log
    /// it began with.
    pub(crate) fn import_each(
        mut self,
        repo: &Repo,
        each: &mut dyn FnMut(&MergeReport, u64) -> Result<()>,
    ) -> Result<MergeReport> {
        let database = self.joins(repo)?;
        let mut report = MergeReport::default();
        if self.summary.repo_objects == 0 && repo.is_empty() {
            // Nothing will come that would have it join.
            repo.take_in(&[], &[], database)?;
        }
        while let Some(block) = self.next()? {
            let (arrivals, schemas) = self.unpack(block).map_err(|error| self.at(error))?;
            let (part, _, first) =
                repo.take_in_at(&arrivals, &schemas, database).map_err(|error| self.at(error))?;
            self.objects += arrivals.len() as u64;
            if part.has_news() {
                each(&part, first)?;
            }
            report.add(part);
            if let Some(progress) = &mut self.progress {
                let (objects, of, bytes) = (self.objects, self.summary.objects, self.incoming.bytes);
                progress(&Progress { objects, of, bytes });
            }
        }
        self.remember(repo)?;
        Ok(report)
    }

    /// Which database the bundle is of; `None` where two are mixed on purpose.
    fn joins(&self, repo: &Repo) -> Result<Option<DatabaseId>> {
        let (ours, theirs) = (repo.database(), self.summary.database());
        if self.foreign {
            return Ok(None);
        }
        if ours != theirs && !repo.is_empty() {
            return Err(other_database(ours, theirs));
        }
        Ok(Some(theirs))
    }

    /// The next block; at the end, what that says is compared with what came.
    fn next(&mut self) -> Result<Option<Block>> {
        let (kind, body, _) = self.incoming.frame().map_err(|error| self.at(error))?;
        match kind {
            kind::OBJECTS => {
                self.blocks += 1;
                Ok(Some(Block::Objects(body)))
            }
            kind::SCHEMAS => {
                self.blocks += 1;
                let schemas = block::decode_schemas(&body).map_err(|error| self.at(error))?;
                self.schemas += schemas.len() as u64;
                Ok(Some(Block::Schemas(schemas)))
            }
            kind::END => match self.is_end(&body) {
                Ok(true) => Ok(None),
                _ => Err(self.at(Error::corrupt("blocks are missing, or are those of another bundle"))),
            },
            _ => Err(self.at(Error::corrupt("a bundle has a second head"))),
        }
    }

    fn is_end(&self, body: &[u8]) -> Result<bool> {
        let mut reader = Reader::new(body);
        let counts = (reader.varint()?, reader.varint()?, reader.varint()?);
        let hash = Hash::from_bytes(reader.array()?);
        let expected = end_hash(&self.head, &self.incoming.chain);
        Ok(counts == (self.blocks, self.objects, self.schemas) && hash == expected && reader.is_empty())
    }

    #[allow(clippy::type_complexity, reason = "what the gate takes")]
    fn unpack(&self, block: Block) -> Result<(Vec<Arrival>, Vec<(Vec<u8>, Vec<u8>)>)> {
        match block {
            Block::Objects(body) => {
                let arrival = |version: Version| Arrival { version, asks: false, came_of: None };
                Ok((block::decode(&body)?.into_iter().map(arrival).collect(), Vec::new()))
            }
            Block::Schemas(schemas) => {
                Ok((Vec::new(), schemas.into_iter().map(schema_row).collect::<Result<_>>()?))
            }
        }
    }

    /// Where both hold the same now, that is remembered, as after a session.
    fn remember(&self, repo: &Repo) -> Result<()> {
        let Summary { repo_objects, repo_hash, .. } = self.summary;
        let totals = repo.totals();
        let is_same = (totals.meta.objects, totals.meta.hash()) == (repo_objects, repo_hash);
        if is_same && !repo.is_empty() && repo.actor() != self.summary.actor() && !self.foreign {
            // The totals are those of one moment: the log gets that row next.
            let point = Remembered { sequence: totals.next_row, digest: digest(&totals.meta) };
            repo.remember((&self.summary.actor(), &[]), point)?;
        }
        Ok(())
    }

    /// Says how far it came.
    fn at(&self, error: Error) -> Error {
        let Summary { objects, .. } = self.summary;
        error.at(format_args!("after {} of {objects} objects, {} blocks", self.objects, self.blocks))
    }
}

fn schema_row(bytes: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>)> {
    if bytes.len() > MAX_SCHEMA {
        return Err(Error::corrupt("a schema of more than 1 MiB is not accepted"));
    }
    let kind = Schema::from_bytes(&bytes)?.kind;
    if kind.is_empty() || kind.len() > 255 || kind.contains('\0') {
        return Err(Error::corrupt("a schema is of no kind"));
    }
    Ok((rows::schema(&kind, &Hash::of(&bytes)), bytes))
}

impl<R> fmt::Debug for Bundle<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle").field("summary", &self.summary).finish_non_exhaustive()
    }
}
