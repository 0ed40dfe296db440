//! Capture: what a batch changes of kinds that are watched, noted before it is made.

use super::event::{Event, KindNews, News, Side};
use super::hub::Hub;
use super::update::Cause;
use crate::given::Given;
use crate::repo::conflicts::Heads;
use crate::repo::rows;
use crate::repo::staged::Staged;
use crate::repo::transaction::Transaction;
use dronestore_core::{Error, Key, Result, Version};
use std::sync::Arc;

/// What the store has, without what is staged.
struct Before<'t, 'h>(&'t Transaction<'h>);

impl Heads for Before<'_, '_> {
    fn version_of(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        self.0.stored_before(&rows::head(kind, key), key)
    }

    fn given(&self) -> &Arc<Given> {
        self.0.given()
    }
}

impl Transaction<'_> {
    /// What is to be told of the staged heads, and of versions that read otherwise by what is staged.
    ///
    /// Cost: a look at each kind that is staged; for an object of a watched kind one read of the store.
    pub(crate) fn tell(&self, decided: &[Version]) -> News {
        let watchers = &self.repo.inner.watchers;
        // In this order: whoever comes in between is looked at, and is taken for one who was not.
        let generation = watchers.generation();
        let mut news = News { generation, first_row: self.writer.next_row, kinds: Vec::new() };
        let Some(hub) = watchers.watched() else { return news };
        let mut last = ("", false);
        for staged in self.staged.iter() {
            let Some((kind, key)) = rows::split_head(staged.row()) else { continue };
            if last.0 != kind {
                last = (kind, hub.kinds.contains_key(kind));
            }
            if !last.1 {
                continue;
            }
            news.note(&hub, kind, |hub| {
                let key = Key::from_encoded(key)?;
                let is_wanted = hub.kinds.get(kind).is_some_and(|watch| watch.may_want(&key));
                if is_wanted { self.event(staged, key).map(Some) } else { Ok(None) }
            });
        }
        for version in decided {
            news.note(&hub, version.kind(), |_| self.decided(version).map(Some));
        }
        for kind in &mut news.kinds {
            let rows = rows::schemas_of_kind(&kind.kind);
            let is_new = |(name, hash): (&String, &dronestore_core::Hash)| {
                *name == kind.kind && !matches!(self.snapshot.get(&rows::schema(name, hash)), Ok(Some(_)))
            };
            kind.schema = self.extra.range(rows).next().is_some() || self.new_schemas().any(is_new);
        }
        news
    }

    fn event(&self, staged: &Staged, key: Key) -> Result<Event> {
        let new = self.read_head(&key, staged.value().into())?;
        let old = match staged.before {
            Some(_) => self.stored_before(staged.row(), &key)?,
            None => None,
        };
        let old = old.map(|version| Side::of(&Before(self), version)).transpose()?;
        let merged = self.cause == Cause::Local && self.merged.contains(staged.row());
        let cause = if merged { Cause::Merge } else { self.cause };
        Ok(Event { old, new: Side::of(self, new)?, cause })
    }

    fn decided(&self, version: &Version) -> Result<Event> {
        let old = Some(Side::of(&Before(self), version.clone())?);
        Ok(Event { old, new: Side::of(self, version.clone())?, cause: self.cause })
    }

    /// What stands in the store, without what is staged.
    fn stored_before(&self, row: &[u8], key: &Key) -> Result<Option<Version>> {
        self.snapshot.get(row)?.map(|bytes| self.read_head(key, bytes)).transpose()
    }
}

impl News {
    /// Notes an event of a kind that is watched.
    fn note(&mut self, hub: &Hub, kind: &str, event: impl FnOnce(&Hub) -> Result<Option<Event>>) {
        let index = match self.kinds.iter().rposition(|news| news.kind == kind) {
            Some(index) => index,
            None if hub.kinds.contains_key(kind) => {
                self.kinds.push(KindNews { kind: kind.to_owned(), events: Some(Vec::new()), schema: false });
                self.kinds.len() - 1
            }
            None => return,
        };
        let news = &mut self.kinds[index];
        let Some(events) = &mut news.events else { return };
        let most = hub.kinds.get(kind).map_or(0, |watch| watch.capacity);
        let full = || Error::new(dronestore_core::ErrorKind::Unsupported, "more than any queue holds");
        match if events.len() < most { event(hub) } else { Err(full()) } {
            Ok(event) => events.extend(event),
            // A write does not fail because somebody watches: they look for themselves.
            Err(_) => news.events = None,
        }
    }
}
