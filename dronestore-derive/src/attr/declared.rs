//! Declared strategies: `rank(…)`, `first_non_empty`, `max_by("…")`, `min_by("…")`, `any_of(…)`, `clamp(…, S)`.

use std::collections::BTreeSet;

use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, ExprUnary, Ident, Lit, LitStr, RangeLimits, Token, UnOp};

use super::term::{Tail, Term, terms_in};
use crate::errors::Errors;
use crate::words;

/// A strategy that is data, at the word that says it.
#[derive(Clone)]
pub(crate) struct Declared {
    pub(crate) word: Ident,
    pub(crate) kind: Kind,
}

/// What a declared strategy says.
#[derive(Clone)]
pub(crate) enum Kind {
    /// One word: `first_non_empty`; inside others `latest`, `first`, `max`, `min`, `counter`.
    Word(&'static str),
    /// `rank("draft", "shipped")`: texts as they are stored.
    Texts(Vec<LitStr>),
    /// `rank(Draft, Shipped)`: variants of the field's type.
    Variants(Vec<Ident>),
    /// `max_by("a.b")`: the parts of the path.
    MaxBy(Vec<String>),
    /// `min_by("a.b")`: the parts of the path.
    MinBy(Vec<String>),
    /// `any_of(…)`.
    AnyOf(Vec<Declared>),
    /// `clamp(least..=most, S)`.
    Clamp { least: Option<Box<Expr>>, most: Option<Box<Expr>>, of: Box<Declared> },
}

impl Declared {
    /// Reads a term whose word is a declared strategy's.
    pub(super) fn read(term: &Term, errors: &mut Errors) -> Option<Declared> {
        let name = term.name();
        let usage = words::declared(&name)?;
        let kind = match (name.as_str(), &term.tail) {
            ("first_non_empty", Tail::None) => Kind::Word("first_non_empty"),
            ("first_non_empty", _) => return complain(term, usage, "takes nothing behind it", errors),
            (_, Tail::Tokens(tokens)) if !tokens.is_empty() => {
                let parser = |input: ParseStream<'_>| match name.as_str() {
                    "rank" => rank(input),
                    "max_by" => path(input, usage).map(Kind::MaxBy),
                    "min_by" => path(input, usage).map(Kind::MinBy),
                    "any_of" => any_of(input, errors),
                    _ => clamp(input, &term.word, usage, errors),
                };
                match parser.parse2(tokens.clone()) {
                    Ok(kind) => kind,
                    Err(error) => {
                        errors.push(error);
                        return None;
                    }
                }
            }
            _ => return complain(term, usage, "needs something in parentheses", errors),
        };
        Some(Declared { word: term.word.clone(), kind })
    }

    /// One of the strategies inside of another.
    fn inner(term: &Term, allowed: &[&'static str], around: &str, errors: &mut Errors) -> Option<Declared> {
        let name = term.name();
        if let Some(word) = allowed.iter().find(|word| **word == name) {
            if words::declared(word).is_some() {
                return Declared::read(term, errors);
            }
            if matches!(term.tail, Tail::None) {
                return Some(Declared { word: term.word.clone(), kind: Kind::Word(word) });
            }
        }
        let allowed: Vec<_> = allowed.iter().map(|word| format!("`{word}`")).collect();
        let message =
            format!("`{name}` cannot stand here inside `{around}`; these can: {}", allowed.join(", "));
        errors.at(&term.word, message);
        None
    }

    /// Whether it reads values within bounds.
    pub(crate) fn is_clamp(&self) -> bool {
        matches!(self.kind, Kind::Clamp { .. })
    }

    /// What is inside of `clamp`, where it is a word.
    pub(crate) fn clamped_word(&self) -> Option<&'static str> {
        match &self.kind {
            Kind::Clamp { of, .. } => match of.kind {
                Kind::Word(word) => Some(word),
                _ => None,
            },
            _ => None,
        }
    }

    /// The first `rank` in it.
    pub(crate) fn rank(&self) -> Option<&Declared> {
        match &self.kind {
            Kind::Texts(_) | Kind::Variants(_) => Some(self),
            Kind::AnyOf(rules) => rules.iter().find_map(Declared::rank),
            Kind::Clamp { of, .. } => of.rank(),
            _ => None,
        }
    }
}

fn complain(term: &Term, usage: &str, what: &str, errors: &mut Errors) -> Option<Declared> {
    errors.at(&term.word, format!("`{}` {what}: write `#[merge({usage})]`", term.name()));
    None
}

/// One step of a rank.
enum Step {
    Text(LitStr),
    Variant(Ident),
}

