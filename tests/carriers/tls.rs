//! Keys, pins and authorities.

use super::{SHORT, calling, keys, serve, soon};
use crate::folder::Folder;
use crate::sync::repo_with;
use dronestore::sync::{Ended, Identity, ServeOptions, SyncOptions};
use dronestore::{ErrorKind, Repo};
use std::sync::mpsc::channel;

fn device(hub: &Repo) -> Repo {
    Repo::builder().replica_of(hub).open().unwrap()
}

#[test]
fn a_wrong_pin_is_said_with_both() {
    let hub = repo_with(3);
    for scheme in ["tls", "wss", "https"] {
        let server = serve(&hub, scheme);
        let wrong = calling(scheme).pin(keys()[0].pin());
        assert!(
            device(&hub).sync_with_options(&server.url(), &wrong).unwrap().in_sync,
            "one of several will do"
        );
        let wanted = Identity::generate().unwrap().pin();
        let wrong = SyncOptions::new().identity(keys()[1].clone()).pin(wanted);
        let error = soon(|| device(&hub).sync_with_options(&server.url(), &wrong).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&wanted.to_string()) && text.contains(&keys()[0].pin().to_string()), "{text}");
    }
}

#[test]
fn only_known_keys_may_call() {
    let hub = repo_with(3);
    for scheme in ["tls", "wss", "https"] {
        let (tell, told) = channel();
        let tell = std::sync::Mutex::new(tell);
        let options = super::serving(scheme).on_end(move |ended: &Ended| {
            let failed = ended.result.as_ref().err();
            let said = failed.map(|error| (error.kind(), error.to_string()));
            tell.lock().unwrap().send(said).unwrap();
        });
        let server = hub.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &options).unwrap();
        let stranger = Identity::generate().unwrap();
        let pinned = SyncOptions::new().pin(keys()[0].pin());
        for (options, says) in [
            (pinned.clone(), "no key".to_owned()),
            (pinned.identity(stranger.clone()), stranger.pin().to_string()),
        ] {
            let error = soon(|| device(&hub).sync_with_options(&server.url(), &options).unwrap_err());
            assert_eq!(error.kind(), ErrorKind::Mismatch, "{scheme}: {error:?}");
            let (kind, text) = told.recv_timeout(SHORT * 20).unwrap().unwrap();
            assert!(kind == ErrorKind::Mismatch && text.contains(&says), "{scheme}: {text}");
            // The caller hears under what name it would have to be known.
            let is_named = error.to_string().contains(&stranger.pin().to_string());
            assert_eq!(is_named, says != "no key", "{scheme}: {error}");
        }
        device(&hub).sync_with_options(&server.url(), &calling(scheme)).unwrap();
        assert_eq!(told.recv_timeout(SHORT * 20).unwrap(), None);
    }
}

#[test]
fn who_does_not_speak_tls_is_told_soon() {
    let hub = repo_with(3);
    let plain = [("tcp", "tls"), ("ws", "wss"), ("http", "https")];
    for (caller, callee) in plain.into_iter().chain(plain.map(|(one, other)| (other, one))) {
        let server = serve(&hub, callee);
        let address = format!("{caller}://{}", server.local_addr());
        let options = calling(caller).silence_limit(SHORT * 4);
        let error = soon(|| device(&hub).sync_with_options(&address, &options).unwrap_err());
        let kinds = [ErrorKind::Store, ErrorKind::Corrupt, ErrorKind::Mismatch];
        assert!(kinds.contains(&error.kind()), "{caller} to {callee}: {error:?}");
        println!("{caller} to {callee}: {error:?}");
    }
}

#[test]
fn an_authority_is_trusted_for_its_names() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new([]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = rcgen::CertifiedIssuer::self_signed(params, key).unwrap();
    let certified = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        Identity::from_pem(&certificate.pem(), &key.serialize_pem()).unwrap()
    };
    let hub = repo_with(3);
    let trusting = SyncOptions::new().authorities(&authority.pem()).unwrap();
    for (name, options, is_trusted) in [
        ("127.0.0.1", &trusting, true),
        ("10.0.0.1", &trusting, false),
        ("127.0.0.1", &SyncOptions::new(), false),
    ] {
        let serving = ServeOptions::new().identity(certified(name));
        let server = hub.serve_with_options("https://127.0.0.1:0", &serving).unwrap();
        let result = soon(|| device(&hub).sync_with_options(&server.url(), options));
        match result {
            Ok(report) => assert!(is_trusted && report.in_sync),
            Err(error) => assert!(!is_trusted && error.kind() == ErrorKind::Mismatch, "{error:?}"),
        }
    }
    assert_eq!(SyncOptions::new().authorities("nothing").unwrap_err().kind(), ErrorKind::InvalidValue);
}

#[test]
fn an_identity_is_kept_in_a_file() {
    let folder = Folder::new();
    let path = folder.join("key.pem");
    let first = Identity::open(&path).unwrap();
    assert_eq!(Identity::open(&path).unwrap().pin(), first.pin());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(!format!("{first:?}").contains("PRIVATE"));
    let other = Identity::generate().unwrap();
    let (first, other) = (first.to_pem(), other.to_pem());
    for (certificates, key) in [("", first), (first, ""), (first, other), (&first[..200], first)] {
        let error = Identity::from_pem(certificates, key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error:?}");
    }
    std::fs::write(&path, "no key").unwrap();
    assert_eq!(Identity::open(&path).unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(Identity::open(folder.join("no/where")).unwrap_err().kind(), ErrorKind::Store);
}

#[test]
fn what_makes_no_sense_is_said_at_once() {
    let hub = repo_with(1);
    let list = ServeOptions::new().allow(keys()[0].pin());
    for (address, options) in [("tls://127.0.0.1:0", ServeOptions::new()), ("tcp://127.0.0.1:0", list)] {
        let error = hub.serve_with_options(address, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
    }
}

#[test]
fn who_is_named_is_not_called_without_tls() {
    let (one, other, _) = super::two();
    let server = serve(&other, "tcp");
    let before = (one.hash(), other.hash());
    let error = one.sync_with_options(&server.url(), &SyncOptions::new().pin(keys()[0].pin())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert_eq!((one.hash(), other.hash()), before);
    let options = ServeOptions::new().identity(keys()[0].clone());
    assert_eq!(
        other.serve_with_options("tcp://127.0.0.1:0", &options).unwrap_err().kind(),
        ErrorKind::Unsupported
    );
}
