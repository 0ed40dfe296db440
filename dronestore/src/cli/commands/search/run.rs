//! What `search` does where there is full text search.

use super::Search;
use crate::cli::shell::Shell;
use crate::cli::{Exit, kinds, names, show};
use crate::{FullText, Hit, Repo, Result, Snippet};
use serde_json::{Value as Json, json};

impl Search {
    pub(in crate::cli) fn run(self, shell: &mut Shell<'_, '_>) -> Result<Exit> {
        let repo = shell.open()?;
        kinds::check_option(&repo, self.kind.as_deref())?;
        let text = self.open(&repo)?;
        let bar = shell.progress("reading", Some(repo.len()));
        text.catch_up_with(|progress| {
            bar.reach(progress.objects);
            true
        })?;
        drop(bar);
        let words = self.words.join(" ");
        let mut search = if self.plain { text.find_words(&words) } else { text.find(&words) };
        if let Some(kind) = &self.kind {
            search = search.kind(kind);
        }
        if let Some(under) = &self.under {
            search = search.under(&names::key(under)?);
        }
        if self.count {
            let count = search.count()?;
            shell.answer(json!({ "count": count }))?;
            shell.say(count)?;
            return Ok(Exit::Ok);
        }
        let hits = search.limit(self.limit).offset(self.offset).run()?;
        if shell.json {
            let hits = hits.iter().map(|hit| as_json(&hit)).collect::<Result<Vec<_>>>()?;
            shell.answer(json!({ "hits": hits }))?;
            return Ok(Exit::Ok);
        }
        for hit in &hits {
            shell.say(show::name(hit.key()))?;
            for (field, snippet) in hit.snippets()? {
                shell.say(format_args!("  {field}: {}", line(&snippet, shell.io.terminal)))?;
            }
        }
        if self.limit > 0 && hits.len() >= self.limit {
            shell
                .note(format_args!("there may be more: --offset {}", self.offset.saturating_add(self.limit)));
        }
        Ok(Exit::Ok)
    }

    fn open(&self, repo: &Repo) -> Result<FullText> {
        let builder = repo.full_text().as_found();
        let is_there = crate::full_text::folder_beside(repo).is_some_and(|folder| folder.is_dir());
        if is_there || self.keep { builder.open() } else { builder.in_memory().open() }
    }
}

/// A part of a text on one line; bold what was found, where somebody looks.
fn line(snippet: &Snippet, is_terminal: bool) -> String {
    let mut line = String::with_capacity(snippet.text().len() + 16);
    let mut ranges = snippet.ranges().iter().peekable();
    for (at, letter) in snippet.text().char_indices() {
        if is_terminal && ranges.peek().is_some_and(|range| range.start == at) {
            line.push_str("\u{1b}[1m");
        }
        // Signs of control in a text are not to reach a terminal.
        line.push(if letter.is_control() { ' ' } else { letter });
        if is_terminal && ranges.next_if(|range| range.end == at + letter.len_utf8()).is_some() {
            line.push_str("\u{1b}[0m");
        }
    }
    line
}

fn as_json(hit: &Hit<'_>) -> Result<Json> {
    let mut snippets = serde_json::Map::new();
    for (field, snippet) in hit.snippets()? {
        let ranges: Vec<[usize; 2]> = snippet.ranges().iter().map(|range| [range.start, range.end]).collect();
        let snippet = json!({ "text": snippet.text(), "ranges": ranges, "html": snippet.to_html() });
        snippets.insert(field.to_owned(), snippet);
    }
    let (key, kind) = (hit.key().to_string(), hit.kind());
    Ok(json!({ "key": key, "kind": kind, "score": hit.score(), "snippets": snippets }))
}
