//! What needs two at once: a repo that is served, one that is busy, one that is damaged, one that is elsewhere.

use super::transcript::Terminal;
use dronestore::Repo;
use dronestore::cli::{Exit, Io, run};
use std::io::{BufRead, BufReader, Read, Write};
use std::{fs, io, thread};

const SCHEMA: &str = "struct Note { #[merge(text)] text: String }";

/// What a served repo is given to do, and what it prints before it serves.
struct Served {
    end: io::PipeWriter,
    server: thread::JoinHandle<Exit>,
    address: String,
    pin: Option<String>,
}

/// Serves `here` until it is told to end.
fn serve(terminal: &Terminal, args: &str) -> Served {
    let ((mut input, end), (output, mut said)) = (io::pipe().unwrap(), io::pipe().unwrap());
    let folder = terminal.path().to_path_buf();
    let words: Vec<String> = ["dronestore", "serve", "--until-eof"]
        .into_iter()
        .chain(args.split(' ').filter(|word| !word.is_empty()))
        .map(str::to_owned)
        .collect();
    let has_pin = args.contains("--identity");
    let server = thread::spawn(move || {
        let mut errors = Vec::new();
        let mut io = Io::new(&mut input, &mut said, &mut errors, folder).repo("here");
        let exit = run(words, &mut io);
        assert!(exit == Exit::Ok, "{}", String::from_utf8_lossy(&errors));
        exit
    });
    let mut output = BufReader::new(output);
    let mut line = |begins: &str| {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line.trim().strip_prefix(begins).unwrap().to_owned()
    };
    let address = line("serving at ");
    let pin = has_pin.then(|| line("its pin is "));
    Served { end, server, address, pin }
}

impl Served {
    fn end(self) {
        drop(self.end);
        assert_eq!(self.server.join().unwrap(), Exit::Ok);
    }
}

fn begun() -> Terminal {
    let mut terminal = Terminal::new();
    terminal.ok("dronestore init here");
    let schema = "struct Note { #[merge(text)] text: String, #[merge(conflict)] shop: String }";
    terminal.run("dronestore -r here schema add -", schema);
    terminal.ok("dronestore -r here set /Team:red/Note:a text=one shop=mill");
    terminal.ok("dronestore -r here set /Team:blue/Note:b text=two");
    terminal
}

#[test]
fn every_address_is_served_cloned_and_synced_with() {
    let mut terminal = begun();
    for scheme in ["tcp", "http", "ws", "tls", "https", "wss"] {
        let is_secure = ["tls", "https", "wss"].contains(&scheme);
        let path = if scheme.starts_with("http") { "/notes" } else { "" };
        let keys = if is_secure { " --identity here.pem" } else { "" };
        let served = serve(&terminal, &format!("{scheme}://127.0.0.1:0{path}{keys}"));
        assert!(served.address.starts_with(&format!("{scheme}://127.0.0.1:")), "{}", served.address);
        assert!(served.address.ends_with(path));
        let pin = served.pin.as_ref().map_or(String::new(), |pin| format!(" --pin {pin}"));
        terminal.ok(&format!("dronestore clone {} {scheme}{pin}", served.address));
        terminal.ok(&format!("dronestore -r {scheme} set a text+={scheme}"));
        terminal.ok(&format!("dronestore -r {scheme} sync {}{pin}", served.address));
        if is_secure {
            let wrong = format!(" --pin sha256:{}", "0".repeat(64));
            let (text, exit) =
                terminal.run(&format!("dronestore -r {scheme} sync {}{wrong}", served.address), "");
            assert_eq!(exit, Exit::Refused, "{text}");
        }
        served.end();
        let text = terminal.ok("dronestore -r here get a text");
        assert!(text.trim_end().ends_with(scheme), "{text}");
    }
}

