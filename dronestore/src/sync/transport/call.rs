//! Calling: an address says how.

use super::address::{Address, Scheme};
use super::options::SyncOptions;
use super::process;
use super::stream::run;
use super::tcp::{Socket, Wire};
use crate::Repo;
use crate::sync::SyncReport;
use dronestore_core::Result;

impl Repo {
    /// Syncs with the repo that is served at an address.
    ///
    /// | address | way | feature |
    /// |---|---|---|
    /// | `tcp://host:port` | TCP | |
    /// | `tls://host:port` | TLS | `tls` |
    /// | `http://host:port/path` | requests to a web server | `http` |
    /// | `ws://host:port/path` | WebSocket | `websocket` |
    /// | `https://…` `wss://…` | the two, over TLS | and `tls` |
    ///
    /// Without TLS it is neither encrypted nor signed: whoever can be called there, or listens in between, can read and
    /// write. Use it where the network is yours, or through a tunnel. What else can be said of a call, above all whom to trust,
    /// [`sync_with_options`](Repo::sync_with_options) takes.
    ///
    /// # Errors
    /// [`Mismatch`](crate::ErrorKind::Mismatch) for a repo of another database, or one whose key or certificate is not trusted;
    /// [`Busy`](crate::ErrorKind::Busy) where the other side has too many sessions,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for an address that is none, or whose feature is not compiled in,
    /// [`Store`](crate::ErrorKind::Store) where the connection fails or is silent for 30 seconds. What arrived before
    /// an error stays, and calling again goes on from there.
    ///
    /// Cost: that of a session, which is the difference's; see the guide.
    pub fn sync(&self, address: &str) -> Result<SyncReport> {
        self.sync_with_options(address, &SyncOptions::new())
    }

    /// Syncs with the repo that is served at an address, as [`sync`](Repo::sync) does, and as the options say.
    ///
    /// Where they allow commands, the address may be one, `exec:program argument …`: it is cut at spaces and run without a shell,
    /// as [`call_command`](crate::sync::call_command) does.
    ///
    /// # Errors
    /// As [`sync`](Repo::sync), and [`Refused`](crate::ErrorKind::Refused) for a command where none may be run.
    pub fn sync_with_options(&self, address: &str, options: &SyncOptions) -> Result<SyncReport> {
        let result = match address.strip_prefix("exec:") {
            Some(text) => process::command(text, options)
                .and_then(|mut command| process::call_at(self, Some(address), &mut command, options)),
            None => Address::parse(address).and_then(|parsed| call(self, &parsed, options)),
        };
        #[cfg(feature = "tls")]
        let result = result.map_err(|error| super::tls::naming(error, &options.trust));
        result.map_err(|error| error.at(address))
    }
}

fn call(repo: &Repo, address: &Address, options: &SyncOptions) -> Result<SyncReport> {
    match address.scheme {
        Scheme::Tcp | Scheme::Tls | Scheme::Ws | Scheme::Wss => {
            let mut wire = connect_wire(address, options)?;
            wire.socket().allow(options.limits.whole);
            let result = run(&mut options.session(repo, Some(&address.text)), &mut wire);
            wire.close();
            result
        }
        #[cfg(feature = "http")]
        Scheme::Http | Scheme::Https => super::http::call(repo, address, options),
        #[cfg(not(feature = "http"))]
        Scheme::Http | Scheme::Https => Err(super::address::unknown()),
    }
}

/// Connects, and greets as the address says, where that makes a stream.
pub(super) fn connect_wire(address: &Address, options: &SyncOptions) -> Result<Box<dyn Wire>> {
    let wire = connect(address, options)?;
    match address.scheme {
        #[cfg(feature = "websocket")]
        Scheme::Ws | Scheme::Wss => super::websocket::connect(wire, address, options),
        _ => Ok(wire),
    }
}

/// Connects, with TLS where the address says so.
pub(super) fn connect(address: &Address, options: &SyncOptions) -> Result<Box<dyn Wire>> {
    #[cfg(feature = "tls")]
    if !address.scheme.is_secure() && options.trust.names_somebody() {
        let message =
            format!("only TLS shows who is called; `{}://` cannot be held to a key", address.scheme.name());
        return Err(dronestore_core::Error::new(dronestore_core::ErrorKind::Unsupported, message));
    }
    let socket = Socket::connect(&address.host, address.port, &options.limits)?;
    match address.scheme.is_secure() {
        false => Ok(Box::new(socket)),
        #[cfg(feature = "tls")]
        true => super::tls::connect(socket, &address.host, &options.trust),
        #[cfg(not(feature = "tls"))]
        true => Err(super::address::unknown()),
    }
}
