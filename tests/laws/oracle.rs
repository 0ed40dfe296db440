//! The oracle: every write ever made, and what they mean by the words of the guide.
//!
//! Nothing is ever thrown away or merged here. A version is the set of commits that it has seen, as bits; a
//! write is gone where one that has seen it took its place, and what a place reads as is computed from the
//! whole list each time. So it is slow, and shares no idea with the library but the definitions.

use super::sequence::{Id, Stem};
use super::shown::Val;
use super::spec::{Field, Rule, SetRule, Spec};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A set of commits, one bit each.
pub type Commits = u64;

/// Where something is written: indices of fields and keys of maps, from the root down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Path {
    parts: u64,
    length: u32,
}

/// The part that the `latest_object` group of a model stands under.
pub const OBJECT: u8 = 255;

impl Path {
    pub fn below(self, part: u8) -> Path {
        Path { parts: self.parts | u64::from(part) << (8 * self.length), length: self.length + 1 }
    }

    fn holds(self, other: Path) -> bool {
        self.length <= other.length && other.parts & !(u64::MAX << (8 * self.length)) == self.parts
    }

    pub fn part_after(self, prefix: Path) -> Option<u8> {
        (self.length > prefix.length).then_some((self.parts >> (8 * prefix.length)) as u8)
    }
}

#[derive(Clone, Debug)]
pub enum Op {
    /// A value; `over` is the one commit that it replaces here, where it does not replace all that it has seen.
    Put {
        value: Val,
        over: Option<usize>,
    },
    /// A difference to a counter, and its actor's total with it.
    Count {
        total: i64,
    },
    /// An element comes or goes.
    In(u8),
    Out(u8),
    /// The place is there, whatever stands in it.
    Touch,
    /// An element of a list or text, and where it hangs; the commit's so manieth.
    Grow {
        index: usize,
        what: char,
        stem: Stem,
    },
    /// An element goes.
    Cut(Id),
    /// An item of a list is moved, or is where it was moved to at this time.
    Place {
        position: Vec<u8>,
        time: Option<u64>,
    },
    /// All that was seen here and below goes.
    Remove,
}

#[derive(Clone, Debug)]
pub struct Commit {
    /// The commits that its author had seen.
    pub seen: Commits,
    /// Time, actor's bytes, sequence.
    pub stamp: (u64, [u8; 12], u64),
    /// Whether it created the object.
    pub creates: bool,
    pub deletes: bool,
}

#[derive(Clone, Debug)]
pub struct Write {
    pub commit: usize,
    pub path: Path,
    pub op: Op,
}

#[derive(Default, Debug)]
pub struct Oracle {
    pub commits: Vec<Commit>,
    pub writes: Vec<Write>,
}

impl Oracle {
    fn has_seen(&self, later: usize, earlier: usize) -> bool {
        self.commits[later].seen >> earlier & 1 == 1
    }

    /// The writes at a place and below it that no removal has taken away.
    pub fn standing(&self, at: Path, known: Commits) -> impl Iterator<Item = &Write> {
        let known = move |write: &&Write| known >> write.commit & 1 == 1;
        let removes = move |write: &&Write| matches!(write.op, Op::Remove) && known(write);
        self.writes.iter().filter(known).filter(move |write| {
            let gone = |by: &Write| by.path.holds(write.path) && self.has_seen(by.commit, write.commit);
            at.holds(write.path)
                && !matches!(write.op, Op::Remove)
                && !self.writes.iter().filter(removes).any(gone)
        })
    }

    /// Whether anything was ever written here that still counts.
    pub fn is_written(&self, at: Path, known: Commits) -> bool {
        self.standing(at, known).next().is_some()
    }

    /// The values put here that nobody has replaced, oldest stamp first.
    pub fn values(&self, at: Path, known: Commits) -> Vec<(usize, &Val)> {
        let puts = || {
            self.standing(at, known).filter(|write| write.path == at && matches!(write.op, Op::Put { .. }))
        };
        let replaced = |earlier: usize| {
            puts().any(|later| match later.op {
                Op::Put { over: Some(over), .. } => over == earlier,
                _ => self.has_seen(later.commit, earlier),
            })
        };
        let mut values: Vec<_> = puts()
            .filter(|write| !replaced(write.commit))
            .filter_map(|write| match &write.op {
                Op::Put { value, .. } => Some((write.commit, value)),
                _ => None,
            })
            .collect();
        values.sort_by_key(|(commit, _)| self.commits[*commit].stamp);
        values
    }

