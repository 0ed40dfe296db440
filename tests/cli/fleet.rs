//! What goes on until it is told to end: staying in touch, meeting a fleet; and who was met.

use super::transcript::Terminal;
use dronestore::cli::{Exit, Io, run};
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, PipeReader};
use std::{io, thread};

/// A command that goes on, and what it prints.
struct Running {
    output: BufReader<PipeReader>,
    command: thread::JoinHandle<Exit>,
    /// As long as it is there, whatever ends with its input goes on.
    input: io::PipeWriter,
}

fn start(terminal: &Terminal, line: &str) -> Running {
    let ((mut input, end), (output, mut said)) = (io::pipe().unwrap(), io::pipe().unwrap());
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let folder = terminal.path().to_path_buf();
    let command = thread::spawn(move || {
        let mut errors = Vec::new();
        let exit = run(words, &mut Io::new(&mut input, &mut said, &mut errors, folder));
        assert!(exit == Exit::Ok, "{}", String::from_utf8_lossy(&errors));
        exit
    });
    Running { output: BufReader::new(output), command, input: end }
}

impl Running {
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).unwrap() > 0, "it has ended");
        line.trim_end().to_owned()
    }

    /// The next line that has this in it.
    fn line_with(&mut self, what: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(what) {
                return line;
            }
        }
    }

    /// Nobody reads what it prints any more.
    fn end(self) {
        drop((self.output, self.input));
        assert_eq!(self.command.join().unwrap(), Exit::Ok);
    }
}

fn begun() -> Terminal {
    let mut terminal = Terminal::new();
    terminal.ok("dronestore init here");
    terminal.run("dronestore -r here schema add -", "struct Note { #[merge(text)] text: String }");
    terminal.ok("dronestore -r here set Note:a text=one");
    terminal
}

#[test]
fn what_others_commit_arrives_while_it_stays() {
    let mut terminal = begun();
    let mut server = start(&terminal, "dronestore -r here serve 127.0.0.1:0 --until-eof");
    let address = server.line_with("serving at").replace("serving at ", "");
    terminal.ok(&format!("dronestore clone {address} follower"));
    terminal.ok(&format!("dronestore clone {address} other"));
    let mut live = start(&terminal, &format!("dronestore -r follower live {address}"));
    assert_eq!(live.line(), format!("in sync with {address}"));
    terminal.ok("dronestore -r other set a text=two");
    terminal.ok(&format!("dronestore -r other sync {address}"));
    let line = live.line_with("Note:a");
    assert!(line.starts_with("Note:a at version ") && line.ends_with(": came"), "{line}");
    let (text, exit) = terminal.run("dronestore -r follower get a text", "");
    assert_eq!(exit, Exit::Busy, "{text}");
    assert!(text.contains("is open in another process\nhint: one process at a time"), "{text}");
    drop(live.output);
    terminal.ok("dronestore -r other set Note:b text=three");
    terminal.ok(&format!("dronestore -r other sync {address}"));
    assert_eq!(live.command.join().unwrap(), Exit::Ok);
    assert_eq!(terminal.ok("dronestore -r follower get b text"), "three\n");
    let mut live = start(&terminal, &format!("dronestore -r follower live {address} --for 1 --json"));
    let event: Json = serde_json::from_str(&live.line()).unwrap();
    assert_eq!((event["event"].as_str(), event["state"].as_str()), (Some("state"), Some("in_sync")));
    assert_eq!(live.command.join().unwrap(), Exit::Ok, "its time is over");
    server.end();
    let peers = terminal.ok("dronestore -r follower peers");
    assert!(peers.starts_with("PEER ") && peers.trim_end().ends_with(&address), "{peers}");
    let peers: Json = serde_json::from_str(&terminal.ok("dronestore -r follower peers --json")).unwrap();
    let members: Vec<&String> = peers["peers"][0].as_object().unwrap().keys().collect();
    let first =
        ["actor", "address", "behind", "bytes_in", "bytes_out", "first_met", "in_sync_at", "last_met"];
    let all: Vec<&str> = first.into_iter().chain(["sessions", "versions_in", "versions_out"]).collect();
    assert_eq!(members, all);
}

#[test]
fn a_fleet_meets_without_a_leader() {
    let mut terminal = begun();
    terminal.ok("dronestore clone here second");
    terminal.ok("dronestore clone here third");
    let mut first = start(&terminal, "dronestore -r here serve 127.0.0.1:0 --until-eof");
    let address = first.line().replace("serving at ", "");
    let line = format!("dronestore -r second gossip {address} --listen 127.0.0.1:0 --every 0.05");
    let mut second = start(&terminal, &line);
    let own = second.line_with("serving at").replace("serving at ", "");
    second.line_with(&format!("met {address}: in sync"));
    terminal.ok("dronestore -r third set a text=two");
    terminal.ok(&format!("dronestore -r third sync {own}"));
    second.line_with("Note:a at version ");
    second.line_with("sent 1");
    second.end();
    first.end();
    assert_eq!(terminal.ok("dronestore -r here get a text"), "two\n");
    let line = format!("dronestore -r second gossip {address} --listen 127.0.0.1:0 --for 1 --json");
    let mut second = start(&terminal, &line);
    let event: Json = serde_json::from_str(&second.line()).unwrap();
    assert_eq!(event["event"], "serving");
    let event: Json = serde_json::from_str(&second.line()).unwrap();
    assert!(event["event"] == "met" && event["error"].is_string(), "{event}");
    assert_eq!(second.command.join().unwrap(), Exit::Ok);
}
