//! `live`: stays in touch with others.

use crate::cli::arrivals::{Arrivals, event};
use crate::cli::other::{Terms, is_address};
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds};
use crate::sync::{Live as Connection, LiveOptions, LiveState, check_address};
use crate::{Error, ErrorKind, Result};
use serde_json::json;

/// Stay in touch with repos that are served, until interrupted
///
/// What they commit comes within milliseconds, and is printed; where a connection breaks it is made again. What came is
/// kept, however this ends. Nobody else can open the repo meanwhile: it is for a replica that follows, as a backup does. A
/// program stays in touch itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It takes tcp://, tls://, ws:// and wss://; requests over HTTP end. With --json each event is a
line: of `arrived` the members are those of `log`, of `state` they are address, state (in_sync,
waiting) and error.

Examples:
  dronestore live tcp://192.168.1.7:7070
  dronestore live tcp://laptop:7070 tcp://phone:7070
  dronestore live tls://example.org:7070 --scope Note,/Team:red
  dronestore live tcp://laptop:7070 --for 3600 --json")]
pub(in crate::cli) struct Live {
    /// Where the others are served
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<String>,

    /// End after so many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,

    #[command(flatten)]
    terms: Terms,
}

/// A connection, and what was last told of it.
struct Followed {
    address: String,
    connection: Connection,
    told: (&'static str, Option<String>),
}

impl Live {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        for address in &self.addresses {
            refuse_wrong(address)?;
        }
        let repo = shell.open()?;
        kinds::note_scope(&repo, &self.terms.scope(), shell)?;
        let options = LiveOptions::new().calling(self.terms.options(shell)?);
        let mut arrivals = Arrivals::new(&repo, self.seconds);
        let mut followed = Vec::new();
        for address in &self.addresses {
            let connection = repo.live_with(address, options.clone())?;
            followed.push(Followed { address: address.clone(), connection, told: ("", None) });
        }
        loop {
            for one in &mut followed {
                one.tell(shell)?;
            }
            if !arrivals.tell(&repo, shell)? {
                return Ok(Exit::Ok);
            }
        }
    }
}

/// Refuses what is no address on which one can stay.
fn refuse_wrong(address: &str) -> Result<()> {
    let message = match is_address(address) {
        true => {
            check_address(address).map_err(|error| error.of_kind(ErrorKind::InvalidValue))?;
            match address.starts_with("http") || address.starts_with("exec:") {
                true => "one can stay at tcp://, tls://, ws:// and wss:// only; `sync` meets it once",
                false => return Ok(()),
            }
        }
        false => "an address begins with how it is called, as `tcp://host:7070`",
    };
    Err(Error::new(ErrorKind::InvalidValue, format!("{address}: {message}")))
}

impl Followed {
    /// Says how it stands, where that is not what was said last.
    fn tell(&mut self, shell: &mut Shell<'_, '_>) -> Result<()> {
        let status = self.connection.status();
        let (state, error) = match status.state {
            LiveState::InSync => ("in_sync", None),
            LiveState::Waiting(_) => ("waiting", status.error.map(|(_, message)| message)),
            _ => return Ok(()),
        };
        if self.told == (state, error.clone()) {
            return Ok(());
        }
        let line = match &error {
            None if state == "in_sync" => format!("in sync with {}", self.address),
            None => format!("{} does not stay; it is called again now and then", self.address),
            Some(error) => format!("{error}; it is tried again"),
        };
        event(shell, "state", json!({ "address": self.address, "state": state, "error": error }), line)?;
        self.told = (state, error);
        Ok(())
    }
}
