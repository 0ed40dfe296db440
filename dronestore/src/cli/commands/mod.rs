//! The commands, a file each: their words, and what they do with the library.

pub(super) mod branch;
pub(super) mod bundle;
pub(super) mod clone;
pub(super) mod compact;
pub(super) mod completions;
pub(super) mod conflicts;
pub(super) mod diff;
pub(super) mod explain;
pub(super) mod export;
pub(super) mod get;
pub(super) mod gossip;
pub(super) mod import;
pub(super) mod info;
pub(super) mod init;
pub(super) mod live;
pub(super) mod log;
pub(super) mod ls;
pub(super) mod man;
pub(super) mod merge;
pub(super) mod peers;
pub(super) mod publish;
pub(super) mod pull;
pub(super) mod push;
pub(super) mod query;
pub(super) mod resolve;
pub(super) mod rm;
pub(super) mod schema;
pub(super) mod search;
pub(super) mod serve;
pub(super) mod set;
pub(super) mod stats;
pub(super) mod sync;
pub(super) mod verify;

use super::args::Command;
use super::shell::Shell;
use super::{Exit, show};
use crate::folder::PullReport;
use crate::repo::MergeReport;
use crate::{Error, ErrorKind, Result};
use std::path::Path;

pub(super) fn run(command: Command, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    match command {
        Command::Init(command) => command.run(shell),
        Command::Clone(command) => command.run(shell),
        Command::Info(command) => command.run(shell),
        Command::Ls(command) => command.run(shell),
        Command::Get(command) => command.run(shell),
        Command::Query(command) => command.run(shell),
        Command::Search(command) => command.run(shell),
        Command::Set(command) => command.run(shell),
        Command::Rm(command) => command.run(shell),
        Command::Log(command) => command.run(shell),
        Command::Diff(command) => command.run(shell),
        Command::Branch(command) => command.run(shell),
        Command::Merge(command) => command.run(shell),
        Command::Sync(command) => command.run(shell),
        Command::Pull(command) => command.run(shell),
        Command::Push(command) => command.run(shell),
        Command::Publish(command) => command.run(shell),
        Command::Serve(command) => command.run(shell),
        Command::Live(command) => command.run(shell),
        Command::Gossip(command) => command.run(shell),
        Command::Peers(command) => command.run(shell),
        Command::Bundle(command) => command.run(shell),
        Command::Conflicts(command) => command.run(shell),
        Command::Resolve(command) => command.run(shell),
        Command::Explain(command) => command.run(shell),
        Command::Schema(command) => command.run(shell),
        Command::Verify(command) => command.run(shell),
        Command::Compact(command) => command.run(shell),
        Command::Export(command) => command.run(shell),
        Command::Import(command) => command.run(shell),
        Command::Stats(command) => command.run(shell),
        Command::Completions(command) => command.run(shell),
        Command::Man(command) => command.run(shell),
    }
}

/// Refuses to write over a file that is there, unless somebody wants just that.
fn refuse_to_overwrite(shown: &Path, path: &Path, force: bool) -> Result<()> {
    if force || !path.exists() {
        return Ok(());
    }
    let message = format!(
        "`{}` is there already: choose another name, or write over it with `--force`",
        shown.display()
    );
    Err(Error::new(ErrorKind::Refused, message))
}

/// Tells what a merge came to; something set aside is found.
fn tell_merge(report: &MergeReport, shell: &mut Shell<'_, '_>) -> Result<Exit> {
    shell.answer(show::merge(report))?;
    shell.say(report)?;
    note_conflicts(report, shell);
    Ok(if report.forked.is_empty() { Exit::Ok } else { Exit::Found })
}

/// Says what a person may want to look at.
fn note_conflicts(report: &MergeReport, shell: &mut Shell<'_, '_>) {
    if report.conflicts > 0 {
        shell.note("`dronestore conflicts` lists what waits for a decision");
    }
    for key in &report.forked {
        let name = show::name(key);
        shell.note(format_args!("{name} was set aside: two different commits of it bear one name"));
    }
}

/// Says what of a shared folder was not taken.
fn note_pull(report: &PullReport, shell: &mut Shell<'_, '_>) {
    note_conflicts(&report.received, shell);
    for (name, why) in &report.unreadable {
        shell.note(format_args!("{name} cannot be read, and is tried again next time: {why}"));
    }
}

/// Whether all that there is in a shared folder was taken.
fn is_settled(report: &PullReport) -> bool {
    let is_left = report.waiting + report.foreign + report.unreadable.len() > 0;
    report.received.forked.is_empty() && !is_left
}

/// One way only: what a session over an address cannot do.
fn one_way(word: &str, place: &str) -> Error {
    let is_web = place.starts_with("http://") || place.starts_with("https://");
    let web = match word {
        "pull" if is_web => "; of a folder that a web server hands out it takes the index, `…/NAME.index`",
        _ => "",
    };
    let message = format!(
        "`{word}` takes the path of a repo: a session with `{place}` goes both ways, `sync` makes one{web}"
    );
    Error::new(ErrorKind::Unsupported, message)
}
