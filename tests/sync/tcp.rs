//! Over TCP, and over other streams.

use super::{Note, fill, name, replica, repo_with};
use crate::folder::Folder;
use dronestore::{ErrorKind, Repo, sync};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;

#[test]
fn two_repos_sync_over_tcp() {
    let one = repo_with(700);
    let other = replica(&one);
    fill(&one, (0..700).step_by(3), "by one");
    fill(&other, (0..900).step_by(5), "by the other");
    let server = other.serve("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", server.local_addr());
    let report = one.sync(&address).unwrap();
    assert!(report.in_sync, "{report}");
    assert_eq!(one.hash(), other.hash());
    let again = one.sync(&address).unwrap();
    assert!(again.bytes_in + again.bytes_out <= 100 && again.sent == 0, "{again}");
    server.shutdown();
    assert_eq!(one.sync(&address).unwrap_err().kind(), ErrorKind::Store);
}

#[test]
fn many_call_at_once() {
    let hub = repo_with(200);
    let server = hub.serve("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", server.local_addr());
    let repos: Vec<Repo> = (0..8).map(|_| replica(&hub)).collect();
    thread::scope(|scope| {
        for (number, repo) in repos.iter().enumerate() {
            let address = &address;
            scope.spawn(move || {
                for turn in 0..5 {
                    fill(repo, [turn * 10 + number, 500 + number], "there");
                    repo.sync(address).unwrap();
                }
            });
        }
    });
    for repo in repos.iter().chain(&repos) {
        assert!(repo.sync(&address).unwrap().in_sync);
    }
    assert!(repos.iter().all(|repo| repo.hash() == hub.hash()));
    hub.verify().unwrap();
}

#[test]
fn whoever_is_too_many_is_told() {
    let hub = repo_with(3);
    let server = hub.serve("127.0.0.1:0").unwrap();
    let silent: Vec<TcpStream> = (0..16).map(|_| TcpStream::connect(server.local_addr()).unwrap()).collect();
    let address = format!("tcp://{}", server.local_addr());
    // They were accepted in the order in which they connected.
    assert_eq!(replica(&hub).sync(&address).unwrap_err().kind(), ErrorKind::Busy);
    drop(silent);
    // A server ends also while sessions go on.
    let _open = TcpStream::connect(server.local_addr()).unwrap();
    server.shutdown();
}

#[test]
fn noise_and_wrong_addresses_are_errors() {
    let hub = repo_with(30);
    let server = hub.serve("127.0.0.1:0").unwrap();
    let mut noise = TcpStream::connect(server.local_addr()).unwrap();
    noise.write_all(&b"GET / HTTP/1.1\r\n".repeat(10)).unwrap();
    let mut answer = Vec::new();
    let _ = noise.read_to_end(&mut answer);
    assert!(answer.len() < 10);
    for (address, kind) in [
        ("127.0.0.1:1", ErrorKind::Unsupported),
        ("gopher://localhost", ErrorKind::Unsupported),
        ("tcp://127.0.0.1:1", ErrorKind::Store),
        ("tcp://nowhere", ErrorKind::Unsupported),
    ] {
        let error = hub.sync(address).unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(error.to_string().starts_with(address));
    }
}

const CHILD: &str = "DRONESTORE_SYNC_CHILD";

/// The input and output of a process as one stream.
struct Pipes<R, W>(R, W);

impl<R: Read, W> Read for Pipes<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R, W: Write> Write for Pipes<R, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.1.flush()
    }
}

/// No test of its own: the other process of the test below.
#[test]
fn other_process() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let repo = Repo::open(path).unwrap();
    match std::env::var("DRONESTORE_SYNC_ADDRESS") {
        Ok(address) => drop(repo.sync(&address).unwrap()),
        // The harness writes to the output; what belongs to the session goes where nothing else does.
        Err(_) => drop(sync::answer(&repo, Pipes(std::io::stdin(), std::io::stderr())).unwrap()),
    }
}

fn child(path: &std::path::Path) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "sync::tcp::other_process", "--test-threads=1", "--nocapture"]).env(CHILD, path);
    child
}

#[test]
fn two_processes_sync_over_tcp_and_over_pipes() {
    let folder = Folder::new();
    let path = folder.join("child.drone");
    let one = repo_with(300);
    {
        let other = Repo::open(&path).unwrap();
        other.merge(&one).unwrap();
        fill(&other, [5, 301], "by the child");
    }
    fill(&one, [5, 302], "by the parent");
    let server = one.serve("127.0.0.1:0").unwrap();
    let mut calling = child(&path);
    calling.env("DRONESTORE_SYNC_ADDRESS", format!("tcp://{}", server.local_addr()));
    assert!(calling.output().unwrap().status.success());
    assert_eq!(one.hash(), Repo::open(&path).unwrap().hash());

    fill(&one, [6, 400], "by the parent");
    let mut answering = child(&path);
    let piped = answering.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = piped.spawn().unwrap();
    let pipes = Pipes(process.stderr.take().unwrap(), process.stdin.take().unwrap());
    let report = sync::call(&one, pipes).unwrap();
    assert!(report.in_sync && report.sent > 0, "{report}");
    assert!(process.wait().unwrap().success());
    let other = Repo::open(&path).unwrap();
    assert_eq!(one.hash(), other.hash());
    assert_eq!(other.get::<Note>(name(400)).unwrap().unwrap().title, "by the parent");
    other.verify().unwrap();
}
