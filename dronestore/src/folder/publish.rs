//! Publishing: what has changed here since the last time, as new segments under one's own name.

use super::compact::MOST_PUBLICATIONS;
use super::listing::{Listing, Segments};
use super::report::{FolderReport, PublishReport};
use super::segments::{MOST_SEGMENT, Publication};
use super::storage::Folder;
use super::{index, pull};
use crate::bundle::{Bundle, Contents, MOST_CHANGES, Summary, schemas};
use crate::random::random_actor;
use crate::repo::{Point, Published, Repo, Spans, View, WriterId};
use crate::sync::digest;
use dronestore_core::{Hash, Result};

/// How often it is tried again where somebody else took the name of a segment.
const ATTEMPTS: usize = 8;
/// How many rows the change log may grow before what is remembered of a folder is moved on.
const ROWS: u64 = 512;

/// What is in a folder already, of what this repo holds: up to a point, and what came from the folder itself since.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) mark: [u8; Point::MARK],
    pub(super) clean: Spans,
}

impl Repo {
    /// Appends to a folder what has changed here since the last time: new segments, under a name that is this repo's own.
    /// Where nothing has changed nothing is written, but for an index that is asked for and not as it should be.
    ///
    /// The first time it is everything, unless it is known to be there. What came out of the same folder is not
    /// written into it again. With more than 64 publications they are [compacted](Repo::compact_folder).
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the folder cannot be read or written. What was written before that stays and
    /// does no harm; publishing again goes on.
    ///
    /// Cost: the list of the folder, a walk over the change log, and what has changed; each segment of some 8 MiB is held in
    /// memory.
    pub fn publish(&self, folder: &Folder) -> Result<PublishReport> {
        self.publish_known(folder, None)
    }

    /// Reads what others have published, and publishes: [`Repo::pull`], then [`Repo::publish`].
    ///
    /// # Errors
    /// As both.
    pub fn sync_folder(&self, folder: &Folder) -> Result<FolderReport> {
        let view = self.view()?;
        let (point, meta) = view.point()?;
        drop(view);
        let (pulled, clean) = pull::pull(self, folder)?;
        // Whoever had nothing has nothing but what it read, and what it wrote meanwhile.
        let known = (meta.objects == 0).then(|| Known { mark: *point.mark(), clean });
        Ok(FolderReport { pulled, published: self.publish_known(folder, known)? })
    }

    pub(super) fn publish_known(&self, folder: &Folder, known: Option<Known>) -> Result<PublishReport> {
        let mut report = PublishReport::default();
        let alone = self.publishing();
        for attempt in 0.. {
            match publish(self, folder, known.clone(), &mut report) {
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => {}
                result => {
                    result?;
                    break;
                }
            }
        }
        drop(alone);
        // Also where nothing was new: it may be asked for the first time, or others have published since.
        index::write(folder)?;
        Ok(report)
    }
}

/// Who publishes, and what of it is there.
pub(super) struct Own {
    pub(super) writer: WriterId,
    pub(super) published: Option<Published>,
    /// The largest number of which there is anything.
    pub(super) taken: u64,
}

fn publish(repo: &Repo, folder: &Folder, known: Option<Known>, report: &mut PublishReport) -> Result<()> {
    let listing = Listing::read(&*folder.storage)?;
    let view = repo.view()?;
    if view.point()?.1.objects == 0 {
        // It may yet join a database.
        return Ok(());
    }
    let own = find_own(repo, &view, folder, &listing)?;
    let known = match &own.published {
        Some(published) => Some(Known { mark: published.mark, clean: published.clean.clone() }),
        None => match known {
            Some(known) => Some(known),
            None => all_is_there(&view, &listing)?.map(|mark| Known { mark, clean: Spans::default() }),
        },
    };
    let Some(contents) = to_publish(repo, &view, &own, known)? else {
        return remember_progress(repo, &view, &own);
    };
    let number = own.published.as_ref().map_or(0, |published| published.number);
    let (first, last) = (number + 1, own.taken.max(number) + 1);
    let schemas = fingerprint(&schemas(&view)?);
    let at = (own.writer, first, last);
    let (part, summary) = Publication::write(folder, at, (repo, &view), &contents)?;
    drop(view);
    report.segments += part.segments;
    report.objects += part.objects;
    report.bytes += part.bytes;
    report.too_large.extend(part.too_large);
    let published = Published { number: last, mark: *summary.point.mark(), schemas, clean: Spans::default() };
    repo.remember_rows(&[published.to_row(&own.writer)])?;
    if let Some(segments) = listing.writers.get(&own.writer) {
        report.deleted += delete_superseded(folder, segments)?;
        if segments.whole().len() > MOST_PUBLICATIONS {
            let part = super::compact::compact(repo, folder)?;
            (report.segments, report.bytes) = (report.segments + part.segments, report.bytes + part.bytes);
        }
    }
    Ok(())
}

