//! What HTTP/1.1 looks like on the wire: heads and bodies, bounded, over any stream.

use std::io::{self, Read, Write};

/// The longest head, and the longest trailer behind chunks.
const HEAD: usize = 16 << 10;
/// The most headers in a head.
const HEADERS: usize = 64;
/// The longest line before a chunk.
const CHUNK_LINE: usize = 256;
/// How many bytes are read at once.
const READ: usize = 16 << 10;

/// Why a head or body could not be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection ended before the first byte.
    Closed,
    Broken(io::Error),
    Malformed(&'static str),
    HeadTooLarge,
    BodyTooLarge,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Broken(error)
    }
}

/// Names and values, as they came.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    fn new(parsed: &[httparse::Header<'_>]) -> Headers {
        let each = |header: &httparse::Header<'_>| {
            (header.name.to_owned(), String::from_utf8_lossy(header.value).trim().to_owned())
        };
        Headers(parsed.iter().map(each).collect())
    }

    /// The first one of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether a header with a list has this word.
    fn lists(&self, name: &str, word: &str) -> bool {
        self.all(name).flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    }
}

/// How long a body is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Length {
    Known(usize),
    Chunked,
    /// It ends with the connection.
    Open,
}

/// A head as it came.
#[derive(Debug)]
pub(super) struct Head {
    /// Method and path of a request; nothing in a response.
    pub(super) method: String,
    pub(super) path: String,
    /// The status of a response; 0 in a request.
    pub(super) status: u16,
    pub(super) headers: Headers,
    /// Whether another one may follow on this connection.
    pub(super) keeps: bool,
}

impl Head {
    fn new(version: u8, headers: Headers) -> Head {
        let keeps = version == 1 && !headers.lists("connection", "close");
        Head { method: String::new(), path: String::new(), status: 0, headers, keeps }
    }

    /// How long the body is. What could be read in two ways is refused: that is how requests are smuggled past proxies.
    pub(super) fn length(&self) -> Result<Length, Fault> {
        let mut lengths = self.headers.all("content-length");
        let known = lengths.next();
        if lengths.any(|other| Some(other) != known) {
            return Err(Fault::Malformed("two lengths"));
        }
        let mut codings = self.headers.all("transfer-encoding");
        match (codings.next(), known) {
            (Some(_), Some(_)) => Err(Fault::Malformed("a length and a transfer encoding")),
            (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") && codings.next().is_none() => {
                Ok(Length::Chunked)
            }
            (Some(_), None) => Err(Fault::Malformed("an unknown transfer encoding")),
            (None, Some(digits)) => {
                let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                let length = digits.parse().ok().filter(|_| is_number);
                length.map(Length::Known).ok_or(Fault::Malformed("a length that is none"))
            }
            (None, None) if self.status == 0 || self.status == 204 || self.status == 304 => {
                Ok(Length::Known(0))
            }
            (None, None) => Ok(Length::Open),
        }
    }
}

/// What is made of a head that is there as a whole.
fn complete<R>(size: httparse::Status<usize>, made: impl FnOnce(usize) -> R) -> httparse::Status<R> {
    match size {
        httparse::Status::Complete(size) => httparse::Status::Complete(made(size)),
        httparse::Status::Partial => httparse::Status::Partial,
    }
}

/// A connection, and what was read of it too far.
pub(super) struct Connection<S> {
    pub(super) stream: S,
    buffer: Vec<u8>,
}

impl<S: Read + Write> Connection<S> {
    pub(super) fn new(stream: S) -> Connection<S> {
        Connection { stream, buffer: Vec::new() }
    }

