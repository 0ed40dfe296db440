//! Whether a query asks for what can be there.

use crate::repo::Repo;
use dronestore_core::query::Query;
use dronestore_core::schema::{Schema, SchemaAttribute};
use dronestore_core::{Error, Result};

/// Refuses what can only be a mistake, by what is known of a kind: these schemas, and where a name is in none of them,
/// what else is stored of the kind, by programs whose schema never came here.
///
/// Cost: none beside the schemas; where it is about to refuse a name, a pass over the shapes, of which there are few.
pub(super) fn check(repo: &Repo, kind: &str, query: &Query, schemas: &[Schema]) -> Result<()> {
    let Err(mistake) = query.check(schemas) else { return Ok(()) };
    match mistake.is_not_found() {
        true => check_stored(repo, kind, query, schemas, mistake),
        false => Err(mistake),
    }
}

fn check_stored(repo: &Repo, kind: &str, query: &Query, schemas: &[Schema], mistake: Error) -> Result<()> {
    let mut attributes = Vec::new();
    for shape in repo.shapes_stored()?.iter().filter(|shape| shape.kind() == kind) {
        for (name, form) in (0..shape.len()).filter_map(|index| shape.head(index)) {
            // The members of a group are named inside it.
            if name.is_empty() {
                return Ok(());
            }
            if !schemas.iter().flat_map(|schema| &schema.attributes).any(|known| known.name == name) {
                attributes.push(stored(name, &form.to_string()));
            }
        }
    }
    let others = repo.schemas()?.into_iter().filter(|schema| schema.kind == kind);
    let more = Schema { kind: kind.to_owned(), attributes, nested: Default::default() };
    let all: Vec<Schema> = schemas.iter().cloned().chain(others).chain([more]).collect();
    // What was said first names what this program has.
    query.check(&all).map_err(|later| if later.is_not_found() { mistake } else { later })
}

/// An attribute of which no more is known than this: its type is any.
fn stored(name: &str, strategy: &str) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        strategy: strategy.to_owned(),
        type_text: String::new(),
        version: 1,
        required: false,
        id: false,
        nested: None,
        declared: None,
        link: None,
        default: None,
        convert: None,
    }
}
