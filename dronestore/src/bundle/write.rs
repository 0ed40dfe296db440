//! Writing a bundle: decisions, schemas, and all other objects, block by block.

use super::block;
use super::frame::{Check, FORMAT, MAGIC, Outgoing, kind};
use super::layout::MOST_SHAPE_BYTES;
use super::options::{BundleOptions, Progress, Tell};
use super::split::Split;
use super::summary::{MOST_KINDS, Summary};
use crate::repo::{Repo, View, decisions_kind, rows};
use crate::sync::{Scope, Within};
use dronestore_core::bytes::put_varint;
use dronestore_core::store::{Bytes, Cursor, Direction, Range};
use dronestore_core::{Error, Hash, Key, Result, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::Range as Span;

/// The most changes that are gathered in memory; a bundle since an earlier point has everything.
pub(crate) const MOST_CHANGES: usize = 200_000;
/// An object of more bytes does not travel, as in a session.
const MOST_OBJECT: usize = 32 << 20;
/// About how many bytes of schemas are in one block.
const SCHEMAS: usize = 1 << 20;

/// What a bundle that was written has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BundleReport {
    /// What its head says.
    pub summary: Summary,
    /// How many bytes it has.
    pub bytes: u64,
    /// Objects that are too large to travel: more than 32 MiB.
    pub too_large: Vec<Key>,
}

impl Repo {
    /// Writes everything that the repo holds, as of now, into something that takes bytes, or what the options say.
    ///
    /// [`Repo::import_bundle`] reads it, anywhere and any number of times. What is written meanwhile is not in it.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the repo cannot be read or the bytes cannot be written,
    /// [`Mismatch`](crate::ErrorKind::Mismatch) for a point of another database,
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a scope that names too much.
    ///
    /// Cost: two passes over the objects, some 10 µs an object; memory for some thousand objects, whatever their number.
    pub fn write_bundle(&self, out: impl Write, options: BundleOptions<'_>) -> Result<BundleReport> {
        options.scope.check_named()?;
        let view = self.view()?;
        let since = options.since;
        let changed =
            since.map(|point| self.changed_since_point(&point, &view, MOST_CHANGES)).transpose()?.flatten();
        let since = since.filter(|_| changed.is_some());
        let within = Within::new(&options.scope, &view)?;
        let schemas = schemas_within(&view, &within)?;
        let contents = Contents { since, rows: changed, schemas, within: Some(within) };
        let summary = Summary { scope: options.scope, ..contents.summary(self, &view)? };
        let mut writer = Writer::new(Outgoing::new(out), options.progress, summary.objects);
        let check = writer.put_head(&summary)?;
        contents.each(&view, &mut writer)?;
        writer.end(&check)?;
        let (bytes, too_large) = (writer.out.bytes, std::mem::take(&mut writer.too_large));
        writer.out.finish()?;
        Ok(BundleReport { summary, bytes, too_large })
    }
}

/// What takes what goes into a bundle: blocks of one, or of one after the other.
pub(crate) trait Sink {
    fn put(&mut self, version: &Version) -> Result<()>;

    fn put_schemas(&mut self, schemas: &[Vec<u8>]) -> Result<()>;

    /// Ends the block that has begun.
    fn flush(&mut self) -> Result<()>;
}

/// What goes into a bundle.
pub(crate) struct Contents {
    pub(crate) since: Option<crate::repo::Point>,
    /// The rows of the heads; `None` for all.
    pub(crate) rows: Option<BTreeSet<Vec<u8>>>,
    pub(crate) schemas: Vec<Vec<u8>>,
    /// Of which rows; `None` for all.
    pub(crate) within: Option<Within>,
}

/// What is done with each row and its value.
type Each<'e> = &'e mut dyn FnMut(&[u8], &[u8]) -> Result<()>;

/// All schemas, of which there are few.
pub(crate) fn schemas(view: &View) -> Result<Vec<Vec<u8>>> {
    schemas_within(view, &Within::new(&Scope::everything(), view)?)
}

