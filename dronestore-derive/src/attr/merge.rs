//! `#[merge(…)]`: how a field merges.

use quote::ToTokens;
use syn::{Attribute, Ident, Path};

use super::declared::Declared;
use super::term::{Tail, Term, terms};
use crate::errors::Errors;
use crate::words::{self, FORMS, Form, OBJECT};

/// How a field is written and read.
#[derive(Clone)]
pub(crate) enum Strategy {
    /// One of the forms, such as `latest` or `set(once)`.
    Plain(&'static Form),
    /// `map(S)`.
    Map(Box<Strategy>),
    /// `with = "path"`: the type whose functions are used.
    Custom(Path),
    /// `rank(…)` and its like: a strategy that is data.
    Declared(Declared),
}

/// What the `#[merge]` of a field or of a struct says.
#[derive(Clone)]
pub(crate) enum Rule {
    /// There is none.
    Absent,
    /// There is one, at this word, and what is wrong with it is already noted.
    Broken(Ident),
    /// This one, at this word.
    Given(Ident, Strategy),
}

impl Strategy {
    /// Whether the field is a member of the one entry that all `latest_object` fields share.
    pub(crate) fn is_object(&self) -> bool {
        matches!(self, Strategy::Plain(form) if form.role == OBJECT)
    }

    /// The declared strategy that it is, itself or below the keys of a map.
    pub(crate) fn declared(&self) -> Option<&Declared> {
        match self {
            Strategy::Declared(declared) => Some(declared),
            Strategy::Map(inner) => inner.declared(),
            Strategy::Plain(_) | Strategy::Custom(_) => None,
        }
    }

    /// Whether the field's value is one unit, which a conversion can turn into one of another type.
    pub(crate) fn is_one_value(&self) -> bool {
        const WORDS: [&str; 6] = ["latest", "latest_object", "first", "conflict", "max", "min"];
        matches!(self, Strategy::Plain(form) if WORDS.contains(&form.word) && form.parameter.is_none())
    }

    /// Whether it stores many values, of which each is told apart: a set, a list, a map.
    pub(crate) fn is_many(&self) -> bool {
        match self {
            Strategy::Plain(form) => matches!(form.word, "set" | "union" | "list"),
            Strategy::Map(_) => true,
            Strategy::Custom(_) | Strategy::Declared(_) => false,
        }
    }

    /// Whether it stores drones field by field, itself, in a list, or below the keys of a map.
    pub(crate) fn is_nested(&self) -> bool {
        match self {
            Strategy::Plain(form) => form.word == "nested" || form.parameter == Some("nested"),
            Strategy::Map(inner) => inner.is_nested(),
            Strategy::Custom(_) | Strategy::Declared(_) => false,
        }
    }
}

impl Rule {
    /// What the `#[merge]` among these attributes says.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Rule {
        let mut ours = attributes.iter().filter(|attribute| attribute.path().is_ident("merge"));
        let Some((first, word)) = ours.next().and_then(|first| Some((first, first.path().get_ident()?)))
        else {
            return Rule::Absent;
        };
        let mut found = terms(first, "#[merge(latest)]", errors).and_then(|terms| one(&terms, errors));
        for second in ours {
            errors.at(second.path(), "a second `#[merge]`: one strategy decides, remove the other");
            found = None;
        }
        match found {
            Some(strategy) => Rule::Given(word.clone(), strategy),
            None => Rule::Broken(word.clone()),
        }
    }
}

/// The one strategy that the terms are.
fn one(terms: &[Term], errors: &mut Errors) -> Option<Strategy> {
    let (first, rest) = terms.split_first()?;
    let parameter = rest.first().filter(|second| belongs_to(second, first));
    if let Some(parameter) = parameter {
        let (word, inner) = (first.name(), parameter.name());
        errors.at(
            &parameter.word,
            format!("`{inner}` belongs in parentheses: write `#[merge({word}({inner}))]`"),
        );
        return None;
    }
    let strategy = strategy(first, errors);
    for second in rest {
        match words::is_strategy(&second.name()) {
            true => errors.at(
                &second.word,
                format!("a second strategy: `{}` is already given, remove one", first.name()),
            ),
            false => errors.at(&second.word, words::unknown_strategy(&second.name())),
        }
    }
    strategy.filter(|_| rest.is_empty())
}

