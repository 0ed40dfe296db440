//! Export: what stands at one moment, one object after the other.

use super::progress::{Listener, Progress};
use crate::drone::Drone;
use crate::repo::iterate::{kinds, next_head};
use crate::repo::values::unknown;
use crate::repo::{Find, Repo, View, decisions_kind, rows};
use dronestore_core::query::Query;
use dronestore_core::schema::Schema;
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, ErrorKind, Key, Result, Version};
use std::fmt;

/// How objects are written out, and which of them: all, a kind, what lies below a key, what a query finds.
///
/// What is written are values as they read now, conflicts as they were decided, as of one moment. **Not** kept are versions
/// and what they are for: who wrote what and when, what was written at once and lost, deleted objects, history. Imported
/// elsewhere they are new writes. For replicas there is [`versions`](Export::versions), and smaller and faster a
/// [bundle](crate::guide::bundles).
///
/// ```
/// use dronestore::{Drone, Export, Repo};
///
/// #[derive(Drone)]
/// struct Note {
///     #[merge(latest)]
///     text: String,
/// }
///
/// let repo = Repo::memory()?;
/// for (name, text) in [("a", "milk"), ("b", "tea")] {
///     repo.put(name, Note { text: text.into() })?;
/// }
/// let wanted = repo.query::<Note>().filter(Note::fields().text.eq("tea"));
/// let mut lines = Vec::new();
/// let report = Export::new(&repo).found_by(wanted).schemas(false).json(&mut lines)?;
/// assert_eq!(lines, b"{\"key\":\"/Note:b\",\"kind\":\"Note\",\"values\":{\"text\":\"tea\"}}\n");
/// assert_eq!(report.to_string(), "1 objects, 56 bytes");
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct Export<'e> {
    pub(super) repo: Repo,
    pub(super) which: Which,
    below: Key,
    /// The schema of the program, where one was named.
    schema: Option<Schema>,
    pub(super) has_schemas: bool,
    pub(super) has_versions: bool,
    pub(super) listener: Listener<'e>,
}

/// Which objects are wanted.
pub(super) enum Which {
    All,
    Kind(String),
    Query(String, Box<Result<Query>>),
}

impl<'e> Export<'e> {
    /// Of this repo, everything.
    pub fn new(repo: &Repo) -> Export<'e> {
        Export {
            repo: repo.clone(),
            which: Which::All,
            below: Key::root(),
            schema: None,
            has_schemas: true,
            has_versions: false,
            listener: Listener::default(),
        }
    }

    /// Only objects of this kind.
    #[must_use]
    pub fn kind(mut self, kind: &str) -> Self {
        self.which = Which::Kind(kind.to_owned());
        self
    }

    /// Only objects of this model, read by its schema as this program has it.
    #[must_use]
    pub fn model<T: Drone>(mut self) -> Self {
        self.schema = Some(T::schema());
        self.kind(T::KIND)
    }

    /// Only what this query finds, in its order. It is asked of the repo as it stands: one of another moment
    /// ([`Find::at`], [`View::query`](crate::View)), or of another repo, is a mistake that the export names.
    #[must_use]
    pub fn found_by<T: Drone>(mut self, find: Find<T>) -> Self {
        self.schema = Some(T::schema());
        self.which = Which::Query(T::KIND.to_owned(), Box::new(find.into_query_of(&self.repo)));
        self
    }

    /// Only what this query finds among the objects of a kind, in its order.
    #[must_use]
    pub fn query(mut self, kind: &str, query: Query) -> Self {
        self.which = Which::Query(kind.to_owned(), Box::new(Ok(query)));
        self
    }

    /// Only at and below this key; a query says so itself.
    #[must_use]
    pub fn under(mut self, key: &Key) -> Self {
        self.below = key.clone();
        self
    }

    /// Whether lines of JSON begin with the schemas, so that they can be imported where the kinds are not known: so they
    /// do where nothing is said.
    #[must_use]
    pub fn schemas(mut self, schemas: bool) -> Self {
        self.has_schemas = schemas;
        self
    }

    /// Whether lines of JSON hold versions in place of values, of deleted objects too: same bytes, same hash, to be
    /// merged.
    #[must_use]
    pub fn versions(mut self, versions: bool) -> Self {
        self.has_versions = versions;
        self
    }

    /// Is told of every thousandth object, and at the end.
    #[must_use]
    pub fn progress(mut self, listen: impl FnMut(&Progress) + 'e) -> Self {
        self.listener = Listener::new(listen);
        self
    }

    /// The one kind that is wanted, if it is one.
    pub(super) fn one_kind(&self) -> Option<&str> {
        match &self.which {
            Which::All => None,
            Which::Kind(kind) | Which::Query(kind, _) => Some(kind),
        }
    }

    /// The schemas to be written, in the order of their kinds.
    pub(super) fn schemas_to_write(&self) -> Result<Vec<Schema>> {
        let mut schemas = self.repo.schemas()?;
        let wanted = self.one_kind();
        schemas.retain(|schema| wanted.is_none_or(|wanted| wanted == schema.kind));
        if let Some(own) = self.schema.as_ref().filter(|own| !schemas.contains(own)) {
            schemas.push(own.clone());
        }
        Ok(schemas)
    }

    /// The schema by which objects of a kind are read.
    pub(super) fn schema_of(&self, view: &View, kind: &str) -> Result<Schema> {
        match &self.schema {
            Some(schema) if schema.kind == kind => Ok(schema.clone()),
            _ => Ok(view.schema_of(kind)?.unwrap_or_else(|| unknown(kind))),
        }
    }

    /// Calls this with each object that is wanted and the schema of its kind, kind by kind.
    pub(super) fn each(&mut self, mut work: impl FnMut(&View, &Schema, Version) -> Result<()>) -> Result<()> {
        let which = std::mem::replace(&mut self.which, Which::All);
        if let Which::Query(kind, query) = which {
            let view = self.repo.view()?;
            let schema = self.schema_of(&view, &kind)?;
            drop(view);
            return self
                .repo
                .query_kind(&kind, &(*query)?)?
                .each(|view, version| work(view, &schema, version));
        }
        let view = self.repo.view()?;
        let mut wanted = kinds(&*view.snapshot)?;
        if let Which::Kind(kind) = &which {
            wanted.retain(|known| known == kind);
            if wanted.is_empty() && self.schema.is_none() && view.schema_of(kind)?.is_none() {
                let message = format!("nothing of kind `{}` is here", kind.escape_debug());
                return Err(Error::new(ErrorKind::NotFound, message));
            }
        }
        if self.has_versions {
            view.inner.give_away();
        } else {
            wanted.retain(|kind| kind != decisions_kind());
        }
        let (start, end) = self.below.range();
        for kind in wanted {
            let schema = self.schema_of(&view, &kind)?;
            let range = rows::heads(&kind, &start..&end);
            let range = Range::between(&range.start, &range.end);
            let mut cursor = view.snapshot.scan(range, Direction::Forward)?;
            while let Some(head) = next_head(&mut *cursor)? {
                let version = view.read_head(head.key, head.bytes)?;
                if self.has_versions || !version.is_deleted() {
                    work(&view, &schema, version)?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("repo", &self.repo).finish_non_exhaustive()
    }
}
