//! Texts: many short texts checked to be UTF-8 in one go.

/// How far ahead of what is read texts are checked.
const AHEAD: usize = 4096;

/// Bytes that are known to be UTF-8 as a whole, and so is every text among them.
///
/// An encoded object of small numbers and short texts is nearly all ASCII, heads and sizes too. To check it at once takes
/// a fraction of what its texts would take one by one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Texts<'a>(&'a str);

impl<'a> Texts<'a> {
    /// As many of the first bytes as are UTF-8.
    #[inline]
    pub(crate) fn among(bytes: &'a [u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(AHEAD)];
        let texts =
            std::str::from_utf8(bytes).or_else(|error| std::str::from_utf8(&bytes[..error.valid_up_to()]));
        Texts(texts.unwrap_or_default())
    }

    /// This part of the bytes, found by where it lies in memory; `None` where it was not checked or is no text.
    #[inline]
    pub(super) fn find(self, part: &[u8]) -> Option<&'a str> {
        let start = part.as_ptr().addr().wrapping_sub(self.0.as_ptr().addr());
        self.0.get(start..start.wrapping_add(part.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_where_they_were_checked_and_whole() {
        let bytes = "ab\u{e9}\u{20ac}c".as_bytes();
        let broken = [bytes, b"\xffab"].concat();
        for (texts, all) in [(Texts::among(bytes), bytes), (Texts::among(&broken), &broken[..])] {
            for (start, end, expected) in [
                (0, 2, Some("ab")),
                (2, 4, Some("\u{e9}")),
                (0, 8, Some("ab\u{e9}\u{20ac}c")),
                (3, 4, None),
                (2, 3, None),
            ] {
                assert_eq!(texts.find(&all[start..end]), expected, "{start}..{end}");
            }
        }
        assert_eq!(Texts::among(&broken).find(&broken[9..]), None);
        assert_eq!(Texts::among(bytes).find(b"ab"), None);
        assert_eq!(Texts::default().find(b"ab"), None);
    }
}
