//! What `list` and `text` share: edits of a sequence at a place.

use super::WritePlace;
use crate::causal::sequence::{Content, Run, Runs, Splice, splice};
use crate::error::{Error, Result};

// What is inserted is named by the commit and stays for good where it was put in; what is deleted goes, and leaves
// nothing but what something visible hangs below. A deletion has no entry of its own: the context says that what is
// missing was seen.

/// Writes edits of what the writer had loaded; `dot` says by a dot of the sequence's own that it was written.
pub(crate) fn write(
    place: &mut WritePlace<'_>,
    content: Content,
    splices: &[Splice<'_>],
    dot: bool,
) -> Result<()> {
    let base = Runs::new(place.base, content)?.collect()?;
    write_runs(place, content, base, splices, dot)
}

/// As [`write`], with what the writer had loaded already taken apart.
pub(crate) fn write_runs<'p>(
    place: &mut WritePlace<'p>,
    content: Content,
    base: Vec<Run<'p>>,
    splices: &[Splice<'_>],
    dot: bool,
) -> Result<()> {
    let runs = Runs::new(place.head, content)?;
    place.put_dots(runs.own, dot)?;
    let (base, head) = match std::ptr::eq(place.base, place.head) {
        true => (None, base),
        false => (Some(renamed(place, base)?), runs.collect()?),
    };
    let runs = splice(content, (base.as_deref(), &head), splices, place.scene.own())?;
    place.pen.put_runs(content, &runs)
}

/// What the writer had loaded, by the names that it has in the head's rows: none where the head has not even the
/// row.
fn renamed<'a>(place: &WritePlace<'a>, mut base: Vec<Run<'a>>) -> Result<Vec<Run<'a>>> {
    for run in &mut base {
        run.id.row = match place.head_row(run.id.row)? {
            Some(row) => row as u32,
            None => u32::MAX,
        };
    }
    Ok(base)
}

impl WritePlace<'_> {
    /// The row of the head that has the dot of a row of what was loaded.
    fn head_row(&self, base: u32) -> Result<Option<usize>> {
        let row = self.scene.base.row(base)?;
        let context = self.scene.base_context.as_ref().unwrap_or(&self.scene.head_context);
        let actor = context.entries().get(row.actor as usize).ok_or_else(no_row)?.actor;
        let Ok(line) = self.scene.head_context.position(&actor) else { return Ok(None) };
        let name = (line as u32, row.sequence);
        Ok(self.scene.head_rows.binary_search_by_key(&name, |row| (row.actor, row.sequence)).ok())
    }
}

#[cold]
fn no_row() -> Error {
    Error::corrupt("an entry names no row of the table")
}
