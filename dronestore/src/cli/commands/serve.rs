//! `serve`: lets others sync with this repo.

use crate::cli::shell::{Shell, unwritten};
use crate::cli::{Exit, kinds};
use crate::sync::{Identity, Pin, Scope, ServeOptions, Server, Session, answer_as, check_address, duplex};
use crate::{ErrorKind, Repo, Result};
use serde_json::json;
use std::path::{Path, PathBuf};

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
        kinds::note_scope(&repo, &scope, shell)?;
        if self.stdio {
            let stream = duplex(&mut *shell.io.input, &mut *shell.io.output);
            answer_as(&mut Session::answer(&repo).within(scope), stream)?;
            return Ok(Exit::Ok);
        }
        let mut options = ServeOptions::new().within(scope);
        options = self.allow.iter().fold(options, |options, pin| options.allow(*pin));
        options = self.origin.iter().fold(options, |options, origin| options.origin(origin.as_str()));
        let Served { server, address, pin } =
            listen(&repo, &self.address, options, self.identity.as_deref(), shell)?;
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
}

/// What is served, and where.
pub(super) struct Served {
    pub(super) server: Server,
    /// Where it is reached, with the port that it was given.
    pub(super) address: String,
    pub(super) pin: Option<String>,
}

/// Serves a repo.
pub(super) fn listen(
    repo: &Repo,
    address: &str,
    mut options: ServeOptions,
    identity: Option<&Path>,
    shell: &Shell<'_, '_>,
) -> Result<Served> {
    let address = match address.contains("://") {
        true => address.to_owned(),
        false => format!("tcp://{address}"),
    };
    check_address(&address).map_err(|error| error.of_kind(ErrorKind::InvalidValue))?;
    let mut pin = None;
    if let Some(path) = identity {
        let identity = Identity::open(shell.path(path))?;
        pin = Some(identity.pin().to_string());
        options = options.identity(identity);
    }
    let server = repo.serve_with_options(&address, &options)?;
    // The server knows its port, and the address its scheme and path.
    let (scheme, rest) = address.split_once("://").unwrap_or(("tcp", &address));
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let address = format!("{scheme}://{}{path}", server.local_addr());
    Ok(Served { server, address, pin })
}
