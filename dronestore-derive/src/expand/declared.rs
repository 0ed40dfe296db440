//! Declared strategies: for each field that has one, a type that stands for it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::generics::names_a_parameter;
use super::runtime;
use crate::attr::{Declared, Kind, Strategy};
use crate::input::{Field, Input};

/// The types of all fields.
pub(super) fn declarations(input: &Input) -> TokenStream {
    let all = input.fields.iter().filter_map(|field| {
        let declared = field.strategy()?.declared()?;
        Some(declaration(field, declared, &value(declared, &value_type(input, field))))
    });
    all.collect()
}

/// The same for a struct with mistakes: what they declare is not looked at again.
pub(super) fn stubs(input: &Input) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let all = input.fields.iter().filter_map(|field| {
        let declared = field.strategy()?.declared()?;
        Some(declaration(field, declared, &quote!(#runtime::rules::Declared::Latest)))
    });
    all.collect()
}

/// The name of the type of a field's declared strategy.
pub(super) fn name(field: &Field, span: Span) -> Ident {
    format_ident!("__Rule_{}", field.name.unraw(), span = span)
}

fn declaration(field: &Field, declared: &Declared, value: &TokenStream) -> TokenStream {
    let (name, runtime) = (name(field, Span::mixed_site()), runtime(Span::mixed_site()));
    let code = match declared.clamped_word() {
        Some("latest") => quote!(LATEST),
        Some("max") => quote!(MAX),
        Some("min") => quote!(MIN),
        Some("counter") => quote!(COUNTER),
        _ => quote!(DECLARED),
    };
    let plain = !declared.is_clamp();
    quote! {
        #[allow(non_camel_case_types)]
        struct #name;
        impl #runtime::rules::Declares for #name {
            const CODE: u8 = #runtime::rules::#code;
            const PLAIN: bool = #plain;
            fn declared() -> &'static #runtime::rules::Declared {
                static DECLARED: #runtime::rules::LazyLock<#runtime::rules::Declared> =
                    #runtime::rules::LazyLock::new(|| #value);
                &DECLARED
            }
        }
    }
}

/// The type of what is read: below the keys of maps the type of their values.
fn value_type(input: &Input, field: &Field) -> TokenStream {
    let (runtime, ty) = (runtime(Span::mixed_site()), &field.ty);
    if names_a_parameter(input, field) {
        return quote!(_);
    }
    let mut inner = ty.to_token_stream();
    let mut strategy = field.strategy();
    while let Some(Strategy::Map(below)) = strategy {
        inner = quote_spanned!(ty.span()=> <#inner as #runtime::Entries>::Value);
        strategy = Some(below);
    }
    inner
}

fn value(declared: &Declared, ty: &TokenStream) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let rules = quote!(#runtime::rules);
    let parts = |word: &str, parts: &[String]| {
        let variant = Ident::new(word, Span::mixed_site());
        quote!(#rules::Declared::#variant(#rules::path(&[#(#parts),*])))
    };
    match &declared.kind {
        Kind::Word(word) => {
            let variant = Ident::new(variant(word), Span::mixed_site());
            quote!(#rules::Declared::#variant)
        }
        Kind::Texts(texts) => quote!(#rules::rank([#(#texts),*])),
        Kind::Variants(words) => {
            let variants = words.iter().map(|word| quote_spanned!(word.span()=> <#ty>::#word));
            quote!(#rules::rank::<#ty, _>([#(#variants),*]))
        }
        Kind::MaxBy(path) => parts("MaxBy", path),
        Kind::MinBy(path) => parts("MinBy", path),
        Kind::AnyOf(rules_of) => {
            let each = rules_of.iter().map(|rule| value(rule, ty));
            quote!(#rules::any_of([#(#each),*]))
        }
        Kind::Clamp { least, most, of } => {
            let bound = |bound: &Option<Box<syn::Expr>>| match bound {
                Some(bound) => quote!(#runtime::Option::Some(#bound)),
                None => quote!(#runtime::Option::None),
            };
            let (least, most) = (bound(least), bound(most));
            match of.kind {
                Kind::Word("counter") => quote!(#rules::clamp_counter::<#ty>(#least, #most)),
                _ => {
                    let of = value(of, ty);
                    quote!(#rules::clamp::<#ty>(#least, #most, #of))
                }
            }
        }
    }
}

fn variant(word: &str) -> &'static str {
    match word {
        "first" => "First",
        "max" => "Max",
        "min" => "Min",
        "counter" => "Counter",
        "first_non_empty" => "FirstNonEmpty",
        _ => "Latest",
    }
}
