//! Distributed version control for application data.
//!
//! Annotate a struct, say for each field how concurrent edits of it meet, and derive [`Drone`]:
//!
//! ```
//! use dronestore::{Drone, Merge, Repo};
//! use std::collections::BTreeSet;
//!
//! #[derive(Drone, Debug, Clone)]
//! struct Person {
//!     #[merge(latest)]
//!     name: String,
//!     #[merge(counter)]
//!     visits: u64,
//!     #[merge(set)]
//!     tags: BTreeSet<String>,
//! }
//!
//! // Two devices make the same object without knowing of one another.
//! let mut phone = Person::named("jbenet")?;
//! phone.name = "Juan".into();
//! phone.visits += 2;
//! phone.commit()?;
//!
//! let mut laptop = Person::named("jbenet")?;
//! laptop.visits += 1;
//! laptop.tags.insert("author".into());
//! laptop.commit()?;
//!
//! // They meet: field by field, each by its own rule.
//! assert_eq!(phone.merge(&laptop)?, Merge::Joined);
//! assert_eq!((phone.name.as_str(), phone.visits, phone.tags.len()), ("Juan", 3, 1));
//!
//! // The other way round it comes to the same version, and a third merge finds nothing new.
//! assert_eq!(laptop.merge(&phone)?, Merge::Forward);
//! assert_eq!(laptop.version(), phone.version());
//! assert_eq!(phone.merge(&laptop)?, Merge::Known);
//!
//! // A repo keeps objects: in memory, or in one file with `Repo::open`.
//! let repo = Repo::memory()?;
//! repo.save(&mut phone)?;
//! assert_eq!(repo.get::<Person>("jbenet")?.expect("just saved").visits, 3);
//! # Ok::<(), dronestore::Error>(())
//! ```
//!
//! # The model in one page
//!
//! - A **[`Key`]** names an object: `/Person:jbenet`. Key and kind (the stored name of the model) make an object.
//! - **[`Versioned<T>`]** is a `T` with its key and the [`Version`] it came from. Fields are plain fields.
//! - A **commit** asks what differs from what was loaded, and makes a version. It has a name of its own, a *dot*: who
//!   made it (an [`ActorId`]) and the how manieth of theirs it is.
//! - A **[`Version`]** is one immutable state of one object: the set of commits it has seen (its *context*) and, for each
//!   attribute, the writes that nobody who has seen them has replaced yet. Its [`Hash`](struct@Hash) is a function of the commits seen.
//! - A **merge** joins two versions: what both have stays; what only one has stays unless the other has seen it. That is
//!   all; it knows no strategy. So it can be done in any order, any grouping and any number of times, with one result in
//!   every byte.
//! - A **strategy** (`#[merge(…)]`) says what a commit puts in place of what it has seen, and what several concurrent
//!   writes read as. Causality decides before clocks: a write that has seen another beats it whatever the time stamps say.
//! - A **[`Repo`]** is where objects live: a store, an actor, a clock. Each write is one atomic, durable batch, and one
//!   hash over the whole repo says whether two replicas hold the same.
//!
//! # The guide
//!
//! | page | about |
//! |---|---|
//! | [`guide::models`] | structs, options, defaults, what counts as a change |
//! | [`guide::changing`] | changing a model: names, types, strategies; what a repo says of it; the lock |
//! | [`guide::strategies`] | each strategy: rule, cases, what is stored, laws, when not to use it |
//! | [`guide::declared`] | `rank`, `first_non_empty`, `max_by`, `any_of`, `clamp`: strategies that are data |
//! | [`guide::checks`] | `required`, `validate`, `canonicalize`, `link` |
//! | [`guide::merging`] | versions, conflicts, deletion, clocks, forks, merging without the Rust types |
//! | [`guide::conflicts`] | what is listed, decisions that merge, a program's own resolver, why a value reads as it does |
//! | [`guide::repo`] | saving, reading, transactions, failures, copies of files |
//! | [`guide::live_queries`] | what a query finds, and then what changes in it |
//! | [`guide::transactions`] | several objects at once, reading what is written, saves that met somebody |
//! | [`guide::asynchronous`] | the same calls as futures, on tokio |
//! | [`guide::history`] | how much of the past is kept, the log, moments, going back, undo, pruning |
//! | [`guide::branches`] | edits that stay apart: what a branch reads, what merging it does, what it costs |
//! | [`guide::indexes`] | finding objects by what they hold, building, what a query does, unique values |
//! | [`guide::full_text`] | which objects hold these words: ranked search, kept up to date (feature `full-text`) |
//! | [`guide::bulk`] | many objects in and out, JSON lines, CSV; what a repo takes up; compaction |
//! | [`guide::sync`] | two replicas that meet: in one process, over TCP, TLS, HTTP, WebSocket, over anything that carries bytes; staying in touch; a fleet |
//! | [`guide::bundles`] | replicas that meet by files: bundles, shared folders, buckets, static hosting |
//! | [`guide::stores`] | what a repo is kept in, and a store of your own |
//! | [`guide::custom`] | a strategy of your own |
//! | [`guide::testing`] | the laws of merging in your own tests, and a simulated world of replicas |
//! | [`guide::cli`] | the command `dronestore`: no Rust types needed |
//!
//! # Features
//!
//! - `redb` (default): the embedded store in one file, and [`Repo::open`].
//! - `cli`: the command `dronestore`, and a module `cli` to run it in a program.
//! - `futures`: a watched query as a `Stream`, on any executor.
//! - `tokio`: the calls of a repo as futures, on tokio's runtime.
//! - `full-text`: ranked search for words, in an index beside the repo.
//! - `csv`: objects of one kind as CSV, in and out.
//! - `object-store`: shared folders in buckets of every make.
//! - `web-folder`: pulling from a published folder behind a plain web server.
//! - `mdns`: other replicas of the database found on the local network.
//! - `testing`: the laws of merging for a model of your own; a simulated world of its replicas; the suite that every store passes, for a store of your own;
//!   stores that fail on purpose.
//! - `tls`, `http`, `websocket`: carriers of a sync beside TCP, streams and commands; [`guide::sync`] says which does what.

