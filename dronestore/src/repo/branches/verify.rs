//! Verifying branches: every record, and every version that a branch has of its own.

use super::record::{self, check_name};
use crate::repo::rows::BRANCHES;
use crate::repo::{Repo, View};
use dronestore_core::{Error, Result};
use std::collections::BTreeSet;

impl Repo {
    /// Checks the rows of branches; gives how many branches there are, and how many objects they have touched.
    pub(in crate::repo) fn verify_branches(view: &View) -> Result<(u64, u64)> {
        let records = record::all(&*view.snapshot)?;
        let mut objects = 0;
        let (mut numbers, mut actors) = (BTreeSet::new(), BTreeSet::new());
        for (name, record) in &records {
            check_name(name)?;
            if !numbers.insert(record.number) || !actors.insert(record.id) {
                return Err(Error::corrupt(format!("branch `{}` is another one too", name.escape_debug())));
            }
            if record.id != record.actor && !actors.insert(record.actor) {
                return Err(Error::corrupt(format!(
                    "branch `{}` has another one's actor",
                    name.escape_debug()
                )));
            }
            for touched in record::touched(record, &*view.snapshot)? {
                let version = view.read_head(touched.key, touched.bytes)?;
                version.verify()?;
                if version.kind() != touched.kind {
                    let kind = touched.kind;
                    return Err(Error::corrupt(format!(
                        "{version} is stored on a branch as of kind `{kind}`"
                    )));
                }
                objects += 1;
            }
        }
        let mut rows = 0;
        record::each(&*view.snapshot, &[BRANCHES], |_, _| {
            rows += 1;
            Ok(())
        })?;
        match rows == records.len() as u64 + objects {
            true => Ok((records.len() as u64, objects)),
            false => Err(Error::corrupt("there are rows of a branch that is not there")),
        }
    }
}
