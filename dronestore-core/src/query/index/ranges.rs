//! Ranges: which encoded values a filter lets through at one path.

use super::definition::{IndexPart, Likeness};
use super::encode::{self, LIMIT, RESIDUE};
use crate::query::compare::Op;
use crate::query::filter::Filter;
use crate::query::path::{Path, Step};
use crate::store::prefix_end;
use crate::value::Value;
use std::cmp::{max, min};

/// Ranges of encoded values, ascending and apart, each from its first bytes to before its second ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges {
    pub(super) list: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether an object is wanted if and only if its value lies in one of them; else only if.
    pub(super) is_exact: bool,
}

impl Ranges {
    /// Everything that has a value.
    pub(super) fn all() -> Ranges {
        Ranges { list: vec![(Vec::new(), vec![RESIDUE])], is_exact: false }
    }

    fn exactly(list: Vec<(Vec<u8>, Vec<u8>)>) -> Ranges {
        Ranges { list, is_exact: true }
    }

    /// Whether nothing is left out.
    pub(super) fn is_all(&self) -> bool {
        matches!(&self.list[..], [(from, to)] if from.is_empty() && *to == [RESIDUE])
    }

    /// What the filter asks of a value that each object has once.
    pub(super) fn of(filter: &Filter, part: &IndexPart) -> Ranges {
        let all = || Ranges { is_exact: true, ..Ranges::all() };
        match filter {
            Filter::And(filters) => {
                filters.iter().map(|filter| Ranges::of(filter, part)).fold(all(), Ranges::intersect)
            }
            Filter::Or(filters) => filters
                .iter()
                .map(|filter| Ranges::of(filter, part))
                .fold(Ranges::exactly(Vec::new()), Ranges::union),
            Filter::Not(inner) => Ranges::of(inner, part).complement(),
            leaf => leaf_of_whole(leaf, part).unwrap_or_else(Ranges::all),
        }
    }

    /// What the filter asks of values of which an object has many, or none: one of them lies there. `None` where nothing
    /// is asked, so that objects without any may be wanted.
    pub(super) fn of_each(filter: &Filter, part: &IndexPart) -> Option<Ranges> {
        let not_exactly = |ranges: Ranges| Ranges { is_exact: false, ..ranges };
        match filter {
            // Two elements may do what both ask for: only one of them can be looked up.
            Filter::And(filters) => {
                let found = filters.iter().filter_map(|filter| Ranges::of_each(filter, part));
                found.min_by_key(|ranges| ranges.width()).map(not_exactly)
            }
            Filter::Or(filters) => {
                let all: Option<Vec<Ranges>> =
                    filters.iter().map(|filter| Ranges::of_each(filter, part)).collect();
                Some(not_exactly(all?.into_iter().fold(Ranges::exactly(Vec::new()), Ranges::union)))
            }
            Filter::Not(_) => None,
            leaf => leaf_of_each(leaf, part).map(not_exactly),
        }
    }

    /// Whether a leaf wants those objects alone of which a value lies in what it leaves.
    pub(super) fn is_exact_each(leaf: &Filter, part: &IndexPart) -> bool {
        let Filter::Has(path, value) = leaf else { return false };
        let mut key = Vec::new();
        encode::put_pair_key(value, &mut key);
        key.len() <= LIMIT && part.likeness(path) == Likeness::Same && element(value, part).is_exact
    }

    /// A guess at which of two is narrower: values, then what begins alike, then what is open at an end.
    pub(super) fn width(&self) -> usize {
        let of = |(from, to): &(Vec<u8>, Vec<u8>)| match from.len() {
            0 | 1 => 1_000_000,
            _ if prefix_end(from).as_ref() == Some(to) => 1,
            _ if to.len() <= 1 => 100_000,
            _ => 1_000,
        };
        self.list.iter().map(of).sum()
    }

    fn intersect(self, other: Ranges) -> Ranges {
        let is_exact = self.is_exact && other.is_exact;
        let (mut ours, mut theirs) = (self.list.into_iter().peekable(), other.list.into_iter().peekable());
        let mut list = Vec::new();
        while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
            let (from, to) = (max(&a.0, &b.0), min(&a.1, &b.1));
            if from < to {
                list.push((from.clone(), to.clone()));
            }
            if a.1 <= b.1 { drop(ours.next()) } else { drop(theirs.next()) }
        }
        Ranges { list, is_exact }
    }

    fn union(self, other: Ranges) -> Ranges {
        let is_exact = self.is_exact && other.is_exact;
        let mut all = [self.list, other.list].concat();
        all.sort();
        let mut list: Vec<(Vec<u8>, Vec<u8>)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match list.last_mut().filter(|last| from <= last.1) {
                Some(last) => last.1 = max(std::mem::take(&mut last.1), to),
                None => list.push((from, to)),
            }
        }
        Ranges { list, is_exact }
    }

    fn complement(self) -> Ranges {
        if !self.is_exact {
            return Ranges::all();
        }
        let mut list = Vec::with_capacity(self.list.len() + 1);
        let mut from = Vec::new();
        for (start, end) in self.list {
            if from < start {
                list.push((from, start));
            }
            from = end;
        }
        if from[..] < [RESIDUE][..] {
            list.push((from, vec![RESIDUE]));
        }
        Ranges::exactly(list)
    }

    /// Below the same bytes.
    fn behind(self, prefix: &[u8]) -> Ranges {
        let end = prefix_end(prefix).unwrap_or_default();
        let below = |(from, to): (Vec<u8>, Vec<u8>)| {
            let cut = |bytes: Vec<u8>| {
                let mut all = [prefix, &bytes].concat();
                all.truncate(LIMIT);
                all
            };
            let to = if to == [RESIDUE] { end.clone() } else { cut(to) };
            let from = cut(from);
            // What was cut off made the difference.
            let to = if to <= from { prefix_end(&from).unwrap_or_default() } else { to };
            (from, to)
        };
        Ranges { list: self.list.into_iter().map(below).collect(), is_exact: false }
    }
}

