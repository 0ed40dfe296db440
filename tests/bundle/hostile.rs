//! Whatever a bundle holds: an error in bounded time and memory, and nothing in the repo that did not verify.

use super::bundle;
use super::cuts::frames;
use crate::format::golden_repo::{open, sample};
use crate::format::mutate::{mutated, noise, survives};
use crate::random::{Random, from_env};
use crate::sync::{Journal, change, fill, repo_with, twin};
use dronestore::{Hash, Key, Repo};
use dronestore_core::bytes::{Reader, put_varint};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;

/// How many hostile bundles each kind of attack gets.
fn rounds() -> u64 {
    from_env("DRONESTORE_HOSTILE", 5_000)
}

/// A frame whose check is right, whatever it holds.
fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind];
    put_varint(&mut frame, body.len() as u64);
    frame.extend_from_slice(body);
    let check = Hash::of(&[&[kind], &Hash::of(body).as_bytes()[..]].concat());
    frame.extend_from_slice(&check.as_bytes()[..16]);
    frame
}

/// The body of a frame.
fn body(frame: &[u8]) -> &[u8] {
    let size = 1 + frame[1..].iter().position(|byte| *byte < 0x80).unwrap() + 1;
    &frame[size..frame.len() - 16]
}

/// What the blocks of a bundle hold, not compressed.
pub fn raw_blocks(bytes: &[u8]) -> Vec<Vec<u8>> {
    let unpacked = |frame: Vec<u8>| {
        let mut reader = Reader::new(body(&frame));
        if frame[0] == 3 {
            reader.varint().unwrap();
            reader.take(32).unwrap();
        }
        reader.varint().unwrap();
        decompress_to_vec(reader.rest()).unwrap()
    };
    frames(bytes).into_iter().filter(|frame| matches!(frame[0], 2 | 3)).map(unpacked).collect()
}

/// A block of objects with other columns, and everything about it that can be made right.
fn repacked(body: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut reader = Reader::new(body);
    let count = reader.varint().unwrap();
    let hash: [u8; 32] = reader.array().unwrap();
    reader.varint().unwrap();
    let mut raw = decompress_to_vec(reader.rest()).unwrap();
    change(&mut raw);
    let mut out = Vec::new();
    put_varint(&mut out, count);
    out.extend_from_slice(&hash);
    put_varint(&mut out, raw.len() as u64);
    out.extend_from_slice(&compress_to_vec(&raw, 1));
    out
}

fn attack(victim: &Repo, bytes: &[u8]) {
    survives(bytes, || {
        let repo = twin(victim);
        _ = repo.import_bundle(bytes);
        if repo.hash() == victim.hash() {
            return;
        }
        // Blocks before the damage are kept, and nothing of before is lost.
        repo.verify().unwrap();
        let view = repo.view().unwrap();
        for before in victim.objects(&Key::root()).unwrap().map(Result::unwrap) {
            let after = view.version(before.kind(), before.key()).unwrap().unwrap();
            assert!(after.covers(&before).unwrap());
        }
    });
}

fn victims() -> Vec<(Repo, Vec<u8>)> {
    let small = repo_with(12);
    let victim = twin(&small);
    fill(&small, [1, 3, 80], "by another");
    change::<Journal>(&small, "page", |page| page.text = "a page".into());
    let all = open(&sample());
    vec![(victim, bundle(&small)), (Repo::memory().unwrap(), bundle(&all))]
}

#[test]
fn bytes_that_are_none_of_ours() {
    let seed = from_env("DRONESTORE_SEED", 3);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for (victim, good) in victims() {
        for _ in 0..rounds() / 2 {
            attack(&victim, &mutated(&good, &mut random));
            attack(&victim, &[&good[..19], &noise(&mut random, 300)].concat());
        }
    }
}

#[test]
fn frames_with_right_checks_and_wrong_contents() {
    let seed = from_env("DRONESTORE_SEED", 4);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for (victim, good) in victims() {
        let frames = frames(&good);
        for _ in 0..rounds() {
            let which = random.below(frames.len());
            let with = |(at, old): (usize, &Vec<u8>)| match at == which {
                true => frame(old[0], &mutated(body(old), &mut random)),
                false => old.clone(),
            };
            let changed: Vec<u8> = frames.iter().enumerate().flat_map(with).collect();
            attack(&victim, &[&good[..19], &changed].concat());
        }
    }
}

#[test]
fn columns_that_are_compressed_rightly_and_wrong() {
    let seed = from_env("DRONESTORE_SEED", 5);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for (victim, good) in victims() {
        let frames = frames(&good);
        let objects: Vec<usize> = (0..frames.len()).filter(|at| frames[*at][0] == 3).collect();
        for _ in 0..rounds() {
            let which = objects[random.below(objects.len())];
            let with = |(at, old): (usize, &Vec<u8>)| match at == which {
                true => frame(3, &repacked(body(old), |raw| *raw = mutated(raw, &mut random))),
                false => old.clone(),
            };
            let changed: Vec<u8> = frames.iter().enumerate().flat_map(with).collect();
            attack(&victim, &[&good[..19], &changed].concat());
        }
    }
}

#[test]
fn bombs_and_lengths_take_no_more_than_they_may() {
    let (victim, good) = victims().swap_remove(0);
    let frames = frames(&good);
    let head = [&good[..19], &frames[0]].concat();
    let block = |count: u64, length: u64, raw: &[u8]| {
        let mut out = Vec::new();
        put_varint(&mut out, count);
        out.extend_from_slice(&[0; 32]);
        put_varint(&mut out, length);
        out.extend_from_slice(&compress_to_vec(raw, 9));
        frame(3, &out)
    };
    let zeros = vec![0; 40 << 20];
    for (count, length) in
        [(1, 40 << 20), (4096, 36 << 20), (1, 36 << 20), (1, 10), (1, u64::MAX), (5000, 100), (u64::MAX, 9)]
    {
        let bomb = block(count, length, &zeros[..zeros.len().min(length as usize).max(1000)]);
        attack(&victim, &[&head[..], &bomb].concat());
    }
    // Counts of shapes, actors, columns and lengths beyond all there is.
    for lead in [
        &[0xff; 9][..],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[1, 0xff, 0xff, 0xff, 0x7f],
        &[0, 0xff, 0xff, 0xff, 0x7f],
        &[0, 0, 0xff, 0xff, 0x7f],
    ] {
        let mut raw = lead.to_vec();
        raw.resize(1 << 20, 0);
        attack(&victim, &[&head[..], &block(4096, raw.len() as u64, &raw)].concat());
    }
    // Sizes of frames that never come.
    for kind in 0..6 {
        for size in [1 << 16, 1 << 25, 37 << 20, 1 << 32, u64::MAX] {
            let mut bytes = vec![kind];
            put_varint(&mut bytes, size);
            attack(&victim, &[&head[..], &bytes, &[7; 100]].concat());
        }
    }
}
