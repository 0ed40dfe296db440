//! The values that histories write: a handful for each field, made without being told how.

use super::craft::Part;
use super::guess::Guess;
use super::program::read_with;
use super::random::Random;
use super::tree::Body;
use crate::model::{self, Attribute, Model};
use crate::{Error, Key};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How often a value is made, and how many different ones are kept.
const TRIES: usize = 40;
const KEPT: usize = 10;

/// The values of one field, the shortest first; the default comes last.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    attribute: &'static Attribute,
    bodies: Vec<Vec<u8>>,
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
            let read = catch_unwind(AssertUnwindSafe(|| read_with::<T>(key, None, &parts).map(drop)));
            read.unwrap_or_else(|_| Err(Error::corrupt("reading it panicked")))
        };
        let mut random = Random::new(17);
        let mut guess = Guess::new(&mut random, &read);
        let (mut bodies, mut last) = (Vec::new(), None);
        for _ in 0..TRIES {
            match guess.body(attribute).and_then(|body| body.encode()) {
                Ok(body) => bodies.push(body),
                Err(error) => last = Some(error),
            }
        }
        // What reads as the default does is no edit of a new object.
        bodies.retain(|body| {
            let value = read_with::<T>(key, None, &[part(body.clone())]);
            value.is_ok_and(|value| {
                // A field may refuse the value; another may not.
                model::changes(&value, key, None, None).map_or(true, |changes| !changes.is_empty())
            })
        });
        bodies.sort_by_key(|body| (body.len(), body.clone()));
        bodies.dedup();
        bodies.truncate(KEPT);
        match (bodies.is_empty(), last) {
            (true, last) => Err(last.unwrap_or_else(|| Error::corrupt("it reads as its default always"))),
            (false, _) => {
                bodies.push(Vec::new());
                Ok(Pool { attribute, bodies })
            }
        }
    }

    /// One of the values.
    pub(super) fn part(&self, pick: u64) -> Part {
        let body = self.bodies[(pick % self.bodies.len() as u64) as usize].clone();
        Part { name: self.attribute.name().to_owned(), form: self.attribute.form().as_bytes().to_vec(), body }
    }
}
