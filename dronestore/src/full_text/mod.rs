//! Full text search: which objects hold these words, the best first.
//!
//! An inverted index (tantivy's) is kept beside the repo, in a folder of its own or in memory, and follows the repo by its
//! change log. It is made of what the repo holds and of nothing else: losing it loses nothing. Guide: [`guide::full_text`].
//!
//! [`guide::full_text`]: crate::guide::full_text
//!
//! Each object is one document, its texts the fields; what is indexed is said by a [`plan`], which is written down beside the
//! index together with the place in the change log up to which it has read ([`state`]). [`keep`] brings it up to date, [`place`]
//! is where it is, [`parse`] and [`ask`] turn what somebody typed into a query, [`search`] asks it.
//!
//! Absent from this folder: rules of merging and reading; texts of its own, which are the repo's.

mod ask;
mod builder;
mod fault;
mod files;
mod handle;
mod hits;
mod keep;
mod layout;
mod parse;
mod place;
mod plan;
mod search;
mod snippet;
mod state;
mod steady;
mod walk;
mod words;

pub use builder::FullTextBuilder;
#[cfg(feature = "cli")]
pub(crate) use builder::beside as folder_beside;
pub use handle::{FullText, TextProgress};
pub use hits::{Hit, Hits};
pub use search::Search;
pub use snippet::Snippet;
