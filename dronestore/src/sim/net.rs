//! Who reaches whom, and sessions on their way.

use super::act::Fate;
use super::failure::{Found, Outcome};
use super::link::{Link, Moved};
use super::play::Play;
use crate::Error;
use crate::sync::{Session, SyncReport};

const ENDS: &str = "a session comes to an end";
const GOES_WELL: &str = "a session that nothing disturbs goes well";
const IN_SYNC: &str = "a session that nothing disturbs ends in sync";

/// How many pieces a session of a small world may take.
const PIECES: usize = 100_000;

impl Play<'_> {
    /// Whether two replicas reach each other.
    fn reaches(&self, [one, other]: [usize; 2]) -> bool {
        one != other && (self.sides >> (one % 64) ^ self.sides >> (other % 64)) & 1 == 0
    }

    pub(super) fn part(&mut self, sides: u64) -> Outcome {
        self.sides = sides;
        let count = self.replicas.len();
        self.did(|told| told.part(sides, count));
        let links = std::mem::take(&mut self.links);
        self.links = links.into_iter().filter(|link| self.reaches(link.ends)).collect();
        Ok(())
    }

    pub(super) fn meet(&mut self, ends: [usize; 2], fate: Fate, waits: bool, seed: u64) -> Outcome {
        if !self.reaches(ends) {
            return Ok(());
        }
        let link = self.link(ends, fate, seed)?;
        self.report.sessions += 1;
        self.did(|told| told.meet(ends, fate, waits));
        if waits {
            self.links.push(link);
            return Ok(());
        }
        self.finish(link).map(drop)
    }

    fn link(&mut self, ends: [usize; 2], fate: Fate, seed: u64) -> Outcome<Link> {
        let (caller, called) = (self.up(ends[0])?, self.up(ends[1])?);
        Ok(Link::new(ends, [&caller.repo, &called.repo], fate, seed, self.parts.wire))
    }

    /// A session from its beginning to its end, with nothing that disturbs it.
    pub(super) fn sync(&mut self, ends: [usize; 2]) -> Outcome<SyncReport> {
        let link = self.link(ends, Fate::Whole, 0)?;
        let report = self.finish(link)?;
        report.ok_or_else(|| Found::new(GOES_WELL, "it broke off"))
    }

    /// Carries a session to its end; `None` where it broke off.
    fn finish(&mut self, mut link: Link) -> Outcome<Option<SyncReport>> {
        for _ in 0..PIECES {
            match link.advance() {
                Moved::On => {}
                Moved::Broken(error) => return self.broke(&link, error).map(|()| None),
                Moved::Over => {
                    self.ended(&link);
                    let report = link.sessions[0].report();
                    let undisturbed = !link.disturbed && !self.oracle.is_blind;
                    if undisturbed && !report.in_sync {
                        return Err(Found::new(IN_SYNC, self.named(&link, report)));
                    }
                    return Ok(Some(report.clone()));
                }
            }
        }
        Err(Found::new(ENDS, self.named(&link, format_args!("{PIECES} pieces, and no end"))))
    }

    pub(super) fn carry(&mut self, pick: usize, pieces: usize) -> Outcome {
        if self.links.is_empty() {
            return Ok(());
        }
        let index = pick % self.links.len();
        let mut link = self.links.swap_remove(index);
        self.did(|told| told.carry(link.ends, pieces));
        for _ in 0..pieces {
            match link.advance() {
                Moved::On => {}
                Moved::Broken(error) => return self.broke(&link, error),
                Moved::Over => {
                    self.ended(&link);
                    return Ok(());
                }
            }
        }
        self.links.push(link);
        Ok(())
    }

    fn ended(&mut self, link: &Link) {
        self.report.bytes += link.said as u64;
        for session in &link.sessions {
            self.aside.extend(session.report().received.forked.iter().cloned());
        }
    }

    /// A session may break off where its carrier is at fault, or a store.
    fn broke(&mut self, link: &Link, error: Option<(usize, Error)>) -> Outcome {
        self.ended(link);
        self.report.broken += 1;
        let planned = match &error {
            Some((end, error)) => self.replicas[link.ends[*end]].is_planned(error),
            None => false,
        };
        if let Some((end, _)) = &error {
            self.report.failures += u64::from(planned && !self.replicas[link.ends[*end]].faulty.is_dead());
        }
        if link.disturbed || planned || self.oracle.is_blind {
            return Ok(());
        }
        let seen = error.map_or("both wait for the other".to_owned(), |(_, error)| error.to_string());
        Err(Found::new(GOES_WELL, self.named(link, seen)))
    }

    fn named(&self, link: &Link, seen: impl std::fmt::Display) -> String {
        let [caller, called] = link.ends.map(super::tell::letter);
        let done = link.sessions.iter().filter(|session| Session::is_done(session)).count();
        format!("{caller} and {called}: {seen} ({done} of 2 are done)")
    }
}
