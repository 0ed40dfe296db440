//! What comes that is no session: an answer that says so, soon, and the repo unchanged.

use super::{SHORT, SOCKETS, serve, serving, soon, until};
use crate::random::{Random, from_env};
use crate::sync::repo_with;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

fn answer(address: SocketAddr, said: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let _ = stream.write_all(said);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn requests_that_are_none_get_their_status() {
    let hub = repo_with(3);
    let server = hub.serve_with_options("http://127.0.0.1:0/sync", &serving("http")).unwrap();
    let head = "POST /sync HTTP/1.1\r\ncontent-type: application/x-dronestore\r\n";
    let ours = format!("{head}dronestore-session: {:032}\r\ndronestore-turn: 0\r\n", 7);
    let cases = [
        ("\r\n\r\n\r\nnoise\r\n".to_owned(), "400"),
        ("\u{16}\u{3}\u{1}".to_owned(), "400"),
        ("GET /sync HTTP/1.1\r\n\r\n".to_owned(), "405"),
        ("POST / HTTP/1.1\r\n\r\n".to_owned(), "404"),
        (format!("{head}\r\n"), "400"),
        (format!("{head}content-length: 5000000\r\n\r\n"), "413"),
        (format!("{head}transfer-encoding: chunked\r\n\r\nfffffffffff\r\n"), "413"),
        (format!("{head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"), "400"),
        (format!("{head}content-length: x\r\n\r\n"), "400"),
        (format!("{head}a: {}\r\n\r\n", "x".repeat(20_000)), "431"),
        (format!("{head}{}\r\n", "a: b\r\n".repeat(100)), "431"),
        (format!("{ours}origin: https://a.example\r\n\r\n"), "403"),
        (format!("{ours}content-length: 5\r\n\r\nnoise"), "200"),
    ];
    for (request, status) in cases {
        let answer = soon(|| answer(server.local_addr(), request.as_bytes()));
        let first = answer.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("HTTP/1.1 {status}")), "{request:?}: {answer:?}");
    }
    hub.verify().unwrap();
}

/// `DRONESTORE_NOISE` asks for more, `DRONESTORE_SEED` for other.
#[test]
fn noise_ends_soon_and_changes_nothing() {
    let (count, seed) = (from_env("DRONESTORE_NOISE", 40), from_env("DRONESTORE_SEED", 4));
    println!("{count} pieces of noise a carrier, seed {seed}");
    let hub = repo_with(3);
    let (hash, sequence) = (hub.hash(), hub.sequence());
    let mut random = Random::new(seed);
    for scheme in SOCKETS {
        let server = serve(&hub, scheme);
        let starts: [&[u8]; 4] = [
            b"",
            b"POST / HTTP/1.1\r\ncontent-length: 100\r\n",
            b"GET / HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nhost: a\r\n\r\n",
            &[0x16, 3, 1, 0, 200, 1, 0, 0, 196],
        ];
        for _ in 0..count {
            let mut noise = starts[random.below(starts.len())].to_vec();
            let length = random.below(400);
            noise.extend((0..length).map(|_| random.next() as u8));
            soon(|| answer(server.local_addr(), &noise));
        }
        until("no session is left", || scheme.starts_with("http") || server.sessions() == 0);
    }
    assert_eq!((hub.hash(), hub.sequence()), (hash, sequence));
    hub.verify().unwrap();
}

/// An endless stream is cut where its bound is, not where memory ends.
#[test]
fn an_endless_stream_is_not_taken() {
    let hub = repo_with(3);
    for scheme in SOCKETS {
        let server = serve(&hub, scheme);
        let start: &[u8] = match scheme {
            "http" => b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
            _ => b"",
        };
        let mut stream = TcpStream::connect(server.local_addr()).unwrap();
        stream.set_write_timeout(Some(SHORT * 20)).unwrap();
        let _ = stream.write_all(start);
        let mut said = 0;
        soon(|| {
            while stream.write_all(&b"1000\r\n".repeat(1000)).is_ok() {
                said += 6000;
                assert!(said < 100 << 20, "{scheme} takes everything");
            }
        });
    }
}
