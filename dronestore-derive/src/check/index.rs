//! Which fields can be indexed, and which can be unique.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::attr::{IndexOption, Strategy};
use crate::errors::{Errors, did_you_mean};
use crate::input::{Field, Input};

/// As many fields as an index of the runtime has.
const MOST: usize = 8;

/// Notes what cannot be indexed.
pub(super) fn check(input: &Input, errors: &mut Errors) {
    for field in input.fields.iter().filter(|field| !field.is_skipped()) {
        for word in [&field.options.index, &field.options.unique].into_iter().flatten() {
            check_field(field, word, word == "unique", false, errors);
        }
    }
    input.options.indexes.iter().for_each(|index| check_index(input, index, errors));
}

fn check_index(input: &Input, index: &IndexOption, errors: &mut Errors) {
    let word = &index.word;
    if index.fields.len() > MOST {
        errors.at(word, format!("`{word}` names {} fields: {MOST} are the most", index.fields.len()));
    }
    let mut many = Vec::new();
    for (place, names) in index.fields.iter().enumerate() {
        let Some(first) = names.first() else { continue };
        if index.fields[..place].contains(names) {
            errors.at(first, format!("`{first}` is named twice, remove one"));
        }
        let Some(field) = input.fields.iter().find(|field| field.name == *first) else {
            let known = || {
                input
                    .fields
                    .iter()
                    .filter(|field| !field.is_skipped())
                    .map(|field| field.name.unraw().to_string())
            };
            let known: Vec<String> = known().collect();
            let hint = did_you_mean(&first.to_string(), known.iter().map(String::as_str));
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            errors.at(
                first,
                format!(
                    "`{}` has no field `{first}`{hint}\nthe fields are: {}",
                    input.name,
                    known.join(", ")
                ),
            );
            continue;
        };
        if field.is_skipped() {
            errors.at(first, format!("`{first}` is skipped and never stored: leave it out of `{word}`"));
            continue;
        }
        check_field(field, first, index.is_unique(), names.len() > 1, errors);
        if names.len() == 1 && field.strategy().is_some_and(Strategy::is_many) {
            many.push(first);
        }
    }
    if let [_, second, ..] = many[..] {
        errors.at(
            second,
            "an index has one set, list or map at most, of which each element counts: give this one an index of its own",
        );
    }
}

/// Whether a field fits; `is_path` where one of the fields below it is meant.
fn check_field(field: &Field, at: &Ident, is_unique: bool, is_path: bool, errors: &mut Errors) {
    let Some(strategy) = field.strategy() else { return };
    let name = &field.name;
    if let Strategy::Custom(_) = strategy {
        errors.at(at, format!("`{name}` is merged by code of your own, which tools that write here do not have: it cannot be indexed"));
    } else if strategy.is_nested() && !is_path {
        errors.at(at, format!("`{name}` holds a nested drone: name a field of it, on the struct: `#[drone(index({name}.field))]`"));
    } else if is_path && (!strategy.is_nested() || strategy.is_many()) {
        errors.at(
            at,
            format!("`{name}` is no nested drone: only the fields of one can be named behind a point"),
        );
    } else if is_unique && (is_path || !strategy.is_one_value()) {
        errors.at(
            at,
            "`unique` goes with fields whose value is one unit, of the struct itself: `latest`, `latest_object`, `first`, \
             `conflict`, `max`, `min`",
        );
    }
}
