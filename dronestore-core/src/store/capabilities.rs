//! What a backend can do, as data.

use std::fmt;

/// What a store can do; displayed as a list, "atomic batches, ordered scan".
///
/// ```
/// use dronestore_core::store::Capabilities;
///
/// let memory = Capabilities { durable: false, ..Capabilities::ALL };
/// assert_eq!(memory.to_string(), "atomic batches, ordered scan, compare-and-set");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Capabilities {
    /// Several writes are made as one.
    pub atomic_batches: bool,
    /// Ranges of keys can be walked in order, both ways.
    pub ordered_scan: bool,
    /// Expectations are checked at the moment of the write.
    pub compare_and_set: bool,
    /// What was acknowledged survives a kill and a power loss.
    pub durable: bool,
}

impl Capabilities {
    /// A store that can do everything.
    pub const ALL: Capabilities =
        Capabilities { atomic_batches: true, ordered_scan: true, compare_and_set: true, durable: true };
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (self.atomic_batches, "atomic batches"),
            (self.ordered_scan, "ordered scan"),
            (self.compare_and_set, "compare-and-set"),
            (self.durable, "durable"),
        ];
        let names: Vec<&str> = all.into_iter().filter_map(|(has, name)| has.then_some(name)).collect();
        f.write_str(if names.is_empty() { "nothing" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_lists_what_there_is() {
        let none = Capabilities {
            atomic_batches: false,
            ordered_scan: false,
            compare_and_set: false,
            durable: false,
        };
        assert_eq!(none.to_string(), "nothing");
        assert_eq!(Capabilities { durable: true, ..none }.to_string(), "durable");
        assert_eq!(Capabilities::ALL.to_string(), "atomic batches, ordered scan, compare-and-set, durable");
    }
}
