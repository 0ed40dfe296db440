//! Which rows of an index a query has to look at, and whether they come in its order.

use super::definition::{IndexDefinition, Likeness};
use super::encode::{self, RESIDUE};
use super::ranges::Ranges;
use crate::query::filter::Filter;
use crate::query::order::{Direction, Order};
use crate::store::prefix_end;
use crate::value::Value;

/// How many ranges of one index a query walks at most.
const MOST_RANGES: usize = 1024;

/// Rows of an index that lie together: from these bytes to before those, behind the index's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The first.
    pub from: Vec<u8>,
    /// Behind the last.
    pub to: Vec<u8>,
    /// Whether they are in the order of their objects' keys.
    pub is_by_key: bool,
}

/// All rows of an index that a filter leaves: of every object that is wanted, one is among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The ranges, apart from one another.
    pub list: Vec<Source>,
    /// Whether several rows of one object may be among them.
    pub may_repeat: bool,
    /// How many of the index's parts decide.
    pub parts: usize,
    /// A guess at how much they hold: to compare two with.
    pub width: usize,
}

/// A walk over an index in the order of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// What the first parts may be, each a value of them all; rows of only one of these may be there, or they are in no order.
    pub prefixes: Vec<Vec<u8>>,
    /// How many parts these are.
    pub fixed: usize,
    /// Which values of the next part are walked over, ascending.
    pub ranges: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether something is left out.
    pub is_narrowed: bool,
    /// Whether the walk goes from the last to the first.
    pub is_descending: bool,
    /// How many of the first parts are in the order of the query.
    pub grouped: usize,
    /// Whether that is all of the order, and all of the index: rows that agree are in the order of their keys.
    pub is_complete: bool,
    /// The orders that the parts behind the fixed ones answer, as a range of places in the query's.
    pub orders: (usize, usize),
}

/// What a query can do with an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access;

impl Access {
    /// The rows that a filter leaves; `None` where it says nothing of the first part.
    pub fn filtered(index: &IndexDefinition, filter: &Filter) -> Option<Sources> {
        // Of most indexes a filter says nothing.
        if !index.parts.first().is_some_and(|first| filter.names(first.attribute())) {
            return None;
        }
        let mut prefixes: Vec<Vec<u8>> = vec![Vec::new()];
        let mut last: Option<Ranges> = None;
        let (mut parts, mut is_fixed) = (0, true);
        for part in &index.parts {
            let ranges = match part.each {
                // Objects without an element have no row.
                true => Ranges::of_each(filter, part)?,
                false => Ranges::of(filter, part),
            };
            // A later part that counts each element is asked for what it requires alone.
            if !is_fixed || ranges.is_all() {
                is_fixed = false;
                continue;
            }
            parts += 1;
            match points(&ranges).filter(|points| points.len() * prefixes.len() <= MOST_RANGES) {
                Some(points) => {
                    prefixes = prefixes
                        .iter()
                        .flat_map(|prefix| points.iter().map(move |point| [&prefix[..], point].concat()))
                        .collect();
                }
                None => {
                    is_fixed = false;
                    last = Some(ranges);
                }
            }
        }
        if parts == 0 {
            return None;
        }
        let is_by_key = is_fixed && parts == index.parts.len();
        let width =
            prefixes.len() * if is_by_key { 1 } else { last.as_ref().map_or(10, |last| 2 + last.width()) };
        let list: Vec<Source> = match last {
            None => prefixes.into_iter().map(|from| source(prefix_end(&from), from, is_by_key)).collect(),
            Some(ranges) => prefixes
                .iter()
                .flat_map(|prefix| {
                    let below = |bytes: &[u8]| [&prefix[..], bytes].concat();
                    ranges.list.iter().map(move |(from, to)| source(Some(below(to)), below(from), false))
                })
                .collect(),
        };
        let has_each = index.parts.iter().any(|part| part.each);
        if list.len() > MOST_RANGES {
            return None;
        }
        Some(Sources { may_repeat: has_each && list.len() + usize::from(!is_by_key) > 1, list, parts, width })
    }

