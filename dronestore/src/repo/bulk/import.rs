//! Import: many objects in, in bounded durable batches.

use super::batches::Limits;
use super::progress::{Listener, Progress};
use super::{ImportItem, ImportReport};
use crate::drone::Drone;
use crate::repo::transaction::Transaction;
use crate::repo::{Repo, load};
use dronestore_core::model::{Model, changes};
use dronestore_core::schema::Schema;
use dronestore_core::{Error, ErrorKind, Key, Result, Version};
use std::fmt;
use std::sync::Arc;

/// How many objects are gathered before it is known how large they are.
const FIRST: usize = 256;

/// How objects are brought in: from an iterator, from lines of JSON, from CSV.
///
/// They are written in batches, each of them durable when the next one begins. An object that is there already gets
/// the values that came, as by [`Repo::put`], and one that reads so already is left as it is: an import that is run
/// again writes nothing twice.
///
/// **Where something fails, what came before it stays**: objects that stood in front of the one that could not be read or
/// written are durable, it and what is behind it are not there. The error says where that was and how many came before;
/// [`Import::report`] says it as data. Only where the store itself fails is its last batch missing as a whole, or
/// ([`Unknown`](crate::ErrorKind::Unknown)) in doubt: run it again.
///
/// ```
/// use dronestore::{Drone, Import, Repo};
///
/// #[derive(Drone)]
/// struct Reading {
///     #[merge(latest)]
///     celsius: f64,
/// }
///
/// let repo = Repo::memory()?;
/// let readings = (0..2500).map(|hour| (format!("{hour}"), Reading { celsius: f64::from(hour % 24) }));
/// let mut told = Vec::new();
/// let report = Import::new(&repo)
///     .batch_objects(1000)
///     .progress(|progress| told.push(progress.objects))
///     .objects(readings)?;
/// assert_eq!(report.to_string(), "2500 objects in 4 batches: 2500 written, 0 as they were");
/// assert_eq!(told, [256, 1256, 2256, 2500]);
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct Import<'i> {
    pub(super) repo: Repo,
    pub(super) limits: Limits,
    pub(super) foreign: bool,
    pub(super) models: Vec<Hooks>,
    pub(super) listener: Listener<'i>,
    pub(super) report: ImportReport,
    /// Bytes that were read, where there is a reader.
    pub(super) read: Option<u64>,
}

/// A model of this program, to write by it what comes without its Rust type.
#[derive(Clone)]
pub(super) struct Hooks {
    pub(super) schema: Arc<Schema>,
    /// Has its schema stored.
    pub(super) learn: fn(&mut Transaction<'_>) -> Result<()>,
    /// Refuses a version that its program could not read.
    pub(super) check: fn(&Transaction<'_>, &Version) -> Result<()>,
}

impl Hooks {
    fn of<T: Drone>() -> Hooks {
        let schema = T::schema();
        let nested = schema.nested.values().flatten();
        let converts = schema.attributes.iter().chain(nested).any(|attribute| attribute.convert.is_some());
        let check = if converts { check_bytes::<T> } else { check::<T> };
        Hooks { schema: Arc::new(schema), learn: |transaction| transaction.use_model::<T>(), check }
    }

    /// The schema to write by: what a conversion makes is written as it is stored, and then held to the model.
    pub(super) fn to_write(&self) -> Schema {
        let mut schema = Schema::clone(&self.schema);
        let nested = schema.nested.values_mut().flatten();
        for attribute in schema.attributes.iter_mut().chain(nested) {
            if attribute.convert.take().is_some() {
                attribute.type_text.clear();
                attribute.default = None;
            }
        }
        schema
    }
}

fn check<T: Drone>(transaction: &Transaction<'_>, version: &Version) -> Result<()> {
    load::<T>(transaction, version).map(drop)
}

/// As [`check`]; what the program would have stored for the value has to be what stands there.
fn check_bytes<T: Drone>(transaction: &Transaction<'_>, version: &Version) -> Result<()> {
    let (value, rulings) = load::<T>(transaction, version)?;
    let otherwise = changes(&value, version.key(), Some(version), rulings.as_deref())?;
    if otherwise.is_empty() {
        return Ok(());
    }
    let (key, names) = (version.key(), otherwise.join("`, `"));
    let message = format!("`{names}` of `{key}` is not as the program's conversion stores it");
    Err(Error::new(ErrorKind::InvalidValue, message))
}

impl<'i> Import<'i> {
    /// Into this repo.
    pub fn new(repo: &Repo) -> Import<'i> {
        Import {
            repo: repo.clone(),
            limits: Limits::default(),
            foreign: false,
            models: Vec::new(),
            listener: Listener::default(),
            report: ImportReport::default(),
            read: None,
        }
    }

    /// At most so many objects in one batch; 10,000 where nothing is said. That many are in memory at once.
    #[must_use]
    pub fn batch_objects(mut self, objects: usize) -> Self {
        self.limits.objects = objects.max(1);
        self
    }

    /// A batch ends with the object that brings it to so many bytes; 8 MiB where nothing is said.
    #[must_use]
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes.max(1);
        self
    }