fn rank(input: ParseStream<'_>) -> syn::Result<Kind> {
    let step = |input: ParseStream<'_>| match input.fork().parse::<Lit>() {
        Ok(Lit::Str(_)) => input.parse().map(Step::Text),
        Ok(other) => Err(syn::Error::new(other.span(), "`rank` takes variants or texts in quotes")),
        Err(_) => input.call(Ident::parse_any).map(Step::Variant),
    };
    let steps = Punctuated::<Step, Token![,]>::parse_terminated_with(input, step)?;
    let mut known = BTreeSet::new();
    let (mut texts, mut variants) = (Vec::new(), Vec::new());
    for step in steps {
        let (name, span) = match &step {
            Step::Text(text) => (text.value(), text.span()),
            Step::Variant(word) => (word.unraw().to_string(), word.span()),
        };
        if !known.insert(name.clone()) {
            return Err(syn::Error::new(span, format!("`{name}` is ranked twice, remove one")));
        }
        match step {
            Step::Text(text) => texts.push(text),
            Step::Variant(word) => variants.push(word),
        }
        if !texts.is_empty() && !variants.is_empty() {
            let advice = "a rank lists variants, `rank(Draft, Shipped)`, or texts, `rank(\"draft\", \"shipped\")`, not both";
            return Err(syn::Error::new(span, advice));
        }
    }
    Ok(if texts.is_empty() { Kind::Variants(variants) } else { Kind::Texts(texts) })
}

fn path(input: ParseStream<'_>, usage: &str) -> syn::Result<Vec<String>> {
    let wrong = |span| {
        syn::Error::new(span, format!("a path in quotes stands here: `{usage}`, `max_by(\"address.city\")`"))
    };
    let text: LitStr = input.parse().map_err(|error| wrong(error.span()))?;
    if !input.is_empty() {
        return Err(input.error("one path stands here, remove the rest"));
    }
    let parts: Vec<String> = text.value().split('.').map(str::to_owned).collect();
    if parts.iter().any(String::is_empty) {
        return Err(wrong(text.span()));
    }
    Ok(parts)
}

fn any_of(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Kind> {
    const ALLOWED: [&str; 9] =
        ["first_non_empty", "rank", "max_by", "min_by", "max", "min", "first", "latest", "any_of"];
    let terms = terms_in(input)?;
    let mut rules = Vec::new();
    for (index, term) in terms.iter().enumerate() {
        if matches!(term.name().as_str(), "latest" | "first") && index + 1 < terms.len() {
            let next = &terms[index + 1];
            errors.at(&next.word, format!("never asked: `{}` in front of it leaves one write", term.name()));
        }
        rules.extend(Declared::inner(term, &ALLOWED, "any_of(…)", errors));
    }
    Ok(Kind::AnyOf(rules))
}

fn clamp(input: ParseStream<'_>, word: &Ident, usage: &str, errors: &mut Errors) -> syn::Result<Kind> {
    const ALLOWED: [&str; 9] =
        ["latest", "max", "min", "counter", "first_non_empty", "rank", "max_by", "min_by", "any_of"];
    let wrong = |span| syn::Error::new(span, format!("`clamp` takes bounds and a strategy: `{usage}`"));
    let bounds: Expr = input.parse().map_err(|_| wrong(word.span()))?;
    let Expr::Range(range) = &bounds else { return Err(wrong(bounds.span())) };
    if matches!(range.limits, RangeLimits::HalfOpen(_)) && range.end.is_some() {
        return Err(syn::Error::new(range.span(), "the bounds can be reached: write `..=` for `..`"));
    }
    if range.start.is_none() && range.end.is_none() {
        return Err(wrong(range.span()));
    }
    if let (Some(least), Some(most)) = (number(&range.start), number(&range.end))
        && least > most
    {
        return Err(syn::Error::new(
            range.span(),
            format!("no value is within {least} and {most}: turn them round"),
        ));
    }
    input.parse::<Token![,]>().map_err(|_| wrong(bounds.span()))?;
    let terms = terms_in(input)?;
    let [term] = terms.as_slice() else {
        return Err(wrong(terms.get(1).map_or(bounds.span(), |second| second.word.span())));
    };
    let of = Declared::inner(term, &ALLOWED, "clamp(…)", errors);
    // What is wrong with the inner one is noted; the fallback is expanded, and anything fits it.
    let of = of.unwrap_or_else(|| Declared { word: word.clone(), kind: Kind::Word("latest") });
    Ok(Kind::Clamp { least: range.start.clone(), most: range.end.clone(), of: Box::new(of) })
}

/// The whole number that a bound is, where it is written as one.
fn number(bound: &Option<Box<Expr>>) -> Option<i128> {
    match &**bound.as_ref()? {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => {
            number(&Some(expr.clone())).map(|number: i128| -number)
        }
        _ => None,
    }
}
