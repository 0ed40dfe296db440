//! A bundle as a file: there as a whole, or what it was before.

use crate::folder::Folder;
use crate::sync::{fill, repo_with};
use dronestore::bundle::{Bundle, BundleOptions};
use dronestore::{ErrorKind, Repo};
use std::fs::{self, File};
use std::io::{Error, Write};

#[test]
fn a_file_is_replaced_as_a_whole() {
    let folder = Folder::new();
    let path = folder.join("people.bundle");
    let repo = repo_with(100);
    let report = repo.bundle(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), report.bytes);
    fill(&repo, [3], "later");
    repo.bundle_since(&report.summary.point, &path).unwrap();
    let summary = Bundle::read(File::open(&path).unwrap()).unwrap().check().unwrap();
    assert_eq!((summary.objects, summary.repo_objects), (1, 100));
    assert!(summary.to_string().starts_with("1 changed object of 100 (Note 1) of database "), "{summary}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let foreign = BundleOptions::new().since(&repo_with(1).point().unwrap());
    assert!(repo.bundle_with(&path, foreign).is_err());
    assert_eq!(repo.bundle(folder.join("no/such/place")).unwrap_err().kind(), ErrorKind::Store);
    assert_eq!(Bundle::read(File::open(&path).unwrap()).unwrap().check().unwrap(), summary);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Takes so many bytes and then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => self.0 = left,
            None => return Err(Error::other("the disk is full")),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let repo = repo_with(50);
    for room in [0, 18, 100, 400] {
        let error = repo.write_bundle(Full(room), BundleOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
    }
}

#[test]
fn only_the_head_is_read_for_a_summary() {
    let mut bytes = Vec::new();
    let report = repo_with(9000).write_bundle(&mut bytes, BundleOptions::new()).unwrap();
    let summary = Bundle::read(&bytes[..400]).unwrap().summary().clone();
    assert_eq!(summary, report.summary);
    assert_eq!((summary.objects, summary.kinds.len(), summary.schemas), (9000, 1, 1));
    for no_bundle in [&b""[..], b"dronestore bundle", b"#!/bin/sh\n and more than nineteen bytes"] {
        assert!(Bundle::read(no_bundle).unwrap_err().is_corrupt());
    }
    let later = [&b"dronestore bundle\n\x02"[..], &bytes[19..]].concat();
    assert_eq!(Bundle::read(&later[..]).unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(Repo::memory().unwrap().import_bundle(&later[..]).is_err());
}
