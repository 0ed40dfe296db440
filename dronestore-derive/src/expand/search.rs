//! The fields that a struct wants to be searched, written with their handles.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::handles::held;
use super::runtime;
use crate::input::{Field, Input};

/// What `Model` says of them, where there are any.
pub(super) fn body(input: &Input) -> Option<TokenStream> {
    let runtime = runtime(Span::mixed_site());
    let is_marked = |field: &&Field| !field.is_skipped() && field.options.search.is_some();
    let marked: Vec<&Field> = input.fields.iter().filter(is_marked).collect();
    let asked: Vec<TokenStream> = marked
        .iter()
        .map(|field| {
            let name = &field.name;
            quote_spanned!(Span::mixed_site()=> #runtime::searched(&__handles.#name))
        })
        .collect();
    // Here the compiler says that there is no text in a field.
    let types: Vec<TokenStream> = marked.iter().map(|field| held(field, false)).collect();
    (!asked.is_empty()).then(|| {
        quote_spanned! {Span::mixed_site()=>
            fn searched() -> #runtime::Vec<#runtime::AskedPart> {
                #(let () = <#types as #runtime::Searchable>::HELD;)*
                let __handles = <Self as #runtime::Model>::handles();
                #runtime::Vec::from([#(#asked),*])
            }
        }
    })
}
