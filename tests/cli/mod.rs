//! The command: transcripts, its help, its JSON, how it ends.

mod fleet;
mod help;
mod json;
mod meet;
mod transcript;
