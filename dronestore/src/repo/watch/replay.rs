//! Replay: going on from a row of the change log.

use super::event::Side;
use super::reader::Watch;
use super::update::{Cause, FieldChange, Update};
use crate::repo::follow::Followed;
use crate::repo::view::View;
use dronestore_core::{Key, Result};
use std::collections::{BTreeMap, BTreeSet};

/// What the log says of one object.
struct Line {
    /// The last row that names it.
    sequence: u64,
    /// Whether it was not there before the first.
    is_new: bool,
    /// The attributes that were written, where that is known.
    names: Option<BTreeSet<String>>,
}

impl<O> Watch<O> {
    /// Makes ready what was changed from this row on, or the result where the log cannot tell.
    pub(super) fn replay(&mut self, from: u64) -> Result<()> {
        self.watcher.listen();
        let (view, row) = self.look()?;
        let lines = if from > row { None } else { self.lines(&view, from)? };
        match lines {
            Some(lines) if self.window.is_none() => {
                self.position = row;
                self.push_lines(&view, lines)
            }
            // Nothing has happened: what the window needs is read, and nothing said.
            Some(_) if from == row => self.ask_at(view, row).map(drop),
            _ => {
                drop(view);
                self.renew(true)
            }
        }
    }

    /// What the log says of each object of the kind since then; `None` where it no longer goes back that far.
    fn lines(&self, view: &View, from: u64) -> Result<Option<BTreeMap<Key, Line>>> {
        let mut lines = BTreeMap::new();
        let followed = self.repo.follow_in(&*view.snapshot, from, |changes| {
            for change in changes.into_iter().filter(|change| change.kind == self.plan.kind) {
                let (sequence, is_new) = (change.sequence, change.old.is_none());
                let fresh = || Line { sequence, is_new, names: Some(BTreeSet::new()) };
                let line = lines.entry(change.key).or_insert_with(fresh);
                line.sequence = sequence;
                match (&mut line.names, change.attributes) {
                    (Some(names), Some(more)) => names.extend(more),
                    (names, _) => *names = None,
                }
            }
            Ok(true)
        })?;
        Ok(matches!(followed, Followed::End(_)).then_some(lines))
    }

    fn push_lines(&mut self, view: &View, lines: BTreeMap<Key, Line>) -> Result<()> {
        let mut lines: Vec<(Key, Line)> = lines.into_iter().collect();
        lines.sort_by_key(|(_, line)| line.sequence);
        for (key, line) in lines {
            let version = view.head(&self.plan.kind, &key)?;
            let side = version.map(|version| Side::of(view, version)).transpose()?;
            let wanted = match &side {
                Some(side) => self.wants(side)?.then_some(side),
                None => None,
            };
            let (sequence, cause) = (line.sequence, Cause::Earlier);
            let update = match wanted {
                Some(side) if line.is_new => {
                    Update::Added { object: self.source.load(side)?, sequence, cause }
                }
                Some(side) => {
                    let fields = self.named(side, line.names)?;
                    self.changed(None, side, fields, (sequence, cause))?
                }
                None if line.is_new => continue,
                None => {
                    let deleted = side.is_none_or(|side| side.version.is_deleted());
                    Update::Removed { key, before: None, deleted, sequence, cause }
                }
            };
            self.ready.push_back(update);
        }
        Ok(())
    }

    /// The fields of these names as they are; all where it is not known which were written.
    fn named(&self, side: &Side, names: Option<BTreeSet<String>>) -> Result<Vec<FieldChange>> {
        let values = self.source.values(side)?;
        // An object of `latest_object` fields is named as a whole, and an emptied attribute is not there any more.
        let names = names.filter(|names| names.iter().all(|name| values.contains_key(name)));
        let wanted =
            values.into_iter().filter(|(name, _)| names.as_ref().is_none_or(|names| names.contains(name)));
        Ok(wanted.map(|(name, new)| FieldChange { name, old: None, new }).collect())
    }
}
