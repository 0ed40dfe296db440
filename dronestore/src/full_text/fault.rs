//! What goes wrong in an index, as errors of ours.

use crate::{Error, ErrorKind, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tantivy::TantivyError;
use tantivy::directory::error::LockError;

/// An error of the index.
pub(super) fn fault(error: TantivyError) -> Error {
    let (kind, message) = match &error {
        TantivyError::LockFailure(LockError::LockBusy, _) => {
            (ErrorKind::Busy, "the search index is being written by somebody else")
        }
        TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::FieldNotFound(_)
        | TantivyError::InternalError(_) => (ErrorKind::Corrupt, "the search index is damaged"),
        _ => (ErrorKind::Store, "the search index cannot be read or written"),
    };
    Error::new(kind, message).with_source(error)
}

/// An error of the disk.
pub(super) fn disk(what: impl std::fmt::Display, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Store, format!("the search index {what}")).with_source(error)
}

/// Does this; a panic over damaged bytes becomes an error.
pub(super) fn guarded<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::corrupt("the search index is damaged: reading it panicked")))
}
