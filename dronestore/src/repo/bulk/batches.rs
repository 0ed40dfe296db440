//! Batches: what was gathered becomes durable, a bounded number of objects and bytes at a time.

use super::Import;
use super::progress::Progress;
use crate::repo::transaction::Transaction;
use dronestore_core::{Error, Result};

/// What bounds a batch, and a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) objects: usize,
    pub(super) bytes: usize,
    pub(super) line: u64,
}

impl Default for Limits {
    /// Larger batches gain nothing: two syncs of a disk are lost among ten thousand objects. A line has room for a
    /// version of 32 MiB, its bytes as two digits each, and its view beside them.
    fn default() -> Self {
        Limits { objects: 10_000, bytes: 8 << 20, line: 256 << 20 }
    }
}

/// What one batch came to.
#[derive(Default)]
struct Batch {
    objects: usize,
    written: u64,
    bytes: usize,
}

impl Import<'_> {
    /// Writes these objects, in as many batches as it takes. `write` says whether it wrote, `place` where an object
    /// stood. What stood before an object that fails becomes durable.
    pub(super) fn write_all<I>(
        &mut self,
        items: &[I],
        place: impl Fn(usize) -> String,
        write: impl Fn(&mut Transaction<'_>, &I) -> Result<bool>,
    ) -> Result<()> {
        let mut done = 0;
        while done < items.len() {
            match self.write_some(&items[done..], &write) {
                Ok(objects) => done += objects,
                Err((failed, error)) => {
                    let shown = match failed {
                        Some(index) => place(done + index),
                        // The batch as a whole was not made, or nobody knows.
                        None => format!("{} and on", place(done)),
                    };
                    return Err(self.ended(&shown, error));
                }
            }
        }
        Ok(())
    }

    /// Writes as many of these as fit into one batch; gives how many, or which of them failed.
    fn write_some<I>(
        &mut self,
        items: &[I],
        write: &impl Fn(&mut Transaction<'_>, &I) -> Result<bool>,
    ) -> Result<usize, (Option<usize>, Error)> {
        let (most, repo) = (self.limits.bytes, self.repo.clone());
        let mut failed = None;
        let outcome = repo.attempt(|| {
            repo.write(|transaction| {
                let mut batch = Batch::default();
                for (index, item) in items.iter().enumerate() {
                    let written = write(transaction, item);
                    batch.written += u64::from(written.inspect_err(|_| failed = Some(index))?);
                    batch.objects += 1;
                    batch.bytes = transaction.staged.bytes();
                    if batch.bytes >= most {
                        break;
                    }
                }
                Ok(batch)
            })
        });
        match (outcome, failed) {
            (Ok(batch), _) => {
                self.done(&batch);
                Ok(batch.objects)
            }
            // What failed ended the transaction: those before it are written without it.
            (Err(error), Some(index)) if index > 0 => match self.write_some(&items[..index], write) {
                Ok(_) => Err((failed, error)),
                Err((_, error)) => Err((None, error)),
            },
            (Err(error), failed) => Err((failed, error)),
        }
    }

    fn done(&mut self, batch: &Batch) {
        self.report.objects += batch.objects as u64;
        self.report.written += batch.written;
        self.report.bytes += batch.bytes as u64;
        self.report.batches += u64::from(batch.written > 0);
        self.tell();
    }

    /// Tells how much is durable.
    pub(super) fn tell(&mut self) {
        let bytes = self.read.unwrap_or(self.report.bytes);
        self.listener.tell(&Progress { objects: self.report.objects, total: None, bytes });
    }

    /// The error that ends an import, with its place and with what is durable.
    pub(super) fn ended(&self, place: &str, error: Error) -> Error {
        match self.report.objects {
            0 => error.at(place),
            done => error.at(format_args!("{place}, with {done} before it imported")),
        }
    }
}
