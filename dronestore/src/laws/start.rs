//! First commits: whole values that the model accepts, where it wants more than one field to be filled.

use super::history::{Letter, Source};
use super::program::{Typed, read_with};
use super::random::Random;
use crate::model::{self, Attribute, Violation, Violations};
use crate::version::Author;
use crate::{ActorId, Drone, HybridClock, Nanotime, Result, Version};
use std::fmt::Debug;

/// How many whole values are tried, and how many are kept.
const TRIES: usize = 240;
const KEPT: usize = 8;
/// How often one of them is mended by what the model says of it.
const MENDS: usize = 4;

impl<T: Drone + Debug> Typed<T> {
    /// What an edit makes of `base`; where there is none yet and the model wants more, of a whole value that it accepts.
    pub(super) fn value(&self, base: Option<&Version>, letters: &[Letter]) -> Result<T> {
        let mut value = self.made(base, letters)?;
        if base.is_some() || Violations::of(&value).is_empty() {
            return Ok(value);
        }
        let starts = self.starts.get_or_init(|| self.find_starts());
        // Small picks, as small worlds have them, begin with the first.
        let turn = letters.first().map_or(0, |letter| (letter.pick >> 32) as usize);
        for index in 0..starts.len() {
            value = self.made(Some(&starts[(turn + index) % starts.len()]), letters)?;
            if Violations::of(&value).is_empty() {
                break;
            }
        }
        Ok(value)
    }

    /// Whole values that the model accepts, those first that say least.
    fn find_starts(&self) -> Vec<Version> {
        let mut random = Random::new(5);
        let mut found: Vec<Version> = Vec::new();
        for number in 0..TRIES {
            let accepted = self.try_start(number, &mut random).and_then(|value| self.as_version(&value));
            if let Some(version) = accepted
                && found.iter().all(|known| known.state_bytes() != version.state_bytes())
            {
                found.push(version);
            }
            if found.len() == KEPT {
                break;
            }
        }
        found
    }

    fn try_start(&self, number: usize, random: &mut Random) -> Option<T> {
        let mut letters = match number % 4 {
            0 | 1 => Vec::new(),
            2 if self.generate.is_some() => vec![Letter { source: Source::Whole, pick: random.number() }],
            _ => (0..self.pools.len()).map(|field| self.filled(field, random)).collect(),
        };
        if number % 2 == 1 {
            let edits = 0..self.edits.len();
            letters.extend(edits.map(|edit| Letter { source: Source::Edit(edit), pick: random.number() }));
        }
        for _ in 0..MENDS {
            let value = self.made(None, &letters).ok()?;
            let violations = Violations::of(&value);
            if violations.is_empty() {
                return Some(value);
            }
            // What the object as a whole violates may be any field's fault.
            let whole = violations.iter().any(|violation| violation.attribute.is_empty());
            for field in 0..self.pools.len() {
                let is_at = violations.iter().any(|found| is_at(found, self.pools[field].attribute));
                if is_at || (whole && random.once_in(2)) {
                    letters.retain(|letter| letter.source != Source::Field(field));
                    letters.insert(0, if number == 0 { simplest(field) } else { self.filled(field, random) });
                }
            }
        }
        None
    }

    /// A value of this field, and not its default.
    fn filled(&self, field: usize, random: &mut Random) -> Letter {
        let pick = random.below(self.pools[field].values()) as u64;
        Letter { source: Source::Field(field), pick }
    }

    /// A version that reads so; nobody ever sees it.
    fn as_version(&self, value: &T) -> Option<Version> {
        let mut clock = HybridClock::default();
        let actor = ActorId::from_bytes([1; 12]);
        let mut author = Author { actor, clock: &mut clock, wall: Nanotime::MIN };
        let version = model::commit(value, &self.key, None, None, &mut author).ok()?.result?.version;
        read_with::<T>(&self.key, Some(&version), &[]).ok().map(|_| version)
    }
}

fn simplest(field: usize) -> Letter {
    Letter { source: Source::Field(field), pick: 0 }
}

/// Whether it was found in this attribute.
pub(super) fn is_at(violation: &Violation, attribute: &'static Attribute) -> bool {
    let place = violation.attribute.as_str();
    let name = &place[..place.find(['.', '[']).unwrap_or(place.len())];
    match attribute.name() {
        "" => attribute.members().any(|member| member == name),
        own => own == name,
    }
}