#[test]
fn only_those_who_are_allowed_may_call() {
    let mut terminal = begun();
    let own = dronestore::sync::Identity::open(terminal.path().join("phone.pem")).unwrap().pin();
    let served = serve(&terminal, &format!("tls://127.0.0.1:0 --identity here.pem --allow {own}"));
    let (address, pin) = (served.address.clone(), served.pin.clone().unwrap());
    terminal.ok(&format!("dronestore clone {address} phone --pin {pin} --identity phone.pem"));
    let (text, exit) =
        terminal.run(&format!("dronestore clone {address} other --pin {pin} --identity other.pem"), "");
    assert!(exit == Exit::Refused || exit == Exit::Failed, "{exit:?} {text}");
    served.end();
}

#[test]
fn a_part_is_served_and_called() {
    let mut terminal = begun();
    let served = serve(&terminal, "127.0.0.1:0");
    terminal.ok(&format!("dronestore clone {} red --scope /Team:red", served.address));
    served.end();
    assert_eq!(terminal.ok("dronestore -r red get a text"), "one\n");
    assert_eq!(terminal.run("dronestore -r red get b", "").1, Exit::NotFound);
    terminal.ok("dronestore clone here full");
    let served = serve(&terminal, "127.0.0.1:0 --scope Note,/Team:blue");
    terminal.ok(&format!("dronestore clone {} blue", served.address));
    let text = terminal.ok(&format!("dronestore -r full sync {}", served.address));
    assert!(text.starts_with("in sync within Note,/Team:blue;"), "{text}");
    let (text, exit) = terminal.run(&format!("dronestore -r full sync {} --scope Nte", served.address), "");
    assert!(exit == Exit::Usage && text.contains("did you mean `Note`?"), "{text}");
    served.end();
    assert_eq!(terminal.ok("dronestore -r blue get b text"), "two\n");
    assert_eq!(terminal.run("dronestore -r blue get a", "").1, Exit::NotFound);
}

#[test]
fn a_call_over_the_standard_streams_is_answered() {
    let mut terminal = begun();
    terminal.ok("dronestore clone here there");
    terminal.ok("dronestore -r there set a text+=more shop=corner");
    terminal.ok("dronestore -r here set a shop=market");
    let ((mut input, say), (hear, mut output)) = (io::pipe().unwrap(), io::pipe().unwrap());
    let folder = terminal.path().to_path_buf();
    let answering = thread::spawn(move || {
        let mut errors = Vec::new();
        let mut io = Io::new(&mut input, &mut output, &mut errors, folder).repo("here");
        run(["dronestore", "serve", "--stdio"], &mut io)
    });
    let there = Repo::open(terminal.path().join("there/.drone")).unwrap();
    let report = dronestore::sync::call(&there, dronestore::sync::duplex(hear, say)).unwrap();
    drop(there);
    assert!(report.in_sync);
    assert_eq!(answering.join().unwrap(), Exit::Ok);
    assert_eq!(terminal.ok("dronestore -r here get a text"), "onemore\n");
    // What waits for a decision is listed, decided and explained wherever it came to.
    assert_eq!(terminal.run("dronestore -r here conflicts", "").1, Exit::Found);
    terminal.ok("dronestore -r here resolve a shop --side 1");
    terminal.ok("dronestore -r there sync here");
    assert_eq!(terminal.ok("dronestore -r there get a shop"), "corner\n");
    assert!(terminal.ok("dronestore -r there explain a shop").contains("corner"));
}

#[cfg(unix)]
#[test]
fn a_command_is_called() {
    let mut terminal = begun();
    let (text, exit) = terminal.run("dronestore -r here sync 'exec:false'", "");
    assert_eq!(exit, Exit::Failed, "{text}");
}

