//! Identity: the key by which a device proves who it is.

use super::pin::Pin;
use super::{failed, verify};
use dronestore_core::{Error, ErrorKind, Result};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind as IoKind, Write};
use std::path::Path;
use std::sync::Arc;

/// The largest file that is read as an identity.
const MAX_FILE: u64 = 1 << 20;

/// A private key and a certificate of it: how a device proves who it is. Others know it by its [`pin`](Identity::pin), or
/// trust the authority that signed the certificate.
///
/// ```
/// use dronestore::Repo;
/// use dronestore::sync::{Identity, ServeOptions, SyncOptions};
///
/// let (phone, laptop) = (Repo::memory()?, Repo::memory()?);
/// let (phone_key, laptop_key) = (Identity::generate()?, Identity::generate()?);
///
/// // Each knows the other's pin, and nobody else can call or answer.
/// let options = ServeOptions::new().identity(laptop_key.clone()).allow(phone_key.pin());
/// let server = laptop.serve_with_options("tls://127.0.0.1:0", &options)?;
/// let options = SyncOptions::new().identity(phone_key).pin(laptop_key.pin());
/// assert!(phone.sync_with_options(&server.url(), &options)?.in_sync);
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone)]
pub struct Identity {
    pub(super) key: Arc<CertifiedKey>,
    pin: Pin,
    pem: String,
}

impl Identity {
    /// A new key (ECDSA, P-256), with a certificate that it has signed itself. For devices that pin each other.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the system gives no random numbers.
    ///
    /// Cost: less than a millisecond.
    pub fn generate() -> Result<Identity> {
        let new = rcgen::generate_simple_self_signed(["dronestore.invalid".to_owned()]);
        let new =
            new.map_err(|error| Error::new(ErrorKind::Store, "no new key could be made").with_source(error))?;
        Identity::from_pem(&new.cert.pem(), &new.signing_key.serialize_pem())
    }

    /// From a chain of certificates, the own one first, and its private key, as PEM. Both may stand in one text.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where one of them is missing or damaged, or the key is that of another
    /// certificate.
    pub fn from_pem(certificates: &str, key: &str) -> Result<Identity> {
        let wrong = |message: &'static str| {
            move |error| Error::new(ErrorKind::InvalidValue, message).with_source(error)
        };
        let chain: std::result::Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(certificates.as_bytes()).collect();
        let chain = chain.map_err(wrong("a certificate is damaged"))?;
        let Some(first) = chain.first() else {
            return Err(Error::new(ErrorKind::InvalidValue, "there is no certificate in the PEM"));
        };
        let pin = Pin::of(first).map_err(failed)?;
        let private = PrivateKeyDer::from_pem_slice(key.as_bytes());
        let private = private.map_err(wrong("there is no whole private key in the PEM"))?;
        let key_of_it = CertifiedKey::from_der(chain, private, &verify::provider());
        let unfit = |error| {
            Error::new(ErrorKind::InvalidValue, "the private key does not fit the certificate")
                .with_source(error)
        };
        let pem = if certificates == key { key.to_owned() } else { format!("{certificates}\n{key}") };
        Ok(Identity { key: Arc::new(key_of_it.map_err(unfit)?), pin, pem })
    }

    /// The identity in a file; where there is none, a new one is made and put there, readable for nobody else.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the file can be neither read nor made, and as
    /// [`from_pem`](Identity::from_pem).
    pub fn open(path: impl AsRef<Path>) -> Result<Identity> {
        let path = path.as_ref();
        let place = |error: Error| error.at(path.display());
        let store =
            |error| place(Error::new(ErrorKind::Store, "the identity is not accessible").with_source(error));
        match fs::metadata(path) {
            Ok(found) if found.len() > MAX_FILE => {
                return Err(place(Error::new(ErrorKind::InvalidValue, "no identity is so large")));
            }
            Ok(_) => {
                let pem = fs::read_to_string(path).map_err(store)?;
                return Identity::from_pem(&pem, &pem).map_err(place);
            }
            Err(error) if error.kind() != IoKind::NotFound => return Err(store(error)),
            Err(_) => {}
        }
        let new = Identity::generate()?;
        new.write(path).map_err(store)?;
        Ok(new)
    }

    /// Puts it into a file, which is whole whenever it is there.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut draft = path.as_os_str().to_owned();
        draft.push(format!(".{}.new", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        let written = file.write_all(self.pem.as_bytes()).and_then(|()| file.sync_all());
        let there = written.and_then(|()| fs::rename(&draft, path));
        if there.is_err() {
            let _ = fs::remove_file(&draft);
        }
        there
    }

    /// Certificates and private key as PEM: to keep where only this device can read it.
    pub fn to_pem(&self) -> &str {
        &self.pem
    }

    /// The name of the key, for others to pin.
    pub fn pin(&self) -> Pin {
        self.pin
    }
}

/// The pin; never the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.pin).finish()
    }
}
