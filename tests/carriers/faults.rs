//! The other side is silent, slow, half gone or too much: an error within the time that the options give.

use super::{SHORT, SOCKETS, calling, serve, serving, soon, until};
use crate::sync::{replica, repo_with};
use dronestore::ErrorKind;
use dronestore::sync::{ServeOptions, SyncOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

#[test]
fn a_silent_server_is_given_up() {
    let repo = repo_with(3);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for scheme in SOCKETS {
        let options = calling(scheme).silence_limit(SHORT);
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let error = soon(|| repo.sync_with_options(&address, &options).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
        let text = error.to_string();
        assert!(text.contains("silent") || text.contains("too long"), "{scheme}: {text}");
    }
}

#[test]
fn a_silent_caller_is_given_up() {
    let repo = repo_with(3);
    for scheme in SOCKETS {
        let options = serving(scheme).silence_limit(SHORT);
        let server = repo.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &options).unwrap();
        let mut silent = TcpStream::connect(server.local_addr()).unwrap();
        soon(|| silent.read_to_end(&mut Vec::new())).unwrap();
        until("its session is over", || server.sessions() == 0);
    }
}

/// Nobody is silent, and nothing gets on.
#[test]
fn one_byte_at_a_time_is_given_up() {
    let repo = repo_with(3);
    for scheme in SOCKETS {
        let options = serving(scheme).silence_limit(SHORT).time_limit(SHORT * 2);
        let server = repo.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &options).unwrap();
        let mut slow = TcpStream::connect(server.local_addr()).unwrap();
        let said: &[u8] = match scheme {
            "tcp" => &[0x80, 0x80, 0x04, 0x64],
            "ws" | "http" => b"POST / HTTP/1.1\r\na: bbbb",
            _ => &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc],
        };
        soon(|| {
            let bytes = said.iter().chain(std::iter::repeat(said.last().unwrap()));
            for byte in bytes {
                if slow.write_all(&[*byte]).is_err() {
                    break;
                }
                thread::sleep(SHORT / 5);
            }
        });
    }
}

#[test]
fn a_slow_server_is_given_up() {
    let repo = repo_with(3);
    for (scheme, said) in
        [("tcp", &[0x80, 0x80, 0x04, 0x64][..]), ("ws", b"HTTP/1.1 101 x"), ("http", b"HTTP/1.1 2")]
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let dripping = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let bytes = said.iter().chain(std::iter::repeat(said.last().unwrap()));
            for byte in bytes {
                if stream.write_all(&[*byte]).is_err() {
                    break;
                }
                thread::sleep(SHORT / 5);
            }
        });
        let options = SyncOptions::new().silence_limit(SHORT).time_limit(SHORT * 2);
        let error = soon(|| repo.sync_with_options(&address, &options).unwrap_err());
        assert!([ErrorKind::Store, ErrorKind::Corrupt].contains(&error.kind()), "{scheme}: {error:?}");
        dripping.join().unwrap();
    }
}

/// The time of a session is over although both do what they can: what arrived stays.
#[test]
fn a_session_ends_with_its_time() {
    let (one, other, _) = super::two();
    for scheme in SOCKETS {
        let (one, other) = (replica(&one), replica(&other));
        let server = serve(&other, scheme);
        let options = calling(scheme).time_limit(Duration::from_nanos(1));
        let error = soon(|| one.sync_with_options(&server.url(), &options).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Store, "{scheme}: {error:?}");
        assert!(one.sync_with_options(&server.url(), &calling(scheme)).unwrap().in_sync);
    }
}

#[test]
fn whoever_is_too_many_is_told() {
    let repo = repo_with(3);
    for scheme in ["tcp", "ws", "http"] {
        let options = serving(scheme).sessions(0);
        let server = repo.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &options).unwrap();
        let result = soon(|| replica(&repo).sync_with_options(&server.url(), &calling(scheme)));
        // With no room at all not even that is said.
        assert!([ErrorKind::Store, ErrorKind::Busy].contains(&result.unwrap_err().kind()), "{scheme}");
    }
    for scheme in SOCKETS {
        let options = serving(scheme).sessions(1);
        let server = repo.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &options).unwrap();
        let silent: Vec<TcpStream> =
            (0..if scheme.starts_with("http") { 4 } else { 1 }).map(|_| connect(&server)).collect();
        let result = soon(|| replica(&repo).sync_with_options(&server.url(), &calling(scheme)));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Busy, "{scheme}");
        drop(silent);
        until("there is room again", || {
            replica(&repo).sync_with_options(&server.url(), &calling(scheme)).is_ok()
        });
    }
}

fn connect(server: &dronestore::sync::Server) -> TcpStream {
    TcpStream::connect(server.local_addr()).unwrap()
}

/// A caller that is gone without a word, as a device whose battery is empty.
#[test]
fn a_caller_that_is_gone_leaves_room() {
    let repo = repo_with(3);
    for scheme in ["tcp", "http"] {
        let options = serving(scheme).sessions(1).silence_limit(SHORT);
        let server = repo.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &options).unwrap();
        let half_open = connect(&server);
        until("there is room again", || {
            replica(&repo).sync_with_options(&server.url(), &calling(scheme)).is_ok()
        });
        drop(half_open);
    }
}

#[test]
fn two_databases_mix_where_both_say_so() {
    for scheme in SOCKETS {
        let (one, other) = (repo_with(3), repo_with(4));
        let server = serve(&other, scheme);
        let error = one.sync_with_options(&server.url(), &calling(scheme).foreign(true)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{scheme}: {error:?}");
        let options = serving(scheme).foreign(true);
        let server = other.serve_with_options(&format!("{scheme}://127.0.0.1:0"), &options).unwrap();
        let error = one.sync_with_options(&server.url(), &calling(scheme)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{scheme}: {error:?}");
        assert!(one.sync_with_options(&server.url(), &calling(scheme).foreign(true)).unwrap().in_sync);
        assert_eq!(one.hash(), other.hash());
    }
}

#[test]
fn headers_and_paths_are_checked() {
    let repo = repo_with(3);
    for scheme in ["http", "ws"] {
        let address = format!("{scheme}://127.0.0.1:0/a/b");
        let server = repo.serve_with_options(&address, &ServeOptions::new()).unwrap();
        let call = |path: &str, options: SyncOptions| {
            replica(&repo).sync_with_options(&format!("{}{path}", server.url()), &options)
        };
        let with = |name: &str, value: &str| SyncOptions::new().header(name, value);
        call("/a/b", with("Authorization", "Bearer abc def")).unwrap();
        let error = call("/a", SyncOptions::new()).unwrap_err();
        assert!(error.kind() == ErrorKind::Store && error.to_string().contains("404"), "{error:?}");
        let error = call("/a/b", with("origin", "https://a.example")).unwrap_err();
        assert!(error.to_string().contains("403"), "{error:?}");
        for (name, value) in [("", "a"), ("a b", "c"), ("a", "b\r\nc: d"), ("a\n", "b")] {
            let error = call("/a/b", with(name, value)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error:?}");
        }
    }
}
