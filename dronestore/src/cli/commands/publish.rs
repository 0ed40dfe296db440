//! `publish`: not there yet.

use crate::cli::Exit;
use crate::cli::shell::Shell;
use crate::{Error, ErrorKind, Result};

/// Not there yet
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Publish {}

impl Publish {
    pub(in crate::cli) fn run(self, _: &mut Shell<'_, '_>) -> Result<Exit> {
        Err(Error::new(ErrorKind::Unsupported, "`publish` is not there yet"))
    }
}
