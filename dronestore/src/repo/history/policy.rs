//! Policies: how much history a repo keeps, kind by kind; stored as data, so that every program on the file keeps to it.

use crate::drone::Drone;
use crate::repo::{Repo, decisions_kind, rows};
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::store::Snapshot;
use dronestore_core::{Error, ErrorKind, Nanotime, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How many of an object's earlier versions a repo keeps. It is the repo's own affair: it does not travel, and never
/// changes what a merge gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum History {
    /// None: the version that stands there, and nothing else.
    #[default]
    Head,
    /// The last so many changes of each object. Up to as many again, and at least 16, may be there until they are pruned.
    Last(u32),
    /// The changes of this long. Older ones go block by block as newer ones come, and when they are pruned.
    Within(Duration),
    /// All of them.
    Full,
}

impl History {
    /// Whether nothing but heads is kept.
    pub(crate) fn is_head(self) -> bool {
        matches!(self, History::Head | History::Last(0))
    }
}

/// `head`, `last 100`, `within 30 days`, `full`.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            History::Head => f.write_str("head"),
            History::Last(count) => write!(f, "last {count}"),
            History::Within(time) if time.as_secs() > 0 && time.as_secs().is_multiple_of(86_400) => {
                write!(f, "within {} days", time.as_secs() / 86_400)
            }
            History::Within(time) => write!(f, "within {time:?}"),
            History::Full => f.write_str("full"),
        }
    }
}

/// What is kept of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Keep {
    pub(crate) history: History,
    /// Own commits that follow one another this closely, and that nobody has seen, are one change.
    pub(crate) together: Duration,
}

/// What is kept, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Policies {
    pub(crate) others: Keep,
    pub(crate) kinds: BTreeMap<String, Keep>,
}

/// The format of the row.
const FORMAT: u8 = 1;

impl Policies {
    /// What the repo says; the default where it says nothing.
    pub(crate) fn read(snapshot: &dyn Snapshot) -> Result<Arc<Policies>> {
        match snapshot.get(&[rows::POLICIES])? {
            Some(bytes) => Ok(Arc::new(Policies::decode(&bytes)?)),
            None => Ok(Arc::default()),
        }
    }

    /// Whether any kind may have a history.
    pub(crate) fn are_on(&self) -> bool {
        let keeps = |keep: &Keep| !keep.history.is_head();
        keeps(&self.others) || self.kinds.values().any(keeps)
    }

