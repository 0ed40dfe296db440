//! What a struct says, as plain data: nothing is looked up or judged after this.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Expr, Fields, Generics, Ident, Type, Visibility};

use crate::attr::{FieldOptions, Rule, Strategy, StructOptions};
use crate::errors::Errors;

/// A struct that derives `Drone`.
pub(crate) struct Input {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) options: StructOptions,
    pub(crate) fields: Vec<Field>,
}

/// One of its fields.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) ty: Type,
    /// The field's own rule, else the struct's.
    pub(crate) rule: Rule,
    /// Whether the rule stands on the field.
    pub(crate) rule_is_own: bool,
    pub(crate) options: FieldOptions,
}

impl Input {
    /// Reads a struct; mistakes in its shape and in its words are noted.
    pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> Input {
        let options = StructOptions::read(&input.attrs, errors);
        let rule = Rule::read(&input.attrs, errors);
        let fields = named(input, errors).into_iter().flatten();
        let fields = fields.filter_map(|field| Field::read(field, &rule, errors)).collect();
        Input { name: input.ident.clone(), generics: input.generics.clone(), options, fields }
    }

    /// The stored name: `kind = "…"`, else the struct's.
    pub(crate) fn kind(&self) -> String {
        let kind = self.options.kind.as_ref().map(syn::LitStr::value);
        kind.unwrap_or_else(|| self.name.unraw().to_string())
    }

    /// Where the runtime's hidden module is.
    pub(crate) fn runtime(&self) -> TokenStream {
        match &self.options.krate {
            Some(path) => quote!(#path::__private),
            None => quote!(::dronestore::__private),
        }
    }
}

impl Field {
    fn read(field: &syn::Field, of_struct: &Rule, errors: &mut Errors) -> Option<Field> {
        let own = Rule::read(&field.attrs, errors);
        let options = FieldOptions::read(&field.attrs, errors);
        let rule_is_own = !matches!(own, Rule::Absent);
        let rule = if rule_is_own { own } else { of_struct.clone() };
        let (name, visibility, ty) = (field.ident.clone()?, field.vis.clone(), field.ty.clone());
        Some(Field { name, visibility, ty, rule, rule_is_own, options })
    }

    /// The name in the store: `rename = "…"`, else the field's, without `r#`.
    pub(crate) fn stored(&self) -> String {
        let renamed = self.options.rename.as_ref().map(syn::LitStr::value);
        renamed.unwrap_or_else(|| self.name.unraw().to_string())
    }

    /// How it merges; nothing for a skipped field or one whose rule is at fault.
    pub(crate) fn strategy(&self) -> Option<&Strategy> {
        match &self.rule {
            Rule::Given(_, strategy) if !self.is_skipped() => Some(strategy),
            _ => None,
        }
    }

    /// Whether it is kept out of the store.
    pub(crate) fn is_skipped(&self) -> bool {
        self.options.skip.is_some()
    }

    /// What it reads as before it is written, where the struct says so.
    pub(crate) fn default(&self) -> Option<&Expr> {
        self.options.default.as_ref()
    }
}

/// The fields of a struct that names them, or that has none.
fn named<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<&'a Fields> {
    let name = &input.ident;
    let (word, what) = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) => {
                let advice = "fields are stored by name; write `{ name: Type }`, one name per field";
                errors.at(fields, format!("`{name}` has fields without names: {advice}"));
                return None;
            }
            fields => return Some(fields),
        },
        Data::Enum(data) => (data.enum_token.to_token_stream(), "an enum"),
        Data::Union(data) => (data.union_token.to_token_stream(), "a union"),
    };
    let advice = "`Drone` is derived on structs with named fields";
    errors.at(
        word,
        format!("`{name}` is {what}: {advice}; put it into a field of one, with `#[merge(latest)]`"),
    );
    None
}
