//! Resolving: a decision is written onto the object, and recorded as a vote that syncs.

use super::Heads;
use super::decisions::{self, Decision, Vote};
use super::list::Conflict;
use crate::drone::Drone;
use crate::repo::transaction::Transaction;
use crate::repo::{Repo, rows};
use dronestore_core::model::Model;
use dronestore_core::schema::{Schema, SchemaAttribute};
use dronestore_core::version::{Commit, Contest, decide, named_as_in};
use dronestore_core::{Error, ErrorKind, Key, Nanotime, Result, Value, Version};
use serde::Serialize;
use std::collections::BTreeSet;

/// How a conflict is decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    /// By this value, one of the sides' or another.
    Value(Value),
    /// By the value of this side, as [`Conflict::sides`] lists them.
    Side(usize),
}

impl Resolution {
    /// By this value.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) where it cannot be stored.
    pub fn value(value: &impl Serialize) -> Result<Resolution> {
        dronestore_core::value::to_value(value).map(Resolution::Value)
    }

    /// The value; `None` for a side that is not there.
    pub(crate) fn of(self, contest: &Contest) -> Option<Value> {
        match self {
            Resolution::Value(value) => Some(value),
            Resolution::Side(index) => contest.sides.get(index).map(|side| side.value.clone()),
        }
    }
}

/// A rule for all conflicts of a kind or attribute; a function of the sides alone, the same on every replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Each is to be decided by somebody: takes a rule back.
    Ask,
    /// The side with the largest stamp.
    Newest,
    /// The side with the smallest stamp.
    Oldest,
    /// The side with the largest value, in the order of [`Value`].
    Largest,
    /// The side with the smallest value.
    Smallest,
}

impl Rule {
    const NAMES: [(Rule, &'static str); 5] = [
        (Rule::Ask, "ask"),
        (Rule::Newest, "newest"),
        (Rule::Oldest, "oldest"),
        (Rule::Largest, "largest"),
        (Rule::Smallest, "smallest"),
    ];

    /// The rule of this name.
    pub fn from_name(name: &str) -> Option<Rule> {
        Rule::NAMES.iter().find(|(_, known)| *known == name).map(|(rule, _)| *rule)
    }

    /// Its name, as a decision stores it.
    pub fn name(self) -> &'static str {
        Rule::NAMES.iter().find(|(rule, _)| *rule == self).map_or("ask", |(_, name)| name)
    }

    /// Which side it chooses; `None` where somebody is to be asked.
    pub(crate) fn choose(self, contest: &Contest) -> Option<usize> {
        let sides = || contest.sides.iter().enumerate();
        let chosen = match self {
            Rule::Ask => None,
            Rule::Newest => sides().max_by_key(|(_, side)| (side.time, side.dot)),
            Rule::Oldest => sides().min_by_key(|(_, side)| (side.time, side.dot)),
            Rule::Largest => sides().max_by(|(_, a), (_, b)| a.value.cmp(&b.value)),
            Rule::Smallest => sides().min_by(|(_, a), (_, b)| a.value.cmp(&b.value)),
        };
        chosen.map(|(index, _)| index)
    }
}

impl Repo {
    /// Decides a conflict, in one durable batch: the value takes the place of all sides that the conflict lists, and
    /// is recorded as this repo's vote in an object that merges with the rest.
    ///
    /// Where the same values of the same place meet elsewhere they read through the recorded votes, without a write:
    /// the value with the most votes, of equally many the one with the newest vote, then the one with the larger hash.
    /// A side that was written since the conflict was listed stays beside the decision. Where the object that would
    /// record the votes is there and does not read as a decision, the value is written and no vote recorded.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where the object is not here or was deleted meanwhile,
    /// [`Mismatch`](ErrorKind::Mismatch) for a conflict of another database,
    /// [`Refused`](ErrorKind::Refused) where the strategy does not ask (`latest` is simply written),
    /// [`InvalidValue`](ErrorKind::InvalidValue) for a side that is not there, or, where the conflict was listed with
    /// its Rust type, a value that is not of the field's type. Otherwise as [`Repo::save`].
    pub fn resolve(&self, conflict: &Conflict, resolution: Resolution) -> Result<Commit> {
        self.attempt(|| self.write(|transaction| transaction.resolve(conflict, resolution.clone())))
    }