fn schemas_within(view: &View, within: &Within) -> Result<Vec<Vec<u8>>> {
    let (all, mut schemas) = (rows::all(rows::SCHEMAS), Vec::new());
    for (start, end) in within.between(&all.start, &all.end) {
        each_row(view, &(start..end), &mut |_, schema| {
            schemas.push(schema.to_vec());
            Ok(())
        })?;
    }
    Ok(schemas)
}

fn each_row(view: &View, span: &Span<Vec<u8>>, each: Each<'_>) -> Result<()> {
    let mut cursor: Box<dyn Cursor> =
        view.snapshot.scan(Range::between(&span.start, &span.end), Direction::Forward)?;
    while let Some((row, value)) = cursor.next()? {
        each(row, value)?;
    }
    Ok(())
}

impl Contents {
    /// Passes over the rows in this range.
    fn each_head(&self, view: &View, span: &Span<Vec<u8>>, each: Each<'_>) -> Result<()> {
        let Some(within) = &self.within else { return self.each_head_in(view, span, each) };
        for (start, end) in within.between(&span.start, &span.end) {
            self.each_head_in(view, &(start..end), &mut |row, value| match within.has(row) {
                true => each(row, value),
                false => Ok(()),
            })?;
        }
        Ok(())
    }

    fn each_head_in(&self, view: &View, span: &Span<Vec<u8>>, each: Each<'_>) -> Result<()> {
        let Some(rows) = &self.rows else { return each_row(view, span, each) };
        for row in rows.range(span.clone()) {
            let value: Option<Bytes> = view.snapshot.get(row)?;
            if let Some(value) = value {
                each(row, &value)?;
            }
        }
        Ok(())
    }

    /// Counts what is there and says so.
    pub(crate) fn summary(&self, repo: &Repo, view: &View) -> Result<Summary> {
        let (mut objects, mut kinds) = (0, BTreeMap::<String, u64>::new());
        let mut last: (Vec<u8>, u64) = Default::default();
        self.each_head(view, &rows::all(rows::HEADS), &mut |row, value| {
            if row.len() + value.len() > MOST_OBJECT {
                return Ok(());
            }
            objects += 1;
            let (kind, _) = rows::split_head(row).unwrap_or_default();
            // They come kind by kind.
            if last.0 != kind.as_bytes() {
                keep(&mut kinds, &last);
                last = (kind.as_bytes().to_vec(), 0);
            }
            last.1 += 1;
            Ok(())
        })?;
        keep(&mut kinds, &last);
        let (kinds, schemas) = (kinds.into_iter().collect(), self.schemas.len() as u64);
        Ok(Summary { objects, kinds, schemas, ..self.blank_summary(repo, view)? })
    }

    /// What a bundle says of itself before anything is in it.
    pub(crate) fn blank_summary(&self, repo: &Repo, view: &View) -> Result<Summary> {
        let (point, meta) = view.point()?;
        Ok(Summary {
            point,
            since: self.since,
            scope: Scope::everything(),
            made: repo.wall_time(),
            objects: 0,
            kinds: Vec::new(),
            schemas: 0,
            repo_objects: meta.objects,
            repo_hash: meta.hash(),
        })
    }

    /// Writes all of it: decisions come before what they decide about.
    pub(crate) fn each(&self, view: &View, sink: &mut impl Sink) -> Result<()> {
        view.inner.give_away();
        let all = rows::all(rows::HEADS);
        let decisions = rows::heads_of_kind(decisions_kind());
        self.each_version(view, &decisions, sink)?;
        sink.flush()?;
        sink.put_schemas(&self.schemas)?;
        self.each_version(view, &(all.start..decisions.start), sink)?;
        self.each_version(view, &(decisions.end..all.end), sink)?;
        sink.flush()
    }

    fn each_version(&self, view: &View, span: &Span<Vec<u8>>, sink: &mut impl Sink) -> Result<()> {
        self.each_head(view, span, &mut |row, value| {
            let (_, key) = rows::split_head(row).ok_or_else(|| Error::corrupt("a head's row has no kind"))?;
            let version = view.read_head(Key::from_encoded(key)?, value.into())?;
            sink.put(&version)
        })
    }
}

fn keep(kinds: &mut BTreeMap<String, u64>, (kind, count): &(Vec<u8>, u64)) {
    if *count > 0 && kinds.len() < MOST_KINDS {
        *kinds.entry(String::from_utf8_lossy(kind).into_owned()).or_default() += count;
    }
}

