//! Addresses: how a repo is called, or where it is served, as a text.

use dronestore_core::{Error, ErrorKind, Result};

/// What begins an address, and what has to be compiled for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Tcp,
    Tls,
    Http,
    Https,
    Ws,
    Wss,
}

impl Scheme {
    const ALL: [Scheme; 6] = [Scheme::Tcp, Scheme::Tls, Scheme::Http, Scheme::Https, Scheme::Ws, Scheme::Wss];

    pub(super) fn name(self) -> &'static str {
        match self {
            Scheme::Tcp => "tcp",
            Scheme::Tls => "tls",
            Scheme::Http => "http",
            Scheme::Https => "https",
            Scheme::Ws => "ws",
            Scheme::Wss => "wss",
        }
    }

    /// Whether TLS is below it.
    pub(super) fn is_secure(self) -> bool {
        matches!(self, Scheme::Tls | Scheme::Https | Scheme::Wss)
    }

    /// The port that needs no mention.
    fn port(self) -> Option<u16> {
        match self {
            Scheme::Tcp | Scheme::Tls => None,
            Scheme::Http | Scheme::Ws => Some(80),
            Scheme::Https | Scheme::Wss => Some(443),
        }
    }

    /// The features that it needs and that are not compiled.
    fn missing(self) -> Vec<&'static str> {
        let carrier = match self {
            Scheme::Tcp | Scheme::Tls => None,
            Scheme::Http | Scheme::Https => (!cfg!(feature = "http")).then_some("http"),
            Scheme::Ws | Scheme::Wss => (!cfg!(feature = "websocket")).then_some("websocket"),
        };
        let tls = (self.is_secure() && !cfg!(feature = "tls")).then_some("tls");
        carrier.into_iter().chain(tls).collect()
    }
}

/// An address as `scheme://host:port/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(any(feature = "http", feature = "websocket")), allow(dead_code))]
pub(super) struct Address {
    pub(super) scheme: Scheme,
    /// A name or a number; one of IPv6 without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Host and port as they stood there.
    pub(super) authority: String,
    /// From the first slash on; `/` at least.
    pub(super) path: String,
    /// The whole of it, as it stood there.
    pub(super) text: String,
}

impl Address {
    /// Reads an address; says what to do where it cannot be used.
    pub(super) fn parse(text: &str) -> Result<Address> {
        let (name, rest) = text.split_once("://").ok_or_else(unknown)?;
        let scheme = Scheme::ALL.into_iter().find(|scheme| scheme.name().eq_ignore_ascii_case(name));
        let scheme = scheme.ok_or_else(unknown)?;
        let missing = scheme.missing();
        if !missing.is_empty() {
            let message = format!(
                "`{}://` is not compiled in; switch on the feature `{}` of dronestore",
                scheme.name(),
                missing.join("` and `")
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        check_text(authority, &path)?;
        if matches!(scheme, Scheme::Tcp | Scheme::Tls) && path != "/" {
            return Err(wrong("there is no path behind the port"));
        }
        let (host, port) = split_port(authority)?;
        let port = port.or(scheme.port()).ok_or_else(|| wrong("a port is missing, as in `host:7070`"))?;
        Ok(Address {
            scheme,
            host: host.to_owned(),
            port,
            authority: authority.to_owned(),
            path,
            text: text.to_owned(),
        })
    }
}

/// Whether a text is an address that can be called, or served at.
#[cfg(feature = "cli")]
pub(crate) fn check_address(text: &str) -> Result<()> {
    match text.starts_with("exec:") {
        true => Ok(()),
        false => Address::parse(text).map(|_| ()).map_err(|error| error.at(text)),
    }
}

fn check_text(authority: &str, path: &str) -> Result<()> {
    if authority.contains('@') {
        return Err(wrong("a name and password in it are not sent; give a header instead"));
    }
    if path.contains('#') || !authority.bytes().chain(path.bytes()).all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("only visible ASCII characters, and no `#`, stand in an address"));
    }
    Ok(())
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or_else(|| wrong("a bracket is not closed"))?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    if host.is_empty() {
        return Err(wrong("a host is missing"));
    }
    let port = match port.strip_prefix(':') {
        Some(digits) => Some(digits.parse().map_err(|_| wrong("the port is no number below 65536"))?),
        None if port.is_empty() => None,
        None => return Err(wrong("something stands between the host and its port")),
    };
    Ok((host, port))
}

pub(super) fn unknown() -> Error {
    let message =
        "an address begins with `tcp://`, `tls://`, `http://`, `https://`, `ws://`, `wss://` or `exec:`";
    Error::new(ErrorKind::Unsupported, message)
}

fn wrong(message: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, host, port) in [
            ("tcp://localhost:7070", "localhost", 7070),
            ("TCP://10.0.0.1:1/", "10.0.0.1", 1),
            ("tcp://[::1]:65535", "::1", 65535),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.host.as_str(), address.port, address.path.as_str()), (host, port, "/"));
        }
    }

    #[test]
    #[cfg(feature = "http")]
    fn paths_and_known_ports_are_read() {
        for (text, port, path) in [
            ("http://host", 80, "/"),
            ("http://host:8080/sync?a=b", 8080, "/sync?a=b"),
            ("http://host?a", 80, "/?a"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.port, address.path.as_str()), (port, path), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_said() {
        for text in [
            "",
            "host:1",
            "gopher://host:1",
            "tcp://",
            "tcp://host",
            "tcp://host:",
            "tcp://host:99999",
            "tcp://:1",
            "tcp://[::1:1",
            "tcp://[::1]1",
            "tcp://host:1/path",
            "tcp://me:word@host:1",
            "tcp://ho st:1",
            "tcp://host:1#there",
            "http://host/a\r\nb: c",
        ] {
            assert_eq!(Address::parse(text).unwrap_err().kind(), ErrorKind::Unsupported, "{text}");
        }
    }
}
