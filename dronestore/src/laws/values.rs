//! Edits of a model for whoever else makes histories of it: drawn, applied to a value, told as Rust.

use super::build::filled;
use super::fault::Failure;
use super::history::{Letter, Source};
use super::program::{Edit, Generate, Program, Typed};
use super::random::Random;
use crate::{Drone, Result, Version};
use std::fmt::Debug;

/// The edits of a model, made without being told how, and with the help of the user's.
pub(crate) struct Values<T>(Typed<T>);

impl<T: Drone + Debug> Values<T> {
    /// Finds values for the fields.
    ///
    /// # Errors
    /// Where there are fields whose values cannot be guessed, and no edit of the user's.
    pub(crate) fn new(
        generate: Option<Generate<T>>,
        edits: Vec<Edit<T>>,
        skipped: Vec<String>,
    ) -> std::result::Result<Values<T>, Failure> {
        filled(generate, edits, Vec::new(), skipped).map(Values)
    }

    /// The parts of one edit.
    pub(crate) fn letters(&self, random: &mut Random) -> Vec<Letter> {
        let sources = self.0.sources();
        let count = 1 + random.below(2);
        let letter = |random: &mut Random| {
            let source = *random.pick(&sources)?;
            Some(Letter { source, pick: random.number() })
        };
        (0..count).filter_map(|_| letter(random)).collect()
    }

    /// Makes an edit of a value that was read from `base`.
    ///
    /// # Errors
    /// Where `base` does not read as the model.
    pub(crate) fn apply(&self, value: &mut T, base: Option<&Version>, letters: &[Letter]) -> Result<()> {
        // Edits of the user's are made in place, as a program makes them.
        let in_place = letters.iter().all(|letter| matches!(letter.source, Source::Edit(_)));
        if !in_place || base.is_none() {
            *value = self.0.value(base, letters)?;
            return Ok(());
        }
        for letter in letters {
            if let Source::Edit(edit) = letter.source
                && let Some(edit) = self.0.edits.get(edit)
            {
                edit(&mut Random::new(letter.pick), value);
            }
        }
        Ok(())
    }

    /// The lines of Rust that make this edit, of the handle of this name.
    pub(crate) fn lines(&self, base: Option<&Version>, letters: &[Letter], name: &str) -> Vec<String> {
        Program::lines(&self.0, base, letters, name)
    }
}
