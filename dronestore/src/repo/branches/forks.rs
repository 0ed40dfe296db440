//! Forks: what becomes of branches where the repo's own commits are given other names, or let go of.

use super::record::{self, Record};
use crate::random::random_actor;
use crate::repo::rows;
use crate::repo::shapes::write_head;
use crate::repo::transaction::Transaction;
use dronestore_core::version::Rename;
use dronestore_core::{Key, Result, Version};

impl Transaction<'_> {
    /// A version takes the place of one that knew more, or something else, of a branch's commits: that branch goes on under another
    /// actor, or it would make the same dots again.
    pub(in crate::repo) fn part_branches(&mut self, before: &Version, after: &Version) -> Result<()> {
        for (name, mut record) in self.branches()? {
            let last = |version: &Version| version.seen(&record.actor).map(|seen| (seen.sequence, seen.tag));
            if last(before) != last(after) {
                record.actor = random_actor()?;
                self.extra.insert(record::row_of(&name), record.encode());
            }
        }
        Ok(())
    }

    /// The repo's own commits in an object bear another name from here on: also where branches have built on them.
    pub(in crate::repo) fn rename_on_branches(
        &mut self,
        kind: &str,
        key: &Key,
        rename: &Rename,
    ) -> Result<()> {
        let head = rows::head(kind, key);
        for (_, record) in self.branches()? {
            let row = record::apart(&record.prefix(), &head);
            let Some(bytes) = self.stands(&row)? else { continue };
            let Some(renamed) = self.read_head(key, bytes.into())?.renamed(rename)? else { continue };
            // With the shape written out: there is no head of it that would need a number.
            let mut value = Vec::new();
            write_head(&renamed, 0, &mut value);
            self.extra.insert(row, value);
        }
        Ok(())
    }

    /// All branches, as they will be when this is durable.
    fn branches(&self) -> Result<Vec<(String, Record)>> {
        let mut all = record::all(&*self.snapshot)?;
        for (name, record) in &mut all {
            if let Some(bytes) = self.extra.get(&record::row_of(name)) {
                *record = Record::decode(bytes)?;
            }
        }
        Ok(all)
    }

    fn stands(&self, row: &[u8]) -> Result<Option<Vec<u8>>> {
        match self.extra.get(row) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => Ok(self.snapshot.get(row)?.map(|bytes| bytes.to_vec())),
        }
    }
}
