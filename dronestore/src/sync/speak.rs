//! Our turn: answering what was asked, giving what the other side lacks, asking what is to be known.

use super::frame::{Frame, MAX_FRAME};
use super::message::{Digest, kind};
use super::questions::{MOST_QUESTIONS, list, put_list};
use super::ranges::{Index, WAYS, is_synced};
use super::session::{Phase, Role, Session};
use super::sketch::Stage;
use super::walk::{Found, Walk};
use super::wire::Giving;
use super::within::Within;
use crate::repo::{View, rows};
use dronestore_core::bytes::{put_slice, put_varint};
use dronestore_core::causal::{Context, Relation};
use dronestore_core::store::Bytes;
use dronestore_core::{Error, Key, Result, Version};

/// About how many bytes are said in one turn; a version that has begun is said to its end.
const TURN: usize = 4 << 20;
/// Bodies up to this length travel with others in one frame.
const SMALL: usize = 12 << 10;
/// A version up to this length is sent where its like would be asked for; a longer one is asked about first.
pub(super) const SHORT: usize = 512;
/// The longest context that is sent to ask.
pub(super) const SHORT_CONTEXT: usize = 64;

impl Session {
    /// Says the next thing.
    pub(super) fn speak(&mut self) -> Result<()> {
        if self.theirs.is_none() {
            return self.say_hello(false);
        }
        if self.large_out.is_some() {
            self.say_more();
            return Ok(());
        }
        let may_go_on = self.turn.said + self.outgoing.len() < TURN;
        if may_go_on
            && (self.walk_on()?
                || self.go_through_inbox()?
                || self.sketch_on()?
                || self.give_back()?
                || self.ask_whole()?
                || self.say_since()?
                || self.ask()?)
        {
            return Ok(());
        }
        self.end_turn()
    }

    fn end_turn(&mut self) -> Result<()> {
        self.say_group();
        let more = self.walk.is_some()
            || !self.inbox_is_empty()
            || !self.returns.is_empty()
            || !self.deltas.lacking.is_empty()
            || self.past.is_open()
            || self.sketch.has_more();
        let is_done = !more && !self.turn.expects && !self.turn.they_have_more && self.questions.is_empty();
        self.turn.we_have_more = more;
        if self.role == Role::Caller && is_done {
            self.say_done()?;
        } else if self.role == Role::Answerer && self.turn.may_end && !more && !self.turn.expects {
            let ours = self.digest()?;
            self.say_digest(ours, None);
            self.offered_digest = Some(ours);
            self.listen();
        } else {
            let flags = u8::from(more) | u8::from(!more && self.has_asked_all()) << 1;
            self.outgoing.frame(kind::TURN, if flags == 0 { &[] } else { std::slice::from_ref(&flags) });
            self.listen();
        }
        Ok(())
    }

    /// Whether the caller knows all that differs, or will when its last questions are answered.
    fn has_asked_all(&mut self) -> bool {
        self.turn.may_end = self.role == Role::Caller
            && self.questions.is_empty()
            && self.questions.are_answered()
            && self.sketch.stage != Stage::Waiting;
        self.turn.may_end
    }

    /// The caller ends the session; at once, where the answerer has offered the same.
    fn say_done(&mut self) -> Result<()> {
        self.said_digest = self.digest()?;
        self.say_digest(self.said_digest, self.offered_digest);
        if self.offered_digest == Some(self.said_digest) {
            self.finish(true);
            self.remember_peer(self.said_digest);
        } else {
            self.listen();
            self.phase = Phase::Closing;
        }
        Ok(())
    }

    /// Says `done`: with nothing where the digest is what the other side has just said or, if it has not, our hello.
    pub(super) fn say_digest(&mut self, digest: Digest, theirs: Option<Digest>) {
        let known = theirs.or(self.ours.map(|ours| ours.digest));
        self.outgoing.frame(kind::DONE, if known == Some(digest) { &[] } else { &digest });
    }

    fn inbox_is_empty(&self) -> bool {
        self.inbox.is_empty() && self.frame.is_empty()
    }

    /// What both sides are compared by.
    fn index(&mut self) -> Result<&Index> {
        let index = match self.index.take() {
            Some(index) => index,
            None => {
                let view = self.repo.view()?;
                let within = Within::new(&self.scope, &view)?;
                Index::new(view, within)?
            }
        };
        Ok(self.index.insert(index))
    }

    /// What stands in the repo now.
    pub(super) fn view(&mut self) -> Result<&View> {
        let view = match self.view.take() {
            Some(view) => view,
            None => self.repo.view()?,
        };
        Ok(self.view.insert(view))
    }

