//! What needs two at once: a repo that is served, one that is busy, one that is damaged, one that is elsewhere.

use super::transcript::Terminal;
use dronestore::Repo;
use dronestore::cli::{Exit, Io, run};
use std::io::{BufRead, BufReader, Read, Write};
use std::{fs, io, thread};

const SCHEMA: &str = "struct Note { #[merge(text)] text: String }";

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
