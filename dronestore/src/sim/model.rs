//! A model as a world uses it: behind a trait, so that kinds, and ages of one kind, meet.

use super::draw::NAMES;
use crate::laws::{Edit, Failure, Generate, Letter, Random, Values, quietly};
use crate::versioned::CommitReport;
use crate::{Drone, ErrorKind, Key, Repo, Resolution, Result, Version, Versioned};
use std::any::Any;
use std::fmt::{self, Debug};
use std::marker::PhantomData;

/// A model of a world, with edits of your own.
///
/// ```
/// use dronestore::Drone;
/// use dronestore::sim::{Model, World};
///
/// #[derive(Drone, Debug)]
/// struct Contact {
///     #[merge(latest)]
///     email: String,
/// }
///
/// let contact = Model::<Contact>::new()
///     .edit(|random, contact| contact.email = format!("{}@example.org", random.below(5)));
/// World::new().with(contact).schedules(10).check()?;
/// # Ok::<(), dronestore::sim::Failure>(())
/// ```
#[must_use]
pub struct Model<T> {
    generate: Option<Generate<T>>,
    edits: Vec<Edit<T>>,
    skipped: Vec<String>,
}

impl<T: Drone + Debug> Model<T> {
    /// A model with values that are made for it: see
    /// [values of your own](crate::guide::testing#values-of-your-own) for which those are.
    pub fn new() -> Model<T> {
        Model { generate: None, edits: Vec::new(), skipped: Vec::new() }
    }

    /// Whole values of your own, beside those that are made.
    pub fn generate(mut self, generate: impl Fn(&mut Random) -> T + 'static) -> Self {
        self.generate = Some(Box::new(generate));
        self
    }

    /// An edit of your own. It is to draw all that is left to chance from its `Random`, or a seed does not lead back.
    pub fn edit(mut self, edit: impl Fn(&mut Random, &mut T) + 'static) -> Self {
        self.edits.push(Box::new(edit));
        self
    }

    /// Leaves a field (by its stored name) as it is.
    pub fn skip(mut self, field: &str) -> Self {
        self.skipped.push(field.to_owned());
        self
    }

    pub(super) fn build(self) -> std::result::Result<Box<dyn Age>, Failure> {
        let values = Values::<T>::new(self.generate, self.edits, self.skipped)?;
        Ok(Box::new(Typed { values, model: PhantomData }))
    }
}

impl<T: Drone + Debug> Default for Model<T> {
    fn default() -> Self {
        Model::new()
    }
}

impl<T> Debug for Model<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("type", &std::any::type_name::<T>()).finish_non_exhaustive()
    }
}

/// What came of a save.
pub(super) enum Saved {
    /// It was acknowledged; something was written.
    Made(CommitReport),
    /// There was nothing to write.
    Nothing,
    /// The model did not take it.
    Refused,
}

/// A handle that a program keeps.
pub(super) type Kept = Option<Box<dyn Any>>;

/// The kinds of a world, each with its ages, the newest first.
pub(super) type Kinds = Vec<Vec<Box<dyn Age>>>;

/// The model of a kind in one age of the program.
pub(super) trait Age {
    fn kind(&self) -> &'static str;
    /// The Rust type, with its path.
    fn type_name(&self) -> &'static str;
    fn key(&self, name: usize) -> Result<Key>;
    /// The parts of an edit.
    fn letters(&self, random: &mut Random) -> Vec<Letter>;
    /// Edits an object through this handle, or one that is loaded now, and saves it. The handle is kept.
    fn save(&self, repo: &Repo, kept: &mut Kept, name: usize, letters: &[Letter]) -> Result<Saved>;
    /// Saves a handle once more, of which an earlier save failed.
    fn save_again(&self, repo: &Repo, kept: &mut Kept) -> Result<Saved>;
    fn delete(&self, repo: &Repo, name: usize) -> Result<bool>;
    /// Decides one of the open conflicts, if there are any.
    fn resolve(&self, repo: &Repo, pick: usize) -> Result<bool>;
    /// Reads all objects.
    fn read_all(&self, repo: &Repo) -> Result<()>;
    /// The lines of Rust that make an edit of what reads as `base`.
    fn lines(&self, base: Option<&Version>, letters: &[Letter], name: &str) -> Vec<String>;
}

