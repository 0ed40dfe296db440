//! Compaction: one publication of everything in the place of many.

use super::index;
use super::listing::Listing;
use super::publish::{delete_superseded, find_own};
use super::report::PublishReport;
use super::segments::Publication;
use super::storage::Folder;
use crate::bundle::{Contents, schemas};
use crate::repo::{Published, Repo};
use dronestore_core::Result;

/// With more publications than this they become one.
pub(super) const MOST_PUBLICATIONS: usize = 64;

impl Repo {
    /// Publishes, and then everything that this repo holds once more as one publication, in the place of all earlier ones of
    /// its own. Those are taken away by a later call that finds the new one there, so that whoever is reading them, or
    /// sees the folder late, is not harmed.
    ///
    /// Who has read the earlier ones does not read it.
    ///
    /// # Errors
    /// As [`Repo::publish`].
    ///
    /// Cost: as [`Repo::write_bundle`], and as many bytes.
    pub fn compact_folder(&self, folder: &Folder) -> Result<PublishReport> {
        let mut report = self.publish(folder)?;
        let alone = self.publishing();
        let part = compact(self, folder)?;
        drop(alone);
        report.segments += part.segments;
        report.objects += part.objects;
        report.bytes += part.bytes;
        report.deleted += part.deleted;
        index::write(folder)?;
        Ok(report)
    }
}

pub(super) fn compact(repo: &Repo, folder: &Folder) -> Result<PublishReport> {
    let listing = Listing::read(&*folder.storage)?;
    let view = repo.view()?;
    let own = find_own(repo, &view, folder, &listing)?;
    let (Some(segments), Some(published)) = (listing.writers.get(&own.writer), own.published) else {
        return Ok(PublishReport::default());
    };
    let deleted = delete_superseded(folder, segments)?;
    if segments.whole().len() < 2
        || segments.whole().iter().any(|(first, last, _)| (*first, *last) == (1, published.number))
    {
        return Ok(PublishReport { deleted, ..PublishReport::default() });
    }
    // It holds what was published up to that number, and may hold more; a try that broke off has used the name up.
    let is_used = segments.has(1, published.number);
    let last = if is_used { own.taken + 1 } else { published.number };
    let contents = Contents { since: None, rows: None, schemas: schemas(&view)?, within: None };
    let at = (own.writer, 1, last);
    let (report, _) = Publication::write(folder, at, (repo, &view), &contents)?;
    if is_used {
        repo.remember_rows(&[Published { number: last, ..published }.to_row(&own.writer)])?;
    }
    Ok(PublishReport { deleted, ..report })
}
