//! Two halves as one stream: the input and output of a process, a pair of pipes.

use std::io::{self, Read, Stdin, Stdout, Write};

/// A reader and a writer as one stream: what [`duplex`] makes.
#[derive(Debug)]
pub struct Duplex<R, W> {
    reader: R,
    writer: W,
}

/// Joins what is read and what is written to one stream, for [`call`](crate::sync::call) and
/// [`answer`](crate::sync::answer).
///
/// ```
/// use dronestore::{Repo, sync};
///
/// let (phone, laptop) = (Repo::memory()?, Repo::memory()?);
/// let (hear, say) = std::io::pipe().expect("the system has pipes");
/// let (their_hear, their_say) = std::io::pipe().expect("the system has pipes");
/// let there = std::thread::spawn(move || sync::answer(&laptop, sync::duplex(their_hear, say)));
/// let report = sync::call(&phone, sync::duplex(hear, their_say))?;
/// assert!(report.in_sync && there.join().is_ok());
/// # Ok::<(), dronestore::Error>(())
/// ```
pub fn duplex<R: Read, W: Write>(reader: R, writer: W) -> Duplex<R, W> {
    Duplex { reader, writer }
}

/// The input and output of this process as one stream: how a program answers that another one has started, with
/// [`call_command`](crate::sync::call_command) or over `ssh`. Nothing else may be printed to the output meanwhile.
pub fn stdio() -> Duplex<Stdin, Stdout> {
    duplex(io::stdin(), io::stdout())
}

impl<R, W> Duplex<R, W> {
    /// The two halves.
    pub fn into_parts(self) -> (R, W) {
        (self.reader, self.writer)
    }
}

impl<R: Read, W> Read for Duplex<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl<R, W: Write> Write for Duplex<R, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
