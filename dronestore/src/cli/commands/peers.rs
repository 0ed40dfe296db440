//! `peers`: who was met.

use crate::cli::shell::Shell;
use crate::cli::table::table;
use crate::cli::{Exit, show};
use crate::{Nanotime, Peer, Result};
use serde_json::{Value as Json, json};

/// List the other replicas that this repo has met
///
/// One line each: who it is, where it was last called, when both last met and were last known to hold the same, what
/// passed between them, and how many objects have changed here since. What is met through a shared folder or a bundle
/// is no meeting.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A dash stands for what is not known. IN and OUT are versions; BEHIND is how many objects the
other one lacks at most.

Examples:
  dronestore peers
  dronestore peers --json")]
pub(in crate::cli) struct Peers {}

impl Peers {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let peers = shell.open()?.peers()?;
        let listed: Vec<Json> = peers.iter().map(as_json).collect();
        shell.answer(json!({ "peers": listed }))?;
        let rows: Vec<_> = peers.iter().map(row).collect();
        if !rows.is_empty() {
            let head = ["PEER", "LAST MET", "IN SYNC", "SESSIONS", "IN", "OUT", "BEHIND", "ADDRESS"];
            shell.print(table(head, &rows))?;
        }
        Ok(Exit::Ok)
    }
}

fn row(peer: &Peer) -> [String; 8] {
    let time = |time: Option<Nanotime>| time.map_or_else(|| "-".to_owned(), show::time);
    [
        show::short(peer.actor),
        time(peer.last_met),
        time(peer.in_sync_at),
        peer.sessions.to_string(),
        peer.versions_in.to_string(),
        peer.versions_out.to_string(),
        peer.behind.map_or_else(|| "-".to_owned(), |behind| behind.to_string()),
        peer.address.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

fn as_json(peer: &Peer) -> Json {
    let time = |time: Option<Nanotime>| time.map(|time| time.to_string());
    json!({
        "actor": peer.actor.to_string(),
        "address": peer.address,
        "first_met": time(peer.first_met),
        "last_met": time(peer.last_met),
        "in_sync_at": time(peer.in_sync_at),
        "sessions": peer.sessions,
        "versions_in": peer.versions_in,
        "versions_out": peer.versions_out,
        "bytes_in": peer.bytes_in,
        "bytes_out": peer.bytes_out,
        "behind": peer.behind,
    })
}
