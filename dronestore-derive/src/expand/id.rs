//! `#[drone(id)]`: what finds a drone again in a list.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Generics;
use syn::spanned::Spanned;

use super::fields::Calls;
use super::runtime;
use crate::input::Input;

/// The impl of the hidden `Identified`, where a field is the id.
pub(super) fn expand(input: &Input, generics: &Generics) -> Option<TokenStream> {
    let field = input.fields.iter().find(|field| field.options.id.is_some())?;
    // What cannot be one is already noted.
    let strategy = field.strategy()?;
    if strategy.is_nested() {
        return None;
    }
    let runtime = runtime(Span::mixed_site());
    let (name, value, ty) = (&input.name, Calls::of(field).in_self(), &field.ty);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let span = Span::mixed_site().located_at(ty.span());
    let id = {
        let runtime = super::runtime(span);
        quote_spanned!(span=> <#ty as #runtime::Id>)
    };
    Some(quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        impl #parameters #runtime::Identified for #name #arguments #bounds {
            fn put_id(&self, __out: &mut #runtime::Vec<u8>) -> #runtime::Result<()> {
                #id::put(&#value, __out)
            }
            fn set_id(&mut self, __stored: &[u8]) -> #runtime::Result<()> {
                #value = #id::take(__stored)?;
                #runtime::Result::Ok(())
            }
            fn id_again(__stored: &[u8]) -> #runtime::Result<#runtime::Vec<u8>> {
                #id::again(__stored)
            }
        }
    })
}
