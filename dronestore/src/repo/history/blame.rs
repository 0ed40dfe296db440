//! Blame: who wrote what stands at each place of an object, and when.

use super::moment::Moment;
use super::past::Past;
use dronestore_core::version::{Explanation, Part, Written};
use dronestore_core::{Error, ErrorKind, Result, Value};
use std::fmt;

/// Who wrote what one place of an object reads as.
#[derive(Debug, Clone, PartialEq)]
pub struct Blame {
    /// The place, by stored names: `phone`, `votes["ann"]`, `address.street`.
    pub place: String,
    /// The strategy, as in `#[merge(…)]`.
    pub strategy: String,
    /// What it reads as; `None` where that needs code that is not here.
    pub reads: Option<Value>,
    /// The writes that it reads as: one as a rule, of a counter one an actor, of a text one for each run of characters.
    pub writes: Vec<Written>,
}

impl<T> Past<T> {
    /// Who wrote what stands there now, place by place. It is read off the object: no history is needed for it.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where there is no object.
    ///
    /// Cost: linear in the object.
    pub fn blame(&self) -> Result<Vec<Blame>> {
        let head = self.head()?;
        let missing = || Error::new(ErrorKind::NotFound, format!("there is no object `{}`", self.key));
        self.blame_of(&head.ok_or_else(missing)?)
    }

    /// As [`Past::blame`], of what stood there at a moment.
    ///
    /// # Errors
    /// As [`Repo::at`](crate::Repo::at).
    pub fn blame_at(&self, moment: impl Into<Moment>) -> Result<Vec<Blame>> {
        let moment = moment.into();
        let missing =
            || Error::new(ErrorKind::NotFound, format!("there was no object `{}` {moment}", self.key));
        self.blame_of(&self.version_at(moment)?.ok_or_else(missing)?)
    }

    fn blame_of(&self, version: &dronestore_core::Version) -> Result<Vec<Blame>> {
        let schema = self.schema()?;
        let mut names: Vec<&str> = (0..version.shape().len())
            .filter_map(|index| version.shape().head(index).map(|(name, _)| name))
            .collect();
        names.dedup();
        let mut blames = Vec::new();
        for name in names {
            let Explanation { parts, .. } = match &schema {
                Some(schema) => schema.explain(version, name, |_| Ok(None))?,
                None => version.explain(name, |_| Ok(None))?,
            };
            parts.into_iter().for_each(|part| gather(String::new(), part, &mut blames));
        }
        Ok(blames)
    }
}

/// A place and those below it.
fn gather(above: String, part: Part, blames: &mut Vec<Blame>) {
    let place = above + &part.name;
    let writes: Vec<Written> = part.writes.into_iter().filter(|write| write.wins).collect();
    if !writes.is_empty() {
        let (strategy, reads) = (part.strategy, part.reads);
        blames.push(Blame { place: place.clone(), strategy, reads, writes });
    }
    part.parts.into_iter().for_each(|part| gather(place.clone(), part, blames));
}

/// A line for each write: `3fa9c1d2:7 2026-11-21T21:15:09Z  phone = "555"`.
impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for write in &self.writes {
            write!(f, "{:.8}:{} {}  {}", write.actor, write.sequence, write.time, self.place)?;
            match (&write.value, &self.reads) {
                (Value::Null, Some(value)) => writeln!(f, " = {value}")?,
                (Value::Null, None) => writeln!(f)?,
                (value, _) => writeln!(f, " = {value}")?,
            }
        }
        Ok(())
    }
}
