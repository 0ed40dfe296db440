//! Buckets, and a web server that hands out what was published.

use super::meet;
use crate::folder::Folder as Directory;
use crate::sync::{fill, repo_with};
use dronestore::folder::{Bucket, Folder, Storage, WebFolder};
use dronestore::{ErrorKind, Repo};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

fn stores(directory: &Directory) -> [Arc<dyn ObjectStore>; 2] {
    [Arc::new(InMemory::new()), Arc::new(LocalFileSystem::new_with_prefix(directory.path()).unwrap())]
}

#[test]
fn any_bucket_will_do() {
    let directory = Directory::new();
    for store in stores(&directory) {
        for prefix in ["", "people/shared"] {
            let bucket = || Folder::new(Arc::new(Bucket::new(store.clone(), prefix).unwrap()));
            let (one, other) = (repo_with(100), Repo::memory().unwrap());
            meet(&bucket(), &[&one, &other]);
            fill(&one, [3], "by one");
            fill(&other, [3, 400], "by the other");
            meet(&bucket(), &[&one, &other]);
            one.compact_folder(&bucket()).unwrap();
            fill(&one, [4], "after");
            meet(&bucket(), &[&one, &other]);
        }
    }
}

#[test]
fn a_bucket_keeps_what_there_is() {
    let directory = Directory::new();
    for store in stores(&directory) {
        let bucket = Bucket::new(store, "a/b").unwrap();
        assert!(bucket.list().unwrap().is_empty());
        bucket.put_new("x.drone", b"12345").unwrap();
        assert!(bucket.put_new("x.drone", b"other").unwrap_err().is_conflict());
        assert_eq!(bucket.get("x.drone", 5).unwrap(), b"12345");
        assert!(bucket.get("x.drone", 4).unwrap_err().is_corrupt());
        assert!(bucket.get("y.drone", 4).unwrap_err().is_not_found());
        bucket.put("x.drone", b"other").unwrap();
        assert_eq!((bucket.list().unwrap()[0].name.as_str(), bucket.list().unwrap()[0].size), ("x.drone", 5));
        bucket.delete("x.drone").unwrap();
        bucket.delete("x.drone").unwrap();
        assert!(bucket.list().unwrap().is_empty());
    }
}

#[test]
fn a_bucket_may_be_used_inside_an_async_program() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    runtime.block_on(async {
        store.put(&"x".into(), "12".into()).await.unwrap();
        let bucket = Bucket::new(store.clone(), "").unwrap();
        assert_eq!(bucket.get("x", 9).unwrap(), b"12");
        drop(bucket);
    });
}

/// A web server that hands out the files of a directory, and counts.
fn serve(root: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let path = first.split(' ').nth(1).unwrap().trim_start_matches("/people/").to_owned();
            let (status, body) = match std::fs::read(root.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).unwrap();
        }
    });
    format!("http://{address}/people")
}

#[test]
fn what_is_published_is_pulled_from_a_web_server() {
    let directory = Directory::new();
    let url = serve(directory.path().to_path_buf());
    let folder = Folder::open(directory.path()).unwrap().with_index("laptop").unwrap();
    let (one, other) = (repo_with(200), Repo::memory().unwrap());
    one.publish(&folder).unwrap();
    let web = Folder::new(Arc::new(WebFolder::new(&format!("{url}/laptop.index")).unwrap()));
    assert_eq!(other.pull(&web).unwrap().received.new, 200);
    assert_eq!(other.hash(), one.hash());
    for round in 0..5 {
        fill(&one, [round, 300 + round], "news");
        one.publish(&folder).unwrap();
        assert_eq!(other.pull(&web).unwrap().segments, 1);
    }
    assert_eq!(other.pull(&web).unwrap().segments, 0);
    one.compact_folder(&folder).unwrap();
    fill(&one, [7], "after");
    one.publish(&folder).unwrap();
    let late = Repo::memory().unwrap();
    for repo in [&other, &late] {
        repo.pull(&web).unwrap();
        assert_eq!(repo.hash(), one.hash());
    }
    assert_eq!(other.publish(&web).map(|report| report.segments).unwrap_or(0), 0);
    fill(&other, [1], "cannot be published");
    assert_eq!(other.publish(&web).unwrap_err().kind(), ErrorKind::Unsupported);

    let missing = Folder::new(Arc::new(WebFolder::new(&format!("{url}/phone.index")).unwrap()));
    assert!(other.pull(&missing).unwrap_err().is_not_found());
    std::fs::write(directory.join("bad.index"), "<html>").unwrap();
    let bad = Folder::new(Arc::new(WebFolder::new(&format!("{url}/bad.index")).unwrap()));
    assert!(other.pull(&bad).unwrap_err().is_corrupt());
    for address in ["", "laptop.index", "ftp://host/x.index", "https://host/x"] {
        assert_eq!(WebFolder::new(address).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
