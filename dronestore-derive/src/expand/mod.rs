//! Writes the code: one anonymous constant with one impl, thin calls into the runtime.

mod check;
mod declared;
mod fallback;
mod fields;
mod generics;
mod handles;
mod id;
mod index;
mod lock;
mod model;
mod search;
mod text;

pub(crate) use generics::names_a_parameter;
pub(crate) use lock::folder_fault as lock_fault;
pub(crate) use text::type_text;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::DeriveInput;

use crate::check::check;
use crate::errors::Errors;
use crate::input::Input;

/// What the derive adds beside a struct.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let (input, mistakes) = Errors::collect(|errors| {
        let input = Input::read(input, errors);
        check(&input, errors);
        input
    });
    let expansion = match mistakes {
        None => model::expand(&input),
        Some(_) => fallback::expand(&input),
    };
    quote!(#mistakes #expansion)
}

/// The runtime's hidden module, as it is called inside the anonymous constant.
fn runtime(span: Span) -> Ident {
    Ident::new("__dronestore", span)
}

/// The impl of the hidden `Model`, alone in a scope of its own.
fn model_impl(input: &Input, scope: &TokenStream, body: &TokenStream, checks: &TokenStream) -> TokenStream {
    let (name, home, runtime) = (&input.name, input.runtime(), runtime(Span::mixed_site()));
    let generics = generics::with_bounds(input);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let identified = id::expand(input, &generics);
    quote! {
        // Bounds may name private types: the impl is public, and so is only what a user makes so. A deprecated
        // field is deprecated for its users, not for its own struct.
        #[allow(private_bounds, private_interfaces, deprecated)]
        const _: () = {
            // Imported once, so that a wrong path is one mistake and not one per call.
            use #home as #runtime;
            #scope
            #[automatically_derived]
            impl #parameters #runtime::Model for #name #arguments #bounds {
                #body
            }
            #identified
            #checks
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expansion_of(input: &str) -> String {
        let expansion = derive(&syn::parse_str(input).unwrap());
        syn::parse2::<syn::File>(expansion.clone()).unwrap();
        expansion.to_string()
    }

    #[test]
    fn attributes_are_ordered_by_their_stored_names() {
        let text = expansion_of(
            "struct Person {
                #[merge(max)] b: u8,
                #[merge(max)] #[drone(rename = \"z\")] a: u8,
                #[merge(latest_object)] y: u8,
                #[drone(skip)] c: u8,
            }",
        );
        let places = ["object (__MEMBERS)", "\"b\"", "\"z\""].map(|name| text.find(name).unwrap());
        assert!(places.is_sorted(), "{text}");
        assert!(!text.contains("\"c\""), "{text}");
    }

    #[test]
    fn a_broken_struct_is_a_model_still() {
        let broken = [
            "struct Person { name: String }",
            "struct Person { #[merge(latset)] name: String, #[merge(max)] age: u8 }",
            "struct Person(String);",
            "enum Person {}",
            "union Person { a: u8 }",
            "#[drone(kind = 5)] struct Person<T: Clone, const N: usize> { #[merge] a: [T; N] }",
        ];
        for input in broken {
            let text = expansion_of(input);
            assert!(text.contains("compile_error") && text.contains("Model for Person"), "{text}");
        }
    }

    #[test]
    fn a_struct_that_borrows_is_only_an_error() {
        let text = expansion_of("struct Person<'a> { #[merge(latest)] name: &'a str }");
        assert!(text.contains("compile_error") && !text.contains("impl"), "{text}");
    }

    #[test]
    fn bounds_are_only_for_fields_that_name_a_parameter() {
        let text = expansion_of(
            "struct Node<T> {
                #[merge(latest)] value: Vec<T>,
                #[merge(max)] age: u8,
                #[merge(map(nested))] kids: BTreeMap<u8, Node<T>>,
            }",
        );
        let bounds = text.split("where").nth(1).unwrap().split('{').next().unwrap();
        assert!(bounds.contains("Vec < T > : __dronestore :: Latest"), "{bounds}");
        assert!(!bounds.contains("u8") && !bounds.contains("Node"), "{bounds}");
    }
}
