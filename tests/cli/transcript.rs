//! Sessions as they are typed, with what they print: files in `transcripts`, and the one of the README.
//!
//! ```text
//! $ command            run; behind `<<'END'` its input, up to the line END
//! output               what it prints, with hashes, times and numbers of bytes masked
//! [exit 3]             how it ends, where that is not 0; the README leaves it away
//! # comment
//! ```
//!
//! Lines of an explanation that begin with `*` or `-` are in the order of random actors, and compared as a set.

use dronestore::cli::{Exit, Io, run};
use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Output and errors in the order in which they come.
#[derive(Clone, Default)]
struct Screen(Rc<RefCell<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A folder with somebody in it who types.
pub(super) struct Terminal {
    folder: tempfile::TempDir,
    pub(super) at: PathBuf,
}

impl Terminal {
    pub(super) fn new() -> Terminal {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_path_buf();
        Terminal { folder, at }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a line prints, and how it ends.
    pub(super) fn run(&mut self, line: &str, input: &str) -> (String, Exit) {
        let words = words(line);
        match words[0].as_str() {
            "cd" => {
                self.at = self.at.join(&words[1]).canonicalize().unwrap();
                (String::new(), Exit::Ok)
            }
            "dronestore" => {
                let (screen, mut input) = (Screen::default(), input.as_bytes());
                let (mut output, mut errors) = (screen.clone(), screen.clone());
                let mut io = Io::new(&mut input, &mut output, &mut errors, &self.at);
                let (words, to) = match words.iter().position(|word| word == ">") {
                    Some(at) => (&words[..at], Some(&words[at + 1])),
                    None => (&words[..], None),
                };
                let exit = run(words, &mut io);
                let text = String::from_utf8(screen.0.borrow().clone()).unwrap();
                match to {
                    Some(file) => {
                        fs::write(self.at.join(file), text).map(|()| (String::new(), exit)).unwrap()
                    }
                    None => (text, exit),
                }
            }
            other => panic!("`{other}` is no command of a transcript"),
        }
    }

    /// As [`Terminal::run`], of what must end well.
    pub(super) fn ok(&mut self, line: &str) -> String {
        let (text, exit) = self.run(line, "");
        assert_eq!(exit, Exit::Ok, "{line}: {text}");
        text
    }
}

/// The words of a line, as a shell takes them: quotes and no more.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for char in line.chars() {
        match (char, quote) {
            (_, Some(open)) if char == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(char),
            ('"' | '\'', None) => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    words
}

/// Hashes, times and numbers of bytes as signs of the same width.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for line in text.lines() {
        let mut out = String::new();
        for part in line.split_inclusive(|char: char| !char.is_ascii_alphanumeric()) {
            let word = part.trim_end_matches(|char: char| !char.is_ascii_alphanumeric());
            let is_hash = [8, 16, 24, 32, 64].contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            out.push_str(&if is_hash {
                part.replace(word, &"#".repeat(word.len()))
            } else {
                part.to_owned()
            });
        }
        masked.push_str(without_sizes(&without_times(&out)).trim_end());
        masked.push('\n');
    }
    as_sets(&masked)
}

/// A time is twenty signs to its seconds, and may have a fraction.
fn without_times(line: &str) -> String {
    let is_time = |text: &str| {
        text.len() >= 19
            && text.bytes().take(19).enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                10 => byte == b'T',
                13 | 16 => byte == b':',
                _ => byte.is_ascii_digit(),
            })
    };
    let Some(at) = (0..line.len()).find(|at| line.get(*at..).is_some_and(is_time)) else {
        return line.to_owned();
    };
    let end = line[at..].find('Z').map_or(line.len(), |end| at + end + 1);
    format!("{}@{}", &line[..at], without_times(&line[end..]))
}

fn without_sizes(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for at in 1..words.len() {
        let is_unit = words[at].starts_with("bytes") || words[at] == "out";
        let number = words[at - 1].trim_start_matches('(').to_owned();
        if is_unit && number.parse::<u64>().is_ok() {
            words[at - 1] = words[at - 1].replace(&number, "N");
        }
    }
    words.join(" ")
}

/// Lines that follow one another and begin with `*` or `-`, sorted.
fn as_sets(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let is_write = |line: &&str| line.trim_start().starts_with("* ") || line.trim_start().starts_with("- ");
    for run in lines.chunk_by_mut(|one, other| is_write(one) && is_write(other)) {
        if run.len() > 1 {
            run.sort_by_key(|line| line.trim_start().to_owned());
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Types a session and compares what it prints; gives what it was, for the message.
fn check(name: &str, session: &str, with_exits: bool) {
    let mut terminal = Terminal::new();
    let mut lines = session.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ ") else {
            assert!(line.is_empty() || line.starts_with('#'), "{name}: `{line}` belongs to no command");
            continue;
        };
        let (command, input) = match command.split_once(" <<'END'") {
            Some((command, _)) => (
                command,
                lines.by_ref().take_while(|line| *line != "END").map(|line| format!("{line}\n")).collect(),
            ),
            None => (command, String::new()),
        };
        let mut expected = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with('#')) {
            expected.push_str(line);
            expected.push('\n');
        }
        let (mut printed, exit) = terminal.run(command, &input);
        if with_exits && exit != Exit::Ok {
            printed.push_str(&format!("[exit {}]\n", exit.code()));
        }
        let printed = printed.replace(&terminal.path().display().to_string(), "…");
        assert!(
            masked(printed.trim_end()) == masked(expected.trim_end()),
            "{name}: $ {command}\n--- printed:\n{printed}--- expected:\n{expected}"
        );
    }
}

#[test]
fn transcripts_are_what_is_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cli/transcripts");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 4);
    for file in files {
        check(&file.file_name().unwrap().to_string_lossy(), &fs::read_to_string(&file).unwrap(), true);
    }
}

#[test]
fn the_session_of_the_readme_is_what_is_printed() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let session = readme.split("```console\n").nth(1).expect("the README has a session");
    check("README.md", session.split("```").next().unwrap(), false);
}