    /// Decides all conflicts of a kind by a rule, or those of one attribute where one is named: those that are there
    /// and those to come, here and wherever the rule arrives. A decision about one conflict goes before it.
    ///
    /// Nothing is written to the objects, and where the rule arrives the change log tells of them only in repos that have
    /// listed conflicts before. The rule is recorded as a vote, like a decision; [`Rule::Ask`] takes it back.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where the model has no attribute of this stored name that asks; a rule for one
    /// is a rule for all that is below it. Otherwise as [`Repo::save`].
    pub fn resolve_all<T: Drone>(&self, attribute: Option<&str>, rule: Rule) -> Result<()> {
        let (schema, mut asking) = (T::schema(), BTreeSet::new());
        asks(&schema, &schema.attributes, &mut BTreeSet::new(), &mut |name| asking.insert(name.to_owned()));
        if attribute.map_or(asking.is_empty(), |attribute| !asking.contains(attribute)) {
            let names: Vec<String> = asking.into_iter().map(|name| format!("`{name}`")).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let message = match attribute {
                Some(attribute) => {
                    format!("`{}` has no `conflict` at `{attribute}`; it has {names}", T::KIND)
                }
                None => format!("`{}` has no attribute of strategy `conflict`", T::KIND),
            };
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        let key = decisions::rule_key(T::KIND, attribute)?;
        let subject =
            Subject { kind: T::KIND, object: String::new(), place: attribute.unwrap_or("*").to_owned() };
        // Without the index nobody could tell which objects read otherwise now.
        drop(self.indexed_view()?);
        self.attempt(|| self.write(|transaction| transaction.vote(&key, &subject, Value::from(rule.name()))))
    }
}

/// Shows the names of the attributes in which a conflict can be, in themselves or in drones nested in them.
fn asks(
    schema: &Schema,
    attributes: &[SchemaAttribute],
    above: &mut BTreeSet<String>,
    show: &mut dyn FnMut(&str) -> bool,
) -> bool {
    let mut found = false;
    for attribute in attributes {
        let mut inside = false;
        if let Some(kind) = &attribute.nested
            && above.insert(kind.clone())
        {
            let nested = schema.nested.get(kind).map_or(&[][..], Vec::as_slice);
            inside = asks(schema, nested, above, &mut |_| true);
            above.remove(kind);
        }
        if inside || attribute.strategy.trim_start_matches("map(").starts_with("conflict") {
            found = true;
            show(&attribute.name);
        }
    }
    found
}

/// What a vote is about, for people and for the index.
pub(crate) struct Subject<'s> {
    pub(crate) kind: &'s str,
    pub(crate) object: String,
    pub(crate) place: String,
}

impl<'c> From<&'c Conflict> for Subject<'c> {
    fn from(conflict: &'c Conflict) -> Self {
        let (object, place) = (conflict.key().to_string(), conflict.path().to_string());
        Subject { kind: conflict.kind(), object, place }
    }
}

impl Transaction<'_> {
    /// Decides a conflict; see [`Repo::resolve`].
    ///
    /// # Errors
    /// As [`Repo::resolve`].
    pub fn resolve(&mut self, conflict: &Conflict, resolution: Resolution) -> Result<Commit> {
        let Conflict { version: base, contest, .. } = conflict;
        if self.on_branch.is_some() {
            let message = "conflicts are decided in the repo, not on a branch: merge it first";
            return Err(Error::new(ErrorKind::Refused, message));
        }
        if !contest.asks {
            let message = format!("`{}` is `{}`: write the field to end it", contest.path, contest.strategy);
            return Err(Error::new(ErrorKind::Refused, message));
        }
        let missing = || {
            let message = format!("`{}` has {} sides, counted from 0", contest.path, contest.sides.len());
            Error::new(ErrorKind::InvalidValue, message)
        };
        let value = resolution.of(contest).ok_or_else(missing)?;
        let row = rows::head(base.kind(), base.key());
        if conflict.database != self.writer.home.database {
            let message = format!("`{}` is of another database than this repo", base.key());
            return Err(Error::new(ErrorKind::Mismatch, message));
        }
        let stored = self.head(&row, base.key())?;
        if stored.as_ref().is_none_or(Version::is_deleted) {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("there is no object `{}` any more", base.key()),
            ));
        }
        let renamed = self.under_new_names(base)?;
        let base = renamed.as_ref().unwrap_or(base);
        let renamed = stored.as_ref().map(|stored| named_as_in(base, stored)).transpose()?.flatten();
        let base = renamed.as_ref().unwrap_or(base);
        let head = crate::repo::save::joined(stored.as_ref(), Some(base))?;
        let head = head.as_ref().unwrap_or(base);
        let encoded = value.to_bytes()?;
        let (path, fingerprint) = (&contest.path, &contest.fingerprint);
        let (version, commit) = decide(base, head, path, &encoded, fingerprint, &mut self.author())?;
        if let Some(check) = conflict.check {
            check(&version)?;
        }
        self.vote_on(conflict, value)?;
        self.stage_own(row, stored, (&version, &commit), None)?;
        Ok(commit)
    }

    /// As [`Transaction::vote`], on a conflict: what stands there and does not read as a decision takes no votes.
    pub(crate) fn vote_on(&mut self, conflict: &Conflict, value: Value) -> Result<()> {
        let key = decisions::key(&conflict.fingerprint())?;
        let stored = self.version_of(Decision::KIND, &key)?;
        if stored.is_some_and(|version| !version.is_deleted()) && decisions::decision(self, &key)?.is_none() {
            return Ok(());
        }
        self.vote(&key, &conflict.into(), value)
    }

    /// Records this repo's vote; the same vote again changes nothing.
    pub(crate) fn vote(&mut self, key: &Key, subject: &Subject<'_>, value: Value) -> Result<()> {
        let actor = self.writer.home.actor.to_string();
        let known = decisions::decision(self, key)?;
        let votes = known.as_ref().map(|decision| &decision.votes);
        if votes.and_then(|votes| votes.get(&actor)).is_some_and(|vote| vote.value == value) {
            return Ok(());
        }
        // A vote that has seen others is newer than they are, as a commit is.
        let seen = votes.into_iter().flatten().map(|(_, vote)| Nanotime::from_nanos(vote.time));
        let author = self.author();
        let limit = author.wall.saturating_add(dronestore_core::HybridClock::MAX_LEAD);
        let time = author.clock.next(author.wall, seen.filter(|time| *time <= limit).max()).as_nanos();
        self.update::<Decision>(key, |decision| {
            decision.kind = subject.kind.to_owned();
            decision.object.clone_from(&subject.object);
            decision.place.clone_from(&subject.place);
            decision.votes.insert(actor, Vote { value, time });
            Ok(())
        })
        .map(|_| ())
    }
}
