//! Verifying a repo: every hash recomputed, every row read.

use super::changes::{read_row, row_meta, sequence_of};
use super::count::Count;
use super::iterate::{kinds, next_head};
use super::meta::Meta;
use super::peers::PeerRow;
use super::{Repo, rows};
use dronestore_core::schema::Schema;
use dronestore_core::store::{Direction, Range, Snapshot};
use dronestore_core::version::Shape;
use dronestore_core::{Error, Hash, Result, Version};
use std::fmt;

/// What a verified repo holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Objects, deleted ones too.
    pub objects: u64,
    /// Bytes of their heads.
    pub bytes: u64,
    /// Rows of the change log.
    pub rows: u64,
    /// Shapes in the dictionary.
    pub shapes: u64,
    /// Versions set aside because they fork.
    pub forked: u64,
    /// Conflicts that nobody has decided, where there is an index of them.
    pub conflicts: u64,
    /// Changes in the histories of objects, where any are kept.
    pub changes: u64,
    /// Bytes of their rows.
    pub history_bytes: u64,
    /// Rows of indexes.
    pub index_rows: u64,
    /// Branches.
    pub branches: u64,
    /// Objects that branches have touched, each branch by itself.
    pub branch_objects: u64,
    /// The hash of the repo, recomputed from every object.
    pub hash: Hash,
}

/// `250 objects (41200 bytes), 3 shapes, 12 rows of the change log, hash 1f9c02aa`.
impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VerifyReport { objects, bytes, rows, shapes, forked, conflicts, hash, .. } = self;
        let VerifyReport { changes, history_bytes, index_rows, branches, branch_objects, .. } = self;
        write!(
            f,
            "{} ({}), {}, {} of the change log, hash {hash:.8}",
            Count(*objects, "object"),
            Count(*bytes, "byte"),
            Count(*shapes, "shape"),
            Count(*rows, "row"),
        )?;
        if *changes > 0 {
            write!(f, "; {changes} changes in histories ({history_bytes} bytes)")?;
        }
        if *index_rows > 0 {
            write!(f, "; {index_rows} rows of indexes")?;
        }
        if *branches > 0 {
            let (branches, objects) = (branches_shown(*branches), Count(*branch_objects, "object"));
            write!(f, "; {branches} with {objects}")?;
        }
        if *conflicts > 0 {
            write!(f, "; {}", Count(*conflicts, "open conflict"))?;
        }
        if *forked > 0 { write!(f, "; {} set aside", Count(*forked, "version")) } else { Ok(()) }
    }
}

fn branches_shown(number: u64) -> String {
    if number == 1 { "1 branch".to_owned() } else { format!("{number} branches") }
}

impl Repo {
    /// Recomputes every hash and reads every row of the repo, as of one moment.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) naming the first thing that is broken.
    ///
    /// Cost: linear in the bytes; reads only.
    pub fn verify(&self) -> Result<VerifyReport> {
        let view = self.view()?;
        let snapshot = &*view.snapshot;
        let mut report = VerifyReport { shapes: verify_shapes(snapshot)?, ..VerifyReport::default() };
        let mut sum = Meta::default();
        let kinds = kinds(snapshot)?;
        let indexed = snapshot.get(&rows::CONFLICTS_MARKER)?.is_some();
        let catalog = self.inner.indexes.catalog(snapshot)?;
        let heads = rows::all(rows::HEADS);
        let mut cursor = snapshot.scan(Range::between(&heads.start, &heads.end), Direction::Forward)?;
        while let Some(head) = next_head(&mut *cursor)? {
            report.objects += 1;
            report.bytes += head.bytes.len() as u64;
            let version = view.read_head(head.key, head.bytes)?;
            version.verify()?;
            if !kinds.contains(&head.kind) {
                return Err(Error::corrupt(format!(
                    "{version} is of kind `{}`, which is not listed",
                    head.kind
                )));
            }
            if version.kind() != head.kind {
                return Err(Error::corrupt(format!(
                    "{version} is stored among objects of kind `{}`",
                    head.kind
                )));
            }
            sum.add(&version.hash());
            Repo::verify_index_rows(&catalog, &view, &version)?;
            if indexed {
                report.conflicts += Repo::verify_conflicts(&view, &version)?;
            }
        }
        report.hash = sum.hash();
        let totals = self.verify_log(snapshot, &mut report)?;
        if (totals.objects, totals.hash()) != (report.objects, report.hash) {
            return Err(Error::corrupt(format!(
                "the repo's totals say {} objects with hash {:.8}; there are {} with hash {:.8}",
                totals.objects,
                totals.hash(),
                report.objects,
                report.hash
            )));
        }
        report.forked = verify_forks(snapshot)?;
        verify_schemas(snapshot)?;
        verify_peers(snapshot)?;
        each_row(snapshot, rows::SHARED, super::shared::check_row)?;
        Repo::verify_index(&view)?;
        (report.changes, report.history_bytes) = self.verify_history(&view)?;
        (report.branches, report.branch_objects) = Repo::verify_branches(&view)?;
        report.index_rows = Repo::verify_indexes(&catalog, &view)?;
        Ok(report)
    }

