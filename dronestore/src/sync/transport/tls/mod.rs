//! TLS: whom one talks to is proved by a key, and nobody in between reads or writes.

mod identity;
mod pin;
mod verify;

pub use identity::Identity;
pub use pin::Pin;
pub(super) use verify::Trust;

use super::address::Scheme;
use super::options::ServeOptions;
use super::stream::broken;
use super::tcp::{Socket, Wire};
use dronestore_core::{Error, ErrorKind, Result};
use pin::PinMismatch;
use rustls::{
    CertificateError, ClientConnection, ConnectionCommon, ServerConfig, ServerConnection, SideData,
    StreamOwned,
};
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A failure of TLS.
pub(super) fn failed(error: rustls::Error) -> Error {
    let (kind, message) = match &error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) if other.0.is::<PinMismatch>() => {
            (ErrorKind::Mismatch, other.to_string())
        }
        rustls::Error::InvalidCertificate(why) => {
            (ErrorKind::Mismatch, format!("the other side's certificate is not trusted: {why}"))
        }
        rustls::Error::NoCertificatesPresented => {
            (ErrorKind::Mismatch, "the other side shows no key, and only known keys may call".to_owned())
        }
        rustls::Error::AlertReceived(alert) => (
            ErrorKind::Mismatch,
            format!("the other side does not accept this one's key or way of TLS: {alert:?}"),
        ),
        rustls::Error::InvalidMessage(_) => {
            (ErrorKind::Corrupt, "the other side does not speak TLS".to_owned())
        }
        other => (ErrorKind::Store, format!("TLS failed: {other}")),
    };
    Error::new(kind, message).with_source(error)
}

/// The error of a call; where the other side does not take this one's key, with the pin that it would have to know.
pub(super) fn naming(error: Error, trust: &Trust) -> Error {
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref());
    match (source, &trust.identity) {
        (Some(rustls::Error::AlertReceived(_)), Some(identity)) => {
            Error::new(error.kind(), format!("{error}; this one's key is {}", identity.pin()))
                .with_source(error)
        }
        _ => error,
    }
}

/// What the failure of a stream comes to, where TLS failed; else the failure.
pub(super) fn explain(error: io::Error) -> std::result::Result<Error, io::Error> {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(inner) => Ok(failed(inner.clone())),
        None => Err(error),
    }
}

/// Greets the other side as the one that calls.
pub(super) fn connect(socket: Socket, host: &str, trust: &Trust) -> Result<Box<dyn Wire>> {
    let name = host.to_owned().try_into();
    let name = name.map_err(|error| {
        Error::new(ErrorKind::Unsupported, "TLS needs a host with a name or number").with_source(error)
    })?;
    let connection = ClientConnection::new(trust.config()?, name).map_err(failed)?;
    greet(StreamOwned::new(connection, socket))
}

/// What a service needs to greet over TLS.
pub(super) struct Acceptor(Arc<ServerConfig>);

impl Acceptor {
    /// Nothing where the scheme is without TLS.
    pub(super) fn new(scheme: Scheme, options: &ServeOptions) -> Result<Option<Acceptor>> {
        if !scheme.is_secure() {
            if options.identity.is_some() && options.allowed.is_empty() {
                let message =
                    format!("only TLS shows a key; `{}://` has no use for an identity", scheme.name());
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            if !options.allowed.is_empty() {
                let message = format!("only TLS tells who calls; `{}://` cannot have a list", scheme.name());
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            return Ok(None);
        }
        let missing = || Error::new(ErrorKind::Unsupported, "to serve over TLS an identity is needed");
        let identity = options.identity.as_ref().ok_or_else(missing)?;
        Ok(Some(Acceptor(verify::server(identity, &options.allowed)?)))
    }
}

/// Greets the other side as the one that is called, where there is something to greet with.
pub(super) fn accept(socket: Socket, acceptor: Option<&Acceptor>) -> Result<Box<dyn Wire>> {
    let Some(Acceptor(config)) = acceptor else { return Ok(Box::new(socket)) };
    let connection = ServerConnection::new(config.clone()).map_err(failed)?;
    greet(StreamOwned::new(connection, socket))
}

fn greet<C, S>(mut stream: StreamOwned<C, Socket>) -> Result<Box<dyn Wire>>
where
    C: DerefMut + Deref<Target = ConnectionCommon<S>> + Send + 'static,
    S: SideData + 'static,
{
    while stream.conn.is_handshaking() {
        if let Err(error) = stream.conn.complete_io(&mut stream.sock) {
            // What rustls has to say about it is on its way; it is heard if the connection is not torn.
            stream.sock.linger();
            return Err(broken(error));
        }
    }
    Ok(Box::new(stream))
}

impl<C, S> Wire for StreamOwned<C, Socket>
where
    C: DerefMut + Deref<Target = ConnectionCommon<S>> + Send,
    S: SideData,
{
    fn socket(&mut self) -> &mut Socket {
        &mut self.sock
    }

    fn close(&mut self) {
        self.conn.send_close_notify();
        while self.conn.wants_write() && self.conn.write_tls(&mut self.sock).is_ok_and(|count| count > 0) {}
    }
}
