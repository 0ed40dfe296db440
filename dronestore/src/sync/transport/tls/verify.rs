//! Whom to trust: pinned keys, or certificates of authorities.

use super::failed;
use super::identity::Identity;
use super::pin::{Pin, PinMismatch};
use dronestore_core::{Error, ErrorKind, Result};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, OtherError, RootCertStore,
    ServerConfig, SignatureScheme,
};
use std::fmt;
use std::sync::Arc;

/// What TLS computes with.
pub(super) fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// Whom one who calls trusts, and what it shows of itself.
#[derive(Clone, Default)]
pub(in super::super) struct Trust {
    /// One of them has to be the other side's; where there are some, authorities do not count.
    pub(in super::super) pins: Vec<Pin>,
    pub(in super::super) identity: Option<Identity>,
    /// Authorities; where there are none, those that browsers trust.
    authorities: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Whether it says who the other side has to be.
    pub(in super::super) fn names_somebody(&self) -> bool {
        !(self.pins.is_empty() && self.authorities.is_empty())
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trust { pins, identity, authorities } = self;
        let mut out = f.debug_struct("Trust");
        out.field("pins", pins).field("identity", identity).field("authorities", &authorities.len()).finish()
    }
}

impl Trust {
    pub(in super::super) fn trust_authorities(&mut self, pem: &str) -> Result<()> {
        let damaged = |error| {
            Error::new(ErrorKind::InvalidValue, "the certificate of an authority is damaged")
                .with_source(error)
        };
        let read: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let read = read.map_err(damaged)?;
        if read.is_empty() {
            return Err(Error::new(ErrorKind::InvalidValue, "there is no certificate in the PEM"));
        }
        self.authorities.extend(read);
        Ok(())
    }

    /// As rustls takes it.
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>> {
        let builder = ClientConfig::builder_with_provider(Arc::new(provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(failed)?;
        let builder = if self.pins.is_empty() {
            builder.with_root_certificates(self.roots()?)
        } else {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Pinned::new(&self.pins)))
        };
        Ok(Arc::new(match &self.identity {
            Some(identity) => {
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.key.clone())))
            }
            None => builder.with_no_client_auth(),
        }))
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        if self.authorities.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for authority in &self.authorities {
            roots.add(authority.clone()).map_err(|error| {
                Error::new(ErrorKind::InvalidValue, "an authority cannot be trusted").with_source(error)
            })?;
        }
        Ok(roots)
    }
}

/// How a service greets: anybody, or only those whose keys are listed.
pub(super) fn server(identity: &Identity, allowed: &[Pin]) -> Result<Arc<ServerConfig>> {
    let builder = ServerConfig::builder_with_provider(Arc::new(provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(failed)?;
    let builder = match allowed {
        [] => builder.with_no_client_auth(),
        _ => builder.with_client_cert_verifier(Arc::new(Pinned::new(allowed))),
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.key.clone())));
    // A session is one connection: nothing to resume.
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Believes whoever proves to have one of these keys, and nobody else. Names, dates and authorities are not looked at.
#[derive(Debug)]
struct Pinned {
    pins: Vec<Pin>,
    provider: CryptoProvider,
}

impl Pinned {
    fn new(pins: &[Pin]) -> Pinned {
        Pinned { pins: pins.to_vec(), provider: provider() }
    }

    fn check(&self, certificate: &CertificateDer<'_>) -> std::result::Result<(), rustls::Error> {
        let seen = Pin::of(certificate)?;
        if self.pins.contains(&seen) {
            return Ok(());
        }
        let mismatch = PinMismatch { seen, wanted: self.pins.clone() };
        Err(CertificateError::Other(OtherError(Arc::new(mismatch))).into())
    }

    fn check_tls12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn check_tls13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        self.check(certificate).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.check_tls12(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.check_tls13(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> std::result::Result<ClientCertVerified, rustls::Error> {
        self.check(certificate).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.check_tls12(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.check_tls13(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}