#[test]
fn a_repo_that_is_served_is_synced_with() {
    let mut terminal = Terminal::new();
    terminal.ok("dronestore init here");
    terminal.run("dronestore -r here schema add -", SCHEMA);
    terminal.ok("dronestore -r here set Note:a text=one");
    let ((mut input, mut end), (output, mut said)) = (io::pipe().unwrap(), io::pipe().unwrap());
    let folder = terminal.path().to_path_buf();
    let server = thread::spawn(move || {
        let mut errors = Vec::new();
        let mut io = Io::new(&mut input, &mut said, &mut errors, folder).repo("here");
        run(["dronestore", "serve", "127.0.0.1:0", "--until-eof"], &mut io)
    });
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("serving at ").unwrap().to_owned();
    terminal.ok(&format!("dronestore clone {address} there"));
    assert_eq!(terminal.ok("dronestore -r there get a text"), "one\n");
    terminal.ok("dronestore -r there set a text+=two");
    terminal.ok(&format!("dronestore -r there sync {address}"));
    let (text, exit) = terminal.run("dronestore -r here get a", "");
    assert_eq!(exit, Exit::Busy, "{text}");
    assert!(text.contains("hint: one process at a time"), "{text}");
    end.write_all(b"bye").unwrap();
    drop(end);
    assert_eq!(server.join().unwrap(), Exit::Ok);
    assert_eq!(terminal.ok("dronestore -r here get a text"), "onetwo\n");
    let (_, exit) = terminal.run(&format!("dronestore -r here sync {address}"), "");
    assert_eq!(exit, Exit::Failed, "nobody is there any more");
}

#[test]
fn what_is_damaged_or_another_s_is_named() {
    let mut terminal = Terminal::new();
    terminal.ok("dronestore init a");
    let file = terminal.path().join("a/.drone");
    let open = Repo::open(&file).unwrap();
    assert_eq!(terminal.run("dronestore -r a info", "").1, Exit::Busy);
    drop(open);
    assert_eq!(terminal.run("dronestore -r a info", "").1, Exit::Ok);
    fs::write(terminal.path().join("b"), b"no repo, just some words that are long enough to look at")
        .unwrap();
    let (text, exit) = terminal.run("dronestore -r b info", "");
    assert_eq!(exit, Exit::Corrupt, "{text}");
    let (text, exit) = terminal.run("dronestore -r c/d info", "");
    assert_eq!(exit, Exit::NotFound, "{text}");
    assert!(text.contains("c/d"), "{text}");
    let (_, exit) = terminal.run("dronestore clone b copy", "");
    assert_eq!(exit, Exit::Corrupt);
    assert!(!terminal.path().join("copy").exists(), "a clone that fails leaves nothing");
    let (_, exit) = terminal.run("dronestore clone tcp://127.0.0.1:1 copy", "");
    assert_eq!(exit, Exit::Failed);
    assert!(!terminal.path().join("copy").exists());
}

#[test]
fn the_environment_names_a_repo() {
    let mut terminal = Terminal::new();
    terminal.ok("dronestore init a");
    let (mut input, mut output, mut errors) = (io::empty(), Vec::new(), Vec::new());
    let elsewhere = tempfile::tempdir().unwrap();
    let mut io =
        Io::new(&mut input, &mut output, &mut errors, elsewhere.path()).repo(terminal.path().join("a"));
    assert_eq!(run(["dronestore", "ls"], &mut io), Exit::Ok);
    assert_eq!(run(["dronestore", "ls", "-r", "."], &mut io), Exit::NotFound, "the option goes before it");
}

/// Gives nothing after the first bytes, as `head` does.
struct Closed(usize);

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0 {
            0 => Err(io::ErrorKind::BrokenPipe.into()),
            room => {
                self.0 -= bytes.len().min(room);
                Ok(bytes.len().min(room))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut terminal = Terminal::new();
    terminal.ok("dronestore init .");
    let (mut input, mut output, mut errors) = (io::empty().take(0), Closed(10), Vec::new());
    let mut io = Io::new(&mut input, &mut output, &mut errors, terminal.path());
    assert_eq!(run(["dronestore", "info"], &mut io), Exit::Ok);
    assert!(errors.is_empty());
}
