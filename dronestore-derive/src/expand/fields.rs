//! The calls that one field's code is made of.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{declared, runtime};
use crate::attr::Strategy;
use crate::input::{Field, Input};

/// A field as generated code sees it.
///
/// All calls bear the place of the field's type, so that the caret of a message stands there, and the hygiene of
/// the macro, so that no name of the user's can be meant by accident.
pub(super) struct Calls<'a> {
    pub(super) field: &'a Field,
    pub(super) runtime: Ident,
    span: Span,
}

impl<'a> Calls<'a> {
    pub(super) fn of(field: &'a Field) -> Self {
        let span = Span::mixed_site().located_at(field.ty.span());
        Calls { field, runtime: runtime(span), span }
    }

    /// The hidden trait behind a strategy.
    pub(super) fn role(&self, strategy: &Strategy) -> TokenStream {
        let Calls { runtime, span, .. } = self;
        match strategy {
            Strategy::Plain(form) => {
                let role = Ident::new(form.role, *span);
                quote_spanned!(*span=> #runtime::#role)
            }
            Strategy::Map(inner) => {
                let marker = self.marker(inner);
                quote_spanned!(*span=> #runtime::Map<#marker>)
            }
            Strategy::Custom(path) => quote_spanned!(*span=> #runtime::Custom<#path>),
            Strategy::Declared(declared) => {
                let rule = declared::name(self.field, Span::mixed_site());
                match declared.clamped_word() {
                    Some("counter") => quote_spanned!(*span=> #runtime::ClampedCounter<#rule>),
                    _ if declared.is_clamp() => quote_spanned!(*span=> #runtime::Clamped<#rule>),
                    _ => quote_spanned!(*span=> #runtime::ByRule<#rule>),
                }
            }
        }
    }

    /// The type that stands for a strategy inside `map(…)`.
    fn marker(&self, strategy: &Strategy) -> TokenStream {
        let Calls { runtime, span, .. } = self;
        match strategy {
            Strategy::Plain(form) => {
                let marker = Ident::new(form.marker, *span);
                quote_spanned!(*span=> #runtime::forms::#marker)
            }
            Strategy::Map(inner) => {
                let marker = self.marker(inner);
                quote_spanned!(*span=> #runtime::forms::map<#marker>)
            }
            Strategy::Custom(path) => quote_spanned!(*span=> #runtime::custom<#path>),
            Strategy::Declared(declared) => {
                let rule = declared::name(self.field, Span::mixed_site());
                match declared.clamped_word() {
                    Some("counter") => quote_spanned!(*span=> #runtime::clamped_counter<#rule>),
                    _ if declared.is_clamp() => quote_spanned!(*span=> #runtime::clamped<#rule>),
                    _ => quote_spanned!(*span=> #runtime::by_rule<#rule>),
                }
            }
        }
    }

    /// `<Type as Role>`, the beginning of every call.
    pub(super) fn cast(&self, strategy: &Strategy) -> TokenStream {
        let (ty, role) = (self.stored_type(), self.role(strategy));
        quote_spanned!(self.span=> <#ty as #role>)
    }

    /// The type that the strategy is given: the field's, or what its conversion makes of it.
    pub(super) fn stored_type(&self) -> TokenStream {
        let Calls { field, runtime, span } = self;
        let ty = &field.ty;
        match &field.options.convert {
            Some((_, path)) => quote_spanned!(*span=> #runtime::Converted::<#path, #ty>),
            None => ty.to_token_stream(),
        }
    }

    /// The field's value from what the strategy read.
    pub(super) fn loaded(&self, read: TokenStream) -> TokenStream {
        match &self.field.options.convert {
            Some(_) => quote_spanned!(self.span=> #read.and_then(|__stored| __stored.load())),
            None => read,
        }
    }

    /// A reference to what the strategy is to write.
    pub(super) fn to_store(&self) -> TokenStream {
        let value = self.in_self();
        match &self.field.options.convert {
            Some(_) => {
                let ty = self.stored_type();
                quote_spanned!(self.span=> &#ty::store(&#value)?)
            }
            None => quote_spanned!(self.span=> &#value),
        }
    }

    /// The value of the field before it is written.
    pub(super) fn default(&self) -> TokenStream {
        let Calls { field, runtime, span } = self;
        let ty = &field.ty;
        match field.default() {
            Some(given) => quote!(#given),
            None => quote_spanned!(*span=> <#ty as #runtime::DefaultValue>::default_value()),
        }
    }

    /// The same, to be asked for when it is needed.
    pub(super) fn default_closure(&self) -> TokenStream {
        let (ty, default) = (&self.field.ty, self.default());
        let closure = quote_spanned!(self.span=> || -> #ty { #default });
        if self.field.options.convert.is_none() {
            return closure;
        }
        let stored = self.stored_type();
        quote_spanned!(self.span=> || #stored::default(&(#closure)()))
    }

    /// The field in `self`.
    pub(super) fn in_self(&self) -> TokenStream {
        let name = &self.field.name;
        quote_spanned!(self.span=> self.#name)
    }
}

/// The stored fields in the order of the attribute table, the fields of `latest_object` apart.
pub(super) struct Slots<'a> {
    pub(super) members: Vec<Calls<'a>>,
    pub(super) attributes: Vec<(usize, Calls<'a>, &'a Strategy)>,
}

impl<'a> Slots<'a> {
    pub(super) fn of(input: &'a Input) -> Self {
        let mut stored: Vec<_> =
            input.fields.iter().filter_map(|field| Some((field, field.strategy()?))).collect();
        stored.sort_by_key(|(field, _)| field.stored());
        let (members, attributes): (Vec<_>, Vec<_>) =
            stored.into_iter().partition(|(_, strategy)| strategy.is_object());
        // The object has the empty name and therefore the first place.
        let first = usize::from(!members.is_empty());
        let attributes = attributes.into_iter().enumerate();
        Slots {
            members: members.into_iter().map(|(field, _)| Calls::of(field)).collect(),
            attributes: attributes
                .map(|(index, (field, strategy))| (first + index, Calls::of(field), strategy))
                .collect(),
        }
    }
}

/// The local variable that holds a field's value.
pub(super) fn local(field: &Field) -> Ident {
    use syn::ext::IdentExt;
    format_ident!("__value_{}", field.name.unraw(), span = Span::mixed_site())
}

/// The field's name and its value, as they stand in a struct expression.
pub(super) fn assign(field: &Field, value: &TokenStream) -> TokenStream {
    let name = &field.name;
    quote!(#name: #value)
}