/// Whether the second of two words is meant as a parameter of the first: `set, once`, `map, counter`.
fn belongs_to(second: &Term, first: &Term) -> bool {
    let bare = matches!(first.tail, Tail::None);
    let (word, inner) = (first.name(), second.name());
    bare && (words::parameters(&word).contains(&inner.as_str())
        || word == "map" && words::is_strategy(&inner))
}

fn strategy(term: &Term, errors: &mut Errors) -> Option<Strategy> {
    let name = term.name();
    match name.as_str() {
        "map" => map(term, errors),
        "with" => custom(term, errors),
        _ if words::declared(&name).is_some() => Declared::read(term, errors).map(Strategy::Declared),
        _ if words::is_strategy(&name) => plain(term, errors),
        _ => {
            errors.at(&term.word, words::unknown_strategy(&name));
            None
        }
    }
}

fn plain(term: &Term, errors: &mut Errors) -> Option<Strategy> {
    let name = term.name();
    let parameter = match &term.tail {
        Tail::None => None,
        Tail::List(terms) => Some(parameter(term, terms, errors)?),
        Tail::Tokens(_) => return None,
        Tail::Value(value) => {
            errors.at(value, format!("`{name}` takes no value: write `#[merge({name})]`"));
            return None;
        }
    };
    let wanted = parameter.map(Term::name);
    let form = FORMS.iter().find(|form| form.word == name && form.parameter == wanted.as_deref());
    if let (None, Some(parameter)) = (form, parameter) {
        errors.at(&parameter.word, words::unknown_parameter(&name, &parameter.name()));
    }
    form.map(Strategy::Plain)
}

/// The one parameter in the parentheses behind a strategy.
fn parameter<'a>(term: &Term, terms: &'a [Term], errors: &mut Errors) -> Option<&'a Term> {
    let name = term.name();
    let Some((parameter, rest)) = terms.split_first() else {
        errors.at(&term.word, format!("empty parentheses: write `#[merge({name})]`"));
        return None;
    };
    for second in rest {
        errors.at(&second.word, format!("`{name}` takes one parameter, remove the other"));
    }
    if !matches!(parameter.tail, Tail::None) {
        errors.at(&parameter.word, format!("`{}` takes nothing behind it here", parameter.name()));
        return None;
    }
    Some(parameter)
}

fn map(term: &Term, errors: &mut Errors) -> Option<Strategy> {
    let [inner] = (match &term.tail {
        Tail::List(terms) => terms.as_slice(),
        _ => &[],
    }) else {
        match &term.tail {
            Tail::List(terms) if terms.len() > 1 => {
                errors.at(&terms[1].word, "`map` takes one strategy, that of its values, remove the other");
            }
            _ => {
                errors.at(&term.word, "`map` needs the strategy of its values: `map(latest)`, `map(counter)`")
            }
        }
        return None;
    };
    let strategy = strategy(inner, errors)?;
    if strategy.is_object() {
        let advice =
            "ties fields of one struct together and cannot stand inside `map(…)`: write `map(latest)`";
        errors.at(&inner.word, format!("`latest_object` {advice}"));
        return None;
    }
    Some(Strategy::Map(Box::new(strategy)))
}

fn custom(term: &Term, errors: &mut Errors) -> Option<Strategy> {
    let text = term.text("with = \"path::to::Strategy\"", errors)?;
    match text.parse::<Path>() {
        Ok(path) => Some(Strategy::Custom(path)),
        Err(_) => {
            let shown = text.to_token_stream();
            errors.at(&text, format!("{shown} is no path of a type: write `with = \"path::to::Strategy\"`"));
            None
        }
    }
}