/// What is to be written; `None` where that is nothing.
fn to_publish(repo: &Repo, view: &View, own: &Own, known: Option<Known>) -> Result<Option<Contents>> {
    let schemas = schemas(view)?;
    let Some(known) = known else {
        return Ok(Some(Contents { since: None, rows: None, schemas, within: None }));
    };
    let point = Point::new(repo.database(), repo.actor(), known.mark);
    if !view.has_been_at(&point)? {
        return Ok(Some(Contents { since: None, rows: None, schemas, within: None }));
    }
    let changed = repo.changed_outside(point.next_row(), &known.clean, MOST_CHANGES)?;
    let Some(rows) = changed else {
        return Ok(Some(Contents { since: None, rows: None, schemas, within: None }));
    };
    let has_schemas = own.published.as_ref().is_some_and(|own| own.schemas == fingerprint(&schemas));
    let is_unsure = own.published.as_ref().is_some_and(|own| own.schemas == <[u8; 16]>::default());
    // Even an empty one says, the first time, that all that this repo holds is there.
    let is_nothing = rows.is_empty() && (has_schemas || is_unsure);
    let schemas = if has_schemas { Vec::new() } else { schemas };
    Ok((!is_nothing).then_some(Contents { since: Some(point), rows: Some(rows), schemas, within: None }))
}

/// Remembers that there was nothing to publish, before the change log forgets since when.
fn remember_progress(repo: &Repo, view: &View, own: &Own) -> Result<()> {
    let (point, _) = view.point()?;
    let Some(published) = &own.published else { return Ok(()) };
    let before = Point::new(point.database, point.actor, published.mark);
    if point.next_row() < before.next_row() + ROWS {
        return Ok(());
    }
    let published = Published { mark: *point.mark(), clean: Spans::default(), ..published.clone() };
    repo.remember_rows(&[published.to_row(&own.writer)])
}

/// As whom this repo publishes here: as before where all that it has published is there and is of its own past, else in
/// a new incarnation, which has no file and so overwrites none.
pub(super) fn find_own(repo: &Repo, view: &View, folder: &Folder, listing: &Listing) -> Result<Own> {
    let ours = listing.writers.iter().filter(|(writer, _)| writer.actor == repo.actor());
    // Looking into a segment takes longer than remembering.
    for looks in [false, true] {
        for (writer, segments) in ours.clone() {
            let (number, taken) = segments.numbers();
            if number == 0 || segments.reaches() < number {
                continue;
            }
            let published = match looks {
                false => view.published_by(writer)?.filter(|published| published.number == number),
                true => recall(view, folder, segments, number)?,
            };
            if let Some(published) = published {
                return Ok(Own { writer: *writer, published: Some(published), taken });
            }
        }
    }
    let mut incarnation = [0; 8];
    incarnation.copy_from_slice(&random_actor()?.as_bytes()[..8]);
    Ok(Own { writer: WriterId { actor: repo.actor(), incarnation }, published: None, taken: 0 })
}

/// What the newest segment says, where this repo has been at its point: published, and not remembered because of a crash.
fn recall(view: &View, folder: &Folder, segments: &Segments, number: u64) -> Result<Option<Published>> {
    let Some(name) = segments.newest() else { return Ok(None) };
    let bytes = match folder.storage.get(&name.to_string(), MOST_SEGMENT) {
        Err(error) if error.is_not_found() || error.is_corrupt() => return Ok(None),
        bytes => bytes?,
    };
    let Ok(summary) = Bundle::read(&bytes[..]).and_then(Bundle::check) else { return Ok(None) };
    if !view.has_been_at(&summary.point)? {
        return Ok(None);
    }
    let mark = *summary.point.mark();
    Ok(Some(Published { number, mark, schemas: Default::default(), clean: Spans::default() }))
}

/// The mark of now, where a writer whose publications are all there and all read held just what this repo holds.
fn all_is_there(view: &View, listing: &Listing) -> Result<Option<[u8; Point::MARK]>> {
    let (point, meta) = view.point()?;
    for (writer, segments) in &listing.writers {
        let (number, _) = segments.numbers();
        let read = view.read_of(writer)?;
        let is_read = number > 0 && segments.reaches() >= number && read.spans.has(1, number);
        if is_read && read.held == digest(&meta) {
            return Ok(Some(*point.mark()));
        }
    }
    Ok(None)
}

/// Takes away own segments of which others that were there before hold everything.
pub(super) fn delete_superseded(folder: &Folder, segments: &Segments) -> Result<usize> {
    let superseded = segments.superseded();
    for name in &superseded {
        folder.storage.delete(&name.to_string())?;
    }
    Ok(superseded.len())
}

fn fingerprint(schemas: &[Vec<u8>]) -> [u8; 16] {
    let hashes: Vec<u8> = schemas.iter().flat_map(|schema| *Hash::of(schema).as_bytes()).collect();
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&Hash::of(&hashes).as_bytes()[..16]);
    fingerprint
}

/// What a digest says of a repo that held this.
pub(super) fn held(summary: &Summary) -> [u8; 16] {
    let mut meta = crate::repo::Meta { objects: summary.repo_objects, ..crate::repo::Meta::default() };
    meta.add(&summary.repo_hash);
    digest(&meta)
}
