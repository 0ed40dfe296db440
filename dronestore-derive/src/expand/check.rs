//! What is checked and changed at commit: `required`, `validate`, `link`, `canonicalize`, and the drones inside.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::fields::Calls;
use super::runtime;
use crate::attr::Strategy;
use crate::input::{Field, Input};

/// `Model::check`, where there is anything to check.
pub(super) fn check(input: &Input) -> Option<TokenStream> {
    let (runtime, found) = (runtime(Span::mixed_site()), Ident::new("__found", Span::mixed_site()));
    let mut body: TokenStream = input.fields.iter().map(|field| of_field(field, &found)).collect();
    if let Some(path) = &input.options.validate {
        let this = this();
        body.extend(quote_spanned!(path.span()=> #found.note("", #path(#this));));
    }
    (!body.is_empty()).then(|| {
        quote_spanned! {Span::mixed_site()=>
            fn check(&self, #found: &mut #runtime::Violations) {
                #body
            }
        }
    })
}

fn of_field(field: &Field, found: &Ident) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let (calls, name, options) = (Calls::of(field), field.stored(), &field.options);
    let value = calls.in_self();
    let mut body = TokenStream::new();
    if options.required.is_some() {
        body.extend(match &options.convert {
            // What cannot be stored fails the commit anyway, with the conversion's own words.
            Some(_) => {
                let ty = calls.stored_type();
                quote!(if let #runtime::Result::Ok(__stored) = #ty::store(&#value) {
                    #found.require(#name, &__stored);
                })
            }
            None => quote!(#found.require(#name, &#value);),
        });
    }
    if let Some(path) = &options.validate {
        body.extend(quote_spanned!(path.span()=> #found.note(#name, #path(&#value));));
    }
    if let Some(path) = &options.link {
        let (ty, span) = (&field.ty, Span::mixed_site().located_at(field.ty.span()));
        let kind = quote!(<#path as #runtime::Model>::KIND);
        body.extend(quote_spanned!(span=> #found.link::<#ty>(#name, #kind, &#value);));
    }
    if let Some(cast) = inside(field, &calls) {
        body.extend(quote!(#found.inside(#name, |#found| #cast::check(&#value, #found));));
    }
    body
}

/// `Model::canonicalize`, where there is anything to change. A function that gives a value back would change nothing.
pub(super) fn canonicalize(input: &Input) -> Option<TokenStream> {
    let mut body = TokenStream::new();
    for field in &input.fields {
        let calls = Calls::of(field);
        let value = calls.in_self();
        if let Some(cast) = inside(field, &calls) {
            body.extend(quote!(#cast::canonicalize(&mut #value);));
        }
        if let Some(path) = &field.options.canonicalize {
            body.extend(quote_spanned!(path.span()=> let _: () = #path(&mut #value);));
        }
    }
    if let Some(path) = &input.options.canonicalize {
        let this = this();
        body.extend(quote_spanned!(path.span()=> let _: () = #path(#this);));
    }
    (!body.is_empty()).then(|| {
        quote_spanned! {Span::mixed_site()=>
            fn canonicalize(&mut self) {
                #body
            }
        }
    })
}

/// The `self` of generated methods.
fn this() -> Ident {
    Ident::new("self", Span::mixed_site())
}

/// The beginning of a call that looks into the drones of a field.
fn inside(field: &Field, calls: &Calls<'_>) -> Option<TokenStream> {
    field.strategy().filter(|strategy| Strategy::is_nested(strategy)).map(|strategy| calls.cast(strategy))
}
