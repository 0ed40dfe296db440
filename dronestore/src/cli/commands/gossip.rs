//! `gossip`: serves, and meets others by chance.

use super::serve::listen;
use crate::cli::arrivals::{Arrivals, event};
use crate::cli::other::{Terms, is_address};
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, show};
use crate::sync::{Gossip as Fleet, Met, Pin, ServeOptions, check_address};
use crate::{Error, ErrorKind, Result};
use serde_json::{Value as Json, json};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Take part in a fleet without a leader: serve, and meet one of the others by chance each round
///
/// It goes on until it is interrupted; what came in by then is kept. A write reaches all of a fleet in about as many rounds as
/// its size has binary digits. Whoever does not answer is left alone for a while. Nobody else can open the repo
/// meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Others are met at the addresses that are given, each as `sync` takes it; not all of a fleet
have to know all. With --json each event is a line: of `serving` the members are address and
pin, of `met` address, error, and those of `sync`, of `arrived` those of `log`.

Examples:
  dronestore gossip tcp://laptop:7070 tcp://phone:7070 --listen 0.0.0.0:7070
  dronestore gossip tcp://10.0.0.2:7070 --every 5 --for 60
  dronestore gossip tls://laptop:7070 --listen tls://0.0.0.0:7070 --identity me.pem --json")]
pub(in crate::cli) struct Gossip {
    /// Where others are served
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,

    /// Where to listen, as `serve` has it; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7070")]
    listen: String,

    /// How many seconds a round takes, about
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    every: f64,

    /// Find the others on the local network too, and be found there: listen where they can call
    #[cfg(feature = "mdns")]
    #[arg(long)]
    mdns: bool,

    /// End after so many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,

    /// Over TLS: let only whoever holds the key with this pin call, `sha256:…`; with several, each of them
    #[arg(long, value_name = "PIN", requires = "identity")]
    allow: Vec<Pin>,

    #[command(flatten)]
    terms: Terms,
}

/// What came of a meeting, for programs and for people.
type Told = (Json, String);

impl Gossip {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        self.refuse_wrong()?;
        let every = Duration::try_from_secs_f64(self.every).ok().filter(|every| !every.is_zero());
        let every = every.ok_or_else(|| {
            Error::new(ErrorKind::InvalidValue, format!("a round of {} seconds cannot be", self.every))
        })?;
        let repo = shell.open()?;
        kinds::note_scope(&repo, &self.terms.scope(), shell)?;
        let mut options = ServeOptions::new().within(self.terms.scope());
        options = self.allow.iter().fold(options, |options, pin| options.allow(*pin));
        let calls = self.terms.options(shell)?;
        let served = listen(&repo, &self.listen, options, self.terms.identity.as_deref(), shell)?;
        event(
            shell,
            "serving",
            json!({ "address": served.address, "pin": served.pin }),
            format!("serving at {}", served.address),
        )?;
        let mut arrivals = Arrivals::new(&repo, self.seconds);
        let (tell, told) = channel();
        let fleet =
            Fleet::new(&repo).peers(self.addresses.iter().map(String::as_str)).calling(calls).every(every);
        #[cfg(feature = "mdns")]
        let fleet = match self.mdns {
            true => {
                let port = served.server.local_addr().port();
                fleet.discover(crate::sync::Mdns::announce(&repo, port)?)
            }
            false => fleet,
        };
        // Nobody listens any more once this has ended.
        let _meetings = fleet.on_met(move |met| _ = tell.send(describe(met))).start()?;
        loop {
            let goes_on = arrivals.tell(&repo, shell)?;
            tell_met(&told, shell)?;
            if !goes_on {
                return Ok(Exit::Ok);
            }
        }
    }

    fn refuse_wrong(&self) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidValue, message));
        for address in &self.addresses {
            if !is_address(address) {
                return invalid(format!(
                    "{address}: an address begins with how it is called, as `tcp://host:7070`"
                ));
            }
            check_address(address).map_err(|error| error.of_kind(ErrorKind::InvalidValue))?;
        }
        #[cfg(feature = "mdns")]
        let finds = self.mdns;
        #[cfg(not(feature = "mdns"))]
        let finds = false;
        match self.addresses.is_empty() && !finds {
            true => {
                invalid("there is nobody to meet: name the address of one of the others at least".to_owned())
            }
            false => Ok(()),
        }
    }
}

fn describe(met: &Met) -> Told {
    let address = &met.address;
    match &met.result {
        Ok(report) => {
            let mut about = show::sync(report);
            if let Json::Object(members) = &mut about {
                members.insert("address".into(), json!(address));
                members.insert("error".into(), Json::Null);
            }
            (about, format!("met {address}: {report}"))
        }
        Err(error) => {
            (json!({ "address": address, "error": error.to_string() }), format!("not met: {error}"))
        }
    }
}

fn tell_met(told: &Receiver<Told>, shell: &mut Shell<'_, '_>) -> Result<()> {
    while let Ok((about, line)) = told.try_recv() {
        event(shell, "met", about, line)?;
    }
    Ok(())
}
