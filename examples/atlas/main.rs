//! Atlas: an edit history of many authors, replayed on a replica each, until all of them agree.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod compare;
mod history;
mod meet;
mod replay;
mod report;

use args::{Args, HELP};
use dronestore::{Hash, Key, Repo};
use history::History;
use indicatif::{ProgressBar, ProgressStyle};
use meet::{Ending, Tally};
use replay::{AuthorsClock, Replicas};
use report::{Report, folder_bytes};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A hiking club's huts: invented for this example.
const SAMPLE: &str = include_str!("../data/huts.jsonl");

fn main() -> ExitCode {
    let args = match Args::read(lexopt::Parser::from_env()) {
        Ok(args) if args.help => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(args) => args,
        Err(error) => {
            eprintln!("atlas: {error}; `--help` lists the arguments");
            return ExitCode::from(2);
        }
    };
    match run(&args) {
        Ok(report) => show(&report, args.json),
        Err(error) => {
            eprintln!("atlas: {error}");
            ExitCode::FAILURE
        }
    }
}

fn show(report: &Report, json: bool) -> ExitCode {
    if json {
        println!("{}", report.to_json());
    } else {
        print!("{report}");
    }
    for failure in &report.failures {
        eprintln!("atlas: FAILED: {failure}");
    }
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(args: &Args) -> Result<Report> {
    let history = match &args.file {
        Some(file) => History::open(file)?,
        None => History::read(SAMPLE.as_bytes())?,
    };
    let temporary;
    let folder = match &args.keep {
        Some(folder) => empty_folder(folder)?,
        None => {
            temporary = tempfile::Builder::new().prefix("atlas-").tempdir()?;
            temporary.path()
        }
    };
    let started = Instant::now();
    let mut report = Report::default();
    if args.first_parent {
        let bar = progress("commits replayed", 0);
        compare::compare(&history, folder, &mut report, &bar)?;
        bar.finish_and_clear();
    } else {
        let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
        many(&history, folder, seed, &mut report)?;
    }
    report.time("time", started.elapsed());
    report.bytes("files", folder_bytes(folder)?);
    report.peak_memory();
    Ok(report)
}

/// The main job: replay on many replicas, meetings, the hash that all share.
fn many(history: &History, folder: &Path, seed: u64, report: &mut Report) -> Result<()> {
    let clock = AuthorsClock::default();
    let mut tally = Tally::default();
    let started = Instant::now();
    let replicas = replay::open(history, folder, &clock)?;
    let bar = progress("commits replayed", history.commits.len() as u64);
    replay::replay(history, &replicas, &clock, &mut tally, &bar)?;
    bar.finish_and_clear();
    let replayed = started.elapsed();
    let expected = meet::onlooker(&replicas)?;
    let bar = progress("replicas agree", replicas.len() as u64);
    let (rounds, ending) = meet::meet(&replicas, &mut fastrand::Rng::with_seed(seed), &mut tally, &bar)?;
    bar.finish_and_clear();
    let met = started.elapsed() - replayed;

    report.number("seed", seed);
    report.count("replicas", replicas.len() as u64);
    replicas.values().next().map(|repo| objects(repo, report)).transpose()?;
    report.count("commits", history.commits.len() as u64);
    tally.report(report);
    report.count("rounds of meetings", rounds);
    report.time("replay", replayed);
    report.time("meetings", met);
    judge(&replicas, &ending, expected, report)
}

/// What a replica holds.
fn objects(repo: &Repo, report: &mut Report) -> dronestore::Result<()> {
    let versions = repo.objects(&Key::root())?.collect::<dronestore::Result<Vec<_>>>()?;
    let deleted = versions.iter().filter(|version| version.is_deleted()).count();
    report.count("objects", (versions.len() - deleted) as u64);
    report.count("objects deleted", deleted as u64);
    report.bytes("state of a replica", versions.iter().map(|version| version.to_bytes().len() as u64).sum());
    Ok(())
}

/// Adds the hash that all share, or why there is none that can be trusted.
fn judge(replicas: &Replicas, ending: &Ending, expected: Hash, report: &mut Report) -> Result<()> {
    match ending {
        Ending::Agreed(hash) => report.text("repo hash", hash),
        Ending::Disagreed(who) => report.failures.push(format!("the replicas do not agree: {who}")),
    }
    if matches!(ending, Ending::Agreed(hash) if *hash != expected) {
        report.failures.push(format!("merged one by one, without meetings, the hash is {expected}"));
    }
    for author in meet::liars(replicas)? {
        report.failures.push(format!("the replica of author {author} does not hold what its hash says"));
    }
    Ok(())
}

/// A folder that holds nothing yet: what an earlier run left would be taken for a part of this one.
fn empty_folder(folder: &Path) -> Result<&Path> {
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make `{}`: {error}", folder.display()))?;
    if std::fs::read_dir(folder)?.next().is_some() {
        return Err(format!("`{}` is not empty; give `--keep` an empty folder", folder.display()).into());
    }
    Ok(folder)
}

/// A bar on stderr, hidden where that is no terminal.
fn progress(what: &'static str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg} ({elapsed})");
    let bar = ProgressBar::new(length).with_message(what);
    // The template is constant; were it wrong, the plain bar does as well.
    style.into_iter().for_each(|style| bar.set_style(style));
    bar
}