    /// What an actor has counted here.
    pub fn total(&self, at: Path, known: Commits, actor: &[u8; 12]) -> Option<i64> {
        let counts = |write: &&Write| write.path == at && matches!(write.op, Op::Count { .. });
        let own = |write: &&Write| counts(write) && self.commits[write.commit].stamp.1 == *actor;
        let last =
            self.standing(at, known).filter(own).max_by_key(|write| self.commits[write.commit].stamp.2)?;
        match last.op {
            Op::Count { total } => Some(total),
            _ => None,
        }
    }

    /// What a place reads as; nothing where nothing is written.
    pub fn read(&self, spec: &Spec, at: Path, known: Commits) -> Option<Val> {
        if !self.is_written(at, known) {
            return None;
        }
        match spec {
            Spec::Register(rule) => self.register(*rule, at, known),
            Spec::Counter { .. } => {
                let actors: BTreeSet<_> =
                    self.standing(at, known).map(|write| self.commits[write.commit].stamp.1).collect();
                let totals: Vec<_> = actors.iter().filter_map(|actor| self.total(at, known, actor)).collect();
                (!totals.is_empty()).then(|| Val::Int(totals.iter().sum()))
            }
            Spec::ClampedCounter => self.read(&Spec::Counter { only_grows: false }, at, known),
            Spec::Option(inner) => self.read(&Spec::Map(inner.clone()), at, known),
            Spec::Set(rule) => Some(Val::Set((0..=8).filter(|e| self.is_in(*rule, at, known, *e)).collect())),
            Spec::Map(inner) => {
                let keys: BTreeSet<u8> =
                    self.standing(at, known).filter_map(|write| write.path.part_after(at)).collect();
                // A key whose value cannot be read would be the oracle's own mistake: it is shown as -999.
                let value = |key: u8| {
                    self.shown(inner, at.below(key), known).unwrap_or_else(|| match **inner {
                        Spec::Nested(ref fields) => self.fields(fields, at.below(key), known),
                        Spec::Set(_) => Val::Set(BTreeSet::new()),
                        Spec::Map(_) => Val::Map(BTreeMap::new()),
                        Spec::Sequence => Val::Seq(Vec::new()),
                        Spec::Order => Val::Order(Vec::new()),
                        Spec::Items(_) => Val::Items(Vec::new()),
                        _ => Val::Int(-999),
                    })
                };
                Some(Val::Map(keys.into_iter().map(|key| (key, value(key))).collect()))
            }
            Spec::Sequence => {
                Some(Val::Seq(self.sequence(at, known).into_iter().map(|(_, what)| what).collect()))
            }
            Spec::Order => Some(Val::Order(self.order(at, known))),
            Spec::Items(fields) => {
                let item = |key: u8| (key, self.fields(fields, at.below(key), known));
                Some(Val::Items(self.order(at, known).into_iter().map(item).collect()))
            }
            Spec::Nested(fields) => Some(self.fields(fields, at, known)),
            Spec::Member => panic!("a member has no place of its own"),
        }
    }

    pub fn fields(&self, fields: &[Field], at: Path, known: Commits) -> Val {
        let read = |(index, field): (usize, &Field)| {
            if let Spec::Member = field.spec {
                return self.members(at, known).remove(&(index as u8)).unwrap_or(field.default.clone());
            }
            match (self.read(&field.spec, at.below(index as u8), known), &field.spec, &field.default) {
                (Some(Val::Int(sum)), Spec::Counter { .. }, Val::Int(start)) => Val::Int(sum + start),
                (Some(Val::Int(sum)), Spec::ClampedCounter, Val::Int(start)) => {
                    clamped(&Val::Int(sum + start))
                }
                (Some(value), _, _) => value,
                (None, _, default) => default.clone(),
            }
        };
        Val::List(fields.iter().enumerate().map(read).collect())
    }

