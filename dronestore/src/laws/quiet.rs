//! Panics that the kit catches: a fault says where they happened, and nothing else is printed.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs this; a panic in it comes back as its message and its place.
///
/// The hook of panics is the whole process's. So ours looks at who panics, and leaves the other threads to the one
/// that was there.
pub(crate) fn quietly<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    // Within a panic the hook cannot be changed.
    if !std::thread::panicking() {
        HOOK.call_once(|| {
            let former = panic::take_hook();
            panic::set_hook(Box::new(move |info| match QUIET.get() {
                true => note(info.location()),
                false => former(info),
            }));
        });
    }
    let before = QUIET.replace(true);
    let came = panic::catch_unwind(AssertUnwindSafe(run));
    QUIET.set(before);
    came.map_err(|cause| {
        let text = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_default();
        format!("{text}, at {}", PLACE.take())
    })
}

fn note(place: Option<&Location<'_>>) {
    PLACE.set(place.map(Location::to_string).unwrap_or_default());
}
