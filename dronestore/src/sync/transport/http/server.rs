//! A small web server for sessions: alone, or behind a real one.

use super::super::address::Scheme;
use super::super::options::ServeOptions;
use super::super::serve::Service as Serves;
use super::super::stream::broken;
use super::super::tcp::{Socket, Wire};
use super::wire::{Connection, Fault, Head};
use super::{BODY, HttpResponse, HttpSessions};
use crate::Repo;
use dronestore_core::{Error, ErrorKind, Result};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How many connections are taken, for each session that may go on: a proxy opens more than it uses.
const CONNECTIONS: usize = 4;
/// How often the silence of the options the rest of a request may take in all, once its head is there.
const SILENCES: u32 = 10;

/// HTTP, or HTTPS.
pub(in super::super) struct Service {
    sessions: Arc<HttpSessions>,
    path: String,
    options: ServeOptions,
    #[cfg(feature = "tls")]
    tls: Option<super::super::tls::Acceptor>,
    /// What has the thread that sweeps end with the service.
    _sweeper: Sender<()>,
}

impl Service {
    pub(in super::super) fn new(
        repo: &Repo,
        scheme: Scheme,
        path: &str,
        options: &ServeOptions,
    ) -> Result<Service> {
        #[cfg(not(feature = "tls"))]
        let _ = scheme;
        let sessions = Arc::new(HttpSessions::new(repo, options));
        Ok(Service {
            path: path.to_owned(),
            options: options.clone(),
            #[cfg(feature = "tls")]
            tls: super::super::tls::Acceptor::new(scheme, options)?,
            _sweeper: sweep(&sessions, options.limits.silence)?,
            sessions,
        })
    }

    /// Answers requests until the connection ends.
    fn answer(&self, connection: &mut Connection<Box<dyn Wire>>, has_room: bool) -> Result<()> {
        loop {
            connection.stream.socket().allow(self.options.limits.silence);
            let (response, keeps) = match connection.request().and_then(|head| {
                connection.stream.socket().allow(self.options.limits.silence.saturating_mul(SILENCES));
                Ok((self.respond(connection, &head, has_room)?, head.keeps))
            }) {
                Ok(answered) => answered,
                Err(Fault::Closed) => return Ok(()),
                Err(Fault::Broken(error)) => return Err(broken(error)),
                Err(fault) => (refusal(&fault), false),
            };
            let keeps = keeps && response.status == 200;
            write(&mut connection.stream, &response, keeps).map_err(broken)?;
            if !keeps {
                connection.stream.close();
                connection.stream.socket().linger();
                return Ok(());
            }
        }
    }

    fn respond(
        &self,
        connection: &mut Connection<Box<dyn Wire>>,
        head: &Head,
        has_room: bool,
    ) -> Result<HttpResponse, Fault> {
        if !has_room {
            return Ok(HttpResponse::words(503, "there are as many connections as there may be"));
        }
        if self.path != "/" && self.path != head.path {
            return Ok(HttpResponse::words(404, "nothing is served under this path"));
        }
        let length = head.length()?;
        if head.headers.get("expect").is_some_and(|expects| expects.eq_ignore_ascii_case("100-continue")) {
            connection.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            connection.stream.flush()?;
        }
        let body = connection.body(&length, BODY)?;
        Ok(self.sessions.handle(&head.method, |name| head.headers.get(name), &body))
    }
}

impl Serves for Service {
    fn most(&self) -> usize {
        self.options.sessions.saturating_mul(CONNECTIONS)
    }

    fn carry(&self, socket: Socket, from: SocketAddr, has_room: bool) {
        #[cfg(feature = "tls")]
        let wire = super::super::tls::accept(socket, self.tls.as_ref());
        #[cfg(not(feature = "tls"))]
        let wire: Result<Box<dyn Wire>> = Ok(Box::new(socket));
        match wire {
            // How a connection ends says nothing of a session.
            Ok(wire) => drop(self.answer(&mut Connection::new(wire), has_room)),
            Err(error) => self.options.tell(Some(from), Err(error)),
        }
    }

    fn sessions(&self) -> usize {
        self.sessions.sessions()
    }
}

/// Gives up sessions that broke off, in a thread that ends with what it returns.
fn sweep(sessions: &Arc<HttpSessions>, silence: Duration) -> Result<Sender<()>> {
    let (sender, ended) = channel();
    let sessions = Arc::downgrade(sessions);
    let pause = silence.clamp(Duration::from_millis(10), Duration::from_secs(60));
    let work = move || {
        while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let Some(sessions) = sessions.upgrade() else { return };
            sessions.sweep();
        }
    };
    let failed = |error| Error::new(ErrorKind::Store, "no thread can be started").with_source(error);
    thread::Builder::new().name("dronestore sweep".into()).spawn(work).map_err(failed)?;
    Ok(sender)
}

fn refusal(fault: &Fault) -> HttpResponse {
    match fault {
        Fault::HeadTooLarge => HttpResponse::words(431, "the head is too large"),
        Fault::BodyTooLarge => HttpResponse::words(413, "a body has at most 1 MiB"),
        Fault::Malformed(why) => HttpResponse::words(400, why),
        Fault::Closed | Fault::Broken(_) => HttpResponse::words(400, "the request broke off"),
    }
}

fn write(stream: &mut impl Write, response: &HttpResponse, keeps: bool) -> std::io::Result<()> {
    let mut out = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    if !keeps {
        out.push_str("connection: close\r\n");
    }
    out.push_str(&format!("content-length: {}\r\n\r\n", response.body.len()));
    let mut out = out.into_bytes();
    out.extend_from_slice(&response.body);
    stream.write_all(&out)?;
    stream.flush()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    }
}
