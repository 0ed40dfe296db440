//! `serve`: lets others sync with this repo.

use crate::cli::Exit;
use crate::cli::shell::{Shell, unwritten};
use crate::sync::{Identity, Pin, Scope, ServeOptions, Server, Session, answer_as, duplex};
use crate::{Repo, Result};
use serde_json::json;
use std::path::PathBuf;

/// Let others sync with this repo
///
/// It goes on until it is interrupted; what came in by then is kept. Nobody else can open the repo meanwhile, but
/// others can sync with it, 16 at a time.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An address is HOST:PORT for TCP, or begins with tcp://, tls://, ws://, wss://, http://, https://.
Without TLS nothing is encrypted, and whoever reaches the port can read and write: use that in
a network that is yours, behind a web server, or through a tunnel. With --identity and --allow
two devices need no authority: each names the pin of the other.

Examples:
  dronestore serve
  dronestore serve 192.168.1.7:7070
  dronestore serve http://127.0.0.1:7070/notes --scope /Team:red
  dronestore serve --stdio")]
pub(in crate::cli) struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(value_name = "ADDRESS", default_value = "127.0.0.1:7070")]
    address: String,

    /// Serve only this part: kinds, and keys with what is below them, as `Note,/Team:red`
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,

    /// Over TLS: a file with the key and certificate, made if it is not there
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,

    /// Over TLS: let only whoever holds the key with this pin call, `sha256:…`; with several, each of them
    #[arg(long, value_name = "PIN", requires = "identity")]
    allow: Vec<Pin>,

    /// Over HTTP and WebSocket: let pages of this origin call
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,

    /// Answer one call on the standard input and output, and end with it
    #[arg(long, conflicts_with_all = ["address", "identity", "origin"])]
    stdio: bool,

    /// End when the standard input ends
    #[arg(long, conflicts_with = "stdio")]
    until_eof: bool,
}

impl Serve {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        let scope = self.scope.clone().unwrap_or_default();
        if self.stdio {
            let stream = duplex(&mut *shell.io.input, &mut *shell.io.output);
            answer_as(&mut Session::answer(&repo).within(scope), stream)?;
            return Ok(Exit::Ok);
        }
        let (server, pin) = self.listen(&repo, scope, shell)?;
        // The server knows its port, and the address its scheme and path.
        let (scheme, rest) = self.address.split_once("://").unwrap_or(("tcp", &self.address));
        let path = rest.find('/').map_or("", |at| &rest[at..]);
        let address = format!("{scheme}://{}{path}", server.local_addr());
        let pin = pin.map(|pin| pin.to_string());
        shell.answer(json!({ "address": address, "pin": pin }))?;
        shell.say(format_args!("serving at {address}"))?;
        if let Some(pin) = pin {
            shell.say(format_args!("its pin is {pin}"))?;
        }
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

    fn listen(&self, repo: &Repo, scope: Scope, shell: &Shell<'_, '_>) -> Result<(Server, Option<Pin>)> {
        let mut options = ServeOptions::new().within(scope);
        let mut pin = None;
        if let Some(path) = &self.identity {
            let identity = Identity::open(shell.path(path))?;
            pin = Some(identity.pin());
            options = options.identity(identity);
        }
        options = self.allow.iter().fold(options, |options, pin| options.allow(*pin));
        options = self.origin.iter().fold(options, |options, origin| options.origin(origin.as_str()));
        let address = match self.address.contains("://") {
            true => self.address.clone(),
            false => format!("tcp://{}", self.address),
        };
        Ok((repo.serve_with_options(&address, &options)?, pin))
    }
}
