//! Pins: the name of a key, by which one device knows another without an authority.

use dronestore_core::{Error, ErrorKind, Hash, Result};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use std::fmt;
use std::str::FromStr;

const PREFIX: &str = "sha256:";

/// The name of a public key: SHA-256 of the key as it stands in a certificate (its `SubjectPublicKeyInfo`). It is no secret.
///
/// Two devices that know each other's pins need no authority, no name and no date: whoever proves to have the key is meant. A new
/// certificate for the same key has the same pin.
///
/// As text it is `sha256:` and 64 hexadecimal digits. With OpenSSL:
/// `openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256`.
///
/// ```
/// use dronestore::sync::{Identity, Pin};
///
/// let identity = Identity::generate()?;
/// let text = identity.pin().to_string();
/// assert_eq!(text.parse::<Pin>()?, identity.pin());
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pin([u8; 32]);

impl Pin {
    /// The pin with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Pin {
        Pin(bytes)
    }

    /// The hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// That of the key in a certificate.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> std::result::Result<Pin, rustls::Error> {
        let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
        let hash = ring::digest::digest(&ring::digest::SHA256, key.as_ref());
        let mut pin = Pin([0; 32]);
        pin.0.copy_from_slice(hash.as_ref());
        Ok(pin)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// # Errors
/// [`InvalidValue`](crate::ErrorKind::InvalidValue) for a text that is no pin.
impl FromStr for Pin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Pin> {
        let wrong = || Error::new(ErrorKind::InvalidValue, "a pin is `sha256:` and 64 hexadecimal digits");
        // As many digits as a hash has.
        let digits: Option<Hash> = text.strip_prefix(PREFIX).and_then(|digits| digits.parse().ok());
        digits.map(|hash| Pin(*hash.as_bytes())).ok_or_else(wrong)
    }
}

/// Another key than those that are pinned.
#[derive(Debug)]
pub(super) struct PinMismatch {
    pub(super) seen: Pin,
    pub(super) wanted: Vec<Pin>,
}

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the other side has the key {}, which is not ", self.seen)?;
        match &self.wanted[..] {
            [one] => write!(f, "the pinned one {one}"),
            [one, others @ ..] => write!(f, "among the pinned ones {one} and {} more", others.len()),
            [] => f.write_str("pinned"),
        }
    }
}

impl std::error::Error for PinMismatch {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pin_is_refused() {
        let pin = Pin([0xa7; 32]).to_string();
        assert_eq!(pin.parse::<Pin>().unwrap(), Pin([0xa7; 32]));
        assert_eq!(pin.replace('a', "A").replace("shA", "sha").parse::<Pin>().unwrap(), Pin([0xa7; 32]));
        for text in ["", "sha256:", &pin[1..], &pin[..70], &format!("{pin}0"), &pin.replace('7', "g")] {
            assert_eq!(text.parse::<Pin>().unwrap_err().kind(), ErrorKind::InvalidValue, "{text}");
        }
    }
}
