//! Verifying a history: every run led through again, link by link.

use super::block::BlockHead;
use super::entry::{BLOCK, OPEN, RECENT, Recent, id_of};
use super::run::{Made, Runs};
use crate::repo::{Repo, View, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, Hash, Key, Result, Version};

impl Repo {
    /// Leads through every run of every object again: each entry has to come to the version that the next begins with, and
    /// the last to the head. Gives how many entries there are, and the bytes of their rows.
    pub(in crate::repo) fn verify_history(&self, view: &View) -> Result<(u64, u64)> {
        let policies = super::Policies::read(&*view.snapshot)?;
        let all = rows::all(rows::HISTORY);
        let (mut start, mut entries, mut bytes) = (all.start.clone(), 0, 0);
        loop {
            let range = Range::between(&start, &all.end);
            let mut cursor = view.snapshot.scan(range, Direction::Forward)?;
            let Some((row, _)) = cursor.next()? else { return Ok((entries, bytes)) };
            let (kind, key, _) =
                rows::split_history(row).ok_or_else(|| Error::corrupt("a row of the history is nobody's"))?;
            let (kind, key) = (kind.to_owned(), Key::from_encoded(key)?);
            let keeps = !policies.of(&kind).history.is_head();
            let (count, size) = verify_object(view, &kind, &key, keeps)
                .map_err(|error| error.at(format_args!("the history of `{key}`")))?;
            (entries, bytes) = (entries + count, bytes + size);
            start = rows::history_of(&kind, key.as_encoded()).end;
        }
    }
}

fn verify_object(view: &View, kind: &str, key: &Key, keeps: bool) -> Result<(u64, u64)> {
    let range = rows::history_of(kind, key.as_encoded());
    if !keeps {
        // What a sweep has left that did not come to its end is no history, and may begin anywhere.
        return Ok((0, size_of_rows(view, &range)?));
    }
    let (bytes, ends) = check_rows(view, &range)?;
    let mut runs = Runs::new(&*view.snapshot, kind, key)?;
    // What stands behind a run: the next one's beginning, or the head.
    let mut behind: Option<Option<Hash>> = None;
    let (mut entries, mut next, mut ends) = (0, None, ends.into_iter().rev());
    while let Some(run) = runs.next()? {
        let count = run.entries.len() as u64;
        if next.is_some_and(|next| run.first.checked_add(count) != Some(next)) {
            return Err(Error::corrupt(format!("entries are missing behind {}", run.first)));
        }
        next = Some(run.first);
        let mut ids = run.ids.iter();
        let check = |_: usize, _: &Option<Version>, (version, _): &Made| match ids
            .next()
            .is_none_or(|id| *id == id_of(&version.hash()))
        {
            true => Ok(()),
            false => Err(Error::corrupt(format!("an entry does not lead to {version}"))),
        };
        let last = run.replay(key, run.entries.len(), check)?.map(|version| version.hash());
        let says = run.ends.filter(|says| Some(*says) != last);
        let is_there = last.is_some_and(|last| ends.next().is_none_or(|id| id == id_of(&last)));
        if says.is_some() || !is_there {
            return Err(Error::corrupt(format!("the run from {} does not lead to where it says", run.first)));
        }
        let head = || view.head(kind, key).map(|head| head.as_ref().map(Version::hash));
        let behind = match behind.replace(run.base(key)?.map(|base| base.hash())) {
            Some(base) => base,
            None => head()?,
        };
        if behind != last {
            return Err(Error::corrupt(format!(
                "the run from {} does not lead to what is behind it",
                run.first
            )));
        }
        entries += count;
    }
    Ok((entries, bytes))
}

fn size_of_rows(view: &View, range: &std::ops::Range<Vec<u8>>) -> Result<u64> {
    let mut cursor = view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    let mut bytes = 0;
    while let Some((row, value)) = cursor.next()? {
        bytes += (row.len() + value.len()) as u64;
    }
    Ok(bytes)
}

/// Reads every row; gives how many bytes they have, and of each run the id that it leads to.
fn check_rows(view: &View, range: &std::ops::Range<Vec<u8>>) -> Result<(u64, Vec<[u8; 8]>)> {
    let mut cursor = view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    let (mut bytes, mut ends, mut open) = (0, Vec::new(), None);
    while let Some((row, value)) = cursor.next()? {
        bytes += (row.len() + value.len()) as u64;
        if row.len() != range.start.len() + 8 {
            return Err(Error::corrupt("a row has no number"));
        }
        let mut reader = Reader::new(value);
        match reader.byte()? {
            kind @ (RECENT | OPEN) => {
                let recent = Recent::decode(kind, &mut reader)?;
                if recent.since == 0 {
                    ends.extend(open.take());
                }
                open = Some(recent.id);
            }
            BLOCK => {
                ends.extend(open.take());
                ends.push(id_of(&BlockHead::decode(&mut reader)?.hash));
            }
            _ => return Err(Error::corrupt("a row is of no known kind")),
        }
    }
    ends.extend(open);
    Ok((bytes, ends))
}
