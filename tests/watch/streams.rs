//! Watching without blocking: streams, and the calls of a repo as futures.

use super::{Mirror, Person, person};
use dronestore::{ErrorKind, Repo, Update};
use futures_core::Stream;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_stream_wakes_its_task_once_for_what_it_has_not_read() {
    let repo = Repo::memory().unwrap();
    let mut stream = repo.watch::<Person>().unwrap().into_stream();
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(counted.clone());
    let mut context = Context::from_waker(&waker);
    let mut poll = || Pin::new(&mut stream).poll_next(&mut context);
    assert!(matches!(poll(), Poll::Ready(Some(Ok(Update::Result { .. })))));
    assert!(poll().is_pending());
    for rank in 0..3 {
        repo.put("a", person("ann", rank)).unwrap();
    }
    assert_eq!(counted.0.load(Ordering::SeqCst), 1);
    for _ in 0..3 {
        assert!(matches!(poll(), Poll::Ready(Some(Ok(_)))));
    }
    assert!(poll().is_pending());
}

#[test]
fn the_same_calls_are_futures() {
    runtime().block_on(async {
        let repo = Repo::memory().unwrap().asynchronous();
        let mut watch = repo.watch(repo.query::<Person>()).unwrap();
        let mut mirror = Mirror::default();
        mirror.apply(watch.next().await.unwrap().unwrap());
        let mut handle = repo.put("a", person("ann", 1)).await.unwrap();
        handle.rank = 2;
        let (handle, report) = repo.save(handle).await;
        assert_eq!((handle.rank, report.unwrap().changed), (2, vec!["rank"]));
        repo.update::<Person>("b", |person| {
            person.rank = 5;
            Ok(())
        })
        .await
        .unwrap();
        let two = repo
            .transaction_with_retries(3, |transaction| transaction.query::<Person>()?.count())
            .await
            .unwrap();
        assert_eq!((two, repo.count(repo.query::<Person>()).await.unwrap()), (2, 2));
        assert!(repo.delete::<Person>("b").await.unwrap());
        assert!(!repo.contains::<Person>("b").await.unwrap());
        let other = Repo::builder().replica_of(repo.repo()).open().unwrap().asynchronous();
        other.put("c", person("cat", 1)).await.unwrap();
        assert!(repo.sync_with(&other).await.unwrap().in_sync);
        while mirror.objects.len() != 2 || !mirror.objects.values().any(|person| person.name == "cat") {
            mirror.apply(watch.next().await.unwrap().unwrap());
        }
        assert_eq!(repo.first(repo.query::<Person>()).await.unwrap().unwrap().name, "ann");
    });
}

#[test]
fn a_future_of_a_watch_that_is_dropped_loses_nothing() {
    runtime().block_on(async {
        let repo = Repo::memory().unwrap();
        let mut watch = repo.asynchronous().watch(repo.query::<Person>()).unwrap();
        let mut mirror = Mirror::default();
        for rank in 0..50 {
            // Polled once and dropped, whatever it was about.
            let mut next = Box::pin(watch.next());
            let polled = poll_fn(|context| Poll::Ready(next.as_mut().poll(context))).await;
            drop(next);
            if let Poll::Ready(update) = polled {
                mirror.apply(update.unwrap().unwrap());
            }
            repo.put("a", person("ann", rank)).unwrap();
        }
        while mirror.objects.values().next().is_none_or(|person| person.rank != 49) {
            mirror.apply(watch.next().await.unwrap().unwrap());
        }
    });
}

#[test]
fn errors_and_panics_reach_who_awaits() {
    let repo = Repo::memory().unwrap().asynchronous();
    let runtime = runtime();
    let error = runtime.block_on(repo.get::<Person>("")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidKey);
    let panics = repo.with::<()>(|_| panic!("on purpose"));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(panics)));
    assert!(caught.is_err());
}

#[test]
fn outside_of_a_runtime_calls_are_errors() {
    let repo = Repo::memory().unwrap().asynchronous();
    let mut context = Context::from_waker(Waker::noop());
    let mut put = Box::pin(repo.put("a", person("ann", 1)));
    let Poll::Ready(Err(error)) = put.as_mut().poll(&mut context) else { panic!("it was put") };
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("inside a tokio runtime"), "{error}");
    assert!(repo.repo().is_empty());
    let mut watch = repo.watch(repo.query::<Person>()).unwrap();
    let mut next = || Pin::new(&mut watch).poll_next(&mut context);
    assert!(matches!(next(), Poll::Ready(Some(Err(error))) if error.kind() == ErrorKind::Unsupported));
    assert!(matches!(next(), Poll::Ready(None)));
}
