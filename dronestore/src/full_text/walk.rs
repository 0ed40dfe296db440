//! Walk: over all objects, to make an index or to find out in what it differs from the repo.

use super::fault::fault;
use super::handle::TextProgress;
use super::keep::Kept;
use super::layout::{VERSION, version_id};
use super::state::State;
use crate::{Result, Version, View};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Searcher, Term};

/// After how many objects a walk is noted, so that one that was stopped goes on there.
const OBJECTS: u64 = 100_000;
/// How often it is asked whether to go on.
const ASKED: u64 = 256;

/// How far the work is, and who is told.
pub(super) struct Progress<'g> {
    pub(super) objects: u64,
    pub(super) indexed: u64,
    /// How many objects were met that are to be found.
    pub(super) present: u64,
    go_on: &'g mut dyn FnMut(&TextProgress) -> bool,
}

impl<'g> Progress<'g> {
    pub(super) fn new(go_on: &'g mut dyn FnMut(&TextProgress) -> bool) -> Progress<'g> {
        Progress { objects: 0, indexed: 0, present: 0, go_on }
    }

    /// What was done so far.
    pub(super) fn report(&self, is_done: bool) -> TextProgress {
        TextProgress { objects: self.objects, indexed: self.indexed, is_done }
    }

    /// Another object was looked at; whether to go on.
    pub(super) fn step(&mut self) -> bool {
        self.objects += 1;
        if !self.objects.is_multiple_of(ASKED) {
            return true;
        }
        let report = self.report(false);
        (self.go_on)(&report)
    }
}

impl Kept {
    /// Indexes what is there, from where an earlier walk came to.
    pub(super) fn walk(&mut self, view: &View, progress: &mut Progress<'_>) -> Result<bool> {
        let plan = self.state.plan.clone();
        let mut since = 0;
        for (kind, searched) in &plan.kinds {
            let reader = searched.reader();
            let walked = self.state.walked.clone().unwrap_or_default();
            if crate::repo::rows::heads_of_kind(kind).end.as_slice() <= walked.as_slice() {
                continue;
            }
            let mut heads = view.heads_behind(kind, &walked)?;
            while let Some(head) = heads.next()? {
                let row = head.row();
                let version = view.version_of_head(head)?;
                if !version.is_deleted() {
                    self.put(view, &reader, &version, false)?;
                    progress.indexed += 1;
                }
                since += 1;
                let goes_on = progress.step();
                if since >= OBJECTS || !goes_on {
                    self.commit(State { walked: Some(row), ..self.state.clone() })?;
                    since = 0;
                }
                if !goes_on {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Indexes what the index does not have as it stands, and counts what is to be found.
    pub(super) fn compare(&mut self, view: &View, progress: &mut Progress<'_>) -> Result<bool> {
        let plan = self.state.plan.clone();
        let searcher = self.searcher();
        for (kind, searched) in &plan.kinds {
            let reader = searched.reader();
            let mut heads = view.heads_behind(kind, &[])?;
            while let Some(head) = heads.next()? {
                let version = view.version_of_head(head)?;
                let known = found(&searcher, &self.layout.one(kind, version.key()))?;
                if !self.is_right(&version, known)? {
                    self.put(view, &reader, &version, true)?;
                    progress.indexed += 1;
                }
                progress.present += u64::from(!version.is_deleted());
                if !progress.step() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether the index has an object as it stands, by the id of the version that it knows.
    fn is_right(&self, version: &Version, known: Option<u64>) -> Result<bool> {
        if version.is_deleted() {
            return Ok(known.is_none());
        }
        // What was decided about a conflict changes what it reads as, and no version.
        Ok(known == Some(version_id(&version.hash())) && !version.may_have_rulings()?)
    }
}

/// The id of the version that is indexed under a term.
fn found(searcher: &Searcher, term: &Term) -> Result<Option<u64>> {
    for segment in searcher.segment_readers() {
        let terms = segment.inverted_index(term.field()).map_err(fault)?;
        let postings = terms.read_postings(term, IndexRecordOption::Basic);
        let Some(mut postings) = postings.map_err(|error| fault(error.into()))? else { continue };
        while postings.doc() != tantivy::TERMINATED {
            let document = postings.doc();
            if segment.alive_bitset().is_none_or(|alive| alive.is_alive(document)) {
                let versions = segment.fast_fields().u64(VERSION).map_err(fault)?;
                return Ok(versions.first(document));
            }
            postings.advance();
        }
    }
    Ok(None)
}
