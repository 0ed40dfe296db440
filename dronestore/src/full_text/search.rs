//! Search: what is asked, and asking it.

use super::ask::Within;
use super::fault::{fault, guarded};
use super::handle::{FullText, Moment};
use super::hits::{Found, Hits};
use super::layout::{ID, split_id};
use super::parse::{Asked, parse, plain};
use crate::query::Condition;
use crate::repo::TypedFilter;
use crate::{Drone, Error, ErrorKind, Key, Result};
use dronestore_core::nearest::did_you_mean;
use std::fmt;
use tantivy::Order;
use tantivy::collector::sort_key::{SortByBytes, SortBySimilarityScore};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::Query;

/// How many hits there are at most, if nothing else is said.
const LIMIT: usize = 20;
/// How many hits are looked at first, where a condition may leave few of them.
const LOOKED_AT: usize = 64;

/// A search that is not asked yet: what is to be found, and how much of it.
#[must_use = "a search does nothing until `run`"]
pub struct Search {
    text: FullText,
    query: String,
    is_plain: bool,
    kind: Option<String>,
    under: Option<Key>,
    limit: usize,
    offset: usize,
    boosts: Vec<(String, f32)>,
    filters: Vec<TypedFilter>,
    mistake: Option<Error>,
}

/// What is asked of one moment.
struct Plan {
    asked: Asked,
    query: Box<dyn Query>,
}

impl Search {
    pub(super) fn new(text: FullText, query: String, is_plain: bool) -> Search {
        let (kind, under, mistake) = (None, None, None);
        let (boosts, filters) = (Vec::new(), Vec::new());
        Search { text, query, is_plain, kind, under, limit: LIMIT, offset: 0, boosts, filters, mistake }
    }

