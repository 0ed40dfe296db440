//! Watching: what a query finds, and then what changes in it.
//!
//! A write notes what it changes of kinds that are watched, and hands that out when it is durable ([`capture`], [`hub`]):
//! to the watchers whom it may concern ([`dispatch`]), each with a bounded queue ([`queue`]). Whether it does concern them
//! is found out by whoever reads ([`reader`], [`evaluate`]), from the object as it was and as it is ([`event`]); a query with a limit keeps
//! its first objects and a few more ([`window`]). Whoever falls behind is given the result anew.
//!
//! Absent: threads, work for others in a write beyond finding them, queues without a bound.

mod capture;
mod dispatch;
mod evaluate;
mod event;
mod hub;
mod queue;
mod reader;
mod replay;
mod source;
#[cfg(feature = "futures")]
mod stream;
mod update;
mod window;

pub(crate) use event::News;
pub(crate) use hub::Watchers;
pub use reader::{Stopper, Watch, WatchCost};
#[cfg(feature = "futures")]
pub use stream::WatchStream;
pub use update::{Cause, FieldChange, Update};
