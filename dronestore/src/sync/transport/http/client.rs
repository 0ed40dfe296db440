//! Calling over HTTP: what is to be said as requests, what is said there as their responses.

use super::super::address::Address;
use super::super::call::connect;
use super::super::options::{SyncOptions, after};
use super::super::stream::broken;
use super::super::tcp::Wire;
use super::wire::{Connection, Fault, Head};
use super::{BODY, MIME, SESSION, TURN, gather};
use crate::Repo;
use crate::sync::SyncReport;
use dronestore_core::{Error, ErrorKind, Result};
use std::io::Write;
use std::time::Instant;

/// How often the silence of the options one request may take in all.
const SILENCES: u32 = 10;

/// Syncs with what is served at an address.
pub(in super::super) fn call(repo: &Repo, address: &Address, options: &SyncOptions) -> Result<SyncReport> {
    let mut session = options.session(repo, Some(&address.text));
    let mut client = Client::new(address, options)?;
    let (mut out, mut heard_something) = (Vec::new(), true);
    loop {
        out.clear();
        let said = gather(&mut session, &mut out);
        if session.is_done() {
            if !out.is_empty() {
                // The last word is the caller's.
                client.post(&out)?;
            }
            return Ok(session.report().clone());
        }
        if let Err(error) = said {
            let _ = client.post(&out);
            return Err(error);
        }
        if out.is_empty() && !heard_something {
            return Err(Error::corrupt("the other side takes its turn and says nothing"));
        }
        let response = client.post(&out)?;
        heard_something = !response.is_empty();
        if let Err(error) = session.receive(&response) {
            out.clear();
            // The other side is told why; whether it still listens is its own affair.
            if gather(&mut session, &mut out).is_ok() && !out.is_empty() {
                let _ = client.post(&out);
            }
            return Err(error);
        }
    }
}

struct Client<'a> {
    address: &'a Address,
    options: &'a SyncOptions,
    /// What is the same in the heads of all requests.
    head: String,
    turn: u64,
    until: Instant,
    connection: Option<Connection<Box<dyn Wire>>>,
}

impl<'a> Client<'a> {
    fn new(address: &'a Address, options: &'a SyncOptions) -> Result<Client<'a>> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| {
            Error::new(ErrorKind::Store, "the operating system gives no random numbers").with_source(error)
        })?;
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\nuser-agent: dronestore/{}\r\naccept: {MIME}\r\n\
             content-type: {MIME}\r\n{SESSION}: {id}\r\n",
            address.path,
            address.authority,
            env!("CARGO_PKG_VERSION"),
        );
        for (name, value) in &options.headers {
            check_header(name, value)?;
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let until = after(options.limits.whole);
        Ok(Client { address, options, head, turn: 0, until, connection: None })
    }

    /// Sends what is to be said, and gives what is said to it.
    ///
    /// Where the connection breaks it is tried once more: the server knows the request by its number.
    fn post(&mut self, body: &[u8]) -> Result<Vec<u8>> {
        let result = match self.exchange(body) {
            Err(Failed::Broken(error)) if !is_silence(&error) && Instant::now() < self.until => {
                self.connection = None;
                self.exchange(body)
            }
            result => result,
        };
        self.turn += 1;
        result.map_err(|failed| match failed {
            Failed::Broken(error) => broken(error),
            Failed::Answered(error) => error,
        })
    }

    fn exchange(&mut self, body: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::new(connect(self.address, self.options).map_err(Failed::Answered)?),
        };
        let left = self.until.saturating_duration_since(Instant::now());
        connection.stream.socket().allow(left.min(self.options.limits.silence.saturating_mul(SILENCES)));
        let mut request = format!("{}{TURN}: {}\r\n", self.head, self.turn).into_bytes();
        request.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        request.extend_from_slice(body);
        connection.stream.write_all(&request).and_then(|()| connection.stream.flush()).map_err(Failed::of)?;
        let head = connection.response()?;
        let length = head.length()?;
        let is_ours = head.headers.get("content-type").is_some_and(|mime| mime.starts_with(MIME));
        if !is_ours {
            return Err(Failed::Answered(foreign(&head, body.len())));
        }
        let response = connection.body(&length, BODY)?;
        if head.keeps && length != super::wire::Length::Open {
            self.connection = Some(connection);
        }
        Ok(response)
    }
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.stream.close();
        }
    }
}

/// Why there is no answer.
enum Failed {
    /// Nobody knows whether the request has come.
    Broken(std::io::Error),
    /// It is known that it is of no use to send it again.
    Answered(Error),
}

impl Failed {
    fn of(error: std::io::Error) -> Failed {
        // Whoever is not trusted once is not trusted twice.
        #[cfg(feature = "tls")]
        let error = match super::super::tls::explain(error) {
            Ok(explained) => return Failed::Answered(explained),
            Err(error) => error,
        };
        Failed::Broken(error)
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Failed {
        match fault {
            Fault::Closed => Failed::Broken(std::io::ErrorKind::UnexpectedEof.into()),
            Fault::Broken(error) => Failed::of(error),
            Fault::Malformed(why) => {
                Failed::Answered(Error::corrupt(format!("the other side does not speak HTTP: {why}")))
            }
            Fault::HeadTooLarge => Failed::Answered(Error::corrupt("the head of a response is too large")),
            Fault::BodyTooLarge => {
                Failed::Answered(Error::corrupt("a response of more than 1 MiB is not accepted"))
            }
        }
    }
}

fn is_silence(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

/// What it means when not a repo answers but a web server.
fn foreign(head: &Head, sent: usize) -> Error {
    let (kind, message) = match head.status {
        300..=399 => {
            let to = head.headers.get("location").unwrap_or("elsewhere");
            (ErrorKind::Store, format!("the web server sends on to `{to}`; call that"))
        }
        401 | 403 | 407 => (ErrorKind::Store, format!("the web server lets nobody in: {}", head.status)),
        404 => (ErrorKind::Store, "nothing is served under that path: 404".to_owned()),
        409 | 410 => {
            (ErrorKind::Store, "the other side has given up the session; what arrived is kept".to_owned())
        }
        413 => {
            (ErrorKind::Store, format!("the web server does not take {sent} bytes; let it take up to 1 MiB"))
        }
        503 => (ErrorKind::Busy, "the web server says that it is too busy: 503".to_owned()),
        status => (ErrorKind::Store, format!("the web server answers {status} and not as a repo")),
    };
    Error::new(kind, message)
}

fn check_header(name: &str, value: &str) -> Result<()> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_text = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    let ours = ["content-length", "transfer-encoding", "connection", "content-type", SESSION, TURN];
    let is_ours = ours.iter().any(|ours| ours.eq_ignore_ascii_case(name));
    if name.is_empty() || is_ours || !name.bytes().all(is_token) || !value.bytes().all(is_text) {
        return Err(Error::new(ErrorKind::InvalidValue, format!("`{name}` is no header that can be sent")));
    }
    Ok(())
}
