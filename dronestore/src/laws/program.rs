//! One model as the histories use it: behind a trait, so that old and new programs meet in one history.

use super::craft::{self, Part};
use super::fault::{Fault, Outcome, Proof};
use super::history::{Letter, Source};
use super::order;
use super::pool::Pool;
use super::random::Random;
use super::shown::{Shown, show};
use super::tally::{Blind, Tally};
use crate::model::{self, Attribute, Model};
use crate::version::{Author, from_json, to_json};
use crate::{Drone, ErrorKind, Key, Result, Version};
use std::cell::OnceCell;
use std::fmt::Debug;
use std::rc::Rc;

const READS_BACK: &str = "what a commit wrote reads back as it was";
const SURVIVES: &str = "a value survives being encoded and decoded";
const READABLE: &str = "every program reads what any of them wrote";
const STEADY: &str = "a version reads the same every time: a reading asks no clock, no machine, no chance";
const RELOADS: &str = "a version that went through bytes or JSON is the same and reads the same";
const KEEPS: &str = "a commit changes the fields that were edited and no others";
const PROMISED: &str = "what the model promises of two concurrent edits holds after they have met";

/// What came of an edit.
pub(super) enum Edited {
    Made {
        version: Version,
        changed: Vec<&'static str>,
    },
    /// The value was what it had been.
    Nothing,
    /// The model did not take it.
    Refused,
}

/// A reading that is to come out the same later on.
pub(super) type Reread = Box<dyn Fn() -> Outcome>;

/// A model in a program.
pub(super) trait Program {
    fn kind(&self) -> &'static str;
    /// The Rust type, with its path.
    fn type_name(&self) -> &'static str;
    /// Where edits come from.
    fn sources(&self) -> Vec<Source>;
    /// The lines of Rust that make this edit, of the handle of this name.
    fn lines(&self, base: Option<&Version>, letters: &[Letter], name: &str) -> Vec<String>;
    /// Edits what `base` reads as and commits it onto that.
    fn edit(
        &self,
        base: Option<&Version>,
        letters: &[Letter],
        author: &mut Author<'_>,
    ) -> Result<Edited, Fault>;
    /// That another's commit left everything as it was which it did not edit.
    fn check_kept(&self, before: &Version, after: &Version, changed: &[&str]) -> Outcome;
    /// What must hold of any version.
    fn check(&self, version: &Version) -> Outcome;
    /// What the user promised of two concurrent edits.
    fn check_promises(&self, met: [Option<&Version>; 4]) -> Outcome;
    /// Whether code of the user's takes part in reading.
    fn has_own_strategy(&self) -> bool;
    /// Whether edits of this source are read by code of the user's.
    fn is_own(&self, source: Source) -> bool;
    fn has_promises(&self) -> bool;
    /// What is said of fields whose values cannot be guessed, and that no edit has written.
    fn unguessed(&self) -> Option<String>;
    /// What is said where the model has accepted nothing, or no value of one of the fields.
    fn unaccepted(&self) -> Option<String>;
    fn remember(&self, version: &Version) -> Option<Reread>;
}

/// Two concurrent edits and what they came to, as a [promise](super::Check::promise) is asked about them.
#[derive(Debug)]
pub struct Met<'m, T> {
    /// What both had seen.
    pub base: &'m T,
    /// What one made of it.
    pub ours: &'m T,
    /// What the other made of it.
    pub theirs: &'m T,
    /// What both read after they have met.
    pub merged: &'m T,
}

pub(crate) type Generate<T> = Box<dyn Fn(&mut Random) -> T>;
pub(crate) type Edit<T> = Box<dyn Fn(&mut Random, &mut T)>;
pub(super) type Promise<T> = Box<dyn Fn(&Met<'_, T>) -> bool>;

pub(super) struct Typed<T> {
    pub(super) key: Key,
    pub(super) pools: Vec<Pool>,
    pub(super) generate: Option<Generate<T>>,
    pub(super) edits: Vec<Edit<T>>,
    pub(super) promises: Vec<(String, Promise<T>)>,
    pub(super) blind: Vec<Blind>,
    /// Whole values that the model accepts, found when they are needed.
    pub(super) starts: OnceCell<Vec<Version>>,
    pub(super) tally: Tally,
}

/// A value with these parts in place of what `base` has.
pub(super) fn read_with<T: Model>(key: &Key, base: Option<&Version>, parts: &[Part]) -> Result<T> {
    match (base, parts) {
        (None, []) => model::fresh(),
        (Some(base), []) => model::load(base),
        _ => model::load(&craft::with_parts(key, T::KIND, base, parts)?),
    }
}

impl<T: Drone + Debug> Typed<T> {
    fn load(&self, base: Option<&Version>) -> Result<T> {
        read_with(&self.key, base, &[])
    }

    /// What these edits make of `base`, in the canonical form.
    pub(super) fn made(&self, base: Option<&Version>, letters: &[Letter]) -> Result<T> {
        let mut parts = Vec::new();
        for letter in letters {
            if let Source::Field(field) = letter.source {
                let Some(pool) = self.pool(field) else { continue };
                let new = pool.part(letter.pick);
                parts.retain(|old: &Part| old.name != new.name);
                parts.push(new);
            }
        }
        let mut value: T = read_with(&self.key, base, &parts)?;
        for letter in letters {
            let mut random = Random::new(letter.pick);
            match (letter.source, &self.generate) {
                (Source::Whole, Some(generate)) => value = generate(&mut random),
                (Source::Edit(edit), _) => {
                    if let Some(edit) = self.edits.get(edit) {
                        edit(&mut random, &mut value);
                    }
                }
                _ => {}
            }
        }
        value.canonicalize();
        Ok(value)
    }

    /// The attributes that an edit is about, as far as is known.
    fn about(&self, letters: &[Letter]) -> impl Iterator<Item = &'static str> {
        letters.iter().filter_map(|letter| match letter.source {
            Source::Field(field) => Some(self.pool(field)?.attribute.name()),
            _ => None,
        })
    }

    /// An older program may have fewer fields than the one for which the history was made.
    fn pool(&self, field: usize) -> Option<&Pool> {
        self.pools.get(field % self.pools.len().max(1))
    }
}

