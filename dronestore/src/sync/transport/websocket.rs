//! WebSocket: a session in binary messages, through what lets nothing but the web through.

use super::address::Address;
use super::options::{ServeOptions, SyncOptions};
use super::stream::broken;
use super::streams::BUSY;
use super::tcp::{Socket, Wire};
use dronestore_core::{Error, ErrorKind, Result};
use std::io::{self, Read, Write};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::StatusCode;
use tungstenite::http::header::{HeaderName, HeaderValue, ORIGIN};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Bytes, HandshakeError, Message, WebSocket};

/// The most bytes of a message.
const MESSAGE: usize = 64 << 10;

fn config() -> WebSocketConfig {
    let config = WebSocketConfig::default().max_message_size(Some(MESSAGE)).max_frame_size(Some(MESSAGE));
    config.write_buffer_size(MESSAGE).max_write_buffer_size(4 * MESSAGE).read_buffer_size(MESSAGE)
}

/// A WebSocket as a stream of bytes; where one message ends and the next begins says nothing.
struct Messages {
    socket: WebSocket<Box<dyn Wire>>,
    message: Bytes,
}

impl Messages {
    fn wire(socket: WebSocket<Box<dyn Wire>>) -> Box<dyn Wire> {
        Box::new(Messages { socket, message: Bytes::new() })
    }
}

/// Greets as the side that calls.
pub(super) fn connect(
    wire: Box<dyn Wire>,
    address: &Address,
    options: &SyncOptions,
) -> Result<Box<dyn Wire>> {
    let mut request = format!("ws://{}{}", address.authority, address.path)
        .into_client_request()
        .map_err(|error| Error::new(ErrorKind::Unsupported, "the address is none").with_source(error))?;
    for (name, value) in &options.headers {
        let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
        else {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("`{name}` is no header that can be sent"),
            ));
        };
        request.headers_mut().insert(name, value);
    }
    match tungstenite::client::client_with_config(request, wire, Some(config())) {
        Ok((socket, _)) => Ok(Messages::wire(socket)),
        Err(HandshakeError::Failure(error)) => Err(refused(error)),
        Err(HandshakeError::Interrupted(_)) => Err(broken(io::ErrorKind::TimedOut.into())),
    }
}

/// Greets as the side that is called.
pub(super) fn accept(
    wire: Box<dyn Wire>,
    path: &str,
    options: &ServeOptions,
    has_room: bool,
) -> Result<Box<dyn Wire>> {
    #[allow(clippy::result_large_err, reason = "the shape of it is the library's")]
    let check = |request: &Request, response: Response| match judge(request, path, options, has_room) {
        StatusCode::SWITCHING_PROTOCOLS => Ok(response),
        status => {
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = status;
            Err(refusal)
        }
    };
    match tungstenite::accept_hdr_with_config(wire, check, Some(config())) {
        Ok(socket) => Ok(Messages::wire(socket)),
        Err(HandshakeError::Failure(error)) => Err(refused(error)),
        Err(HandshakeError::Interrupted(_)) => Err(broken(io::ErrorKind::TimedOut.into())),
    }
}

fn judge(request: &Request, path: &str, options: &ServeOptions, has_room: bool) -> StatusCode {
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    let origin = request.headers().get(ORIGIN).map(|origin| origin.to_str().unwrap_or("?"));
    if path != "/" && path != asked {
        StatusCode::NOT_FOUND
    } else if !options.allows_origin(origin) {
        StatusCode::FORBIDDEN
    } else if !has_room {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::SWITCHING_PROTOCOLS
    }
}

fn refused(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::Http(response) if response.status() == StatusCode::SERVICE_UNAVAILABLE => {
            super::super::message::Refusal::error(BUSY[2])
        }
        tungstenite::Error::Http(response) => {
            let message = format!("the web server answers {} and not with a WebSocket", response.status());
            Error::new(ErrorKind::Store, message)
        }
        error => broken(failed(error)),
    }
}

/// As the failure of a stream.
fn failed(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
            io::ErrorKind::UnexpectedEof.into()
        }
        error => io::Error::other(error),
    }
}

impl Read for Messages {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.message.is_empty() {
            match self.socket.read() {
                Ok(Message::Binary(message)) => self.message = message,
                // Pings are answered by the library. They take the time of the session, not more.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Close(_)) => return Ok(0),
                Ok(Message::Text(_)) => {
                    return Err(io::Error::other("a text came where a session is binary"));
                }
                Err(tungstenite::Error::ConnectionClosed) => return Ok(0),
                Err(error) => return Err(failed(error)),
            }
        }
        let count = buffer.len().min(self.message.len());
        buffer[..count].copy_from_slice(&self.message.split_to(count));
        Ok(count)
    }
}

impl Write for Messages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(MESSAGE)];
        match self.socket.write(Message::Binary(Bytes::copy_from_slice(piece))) {
            Ok(()) => Ok(piece.len()),
            // It is kept, and goes with the next one, or when all is flushed.
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                Ok(piece.len())
            }
            Err(tungstenite::Error::WriteBufferFull(_)) => Err(io::ErrorKind::WouldBlock.into()),
            Err(error) => Err(failed(error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush().map_err(failed)
    }
}

impl Wire for Messages {
    fn socket(&mut self) -> &mut Socket {
        self.socket.get_mut().socket()
    }

    fn close(&mut self) {
        let _ = self.socket.close(None);
        let _ = self.socket.flush();
        self.socket.get_mut().close();
    }
}
