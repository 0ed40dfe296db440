//! Count: so many of something, in words.

use std::fmt;

/// `1 object`, `2 objects`.
pub(crate) struct Count<'w>(pub(crate) u64, pub(crate) &'w str);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count(number, what) = self;
        write!(f, "{number} {what}{}", if *number == 1 { "" } else { "s" })
    }
}
