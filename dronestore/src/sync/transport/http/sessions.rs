//! The sessions of a service over HTTP, kept from request to request. No socket: whoever has a web server can use it.

use super::super::super::message::Refusal;
use super::super::options::ServeOptions;
use super::super::streams::BUSY;
use super::{BODY, MIME, SESSION, TURN, gather};
use crate::Repo;
use crate::sync::{Session, SyncReport};
use dronestore_core::{Error, ErrorKind, Hash, Result};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// How many sessions that are over are remembered, for each that may go on: the response to the last request may have to be
/// given again.
const OVER: usize = 4;

/// What a request is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Names in small letters, and values. The length of the body is not among them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    fn bytes(status: u16, body: Vec<u8>) -> HttpResponse {
        let headers = vec![("content-type", MIME.to_owned()), ("cache-control", "no-store".to_owned())];
        HttpResponse { status, headers, body }
    }

    /// A refusal in words.
    pub(super) fn words(status: u16, words: &str) -> HttpResponse {
        let headers = vec![
            ("content-type", "text/plain; charset=utf-8".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        HttpResponse { status, headers, body: format!("{words}\n").into_bytes() }
    }
}

/// Sessions over HTTP, for a web server of one's own: it hands over each request that comes to a path, and sends what it gets.
///
/// ```
/// use dronestore::Repo;
/// use dronestore::sync::{HttpSessions, ServeOptions};
///
/// let repo = Repo::memory()?;
/// let sessions = HttpSessions::new(&repo, &ServeOptions::new());
/// // In the handler of a framework, from its request:
/// let header = |name: &str| None;
/// let response = sessions.handle("GET", header, b"");
/// assert_eq!(response.status, 405);
/// # Ok::<(), dronestore::Error>(())
/// ```
///
/// A session lives here between its requests, so all of them have to come to one process. A request that is repeated, by a proxy or by the
/// caller whose connection broke, is answered again with what it was answered before. A session from which nothing has come for the
/// options' silence is given up at the next request, or by [`sweep`](HttpSessions::sweep).
pub struct HttpSessions {
    repo: Repo,
    options: ServeOptions,
    table: Mutex<HashMap<String, Slot>>,
}

struct Slot {
    begun: Instant,
    used: Instant,
    is_over: bool,
    held: Arc<Mutex<Held>>,
}

/// A session between two requests.
struct Held {
    session: Option<Session>,
    /// The number of the next request.
    next: u64,
    /// The body of the last one, and its response.
    request: Hash,
    response: Vec<u8>,
}

impl HttpSessions {
    /// None so far.
    pub fn new(repo: &Repo, options: &ServeOptions) -> HttpSessions {
        HttpSessions { repo: repo.clone(), options: options.clone(), table: Mutex::default() }
    }

    /// Answers a request with this method, these headers (`header` finds one by its name, in small letters) and this body.
    ///
    /// It takes as long as what comes has to be merged. Calls of several threads wait for one another only within a session.
    ///
    /// Cost: that of the session's turn; memory for the last response, at most about 700 KiB a session.
    pub fn handle<'h>(
        &self,
        method: &str,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
    ) -> HttpResponse {
        if let Some(refusal) = self.refusal(method, &header, body) {
            return refusal;
        }
        let (id, turn) = (header(SESSION).and_then(name_of), header(TURN).and_then(|turn| turn.parse().ok()));
        let (Some(id), Some(turn)) = (id, turn) else {
            return HttpResponse::words(400, "a session and a turn are missing: this is for dronestore only");
        };
        match self.find(&id, turn) {
            Ok(held) => self.take_turn(&id, &held, turn, body),
            Err(refusal) => refusal,
        }
    }

    /// How many sessions go on.
    pub fn sessions(&self) -> usize {
        self.table().values().filter(|slot| !slot.is_over).count()
    }

    /// Gives up sessions from which nothing has come for too long. Until then one that broke off keeps a snapshot of the store.
    pub fn sweep(&self) {
        let given_up = self.take_stale(&mut self.table());
        self.tell(given_up);
    }

    /// What speaks against a request, whatever it says.
    fn refusal<'h>(
        &self,
        method: &str,
        header: &impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
    ) -> Option<HttpResponse> {
        if method != "POST" {
            let mut response = HttpResponse::words(405, "this is for dronestore only, which posts");
            response.headers.push(("allow", "POST".to_owned()));
            return Some(response);
        }
        if !self.options.allows_origin(header("origin")) {
            return Some(HttpResponse::words(403, "pages of this origin may not call"));
        }
        let mime = header("content-type").unwrap_or_default();
        if !mime.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(MIME) {
            return Some(HttpResponse::words(415, "this is for dronestore only"));
        }
        (body.len() > BODY).then(|| HttpResponse::words(413, "a body has at most 1 MiB"))
    }

    /// The session of a request; a new one where it begins.
    fn find(&self, id: &str, turn: u64) -> Result<Arc<Mutex<Held>>, HttpResponse> {
        let mut table = self.table();
        let given_up = self.take_stale(&mut table);
        let now = Instant::now();
        let is_full = table.values().filter(|slot| !slot.is_over).count() >= self.options.sessions;
        let found = match table.get_mut(id) {
            Some(slot) => {
                slot.used = now;
                Ok(slot.held.clone())
            }
            None if turn > 0 => {
                Err(HttpResponse::words(410, "there is no such session any more; begin anew"))
            }
            None if is_full => {
                let mut response = HttpResponse::bytes(503, BUSY.to_vec());
                response.headers.push(("retry-after", "5".to_owned()));
                Err(response)
            }
            None => {
                let session = Some(self.options.session(&self.repo));
                let held = Held { session, next: 0, request: Hash::of(b""), response: Vec::new() };
                let held = Arc::new(Mutex::new(held));
                table.insert(
                    id.to_owned(),
                    Slot { begun: now, used: now, is_over: false, held: held.clone() },
                );
                Ok(held)
            }
        };
        drop(table);
        self.tell(given_up);
        found
    }

    fn take_turn(&self, id: &str, held: &Mutex<Held>, turn: u64, body: &[u8]) -> HttpResponse {
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        let request = Hash::of(body);
        if turn.checked_add(1) == Some(held.next) && request == held.request {
            return HttpResponse::bytes(200, held.response.clone());
        }
        let next = held.next;
        let Some(session) = held.session.as_mut().filter(|_| turn == next) else {
            return HttpResponse::words(409, "it is not the turn for this request");
        };
        let mut response = Vec::new();
        let ended = advance(session, body, &mut response);
        (held.next, held.request, held.response) = (next + 1, request, response.clone());
        if let Some(result) = ended {
            held.session = None;
            drop(held);
            if let Some(slot) = self.table().get_mut(id) {
                slot.is_over = true;
            }
            self.options.tell(None, result);
        }
        HttpResponse::bytes(200, response)
    }

    /// Takes out what has had its time: what nobody works at and nobody has called for too long.
    fn take_stale(&self, table: &mut HashMap<String, Slot>) -> Vec<Slot> {
        let limits = &self.options.limits;
        let now = Instant::now();
        let since = |moment: Instant| now.saturating_duration_since(moment);
        let is_stale = |slot: &Slot| {
            let is_late = since(slot.used) > limits.silence || since(slot.begun) > limits.whole;
            is_late && Arc::strong_count(&slot.held) == 1
        };
        let mut over: Vec<Instant> =
            table.values().filter(|slot| slot.is_over).map(|slot| slot.used).collect();
        over.sort_unstable();
        let kept = self.options.sessions.saturating_mul(OVER);
        let oldest = over.len().checked_sub(kept + 1).map(|at| over[at]);
        let is_surplus = |slot: &Slot| slot.is_over && oldest.is_some_and(|oldest| slot.used <= oldest);
        table.extract_if(|_, slot| is_stale(slot) || is_surplus(slot)).map(|(_, slot)| slot).collect()
    }

    fn tell(&self, given_up: Vec<Slot>) {
        for _ in given_up.iter().filter(|slot| !slot.is_over) {
            let message = "nothing came from the other side for too long; what arrived is kept";
            self.options.tell(None, Err(Error::new(ErrorKind::Store, message)));
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for HttpSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSessions").field("sessions", &self.sessions()).finish_non_exhaustive()
    }
}

/// Takes what came and gathers what there is to say; the result where the session has ended by it.
fn advance(session: &mut Session, body: &[u8], response: &mut Vec<u8>) -> Option<Result<SyncReport>> {
    let heard = session.receive(body);
    let said = gather(session, response);
    match heard.and(said) {
        Err(error) => {
            // What the session has to say about it; if there is nothing, that there was something.
            if response.is_empty() && gather(session, response).is_err() {
                *response = BUSY.to_vec();
                response[2] = Refusal::Failed as u8;
            }
            Some(Err(error))
        }
        Ok(()) if session.is_done() => Some(Ok(session.report().clone())),
        Ok(()) => None,
    }
}

/// The name of a session, if it is one.
fn name_of(text: &str) -> Option<String> {
    let is_name = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_name.then(|| text.to_ascii_lowercase())
}
