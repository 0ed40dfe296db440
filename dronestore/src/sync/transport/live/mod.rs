//! Sessions that stay: a connection that both sides may use at once, the threads that move its bytes, and a handle that
//! connects again when it breaks.

mod drive;
mod halves;
mod handle;
mod options;
mod status;

pub(super) use drive::{Ending, drive};
pub use halves::Halves;
pub use handle::Live;
pub use options::LiveOptions;
pub use status::{LiveState, LiveStatus};
