//! A model made ready for histories: values for each of its fields.

use super::fault::{Failure, Fault};
use super::pool::Pool;
use super::program::{Edit, Generate, Program, Promise, Typed};
use crate::{Drone, Key};
use std::fmt::Debug;
use std::rc::Rc;

const GUESSED: &str = "every field gets values to write";

/// Makes a program when it is asked to.
pub(super) type Build = Box<dyn FnOnce() -> Result<Rc<dyn Program>, Failure>>;

/// The model, with values for its fields.
pub(super) fn typed<T: Drone + Debug>(
    generate: Option<Generate<T>>,
    edits: Vec<Edit<T>>,
    promises: Vec<(String, Promise<T>)>,
) -> Result<Rc<dyn Program>, Failure> {
    let key = Key::for_kind(T::KIND, "x");
    let key = key.map_err(|error| Fault::new(GUESSED, error).alone(T::KIND))?;
    let (mut pools, mut without) = (Vec::new(), Vec::new());
    for attribute in T::ATTRIBUTES {
        match Pool::new::<T>(&key, attribute) {
            Ok(pool) => pools.push(pool),
            Err(error) => {
                let (name, text) = (attribute.name(), attribute.type_text());
                without.push(format!("`{name}: {text}` ({error})"));
            }
        }
    }
    if !without.is_empty() && edits.is_empty() && generate.is_none() {
        let seen = format!(
            "values cannot be guessed for {}; give some with `laws::Check::edit` or `laws::Check::generate`",
            without.join(", ")
        );
        return Err(Fault::new(GUESSED, seen).alone(T::KIND));
    }
    Ok(Rc::new(Typed { key, pools, generate, edits, promises }))
}

impl Fault {
    /// The failure that needs no history.
    pub(super) fn alone(self, kind: &'static str) -> Failure {
        Failure { law: self.law, seen: self.seen, steps: 0, program: String::new(), seed: None, kind }
    }
}
