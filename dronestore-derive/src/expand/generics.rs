//! The where clause: bounds for the fields that name a type parameter, and for no others.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Generics, WherePredicate, parse_quote};

use super::fields::Calls;
use crate::input::{Field, Input};

/// The struct's generics with what its impl needs.
pub(super) fn with_bounds(input: &Input) -> Generics {
    let mut generics = input.generics.clone();
    let types = generics.type_params().map(|param| &param.ident);
    // A constant counts too: what holds for `[u8; 4]` need not hold for every `[u8; N]`.
    let constants = generics.const_params().map(|param| &param.ident);
    let parameters: BTreeSet<String> = types.chain(constants).map(ToString::to_string).collect();
    let statics: Vec<WherePredicate> =
        generics.type_params().map(|param| &param.ident).map(|param| parse_quote!(#param: 'static)).collect();
    let bounds = match &input.options.bound {
        Some(given) => given.clone(),
        None => input.fields.iter().flat_map(|field| of_field(input, field, &parameters)).collect(),
    };
    if !(statics.is_empty() && bounds.is_empty()) {
        generics.make_where_clause().predicates.extend(statics.into_iter().chain(bounds));
    }
    generics
}

/// Whether a field's type names a parameter of the struct.
pub(crate) fn names_a_parameter(input: &Input, field: &Field) -> bool {
    let named = names_in(field.ty.to_token_stream());
    let types = input.generics.type_params().map(|param| &param.ident);
    let constants = input.generics.const_params().map(|param| &param.ident);
    types.chain(constants).any(|parameter| named.contains(&parameter.to_string()))
}

/// What a field's type must be, when that depends on a parameter.
fn of_field(input: &Input, field: &Field, parameters: &BTreeSet<String>) -> Vec<WherePredicate> {
    let named = names_in(field.ty.to_token_stream());
    // A field that holds the struct itself would ask for what the impl is about to give.
    let recursive = named.contains("Self") || named.contains(&input.name.to_string());
    if recursive || named.is_disjoint(parameters) {
        return Vec::new();
    }
    let (ty, calls) = (&field.ty, Calls::of(field));
    let runtime = &calls.runtime;
    let stored = calls.stored_type();
    let mut needed: Vec<WherePredicate> = Vec::new();
    if let Some((_, path)) = &field.options.convert {
        needed.push(parse_quote!(#path: #runtime::Convert<#ty>));
    }
    if let Some(strategy) = field.strategy() {
        let role = calls.role(strategy);
        needed.push(parse_quote!(#stored: #role));
    }
    if field.default().is_none() && (field.is_skipped() || !needed.is_empty()) {
        needed.push(parse_quote!(#ty: #runtime::DefaultValue));
    }
    if field.options.required.is_some() {
        needed.push(parse_quote!(#stored: #runtime::Serialize));
    }
    if field.options.link.is_some() {
        needed.push(parse_quote!(#ty: #runtime::Links));
    }
    if field.options.id.is_some() {
        needed.push(parse_quote!(#stored: #runtime::Id));
    }
    needed
}

/// Every name in a type, whatever it stands for.
fn names_in(tokens: TokenStream) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(names.insert(ident.to_string())),
            TokenTree::Group(group) => names.extend(names_in(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    names
}
