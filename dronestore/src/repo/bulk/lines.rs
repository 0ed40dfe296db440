//! Lines of bounded length.

use dronestore_core::{Error, ErrorKind, Result};
use std::io::{BufRead, BufReader, Read};

/// What some programs write in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The lines of a reader, one after the other, none longer than allowed; a byte order mark before the first is left out.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    most: u64,
    /// The number of the line that was read last; the first is 1.
    pub(super) number: u64,
    /// Bytes read.
    pub(super) bytes: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R, most: u64) -> Self {
        Lines { input: BufReader::new(input), line: Vec::new(), most, number: 0, bytes: 0 }
    }

    /// The next line, with its end; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        self.line.clear();
        self.number += 1;
        let room = self.most.saturating_add(1 + BYTE_ORDER_MARK.len() as u64);
        let read = self.input.by_ref().take(room).read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| Error::new(ErrorKind::Store, "cannot be read").with_source(error))?;
        self.bytes += read as u64;
        if self.number == 1 && self.line.starts_with(BYTE_ORDER_MARK) {
            self.line.drain(..BYTE_ORDER_MARK.len());
        }
        if self.line.trim_ascii_end().len() as u64 > self.most {
            let message = format!("is longer than {} bytes", self.most);
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Ok((read > 0).then_some(&self.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_be_as_long_as_allowed() {
        let read = |text: &str, most| {
            let mut lines = Lines::new(text.as_bytes(), most);
            let mut found = Vec::new();
            while let Some(line) = lines.next()? {
                found.push(String::from_utf8_lossy(line).into_owned());
            }
            Ok::<_, Error>(found)
        };
        assert_eq!(read("", 3).unwrap(), [""; 0]);
        assert_eq!(read("abc\n\nabc", 3).unwrap(), ["abc\n", "\n", "abc"]);
        assert_eq!(read("\u{feff}abc\n\u{feff}", 3).unwrap(), ["abc\n", "\u{feff}"]);
        assert_eq!(read("abcd\n", 3).unwrap_err().to_string(), "is longer than 3 bytes");
        assert_eq!(read("a\nabcd", 3).unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(read(&"x".repeat(100_000), 3).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
