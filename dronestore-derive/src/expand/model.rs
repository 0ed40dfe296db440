//! The impl of `Model` for a struct without mistakes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::declared::declarations;
use super::fields::{Calls, Slots, assign, local};
use super::text::spelling;
use super::{check, handles, index, model_impl, runtime, search, type_text};
use crate::input::{Field, Input};

/// The anonymous constant with the impl.
pub(super) fn expand(input: &Input) -> TokenStream {
    let slots = Slots::of(input);
    let (kind, runtime) = (input.kind(), runtime(Span::mixed_site()));
    let (members, attributes) = attributes(&slots);
    let (read, write, carry) = (read(input, &slots), write(&slots), carry(input));
    let (check, canonicalize) = (check::check(input), check::canonicalize(input));
    let declarations = declarations(input);
    let (indexes, searched) = (index::body(input), search::body(input));
    let (handles, fields) = (handles::scope(input, false), handles::body(input, false));
    let body = quote! {
        const KIND: &'static str = #kind;
        const ATTRIBUTES: &'static [#runtime::Attribute] = &[#attributes];
        #fields
        #read
        #write
        #carry
        #check
        #canonicalize
        #indexes
        #searched
    };
    model_impl(input, &quote!(#members #declarations #handles), &body, &super::lock::checks(input))
}

/// The attribute table, and before it the members of the object.
fn attributes(slots: &Slots<'_>) -> (TokenStream, TokenStream) {
    let runtime = runtime(Span::mixed_site());
    let mut table = TokenStream::new();
    let mut members = TokenStream::new();
    if !slots.members.is_empty() {
        let each = slots.members.iter().map(|calls| {
            let (name, ty) = (calls.field.stored(), type_text(&calls.field.ty));
            let (link, source) = (link(calls), source(calls.field));
            quote!(#runtime::Member::new(#name, #ty) #link #source)
        });
        members = quote!(const __MEMBERS: &'static [#runtime::Member] = &[#(#each),*];);
        table = quote!(#runtime::Attribute::object(__MEMBERS),);
    }
    for (_, calls, strategy) in &slots.attributes {
        let (name, ty, cast) = (calls.field.stored(), type_text(&calls.field.ty), calls.cast(strategy));
        let required = calls.field.options.required.iter().map(|_| quote!(.required()));
        let link = link(calls);
        let id = calls.field.options.id.iter().map(|_| quote!(.id()));
        let source = source(calls.field);
        table.extend(
            quote!(#runtime::Attribute::new(#name, #ty, #cast::FIELD) #(#required)* #(#id)* #link #source,),
        );
    }
    (members, table)
}

/// What the table says of a link.
fn link(calls: &Calls<'_>) -> Option<TokenStream> {
    let (path, runtime) = (calls.field.options.link.as_ref()?, runtime(Span::mixed_site()));
    Some(quote!(.link(<#path as #runtime::Model>::KIND)))
}

/// What the schema says of a field besides name, type and strategy.
fn source(field: &Field) -> Option<TokenStream> {
    let runtime = runtime(Span::mixed_site());
    let options = &field.options;
    if options.default.is_none() && options.convert.is_none() {
        return None;
    }
    let default = options.default.as_ref().map(spelling).unwrap_or_default();
    let ty = &field.ty;
    let convert = options.convert.as_ref().map(|(_, path)| {
        let text = spelling(path);
        quote!(.through::<#path, #ty>(#text))
    });
    Some(quote!(.with(#runtime::Source::new(#default) #convert)))
}

fn read(input: &Input, slots: &Slots<'_>) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let members = members(slots, |calls, object| {
        let (name, default) = (calls.field.stored(), calls.default_closure());
        let cast = calls.cast(calls.field.strategy()?);
        let read = calls.loaded(quote!(#cast::read(#object, #name, #default)));
        Some(quote!(#read?))
    });
    let object = (!members.is_empty()).then(|| {
        let locals = slots.members.iter().map(|calls| local(calls.field));
        quote_spanned! {Span::mixed_site()=>
            let (#(#locals,)*) = __fields.object(0usize, |__object| #runtime::Result::Ok((#(#members,)*)))?;
        }
    });
    let attributes = slots.attributes.iter().map(|(index, calls, strategy)| {
        let (local, cast, default) = (local(calls.field), calls.cast(strategy), calls.default_closure());
        let read = calls.loaded(quote_spanned!(Span::mixed_site()=> #cast::read(__place, #default)));
        quote_spanned! {Span::mixed_site()=>
            let #local = __fields.field(#index, |__place| #read)?;
        }
    });
    let values = input.fields.iter().map(|field| match field.is_skipped() {
        true => assign(field, &Calls::of(field).default()),
        false => assign(field, &local(field).to_token_stream()),
    });
    quote_spanned! {Span::mixed_site()=>
        fn read(__fields: &mut #runtime::FieldsReader<'_>) -> #runtime::Result<Self> {
            #object
            #(#attributes)*
            #runtime::Result::Ok(Self { #(#values),* })
        }
    }
}

fn write(slots: &Slots<'_>) -> TokenStream {
    let runtime = runtime(Span::mixed_site());
    let members = members(slots, |calls, object| {
        let (name, default) = (calls.field.stored(), calls.default_closure());
        let (cast, value) = (calls.cast(calls.field.strategy()?), calls.to_store());
        Some(quote!(#cast::write(#value, #object, #name, #default)?))
    });
    let object = (!members.is_empty()).then(|| {
        quote_spanned! {Span::mixed_site()=>
            __fields.object(0usize, |__object| { #(#members;)* #runtime::Result::Ok(()) })?;
        }
    });
    let attributes = slots.attributes.iter().map(|(index, calls, strategy)| {
        let (cast, value, default) = (calls.cast(strategy), calls.to_store(), calls.default_closure());
        quote_spanned! {Span::mixed_site()=>
            __fields.field(#index, |__place| #cast::write(#value, __place, #default))?;
        }
    });
    let mut fields = slots.members.iter().chain(slots.attributes.iter().map(|(_, calls, _)| calls));
    let converts = fields.any(|calls| calls.field.options.convert.is_some());
    let converts = converts.then(|| quote_spanned!(Span::mixed_site()=> __fields.converts();));
    quote_spanned! {Span::mixed_site()=>
        fn write(&self, __fields: &mut #runtime::FieldsWriter<'_>) -> #runtime::Result<()> {
            #converts
            #object
            #(#attributes)*
            #runtime::Result::Ok(())
        }
    }
}

/// One call for each member of the object.
fn members(
    slots: &Slots<'_>,
    call: impl Fn(&Calls<'_>, &TokenStream) -> Option<TokenStream>,
) -> Vec<TokenStream> {
    let object = quote_spanned!(Span::mixed_site()=> __object);
    slots.members.iter().filter_map(|calls| call(calls, &object)).collect()
}

fn carry(input: &Input) -> TokenStream {
    let skipped: Vec<_> =
        input.fields.iter().filter(|field| field.is_skipped()).map(|field| &field.name).collect();
    if skipped.is_empty() {
        return quote!(
            fn carry(&mut self, _: Self) {}
        );
    }
    // Swapped and not moved: nothing can be moved out of a struct that implements `Drop`.
    quote_spanned! {Span::mixed_site()=>
        fn carry(&mut self, mut __from: Self) {
            #(::core::mem::swap(&mut self.#skipped, &mut __from.#skipped);)*
        }
    }
}
