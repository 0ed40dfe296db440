//! The command line as types: from them come parsing, help, completions and the man page.

use super::commands::{
    branch, bundle, clone, compact, completions, conflicts, diff, explain, export, get, gossip, import, info,
    init, live, log, ls, man, merge, peers, publish, pull, push, query, resolve, rm, schema, search, serve,
    set, stats, sync, verify,
};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Distributed version control for application data: edit offline, sync, and merge field by field.
///
/// A repo is one file, `.drone`, in a folder. Its objects have a key such as `Note:groceries`, and attributes that
/// each merge by a rule of their own, which the schema of their kind states. No program is needed that knows the
/// types: the schema is in the data.
#[derive(Debug, Parser)]
#[command(
    name = "dronestore",
    version,
    disable_help_subcommand = true,
    after_help = "\
Where the repo is: --repo, else DRONESTORE_REPO, else `.drone` here or in a folder above.

Naming an object: by its key (Note:groceries, /Shop/Note:groceries), or, where only one
object is meant, by its name, its id (as `ls` shows it) or its version's hash, each of the
last two by its first four letters or more.

Exit codes: 0 done, 1 there are differences or conflicts, 2 not understood, 3 not found,
4 damaged, 5 busy, 6 refused by a rule, 7 disk or network failed.

Examples:
  dronestore init notes && cd notes
  dronestore schema add note.schema
  dronestore set Note:groceries text=milk tags+=food
  dronestore get groceries
  dronestore sync ../other"
)]
pub(super) struct Arguments {
    /// The repo: its file, or the folder with its `.drone`
    #[arg(short, long, global = true, value_name = "PATH")]
    pub(super) repo: Option<PathBuf>,

    /// Answer with one JSON object, errors too
    #[arg(long, global = true, overrides_with = "json")]
    pub(super) json: bool,

    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(init::Init),
    Clone(clone::Clone),
    Info(info::Info),
    Ls(ls::Ls),
    Get(get::Get),
    Query(query::Query),
    Search(search::Search),
    Set(set::Set),
    Rm(rm::Rm),
    Log(log::Log),
    Diff(diff::Diff),
    Branch(branch::Branch),
    Merge(merge::Merge),
    Sync(sync::Sync),
    Pull(pull::Pull),
    Push(push::Push),
    Publish(publish::Publish),
    Serve(serve::Serve),
    Live(live::Live),
    Gossip(gossip::Gossip),
    Peers(peers::Peers),
    Bundle(bundle::Bundle),
    Conflicts(conflicts::Conflicts),
    Resolve(resolve::Resolve),
    Explain(explain::Explain),
    Schema(schema::Schema),
    Verify(verify::Verify),
    Compact(compact::Compact),
    Export(export::Export),
    Import(import::Import),
    Stats(stats::Stats),
    Completions(completions::Completions),
    Man(man::Man),
}
