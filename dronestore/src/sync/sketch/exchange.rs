//! A sketch in a session: the estimate, the cells, and what is given and asked for when the difference is known.

use super::super::frame::Frame;
use super::super::message::{Hello, kind};
use super::super::session::{Phase, Role, Session};
use super::super::since::Since;
use super::super::speak::{SHORT, SHORT_CONTEXT};
use super::decode::Difference;
use super::estimate::{Estimate, Plan};
use super::find::Wanted;
use super::kept::Beside;
use super::state::{Decoded, Giving, Held, Stage, frames_of};
use crate::repo::{decisions_kind, rows};
use dronestore_core::bytes::put_varint;
use dronestore_core::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// With fewer objects a list of them all is as short, and needs no table.
const FEW: u64 = 256;
/// How often a side passes over all heads for ids that the other side names.
const PASSES: u32 = 2;

/// How many changes are gone back over for so many ids, where the other side may know better: what it has not seen is
/// mostly what changed last.
fn few_changes(ids: usize) -> usize {
    1000 + 8 * ids
}

impl Session {
    /// Says how much there is here, in the hello, where the other side is likely a stranger and that costs nothing.
    pub(in super::super) fn estimate_at_once(&mut self) -> Option<Estimate> {
        if self.role != Role::Caller || !self.may_sketch() {
            return None;
        }
        let table = |beside: &mut Beside| match beside.expects_known {
            true => Ok(None),
            false => beside.table_at_once(&self.repo),
        };
        // Without it the session goes another way.
        let table = self.repo.try_beside(table)?.ok().flatten()?;
        self.sketch.stage = Stage::Waiting;
        Some(table.estimate())
    }

    fn may_sketch(&self) -> bool {
        let theirs_may =
            self.theirs.is_none_or(|theirs| !theirs.empty && theirs.database == self.repo.database());
        theirs_may && self.scope.is_everything() && self.repo.len() >= FEW
    }

    /// The answerer's hello; behind it what is remembered of the caller, or cells where the caller asked for them.
    pub(in super::super) fn greet(&mut self, theirs: &Hello) -> Result<()> {
        let is_of_ours = self.theirs_is_of_ours();
        if is_of_ours && self.offer_since()? {
            return Ok(());
        }
        let Some(estimate) = theirs.estimate.filter(|_| is_of_ours) else {
            return self.say_hello(false);
        };
        self.say_hello(true)?;
        self.answer_estimate(&estimate)
    }

    fn theirs_is_of_ours(&self) -> bool {
        self.theirs.is_some_and(|theirs| theirs.database == self.repo.database())
    }

    /// The caller has heard a hello: what comes behind it, and whom to expect next time.
    pub(in super::super) fn greeted(&mut self, theirs: &Hello, has_to_ask: bool) -> Result<()> {
        let repo = self.repo.clone();
        let is_known = match self.report.peer {
            Some(peer) => {
                let scope = self.scope_name();
                !repo.remembered((&peer, &scope), self.view()?)?.is_empty()
            }
            None => false,
        };
        self.expect_known(is_known);
        if has_to_ask {
            self.questions.begin();
        }
        if !theirs.goes_on {
            self.no_cells_at_once();
            self.phase = Phase::Speaking;
        }
        Ok(())
    }

    /// What follows the other side's hello are no cells: they may be asked for later.
    pub(in super::super) fn no_cells_at_once(&mut self) {
        if self.sketch.stage == Stage::Waiting {
            self.sketch.stage = Stage::Untried;
        }
    }

    /// What the sketch found was not all that differs: it is not gone by any more, and the table is made anew.
    pub(in super::super) fn give_up_sketch(&mut self) {
        if self.sketch.stage == Stage::Used {
            self.repo.beside(Beside::forget);
        }
        self.sketch.give_up();
    }

    /// Whether the next one called is likely to be remembered.
    pub(in super::super) fn expect_known(&self, is_known: bool) {
        self.repo.try_beside(|beside: &mut Beside| beside.expects_known = is_known);
    }

    /// Asks for cells, where ranges would have to be asked about otherwise; says whether it did.
    pub(in super::super) fn ask_for_cells(&mut self) -> Result<bool> {
        if self.sketch.stage != Stage::Untried {
            return Ok(false);
        }
        self.sketch.stage = Stage::No;
        if !self.may_sketch() {
            return Ok(false);
        }
        let estimate = self.sketch.hold(Held::new(&self.repo)?).table.estimate();
        self.outgoing.frame(kind::ESTIMATE, &estimate.0);
        self.sketch.stage = Stage::Waiting;
        self.turn.expects = true;
        self.questions.end();
        Ok(true)
    }