    pub(crate) fn of(&self, kind: &str) -> Keep {
        match self.kinds.get(kind) {
            Some(keep) => *keep,
            // Decisions are looked up, and not looked back on.
            None if kind == decisions_kind() => Keep::default(),
            None => self.others,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        self.others.encode(&mut out);
        for (kind, keep) in &self.kinds {
            put_slice(&mut out, kind.as_bytes());
            keep.encode(&mut out);
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Policies> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != FORMAT {
            return Err(later());
        }
        let mut policies = Policies { others: Keep::decode(&mut reader)?, ..Policies::default() };
        while !reader.is_empty() {
            let kind = reader.text()?.to_owned();
            policies.kinds.insert(kind, Keep::decode(&mut reader)?);
        }
        Ok(policies)
    }
}

impl Keep {
    fn encode(&self, out: &mut Vec<u8>) {
        let (code, number) = match self.history {
            History::Head => (0, 0),
            History::Last(count) => (1, u64::from(count)),
            History::Within(time) => (2, nanos(time)),
            History::Full => (3, 0),
        };
        out.push(code);
        put_varint(out, number);
        put_varint(out, nanos(self.together));
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Keep> {
        let (code, number) = (reader.byte()?, reader.varint()?);
        let history = match code {
            0 => History::Head,
            1 => {
                let count = u32::try_from(number);
                History::Last(count.map_err(|_| Error::corrupt("a history keeps too many changes"))?)
            }
            2 => History::Within(Duration::from_nanos(number)),
            3 => History::Full,
            _ => return Err(later()),
        };
        Ok(Keep { history, together: Duration::from_nanos(reader.varint()?) })
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cold]
fn later() -> Error {
    let message = "what is kept of the repo's history was said by a later dronestore";
    Error::new(ErrorKind::Unsupported, message)
}

/// What is to be said of what is kept: of a kind, or of all others.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said {
    Keep(History),
    Together(Duration),
}

impl Repo {
    /// Keeps this much of the history of a model's objects from now on; written down in the repo. With
    /// [`History::Head`] what was kept of the kind goes at once.
    ///
    /// ```
    /// # use dronestore::{Drone, History, Repo};
    /// # #[derive(Drone)] struct Page { #[merge(counter)] visits: u64 }
    /// let repo = Repo::memory()?;
    /// repo.set_history::<Page>(History::Full)?;
    /// for _ in 0..3 {
    ///     repo.update::<Page>("home", |page| { page.visits += 1; Ok(()) })?;
    /// }
    /// assert_eq!(repo.history::<Page>("home")?.log()?.count(), 3);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Repo::save`].
    ///
    /// Cost: one batch where something changes; as many as there are thousands of rows where what was kept goes.
    pub fn set_history<T: Drone>(&self, history: History) -> Result<()> {
        self.set_history_of(T::KIND, history)
    }

    /// As [`Repo::set_history`], for a kind by name.
    ///
    /// # Errors
    /// As [`Repo::save`].
    pub fn set_history_of(&self, kind: &str, history: History) -> Result<()> {
        self.say(Some(kind), Said::Keep(history))
    }

    /// As [`Repo::set_history`], for all kinds of which nothing else was said.
    ///
    /// # Errors
    /// As [`Repo::save`].
    pub fn set_history_of_others(&self, history: History) -> Result<()> {
        self.say(None, Said::Keep(history))
    }

    /// Keeps commits of this repo that were made within so long of the first of them as one change, as long as nobody has
    /// seen what came of them; zero, as at first, keeps each. What stands there is the same, byte for byte.
    ///
    /// # Errors
    /// As [`Repo::save`].
    pub fn set_history_together<T: Drone>(&self, within: Duration) -> Result<()> {
        self.say(Some(T::KIND), Said::Together(within))
    }

    /// How much of a kind's history is kept.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) where the store cannot be read.
    pub fn history_kept(&self, kind: &str) -> Result<History> {
        Ok(Policies::read(&*self.inner.store.snapshot()?)?.of(kind).history)
    }

    pub(crate) fn say(&self, kind: Option<&str>, said: Said) -> Result<()> {
        let change = |policies: &Policies| {
            let mut next = policies.clone();
            let keep = match kind {
                Some(kind) => next.kinds.entry(kind.to_owned()).or_insert_with(|| policies.of(kind)),
                None => &mut next.others,
            };
            match said {
                Said::Keep(history) => keep.history = history,
                Said::Together(within) => keep.together = within,
            }
            next
        };
        let known = Policies::read(&*self.inner.store.snapshot()?)?;
        if change(&known) == *known && (kind.is_none_or(|kind| known.kinds.contains_key(kind))) {
            return Ok(());
        }
        // What an earlier change left behind in a crash is no history that could be gone on with.
        self.sweep()?;
        self.attempt(|| {
            self.write(|transaction| {
                let next = change(&transaction.writer.policies);
                transaction.extra.insert(vec![rows::POLICIES], next.encode());
                transaction.writer.policies = Arc::new(next);
                Ok(())
            })
        })?;
        self.sweep().map(drop)
    }
}

/// The moment before which nothing need be kept.
pub(crate) fn cutoff(history: History, now: Nanotime) -> Nanotime {
    match history {
        History::Within(time) => now.saturating_sub(time),
        History::Full | History::Last(_) => Nanotime::MIN,
        History::Head => Nanotime::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_as_it_was_said() {
        let histories = [
            History::Head,
            History::Last(7),
            History::Within(Duration::from_secs(60)),
            History::Full,
            History::Within(Duration::MAX),
        ];
        let mut policies = Policies::default();
        for (number, history) in histories.into_iter().enumerate() {
            let together = Duration::from_nanos(number as u64);
            policies.kinds.insert(number.to_string(), Keep { history, together });
            policies.others = Keep { history: History::Last(1), together };
        }
        let mut back = Policies::decode(&policies.encode()).unwrap();
        let most = Duration::from_nanos(u64::MAX);
        assert_eq!(
            back.kinds.insert("4".into(), policies.kinds["4"]).unwrap().history,
            History::Within(most)
        );
        assert_eq!(back, policies);
        let bytes = policies.encode();
        (0..bytes.len()).for_each(|length| drop(Policies::decode(&bytes[..length])));
        assert!(Policies::decode(&[2]).is_err() && Policies::decode(&[1, 9, 0, 0]).is_err());
    }
}
