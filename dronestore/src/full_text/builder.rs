//! Builder: which texts are searched, and where the index is.

use super::handle::FullText;
use super::keep::Kept;
use super::place::Place;
use super::plan::{Plan, Wanted, path_of};
use crate::model::Searchable;
use crate::query::{Field, Path};
use crate::{Drone, Error, ErrorKind, Repo, Result};
use std::ffi::OsString;
use std::path::PathBuf;

/// How a search is opened: which texts, and where the index is.
///
/// Without a model or a field everything that looks like text is searched, in every kind, as the schemas in the repo have it.
#[must_use = "a builder does nothing until `open`"]
pub struct FullTextBuilder {
    repo: Repo,
    wanted: Vec<Result<Wanted>>,
    /// The fields that were named without their types.
    named: Vec<(String, String)>,
    folder: Option<PathBuf>,
    is_in_memory: bool,
    /// Whether an index that is there stays what it is.
    is_as_found: bool,
}

impl Repo {
    /// Full text search: which objects hold these words. What is searched is said first.
    ///
    /// Cost: nothing yet.
    pub fn full_text(&self) -> FullTextBuilder {
        FullTextBuilder {
            repo: self.clone(),
            wanted: Vec::new(),
            named: Vec::new(),
            folder: None,
            is_in_memory: false,
            is_as_found: false,
        }
    }
}

impl FullTextBuilder {
    /// The fields of a model that have `#[drone(search)]`. Fields of several models that have one name are one field.
    pub fn model<T: Drone>(mut self) -> Self {
        let paths: Vec<Path> = T::searched().into_iter().map(path_of).collect();
        self.wanted.push(match paths.is_empty() {
            true => Err(Error::new(
                ErrorKind::InvalidValue,
                format!("no field of `{}` is to be searched: mark one with `#[drone(search)]`", T::KIND),
            )),
            false => Ok(Wanted { schema: T::schema(), paths }),
        });
        self
    }

    /// A field of a model, marked or not, or one below it: `Person::fields().last`.
    pub fn field<T: Drone, F: Searchable>(mut self, field: Field<T, F>) -> Self {
        self.wanted.push(Ok(Wanted { schema: T::schema(), paths: vec![field.path()] }));
        self
    }

    /// An attribute of a kind, without the Rust type: `("Note", "text")`, `("Person", "home.city")`.
    pub fn attribute(mut self, kind: &str, path: &str) -> Self {
        self.named.push((kind.to_owned(), path.to_owned()));
        self
    }

    /// With the index in this folder, which is made, or empty, or one that was used for this before.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// With the index in memory: it is made anew each time.
    pub fn in_memory(mut self) -> Self {
        self.is_in_memory = true;
        self
    }

    /// With an index that is there as it is, whatever it was made of; only a new one is of what was said.
    pub fn as_found(mut self) -> Self {
        self.is_as_found = true;
        self
    }

    /// Opens it: the index in the folder, else one beside the repo's file (`people.drone.search`), in memory where it has none.
    ///
    /// What is there is used if it is of this database, these fields, and undamaged; it is made anew otherwise. Neither is
    /// done here but by the first search, or by [`FullText::catch_up`].
    ///
    /// # Errors
    /// [`Busy`](ErrorKind::Busy) where somebody has the index open, [`Refused`](ErrorKind::Refused) for a folder that holds something
    /// else, [`InvalidValue`](ErrorKind::InvalidValue) and [`NotFound`](ErrorKind::NotFound) for a field that cannot be,
    /// [`Store`](ErrorKind::Store) where the folder cannot be written.
    ///
    /// Cost: reads the files of the index once, to see that they are undamaged.
    pub fn open(self) -> Result<FullText> {
        let plan = self.plan()?;
        let place = match (self.is_in_memory, self.folder.clone().or_else(|| beside(&self.repo))) {
            (false, Some(folder)) => Place::folder(&folder)?,
            _ => Place::Memory,
        };
        let database = self.repo.database().to_string();
        let mut kept = Kept::open(place, &plan, database.clone())?;
        if kept.state.plan != plan && !self.is_as_found {
            kept.start_over(plan, database)?;
        }
        Ok(FullText::new(self.repo, kept))
    }

    fn plan(&self) -> Result<Plan> {
        let view = self.repo.view()?;
        if self.wanted.is_empty() && self.named.is_empty() {
            return Plan::of_everything(&view);
        }
        let mut all = Vec::new();
        for wanted in &self.wanted {
            let Wanted { schema, paths } = wanted.as_ref().map_err(copy)?;
            all.push(Wanted { schema: schema.clone(), paths: paths.clone() });
        }
        for (kind, path) in &self.named {
            let path: Path = path.parse()?;
            let schema = view.schema_of(kind)?.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("no schema of kind `{kind}` is here"))
            })?;
            path.check(std::slice::from_ref(&schema))?;
            all.push(Wanted { schema, paths: vec![path] });
        }
        Plan::of(all)
    }
}

/// The folder beside a repo's file.
pub(crate) fn beside(repo: &Repo) -> Option<PathBuf> {
    let mut name: OsString = repo.store().path()?.into();
    name.push(".search");
    Some(name.into())
}

fn copy(error: &Error) -> Error {
    Error::new(error.kind(), error.to_string())
}

impl std::fmt::Debug for FullTextBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FullTextBuilder")
            .field("repo", &self.repo)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
