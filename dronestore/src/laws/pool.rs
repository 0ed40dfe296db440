//! The values that histories write: a handful for each field, made without being told how.

use super::craft::Part;
use super::guess::Guess;
use super::history::DEFAULT;
use super::program::read_with;
use super::quiet::quietly;
use super::random::Random;
use super::start::is_at;
use super::tree::Body;
use crate::model::{self, Attribute, Model, Violations};
use crate::{Error, Key};
use std::rc::Rc;

/// How often a value is made, and how many different ones are kept.
const TRIES: usize = 40;
const KEPT: usize = 10;

/// The values of one field, the shortest first; the default comes last.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) attribute: &'static Attribute,
    bodies: Vec<Vec<u8>>,
    /// What a field inside it says, where that gets no values.
    pub(super) left_out: Option<Rc<Error>>,
}

impl Pool {
    /// Values for this attribute.
    ///
    /// # Errors
    /// What the model said of the last one, where there is none that it reads.
    pub(super) fn new<T: Model>(key: &Key, attribute: &'static Attribute) -> Result<Pool, Error> {
        let part = |body: Vec<u8>| Part {
            name: attribute.name().to_owned(),
            form: attribute.form().as_bytes().to_vec(),
            body,
        };
        let read = |body: &Body| {
            let parts = [part(body.encode()?)];
            // Code of the user's may not be ready for states that it has never written.
            let read = quietly(|| read_with::<T>(key, None, &parts).map(drop));
            read.unwrap_or_else(|_| Err(Error::corrupt("reading it panicked")))
        };
        // What the model has against a value of this field.
        let faults = |body: &[u8]| -> Vec<String> {
            let parts = [part(body.to_vec())];
            let look = || read_with::<T>(key, None, &parts).map(|value| Violations::of(&value));
            let found = quietly(look).ok().and_then(Result::ok).unwrap_or_default();
            found.into_iter().filter(|found| is_at(found, attribute)).map(|found| found.message).collect()
        };
        let mut random = Random::new(17);
        let mut guess = Guess::new(&mut random, &read);
        let (mut bodies, mut last, mut was_full) = (Vec::new(), None, false);
        for _ in 0..TRIES {
            match guess.body(attribute).and_then(|body| body.encode()) {
                Ok(body) => {
                    guess.learn(&faults(&body));
                    was_full |= guess.is_full();
                    bodies.push(body);
                }
                Err(error) => last = Some(error),
            }
        }
        // What reads as the default does is no edit of a new object.
        bodies.retain(|body| {
            let changes = || {
                let mut value = read_with::<T>(key, None, &[part(body.clone())]).ok()?;
                value.canonicalize();
                // A field may refuse the value; another may not.
                Some(model::changes(&value, key, None, None).map_or(true, |changes| !changes.is_empty()))
            };
            quietly(changes).unwrap_or(Some(true)).unwrap_or(false)
        });
        if bodies.iter().any(|body| faults(body).is_empty()) {
            bodies.retain(|body| faults(body).is_empty());
        }
        bodies.sort_by_key(|body| (body.len(), body.clone()));
        bodies.dedup();
        bodies.truncate(KEPT);
        match (bodies.is_empty(), last) {
            (true, last) => Err(last.unwrap_or_else(|| Error::corrupt("it reads as its default always"))),
            (false, last) => {
                bodies.push(Vec::new());
                let left_out = last.filter(|_| !was_full).map(Rc::new);
                Ok(Pool { attribute, bodies, left_out })
            }
        }
    }

    /// How many values there are beside the default.
    pub(super) fn values(&self) -> usize {
        self.bodies.len() - 1
    }

    /// One of the values.
    pub(super) fn part(&self, pick: u64) -> Part {
        let index = if pick == DEFAULT { self.values() } else { (pick % self.bodies.len() as u64) as usize };
        let body = self.bodies[index].clone();
        Part { name: self.attribute.name().to_owned(), form: self.attribute.form().as_bytes().to_vec(), body }
    }
}
