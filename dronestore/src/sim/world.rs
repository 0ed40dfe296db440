//! World: which models, how many replicas, which faults, how often.

use super::check::Check;
use super::draw::Draw;
use super::failure::{Failure, Report};
use super::faults::Faults;
use super::link::Wire;
use super::model::{Age, Kinds, Model};
use super::play::Parts;
use crate::Drone;
use crate::laws;
use crate::store::Store;
use crate::stores::MemoryStore;
use std::fmt::{self, Debug};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How many schedules are played where nothing else is said.
const SCHEDULES: u64 = 200;

type Build = Box<dyn FnOnce() -> Result<Box<dyn Age>, laws::Failure>>;

/// A world of replicas, to be played in many ways.
///
/// At the end of each schedule nothing fails any more, all meet, and then these laws are asked: all replicas hold the same
/// bytes; all that was acknowledged is there, and nothing else is; counters and sets read as they were counted by hand; meeting
/// again moves nothing and writes nothing; every repo verifies; every program reads all objects. On the way: a session that
/// nothing disturbs ends in sync; what was acknowledged survives a crash; nothing panics.
///
/// # Ages
/// Models of one kind are ages of one program, the newest first. Some replicas run the newest, others an older one until they are
/// restarted; and some, unless [`relays`](World::relays) says otherwise, know no types at all: they meet others and pass on
/// what they have.
///
/// ```
/// use dronestore::Drone;
/// use dronestore::sim::World;
///
/// #[derive(Drone, Debug)]
/// struct Person {
///     #[merge(latest)]
///     name: String,
///     #[merge(counter)]
///     visits: u64,
/// }
///
/// #[derive(Drone, Debug)]
/// #[drone(kind = "Person")]
/// struct OldPerson {
///     #[merge(latest)]
///     name: String,
/// }
///
/// World::new().model::<Person>().model::<OldPerson>().schedules(10).check()?;
/// # Ok::<(), dronestore::sim::Failure>(())
/// ```
///
/// # After a rollback
/// Once a [`Rollback`](super::Fault::Rollback) has struck, other things are asked of a schedule: nothing panics, every repo
/// verifies, and objects of which no version was set aside agree. What was acknowledged may be lost then.
///
/// # What is left to chance
/// Actors, times, bytes on the wire and failures come from the seed. Edits of your own are to take theirs from the `Random` that they
/// are given; a handle that is committed inside of an edit, and anything that reads the clock or a `HashMap` in its own order, is
/// outside of that.
#[must_use]
pub struct World {
    models: Vec<Build>,
    replicas: RangeInclusive<usize>,
    steps: RangeInclusive<usize>,
    faults: Faults,
    schedules: u64,
    seed: u64,
    relays: bool,
    store: Box<dyn Fn() -> Arc<dyn Store>>,
    wire: Option<Wire>,
}

impl Default for World {
    fn default() -> Self {
        World::new()
    }
}

impl World {
    /// 3 to 12 replicas, 20 to 60 steps, all faults, 200 schedules; and no model yet.
    pub fn new() -> World {
        World {
            models: Vec::new(),
            replicas: 3..=12,
            steps: 20..=60,
            faults: Faults::all(),
            schedules: SCHEDULES,
            seed: 1,
            relays: true,
            store: Box::new(|| Arc::new(MemoryStore::new())),
            wire: None,
        }
    }

    /// A model, with values that are made for it.
    pub fn model<T: Drone + Debug>(self) -> Self {
        self.with(Model::<T>::new())
    }

    /// A model, with edits of your own.
    pub fn with<T: Drone + Debug>(mut self, model: Model<T>) -> Self {
        self.models.push(Box::new(|| model.build()));
        self
    }

    /// How many replicas there are, 64 at most.
    pub fn replicas(mut self, replicas: RangeInclusive<usize>) -> Self {
        self.replicas = replicas;
        self
    }

    /// How many steps a schedule has.
    pub fn steps(mut self, steps: RangeInclusive<usize>) -> Self {
        self.steps = steps;
        self
    }

    /// What goes wrong.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// How many schedules are played.
    pub fn schedules(mut self, schedules: u64) -> Self {
        self.schedules = schedules;
        self
    }

    /// The seed of the first schedule; the others follow.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether some replicas know no types.
    pub fn relays(mut self, relays: bool) -> Self {
        self.relays = relays;
        self
    }

    /// What each replica keeps its data in, empty, in place of a [`MemoryStore`]: a store of your own. One disk has one; putting
    /// a file back takes another.
    pub fn store(mut self, store: impl Fn() -> Arc<dyn Store> + 'static) -> Self {
        self.store = Box::new(store);
        self
    }

    /// Changes what is said in sessions, to see whether the laws notice.
    #[doc(hidden)]
    pub fn with_wire(mut self, wire: fn(&mut Vec<u8>)) -> Self {
        self.wire = Some(wire);
        self
    }

    /// Plays the schedules, one after the other, on this thread.
    ///
    /// `DRONESTORE_SEED=…` plays the one schedule that was printed with it, `DRONESTORE_SCHEDULES=10` ten times as many.
    ///
    /// # Errors
    /// The shortest schedule found that ends badly; also where values for a field cannot be guessed: see [`Model::edit`].
    ///
    /// Cost: in a test build some 2 ms a schedule for a small model, more with more replicas and steps.
    pub fn check(self) -> Result<Report, Failure> {
        let kinds = built(self.models)?;
        if kinds.is_empty() {
            return Err(unplayed("a world has a model", "give one with `World::model`".to_owned()));
        }
        let draw = Draw {
            kinds: &kinds,
            replicas: self.replicas,
            steps: self.steps,
            faults: self.faults,
            relays: self.relays,
        };
        let check = Check { draw, parts: Parts { kinds: &kinds, store: &self.store, wire: self.wire } };
        let from_env = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        if let Some(seed) = from_env("DRONESTORE_SEED") {
            return check.one(seed);
        }
        let schedules = self.schedules.saturating_mul(from_env("DRONESTORE_SCHEDULES").unwrap_or(1));
        check.all(self.seed, schedules)
    }
}

/// The models by kind, in the order in which they were given.
fn built(models: Vec<Build>) -> Result<Kinds, Failure> {
    let mut kinds = Kinds::new();
    for build in models {
        let age = build().map_err(|failure| unplayed(failure.law, failure.seen))?;
        match kinds.iter_mut().find(|ages| ages.first().is_some_and(|first| first.kind() == age.kind())) {
            Some(ages) => ages.push(age),
            None => kinds.push(vec![age]),
        }
    }
    Ok(kinds)
}

/// The failure of a world that was not played.
fn unplayed(law: &'static str, seen: String) -> Failure {
    Failure { law, seen, seed: None, steps: 0, trace: String::new() }
}

impl Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("replicas", &self.replicas)
            .field("faults", &self.faults)
            .field("schedules", &self.schedules)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
