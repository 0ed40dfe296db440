//! The command `dronestore` as a library: [`run`] takes arguments and what it may read and write, and gives how it
//! ended. Guide: [`guide::cli`](crate::guide::cli).
//!
//! It needs no Rust types: the schema is in the data. Each command is a file in `commands`, and thin.
//!
//! Absent from this folder: rules of merging, reading and writing; they are the library's.

mod args;
mod arrivals;
mod assign;
mod commands;
mod decisions;
mod exit;
mod io;
mod kinds;
mod names;
mod other;
mod place;
mod places;
mod progress;
mod shell;
mod show;
mod spot;
mod table;
mod typed;

pub use exit::Exit;
pub use io::{Io, main};

use args::Arguments;
use clap::Parser;
use shell::Shell;
use std::ffi::OsString;

/// Runs one command; `args` begin with the name of the program.
///
/// What went wrong is told on `io`, in words or, with `--json`, as data; the result says how it ended.
///
/// ```
/// use dronestore::cli::{Exit, Io, run};
///
/// let (mut input, mut output, mut errors) = (std::io::empty(), Vec::new(), Vec::new());
/// let mut io = Io::new(&mut input, &mut output, &mut errors, std::env::temp_dir());
/// assert_eq!(run(["dronestore", "ls", "--repo", "nowhere.drone"], &mut io), Exit::NotFound);
/// ```
pub fn run<A: Into<OsString> + Clone>(args: impl IntoIterator<Item = A>, io: &mut Io<'_>) -> Exit {
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    // Asked of the words, because where they are not understood there are no arguments to ask.
    let json = args.iter().any(|arg| arg == "--json");
    match Arguments::try_parse_from(&args) {
        Ok(arguments) => {
            let mut shell = Shell::new(io, arguments.repo, arguments.json);
            match commands::run(arguments.command, &mut shell) {
                Ok(exit) => exit,
                Err(error) => shell.fail(&error),
            }
        }
        Err(error) if error.use_stderr() => io.refuse(&error, json),
        Err(help) => io.help(&help),
    }
}

/// The command with all that it knows, for man pages and completions.
fn command() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}