/// From these bytes to behind all that begin with them.
fn beginning(prefix: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let end = prefix_end(&prefix).unwrap_or_default();
    (prefix, end)
}

/// The values of which a leaf of a filter holds, and the path that it looks at.
fn values(leaf: &Filter) -> Option<(&Path, Ranges)> {
    Some(match leaf {
        Filter::Is(path, op, value) => (path, compared(*op, value)),
        Filter::In(path, values) => {
            let each = values.iter().map(|value| compared(Op::Eq, value));
            (path, each.fold(Ranges::exactly(Vec::new()), Ranges::union))
        }
        Filter::StartsWith(path, text) => {
            let mut prefix = Vec::new();
            encode::put_prefix(text, &mut prefix);
            let is_exact = prefix.len() <= LIMIT;
            prefix.truncate(LIMIT);
            (path, Ranges { list: vec![beginning(prefix)], is_exact })
        }
        Filter::IsNone(path) => (path, compared(Op::Eq, &Value::Null)),
        _ => return None,
    })
}

fn compared(op: Op, value: &Value) -> Ranges {
    let mut equal = Vec::new();
    encode::put_equal(value, &mut equal);
    let mut whole = Vec::new();
    encode::put(value, &mut whole);
    let is_exact = encode::part(&whole) == (whole.len(), true);
    let tag = encode::tag(value);
    let (first, last) = (vec![tag], vec![tag + 1]);
    let (from, to) = beginning(equal);
    let list = match op {
        Op::Eq => (from, to),
        Op::Ne => return Ranges { list: vec![(from, to)], is_exact }.complement(),
        // What is absent is neither less nor greater.
        _ if value.is_null() => return Ranges::exactly(Vec::new()),
        // Of a long value the beginning alone is known, which less and greater ones may share.
        Op::Lt => (first, if is_exact { from } else { to }),
        Op::Le => (first, to),
        Op::Gt => (if is_exact { to } else { from }, last),
        Op::Ge => (from, last),
    };
    let list = if list.0 < list.1 { vec![list] } else { Vec::new() };
    Ranges { list, is_exact }
}

fn leaf_of_whole(leaf: &Filter, part: &IndexPart) -> Option<Ranges> {
    let (path, ranges) = values(leaf)?;
    match part.likeness(path) {
        Likeness::Same => Some(ranges),
        // It reads otherwise where nothing was written; what is there then must not be wanted.
        Likeness::OtherDefault if !holds_of_absent(leaf, path) => Some(Ranges { is_exact: false, ..ranges }),
        _ => None,
    }
}

fn leaf_of_each(leaf: &Filter, part: &IndexPart) -> Option<Ranges> {
    if let Filter::Has(path, value) = leaf {
        return match part.likeness(path) {
            Likeness::Same => Some(element(value, part)),
            Likeness::OtherDefault if !holds_of_absent(leaf, path) => Some(element(value, part)),
            _ => None,
        };
    }
    // An entry of a map under a key.
    let (path, ranges) = values(leaf)?;
    let (Some(Step::At(key)), true) = (path.steps.last(), part.is_map()) else { return None };
    let above = Path { root: path.root.clone(), steps: path.steps[..path.steps.len() - 1].to_vec() };
    if matches!(part.likeness(&above), Likeness::Other) || holds_of(leaf, &Value::Null) {
        return None;
    }
    if part.likeness(&above) == Likeness::OtherDefault && holds_of_absent(leaf, path) {
        return None;
    }
    let mut prefix = Vec::new();
    encode::put_pair_key(key, &mut prefix);
    prefix.truncate(LIMIT);
    Some(ranges.behind(&prefix))
}

/// The elements that equal this value, and the entries that are under it as a key.
fn element(value: &Value, part: &IndexPart) -> Ranges {
    let mut key = Vec::new();
    encode::put_pair_key(value, &mut key);
    key.truncate(LIMIT);
    let under = Ranges::exactly(vec![beginning(key)]);
    match (part.is_map(), part.is_list()) {
        (true, _) => under,
        (false, true) => compared(Op::Eq, value),
        (false, false) => compared(Op::Eq, value).union(under),
    }
}

/// Whether a leaf holds where nothing was written, by what its own path says is there then.
fn holds_of_absent(leaf: &Filter, path: &Path) -> bool {
    (0..=path.steps.len()).any(|from| {
        let value = path.steps[from..].iter().fold(None, |value, step| step.take(value));
        holds_of(leaf, &value.unwrap_or_default())
    })
}

/// Whether a leaf holds of this value.
fn holds_of(leaf: &Filter, value: &Value) -> bool {
    match leaf {
        Filter::Is(_, op, other) => op.holds(value, other),
        Filter::In(_, values) => values.iter().any(|other| Op::Eq.holds(value, other)),
        Filter::Has(_, element) => crate::query::filter::has(value, element),
        Filter::StartsWith(_, text) => value.as_text().is_some_and(|found| found.starts_with(text)),
        Filter::IsNone(_) => value.is_null(),
        _ => true,
    }
}
