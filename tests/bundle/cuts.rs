//! A bundle that is cut at any byte, or in which any byte is wrong.

use super::bundle;
use crate::random::from_env;
use crate::sync::{Journal, Note, change, fill, name, replica, repo_with, twin};
use dronestore::bundle::Bundle;
use dronestore::{ErrorKind, Repo};

/// Two that differ in many ways, and what one has for the other.
fn two(count: usize) -> (Repo, Repo, Vec<u8>) {
    let one = repo_with(count);
    let other = replica(&one);
    fill(&one, (0..count).step_by(9), "by one");
    fill(&other, (0..count).step_by(7), "by the other");
    one.delete::<Note>(name(11)).unwrap();
    change::<Journal>(&one, "page", |page| page.text = "a page".repeat(50));
    let bytes = bundle(&one);
    (one, other, bytes)
}

#[test]
fn a_bundle_that_is_cut_anywhere_keeps_what_came_before() {
    check(250, from_env("DRONESTORE_CUT_STEP", 7));
}

/// Of several blocks those before the cut are kept.
#[test]
fn a_long_bundle_that_is_cut_anywhere_keeps_what_came_before() {
    check(9000, from_env("DRONESTORE_CUT_STEP", 1) * 3001);
}

fn check(count: usize, step: u64) {
    let (_, other, bytes) = two(count);
    let joined = twin(&other);
    joined.import_bundle(&bytes[..]).unwrap();
    let (mut kept, mut cuts) = (0, 0);
    let first = if count < 1000 { 200 } else { 0 };
    let all = (0..first).chain((first..bytes.len()).step_by(step as usize));
    for cut in all.chain(bytes.len() - 40..bytes.len()) {
        let repo = twin(&other);
        let error = repo.import_bundle(&bytes[..cut]).unwrap_err();
        assert!(error.is_corrupt(), "{cut}: {error}");
        if let Ok(bundle) = Bundle::read(&bytes[..cut]) {
            assert!(bundle.check().unwrap_err().is_corrupt());
            assert!(error.to_string().contains(" objects"), "{error}");
        }
        kept += usize::from(repo.hash() != other.hash());
        repo.import_bundle(&bytes[..]).unwrap();
        assert_eq!(repo.hash(), joined.hash());
        if cut % 50 == 0 {
            repo.verify().unwrap();
        }
        cuts += 1;
    }
    println!("{} bytes, {cuts} cuts, after {kept} something was kept", bytes.len());
    assert!(kept > 0);
}

#[test]
fn any_wrong_byte_is_noticed() {
    let (_, other, bytes) = two(120);
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1 << (at % 8);
        let repo = twin(&other);
        let error = repo.import_bundle(&wrong[..]).unwrap_err();
        assert!(error.is_corrupt() || error.kind() == ErrorKind::Unsupported, "{at}: {error}");
        assert!(Bundle::read(&wrong[..]).and_then(Bundle::check).is_err());
    }
}

#[test]
fn blocks_of_two_bundles_do_not_mix() {
    let one = repo_with(5000);
    let bytes = bundle(&one);
    // A block too few: the frames are walked by their sizes.
    let frames = frames(&bytes);
    assert!(frames.len() > 4);
    for missing in 1..frames.len() - 1 {
        let rest: Vec<u8> =
            frames.iter().enumerate().filter(|(at, _)| *at != missing).flat_map(|(_, f)| f.clone()).collect();
        let rest = [&bytes[..19], &rest].concat();
        assert!(Bundle::read(&rest[..]).unwrap().check().unwrap_err().is_corrupt());
        assert!(Repo::memory().unwrap().import_bundle(&rest[..]).unwrap_err().is_corrupt());
    }
}

/// The frames of a bundle, each with its type, size and check.
pub fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut frames, mut at) = (Vec::new(), 19);
    while at < bytes.len() {
        let (mut size, mut shift, mut end) = (0usize, 0, at + 1);
        loop {
            size |= usize::from(bytes[end] & 0x7f) << shift;
            (shift, end) = (shift + 7, end + 1);
            if bytes[end - 1] < 0x80 {
                break;
            }
        }
        frames.push(bytes[at..end + size + 16].to_vec());
        at = end + size + 16;
    }
    frames
}