    /// Takes a frame that is about the sketch.
    pub(in super::super) fn heard_of_sketch(&mut self, frame: &mut Frame) -> Result<()> {
        if self.phase == Phase::Closing {
            return Err(unexpected());
        }
        let (stage, is_caller) = (self.sketch.stage, self.role == Role::Caller);
        match frame.kind() {
            kind::CELLS if is_caller && stage == Stage::Waiting => {
                self.questions.end();
                while !frame.is_empty() {
                    frame.read(|reader| self.sketch.take_cells(reader))?;
                }
            }
            kind::ESTIMATE if !is_caller && stage == Stage::Untried => {
                self.past.since = Since::No;
                let estimate = frame.read(|reader| reader.array())?;
                self.answer_estimate(&Estimate(estimate))?;
            }
            kind::FURTHER if !is_caller && stage == Stage::Used && self.sketch.held.is_some() => {
                while !frame.is_empty() {
                    frame.read(|reader| self.sketch.take_question(reader))?;
                }
            }
            kind::WANTED if stage == Stage::Used => {
                let ids = frame.read(|reader| self.sketch.read_ids(reader))?;
                self.sketch.asked.extend(ids);
            }
            kind::OFFERED if stage == Stage::Used && !is_caller => {
                let ids = frame.read(|reader| self.sketch.read_ids(reader))?;
                self.sketch.offered.extend(ids);
            }
            _ => return Err(unexpected()),
        }
        if frame.is_empty() { Ok(()) } else { Err(unexpected()) }
    }

    /// Says as many cells as the difference is likely to need, or that it is not worth it.
    fn answer_estimate(&mut self, theirs: &Estimate) -> Result<()> {
        self.sketch.stage = Stage::No;
        // An empty caller that has joined meanwhile has said another database; its ids are not looked for.
        let plan = match self.repo.len() < FEW || !self.theirs_is_of_ours() {
            true => None,
            false => {
                let held = self.sketch.hold(Held::new(&self.repo)?);
                let distance = held.table.estimate().distance(theirs);
                Plan::new(distance).filter(|_| distance as u64 <= self.repo.len() / 4 + FEW)
            }
        };
        let Some(plan) = plan else {
            self.sketch.clear();
            self.outgoing.frame(kind::CELLS, &[]);
            return Ok(());
        };
        self.sketch.stage = Stage::Used;
        self.sketch.saying.extend(plan.groups().map(|group| (group, 0, plan.cells)));
        Ok(())
    }

    /// Goes on with what the sketch has come to; says whether there was anything.
    pub(in super::super) fn sketch_on(&mut self) -> Result<bool> {
        if let Some((group, first, end)) = self.sketch.saying.pop_front() {
            let Some(held) = &self.sketch.held else { return Ok(true) };
            let entry = self.outgoing.entry(kind::CELLS);
            [group.0, first, end - first].iter().for_each(|number| put_varint(entry.out, *number as u64));
            let cells = held.cells(group, first, end);
            entry.out.extend(cells.iter().flat_map(|cell| cell.0.to_le_bytes()));
            return Ok(true);
        }
        // What is asked for in this turn comes in the next one.
        if self.sketch.stage == Stage::Waiting && !self.turn.they_have_more && !self.turn.expects {
            self.decode()?;
            return Ok(true);
        }
        if !(self.sketch.asked.is_empty() && self.sketch.offered.is_empty()) {
            self.find_asked()?;
            return Ok(true);
        }
        let Some(giving) = self.sketch.giving.pop_front() else { return Ok(false) };
        self.give_found(&giving)?;
        Ok(true)
    }

    /// The caller has all the cells that it asked for.
    fn decode(&mut self) -> Result<()> {
        if !self.sketch.has_cells() {
            // The other side finds it too much, or too little.
            self.sketch.give_up();
            self.questions.begin();
            return Ok(());
        }
        if self.sketch.held.is_none() {
            self.sketch.hold(Held::new(&self.repo)?);
        }
        match self.sketch.decode()? {
            Decoded::Lacking(lacking) => {
                for (group, first, count) in lacking {
                    let entry = self.outgoing.entry(kind::FURTHER);
                    [group.0, first, count].iter().for_each(|number| put_varint(entry.out, *number as u64));
                }
                self.turn.expects = true;
            }
            Decoded::All(difference) => {
                self.sketch.held = None;
                self.sketch.stage = Stage::Used;
                self.go_by(difference)?;
            }
            Decoded::Never => {
                self.sketch.give_up();
                self.questions.begin();
            }
        }
        Ok(())
    }

