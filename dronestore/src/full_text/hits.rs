//! Hits: what was found, and what stands there.

use super::handle::Moment;
use super::parse::Mark;
use super::search::no_field;
use super::snippet::{LENGTH, Snippet};
use crate::{Drone, Key, Result, Version, Versioned};
use std::fmt;

/// An object that was found.
pub(super) struct Found {
    pub(super) score: f32,
    pub(super) kind: String,
    pub(super) key: Key,
}

/// What was found, the best first, and what stood in the repo at that moment.
///
/// Keeping it for long keeps the store from reusing the space of what is overwritten meanwhile.
pub struct Hits {
    moment: Moment,
    marks: Vec<Mark>,
    found: Vec<Found>,
}

/// One object that was found.
#[derive(Clone, Copy)]
pub struct Hit<'h> {
    hits: &'h Hits,
    found: &'h Found,
}

impl Hits {
    pub(super) fn new(moment: Moment, marks: Vec<Mark>, found: Vec<Found>) -> Hits {
        Hits { moment, marks, found }
    }

    /// How many there are here; [`Search::count`](super::Search::count) says how many there are at all.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The hits, the best first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Hit<'_>> + DoubleEndedIterator {
        self.found.iter().map(|found| Hit { hits: self, found })
    }

    /// The hit of this place, from 0.
    pub fn get(&self, place: usize) -> Option<Hit<'_>> {
        self.found.get(place).map(|found| Hit { hits: self, found })
    }

    /// The keys, the best first.
    pub fn keys(&self) -> Vec<Key> {
        self.found.iter().map(|found| found.key.clone()).collect()
    }
}

impl<'h> IntoIterator for &'h Hits {
    type Item = Hit<'h>;
    type IntoIter = Box<dyn Iterator<Item = Hit<'h>> + 'h>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl<'h> Hit<'h> {
    /// The object's key.
    pub fn key(&self) -> &'h Key {
        &self.found.key
    }

    /// Its kind.
    pub fn kind(&self) -> &'h str {
        &self.found.kind
    }

    /// How well it fits; more is better.
    pub fn score(&self) -> f32 {
        self.found.score
    }

    /// The object, as it stood when it was found; `None` where it is of another model.
    ///
    /// # Errors
    /// As [`Repo::get`](crate::Repo::get). Cost: the same.
    pub fn object<T: Drone>(&self) -> Result<Option<Versioned<T>>> {
        if T::KIND != self.kind() { Ok(None) } else { self.hits.moment.view.get(self.key()) }
    }

    /// Its version, as it stood when it was found; needs no Rust type.
    ///
    /// # Errors
    /// As [`View::version`](crate::View::version). Cost: the same.
    pub fn version(&self) -> Result<Option<Version>> {
        self.hits.moment.view.version(self.kind(), self.key())
    }

    /// The part of a field, 160 bytes or so, in which most of the words stand; its beginning where none of them does, `None` where there
    /// is no text in it.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a field that is not searched; as [`View::version`](crate::View::version).
    ///
    /// Cost: reads the object, and goes over the text once.
    pub fn snippet(&self, field: &str) -> Result<Option<Snippet>> {
        self.snippet_of(field, LENGTH)
    }

    /// The same, of about so many bytes.
    ///
    /// # Errors
    /// As [`Hit::snippet`].
    pub fn snippet_of(&self, field: &str, length: usize) -> Result<Option<Snippet>> {
        let plan = &self.hits.moment.layout.plan;
        let place = plan.field(field).ok_or_else(|| no_field(field, &plan.names))?;
        let texts = self.texts()?;
        Ok(self.part(&texts, place, length))
    }

    /// The parts of all fields in which something was found, with their names.
    ///
    /// # Errors
    /// As [`Hit::snippet`]. Cost: reads the object, and goes over its texts once.
    pub fn snippets(&self) -> Result<Vec<(&'h str, Snippet)>> {
        let (names, texts) = (&self.hits.moment.layout.plan.names, self.texts()?);
        let part = |(place, name): (usize, &'h String)| {
            let snippet = self.part(&texts, place, LENGTH).filter(Snippet::is_marked)?;
            Some((name.as_str(), snippet))
        };
        Ok(names.iter().enumerate().filter_map(part).collect())
    }

    fn texts(&self) -> Result<Vec<(usize, String)>> {
        let moment = &self.hits.moment;
        let searched = moment.layout.plan.kinds.get(self.kind());
        let version = moment.view.head(self.kind(), self.key())?.filter(|version| !version.is_deleted());
        match (searched, version) {
            (Some(searched), Some(version)) => searched.reader().texts(&moment.view, &version),
            _ => Ok(Vec::new()),
        }
    }

    fn part(&self, texts: &[(usize, String)], place: usize, length: usize) -> Option<Snippet> {
        let marks: Vec<&Mark> =
            self.hits.marks.iter().filter(|mark| mark.field.is_none_or(|field| field == place)).collect();
        let texts: Vec<&str> =
            texts.iter().filter(|(field, _)| *field == place).map(|(_, text)| text.as_str()).collect();
        Snippet::of(&texts, &marks, length)
    }
}

impl fmt::Debug for Hits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Hit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hit({} {} {})", self.kind(), self.key(), self.score())
    }
}