    /// Goes on with a walk that has begun; says whether there was one.
    fn walk_on(&mut self) -> Result<bool> {
        let Some(walk) = &mut self.walk else { return Ok(false) };
        match walk.step(&mut self.frame)? {
            Found::End => self.walk = None,
            Found::Same => {}
            Found::Theirs(row) => self.ask_for(&row, &[]),
            Found::Ours(row) => self.give_row(&row.row, &row.value, false)?,
            Found::Differing(row) => self.compare(&row.row, &row.value)?,
        }
        Ok(true)
    }

    /// Goes through the next thing that the other side said; says whether there was one.
    fn go_through_inbox(&mut self) -> Result<bool> {
        if self.frame.is_empty() {
            let Some(frame) = self.inbox.pop_front() else { return Ok(false) };
            self.inbox_bytes -= frame.weight();
            self.frame = frame;
            return Ok(true);
        }
        let mut frame = std::mem::take(&mut self.frame);
        let done = match frame.kind() {
            kind::CHECK => self.count_question().and_then(|()| self.answer_check(&mut frame)),
            kind::EXCHANGE => self.count_question().and_then(|()| self.begin_exchange(&mut frame)),
            kind::ANSWER => self.take_answer(&mut frame),
            kind::SINCE => self.answer_since(&mut frame),
            _ => self.serve(&mut frame),
        };
        self.frame = frame;
        done.map(|()| true)
    }

    /// Counts a question of theirs.
    fn count_question(&mut self) -> Result<()> {
        self.turn.answered += 1;
        if self.turn.answered > MOST_QUESTIONS + WAYS as usize {
            return Err(Error::corrupt("the other side asks more in one turn than it may"));
        }
        Ok(())
    }

    fn answer_check(&mut self, frame: &mut Frame) -> Result<()> {
        let (start, end) = (frame.row()?, frame.row()?);
        let theirs = frame.read(|reader| reader.array())?;
        let index = self.index()?;
        let span = index.span(&start, &end)?;
        let is_same = span.sum().fingerprint() == theirs;
        let list = if is_same { None } else { list(index, &span)? };
        let mut entry = self.outgoing.entry(kind::ANSWER);
        match list {
            Some(list) => {
                put_varint(entry.out, list.len() as u64 + 2);
                put_list(&list, &mut entry);
            }
            None => entry.out.push(u8::from(!is_same)),
        }
        Ok(())
    }

    fn begin_exchange(&mut self, frame: &mut Frame) -> Result<()> {
        let (start, end) = (frame.row()?, frame.row()?);
        let count = frame.read(|reader| reader.length())?;
        let rows = self.index()?.rows(&start, &end)?;
        self.walk = Some(Walk::new(rows, count, &start, &end)?);
        Ok(())
    }

    fn take_answer(&mut self, frame: &mut Frame) -> Result<()> {
        let answer = frame.read(|reader| reader.length())?;
        let unasked = || Error::corrupt("an answer came that was not asked for");
        let span = self.questions.answered().ok_or_else(unasked)?;
        match answer {
            0 => {}
            1 => self.questions.differs(span),
            count => {
                let rows = self.index()?.rows(&span.start.bound, &span.end.bound)?;
                self.walk = Some(Walk::new(rows, count - 2, &span.start.bound, &span.end.bound)?);
            }
        }
        Ok(())
    }

    /// Gives what the other side asks for, or asks for what it has beyond ours.
    fn serve(&mut self, frame: &mut Frame) -> Result<()> {
        let row = frame.row()?;
        let context = frame.read(|reader| Context::decode(reader.slice()?))?;
        let Some(value) = self.stored(&row)? else {
            if !context.is_empty() && is_synced(&row) {
                // There is one there.
                self.ask_for(&row, &[]);
            }
            return Ok(());
        };
        if context.is_empty() || row.first() != Some(&rows::HEADS) {
            return match self.way_to(&row) {
                Some(way) => self.tell(&row, &value, &way),
                None => self.give_row(&row, &value, false),
            };
        }
        let ours = self.view()?.read_head(key_of(&row)?, value)?;
        match ours.context().compare(&context) {
            Ok(Relation::Covers) => self.give(&ours, false),
            Ok(Relation::Covered) => {
                self.sketch.settle(&ours.hash());
                self.ask_for(&row, &[]);
                Ok(())
            }
            // A fork is found by whoever merges.
            _ => self.give(&ours, true),
        }
    }

    /// Gives back what came of a version that the other side sent to be completed.
    fn give_back(&mut self) -> Result<bool> {
        let Some(row) = self.returns.pop_front() else { return Ok(false) };
        self.inbox_bytes -= row.len();
        if let Some(value) = self.stored(&row)? {
            self.give_row(&row, &value, false)?;
        }
        Ok(true)
    }

