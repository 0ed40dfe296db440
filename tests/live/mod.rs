//! Sessions that stay: pushes, points, breaks; a fleet that gossips; who was met.

mod gossip;
mod hostile;
mod peers;
mod processes;
mod pushes;
mod reconnects;
mod ways;

use crate::random::Random;
use crate::sync::repo_with;
use dronestore::sync::Session;
use dronestore::{Repo, Result};

/// Two sessions that stay, and what is on its way between them.
pub struct Pair {
    pub caller: Session,
    pub answerer: Session,
    /// From the caller, from the answerer.
    pub wires: [Vec<u8>; 2],
}

impl Pair {
    pub fn new(one: &Repo, other: &Repo) -> Pair {
        let (caller, answerer) = (Session::call(one).live(), Session::answer(other).live());
        Pair { caller, answerer, wires: Default::default() }
    }

    /// Two that have come to be live.
    pub fn live(one: &Repo, other: &Repo) -> Pair {
        let mut pair = Pair::new(one, other);
        pair.settle();
        assert!(pair.caller.is_live() && pair.answerer.is_live());
        pair
    }

    pub fn side(&mut self, side: usize) -> &mut Session {
        if side == 0 { &mut self.caller } else { &mut self.answerer }
    }

    /// Has a side say what it has to say now.
    pub fn send(&mut self, side: usize) -> Result<()> {
        let mut said = Vec::new();
        self.side(side).send(&mut said)?;
        self.wires[side].extend(said);
        Ok(())
    }

    /// Brings so many bytes of what a side said to the other one.
    pub fn deliver(&mut self, side: usize, most: usize) -> Result<()> {
        let count = most.min(self.wires[side].len());
        let piece: Vec<u8> = self.wires[side].drain(..count).collect();
        self.side(1 - side).receive(&piece)
    }

    /// Lets both say all that they have to say; gives how many bytes that were.
    pub fn settle(&mut self) -> usize {
        let mut bytes = 0;
        for round in 0.. {
            assert!(round < 10_000, "there is no end to it");
            let before = bytes;
            for side in 0..2 {
                self.send(side).unwrap();
                bytes += self.wires[side].len();
                self.deliver(side, usize::MAX).unwrap();
            }
            if bytes == before {
                return bytes;
            }
        }
        bytes
    }

    /// Something happens: a side speaks, or a piece of what it said arrives.
    pub fn step(&mut self, random: &mut Random) {
        let side = random.below(2);
        match random.below(3) {
            0 => self.send(side).unwrap(),
            _ => {
                let most = [1, 7, 100, 5000, usize::MAX][random.below(5)];
                self.deliver(side, most).unwrap();
            }
        }
    }

    /// A moment has passed on both sides.
    pub fn moment(&mut self) -> usize {
        self.caller.keep_alive();
        self.answerer.keep_alive();
        self.settle()
    }

    /// Both hold the same and know it.
    pub fn assert_in_sync(&self) {
        assert_eq!(self.caller.repo().hash(), self.answerer.repo().hash());
        assert!(self.caller.is_in_sync() && self.answerer.is_in_sync());
    }
}

/// Two that hold the same, and stay.
pub fn staying(count: usize) -> (Repo, Repo, Pair) {
    let one = repo_with(count);
    let other = crate::sync::replica(&one);
    let pair = Pair::live(&one, &other);
    (one, other, pair)
}
