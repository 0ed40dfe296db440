//! Kinds that were named: known ones, or the nearest that was meant.

use super::shell::Shell;
use crate::repo::decisions_kind;
use crate::sync::Scope;
use crate::{Error, ErrorKind, Repo, Result};
use dronestore_core::nearest::did_you_mean;
use std::collections::BTreeSet;

/// How many kinds a message lists.
const LISTED: usize = 12;

/// The kinds that an object or schema has.
fn known(repos: &[&Repo]) -> Result<BTreeSet<String>> {
    let mut kinds = BTreeSet::new();
    for repo in repos {
        kinds.extend(repo.schemas()?.into_iter().map(|schema| schema.kind));
        kinds.extend(repo.view()?.kinds()?);
    }
    Ok(kinds)
}

/// Refuses a kind that nothing here has: it would find nothing, and nobody would know why.
///
/// Cost: a look at the schemas, and one step for each kind.
pub(super) fn check(repo: &Repo, kind: &str) -> Result<()> {
    check_all(&[repo], [kind], "no object or schema here")
}

/// As [`check`], of an option that need not be given.
pub(super) fn check_option(repo: &Repo, kind: Option<&str>) -> Result<()> {
    kind.map_or(Ok(()), |kind| check(repo, kind))
}

/// As [`check`], of the kinds of a scope.
pub(super) fn check_scope(repo: &Repo, scope: &Scope) -> Result<()> {
    check_all(&[repo], named(scope), "no object or schema here")
}

/// As [`check_scope`], of two repos: one of them may be about to get what the other has.
pub(super) fn check_both(here: &Repo, there: &Repo, scope: &Scope) -> Result<()> {
    check_all(&[here, there], named(scope), "no object or schema here or there")
}

/// As [`check_scope`], behind a session: what the other side has of the scope has come with it.
pub(super) fn check_met(repo: &Repo, scope: &Scope) -> Result<()> {
    check_all(&[repo], named(scope), "no object on either side and no schema here")
}

fn named(scope: &Scope) -> impl Iterator<Item = &str> {
    scope.kinds().into_iter().flatten().map(String::as_str)
}

/// As [`check_scope`], where the kind may come later.
pub(super) fn note_scope(repo: &Repo, scope: &Scope, shell: &mut Shell<'_, '_>) -> Result<()> {
    match check_scope(repo, scope) {
        Err(error) if error.kind() == ErrorKind::InvalidValue => shell.note(error),
        checked => checked?,
    }
    Ok(())
}

fn check_all<'k>(repos: &[&Repo], kinds: impl IntoIterator<Item = &'k str>, nothing: &str) -> Result<()> {
    let mut kinds = kinds.into_iter().filter(|kind| *kind != decisions_kind()).peekable();
    if kinds.peek().is_none() {
        return Ok(());
    }
    let known = known(repos)?;
    match kinds.find(|kind| !known.contains(*kind)) {
        None => Ok(()),
        Some(kind) => Err(Error::new(ErrorKind::InvalidValue, unknown(&known, kind, nothing))),
    }
}

/// That there is no such kind, which there are, and which was meant.
fn unknown(known: &BTreeSet<String>, kind: &str, nothing: &str) -> String {
    let names = || known.iter().map(String::as_str).filter(|kind| *kind != decisions_kind());
    let listed: Vec<String> = names().take(LISTED).map(|kind| format!("`{kind}`")).collect();
    let more = if names().count() > LISTED { ", …" } else { "" };
    let are = match listed.as_slice() {
        [] => "there is none yet".to_owned(),
        [one] => format!("there is {one}"),
        several => format!("there are {}{more}", several.join(", ")),
    };
    let meant = match kind.contains([':', '/']) {
        true => format!("; a key begins with a slash: `/{}`", kind.escape_debug()),
        false => did_you_mean(kind, names()),
    };
    format!("{nothing} has the kind `{}`; {are}{meant}", kind.escape_debug())
}

/// As [`check`], as of something that is named and not there.
pub(super) fn find(repo: &Repo, kind: &str) -> Result<()> {
    check(repo, kind).map_err(|error| match error.kind() {
        ErrorKind::InvalidValue => error.of_kind(ErrorKind::NotFound),
        _ => error,
    })
}