    /// A walk in the order of a query, as far as the index has it.
    pub fn ordered(index: &IndexDefinition, filter: &Filter, orders: &[Order]) -> Option<Ordered> {
        let first = index.parts.first()?.attribute();
        if !filter.names(first) && !orders.is_empty() && !orders.iter().any(|order| order.by.is_of(first)) {
            return None;
        }
        let mut prefixes: Vec<Vec<u8>> = vec![Vec::new()];
        let mut fixed = 0;
        let mut next: Option<Ranges> = None;
        for part in &index.parts {
            let ranges = if part.each { Ranges::of_each(filter, part)? } else { Ranges::of(filter, part) };
            match points(&ranges).filter(|points| points.len() * prefixes.len() <= 8) {
                Some(points) => {
                    prefixes = prefixes
                        .iter()
                        .flat_map(|prefix| points.iter().map(move |point| [&prefix[..], point].concat()))
                        .collect();
                    fixed += 1;
                }
                None => {
                    next = Some(ranges);
                    break;
                }
            }
        }
        // Behind what is fixed each object has to have one row.
        if index.parts[fixed..].iter().any(|part| part.each) {
            return None;
        }
        let is_same = |part: usize, order: &Order| index.parts[part].likeness(&order.by) == Likeness::Same;
        // What is fixed orders nothing.
        let is_constant =
            |order: &&Order| (0..fixed).any(|part| !index.parts[part].each && is_same(part, order));
        let begin = orders.iter().take_while(is_constant).count();
        let direction = orders.get(begin).map_or(Direction::Asc, |order| order.direction);
        let follows = |(part, order): &(usize, &Order)| is_same(*part, order) && order.direction == direction;
        let matched = (fixed..index.parts.len()).zip(&orders[begin..]).take_while(follows).count();
        if matched == 0 && begin < orders.len() {
            return None;
        }
        let ranges = next.unwrap_or_else(Ranges::all);
        Some(Ordered {
            prefixes,
            fixed,
            is_narrowed: fixed > 0 || !ranges.is_all(),
            ranges: if fixed == index.parts.len() { vec![(Vec::new(), vec![0xff])] } else { ranges.list },
            is_descending: direction == Direction::Desc,
            grouped: fixed + matched,
            is_complete: begin + matched == orders.len() && fixed + matched == index.parts.len(),
            orders: (begin, begin + matched),
        })
    }

    /// The bytes of values, as rows have them.
    pub fn encode<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<u8> {
        let mut out = Vec::new();
        values.for_each(|value| encode::put(value, &mut out));
        out
    }

    /// Whether the rows that a filter leaves ([`Access::filtered`]) are those of the objects that it wants, and of no others:
    /// by so many parts of the index every condition is answered exactly. Cost: linear in the filter.
    pub fn answers(index: &IndexDefinition, parts: usize, filter: &Filter) -> bool {
        let all = match filter {
            Filter::And(all) => &all[..],
            one => std::slice::from_ref(one),
        };
        // Of several elements only one is looked up.
        let mut asked = vec![false; parts];
        all.iter().all(|filter| {
            index.parts[..parts].iter().enumerate().any(|(number, part)| match part.each {
                true => Ranges::is_exact_each(filter, part) && !std::mem::replace(&mut asked[number], true),
                false => Ranges::of(filter, part).is_exact,
            })
        })
    }

    /// The parts of a filter that an index does not answer by itself.
    pub fn left(index: &IndexDefinition, parts: usize, filter: &Filter) -> Filter {
        let is_answered = |filter: &Filter| {
            index.parts[..parts].iter().any(|part| match part.each {
                true => matches!(filter, Filter::Has(..)) && Ranges::of_each(filter, part).is_some(),
                false => Ranges::of(filter, part).is_exact,
            })
        };
        match filter {
            Filter::And(all) => {
                let left: Vec<Filter> = all.iter().filter(|filter| !is_answered(filter)).cloned().collect();
                match <[Filter; 1]>::try_from(left) {
                    Ok([one]) => one,
                    Err(left) => Filter::And(left),
                }
            }
            filter if is_answered(filter) => Filter::default(),
            filter => filter.clone(),
        }
    }
}

fn source(to: Option<Vec<u8>>, from: Vec<u8>, is_by_key: bool) -> Source {
    Source { from, to: to.unwrap_or_else(|| vec![RESIDUE]), is_by_key }
}

/// The single values that ranges are, if they are no more than that.
fn points(ranges: &Ranges) -> Option<Vec<Vec<u8>>> {
    let mut points = Vec::new();
    for (from, to) in &ranges.list {
        if prefix_end(from).as_ref() != Some(to) {
            return None;
        }
        if encode::part(from) == (from.len(), true) {
            points.push(from.clone());
            continue;
        }
        points.extend(encode::typed(from)?);
    }
    Some(points)
}