/// What is read again is what was read; the fault names the fields that are not.
fn same<T: Model + Debug>(value: &T, version: &Version, fault: &dyn Fn(String) -> Fault) -> Outcome {
    let failed = |error: crate::Error| fault(error.to_string());
    let changes = model::changes(value, version.key(), Some(version), None).map_err(failed)?;
    if changes.is_empty() {
        return Ok(());
    }
    let again: T = model::load(version).map_err(failed)?;
    Err(fault(differ(&changes, &show(value), &show(&again))))
}

/// `field` was this and is that.
fn differ(fields: &[&str], one: &Shown, other: &Shown) -> String {
    let line = |name: &&str| match (one.field(name), other.field(name)) {
        (Some(one), Some(other)) if one != other => {
            format!("`{name}` was {} and is {}", one.rust(None), other.rust(None))
        }
        _ => format!("`{name}` differs"),
    };
    fields.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn is_own(attribute: &'static Attribute) -> bool {
    attribute.form().to_string().contains("with = ")
}

fn types(attributes: &'static [Attribute], name: &str, depth: usize) -> Option<String> {
    let here = attributes.iter().find(|attribute| attribute.name() == name);
    let below = || {
        let inner = attributes.iter().filter_map(|attribute| attribute.nested());
        inner.filter(|_| depth > 0).find_map(|inner| types(inner, name, depth - 1))
    };
    here.map(|attribute| attribute.type_text().to_owned()).or_else(below)
}

impl<T: Drone + Debug> Program for Typed<T> {
    fn kind(&self) -> &'static str {
        T::KIND
    }

    fn type_name(&self) -> &'static str {
        let name = std::any::type_name::<T>();
        name.split('<').next().unwrap_or(name)
    }

    fn sources(&self) -> Vec<Source> {
        let fields = (0..self.pools.len()).map(Source::Field);
        let edits = (0..self.edits.len()).map(Source::Edit);
        fields.chain(edits).chain(self.generate.iter().map(|_| Source::Whole)).collect()
    }

    fn lines(&self, base: Option<&Version>, letters: &[Letter], name: &str) -> Vec<String> {
        let mut lines = Vec::new();
        if let (Ok(before), Ok(after)) = (self.load(base), self.value(base, letters)) {
            let type_of = |field: &str| types(T::ATTRIBUTES, field, 3);
            show(&before).assignments(&show(&after), name, &type_of, &mut lines);
        }
        lines
    }

    fn edit(
        &self,
        base: Option<&Version>,
        letters: &[Letter],
        author: &mut Author<'_>,
    ) -> Result<Edited, Fault> {
        // What cannot be read is reported where it was written.
        let Ok(new) = self.value(base, letters) else { return Ok(Edited::Nothing) };
        let loaded = match model::commit(&new, &self.key, base, base, author) {
            Ok(loaded) => loaded,
            Err(error) if error.kind() == ErrorKind::InvalidValue => return Err(Fault::new(SURVIVES, error)),
            Err(error) => {
                self.tally.refused(self.about(letters), &error.to_string());
                return Ok(Edited::Refused);
            }
        };
        let Some(committed) = loaded.result else { return Ok(Edited::Nothing) };
        let written = show(&new);
        let version = committed.version;
        self.tally.accepted(&committed.changed);
        let proof = format!("assert_eq!(format!(\"{{:?}}\", *§), {:?});", format!("{new:?}"));
        let fault = |seen: String| Fault::new(READS_BACK, seen).proved(proof.clone());
        let mut back = self.load(Some(&version)).map_err(|error| fault(error.to_string()))?;
        let mut again = self.load(Some(&version)).map_err(|error| fault(error.to_string()))?;
        if show(&back) == show(&again) {
            same(&new, &version, &fault)?;
            // Fields that are not stored are the program's own.
            back.carry(new);
            if loaded.notes.is_empty() && show(&back) != written {
                again.carry(back);
                let names: Vec<&str> = T::ATTRIBUTES.iter().map(Attribute::name).collect();
                let changed: Vec<&str> = names
                    .into_iter()
                    .filter(|name| written.field(name) != show(&again).field(name))
                    .collect();
                let seen = differ(&changed, &written, &show(&again));
                return Err(Fault::new(SURVIVES, seen).proved(proof));
            }
        }
        Ok(Edited::Made { version, changed: committed.changed })
    }

    fn check_kept(&self, before: &Version, after: &Version, changed: &[&str]) -> Outcome {
        let fault = |error: crate::Error| Fault::new(KEEPS, error);
        let read = |version| self.load(Some(version)).map(|value| show(&value)).map_err(fault);
        let (was, is) = (read(before)?, read(after)?);
        if was == is || was != read(before)? {
            return Ok(());
        }
        // A name that is not stored, or is stored as another, is left out.
        let name = |attribute: &'static Attribute| match attribute.name() {
            "" => attribute.members().collect(),
            name => vec![name],
        };
        let kept = T::ATTRIBUTES.iter().filter(|attribute| !changed.contains(&attribute.name()));
        let others: Vec<&str> =
            kept.flat_map(name).filter(|name| was.field(name) != is.field(name)).collect();
        if others.is_empty() {
            return Ok(());
        }
        let seen = format!("an edit of `{}`: {}", changed.join("`, `"), differ(&others, &was, &is));
        let others = others.into_iter().map(str::to_owned).collect();
        Err(Fault::new(KEEPS, seen).shown_by(Proof::Kept(others)))
    }

    fn check(&self, version: &Version) -> Outcome {
        let steady = "assert!(§.changes()?.is_empty());";
        let value =
            self.load(Some(version)).map_err(|error| Fault::new(READABLE, error).shown_by(Proof::Loads))?;
        same(&value, version, &|seen| Fault::new(STEADY, seen).proved(steady))?;
        let reloads = "let bytes = §.version().expect(\"committed\").to_bytes();\n\
                       let copy = Versioned::<¤>::from_version(Version::from_bytes(&bytes)?)?;\n\
                       assert_eq!(format!(\"{:?}\", *copy), format!(\"{:?}\", *§));";
        let fault = |seen: String| Fault::new(RELOADS, seen).proved(reloads);
        let failed = |error: crate::Error| fault(error.to_string());
        let back = Version::from_bytes(&version.to_bytes()).map_err(failed)?;
        let json = to_json(version).and_then(|view| from_json(&view)).map_err(failed)?;
        for copy in [&back, &json] {
            if copy.hash() != version.hash() || copy.to_bytes() != version.to_bytes() {
                return Err(fault("the bytes or the hash are others".to_owned()));
            }
            same(&value, copy, &fault)?;
        }
        order::check::<T>(&self.key, version)
    }

    fn check_promises(&self, met: [Option<&Version>; 4]) -> Outcome {
        if self.promises.is_empty() {
            return Ok(());
        }
        let failed = |error: crate::Error| Fault::new(PROMISED, error);
        let [base, ours, theirs, merged] = met.map(|version| self.load(version).map_err(failed));
        let (base, ours, theirs, merged) = (base?, ours?, theirs?, merged?);
        let met = Met { base: &base, ours: &ours, theirs: &theirs, merged: &merged };
        for (name, holds) in &self.promises {
            if !holds(&met) {
                let (ours, theirs, merged) = (met.ours, met.theirs, met.merged);
                let seen =
                    format!("\"{name}\" does not hold of {ours:?} and {theirs:?}, which came to {merged:?}");
                return Err(Fault::new(PROMISED, seen).shown_by(Proof::Promise(name.clone())));
            }
        }
        Ok(())
    }

    fn has_own_strategy(&self) -> bool {
        T::ATTRIBUTES.iter().any(is_own)
    }

    fn remember(&self, version: &Version) -> Option<Reread> {
        let value = self.load(Some(version)).ok()?;
        let version = version.clone();
        let proof = "std::thread::sleep(std::time::Duration::from_millis(1100));\n\
                     assert!(§.changes()?.is_empty());";
        let later = move |seen| Fault::new(STEADY, format!("a second later {seen}")).proved(proof);
        Some(Box::new(move || same(&value, &version, &later)))
    }

    fn is_own(&self, source: Source) -> bool {
        match source {
            Source::Field(field) => self.pool(field).is_some_and(|pool| is_own(pool.attribute)),
            Source::Edit(_) | Source::Whole => self.has_own_strategy(),
        }
    }

    fn has_promises(&self) -> bool {
        !self.promises.is_empty()
    }

    fn unguessed(&self) -> Option<String> {
        self.tally.unguessed(&self.blind)
    }

    fn unaccepted(&self) -> Option<String> {
        self.tally.unaccepted()
    }
}

/// Programs that meet in one history, the newest first.
pub(super) type Programs = [Rc<dyn Program>];
