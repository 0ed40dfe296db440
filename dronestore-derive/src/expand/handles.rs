//! The handles of a model's fields, which queries are written with: a struct of them, named as the fields are.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::fields::Calls;
use super::{generics, runtime};
use crate::input::{Field, Input};

/// The struct, to stand in the scope of the model.
pub(super) fn scope(input: &Input, is_broken: bool) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let generics = generics::with_bounds(input);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let name = &input.name;
    let model = quote!(#name #arguments);
    let handles = stored(input).map(|field| {
        let (name, visibility, ty) = (&field.name, &field.visibility, held(field, is_broken));
        quote!(#visibility #name: #runtime::Handle<#model, #ty>,)
    });
    let imports = (!is_broken).then(|| {
        quote! {
            #[allow(unused_imports)]
            use #runtime::{GivenNothing as _, GivenValue as _};
        }
    });
    quote! {
        #imports
        #[allow(missing_docs, missing_debug_implementations, non_camel_case_types, dead_code)]
        pub struct __Fields #parameters #bounds {
            #(#handles)*
            __model: ::core::marker::PhantomData<fn() -> #model>,
        }
    }
}

/// What `Model` says of it.
pub(super) fn body(input: &Input, is_broken: bool) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let generics = generics::with_bounds(input);
    let (_, arguments, _) = generics.split_for_impl();
    let handles = stored(input).map(|field| {
        let (name, stored) = (&field.name, field.stored());
        quote!(#name: #runtime::Handle::new(#stored, || <Self as #runtime::Model>::default_of(#stored)),)
    });
    let defaults = stored(input).filter(|_| !is_broken).map(|field| {
        let (stored, default) = (field.stored(), default(field));
        quote!(#stored => #default,)
    });
    quote! {
        type Fields = __Fields #arguments;

        fn handles() -> Self::Fields {
            __Fields { #(#handles)* __model: ::core::marker::PhantomData }
        }

        fn default_of(__name: &::core::primitive::str) -> #runtime::Option<#runtime::Value> {
            match __name {
                #(#defaults)*
                _ => #runtime::Option::None,
            }
        }
    }
}

fn stored(input: &Input) -> impl Iterator<Item = &Field> {
    input.fields.iter().filter(|field| !field.is_skipped())
}

/// What the handle compares with: what is stored.
pub(super) fn held(field: &Field, is_broken: bool) -> TokenStream {
    let (ty, runtime) = (&field.ty, runtime(Span::mixed_site()));
    match &field.options.convert {
        Some((_, path)) if !is_broken => quote!(<#path as #runtime::Convert<#ty>>::Stored),
        _ => quote!(#ty),
    }
}

/// What the field reads as before it is written, as a value.
fn default(field: &Field) -> TokenStream {
    let (ty, runtime) = (&field.ty, runtime(Span::mixed_site()));
    let (default, held) = (Calls::of(field).default(), held(field, false));
    match &field.options.convert {
        Some((_, path)) => quote_spanned! {Span::mixed_site()=>
            (&#runtime::Given::<#runtime::Option<#held>>(|| {
                let __default: #ty = #default;
                <#path as #runtime::Convert<#ty>>::store(&__default).ok()
            })).given()
        },
        None => quote_spanned! {Span::mixed_site()=>
            (&#runtime::Given::<#ty>(|| -> #ty { #default })).given()
        },
    }
}
