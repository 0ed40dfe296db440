//! Counting by indexes alone: how many objects a filter wants, where their rows say all of it.

use super::choose::Groups;
use super::keys::Keys;
use super::scan::Plan;
use crate::repo::index::Entry;
use crate::repo::view::View;
use dronestore_core::Result;
use dronestore_core::query::Filter;
use dronestore_core::query::index::Access;
use std::sync::Arc;

/// How many objects a query wants within its offset and limit; `None` where that takes a look at them.
pub(super) fn count(plan: &Plan, view: &View) -> Result<Option<usize>> {
    let query = &plan.query;
    if query.under.is_some() || query.after.is_some() {
        return Ok(None);
    }
    let Some(groups) = answering(&query.filter, &plan.indexes) else { return Ok(None) };
    let Some(mut keys) = Keys::new(&groups, view, false, None)? else { return Ok(None) };
    let (most, mut count) = (query.limit.unwrap_or(usize::MAX), 0);
    let last = most.saturating_add(query.offset);
    while count < last && keys.next()?.is_some() {
        count += 1;
    }
    Ok(Some(count.saturating_sub(query.offset)))
}

/// Rows of indexes that name every object that a filter wants, and no other.
fn answering(filter: &Filter, indexes: &[Arc<Entry>]) -> Option<Groups> {
    // One that could not be read may be wanted or not.
    let readable = indexes.iter().filter(|entry| !entry.has_residue);
    let whole = readable.filter_map(|entry| {
        let sources = Access::filtered(&entry.definition, filter)?;
        Access::answers(&entry.definition, sources.parts, filter).then(|| (entry.clone(), sources))
    });
    match (whole.min_by_key(|(_, sources)| sources.width), filter) {
        (Some(one), _) => Some(vec![one]),
        (None, Filter::Or(filters)) => {
            let each: Option<Vec<Groups>> = filters.iter().map(|filter| answering(filter, indexes)).collect();
            each.map(|each| each.concat()).filter(|groups| !groups.is_empty())
        }
        (None, _) => None,
    }
}