    /// Only objects of this kind.
    pub fn kind(mut self, kind: &str) -> Self {
        let is_other = self.kind.as_ref().is_some_and(|known| known != kind);
        if is_other {
            self.mistake = Some(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "an object has one kind, and not both `{}` and `{kind}`",
                    self.kind.unwrap_or_default()
                ),
            ));
        }
        self.kind = Some(kind.to_owned());
        self
    }

    /// Only objects of this model.
    pub fn of<T: Drone>(self) -> Self {
        self.kind(T::KIND)
    }

    /// Only objects at and below this key.
    pub fn under(mut self, key: &Key) -> Self {
        self.under = Some(key.clone());
        self
    }

    /// At most so many hits; 20 if nothing is said.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Without the first so many.
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// What is found in this field counts so many times as much: 2 for titles.
    pub fn boost(mut self, field: &str, factor: f32) -> Self {
        if factor.is_finite() && factor > 0.0 {
            self.boosts.push((field.to_owned(), factor));
        } else {
            let message = format!("`{field}` cannot count {factor} times as much: a number above 0 is meant");
            self.mistake = Some(Error::new(ErrorKind::InvalidValue, message));
        }
        self
    }

    /// Only objects of this model of which this holds: `Note::fields().visits.ge(3)`. It is asked of the hits, the best first, until
    /// there are enough.
    pub fn filter<T: Drone>(mut self, condition: Condition<T>) -> Self {
        match TypedFilter::new(condition) {
            Ok(filter) => self.filters.push(filter),
            Err(error) => self.mistake = Some(error),
        }
        self.of::<T>()
    }

    /// The hits, the best first, those of one score by kind and key.
    ///
    /// A score is BM25's, summed over the fields: a rare word counts more than a common one, and in a short text more than in a long
    /// one; the beginning of a word counts the same everywhere. Scores of one search can be compared with one another, and with
    /// nothing else.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) with the place of a mistake in what was typed; as [`FullText::catch_up`].
    ///
    /// Cost: as [`FullText::catch_up`]; then grows with the number of objects that hold the words, in microseconds a thousand. With a
    /// condition each hit that is looked at is read.
    pub fn run(self) -> Result<Hits> {
        let moment = self.moment()?;
        let plan = self.plan(&moment)?;
        let found = match self.filters.is_empty() {
            true => top(&moment, &*plan.query, self.offset, self.limit)?,
            false => self.filtered(&moment, &*plan.query)?,
        };
        let mut marks = Vec::new();
        plan.asked.marks(&mut marks);
        Ok(Hits::new(moment, marks, found))
    }

    /// How many objects are found, whatever the limit.
    ///
    /// # Errors
    /// As [`Search::run`]. Cost: the same; with a condition every hit is read.
    pub fn count(self) -> Result<u64> {
        let moment = self.moment()?;
        let plan = self.plan(&moment)?;
        if self.filters.is_empty() {
            return guarded(|| moment.searcher.search(&*plan.query, &Count).map_err(fault))
                .map(|count| count as u64);
        }
        let mut count = 0;
        for found in top(&moment, &*plan.query, 0, usize::MAX)? {
            count += u64::from(self.wants(&moment, &found)?);
        }
        Ok(count)
    }

    fn moment(&self) -> Result<Moment> {
        if let Some(error) = &self.mistake {
            return Err(Error::new(error.kind(), error.to_string()));
        }
        self.text.moment(&mut |_| true)
    }

    fn plan(&self, moment: &Moment) -> Result<Plan> {
        let names = &moment.layout.plan.names;
        let asked = if self.is_plain { plain(&self.query) } else { parse(&self.query, names)? };
        let mut within = Within { kind: self.kind.clone(), under: self.under.clone(), boosts: Vec::new() };
        for (name, factor) in &self.boosts {
            let place = moment.layout.plan.field(name).ok_or_else(|| no_field(name, names))?;
            within.boosts.push((place, *factor));
        }
        let query = moment.layout.query(&asked, &within);
        Ok(Plan { asked, query })
    }

    /// The hits of which the conditions hold.
    fn filtered(&self, moment: &Moment, query: &dyn Query) -> Result<Vec<Found>> {
        let wanted = self.offset.saturating_add(self.limit);
        let (mut looked_at, mut most, mut kept) = (0, wanted.saturating_mul(2).max(LOOKED_AT), Vec::new());
        while kept.len() < wanted {
            let hits = top(moment, query, 0, most)?;
            let is_all = hits.len() < most;
            for found in hits.into_iter().skip(looked_at) {
                looked_at += 1;
                if self.wants(moment, &found)? {
                    kept.push(found);
                    if kept.len() >= wanted {
                        break;
                    }
                }
            }
            if is_all {
                break;
            }
            most = most.saturating_mul(4);
        }
        Ok(kept.into_iter().skip(self.offset).collect())
    }

    fn wants(&self, moment: &Moment, found: &Found) -> Result<bool> {
        for filter in &self.filters {
            let Some(version) = moment.view.head(filter.kind, &found.key)? else { return Ok(false) };
            if filter.kind != found.kind || !filter.wants(&moment.view, version)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The best hits.
fn top(moment: &Moment, query: &dyn Query, offset: usize, limit: usize) -> Result<Vec<Found>> {
    let all = usize::try_from(moment.searcher.num_docs()).unwrap_or(usize::MAX);
    let limit = limit.min(all.saturating_sub(offset));
    if limit == 0 {
        return Ok(Vec::new());
    }
    let order = (SortBySimilarityScore, (SortByBytes::for_field(ID), Order::Asc));
    let collector = TopDocs::with_limit(limit).and_offset(offset).order_by(order);
    let hits = guarded(|| moment.searcher.search(query, &collector).map_err(fault))?;
    let found = |((score, id), _): ((f32, Option<Vec<u8>>), _)| {
        let (kind, key) = split_id(&id.unwrap_or_default())?;
        Ok(Found { score, kind, key })
    };
    hits.into_iter().map(found).collect()
}

pub(super) fn no_field(name: &str, names: &[String]) -> Error {
    let hint = did_you_mean(name, names.iter().map(String::as_str));
    Error::new(ErrorKind::InvalidValue, format!("no field `{name}` is searched{hint}"))
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("query", &self.query).finish_non_exhaustive()
    }
}