    /// Reads the change log; gives the totals of its last row.
    fn verify_log(&self, snapshot: &dyn Snapshot, report: &mut VerifyReport) -> Result<Meta> {
        let mut last: Option<(u64, Option<Meta>)> = None;
        each_row(snapshot, rows::LOG, |key, row| {
            let sequence =
                sequence_of(key).ok_or_else(|| Error::corrupt("a row of the log has no sequence"))?;
            if last.is_some_and(|(last, _)| last + 1 != sequence) {
                return Err(Error::corrupt(format!("the change log lacks the row before {sequence}")));
            }
            read_row(sequence, row, self, snapshot)
                .map_err(|error| error.at(format_args!("row {sequence} of the change log")))?;
            last = Some((sequence, row_meta(row)?));
            report.rows += 1;
            Ok(())
        })?;
        last.and_then(|(_, meta)| meta)
            .ok_or_else(|| Error::corrupt("the change log has no last row with the repo's totals"))
    }
}

fn verify_shapes(snapshot: &dyn Snapshot) -> Result<u64> {
    let mut count = 0;
    each_row(snapshot, rows::SHAPES, |key, bytes| {
        let shape = Shape::parse(bytes)?;
        let number = snapshot.get(&rows::shape_number(shape.hash()))?;
        if number.as_deref() != Some(&key[1..]) {
            return Err(Error::corrupt(format!(
                "a shape of kind `{}` is not under its number",
                shape.kind()
            )));
        }
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

fn verify_schemas(snapshot: &dyn Snapshot) -> Result<()> {
    each_row(snapshot, rows::SCHEMAS, |key, bytes| {
        let schema = Schema::from_bytes(bytes)?;
        if rows::schema(&schema.kind, &Hash::of(bytes)) != key {
            return Err(Error::corrupt(format!("the schema of `{}` is not under its hash", schema.kind)));
        }
        Ok(())
    })
}

fn verify_peers(snapshot: &dyn Snapshot) -> Result<()> {
    each_row(snapshot, rows::PEERS, |key, value| match (key.len(), value.len()) {
        (13 | 29, 24..) => PeerRow::decode(value).map(drop),
        _ => Err(Error::corrupt("what is remembered of a peer is damaged")),
    })
}

fn verify_forks(snapshot: &dyn Snapshot) -> Result<u64> {
    let mut count = 0;
    each_row(snapshot, rows::FORKS, |key, bytes| {
        let version = Version::from_bytes(bytes)?;
        if rows::fork(version.kind(), version.key(), &version.hash()) != key {
            return Err(Error::corrupt(format!("{version}, set aside, is not under its name")));
        }
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

fn each_row(
    snapshot: &dyn Snapshot,
    row: u8,
    mut each: impl FnMut(&[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    let range = rows::all(row);
    let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    while let Some((key, value)) = cursor.next()? {
        each(key, value)?;
    }
    Ok(())
}
