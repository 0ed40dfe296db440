//! A model made ready for histories: values for each of its fields.

use super::fault::{Failure, Fault};
use super::pool::Pool;
use super::program::{Edit, Generate, Program, Promise, Typed};
use super::tally::{Blind, Tally, without};
use crate::{Drone, Key};
use std::cell::OnceCell;
use std::fmt::Debug;
use std::rc::Rc;

pub(super) const GUESSED: &str = "every field gets values to write";

/// Makes a program when it is asked to.
pub(super) type Build = Box<dyn FnOnce() -> Result<Rc<dyn Program>, Failure>>;

/// The model, as a program that others can meet.
pub(super) fn typed<T: Drone + Debug>(
    generate: Option<Generate<T>>,
    edits: Vec<Edit<T>>,
    promises: Vec<(String, Promise<T>)>,
    skipped: Vec<String>,
) -> Result<Rc<dyn Program>, Failure> {
    Ok(Rc::new(filled(generate, edits, promises, skipped)?))
}

/// The model, with values for its fields.
pub(super) fn filled<T: Drone + Debug>(
    generate: Option<Generate<T>>,
    edits: Vec<Edit<T>>,
    promises: Vec<(String, Promise<T>)>,
    skipped: Vec<String>,
) -> Result<Typed<T>, Failure> {
    let key = Key::for_kind(T::KIND, "x");
    let key = key.map_err(|error| Fault::new(GUESSED, error).alone(T::KIND))?;
    let (mut pools, mut blind, mut half) = (Vec::new(), Vec::new(), Vec::new());
    for attribute in T::ATTRIBUTES {
        let (name, text) = (attribute.name(), attribute.type_text());
        if skipped.iter().any(|skip| skip == name) {
            continue;
        }
        match Pool::new::<T>(&key, attribute) {
            Ok(pool) => {
                let part = pool.left_out.as_ref();
                half.extend(
                    part.map(|error| Blind { name, text: format!("all of `{name}: {text}` ({error})") }),
                );
                pools.push(pool);
            }
            Err(error) => blind.push(Blind { name, text: format!("`{name}: {text}` ({error})") }),
        }
    }
    // Whether an edit of the user's fills a field inside another is not known.
    let missed: Vec<&Blind> = blind.iter().chain(&half).collect();
    if !missed.is_empty() && edits.is_empty() && generate.is_none() {
        let seen = without(&missed);
        return Err(Fault::new(GUESSED, seen).alone(T::KIND));
    }
    let (starts, tally) = (OnceCell::new(), Tally::default());
    Ok(Typed { key, pools, generate, edits, promises, blind, starts, tally })
}

impl Fault {
    /// The failure that needs no history.
    pub(super) fn alone(self, kind: &'static str) -> Failure {
        Failure { law: self.law, seen: self.seen, steps: 0, program: String::new(), seed: None, kind }
    }
}
