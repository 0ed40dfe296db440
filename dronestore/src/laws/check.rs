//! Check: which laws are asked of a model, how often, and with what help of the user's.

use super::build::{Build, typed};
use super::fault::{Failure, Report};
use super::program::{Edit, Generate, Met, Promise};
use super::random::Random;
use super::run::Run;
use super::world::MergeFn;
use crate::version::Merged;
use crate::{Drone, Result, Version};
use std::fmt::{self, Debug};

/// How many histories are run where nothing else is said.
const HISTORIES: u64 = 300;

/// Asks the laws of a model, with values that are made without being told how; panics with the smallest history that
/// breaks one.
///
/// `DRONESTORE_SEED=…` runs the one history that was printed with it, `DRONESTORE_HISTORIES=10` ten times as many.
///
/// # Panics
/// If a law is broken, if there is a field whose values cannot be guessed, or if the model accepts no value of a field:
/// then see [`Check::edit`] and [`Check::generate`].
///
/// Cost: a second or two in a test build, by the number of fields; one more where the model has a strategy of your own.
#[allow(clippy::panic, reason = "a test fails by panicking")]
pub fn check<T: Drone + Debug>() {
    if let Err(failure) = Check::<T>::new().run() {
        panic!("{failure}");
    }
}

/// The laws of a model, to be asked with generators, promises and older programs of your own.
///
/// ```
/// use dronestore::{Drone, laws};
///
/// #[derive(Drone, Debug)]
/// struct Note {
///     #[merge(latest)]
///     text: String,
/// }
///
/// let report = laws::Check::<Note>::new()
///     .histories(50)
///     .edit(|random, note| note.text.push(if random.once_in(2) { 'x' } else { 'y' }))
///     .run()?;
/// assert_eq!(report.histories, 50);
/// # Ok::<(), Box<laws::Failure>>(())
/// ```
#[must_use]
pub struct Check<T> {
    histories: u64,
    seed: Option<u64>,
    merge: MergeFn,
    generate: Option<Generate<T>>,
    edits: Vec<Edit<T>>,
    promises: Vec<(String, Promise<T>)>,
    skipped: Vec<String>,
    older: Vec<Build>,
}

impl<T> Debug for Check<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("histories", &self.histories)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl<T: Drone + Debug> Default for Check<T> {
    fn default() -> Self {
        Check::new()
    }
}

impl<T: Drone + Debug> Check<T> {
    /// All laws, for values that the kit makes by itself.
    pub fn new() -> Self {
        Check {
            histories: HISTORIES,
            seed: None,
            merge: Version::merge,
            generate: None,
            edits: Vec::new(),
            promises: Vec::new(),
            skipped: Vec::new(),
            older: Vec::new(),
        }
    }

    /// How many random histories are run.
    pub fn histories(mut self, histories: u64) -> Self {
        self.histories = histories;
        self
    }

    /// The seed of the first history; the others follow.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whole values of your own, beside those that the kit makes.
    pub fn generate(mut self, generate: impl Fn(&mut Random) -> T + 'static) -> Self {
        self.generate = Some(Box::new(generate));
        self
    }

    /// An edit of your own: for fields whose values cannot be guessed, and for edits as your program makes them.
    pub fn edit(mut self, edit: impl Fn(&mut Random, &mut T) + 'static) -> Self {
        self.edits.push(Box::new(edit));
        self
    }

    /// Leaves a field (by its stored name) as it is: no values are made for it, and none are missed.
    pub fn skip(mut self, field: &str) -> Self {
        self.skipped.push(field.to_owned());
        self
    }

    /// What your model promises of two concurrent edits: that nothing of both is lost, that a total stays a total.
    ///
    /// It is asked whenever two replicas have each edited one version once, and one then merges the other.
    ///
    /// ```
    /// # use dronestore::{Drone, laws};
    /// # #[derive(Drone, Debug)]
    /// # struct Jar {
    /// #     #[merge(counter)]
    /// #     coins: u64,
    /// # }
    /// laws::Check::<Jar>::new()
    ///     .histories(20)
    ///     .promise("no coin is lost", |met| {
    ///         met.merged.coins + met.base.coins == met.ours.coins + met.theirs.coins
    ///     })
    ///     .run()?;
    /// # Ok::<(), Box<laws::Failure>>(())
    /// ```
    pub fn promise(mut self, name: &str, holds: impl Fn(&Met<'_, T>) -> bool + 'static) -> Self {
        self.promises.push((name.to_owned(), Box::new(holds)));
        self
    }

    /// Another program's model of the same kind: some of the replicas are run by it, as after an update that not all
    /// devices have.
    pub fn older<Old: Drone + Debug>(mut self, older: Check<Old>) -> Self {
        self.older.push(older.into_build());
        self
    }

    /// Another merge in place of [`Version::merge`], to see whether the laws notice.
    #[doc(hidden)]
    pub fn with_merge(mut self, merge: fn(&Version, &Version) -> Result<Merged>) -> Self {
        self.merge = merge;
        self
    }

    /// Asks all laws.
    ///
    /// # Errors
    /// The smallest history found that breaks one; or that a field was never written, so that the laws say nothing
    /// about it.
    pub fn run(mut self) -> std::result::Result<Report, Failure> {
        let (histories, seed, merge) = (self.histories, self.seed, self.merge);
        let older = std::mem::take(&mut self.older);
        let mut programs = vec![self.into_build()()?];
        for build in older {
            programs.push(build()?);
        }
        Run::new(&programs, merge)?.all(histories, seed)
    }

    fn into_build(self) -> Build {
        Box::new(move || typed(self.generate, self.edits, self.promises, self.skipped))
    }
}
