//! One error for the whole library: a kind to match on, a message that says what to do, the cause.

use std::borrow::Cow;
use std::fmt;

/// The result of every fallible call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as data: match on it, or ask the predicates of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A text is no key, or a name cannot be part of one.
    InvalidKey,
    /// A text is no time, or a computation left the range of 64 bits of nanoseconds.
    InvalidTime,
    /// A value cannot be stored (a NaN, a map key that is not a value) or does not decode as the type asked for.
    InvalidValue,
    /// Bytes that should be ours are not: truncated, altered, or not in their one canonical form.
    Corrupt,
    /// Two things do not belong together: other key, other kind, other schema, other database.
    Mismatch,
    /// A handle has changes that a commit has not taken yet.
    Uncommitted,
    /// A strategy refuses the change (removing from a `union`, setting a `first` again).
    Refused,
    /// A required field is empty, or a value fails its check.
    Invalid,
    /// Another object has a value that is unique.
    Taken,
    /// Two different writes bear one dot: the actor that made them was copied.
    Forked,
    /// What was asked for is not there.
    NotFound,
    /// Somebody else wrote in between; nothing was changed, trying again may succeed.
    Conflict,
    /// Somebody else has the store open.
    Busy,
    /// The store failed: disk full, file unreadable, connection lost.
    Store,
    /// The store failed in the middle of a write: it may or may not have been made.
    Unknown,
    /// What was asked for is beyond a stated limit, or beyond what this version can do.
    Unsupported,
}

/// The error of every fallible call: a [kind](Error::kind), a message, and the cause where there is one.
///
/// It is one pointer wide, so that a `Result` costs nothing where all goes well.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of this kind with this message: lower case, no full stop, with the value and the place.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), source: None }))
    }

    /// Bytes that should be ours are not.
    #[cold]
    pub fn corrupt(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Corrupt, message)
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with the place where it happened in front of the message.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.message = format!("{place}: {}", self.0.message).into();
        self
    }

    /// The same error as one of another kind: what is wrong with a text may be another matter to whoever typed it.
    #[must_use]
    pub fn of_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// What went wrong, to match on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether something that was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether somebody else wrote in between.
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// Whether bytes that should be ours are not.
    pub fn is_corrupt(&self) -> bool {
        self.kind() == ErrorKind::Corrupt
    }

    /// Whether the same call may succeed when made again.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind(), ErrorKind::Conflict | ErrorKind::Busy | ErrorKind::Unknown)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// `Refused: …`, with the causes behind it: what a `main` that returns it prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.message)?;
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
