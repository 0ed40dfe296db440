//! What a layer above keeps beside a repo, in memory: made when it is first asked for, gone with the repo's last clone.

use super::Repo;
use std::any::Any;
use std::sync::{Mutex, PoisonError, TryLockError};

/// A place for one value of any type.
#[derive(Default)]
pub(crate) struct Beside(Mutex<Option<Box<dyn Any + Send>>>);

impl Repo {
    /// Works with what is kept, alone.
    pub(crate) fn beside<T: Default + Send + 'static, R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut kept = self.inner.beside.0.lock().unwrap_or_else(PoisonError::into_inner);
        within(&mut kept, work)
    }

    /// As [`Repo::beside`]; `None` where somebody else is at it.
    pub(crate) fn try_beside<T: Default + Send + 'static, R>(
        &self,
        work: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        match self.inner.beside.0.try_lock() {
            Ok(mut kept) => Some(within(&mut kept, work)),
            Err(TryLockError::Poisoned(poisoned)) => Some(within(&mut poisoned.into_inner(), work)),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

fn within<T: Default + Send + 'static, R>(
    kept: &mut Option<Box<dyn Any + Send>>,
    work: impl FnOnce(&mut T) -> R,
) -> R {
    if let Some(kept) = kept.as_mut().and_then(|kept| kept.downcast_mut()) {
        return work(kept);
    }
    let mut new = Box::new(T::default());
    let result = work(&mut new);
    *kept = Some(new);
    result
}
