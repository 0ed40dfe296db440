//! The other process: this test binary, started anew with a part to play.

use crate::carriers::is_secure;
use dronestore::Repo;
use dronestore::sync::{self, Identity, Pin, ServeOptions, SyncOptions};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

const PART: &str = "DRONESTORE_CARRIER_PART";
const PATH: &str = "DRONESTORE_CARRIER_PATH";
const ADDRESS: &str = "DRONESTORE_CARRIER_ADDRESS";
const KEY: &str = "DRONESTORE_CARRIER_KEY";
const PIN: &str = "DRONESTORE_CARRIER_PIN";

/// The words with which this binary plays a part.
pub const ARGUMENTS: [&str; 4] =
    ["--exact", "carriers::child::plays_a_part", "--nocapture", "--test-threads=1"];

/// No test of its own: without a part in the environment there is nothing to do.
#[test]
fn plays_a_part() {
    let Ok(part) = std::env::var(PART) else { return };
    let repo = Repo::open(std::env::var_os(PATH).unwrap()).unwrap();
    match part.as_str() {
        "serve" => serves(&repo),
        "call" => calls(&repo),
        // The harness writes to the output: the session has another one.
        "answer" => {
            let output = File::options().write(true).open("/dev/fd/3").unwrap();
            sync::answer(&repo, sync::duplex(std::io::stdin(), output)).unwrap();
        }
        _ => panic!("no part is called {part}"),
    }
}

fn serves(repo: &Repo) {
    let address = std::env::var(ADDRESS).unwrap();
    let mut options = ServeOptions::new();
    if is_secure(address.split(':').next().unwrap()) {
        let pin: Pin = std::env::var(PIN).unwrap().parse().unwrap();
        options = options.identity(Identity::open(std::env::var_os(KEY).unwrap()).unwrap()).allow(pin);
    }
    let server = repo.serve_with_options(&address, &options).unwrap();
    say(&format!("@url {}", server.url()));
    // Until the one who started it is done.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    say(&format!("@hash {}", repo.hash()));
}

fn calls(repo: &Repo) {
    let address = std::env::var(ADDRESS).unwrap();
    let mut options = SyncOptions::new().commands(true);
    if let Ok(pin) = std::env::var(PIN) {
        let identity = Identity::open(std::env::var_os(KEY).unwrap()).unwrap();
        options = options.pin(pin.parse().unwrap()).identity(identity);
    }
    let report = repo.sync_with_options(&address, &options).unwrap();
    let received = &report.received;
    let came = received.new + received.forwarded + received.merged + received.known;
    say(&format!("@report {} {} {came} {}", report.in_sync, report.sent, repo.hash()));
}

/// The test harness leaves lines unfinished.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// This binary with a part to play on a file.
pub fn part(part: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(ARGUMENTS).env(PART, part).env(PATH, path);
    command
}

fn with_keys(command: &mut Command, keys: Option<(&Path, Pin)>) {
    if let Some((own, theirs)) = keys {
        command.env(KEY, own).env(PIN, theirs.to_string());
    }
}

/// What a line of the output says behind a word.
fn heard(lines: &mut impl Iterator<Item = std::io::Result<String>>, word: &str) -> String {
    let line = lines.map(Result::unwrap).find(|line| line.starts_with(word));
    line.expect("the child says it")[word.len()..].trim().to_owned()
}

/// A process that serves a file.
pub struct Serving {
    child: Child,
    input: Option<ChildStdin>,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    pub url: String,
}

impl Serving {
    pub fn start(path: &Path, address: &str, keys: Option<(&Path, Pin)>) -> Serving {
        let mut command = part("serve", path);
        with_keys(&mut command, keys);
        let mut child =
            command.env(ADDRESS, address).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = heard(&mut lines, "@url");
        Serving { input: child.stdin.take(), child, lines, url }
    }

    /// Ends it, and gives the hash that it has come to.
    pub fn end(mut self) -> String {
        drop(self.input.take());
        let hash = heard(&mut self.lines, "@hash");
        assert!(self.child.wait().unwrap().success());
        hash
    }
}

/// What a call came to: whether it ended in sync, how many versions went out and came in, and the hash.
#[derive(Debug, PartialEq, Eq)]
pub struct Called {
    pub in_sync: bool,
    pub sent: usize,
    pub came: usize,
    pub hash: String,
}

/// Has a process call an address for a file.
pub fn call(path: &Path, address: &str, keys: Option<(&Path, Pin)>) -> Called {
    let mut command = part("call", path);
    with_keys(&mut command, keys);
    let output = command.env(ADDRESS, address).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let line = heard(&mut output.stdout.lines(), "@report");
    let words: Vec<&str> = line.split(' ').collect();
    Called {
        in_sync: words[0] == "true",
        sent: words[1].parse().unwrap(),
        came: words[2].parse().unwrap(),
        hash: words[3].to_owned(),
    }
}

/// A script that has this binary answer for a file on its input and output.
pub fn answering_script(folder: &crate::folder::Folder, path: &Path) -> std::path::PathBuf {
    let binary = std::env::current_exe().unwrap();
    let script = folder.join("answer.sh");
    let text = format!(
        "{PART}=answer {PATH}='{}' exec '{}' {} 3>&1 1>/dev/null\n",
        path.display(),
        binary.display(),
        ARGUMENTS.join(" "),
    );
    std::fs::write(&script, text).unwrap();
    script
}