    /// Reads more; false at the end.
    fn fill(&mut self) -> Result<bool, Fault> {
        let before = self.buffer.len();
        self.buffer.resize(before + READ, 0);
        let read = loop {
            match self.stream.read(&mut self.buffer[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }

    fn fill_or_break(&mut self) -> Result<(), Fault> {
        match self.fill()? {
            true => Ok(()),
            false => Err(Fault::Broken(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Reads until `parse` finds a head at the front of what came; gives it and its size.
    fn parsed(
        &mut self,
        parse: impl Fn(&[u8]) -> httparse::Result<(Head, usize)>,
    ) -> Result<(Head, usize), Fault> {
        loop {
            match parse(&self.buffer) {
                Ok(httparse::Status::Complete(head)) => return Ok(head),
                Ok(httparse::Status::Partial) if self.buffer.len() >= HEAD => {
                    return Err(Fault::HeadTooLarge);
                }
                Ok(httparse::Status::Partial) => {}
                Err(httparse::Error::TooManyHeaders) => return Err(Fault::HeadTooLarge),
                Err(_) => return Err(Fault::Malformed("what came is no HTTP")),
            }
            if !self.fill()? {
                let is_clean = self.buffer.is_empty();
                return Err(if is_clean {
                    Fault::Closed
                } else {
                    Fault::Broken(io::ErrorKind::UnexpectedEof.into())
                });
            }
        }
    }

    /// The head of a request.
    pub(super) fn request(&mut self) -> Result<Head, Fault> {
        let (head, size) = self.parsed(|bytes| {
            let mut headers = [httparse::EMPTY_HEADER; HEADERS];
            let mut request = httparse::Request::new(&mut headers);
            let size = request.parse(bytes)?;
            Ok(complete(size, |size| {
                let mut head = Head::new(request.version.unwrap_or(0), Headers::new(request.headers));
                request.method.unwrap_or_default().clone_into(&mut head.method);
                request.path.unwrap_or_default().clone_into(&mut head.path);
                (head, size)
            }))
        })?;
        self.buffer.drain(..size);
        Ok(head)
    }

    /// The head of a response; those that only say to wait are passed over.
    pub(super) fn response(&mut self) -> Result<Head, Fault> {
        for _ in 0..8 {
            let (head, size) = self.parsed(|bytes| {
                let mut headers = [httparse::EMPTY_HEADER; HEADERS];
                let mut response = httparse::Response::new(&mut headers);
                let size = response.parse(bytes)?;
                Ok(complete(size, |size| {
                    let mut head = Head::new(response.version.unwrap_or(0), Headers::new(response.headers));
                    head.status = response.code.unwrap_or(0);
                    (head, size)
                }))
            })?;
            self.buffer.drain(..size);
            if head.status >= 200 {
                return Ok(head);
            }
        }
        Err(Fault::Malformed("no answer after so many heads"))
    }

    /// The body behind a head.
    pub(super) fn body(&mut self, length: &Length, most: usize) -> Result<Vec<u8>, Fault> {
        match length {
            Length::Known(length) if *length > most => Err(Fault::BodyTooLarge),
            Length::Known(length) => self.exact(*length),
            Length::Chunked => self.chunks(most),
            Length::Open => {
                while self.fill()? {
                    if self.buffer.len() > most {
                        return Err(Fault::BodyTooLarge);
                    }
                }
                Ok(std::mem::take(&mut self.buffer))
            }
        }
    }

    fn exact(&mut self, length: usize) -> Result<Vec<u8>, Fault> {
        while self.buffer.len() < length {
            self.fill_or_break()?;
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    fn chunks(&mut self, most: usize) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        loop {
            let size = self.chunk_size()?;
            if size == 0 {
                return self.trailer().map(|()| body);
            }
            if size > (most - body.len()) as u64 {
                return Err(Fault::BodyTooLarge);
            }
            body.append(&mut self.exact(size as usize)?);
            if self.exact(2)? != b"\r\n" {
                return Err(Fault::Malformed("a chunk is longer than it said"));
            }
        }
    }

    fn chunk_size(&mut self) -> Result<u64, Fault> {
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((line, size))) => {
                    self.buffer.drain(..line);
                    return Ok(size);
                }
                Ok(httparse::Status::Partial) if self.buffer.len() < CHUNK_LINE => self.fill_or_break()?,
                _ => return Err(Fault::Malformed("a chunk without a size")),
            }
        }
    }

    /// What may follow the last chunk, up to an empty line.
    fn trailer(&mut self) -> Result<(), Fault> {
        let mut taken = 0;
        loop {
            match self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                Some(at) => {
                    self.buffer.drain(..at + 2);
                    taken += at + 2;
                    if at == 0 {
                        return Ok(());
                    }
                }
                None if self.buffer.len() + taken < HEAD => self.fill_or_break()?,
                None => return Err(Fault::HeadTooLarge),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that gives its bytes in small pieces.
    struct Pieces<'b>(&'b [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    impl Write for Pieces<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn requests(text: &str, piece: usize) -> Vec<String> {
        let mut connection = Connection::new(Pieces(text.as_bytes(), piece));
        let mut seen = Vec::new();
        loop {
            let body = connection.request().and_then(|head| {
                let body = connection.body(&head.length()?, 20)?;
                Ok(format!("{} {} {} {}", head.method, head.path, head.keeps, String::from_utf8_lossy(&body)))
            });
            match body {
                Ok(body) => seen.push(body),
                Err(fault) => {
                    seen.push(match fault {
                        Fault::Closed => "closed".to_owned(),
                        Fault::Broken(_) => "broken".to_owned(),
                        Fault::Malformed(_) => "malformed".to_owned(),
                        Fault::HeadTooLarge => "head".to_owned(),
                        Fault::BodyTooLarge => "body".to_owned(),
                    });
                    return seen;
                }
            }
        }
    }

    #[test]
    fn requests_are_read_in_any_pieces() {
        let long = format!("GET / HTTP/1.1\r\na: {}", "x".repeat(40_000));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(100));
        let cases: [(&str, &[&str]); 16] = [
            ("", &["closed"]),
            ("GET /a HTTP/1.1\r\n\r\n", &["GET /a true ", "closed"]),
            ("GET /a HTTP/1.0\r\n\r\n", &["GET /a false ", "closed"]),
            (
                "POST / HTTP/1.1\r\nconnection: x, Close\r\ncontent-length: 3\r\n\r\nabc",
                &["POST / false abc", "closed"],
            ),
            (
                "POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\naPOST / HTTP/1.1\r\n\r\n",
                &["POST / true a", "POST / true ", "closed"],
            ),
            (
                "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nab\r\nA\r\n0123456789\r\n0\r\nt: u\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                &["POST / true ab0123456789", "GET / true ", "closed"],
            ),
            ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabcd", &["malformed"]),
            ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nabc", &["body"]),
            ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nabc", &["malformed"]),
            ("POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", &["malformed"]),
            ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc", &["malformed"]),
            ("POST / HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd", &["malformed"]),
            ("POST / HTTP/1.1\r\ncontent-length: +3\r\n\r\nabc", &["malformed"]),
            ("POST / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\nabc", &["malformed"]),
            ("POST / HTTP/1.1\r\ncontent-length: 21\r\n\r\nabc", &["body"]),
            ("POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nabc", &["broken"]),
        ];
        for (text, expected) in cases {
            for piece in [1, 2, 7, 1000] {
                assert_eq!(requests(text, piece), expected, "{text:?} by {piece}");
            }
        }
        for text in [&long, &many] {
            assert_eq!(requests(text, 1000), ["head"]);
        }
        assert_eq!(requests("\u{1}\u{2}\u{3}", 1), ["malformed"]);
    }

    #[test]
    fn responses_are_read() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.0 404 No\r\n\r\nrest";
        let mut connection = Connection::new(Pieces(text.as_bytes(), 3));
        let head = connection.response().unwrap();
        assert_eq!(
            (head.status, connection.body(&head.length().unwrap(), 9).unwrap()),
            (200, b"ab".to_vec())
        );
        let head = connection.response().unwrap();
        assert_eq!((head.status, head.length().unwrap()), (404, Length::Open));
        assert_eq!(connection.body(&Length::Open, 9).unwrap(), b"rest");
        let mut endless = Connection::new(Pieces(text.as_bytes(), 3));
        assert!(matches!(endless.body(&Length::Open, 9), Err(Fault::BodyTooLarge)));
    }
}
