//! Evaluating: what an event means for one who watches.

use super::event::{Event, Seen, Side};
use super::queue::Delivery;
use super::reader::Watch;
use super::source::fields;
use super::update::{Cause, FieldChange, Update};
use super::window::{Entry, Moved, Window, differences};
use dronestore_core::query::{Query, Run, SortKey};
use dronestore_core::{Key, Result};

impl<O> Watch<O> {
    /// Takes in what a batch did.
    pub(super) fn take_in(&mut self, delivery: &Delivery) -> Result<()> {
        let row = delivery.batch.first_row;
        for event in delivery.events() {
            if delivery.batch.next_row <= self.position {
                return Ok(());
            }
            match self.window {
                Some(_) => self.change(event, row)?,
                None => self.tell(event, row)?,
            }
        }
        self.position = self.position.max(delivery.batch.next_row);
        Ok(())
    }

    /// An event for a query without a limit.
    fn tell(&mut self, event: &Event, row: u64) -> Result<()> {
        let old = match &event.old {
            Some(side) => self.wants(side)?.then_some(side),
            None => None,
        };
        let new = self.wants(&event.new)?.then_some(&event.new);
        self.push((old, new), event, row)
    }

    /// An event for a query with a limit.
    fn change(&mut self, event: &Event, row: u64) -> Result<()> {
        let old = match &event.old {
            Some(side) => self.place_of(side)?,
            None => None,
        };
        let new = self.place_of(&event.new)?.map(|place| Entry { place, side: event.new.clone() });
        if old.is_none() && new.is_none() {
            return Ok(());
        }
        let Some(window) = &mut self.window else { return Ok(()) };
        let moved = match window.change(old.as_ref(), new) {
            Some(moved) => moved,
            None => {
                let before = window.view().to_vec();
                self.ask()?;
                differences(before, self.window.as_ref().map_or(&[], Window::view))
            }
        };
        self.push_moved(moved, event, row)
    }

    /// What came into a window and what left it, by an event.
    fn push_moved(&mut self, moved: Moved, event: &Event, row: u64) -> Result<()> {
        let Moved { mut came, left } = moved;
        for old in left {
            let key = old.side.version.key();
            let at = came.iter().position(|new| new.side.version.key() == key);
            let new = at.map(|at| came.remove(at));
            if new.as_ref().is_none_or(|new| new.side != old.side) {
                self.push((Some(&old.side), new.as_ref().map(|new| &new.side)), event, row)?;
            }
        }
        came.iter().try_for_each(|new| self.push((None, Some(&new.side)), event, row))
    }

    /// Whether the query wants an object, wherever it stands in the order.
    pub(super) fn wants(&mut self, side: &Side) -> Result<bool> {
        if self.plan.query.after.is_some() {
            return Ok(self.place_of(side)?.is_some());
        }
        let Some(side) = side.present() else { return Ok(false) };
        self.cost.evaluated += 1;
        Run::new(&self.plan.query)?.wants(&Seen { side, columns: &self.plan.columns })
    }

    /// The place of an object in the order, if it is wanted.
    fn place_of(&mut self, side: &Side) -> Result<Option<SortKey>> {
        let Some(side) = side.present() else { return Ok(None) };
        self.cost.evaluated += 1;
        let query = Query { limit: None, offset: 0, ..self.plan.query.clone() };
        let mut run = Run::new(&query)?;
        run.offer(Seen { side, columns: &self.plan.columns })?;
        Ok(run.finish().found.pop().map(|found| found.place))
    }

    /// Makes an update of what an object of the result was and is.
    fn push(&mut self, sides: (Option<&Side>, Option<&Side>), event: &Event, sequence: u64) -> Result<()> {
        let cause = event.cause;
        let update = match sides {
            (None, None) => return Ok(()),
            (None, Some(new)) => Update::Added { object: self.source.load(new)?, sequence, cause },
            (Some(old), Some(new)) => {
                let fields = fields(&*self.source, old, new)?;
                self.changed(Some(old), new, fields, (sequence, cause))?
            }
            (Some(old), None) => {
                let key = old.version.key().clone();
                let by_this = event.new.version.is_deleted() && *event.new.version.key() == key;
                // What left a window made way for another one, unless it went too, in this batch or before the query was asked
                // again.
                let deleted = by_this || (self.window.is_some() && self.is_gone(&key)?);
                Update::Removed { key, before: self.source.load(old).ok(), deleted, sequence, cause }
            }
        };
        self.ready.push_back(update);
        Ok(())
    }

    fn is_gone(&self, key: &Key) -> Result<bool> {
        let version = self.repo.view()?.head(&self.plan.kind, key)?;
        Ok(version.is_none_or(|version| version.is_deleted()))
    }

    pub(super) fn changed(
        &self,
        old: Option<&Side>,
        new: &Side,
        fields: Vec<FieldChange>,
        (sequence, cause): (u64, Cause),
    ) -> Result<Update<O>> {
        let before = old.and_then(|old| self.source.load(old).ok());
        Ok(Update::Changed { object: self.source.load(new)?, before, fields, sequence, cause })
    }
}