struct Typed<T> {
    values: Values<T>,
    model: PhantomData<fn() -> T>,
}

impl<T: Drone + Debug> Typed<T> {
    fn saved(repo: &Repo, kept: &mut Kept) -> Result<Saved> {
        let handle = kept.as_mut().and_then(|kept| kept.downcast_mut::<Versioned<T>>());
        let Some(handle) = handle else { return Ok(Saved::Nothing) };
        match repo.save(handle) {
            Ok(report) if report.is_new() => Ok(Saved::Made(report)),
            Ok(_) => Ok(Saved::Nothing),
            Err(error) if is_refusal(&error) => {
                // A program would show it and start anew.
                *kept = None;
                Ok(Saved::Refused)
            }
            Err(error) => Err(error),
        }
    }
}

fn is_refusal(error: &crate::Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused | ErrorKind::Invalid | ErrorKind::InvalidValue)
}

impl<T: Drone + Debug> Age for Typed<T> {
    fn kind(&self) -> &'static str {
        T::KIND
    }

    fn type_name(&self) -> &'static str {
        let name = std::any::type_name::<T>();
        name.split('<').next().unwrap_or(name)
    }

    fn key(&self, name: usize) -> Result<Key> {
        T::key_of(NAMES[name % NAMES.len()])
    }

    fn letters(&self, random: &mut Random) -> Vec<Letter> {
        self.values.letters(random)
    }

    fn save(&self, repo: &Repo, kept: &mut Kept, name: usize, letters: &[Letter]) -> Result<Saved> {
        let name = NAMES[name % NAMES.len()];
        let is_kept = kept.as_ref().is_some_and(|kept| kept.is::<Versioned<T>>());
        if !is_kept {
            let loaded = match repo.get::<T>(name)? {
                Some(handle) => handle,
                None => T::named(name)?,
            };
            *kept = Some(Box::new(loaded));
        }
        if let Some(handle) = kept.as_mut().and_then(|kept| kept.downcast_mut::<Versioned<T>>()) {
            let base = handle.version().cloned();
            match self.values.apply(handle, base.as_ref(), letters) {
                Ok(()) => {}
                Err(error) if is_refusal(&error) => return Ok(Saved::Refused),
                Err(error) => return Err(error),
            }
        }
        Self::saved(repo, kept)
    }

    fn save_again(&self, repo: &Repo, kept: &mut Kept) -> Result<Saved> {
        Self::saved(repo, kept)
    }

    fn delete(&self, repo: &Repo, name: usize) -> Result<bool> {
        repo.delete::<T>(NAMES[name % NAMES.len()])
    }

    fn resolve(&self, repo: &Repo, pick: usize) -> Result<bool> {
        let conflicts: Vec<_> = repo.conflicts::<T>()?.collect::<Result<_>>()?;
        let Some(conflict) = conflicts.get(pick % conflicts.len().max(1)) else { return Ok(false) };
        let side = pick / 7 % conflict.sides().len().max(1);
        match conflict.resolve(repo, Resolution::Side(side)) {
            Ok(_) => Ok(true),
            Err(error) if is_refusal(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn read_all(&self, repo: &Repo) -> Result<()> {
        repo.iter::<T>()?.try_for_each(|object| object.map(drop))
    }

    fn lines(&self, base: Option<&Version>, letters: &[Letter], name: &str) -> Vec<String> {
        // An edit that panics panics here too.
        quietly(|| self.values.lines(base, letters, name)).unwrap_or_else(|_| vec!["panic!();".to_owned()])
    }
}