    /// What stands in a row that the other side named.
    pub(super) fn stored(&mut self, row: &[u8]) -> Result<Option<Bytes>> {
        if !is_synced(row) {
            return Ok(None);
        }
        let Some(value) = self.view()?.snapshot.get(row)? else { return Ok(None) };
        Ok(self.has_row(row, &value)?.then_some(value))
    }

    /// Puts the next question; says whether there was one. All that came is gone through then.
    fn ask(&mut self) -> Result<bool> {
        if self.turn.asked == 0 && !self.turn.they_have_more && !self.questions.are_answered() {
            return Err(Error::corrupt("the other side leaves a question without an answer"));
        }
        if self.turn.they_have_more || self.turn.asked >= MOST_QUESTIONS || self.questions.is_empty() {
            return Ok(false);
        }
        if self.go_by_since()? || self.ask_for_cells()? {
            return Ok(true);
        }
        self.index()?;
        let Some(index) = &self.index else { return Ok(false) };
        let count = self.questions.ask(index, &mut self.outgoing)?;
        self.turn.asked += count;
        self.turn.expects = true;
        Ok(count > 0)
    }

    /// Both sides have an object, and not the same of it.
    pub(super) fn compare(&mut self, row: &[u8], value: &[u8]) -> Result<()> {
        if row.first() != Some(&rows::HEADS) {
            return Ok(());
        }
        let ours = self.view()?.read_head(key_of(row)?, value.into())?;
        let mut context = Vec::new();
        if ours.state_bytes().len() > SHORT {
            ours.context().encode(&mut context);
        }
        if context.is_empty() || context.len() > SHORT_CONTEXT {
            return self.give(&ours, true);
        }
        self.ask_for(row, &context);
        Ok(())
    }

    pub(super) fn ask_for(&mut self, row: &[u8], context: &[u8]) {
        self.turn.expects = true;
        let mut entry = self.outgoing.entry(kind::ASK);
        entry.row(row);
        put_slice(entry.out, context);
    }

    /// Gives what stands in a row.
    pub(super) fn give_row(&mut self, row: &[u8], value: &[u8], asks: bool) -> Result<()> {
        if let Some(version) = self.version_in(row, value)? {
            return self.give(&version, asks);
        }
        let mut body = vec![0];
        body.extend_from_slice(value);
        self.say_body(body, asks);
        Ok(())
    }

    /// The version in a row, if it is that of an object.
    pub(super) fn version_in(&mut self, row: &[u8], value: &[u8]) -> Result<Option<Version>> {
        if row.first() != Some(&rows::HEADS) {
            return Ok(None);
        }
        self.view()?.read_head(key_of(row)?, value.into()).map(Some)
    }

    /// Gives a version; one that asks is to be completed and given back.
    pub(super) fn give(&mut self, version: &Version, asks: bool) -> Result<()> {
        self.count_given()?;
        if !Giving::fits(version) {
            self.report.too_large.push(version.key().clone());
            return Ok(());
        }
        self.repo.give_away();
        self.report.sent += 1;
        self.sketch.settle(&version.hash());
        let mut body = Vec::with_capacity(version.state_bytes().len() + 128);
        self.giving.put(version, &mut body);
        self.say_body(body, asks);
        Ok(())
    }

    fn say_body(&mut self, body: Vec<u8>, asks: bool) {
        self.turn.expects |= asks;
        self.limits.idle = 0;
        if body.len() <= SMALL {
            let entry = self.outgoing.entry(kind::VERSIONS);
            put_varint(entry.out, (body.len() as u64) << 1 | u64::from(asks));
            entry.out.extend_from_slice(&body);
            return;
        }
        let mut head = Vec::new();
        put_varint(&mut head, (body.len() as u64) << 1 | u64::from(asks));
        self.outgoing.frame(kind::LARGE, &head);
        self.large_out = Some((body, 0));
    }

    /// Says the next piece of a large version.
    pub(super) fn say_more(&mut self) {
        let Some((body, at)) = &mut self.large_out else { return };
        let end = body.len().min(*at + MAX_FRAME - 1);
        self.outgoing.frame(kind::MORE, &body[*at..end]);
        *at = end;
        if end == body.len() {
            self.large_out = None;
        }
    }
}

/// The key of a head's row.
pub(super) fn key_of(row: &[u8]) -> Result<Key> {
    let (_, key) = rows::split_head(row).ok_or_else(|| Error::corrupt("a row is not that of an object"))?;
    Key::from_encoded(key)
}
