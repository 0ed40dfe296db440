//! A session of two replicas, and the bytes between them.

use super::act::Fate;
use crate::laws::Random;
use crate::sync::Session;
use crate::{Error, Repo};
use std::collections::VecDeque;

/// Changes what a side says, for tests that plant a fault.
pub(super) type Wire = fn(&mut Vec<u8>);

pub(super) struct Link {
    /// Who called, and who was called.
    pub(super) ends: [usize; 2],
    pub(super) sessions: [Session; 2],
    /// What each end has said and the other has not heard.
    wires: [VecDeque<Vec<u8>>; 2],
    fate: Fate,
    random: Random,
    wire: Option<Wire>,
    /// How many pieces were said.
    pieces: usize,
    /// How many bytes were said.
    pub(super) said: usize,
    /// A piece that is to arrive after the next one.
    held: Option<(usize, Vec<u8>)>,
    /// Whether anything became of its fate.
    pub(super) disturbed: bool,
    is_cut: bool,
}

/// What came of moving one piece.
pub(super) enum Moved {
    On,
    /// Both sides are done.
    Over,
    /// The carrier is gone, or one side does not go on.
    Broken(Option<(usize, Error)>),
}

impl Link {
    pub(super) fn new(
        ends: [usize; 2],
        repos: [&Repo; 2],
        fate: Fate,
        seed: u64,
        wire: Option<Wire>,
    ) -> Link {
        Link {
            ends,
            sessions: [Session::call(repos[0]), Session::answer(repos[1])],
            wires: Default::default(),
            fate,
            random: Random::new(seed),
            wire,
            pieces: 0,
            said: 0,
            held: None,
            disturbed: false,
            is_cut: false,
        }
    }

    /// Moves one piece: one that was said arrives, or one is said.
    pub(super) fn advance(&mut self) -> Moved {
        for end in 0..2 {
            if let Some(piece) = self.wires[end].pop_front() {
                let heard = self.sessions[1 - end].receive(&piece);
                return heard.map_or_else(|error| Moved::Broken(Some((1 - end, error))), |()| Moved::On);
            }
        }
        if self.is_cut {
            return Moved::Broken(None);
        }
        for end in 0..2 {
            let mut said = Vec::new();
            if let Err(error) = self.sessions[end].send(&mut said) {
                return Moved::Broken(Some((end, error)));
            }
            if !said.is_empty() {
                self.say(end, said);
                return Moved::On;
            }
        }
        if let Some((end, piece)) = self.held.take() {
            self.wires[end].push_back(piece);
            return Moved::On;
        }
        match self.sessions.iter().all(Session::is_done) {
            true => Moved::Over,
            // What was lost is not said again: a carrier would give up.
            false => Moved::Broken(None),
        }
    }

    fn say(&mut self, end: usize, mut said: Vec<u8>) {
        if let Some(change) = self.wire {
            change(&mut said);
        }
        let rest =
            if self.random.once_in(2) { said.split_off(self.random.below(said.len())) } else { Vec::new() };
        for piece in [said, rest] {
            if !piece.is_empty() && !self.is_cut {
                self.put(end, piece);
            }
        }
    }

    fn put(&mut self, end: usize, mut piece: Vec<u8>) {
        let number = self.pieces;
        self.pieces += 1;
        let before = self.said;
        self.said += piece.len();
        if self.held.is_none() && self.is_struck(number) {
            self.disturbed = true;
            match self.fate {
                Fate::Twice(_) => self.wires[end].push_back(piece.clone()),
                Fate::Swap(_) => {
                    self.held = Some((end, piece));
                    return;
                }
                _ => return,
            }
        }
        if let Fate::Cut(most) = self.fate
            && self.said > most
        {
            (self.disturbed, self.is_cut) = (true, true);
            piece.truncate(most.saturating_sub(before));
        }
        self.wires[end].push_back(piece);
        if self.held.as_ref().is_some_and(|(held, _)| *held == end)
            && let Some((_, piece)) = self.held.take()
        {
            self.wires[end].push_back(piece);
        }
    }

    fn is_struck(&self, number: usize) -> bool {
        matches!(self.fate, Fate::Lose(at) | Fate::Twice(at) | Fate::Swap(at) if at == number)
    }
}