/// Puts versions into blocks, and blocks into frames.
pub(crate) struct Writer<'p, W> {
    pub(crate) out: Outgoing<W>,
    split: Split,
    blocks: u64,
    objects: u64,
    schemas: u64,
    of: u64,
    pub(crate) too_large: Vec<Key>,
    progress: Option<Tell<'p>>,
}

impl<'p, W: Write> Writer<'p, W> {
    pub(crate) fn new(out: Outgoing<W>, progress: Option<Tell<'p>>, of: u64) -> Self {
        let (split, too_large) = (Split::default(), Vec::new());
        Writer { out, split, blocks: 0, objects: 0, schemas: 0, of, too_large, progress }
    }

    pub(crate) fn put_head(&mut self, summary: &Summary) -> Result<Check> {
        self.out.plain(MAGIC)?;
        self.out.plain(&[FORMAT])?;
        self.out.frame(kind::HEAD, &summary.encode())
    }

    /// Takes a version; says whether it is not too large to travel.
    pub(crate) fn take(&mut self, version: &Version) -> Result<bool> {
        let length = version.key().as_encoded().len() + version.state_bytes().len();
        if length + 64 > MOST_OBJECT || version.shape().as_bytes().len() > MOST_SHAPE_BYTES {
            self.too_large.push(version.key().clone());
            return Ok(false);
        }
        if !self.split.has_room_for(version) {
            self.flush()?;
        }
        self.split.push(version).map(|()| true)
    }

    /// About how many bytes there will be when the block that has begun is ended.
    pub(crate) fn bytes(&self) -> u64 {
        // A block becomes some four times shorter.
        self.out.bytes + self.split.bytes as u64 / 4
    }

    pub(crate) fn end(&mut self, head: &Check) -> Result<()> {
        let mut body = Vec::new();
        put_varint(&mut body, self.blocks);
        put_varint(&mut body, self.objects);
        put_varint(&mut body, self.schemas);
        body.extend_from_slice(end_hash(head, &self.out.chain).as_bytes());
        self.out.frame(kind::END, &body).map(|_| ())
    }
}

impl Writer<'_, Vec<u8>> {
    /// The bundle of the blocks that were written, with a head that was not known before.
    pub(crate) fn with_head(mut self, summary: &Summary) -> Result<Vec<u8>> {
        let chain = self.out.chain;
        let blocks = std::mem::take(&mut self.out).finish()?;
        let head = self.put_head(summary)?;
        self.out.plain(&blocks)?;
        self.out.chain = chain;
        self.end(&head)?;
        self.out.finish()
    }
}

impl<W: Write> Sink for Writer<'_, W> {
    fn put(&mut self, version: &Version) -> Result<()> {
        self.take(version).map(|_| ())
    }

    fn flush(&mut self) -> Result<()> {
        let split = std::mem::take(&mut self.split);
        if split.len() == 0 {
            return Ok(());
        }
        self.objects += split.len() as u64;
        self.blocks += 1;
        self.out.frame(kind::OBJECTS, &block::encode(split))?;
        if let Some(progress) = &mut self.progress {
            progress(&Progress { objects: self.objects, of: self.of, bytes: self.out.bytes });
        }
        Ok(())
    }

    fn put_schemas(&mut self, schemas: &[Vec<u8>]) -> Result<()> {
        let mut rest = schemas;
        while !rest.is_empty() {
            let mut bytes = 0;
            let count = rest.iter().take_while(|schema| {
                bytes += schema.len();
                bytes <= SCHEMAS
            });
            let (now, later) = rest.split_at(count.count().max(1));
            self.out.frame(kind::SCHEMAS, &block::encode_schemas(now))?;
            (self.blocks, self.schemas, rest) = (self.blocks + 1, self.schemas + now.len() as u64, later);
        }
        Ok(())
    }
}

/// What the end of a bundle says of all that came before it.
pub(super) fn end_hash(head: &Check, chain: &Hash) -> Hash {
    Hash::of(&[&head[..], chain.as_bytes()].concat())
}
