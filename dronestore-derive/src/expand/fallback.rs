//! The impl of `Model` for a struct with mistakes, so that nothing but the mistakes is reported.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::declared::stubs;
use super::fields::Calls;
use super::{handles, model_impl, runtime};
use crate::input::Input;

/// A model that cannot be read or written, and the checks of the fields that are in order.
pub(super) fn expand(input: &Input) -> TokenStream {
    // A drone is `'static`: no impl could be right for a struct that borrows.
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let (kind, runtime) = (input.kind(), runtime(Span::mixed_site()));
    let checks = input.fields.iter().filter_map(|field| {
        let calls = Calls::of(field);
        let strategy = field.strategy()?;
        let (cast, default) = (calls.cast(strategy), calls.default_closure());
        let name = strategy.is_object().then(|| quote!("",));
        if field.options.convert.is_some() {
            // Its default is made by `?`, and what the strategy says of the type in between is of no use.
            return None;
        }
        Some(quote_spanned!(Span::mixed_site()=> let _ = |__place| #cast::read(__place, #name #default);))
    });
    let (stubs, handles, fields) = (stubs(input), handles::scope(input, true), handles::body(input, true));
    let body = quote! {
        const KIND: &'static str = #kind;
        const ATTRIBUTES: &'static [#runtime::Attribute] = &[];
        #fields

        fn read(_: &mut #runtime::FieldsReader<'_>) -> #runtime::Result<Self> {
            #(#checks)*
            #runtime::broken()
        }

        fn write(&self, _: &mut #runtime::FieldsWriter<'_>) -> #runtime::Result<()> {
            #runtime::broken()
        }

        fn carry(&mut self, _: Self) {}
    };
    model_impl(input, &quote!(#stubs #handles), &body, &TokenStream::new())
}
