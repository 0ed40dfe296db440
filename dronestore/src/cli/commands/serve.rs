//! `serve`: lets others sync with this repo.

use crate::Result;
use crate::cli::Exit;
use crate::cli::shell::{Shell, unwritten};
use serde_json::json;

/// Let others sync with this repo over TCP
///
/// It goes on until it is interrupted; what came in by then is kept. Nobody else can open the repo meanwhile, but
/// anyone can sync with it, 16 at a time.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing is encrypted, and whoever reaches the port can read and write: use it in a network
that is yours, or through a tunnel.

Examples:
  dronestore serve
  dronestore serve 192.168.1.7:7070")]
pub(in crate::cli) struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(value_name = "HOST:PORT", default_value = "127.0.0.1:7070")]
    address: String,

    /// End when the standard input ends
    #[arg(long)]
    until_eof: bool,
}

impl Serve {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let address = self.address.strip_prefix("tcp://").unwrap_or(&self.address);
        let server = repo.serve(address).map_err(|error| error.at(address))?;
        let address = format!("tcp://{}", server.local_addr());
        shell.answer(json!({ "address": address }))?;
        shell.say(format_args!("serving at {address}"))?;
        // Whoever waits for the address is not to wait for more.
        shell.io.output.flush().map_err(unwritten)?;
        if self.until_eof {
            let mut buffer = [0; 1024];
            while shell.io.input.read(&mut buffer).is_ok_and(|read| read > 0) {}
            server.shutdown();
            return Ok(Exit::Ok);
        }
        loop {
            std::thread::park();
        }
    }
}
