//! Explaining a query: what it reads, what it filters, and whether it sorts.

use super::choose::{Groups, Way, choose, count};
use super::scan::Plan;
use crate::repo::index::Entry;
use crate::repo::view::View;
use dronestore_core::Result;
use dronestore_core::query::index::Access;
use serde::Serialize;
use std::fmt;

/// Up to how many rows are counted.
const COUNTED: usize = 10_000;

/// How a query is answered. Displays as a few lines; serializes for tools.
///
/// ```text
/// index Person(last), 1 range, 3 rows
/// filter: age >= 18
/// order: sorted by age desc
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QueryPlan {
    /// The kind.
    pub kind: String,
    /// The indexes that are used, in the order of their use; none where all heads are walked over, or those below a key.
    pub indexes: Vec<IndexUse>,
    /// The key below which is looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// What is asked of each object that is found, because no index answers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How they come into order.
    pub order: PlanOrder,
    /// How many rows of indexes there are to look at, counted up to ten thousand; none where the walk ends at the limit, or is
    /// one over heads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
}

/// How a query uses an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IndexUse {
    /// Which: `Person(last, first)`.
    pub index: String,
    /// How many ranges of it are walked over.
    pub ranges: usize,
    /// How many of its fields leave something out.
    pub fields: usize,
}

/// How the objects come into order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlanOrder {
    /// They are found in the order that is wanted, and the walk ends at the limit.
    AsFound,
    /// They are found in groups that agree in what comes first, and each group is sorted.
    Grouped,
    /// Their keys are put in order before the objects are read.
    KeysSorted,
    /// All are found, and then sorted.
    Sorted,
}

impl QueryPlan {
    pub(super) fn of(plan: &Plan, view: &View) -> Result<QueryPlan> {
        let query = &plan.query;
        let (mut indexes, mut left, mut rows) = (Vec::new(), query.filter.clone(), None);
        let order = match choose(plan, view)? {
            Way::Heads if query.order.is_empty() => PlanOrder::AsFound,
            Way::Heads => PlanOrder::Sorted,
            Way::Ordered(entry, ordered) => {
                let narrowed =
                    ordered.fixed + usize::from(ordered.ranges.len() != 1 || !ordered.ranges[0].0.is_empty());
                let narrowed = narrowed.min(entry.definition.parts.len());
                left = Access::left(&entry.definition, narrowed, &left);
                indexes.push(used(&entry, ordered.ranges.len(), narrowed));
                if ordered.is_complete { PlanOrder::AsFound } else { PlanOrder::Grouped }
            }
            Way::Keys(groups) => {
                rows = Some(count(&groups, view, COUNTED)?);
                if let [(entry, sources)] = &groups[..] {
                    left = Access::left(&entry.definition, sources.parts, &left);
                }
                let each =
                    groups.iter().map(|(entry, sources)| used(entry, sources.list.len(), sources.parts));
                indexes.extend(each);
                match (query.order.is_empty(), is_by_key(&groups)) {
                    (false, _) => PlanOrder::Sorted,
                    (true, true) => PlanOrder::AsFound,
                    (true, false) => PlanOrder::KeysSorted,
                }
            }
        };
        Ok(QueryPlan {
            kind: plan.kind.clone(),
            indexes,
            under: query.under.as_ref().map(ToString::to_string),
            filter: (!left.is_everything()).then(|| left.to_string()),
            order,
            rows,
        })
    }
}

fn is_by_key(groups: &Groups) -> bool {
    groups.iter().flat_map(|(_, sources)| &sources.list).all(|source| source.is_by_key)
}

fn used(entry: &Entry, ranges: usize, fields: usize) -> IndexUse {
    IndexUse { index: entry.definition.to_string(), ranges, fields }
}

impl fmt::Display for QueryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let QueryPlan { kind, indexes, under, filter, order, rows } = self;
        match (&indexes[..], under) {
            ([], Some(key)) => write!(f, "walk over `{kind}` at and below `{key}`")?,
            ([], None) => write!(f, "walk over all `{kind}`")?,
            (indexes, _) => {
                for (place, IndexUse { index, ranges, .. }) in indexes.iter().enumerate() {
                    let (before, s) =
                        (if place > 0 { " and " } else { "" }, if *ranges == 1 { "" } else { "s" });
                    write!(f, "{before}index {index}, {ranges} range{s}")?;
                }
                if let Some(rows) = rows {
                    let (s, more) =
                        (if *rows == 1 { "" } else { "s" }, if *rows >= COUNTED { " or more" } else { "" });
                    write!(f, ", {rows} row{s}{more}")?;
                }
            }
        }
        if let Some(filter) = filter {
            write!(f, "\nfilter: {filter}")?;
        }
        f.write_str(match order {
            PlanOrder::AsFound => "\norder: as found",
            PlanOrder::Grouped => "\norder: group by group",
            PlanOrder::KeysSorted => "\norder: keys are sorted",
            PlanOrder::Sorted => "\norder: all are sorted",
        })
    }
}
