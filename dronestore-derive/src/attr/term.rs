//! The shape that all words of our attributes have: `word`, `word(words)`, `word = value`.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token};

use crate::errors::Errors;
use crate::words;

/// One word with what stands behind it.
pub(crate) struct Term {
    pub(crate) word: Ident,
    pub(crate) tail: Tail,
}

/// What stands behind a word.
pub(crate) enum Tail {
    /// `word`
    None,
    /// `word(…)`
    List(Vec<Term>),
    /// `word(…)` of a word that reads for itself what stands there.
    Tokens(TokenStream),
    /// `word = …`
    Value(Box<Expr>),
}

impl Term {
    /// The word as text.
    pub(crate) fn name(&self) -> String {
        self.word.unraw().to_string()
    }

    /// The text behind `=`.
    pub(crate) fn text(&self, usage: &str, errors: &mut Errors) -> Option<LitStr> {
        match &self.tail {
            Tail::Value(value) => match &**value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => return Some(text.clone()),
                other => errors.at(other, format!("`{}` takes a text in quotes: `{usage}`", self.name())),
            },
            _ => errors.at(&self.word, format!("`{}` takes a text: `{usage}`", self.name())),
        }
        None
    }
}

impl Parse for Term {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if let Ok(literal) = input.fork().parse::<Lit>() {
            let advice = match &literal {
                Lit::Str(text) => format!("write the word without quotes: `{}`", text.value()),
                _ => "a word stands here, not a value".to_string(),
            };
            return Err(syn::Error::new_spanned(literal, advice));
        }
        let word = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "expected a word such as `latest` or `default`")
        })?;
        let tail = if input.peek(Token![=]) && !input.peek(Token![==]) {
            input.parse::<Token![=]>()?;
            Tail::Value(input.parse()?)
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            if words::reads_itself(&word.unraw().to_string()) {
                return Ok(Term { word, tail: Tail::Tokens(content.parse()?) });
            }
            Tail::List(terms_in(&content)?)
        } else if input.is_empty() || input.peek(Token![,]) {
            Tail::None
        } else {
            return Err(input.error(format!(
                "unexpected behind `{word}`: words are separated by commas, parameters stand in parentheses, values behind `=`"
            )));
        };
        Ok(Term { word, tail })
    }
}

pub(super) fn terms_in(input: ParseStream<'_>) -> syn::Result<Vec<Term>> {
    Ok(Punctuated::<Term, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// The words of one attribute; `None`, and a mistake noted, when it holds none or something else.
pub(crate) fn terms(attribute: &Attribute, example: &str, errors: &mut Errors) -> Option<Vec<Term>> {
    let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
    let list = match &attribute.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        Meta::NameValue(pair) => {
            let advice = format!("`#[{name}]` takes words in parentheses, not a value: `{example}`");
            errors.at(&pair.value, advice);
            return None;
        }
        meta => {
            errors.at(meta, format!("`#[{name}]` says nothing: write for example `{example}`"));
            return None;
        }
    };
    match list.parse_args_with(terms_in) {
        Ok(terms) => Some(terms),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}
