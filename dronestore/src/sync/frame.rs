//! Frames: the pieces in which a session's bytes travel, each with its length in front.

use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::{Error, Result};

/// The most bytes of a frame, its type included.
pub(crate) const MAX_FRAME: usize = 64 << 10;
/// A frame takes no further entry when it has grown longer than this.
pub(crate) const FULL_FRAME: usize = 48 << 10;
/// The longest row that is named: a kind, a key, and what a repo puts around them.
const MAX_ROW: usize = 2 << 10;

/// Cuts the bytes that come in into frames; holds at most one.
#[derive(Default)]
pub(crate) struct Incoming {
    frame: Vec<u8>,
    length: usize,
    shift: u32,
    in_body: bool,
}

impl Incoming {
    /// Takes from the front of `bytes` what the frame lacks; gives it when it is whole.
    pub(crate) fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>> {
        while !self.in_body {
            let Some((byte, rest)) = bytes.split_first() else { return Ok(None) };
            *bytes = rest;
            self.length |= usize::from(byte & 0x7f) << self.shift;
            self.shift += 7;
            if self.length > MAX_FRAME || self.shift > 21 {
                return Err(Error::corrupt("a frame of more than 64 KiB is not accepted"));
            }
            if byte & 0x80 == 0 {
                if self.length == 0 || (*byte == 0 && self.shift > 7) {
                    return Err(Error::corrupt("a frame has no length in its shortest form"));
                }
                self.in_body = true;
            }
        }
        let (taken, rest) = bytes.split_at(bytes.len().min(self.length - self.frame.len()));
        self.frame.extend_from_slice(taken);
        *bytes = rest;
        if self.frame.len() < self.length {
            return Ok(None);
        }
        (self.length, self.shift, self.in_body) = (0, 0, false);
        Ok(Some(std::mem::take(&mut self.frame)))
    }
}

/// Gathers entries into frames.
#[derive(Default)]
pub(crate) struct Outgoing {
    out: Vec<u8>,
    /// The frame that still takes entries: its type, then what is in it.
    open: Vec<u8>,
    /// The last row that was named in it.
    row: Vec<u8>,
}

impl Outgoing {
    /// Where the next entry of this type of frame goes.
    pub(crate) fn entry(&mut self, kind: u8) -> Entry<'_> {
        if self.open.first() != Some(&kind) || self.open.len() > FULL_FRAME {
            self.close();
            self.open.push(kind);
        }
        Entry { out: &mut self.open, row: &mut self.row }
    }

    /// A whole frame of its own.
    pub(crate) fn frame(&mut self, kind: u8, body: &[u8]) {
        self.close();
        put_varint(&mut self.out, body.len() as u64 + 1);
        self.out.push(kind);
        self.out.extend_from_slice(body);
    }

    /// How many bytes wait, about.
    pub(crate) fn len(&self) -> usize {
        self.out.len() + self.open.len()
    }

    /// Hands over all that waits.
    pub(crate) fn drain(&mut self, out: &mut Vec<u8>) {
        self.close();
        out.append(&mut self.out);
        self.out.shrink_to(2 * MAX_FRAME);
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            put_slice(&mut self.out, &self.open);
            self.open.clear();
        }
        self.row.clear();
    }
}

/// An entry that is being written.
pub(crate) struct Entry<'f> {
    pub(crate) out: &'f mut Vec<u8>,
    row: &'f mut Vec<u8>,
}

impl Entry<'_> {
    /// A row or bound: how many bytes it shares with the one before in this frame, and the others.
    pub(crate) fn row(&mut self, row: &[u8]) {
        let shared = shared(self.row, row);
        put_varint(self.out, shared as u64);
        put_slice(self.out, &row[shared..]);
        self.row.clear();
        self.row.extend_from_slice(row);
    }
}

/// How many bytes two rows begin with alike.
pub(crate) fn shared(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// A frame that is read entry by entry, when its turn comes.
#[derive(Default)]
pub(crate) struct Frame {
    /// Its type, then what is in it.
    bytes: Vec<u8>,
    at: usize,
    row: Vec<u8>,
}

impl Frame {
    /// A frame as it came; it has a type.
    pub(crate) fn new(bytes: Vec<u8>) -> Frame {
        Frame { bytes, at: 1, row: Vec::new() }
    }

    pub(crate) fn kind(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }

    /// How much memory it takes, about.
    pub(crate) fn weight(&self) -> usize {
        self.bytes.len() + size_of::<Frame>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Reads from where it stands.
    pub(crate) fn read<R>(&mut self, read: impl FnOnce(&mut Reader<'_>) -> Result<R>) -> Result<R> {
        let mut reader = Reader::new(self.bytes.get(self.at..).unwrap_or_default());
        let read = read(&mut reader)?;
        self.at = self.bytes.len() - reader.rest().len();
        Ok(read)
    }

    /// A row or bound, as [`Entry::row`] writes it.
    pub(crate) fn row(&mut self) -> Result<Vec<u8>> {
        let mut row = std::mem::take(&mut self.row);
        self.read(|reader| {
            let (shared, rest) = (reader.length()?, reader.slice()?);
            if shared > row.len() || shared + rest.len() > MAX_ROW {
                return Err(Error::corrupt("a row is longer than rows are"));
            }
            row.truncate(shared);
            row.extend_from_slice(rest);
            Ok(())
        })?;
        self.row.clone_from(&row);
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_every_cut() {
        let mut outgoing = Outgoing::default();
        for row in ["va", "vab", "vb", "vb"] {
            outgoing.entry(3).row(row.as_bytes());
        }
        outgoing.frame(9, &[7; 300]);
        let mut bytes = Vec::new();
        outgoing.drain(&mut bytes);
        for step in 1..bytes.len() {
            let (mut incoming, mut frames) = (Incoming::default(), Vec::new());
            for mut piece in bytes.chunks(step) {
                while !piece.is_empty() {
                    frames.extend(incoming.take(&mut piece).unwrap().map(Frame::new));
                }
            }
            let [rows, plain] = &mut frames[..] else { panic!("{} frames", frames.len()) };
            let read: Vec<Vec<u8>> = (0..4).map(|_| rows.row().unwrap()).collect();
            assert_eq!(read, [&b"va"[..], b"vab", b"vb", b"vb"]);
            assert!(rows.is_empty() && rows.row().is_err());
            assert_eq!((plain.kind(), plain.bytes.len()), (9, 301));
        }
    }

    #[test]
    fn a_length_is_judged_before_anything_is_held() {
        for bad in [&[0][..], &[0x80, 0], &[0x81, 0x80, 0x04], &[0xff, 0xff, 0xff], &[0xff; 10]] {
            assert!(Incoming::default().take(&mut &bad[..]).is_err(), "{bad:?}");
        }
        let mut most = &[0x80, 0x80, 0x04, 1][..];
        assert!(Incoming::default().take(&mut most).unwrap().is_none());
    }
}