extern crate self as dronestore;

#[doc(hidden)]
pub mod __private;
#[cfg(feature = "tokio")]
mod asynchronous;
pub mod bundle;
#[cfg(feature = "cli")]
pub mod cli;
mod clock;
mod drone;
pub mod folder;
#[cfg(feature = "full-text")]
mod full_text;
mod given;
pub mod guide;
#[cfg(feature = "testing")]
pub mod laws;
mod lock;
mod random;
mod repo;
#[cfg(feature = "testing")]
pub mod sim;
pub mod stores;
pub mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod versioned;

#[cfg(feature = "tokio")]
pub use asynchronous::{AsyncRepo, AsyncWatch};
pub use clock::{Clock, SystemClock};
pub use drone::Drone;
pub use dronestore_core::model::{
    Characters, Convert, Element, Elements, Entries, Integer, Items, Links, Ordered, Searchable, TextEdit,
    Violation, check_conversion,
};
pub use dronestore_core::{
    ActorId, Error, ErrorKind, Hash, HybridClock, Key, Namespace, Nanotime, Result, Stamp, Value, Version,
};
pub use dronestore_core::{causal, key, model, query, schema, store, strategy, time, value, version};
pub use dronestore_derive::Drone;
#[cfg(feature = "full-text")]
pub use full_text::{FullText, FullTextBuilder, Hit, Hits, Search, Snippet, TextProgress};
pub use lock::schema_lock;
#[cfg(feature = "futures")]
pub use repo::WatchStream;
pub use repo::{
    Amount, Blame, Branch, BranchChange, BranchInfo, BuildProgress, Builder, Cause, Change, Changes,
    Conflict, Conflicts, DatabaseId, Export, ExportReport, FieldChange, FieldDiff, Find, FindInside,
    FindVersions, Forks, Graph, Groups, History, Import, ImportItem, ImportReport, IndexInfo, IndexState,
    IndexUse, Invalid, InvalidObjects, Iter, KindStats, Linked, Log, LogEntry, MergeReport, MergeSource,
    Moment, Node, ObjectName, Objects, Page, Past, Peer, PlanOrder, Point, Progress, PruneReport,
    PurgeReport, QueryPlan, Repo, Resolution, Resolver, Results, Rule, Saved, Stats, Stopper, Transaction,
    UndoLog, UndoReport, UniqueViolation, Update, ValueReport, VerifyReport, View, Watch, WatchCost,
};
pub use versioned::{CommitReport, Merge, MergeInput, Versioned};

/// The README's programs, compiled and run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
