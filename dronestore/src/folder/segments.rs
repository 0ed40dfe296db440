//! Segments: a publication as one or more bundles, each small enough to be held in memory.

use super::name::SegmentName;
use super::report::PublishReport;
use super::storage::Folder;
use crate::bundle::{Contents, MOST_KINDS, Outgoing, Sink, Summary, Writer};
use crate::repo::{Repo, View, WriterId};
use dronestore_core::{Result, Version};
use std::collections::BTreeMap;

/// The most bytes of a segment: those it should have, a block of the largest size, and its head.
pub(super) const MOST_SEGMENT: u64 = 64 << 20;
/// About how many bytes of a segment are counted before it may end, and with it a block.
const SMALLEST: u64 = 256;

/// Writes what is to be published, segment by segment.
pub(super) struct Publication<'a> {
    pub(super) folder: &'a Folder,
    pub(super) name: SegmentName,
    pub(super) report: PublishReport,
    /// What every segment says of itself, but for what it holds.
    summary: Summary,
    writer: Writer<'static, Vec<u8>>,
    kinds: BTreeMap<String, u64>,
    objects: u64,
    schemas: u64,
}

impl<'a> Publication<'a> {
    /// Writes all contents into the folder, under these numbers.
    ///
    /// # Errors
    /// [`Conflict`](dronestore_core::ErrorKind::Conflict) where a name is taken.
    pub(super) fn write(
        folder: &'a Folder,
        (writer, first, last): (WriterId, u64, u64),
        (repo, view): (&Repo, &View),
        contents: &Contents,
    ) -> Result<(PublishReport, Summary)> {
        let name = SegmentName { writer, first, last, part: 1, ends: false };
        let summary = contents.blank_summary(repo, view)?;
        let mut publication = Publication {
            folder,
            name,
            report: PublishReport::default(),
            summary: summary.clone(),
            writer: Writer::new(Outgoing::new(Vec::new()), None, 0),
            kinds: BTreeMap::new(),
            objects: 0,
            schemas: 0,
        };
        contents.each(view, &mut publication)?;
        publication.name.ends = true;
        publication.end_segment()?;
        Ok((publication.report, summary))
    }

    fn put_version(&mut self, version: &Version) -> Result<()> {
        if self.writer.take(version)? {
            self.objects += 1;
            match self.kinds.get_mut(version.kind()) {
                Some(count) => *count += 1,
                None => _ = self.kinds.insert(version.kind().to_owned(), 1),
            }
        }
        if self.writer.bytes() > self.folder.segment_bytes.max(SMALLEST) {
            self.end_segment()?;
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<()> {
        let mut writer = std::mem::replace(&mut self.writer, Writer::new(Outgoing::new(Vec::new()), None, 0));
        let kinds = std::mem::take(&mut self.kinds).into_iter().take(MOST_KINDS).collect();
        let (objects, schemas) = (std::mem::take(&mut self.objects), std::mem::take(&mut self.schemas));
        let summary = Summary { objects, schemas, kinds, ..self.summary.clone() };
        writer.flush()?;
        self.report.too_large.append(&mut writer.too_large);
        let bytes = writer.with_head(&summary)?;
        self.folder.storage.put_new(&self.name.to_string(), &bytes)?;
        self.name.part += 1;
        self.report.segments += 1;
        self.report.objects += objects;
        self.report.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl Sink for Publication<'_> {
    fn put(&mut self, version: &Version) -> Result<()> {
        self.put_version(version)
    }

    fn put_schemas(&mut self, schemas: &[Vec<u8>]) -> Result<()> {
        self.schemas += schemas.len() as u64;
        self.writer.put_schemas(schemas)
    }

    fn flush(&mut self) -> Result<()> {
        self.writer.flush()
    }
}
