//! Merges: every merge of an edit history made again, beside what the people left and what git makes of it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod git;
// Read as `atlas` reads it, which uses more of it.
#[allow(dead_code)]
#[path = "../atlas/history.rs"]
mod history;
mod members;
mod people;
mod replay;
mod report;

use history::History;
use lexopt::prelude::{Long, Short, Value, ValueExt};
use people::People;
use report::{Column, Report};
use std::path::PathBuf;
use std::process::ExitCode;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A hiking club's huts: invented for the examples.
const SAMPLE: &str = include_str!("../data/huts.jsonl");

const HELP: &str = "\
Makes every merge of an edit history again: each commit is made on the merge of its parents' states, and
what the merge reads as is compared with what the people left. Beside it, git's merge by lines of the same
objects as pretty-printed JSON, one file an object and all in one file.

Usage: merges [FILE] [options]

  FILE         the history: JSON lines, plain or gzip; without it a small invented one is used
  --no-git     without git
  --json       print the result as JSON
  -h, --help   print this";

#[derive(Debug, Default)]
struct Args {
    file: Option<PathBuf>,
    no_git: bool,
    json: bool,
    help: bool,
}

impl Args {
    fn read(mut words: lexopt::Parser) -> Result<Args, lexopt::Error> {
        let mut args = Args::default();
        while let Some(word) = words.next()? {
            match word {
                Long("no-git") => args.no_git = true,
                Long("json") => args.json = true,
                Long("help") | Short('h') => args.help = true,
                Value(file) if args.file.is_none() => args.file = Some(file.parse()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(args)
    }
}

fn main() -> ExitCode {
    let args = match Args::read(lexopt::Parser::from_env()) {
        Ok(args) if args.help => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(args) => args,
        Err(error) => {
            eprintln!("merges: {error}; `--help` lists the arguments");
            return ExitCode::from(2);
        }
    };
    match run(&args) {
        Ok(report) if args.json => println!("{}", report.to_json()),
        Ok(report) => print!("{report}"),
        Err(error) => {
            eprintln!("merges: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run(args: &Args) -> Result<Report> {
    let history = match &args.file {
        Some(file) => History::open(file)?,
        None => History::read(SAMPLE.as_bytes())?,
    };
    let people = People::of(&history);
    let merges = people.merges();
    let fast = merges.iter().filter(|merge| people.is_fast_forward(**merge)).count();
    let mut report = Report { merges: merges.len(), fast_forwards: fast, columns: Vec::new() };
    let mut add = |name, column: Column| report.columns.push((name, column));
    add("by attribute", replay::replay(&people, members::Grain::Attributes)?);
    add("by member", replay::replay(&people, members::Grain::Members)?);
    if args.no_git {
        return Ok(report);
    }
    match git::version() {
        Ok(_) => {
            add("git, a file an object", git::merge_objects(&people)?);
            add("git, one file", git::merge_files(&people)?);
        }
        Err(error) => eprintln!("merges: git is left out: {error}"),
    }
    Ok(report)
}
