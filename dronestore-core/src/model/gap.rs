//! Gap: a text with room where it was edited last, so that the next edit there moves nothing.

use crate::causal::sequence::Content;
use std::sync::OnceLock;

/// A text in two parts, or in one, or in both ways at once.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    /// The text in one piece, put together when it is asked for.
    whole: OnceLock<String>,
    /// The text as it is edited; none before the first edit.
    parts: Option<Parts>,
}

/// What is before the place of the last edit and what is behind it.
#[derive(Debug, Clone)]
struct Parts {
    front: Vec<u8>,
    /// How many characters are in front.
    before: usize,
    /// What is behind, after some room.
    back: Vec<u8>,
    room: usize,
    /// How many characters are behind.
    behind: usize,
}

impl Gap {
    /// A text in one piece.
    pub(super) fn new(text: String) -> Gap {
        Gap { whole: OnceLock::from(text), parts: None }
    }

    /// The text in one piece.
    pub(super) fn as_str(&self) -> &str {
        self.whole.get_or_init(|| self.parts.as_ref().map(Parts::together).unwrap_or_default())
    }

    pub(super) fn into_string(self) -> String {
        self.as_str();
        self.whole.into_inner().unwrap_or_default()
    }

    /// Puts a text of `inserted` characters in the place of `deleted`, before the character `at`; `count` is how many there
    /// are in all, and at least `at + deleted`.
    pub(super) fn replace(&mut self, count: usize, at: usize, deleted: usize, text: &str, inserted: usize) {
        let whole = self.whole.take();
        let parts = self.parts.get_or_insert_with(|| Parts::all_in_front(whole.unwrap_or_default(), count));
        parts.go_to(at);
        parts.delete(deleted);
        parts.front.extend_from_slice(text.as_bytes());
        parts.before += inserted;
    }
}

impl Parts {
    fn all_in_front(text: String, count: usize) -> Parts {
        Parts { front: text.into_bytes(), before: count, back: Vec::new(), room: 0, behind: 0 }
    }

    fn together(&self) -> String {
        let mut text = Vec::with_capacity(self.front.len() + self.back.len() - self.room);
        text.extend_from_slice(&self.front);
        text.extend_from_slice(&self.back[self.room..]);
        String::from_utf8(text).expect("both parts begin and end between characters of texts")
    }

    /// Moves the place between the two parts.
    fn go_to(&mut self, at: usize) {
        if at > self.before {
            let count = at - self.before;
            let end = self.room + bytes_of(&self.back[self.room..], self.behind, count);
            self.front.extend_from_slice(&self.back[self.room..end]);
            self.room = end;
            (self.before, self.behind) = (at, self.behind - count);
        } else if at < self.before {
            let start = bytes_of(&self.front, self.before, at);
            let moved = self.front.len() - start;
            self.make_room(moved);
            self.back[self.room - moved..self.room].copy_from_slice(&self.front[start..]);
            self.front.truncate(start);
            self.room -= moved;
            (self.before, self.behind) = (at, self.behind + self.before - at);
        }
    }

    fn make_room(&mut self, wanted: usize) {
        if self.room < wanted {
            let kept = &self.back[self.room..];
            let room = wanted + kept.len() / 2 + 64;
            let mut back = Vec::with_capacity(room + kept.len());
            back.resize(room, 0);
            back.extend_from_slice(kept);
            (self.back, self.room) = (back, room);
        }
    }

    fn delete(&mut self, count: usize) {
        self.room += bytes_of(&self.back[self.room..], self.behind, count);
        self.behind -= count;
    }
}

/// How many bytes the first characters of a text take, which has `of`.
fn bytes_of(text: &[u8], of: usize, count: usize) -> usize {
    if text.len() == of {
        return count;
    }
    Content::first_chars(text, count).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_gap_is_edited_as_one_without() {
        let mut state = 1u64;
        let mut below = |end: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % end
        };
        for round in 0..500 {
            let letters: &[char] = if round % 2 == 0 { &['a', 'b'] } else { &['a', 'é', '漢', '😀'] };
            let mut chars: Vec<char> = (0..below(300)).map(|_| letters[below(letters.len())]).collect();
            let mut gap = Gap::new(chars.iter().collect());
            for _ in 0..60 {
                let at = below(chars.len() + 1);
                let deleted = below(4).min(chars.len() - at);
                let text: String = (0..below(4)).map(|_| letters[below(letters.len())]).collect();
                gap.replace(chars.len(), at, deleted, &text, text.chars().count());
                chars.splice(at..at + deleted, text.chars());
                if below(3) == 0 {
                    assert_eq!(gap.as_str(), chars.iter().collect::<String>());
                }
            }
            assert_eq!(gap.clone().into_string(), chars.iter().collect::<String>());
        }
    }
}
