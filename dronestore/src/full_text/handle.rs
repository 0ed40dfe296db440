//! The search of a repo: always of what stands there now.

use super::keep::Kept;
use super::layout::Layout;
use super::plan::Plan;
use super::search::Search;
use super::walk::Progress;
use crate::{Repo, Result, View};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tantivy::Searcher;

/// The full text search of a repo; [`Repo::full_text`] opens one. Clones are one.
///
/// Each search first takes in what has changed, so that it finds what stands in the repo at that moment, whoever wrote it. One
/// at a time does so; searching itself is done by many threads at once.
#[derive(Clone)]
pub struct FullText {
    inner: Arc<Inner>,
}

struct Inner {
    repo: Repo,
    kept: Mutex<Kept>,
}

/// How far an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TextProgress {
    /// Objects that were looked at since the call began.
    pub objects: u64,
    /// Objects that were indexed, or taken out.
    pub indexed: u64,
    /// Whether all is done.
    pub is_done: bool,
}

/// An index at one moment, and what stands in the repo then.
pub(super) struct Moment {
    pub(super) view: View,
    pub(super) searcher: Searcher,
    pub(super) layout: Arc<Layout>,
    pub(super) progress: TextProgress,
}

impl FullText {
    pub(super) fn new(repo: Repo, kept: Kept) -> FullText {
        FullText { inner: Arc::new(Inner { repo, kept: Mutex::new(kept) }) }
    }

    /// What these words are found in, the best first; see [the guide](crate::guide::full_text#what-can-be-typed) for what can
    /// be typed besides words.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    ///
    /// #[derive(Drone, Debug)]
    /// struct Note {
    ///     #[merge(latest)]
    ///     #[drone(search)]
    ///     text: String,
    /// }
    ///
    /// let repo = Repo::memory()?;
    /// repo.put("a", Note { text: "The quick brown fox".into() })?;
    /// repo.put("b", Note { text: "A slow brown bear".into() })?;
    ///
    /// let search = repo.full_text().model::<Note>().open()?;
    /// for hit in &search.find("brown -slow").run()? {
    ///     assert_eq!(hit.key().name(), "a");
    ///     let note = hit.object::<Note>()?.expect("a hit is a note");
    ///     assert_eq!(note.text, "The quick brown fox");
    ///     assert_eq!(hit.snippet("text")?.expect("has text").to_html(), "The quick <b>brown</b> fox");
    /// }
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// Cost: nothing yet.
    pub fn find(&self, query: &str) -> Search {
        Search::new(self.clone(), query.to_owned(), false)
    }

    /// What all of these words are found in: nothing in the text means anything else, so that it is never a mistake. Of a long
    /// text the first 128 words count.
    pub fn find_words(&self, text: &str) -> Search {
        Search::new(self.clone(), text.to_owned(), true)
    }

    /// Takes in what has changed since the last time, as every search does before it asks.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the repo or the index cannot be read or written; as [`Repo::view`].
    ///
    /// Cost: where nothing was written one look at the end of the change log; else the changed objects are read once, and the index
    /// writes a file or two. An index that is new, or has missed more than the log still tells, looks at all objects.
    pub fn catch_up(&self) -> Result<TextProgress> {
        self.catch_up_with(|_| true)
    }

    /// The same, and is told now and then how far it is; where it answers `false` this stops. The making of an index goes on
    /// there when it is called again.
    ///
    /// # Errors
    /// As [`FullText::catch_up`].
    pub fn catch_up_with(&self, mut go_on: impl FnMut(&TextProgress) -> bool) -> Result<TextProgress> {
        self.moment(&mut go_on).map(|moment| moment.progress)
    }

    /// Makes the index anew.
    ///
    /// # Errors
    /// As [`FullText::catch_up`]. Cost: that of a new one.
    pub fn rebuild(&self) -> Result<TextProgress> {
        let mut kept = self.kept();
        let plan = kept.state.plan.clone();
        kept.start_over(plan, self.inner.repo.database().to_string())?;
        drop(kept);
        self.catch_up()
    }

    /// The names of the fields that are searched.
    pub fn fields(&self) -> Vec<String> {
        self.kept().layout.plan.names.clone()
    }

    /// How many bytes the files of the index take up; `None` for one in memory.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the folder cannot be read.
    pub fn bytes(&self) -> Result<Option<u64>> {
        self.kept().bytes()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.inner.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index as of now.
    pub(super) fn moment(&self, go_on: &mut dyn FnMut(&TextProgress) -> bool) -> Result<Moment> {
        let mut kept = self.kept();
        let repo = &self.inner.repo;
        // What is decided about a conflict changes what is found, and is told of where the conflicts are listed.
        let view = if kept.layout.plan.follows_decisions() { repo.indexed_view()? } else { repo.view()? };
        let (next, mark) = view.end()?;
        let mut progress = Progress::new(go_on);
        let mut is_done = true;
        if !kept.is_at(next, &mark) {
            let database = self.inner.repo.database().to_string();
            if kept.state.plan.is_everything {
                let plan = Plan::of_everything(&view)?;
                if plan != kept.state.plan {
                    kept.start_over(plan, database.clone())?;
                }
            }
            is_done = match kept.catch_up(&view, &database, &mut progress) {
                // It is made of what the repo has: once more, from nothing.
                Err(error) if error.is_corrupt() => {
                    let plan = kept.state.plan.clone();
                    kept.start_over(plan, database.clone())?;
                    kept.catch_up(&view, &database, &mut progress)?
                }
                other => other?,
            };
        }
        let (searcher, layout) = (kept.searcher(), kept.layout.clone());
        Ok(Moment { view, searcher, layout, progress: progress.report(is_done) })
    }
}

impl fmt::Debug for FullText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FullText").field("repo", &self.inner.repo).finish_non_exhaustive()
    }
}
