//! Choosing how a query is answered: from an index in its order, from the rows of indexes that its filter leaves, or by a walk
//! over all heads.

use super::scan::Plan;
use crate::repo::index::Entry;
use crate::repo::view::View;
use dronestore_core::Result;
use dronestore_core::query::Filter;
use dronestore_core::query::index::{Access, Ordered, Sources};
use dronestore_core::store::{Direction, Range};
use std::sync::Arc;

/// Up to how many rows of one way are counted before another is taken for no worse.
const PROBED: [usize; 3] = [8, 32, 128];

/// Rows of indexes, of which every object that is wanted has one.
pub(crate) type Groups = Vec<(Arc<Entry>, Sources)>;

/// How a query is answered.
pub(crate) enum Way {
    /// All heads, or those below a key.
    Heads,
    /// The objects that these rows name.
    Keys(Groups),
    /// An index from one end to the other.
    Ordered(Arc<Entry>, Ordered),
}

/// How a query is answered best, as far as can be told from looking at a few rows.
pub(crate) fn choose(plan: &Plan, view: &View) -> Result<Way> {
    let query = &plan.query;
    if plan.indexes.is_empty() || query.under.is_some() || query.limit == Some(0) {
        return Ok(Way::Heads);
    }
    let mut ways = ways(&query.filter, &plan.indexes);
    ways.sort_by_key(width);
    if query.order.is_empty() {
        return Ok(narrowest(ways, view, 2)?.map_or(Way::Heads, |(way, _)| Way::Keys(way)));
    }
    let Some((entry, ordered)) = ordered(plan, view)? else {
        return Ok(narrowest(ways, view, 2)?.map_or(Way::Heads, |(way, _)| Way::Keys(way)));
    };
    let is_own = |way: &Groups| matches!(&way[..], [(other, _)] if other.number == entry.number);
    if ways.is_empty() || (ordered.is_narrowed && ways.iter().all(is_own)) {
        return Ok(Way::Ordered(entry, ordered));
    }
    // A few objects are sorted faster than found in order among many others.
    Ok(match narrowest(ways, view, 1)? {
        Some((way, true)) if !(ordered.is_narrowed && is_own(&way)) => Way::Keys(way),
        Some((way, _)) if !ordered.is_narrowed && query.limit.is_none() => Way::Keys(way),
        _ => Way::Ordered(entry, ordered),
    })
}

fn width(way: &Groups) -> usize {
    way.iter().map(|(_, sources)| sources.width).sum()
}

/// All ways to find what a filter wants from indexes.
fn ways(filter: &Filter, indexes: &[Arc<Entry>]) -> Vec<Groups> {
    let one = |entry: &Arc<Entry>| Some(vec![(entry.clone(), Access::filtered(&entry.definition, filter)?)]);
    let mut ways: Vec<Groups> = indexes.iter().filter_map(one).collect();
    let any = |filters: &[Filter]| -> Option<Groups> {
        let each = filters.iter().map(|filter| ways_of(filter, indexes).into_iter().min_by_key(width));
        Some(each.collect::<Option<Vec<Groups>>>()?.concat())
    };
    match filter {
        // Where one index answers all of it there is nothing to bring together.
        Filter::Or(filters) if ways.is_empty() => ways.extend(any(filters)),
        Filter::And(filters) => {
            for filter in filters {
                if let Filter::Or(filters) = filter
                    && !indexes.iter().any(|entry| Access::filtered(&entry.definition, filter).is_some())
                {
                    ways.extend(any(filters));
                }
            }
        }
        _ => {}
    }
    ways
}

fn ways_of(filter: &Filter, indexes: &[Arc<Entry>]) -> Vec<Groups> {
    ways(filter, indexes)
}

/// The way with the fewest rows, and whether these are certainly few; of fewer than `from` ways none is looked at.
fn narrowest(ways: Vec<Groups>, view: &View, from: usize) -> Result<Option<(Groups, bool)>> {
    if ways.len() >= from {
        for most in PROBED {
            for way in &ways {
                if count(way, view, most)? < most {
                    return Ok(Some((way.clone(), true)));
                }
            }
        }
    }
    Ok(ways.into_iter().next().map(|way| (way, false)))
}

/// How many rows there are, counted up to `most`.
pub(crate) fn count(way: &Groups, view: &View, most: usize) -> Result<usize> {
    let mut count = 0;
    for (entry, sources) in way {
        for source in &sources.list {
            let row = |bytes: &[u8]| [&entry.prefix[..], bytes].concat();
            let (from, to) = (row(&source.from), row(&source.to));
            let mut cursor = view.snapshot.scan(Range::between(&from, &to), Direction::Forward)?;
            while cursor.next()?.is_some() {
                count += 1;
                if count >= most {
                    return Ok(count);
                }
            }
        }
    }
    Ok(count)
}

/// The index that has most of the query's order, and leaves out most.
fn ordered(plan: &Plan, view: &View) -> Result<Option<(Arc<Entry>, Ordered)>> {
    let query = &plan.query;
    let mut found: Vec<(Arc<Entry>, Ordered)> = Vec::new();
    for entry in plan.indexes.iter().filter(|entry| !entry.has_residue) {
        if let Some(ordered) = Access::ordered(&entry.definition, &query.filter, &query.order) {
            found.push((entry.clone(), ordered));
        }
    }
    let rank = |ordered: &Ordered| (ordered.fixed, ordered.is_narrowed, ordered.is_complete, ordered.grouped);
    found.sort_by_key(|(_, ordered)| std::cmp::Reverse(rank(ordered)));
    for (entry, mut ordered) in found {
        if ordered.prefixes.len() > 1 {
            // Numbers of two types are equal, and stand apart. As a rule there are those of one type alone.
            let mut there = Vec::new();
            for prefix in &ordered.prefixes {
                let from = [&entry.prefix[..], prefix].concat();
                let to = dronestore_core::store::prefix_end(&from).unwrap_or_default();
                let mut cursor = view.snapshot.scan(Range::between(&from, &to), Direction::Forward)?;
                if cursor.next()?.is_some() {
                    there.push(prefix.clone());
                }
            }
            if there.len() > 1 {
                continue;
            }
            ordered.prefixes = if there.is_empty() { ordered.prefixes[..1].to_vec() } else { there };
        }
        if ordered.prefixes.len() == 1 {
            return Ok(Some((entry, ordered)));
        }
    }
    Ok(None)
}
