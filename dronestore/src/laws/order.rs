//! A reading is a function of the entries: the same for any order in which they come.

use super::craft::{self, Part};
use super::fault::{Fault, Outcome, PANICS};
use super::quiet::quietly;
use super::shown::show;
use crate::causal::place::Values;
use crate::causal::state::State;
use crate::causal::{Form, Structure};
use crate::model::{self, Model};
use crate::{Drone, Key, Nanotime, Result, Version, Versioned};
use dronestore_core::bytes::put_varint;
use std::collections::BTreeSet;
use std::fmt::Debug;

const LAW: &str = "a strategy reads the same from the same entries, in whatever order they come";

/// How many entries are tried in all their orders.
const MOST: usize = 4;

/// When an entry was written, and its encoded value.
type Written<'a> = (Nanotime, &'a [u8]);

/// That every field with a strategy of your own reads the same from its entries, in whatever order they come and where
/// their times are equal: what a printed history ends with, where that does not hold.
///
/// # Panics
/// If a field does not, or if there is no version yet.
#[allow(clippy::panic, reason = "a test fails by panicking")]
pub fn check_order<T: Drone + Debug>(handle: &Versioned<T>) {
    let Some(version) = handle.version() else { panic!("`{}` was never committed", handle.key()) };
    if let Err(fault) = check::<T>(handle.key(), version) {
        panic!("{}: {}", fault.law, fault.seen);
    }
}

/// That each field with a strategy of the user's own reads the same from its entries in all orders.
pub(super) fn check<T: Model + Debug>(key: &Key, version: &Version) -> Outcome {
    let outcome = quietly(|| orders_agree::<T>(key, version));
    let outcome = outcome.unwrap_or_else(|panic| Err(Fault::new(PANICS, panic)));
    outcome.map_err(|fault| fault.proved("dronestore::laws::check_order(&§);"))
}

fn orders_agree<T: Model + Debug>(key: &Key, version: &Version) -> Outcome {
    let failed = |error: crate::Error| Fault::new(LAW, error);
    for part in craft::parts(version).map_err(failed)? {
        let form = Form::parse(&part.form).map_err(failed)?;
        // Under a name of one's own stands code of one's own; what stands elsewhere is known to be right.
        let known =
            T::ATTRIBUTES.iter().any(|attribute| attribute.name() == part.name && attribute.form() == form);
        if !known || form.name().is_none() || form.structure() != Structure::Values {
            continue;
        }
        let (entries, are_apart) = entries(version, &part.body).map_err(failed)?;
        if entries.len() < 2 {
            continue;
        }
        in_all_orders::<T>(key, &part, &entries)?;
        if are_apart {
            // Different actors may have written at one time.
            let at_once: Vec<Written<'_>> = entries.iter().map(|(_, value)| (entries[0].0, *value)).collect();
            in_all_orders::<T>(key, &part, &at_once)?;
        }
    }
    Ok(())
}

fn in_all_orders<T: Model + Debug>(key: &Key, part: &Part, entries: &[Written<'_>]) -> Outcome {
    let failed = |error: crate::Error| Fault::new(LAW, error);
    let read = |order: &[usize]| -> Result<(T, Version)> {
        let version = arranged(key, T::KIND, part, entries, order)?;
        Ok((model::load(&version)?, version))
    };
    let orders = orders(entries.len().min(MOST));
    let (first, _) = read(&orders[0]).map_err(failed)?;
    for order in &orders[1..] {
        let (other, version) = read(order).map_err(failed)?;
        if !model::changes(&first, key, Some(&version), None).map_err(failed)?.is_empty() {
            let name = &part.name;
            let text = |value: &T| show(value).field(name).map(|shown| shown.rust(None)).unwrap_or_default();
            let values = order.iter().map(|index| crate::Value::from_bytes(entries[*index].1));
            let values: Vec<String> =
                values.map(|value| value.map_or_else(|e| e.to_string(), |v| v.to_string())).collect();
            return Err(Fault::new(
                LAW,
                format_args!(
                    "`{name}` reads {} from its {} entries as they stand, and {} from them as {}",
                    text(&first),
                    orders[0].len(),
                    text(&other),
                    values.join(", then ")
                ),
            ));
        }
    }
    Ok(())
}

/// The entries in a body of the version, in the order in which they stand; whether all are by different actors.
fn entries<'b>(version: &Version, body: &'b [u8]) -> Result<(Vec<Written<'b>>, bool)> {
    let state = State::parse(version.state_bytes())?;
    let mut values = Values::new(body);
    let (mut entries, mut actors) = (Vec::new(), BTreeSet::new());
    while let Some(entry) = values.next()? {
        let row = state.table.get(entry.row as usize);
        actors.extend(row.map(|row| row.actor));
        entries.push((row.map_or(Nanotime::MIN, |row| row.time), entry.value));
    }
    let are_apart = actors.len() == entries.len();
    Ok((entries, are_apart))
}

/// A version in which this one attribute holds these entries in that order.
fn arranged(key: &Key, kind: &str, part: &Part, entries: &[Written<'_>], order: &[usize]) -> Result<Version> {
    let times: Vec<Nanotime> = order.iter().map(|index| entries[*index].0).collect();
    let mut body = Vec::new();
    for (row, index) in (0..).zip(order) {
        put_varint(&mut body, row);
        body.extend_from_slice(entries[*index].1);
    }
    craft::assemble(key, kind, craft::commits(&times), vec![Part { body, ..part.clone() }])
}

/// All orders of so many things, the one in which they stand first.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in orders(count - 1) {
        for place in (0..count).rev() {
            let mut order = shorter.clone();
            order.insert(place, count - 1);
            all.push(order);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_orders_are_tried() {
        let mut all = orders(4);
        assert_eq!(all[0], [0, 1, 2, 3]);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 24);
    }
}
