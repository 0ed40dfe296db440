//! What the parts of a struct say against each other.

mod index;
mod search;

use std::collections::BTreeMap;

use syn::{LitStr, Type};

use crate::attr::{Declared, Kind, Rule, Strategy};
use crate::errors::Errors;
use crate::expand::{lock_fault, names_a_parameter, type_text};
use crate::input::{Field, Input};
use crate::words;

/// Notes every contradiction and every gap.
pub(crate) fn check(input: &Input, errors: &mut Errors) {
    for lifetime in input.generics.lifetimes() {
        let advice = "a drone owns what it holds; use `String` for `&str`, `Vec` for a slice";
        let name = &lifetime.lifetime;
        errors.at(name, format!("`{name}` makes `{}` borrow: {advice}", input.name));
    }
    if let Some(kind) = &input.options.kind {
        check_name(kind, "kind", errors);
    }
    if let Some(folder) = &input.options.lock
        && let Some(fault) = lock_fault(folder, !input.generics.params.is_empty())
    {
        errors.at(folder, fault);
    }
    for field in &input.fields {
        match field.is_skipped() {
            true => check_skipped(field, errors),
            false => check_stored(input, field, errors),
        }
    }
    check_ids(&input.fields, errors);
    index::check(input, errors);
    search::check(input, errors);
    check_names(&input.fields, errors);
}

fn check_name(name: &LitStr, what: &str, errors: &mut Errors) {
    if name.value().is_empty() {
        errors.at(name, format!("`{what}` is empty: give it a name, or leave `{what}` out"));
    } else if name.value().contains('\0') {
        errors.at(name, format!("`{what}` holds a NUL character, which no stored name can"));
    }
}

fn check_skipped(field: &Field, errors: &mut Errors) {
    let name = &field.name;
    if let Rule::Broken(word) | Rule::Given(word, _) = &field.rule
        && field.rule_is_own
    {
        errors.at(word, format!("`{name}` is skipped and never merged: remove `#[merge]`, or `skip`"));
    }
    let options = &field.options;
    if let Some((convert, _)) = &options.convert {
        errors.at(convert, format!("`{name}` is skipped and never stored: remove `convert`, or `skip`"));
    }
    if let Some(rename) = &options.rename {
        errors.at(rename, format!("`{name}` is skipped and has no stored name: remove `rename`, or `skip`"));
    }
    let words = [&options.required, &options.id, &options.index, &options.unique, &options.search];
    for word in words.into_iter().flatten() {
        errors.at(word, format!("`{name}` is skipped and never stored: remove `{word}`, or `skip`"));
    }
    if let Some(link) = &options.link {
        errors.at(link, format!("`{name}` is skipped and never stored: remove `link`, or `skip`"));
    }
    let functions = [("validate", &options.validate), ("canonicalize", &options.canonicalize)];
    for (word, function) in functions {
        if let Some(function) = function {
            errors
                .at(function, format!("`{name}` is skipped and never committed: remove `{word}`, or `skip`"));
        }
    }
}

fn check_stored(input: &Input, field: &Field, errors: &mut Errors) {
    if let Rule::Absent = field.rule {
        let (name, ty) = (&field.name, type_text(&field.ty));
        let fitting = words::fitting(last_name(&field.ty).as_deref());
        errors.at(name, format!(
            "`{name}` does not say how it merges\nfor a field of type `{ty}` write `#[merge(…)]` with one of: {fitting}\nor keep it out of the store with `#[drone(skip)]`"
        ));
    }
    if let Some(rename) = &field.options.rename {
        check_name(rename, "rename", errors);
    }
    if let Some(rank) = field.strategy().and_then(Strategy::declared).and_then(Declared::rank) {
        check_rank(input, field, rank, errors);
    }
    if let (Some((convert, _)), Some(false)) =
        (&field.options.convert, field.strategy().map(Strategy::is_one_value))
    {
        errors.at(
            convert,
            "`convert` goes with strategies whose value is one unit: `latest`, `latest_object`, `first`, `conflict`, \
             `max`, `min`\nfor another strategy give the new type an attribute of its own",
        );
    }
    if let (Some(word), true) = (&field.options.required, field.strategy().is_some_and(Strategy::is_nested)) {
        errors.at(word, "`required` does not go with `nested`: put it on the fields of the nested drone");
    }
}

/// Ranked are unit enums, by their variants, and texts, as far as the spelling of the type tells.
fn check_rank(input: &Input, field: &Field, rank: &Declared, errors: &mut Errors) {
    if matches!(field.strategy(), Some(Strategy::Map(_))) {
        return;
    }
    let (ty, last) = (type_text(&field.ty), last_name(&field.ty));
    let of_variants = matches!(rank.kind, Kind::Variants(_));
    if of_variants
        && (matches!(last.as_deref(), Some("String" | "Option")) || names_a_parameter(input, field))
    {
        let advice = "write the texts as they are stored, in quotes: `rank(\"draft\", \"shipped\")`";
        errors.at(&rank.word, format!("`{ty}` has no variants to rank: {advice}"));
    } else if !matches!(last.as_deref(), Some("String" | "Option")) && words::is_std(last.as_deref()) {
        errors.at(&rank.word, format!("`rank` fits unit enums and texts, not `{ty}`"));
    }
}

fn check_ids(fields: &[Field], errors: &mut Errors) {
    let ids: Vec<_> = fields.iter().filter_map(|field| Some((field, field.options.id.as_ref()?))).collect();
    for (field, word) in &ids {
        if field.strategy().is_some_and(Strategy::is_object) {
            errors.at(
                word,
                "an `id` is an attribute of its own: give it `#[merge(latest)]` or `#[merge(first)]`",
            );
        }
        if field.strategy().is_some_and(Strategy::is_nested) {
            errors.at(word, "an `id` is one value: give it `#[merge(latest)]` or `#[merge(first)]`");
        }
    }
    if let [(first, _), rest @ ..] = ids.as_slice() {
        for (_, word) in rest {
            errors.at(word, format!("a second `id`: `{}` is already the id, remove one", first.name));
        }
    }
}

fn check_names(fields: &[Field], errors: &mut Errors) {
    let mut stored: BTreeMap<String, &Field> = BTreeMap::new();
    for field in fields.iter().filter(|field| !field.is_skipped()) {
        let name = field.stored();
        let Some(other) = stored.get(&name).copied() else {
            stored.insert(name, field);
            continue;
        };
        let message = format!("`{}` is already stored as \"{name}\": choose another `rename`", other.name);
        match (&field.options.rename, &other.options.rename) {
            (Some(rename), _) => errors.at(rename, message),
            // The rename is the deliberate word, wherever it stands.
            (None, Some(rename)) => {
                errors.at(
                    rename,
                    format!("`{}` is already stored as \"{name}\": choose another `rename`", field.name),
                );
            }
            // Two fields of one name: the compiler says so itself.
            (None, None) => {}
        }
    }
}

/// The last name in a type's spelling: `BTreeSet` for `std::collections::BTreeSet<String>`.
fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        Type::Group(group) => last_name(&group.elem),
        Type::Paren(paren) => last_name(&paren.elem),
        // A tuple is ordered as an `Option` is, when its parts are.
        Type::Tuple(_) => Some("Option".to_string()),
        _ => None,
    }
}
