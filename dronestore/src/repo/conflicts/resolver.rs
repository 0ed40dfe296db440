//! Resolver: what a program does about conflicts as they are met.

use super::decisions;
use super::list::Conflict;
use super::{Resolution, Rule};
use crate::repo::Repo;
use crate::repo::transaction::Transaction;
use dronestore_core::version::Contest;
use dronestore_core::{Result, Version};
use std::fmt;
use std::sync::{Arc, PoisonError};

/// A chain of what is asked about a conflict that a merge meets; the first answer is this repo's vote.
///
/// Before the chain, and without one, two rules always hold: sides of one value are no conflict, and a recorded
/// decision is what is read. Where nobody in the chain answers the conflict is listed: somebody is to be asked.
///
/// An answer is recorded as a vote and nothing else: the object is not written. So repos whose resolvers disagree
/// vote, read one outcome, and rest.
///
/// ```
/// use dronestore::{Drone, Repo, Resolution, Resolver};
///
/// #[derive(Drone)]
/// struct Note {
///     #[merge(conflict)]
///     text: String,
/// }
///
/// let ours = Repo::memory()?;
/// let theirs = Repo::builder().replica_of(&ours).open()?;
/// // The longest text, if one is longer than all others; else what stood here.
/// let longest = |conflict: &dronestore::Conflict| {
///     let length = |side: usize| conflict.sides()[side].value.as_text().map_or(0, str::len);
///     let side = (0..conflict.sides().len()).max_by_key(|side| length(*side))?;
///     let alone = (0..conflict.sides().len()).filter(|other| length(*other) == length(side)).count() == 1;
///     alone.then_some(Resolution::Side(side))
/// };
/// ours.set_resolver(Resolver::new().call(longest).prefer_ours());
///
/// ours.put("n", Note { text: "short".into() })?;
/// theirs.put("n", Note { text: "a long one".into() })?;
/// ours.merge(&theirs)?;
/// assert_eq!(ours.get::<Note>("n")?.expect("put").text, "a long one");
/// assert_eq!(ours.conflicts::<Note>()?.count()?, 0);
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Resolver {
    steps: Vec<Step>,
}

type Answer = dyn Fn(&Conflict) -> Option<Resolution> + Send + Sync;

#[derive(Clone)]
enum Step {
    Call(Arc<Answer>),
    Ours,
    Theirs,
    Rule(Rule),
}

impl Resolver {
    /// A chain without links: every conflict waits for somebody.
    pub fn new() -> Resolver {
        Resolver::default()
    }

    /// Then this function; `None` passes the conflict on, as does a side that is not there.
    ///
    /// It is called inside the merge's transaction, perhaps several times for one conflict: it must not use the repo.
    #[must_use]
    pub fn call(mut self, answer: impl Fn(&Conflict) -> Option<Resolution> + Send + Sync + 'static) -> Self {
        self.steps.push(Step::Call(Arc::new(answer)));
        self
    }

    /// Then the newest of the sides that stood here before the merge.
    #[must_use]
    pub fn prefer_ours(mut self) -> Self {
        self.steps.push(Step::Ours);
        self
    }

    /// Then the newest of the sides that the merge brings.
    #[must_use]
    pub fn prefer_theirs(mut self) -> Self {
        self.steps.push(Step::Theirs);
        self
    }

    /// Then this rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.steps.push(Step::Rule(rule));
        self
    }

    fn resolve(&self, conflict: &Conflict, ours: Option<&Version>) -> Option<Resolution> {
        self.steps.iter().find_map(|step| {
            let resolution = match step {
                Step::Call(answer) => answer(conflict)?,
                Step::Ours => Resolution::Side(newest(&conflict.contest, ours, true)?),
                Step::Theirs => Resolution::Side(newest(&conflict.contest, ours, false)?),
                Step::Rule(rule) => Resolution::Side(rule.choose(&conflict.contest)?),
            };
            resolution.of(&conflict.contest).map(Resolution::Value)
        })
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |step: &Step| match step {
            Step::Call(_) => "call".to_owned(),
            Step::Ours => "ours".to_owned(),
            Step::Theirs => "theirs".to_owned(),
            Step::Rule(rule) => rule.name().to_owned(),
        };
        f.debug_list().entries(self.steps.iter().map(name)).finish()
    }
}

/// The newest of the sides that our version had seen, or of those that it had not.
fn newest(contest: &Contest, ours: Option<&Version>, is_ours: bool) -> Option<usize> {
    let context = ours.map(Version::context).unwrap_or_default();
    let sides = contest.sides.iter().enumerate();
    let of_us = sides.filter(|(_, side)| context.contains(&side.dot) == is_ours);
    of_us.max_by_key(|(_, side)| (side.time, side.dot)).map(|(index, _)| index)
}

impl Repo {
    /// What is to be done about conflicts that a merge meets from now on, in this program; nothing is stored.
    ///
    /// Conflicts that are there already stay: list and resolve them.
    pub fn set_resolver(&self, resolver: Resolver) {
        let resolver = (!resolver.steps.is_empty()).then(|| Arc::new(resolver));
        *self.inner.resolver.write().unwrap_or_else(PoisonError::into_inner) = resolver;
    }

    pub(crate) fn has_resolver(&self) -> bool {
        self.inner.resolver.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn resolver(&self) -> Option<Arc<Resolver>> {
        self.inner.resolver.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transaction<'_> {
    /// Asks the program about the conflicts of a version that was just merged; says whether any is left open.
    pub(crate) fn ask(&mut self, version: &Version, ours: Option<&Version>) -> Result<bool> {
        let mut is_open = false;
        // Votes are the repo's; on a branch nothing is decided.
        let resolver = self.repo.resolver().filter(|_| self.on_branch.is_none());
        if !version.may_have_rulings()? || version.is_deleted() {
            return Ok(false);
        }
        for contest in version.contests()?.into_iter().filter(|contest| contest.asks) {
            if decisions::outcome(self, version, &contest)?.is_some() {
                continue;
            }
            let (version, database) = (version.clone(), self.writer.home.database);
            let conflict = Conflict { version, database, contest, outcome: None, check: None };
            match resolver.as_ref().and_then(|resolver| resolver.resolve(&conflict, ours)) {
                Some(Resolution::Value(value)) => {
                    self.vote_on(&conflict, value)?;
                }
                _ => is_open = true,
            }
        }
        Ok(is_open)
    }
}
