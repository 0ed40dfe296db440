//! `#[drone(…)]`: options of a struct and of its fields.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprPath, Ident, LitStr, Path, Token, WherePredicate};

use super::index::{IndexOption, on_field};
use super::term::{Tail, Term, terms};
use crate::errors::Errors;
use crate::words::{self, Place};

/// What `#[drone(…)]` says on a struct.
#[derive(Default)]
pub(crate) struct StructOptions {
    pub(crate) kind: Option<LitStr>,
    pub(crate) bound: Option<Vec<WherePredicate>>,
    pub(crate) krate: Option<Path>,
    pub(crate) validate: Option<ExprPath>,
    pub(crate) canonicalize: Option<ExprPath>,
    pub(crate) lock: Option<LitStr>,
    pub(crate) indexes: Vec<IndexOption>,
}

/// What `#[drone(…)]` says on a field; flags as the word that was written.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) default: Option<Expr>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) required: Option<Ident>,
    pub(crate) skip: Option<Ident>,
    pub(crate) id: Option<Ident>,
    pub(crate) link: Option<Path>,
    pub(crate) validate: Option<ExprPath>,
    pub(crate) canonicalize: Option<ExprPath>,
    pub(crate) convert: Option<(LitStr, Path)>,
    pub(crate) index: Option<Ident>,
    pub(crate) unique: Option<Ident>,
    pub(crate) search: Option<Ident>,
}

impl StructOptions {
    /// Reads the options among a struct's attributes.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for (term, usage) in known(attributes, Place::Struct, "#[drone(kind = \"Name\")]", errors) {
            if let "index" | "unique" = term.name().as_str() {
                options.indexes.extend(IndexOption::read(term, errors));
                continue;
            }
            let text = term.text(usage, errors);
            match term.name().as_str() {
                "kind" => options.kind = text,
                "validate" => options.validate = text.and_then(|text| function(&text, usage, errors)),
                "canonicalize" => options.canonicalize = text.and_then(|text| function(&text, usage, errors)),
                "lock" => options.lock = text,
                "bound" => options.bound = text.and_then(|text| bound(&text, errors)),
                _ => options.krate = text.and_then(|text| path(&text, errors)),
            }
        }
        options
    }
}

impl FieldOptions {
    /// Reads the options among a field's attributes.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for (term, usage) in known(attributes, Place::Field, "#[drone(default = 1)]", errors) {
            match term.name().as_str() {
                "default" => options.default = expression(term, usage, errors),
                "rename" => options.rename = term.text(usage, errors),
                "required" => options.required = flag(term, errors),
                "convert" => {
                    options.convert = term.text(usage, errors).and_then(|text| convert(text, errors))
                }
                "skip" => options.skip = flag(term, errors),
                "index" => options.index = on_field(term, errors),
                "unique" => options.unique = on_field(term, errors),
                "search" => options.search = flag(term, errors),
                "link" => {
                    let text = term.text(usage, errors);
                    options.link = text.and_then(|text| model(&text, errors));
                }
                "validate" => {
                    let text = term.text(usage, errors);
                    options.validate = text.and_then(|text| function(&text, usage, errors));
                }
                "canonicalize" => {
                    let text = term.text(usage, errors);
                    options.canonicalize = text.and_then(|text| function(&text, usage, errors));
                }
                _ => options.id = flag(term, errors),
            }
        }
        options
    }
}

/// The options that are known in this place, each once, with how they are written.
fn known(
    attributes: &[Attribute],
    place: Place,
    example: &str,
    errors: &mut Errors,
) -> Vec<(Term, &'static str)> {
    let mut known: Vec<(Term, &'static str)> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("drone")) {
        for term in terms(attribute, example, errors).unwrap_or_default() {
            match words::option(&term.name()) {
                _ if known.iter().any(|(other, _)| other.name() == term.name())
                    && !may_repeat(&term, place) =>
                {
                    errors.at(&term.word, format!("`{}` is given twice, remove one", term.name()));
                }
                Some((there, usage)) if there == place || there == Place::Both => known.push((term, usage)),
                _ => errors.at(&term.word, words::unknown_option(&term.name(), place)),
            }
        }
    }
    known
}

/// A struct may ask for several indexes.
fn may_repeat(term: &Term, place: Place) -> bool {
    place == Place::Struct && matches!(term.name().as_str(), "index" | "unique")
}

/// The word of an option that is there or not.
fn flag(term: Term, errors: &mut Errors) -> Option<Ident> {
    if !matches!(term.tail, Tail::None) {
        errors.at(&term.word, format!("`{0}` stands alone: `#[drone({0})]`", term.name()));
    }
    Some(term.word)
}

fn expression(term: Term, usage: &str, errors: &mut Errors) -> Option<Expr> {
    match term.tail {
        Tail::Value(value) => Some(*value),
        _ => {
            errors.at(&term.word, format!("`{}` takes an expression: `{usage}`", term.name()));
            None
        }
    }
}

fn bound(text: &LitStr, errors: &mut Errors) -> Option<Vec<WherePredicate>> {
    match text.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated) {
        Ok(predicates) => Some(predicates.into_iter().collect()),
        Err(_) => {
            errors.at(text, "`bound` takes what stands behind `where`: `bound = \"T: Trait, U: Other\"`");
            None
        }
    }
}

/// The function that checks or changes a value.
fn function(text: &LitStr, usage: &str, errors: &mut Errors) -> Option<ExprPath> {
    let found = text.parse::<ExprPath>().ok();
    if found.is_none() {
        errors.at(text, format!("the path of a function stands here: `{usage}`"));
    }
    found
}

/// The type that a link leads to.
fn model(text: &LitStr, errors: &mut Errors) -> Option<Path> {
    let found = text.parse::<Path>().ok();
    if found.is_none() {
        errors.at(text, "`link` takes the path of the type that it leads to: `link = \"Person\"`");
    }
    found
}

/// The type that a conversion is made by.
fn convert(text: LitStr, errors: &mut Errors) -> Option<(LitStr, Path)> {
    match text.parse_with(Path::parse_mod_style) {
        Ok(path) => Some((text, path)),
        Err(_) => {
            errors.at(&text, "`convert` takes the path of a type: `convert = \"path::to::Type\"`");
            None
        }
    }
}

fn path(text: &LitStr, errors: &mut Errors) -> Option<Path> {
    match text.parse_with(Path::parse_mod_style) {
        Ok(path) => Some(path),
        Err(_) => {
            errors.at(text, "`crate` takes the path of `dronestore`: `crate = \"my_crate::dronestore\"`");
            None
        }
    }
}
