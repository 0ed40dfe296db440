//! The indexes that a struct asks for, written with the handles of its fields.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::runtime;
use crate::input::Input;

/// What `Model` says of them, where there are any.
pub(super) fn body(input: &Input) -> Option<TokenStream> {
    let runtime = runtime(Span::mixed_site());
    let own = input.fields.iter().filter(|field| !field.is_skipped()).flat_map(|field| {
        let words = [&field.options.index, &field.options.unique];
        words.into_iter().flatten().map(|word| (word == "unique", vec![vec![field.name.clone()]]))
    });
    let several = input.options.indexes.iter().map(|index| (index.is_unique(), index.fields.clone()));
    let asked: Vec<TokenStream> = own
        .chain(several)
        .map(|(is_unique, fields)| {
            let parts = fields.iter().map(|names| part(names));
            quote_spanned! {Span::mixed_site()=>
                __asked.push(#runtime::AskedIndex::new(#is_unique, #runtime::Vec::from([#(#parts),*])));
            }
        })
        .collect();
    (!asked.is_empty()).then(|| {
        quote_spanned! {Span::mixed_site()=>
            const IS_INDEXED: bool = true;

            fn indexes() -> #runtime::Vec<#runtime::AskedIndex> {
                #[allow(unused_imports)]
                use #runtime::{IndexElements as _, IndexEntries as _, IndexItems as _, IndexWhole as _};
                let mut __asked = #runtime::Vec::new();
                #(#asked)*
                __asked
            }
        }
    })
}

/// One field, by the way to it.
fn part(names: &[Ident]) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let (first, rest) = match names {
        [first, rest @ ..] => (first, rest),
        [] => return TokenStream::new(),
    };
    let below = rest.iter().map(|name| {
        quote_spanned! {Span::mixed_site()=>
            let __below = #runtime::fields_below(&__field);
            let __field = __field.then(__below.#name);
        }
    });
    let last = names.last().map_or_else(Span::mixed_site, Ident::span);
    let asked = quote_spanned!(Span::mixed_site().located_at(last)=> asked);
    quote_spanned! {Span::mixed_site()=>
        {
            let __field = <Self as #runtime::Model>::handles().#first;
            #(#below)*
            (&&&&#runtime::IndexOf(__field)).#asked()
        }
    }
}