    /// The longest line, or record of CSV, in bytes; 256 MiB where nothing is said. A longer one ends the import, and no more of it than
    /// this is ever in memory.
    #[must_use]
    pub fn line_bytes(mut self, bytes: u64) -> Self {
        self.limits.line = bytes.max(1);
        self
    }

    /// Takes versions of another database too; see [`Repo::merge_foreign`].
    #[must_use]
    pub fn foreign(mut self, foreign: bool) -> Self {
        self.foreign = foreign;
        self
    }

    /// Knows this model: objects of its kind that come as text are written by its schema, which need not be in the repo yet,
    /// and one that the program could not read afterwards is refused. An attribute with a conversion is written as it is stored,
    /// which is how an export has it.
    #[must_use]
    pub fn model<T: Drone>(mut self) -> Self {
        self.models.push(Hooks::of::<T>());
        self
    }

    /// Is told after each durable batch.
    #[must_use]
    pub fn progress(mut self, listen: impl FnMut(&Progress) + 'i) -> Self {
        self.listener = Listener::new(listen);
        self
    }

    /// What is durable so far, of all that this has imported: also after an error.
    pub fn report(&self) -> &ImportReport {
        &self.report
    }

    /// Imports names or keys with their values, or what a reader makes of them; see [`ImportItem`].
    ///
    /// No lock is held while the iterator is asked: it may take its time, and may read the repo.
    ///
    /// # Errors
    /// Of the first object that cannot be read or written, with its number; as [`Repo::put`].
    ///
    /// Cost: as [`Repo::put`] in one large [`Repo::transaction`]; memory for one batch.
    pub fn objects<I>(&mut self, objects: I) -> Result<ImportReport>
    where
        I: IntoIterator,
        I::Item: ImportItem,
    {
        let mut objects = objects.into_iter();
        let mut gathered: Vec<(Key, <I::Item as ImportItem>::Model)> = Vec::new();
        let mut taken = 0;
        loop {
            let most = self.room();
            let mut ended = None;
            gathered.clear();
            while gathered.len() < most && ended.is_none() {
                match objects.next().map(ImportItem::into_object) {
                    None => ended = Some(Ok(())),
                    Some(Err(error)) => ended = Some(Err(error)),
                    Some(Ok((key, mut value))) => {
                        value.canonicalize();
                        gathered.push((key, value));
                    }
                }
            }
            self.write_all(
                &gathered,
                |index| format!("object {}", taken + index + 1),
                |transaction, (key, value)| Ok(transaction.put_value(key, value)?.commit.is_some()),
            )?;
            taken += gathered.len();
            match ended {
                None => {}
                Some(Ok(())) => return Ok(self.report.clone()),
                Some(Err(error)) => return Err(self.ended(&format!("object {}", taken + 1), error)),
            }
        }
    }

    /// How many objects to gather: as many as one batch may have, by what the earlier ones came to.
    fn room(&self) -> usize {
        let ImportReport { objects, written, bytes, .. } = self.report;
        match (objects, written) {
            (0, _) => FIRST.min(self.limits.objects),
            (_, 0) => self.limits.objects,
            _ => {
                let each = usize::try_from(bytes / written).unwrap_or(usize::MAX).max(1);
                (self.limits.bytes / each).clamp(1, self.limits.objects)
            }
        }
    }
}

impl Repo {
    /// Imports many objects, names or keys with their values, in bounded durable batches; [`Import`] has the options and says
    /// what happens where something fails.
    ///
    /// # Errors
    /// As [`Import::objects`]. Cost: the same.
    pub fn import<I>(&self, objects: I) -> Result<ImportReport>
    where
        I: IntoIterator,
        I::Item: ImportItem,
    {
        Import::new(self).objects(objects)
    }
}

impl fmt::Debug for Import<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Import")
            .field("repo", &self.repo)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}