    /// The members of the newest write of a `latest_object`.
    pub fn members(&self, at: Path, known: Commits) -> BTreeMap<u8, Val> {
        match self.values(at.below(OBJECT), known).pop() {
            Some((_, Val::Map(members))) => members.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// As read, with the bounds that a counter's exact sum is read within.
    pub fn shown(&self, spec: &Spec, at: Path, known: Commits) -> Option<Val> {
        let read = self.read(spec, at, known)?;
        Some(if let Spec::ClampedCounter = spec { clamped(&read) } else { read })
    }

    fn register(&self, rule: Rule, at: Path, known: Commits) -> Option<Val> {
        let left = self.values(at, known);
        let ever = || {
            let at_place = self.standing(at, known).filter(|write| write.path == at);
            at_place.filter_map(|write| match &write.op {
                Op::Put { value, .. } => Some((self.commits[write.commit].stamp, value)),
                _ => None,
            })
        };
        let value = match rule {
            Rule::Latest => left.last().map(|(_, value)| *value),
            Rule::Conflict => {
                let side = self.side_read(at, known)?;
                left.iter().find(|(commit, _)| *commit == side).map(|(_, value)| *value)
            }
            Rule::Max => ever().map(|(_, value)| value).max(),
            Rule::Min => ever().map(|(_, value)| value).min(),
            Rule::First => ever().min_by_key(|(stamp, _)| *stamp).map(|(_, value)| value),
            Rule::Flag => {
                return (!left.is_empty())
                    .then(|| Val::Bool(left.iter().any(|(_, v)| **v == Val::Bool(true))));
            }
            Rule::FlagFalseWins => {
                return (!left.is_empty())
                    .then(|| Val::Bool(!left.iter().any(|(_, v)| **v == Val::Bool(false))));
            }
            Rule::Rank => {
                let rank = |value: &Val| {
                    ["b", "a", "aa"].iter().position(|known| *value == Val::Text((*known).into()))
                };
                best(&left, |value| rank(value).map_or(-1, |rank| rank as i64))
            }
            Rule::FirstNonEmpty => best(&left, |value| i64::from(*value != Val::Text(String::new()))),
            Rule::AnyOf => {
                let is_a = |value: &&Val| **value == Val::Text("a".into());
                let values = || left.iter().map(|(_, value)| *value);
                values().find(is_a).or_else(|| values().max())
            }
            Rule::ByParts => {
                let parts = |value: &Val| match value {
                    Val::List(parts) => (Reverse(parts[0].clone()), parts[1].clone()),
                    other => panic!("{other:?} is no pair"),
                };
                left.iter().map(|(_, value)| *value).max_by_key(|value| parts(value))
            }
            Rule::ClampedLatest => return left.last().map(|(_, value)| clamped(value)),
            Rule::ClampedMax => return ever().map(|(_, value)| value).max().map(clamped),
            Rule::Longest => left.iter().map(|(_, value)| *value).max_by_key(|value| match value {
                Val::Text(text) => (text.len(), Reverse(text.clone())),
                other => panic!("{other:?} is no text"),
            }),
        };
        value.cloned()
    }

    /// The side of a conflict that is read: the newest of those that no other side's author had seen.
    pub fn side_read(&self, at: Path, known: Commits) -> Option<usize> {
        let left = self.values(at, known);
        let open = |commit: &usize| !left.iter().any(|(other, _)| self.has_seen(*other, *commit));
        left.iter().map(|(commit, _)| *commit).rfind(open)
    }

    fn is_in(&self, rule: SetRule, at: Path, known: Commits, element: u8) -> bool {
        let votes: Vec<(usize, bool)> = self
            .standing(at, known)
            .filter_map(|write| match write.op {
                Op::In(e) if e == element && write.path == at => Some((write.commit, true)),
                Op::Out(e) if e == element && write.path == at => Some((write.commit, false)),
                _ => None,
            })
            .collect();
        let adds = || votes.iter().filter(|(_, add)| *add);
        let removes = || votes.iter().filter(|(_, add)| !*add);
        let last = |vote: &&(usize, bool)| !votes.iter().any(|(later, _)| self.has_seen(*later, vote.0));
        match rule {
            SetRule::Union => adds().next().is_some(),
            SetRule::AddWins => {
                adds().any(|(add, _)| !removes().any(|(remove, _)| self.has_seen(*remove, *add)))
            }
            SetRule::RemoveWins => adds().any(|vote| last(&vote)) && !removes().any(|vote| last(&vote)),
            SetRule::Latest => votes
                .iter()
                .filter(last)
                .max_by_key(|(vote, _)| self.commits[*vote].stamp)
                .is_some_and(|vote| vote.1),
            SetRule::Once => adds().next().is_some() && removes().next().is_none(),
        }
    }

    /// Whether an element of a `set(once)` was ever taken out.
    pub fn was_removed(&self, at: Path, known: Commits, element: u8) -> bool {
        self.standing(at, known)
            .any(|write| write.path == at && matches!(write.op, Op::Out(e) if e == element))
    }

    /// The commits that nobody has built on yet.
    pub fn tips(&self, known: Commits) -> Vec<usize> {
        let all = || (0..self.commits.len()).filter(|commit| known >> commit & 1 == 1);
        all().filter(|tip| !all().any(|later| self.has_seen(later, *tip))).collect()
    }
}

/// The best of the values by this measure, among equals the newest; they come oldest first.
fn best<'v>(left: &[(usize, &'v Val)], measure: impl Fn(&Val) -> i64) -> Option<&'v Val> {
    left.iter().map(|(_, value)| *value).max_by_key(|value| measure(value))
}

/// Within 1 and 3.
pub fn clamped(value: &Val) -> Val {
    match value {
        Val::Int(value) => Val::Int((*value).clamp(1, 3)),
        other => other.clone(),
    }
}
