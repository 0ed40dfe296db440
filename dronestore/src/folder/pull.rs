//! Pulling: reading what others have published and this repo has not read yet.

use super::listing::Listing;
use super::name::SegmentName;
use super::publish::{find_own, held};
use super::report::PullReport;
use super::segments::MOST_SEGMENT;
use super::storage::Folder;
use crate::bundle::Bundle;
use crate::repo::{Memory, Point, Published, Repo, Spans, WriterId};
use dronestore_core::{ErrorKind, Result};

/// How often the folder is listed anew because a segment went while it was being read.
const ROUNDS: usize = 4;

impl Repo {
    /// Merges what others have published into a folder and this repo has not read yet.
    ///
    /// Segments that are not there as a whole, or are damaged, are left for the next time, and reported; files of others are
    /// passed over. Pulling again reads nothing and changes nothing. An empty repo joins the database that it finds first.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the folder cannot be read, and as [`Repo::merge`]. What was merged before
    /// that stays.
    ///
    /// Cost: the list of the folder, and the segments that are new; each of some 8 MiB is held in memory.
    pub fn pull(&self, folder: &Folder) -> Result<PullReport> {
        pull(self, folder).map(|(report, _)| report)
    }
}

/// As [`Repo::pull`]; gives also the rows of the change log that came of it.
pub(super) fn pull(repo: &Repo, folder: &Folder) -> Result<(PullReport, Spans)> {
    let mut pull = Pull { repo, folder, report: PullReport::default(), clean: Spans::default() };
    for _ in 0..ROUNDS {
        if !pull.round()? {
            break;
        }
    }
    Ok((pull.report, pull.clean))
}

struct Pull<'a> {
    repo: &'a Repo,
    folder: &'a Folder,
    report: PullReport,
    /// Rows of the change log that came of it: they need not be published here.
    clean: Spans,
}

/// What became of a segment, or of a whole publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It was merged; the digest is of what its writer held.
    Read([u8; 16]),
    /// It has gone since it was listed.
    Gone,
    /// Not this time.
    Left,
}

impl Pull<'_> {
    /// Reads what is listed; says whether some of it has gone meanwhile.
    fn round(&mut self) -> Result<bool> {
        let listing = Listing::read(&*self.folder.storage)?;
        let report = &mut self.report;
        report.ignored = listing.ignored;
        (report.waiting, report.foreign) = (0, 0);
        report.unreadable.clear();
        let (mut gone, mut memories) = (false, Vec::new());
        // After a backup was put back, what was published as this actor later is read as that of anybody.
        let own = find_own(self.repo, &self.repo.view()?, self.folder, &listing)?;
        let own = own.published.map(|published| (own.writer, published));
        for (writer, segments) in &listing.writers {
            if own.as_ref().is_some_and(|(own, _)| own == writer) {
                continue;
            }
            let before = self.repo.view()?.read_of(writer)?;
            let mut read = before.clone();
            self.report.waiting += segments.partial();
            for (first, last, parts) in segments.whole() {
                if read.spans.has(first, last) {
                    continue;
                }
                match self.read_publication(parts)? {
                    Outcome::Read(held) => {
                        read.spans.add(first, last);
                        read.held = held;
                    }
                    Outcome::Gone => gone = true,
                    Outcome::Left => {}
                }
            }
            if read != before {
                memories.push(read.to_row(writer));
            }
        }
        if let Some((writer, published)) = own {
            memories.extend(self.advance(&writer, published)?);
        }
        self.repo.remember_rows(&memories)?;
        Ok(gone)
    }

    /// Reads the parts of a publication; what they hold before one that cannot be read stays.
    fn read_publication(&mut self, parts: &[SegmentName]) -> Result<Outcome> {
        let mut outcome = Outcome::Left;
        for name in parts {
            outcome = self.read_segment(name)?;
            if !matches!(outcome, Outcome::Read(_)) {
                break;
            }
        }
        Ok(outcome)
    }

    fn read_segment(&mut self, name: &SegmentName) -> Result<Outcome> {
        let text = name.to_string();
        let bytes = match self.folder.storage.get(&text, MOST_SEGMENT) {
            Err(error) if error.is_not_found() => return Ok(Outcome::Gone),
            Err(error) if error.is_corrupt() => return Ok(self.leave(text, error.to_string())),
            bytes => bytes?,
        };
        // Nothing of it is taken before all of it is there.
        let summary = match Bundle::read(&bytes[..]).and_then(Bundle::check) {
            Ok(summary) if summary.actor() == name.writer.actor => summary,
            Ok(_) => return Ok(self.leave(text, "it bears the name of another writer".to_owned())),
            Err(error) => return Ok(self.leave(text, error.to_string())),
        };
        let (repo, mut batches) = (self.repo, Vec::new());
        let imported = Bundle::read(&bytes[..])?.import_each(repo, &mut |_, first| {
            batches.push(first);
            Ok(())
        });
        match imported {
            Ok(part) => self.report.received.add(part),
            Err(error) if error.kind() == ErrorKind::Mismatch => {
                self.report.foreign += 1;
                return Ok(Outcome::Left);
            }
            Err(error) if error.is_corrupt() => return Ok(self.leave(text, error.to_string())),
            Err(error) => return Err(error),
        }
        // A program's own resolver writes into the same batch what nobody else has, and so does what heals a fork.
        if !repo.has_resolver() && !repo.has_left_actor() {
            for first in batches {
                self.clean.add(first, repo.batch_end(first)?.saturating_sub(1));
            }
        }
        self.report.segments += 1;
        self.report.bytes += bytes.len() as u64;
        Ok(Outcome::Read(held(&summary)))
    }

    fn leave(&mut self, name: String, why: String) -> Outcome {
        self.report.unreadable.push((name, why));
        Outcome::Left
    }

    /// What was read here need not be published here.
    fn advance(&self, writer: &WriterId, mut published: Published) -> Result<Option<Memory>> {
        if self.clean.is_empty() {
            return Ok(None);
        }
        let view = self.repo.view()?;
        published.clean.join(&self.clean);
        let point = Point::new(self.repo.database(), writer.actor, published.mark);
        if let Some(last) = published.clean.take_at(point.next_row())
            && let Some(mark) = view.mark_at(last)?
        {
            published.mark = mark;
        }
        Ok(Some(published.to_row(writer)))
    }
}
