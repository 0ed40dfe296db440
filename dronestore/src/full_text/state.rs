//! State: what is noted beside the index, with each of its commits.

use super::plan::Plan;
use crate::{Error, Result};
use dronestore_core::value;
use serde::{Deserialize, Serialize};

/// Goes up with every change of how texts are cut and documents are laid out: older indexes are built anew.
const FORMAT: u32 = 2;

/// What an index is of, and how far it has read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) format: u32,
    pub(super) plan: Plan,
    /// The database, and the row of the change log that is read next.
    pub(super) database: String,
    pub(super) next: u64,
    /// The mark of the row before it; nothing where none was read.
    pub(super) mark: Vec<u8>,
    /// While the index is being made: the row of the last head that is in it. What was written since the walk began is told by
    /// the change log, from `next` on.
    pub(super) walked: Option<Vec<u8>>,
}

impl State {
    /// Of an index with nothing in it.
    pub(super) fn new(plan: Plan, database: String) -> State {
        State { format: FORMAT, plan, database, next: 0, mark: Vec::new(), walked: Some(Vec::new()) }
    }

    /// Whether nothing was read yet.
    pub(super) fn is_new(&self) -> bool {
        self.mark.is_empty()
    }

    /// As text, which is what the index keeps for us.
    pub(super) fn to_text(&self) -> Result<String> {
        let bytes = value::encode(self)?;
        let mut text = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            text.extend(
                [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')),
            );
        }
        Ok(text)
    }

    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where it is none, or one of another format.
    pub(super) fn from_text(text: &str) -> Result<State> {
        let damaged = || Error::corrupt("what is noted beside the search index is damaged");
        let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> =
            pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
        let bytes = bytes.filter(|_| rest.is_empty()).ok_or_else(damaged)?;
        value::check(&bytes).map_err(|_| damaged())?;
        let state: State = value::decode(&bytes).map_err(|_| damaged())?;
        if state.format == FORMAT { Ok(state) } else { Err(damaged()) }
    }
}
