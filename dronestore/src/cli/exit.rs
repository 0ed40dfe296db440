//! How a command ended.

use crate::ErrorKind;
use std::process::ExitCode;

/// How a command ended; its number is the exit code of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Done, and there is what was asked about: differences, conflicts, something that did not merge.
    Found = 1,
    /// The words were not understood: an unknown option, a text that is no key, a value of another type.
    Usage = 2,
    /// What was named is not there.
    NotFound = 3,
    /// Bytes that should be a repo's are damaged.
    Corrupt = 4,
    /// Somebody else has the repo open, or the other side has too much to do: try again.
    Busy = 5,
    /// A rule is against it: of a strategy, of a model, of two databases.
    Refused = 6,
    /// The disk or the network failed.
    Failed = 7,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::InvalidKey | ErrorKind::InvalidTime | ErrorKind::InvalidValue => Exit::Usage,
            ErrorKind::NotFound => Exit::NotFound,
            ErrorKind::Corrupt => Exit::Corrupt,
            ErrorKind::Conflict | ErrorKind::Busy => Exit::Busy,
            ErrorKind::Store | ErrorKind::Unknown => Exit::Failed,
            _ => Exit::Refused,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