    /// The caller knows which ids only one side has: gives what is new here, asks for what is new there.
    fn go_by(&mut self, difference: Difference) -> Result<()> {
        let Difference { ours, theirs } = difference;
        let view = self.repo.view()?;
        let mut wanted = Wanted::new(&ours, &theirs, self.sketch.salt());
        wanted.look_in_schemas(&*view.snapshot)?;
        let most = few_changes(ours.len() + theirs.len());
        wanted.look_in_log(&*view.snapshot, most)?;
        // What they have and stood here once is older than what stands here.
        let (older, newer): (Vec<u64>, Vec<u64>) =
            theirs.into_iter().partition(|id| wanted.row(*id).is_some());
        if newer.is_empty() && wanted.missing() > 0 {
            // Nothing there can tell where these belong.
            wanted.look_in_log(&*view.snapshot, usize::MAX)?;
            wanted.look_in_heads(&*view.snapshot)?;
            self.check_found(&wanted);
        }
        let mut giving: BTreeMap<Vec<u8>, bool> = BTreeMap::new();
        for row in ours.iter().filter_map(|id| wanted.row(*id)) {
            giving.insert(row.clone(), !newer.is_empty());
        }
        for row in older.iter().filter_map(|id| wanted.row(*id)) {
            giving.insert(row.clone(), false);
        }
        self.give_all(giving);
        if !newer.is_empty() {
            let unknown = ours.into_iter().filter(|id| wanted.row(*id).is_none());
            self.say_ids(kind::OFFERED, unknown.collect());
            self.say_ids(kind::WANTED, newer);
        }
        Ok(())
    }

    fn say_ids(&mut self, kind: u8, ids: Vec<u64>) {
        for frame in frames_of(ids) {
            self.outgoing.frame(kind, &frame);
            self.turn.expects = true;
        }
    }

    /// Finds what the other side asks for, and asks for what it offers and never stood here.
    fn find_asked(&mut self) -> Result<()> {
        let asked = std::mem::take(&mut self.sketch.asked);
        let offered = std::mem::take(&mut self.sketch.offered);
        let view = self.repo.view()?;
        let mut wanted = Wanted::new(&asked, &offered, self.sketch.salt());
        wanted.look_in_schemas(&*view.snapshot)?;
        wanted.look_in_log(&*view.snapshot, few_changes(asked.len() + offered.len()))?;
        if wanted.missing() > 0 && self.sketch.passes < PASSES {
            self.sketch.passes += 1;
            wanted.look_in_log(&*view.snapshot, usize::MAX)?;
            wanted.look_in_heads(&*view.snapshot)?;
            self.check_found(&wanted);
        }
        let rows = asked.iter().filter_map(|id| wanted.row(*id));
        self.give_all(rows.map(|row| (row.clone(), false)).collect());
        let unknown = offered.into_iter().filter(|id| wanted.row(*id).is_none());
        self.say_ids(kind::WANTED, unknown.collect());
        Ok(())
    }

    /// All places were looked at: an id that is in none is one that the table has missed the end of.
    fn check_found(&self, wanted: &Wanted) {
        if wanted.missing() > 0 {
            self.repo.beside(Beside::forget);
        }
    }

    /// Schemas go first, decisions before what they decide about.
    fn give_all(&mut self, giving: BTreeMap<Vec<u8>, bool>) {
        let decisions = rows::heads_of_kind(decisions_kind());
        let is_first = |row: &Vec<u8>| row.first() != Some(&rows::HEADS) || decisions.contains(row);
        let (first, others): (BTreeSet<_>, BTreeSet<_>) =
            giving.into_iter().partition(|(row, _)| is_first(row));
        let all = first.into_iter().chain(others);
        self.sketch.giving.extend(all.map(|(row, may_be_old)| Giving { row, may_be_old }));
    }

    fn give_found(&mut self, giving: &Giving) -> Result<()> {
        let Some(value) = self.stored(&giving.row)? else { return Ok(()) };
        let Some(version) = self.version_in(&giving.row, &value)? else {
            return self.give_row(&giving.row, &value, false);
        };
        if self.sketch.is_settled(&version.hash()) {
            return Ok(());
        }
        if giving.may_be_old && version.state_bytes().len() > SHORT {
            let mut context = Vec::new();
            version.context().encode(&mut context);
            if context.len() <= SHORT_CONTEXT {
                self.ask_for(&giving.row, &context);
                return Ok(());
            }
        }
        self.give(&version, false)
    }
}

fn unexpected() -> Error {
    Error::corrupt("the other side says of a sketch what it may not say now")
}
