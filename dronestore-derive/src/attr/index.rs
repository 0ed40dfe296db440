//! `#[drone(index(last, home.city))]` on a struct, `#[drone(index)]` on a field; the same with `unique`.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Ident, Token};

use super::term::{Tail, Term};
use crate::errors::Errors;

/// An index that a struct asks for.
pub(crate) struct IndexOption {
    pub(crate) word: Ident,
    /// The way to each field: its own, and on through nested drones.
    pub(crate) fields: Vec<Vec<Ident>>,
}

impl IndexOption {
    /// Whether no two objects should have the same values.
    pub(crate) fn is_unique(&self) -> bool {
        self.word == "unique"
    }

    pub(super) fn read(term: Term, errors: &mut Errors) -> Option<IndexOption> {
        let word = term.word;
        let advice = match word == "unique" {
            true => "`unique` on a struct takes the names of fields: `unique(country, number)`",
            false => {
                "`index` on a struct takes the names of fields: `index(last, first)`, `index(home.city)`"
            }
        };
        let Tail::Tokens(tokens) = term.tail else {
            errors.at(&word, advice);
            return None;
        };
        let parser = Punctuated::<Names, Token![,]>::parse_terminated;
        match parser.parse2(tokens) {
            Ok(fields) if !fields.is_empty() => {
                Some(IndexOption { word, fields: fields.into_iter().map(|names| names.0).collect() })
            }
            Ok(_) => {
                errors.at(&word, advice);
                None
            }
            Err(error) => {
                errors.push(syn::Error::new(error.span(), advice));
                None
            }
        }
    }
}

/// Names with points between them.
struct Names(Vec<Ident>);

impl syn::parse::Parse for Names {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Names> {
        Ok(Names(Punctuated::<Ident, Token![.]>::parse_separated_nonempty(input)?.into_iter().collect()))
    }
}

/// The word on a field, which stands alone.
pub(super) fn on_field(term: Term, errors: &mut Errors) -> Option<Ident> {
    if !matches!(term.tail, Tail::None) {
        let word = term.name();
        errors.at(
            &term.word,
            format!("`{word}` stands alone on a field: `#[drone({word})]`; of several fields it stands on the struct: `#[drone({word}(last, first))]`"),
        );
    }
    Some(term.word)
}
