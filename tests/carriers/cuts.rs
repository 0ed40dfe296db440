//! A session that is cut at any byte, over each carrier: the next whole one ends on one hash, and nothing is lost.
//!
//! Each run takes some of the places, others each time; `DRONESTORE_CUTS=1` takes every byte, `DRONESTORE_CUTS=100` one of a
//! hundred. `DRONESTORE_SEED` repeats a run.

use super::child::part;
use super::proxy::Proxy;
use super::{SOCKETS, calling, serve, two};
use crate::folder::Folder;
use crate::random::{Random, from_env};
use crate::sync::replica;
use dronestore::{Hash, Repo, sync};
use std::io::{self, Read, Write};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The places at which a session of so many bytes is cut.
fn places(total: usize, share: usize) -> impl Iterator<Item = usize> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let (seed, share) =
        (from_env("DRONESTORE_SEED", now), from_env("DRONESTORE_CUTS", share as u64) as usize);
    println!("DRONESTORE_SEED={seed}: one place of {share}, in {total} bytes");
    let mut random = Random::new(seed);
    (1..total).step_by(share).map(move |place| (place + random.below(share)).min(total))
}

fn check(carrier: &str, cut: usize, repos: [&Repo; 2], hash: Hash) {
    for repo in repos {
        assert_eq!(repo.hash(), hash, "{carrier} cut at {cut}");
        if cut.is_multiple_of(5) {
            repo.verify().unwrap();
        }
    }
}

fn cut_everywhere(scheme: &str) {
    let (one, other, hash) = two();
    let run = |bytes: usize| {
        let (one, other) = (replica(&one), replica(&other));
        let server = serve(&other, scheme);
        let proxy = Proxy::start(server.local_addr(), bytes);
        let options = calling(scheme);
        let result = one.sync_with_options(&format!("{scheme}://{}", proxy.address), &options);
        let left = proxy.left();
        drop(proxy);
        let whole = one.sync_with_options(&server.url(), &options).unwrap();
        assert!(whole.in_sync, "{scheme} cut at {bytes}: {whole}");
        check(scheme, bytes, [&one, &other], hash);
        (result, left)
    };
    let plenty = 10_000_000;
    let (result, left) = run(plenty);
    assert!(result.unwrap().in_sync);
    let (mut failed, mut count) = (0, 0);
    for cut in places(plenty - left, 60) {
        failed += usize::from(run(cut).0.is_err());
        count += 1;
    }
    println!("{scheme}: {count} cuts, {failed} of them failed the session");
    assert!(failed * 10 >= count * 9, "{scheme}: {failed} of {count} cuts were noticed");
}

#[test]
fn every_byte_of_a_socket() {
    std::thread::scope(|scope| {
        for scheme in SOCKETS {
            scope.spawn(move || cut_everywhere(scheme));
        }
    });
}

/// A process's pipes that break after so many bytes, both ways together.
struct Pipes {
    child: Child,
    left: usize,
}

impl Pipes {
    fn start(path: &std::path::Path, bytes: usize) -> Pipes {
        let script = format!("exec \"$0\" {} 3>&1 1>/dev/null 2>&1", super::child::ARGUMENTS.join(" "));
        // The same environment as the part has, but a shell that turns its outputs.
        let part = part("answer", path);
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script]).arg(part.get_program());
        command.envs(part.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Pipes { child, left: bytes }
    }

    fn passes(&mut self, wanted: usize) -> io::Result<usize> {
        let passes = wanted.min(self.left);
        self.left -= passes;
        if passes == 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(passes) }
    }

    /// Both pipes are closed, and the process comes to its end by itself.
    fn end(mut self) {
        drop((self.child.stdin.take(), self.child.stdout.take()));
        self.child.wait().unwrap();
    }
}

impl Read for &mut Pipes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let passes = self.passes(buffer.len())?;
        let count = self.child.stdout.as_mut().unwrap().read(&mut buffer[..passes])?;
        self.left += passes - count;
        Ok(count)
    }
}

impl Write for &mut Pipes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let passes = self.passes(bytes.len())?;
        self.child.stdin.as_mut().unwrap().write_all(&bytes[..passes])?;
        Ok(passes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_byte_of_input_and_output() {
    let (one, other, hash) = two();
    let folder = Folder::new();
    let run = |bytes: usize| {
        let path = folder.join(&format!("{bytes}.drone"));
        let one = replica(&one);
        Repo::open(&path).unwrap().merge(&other).unwrap();
        let mut pipes = Pipes::start(&path, bytes);
        let result = sync::call(&one, &mut pipes);
        let left = pipes.left;
        pipes.end();
        let mut pipes = Pipes::start(&path, 10_000_000);
        assert!(sync::call(&one, &mut pipes).unwrap().in_sync);
        pipes.end();
        let other = Repo::open(&path).unwrap();
        check("pipes", bytes, [&one, &other], hash);
        drop(other);
        std::fs::remove_file(&path).unwrap();
        (result, left)
    };
    let plenty = 10_000_000;
    let (result, left) = run(plenty);
    assert!(result.unwrap().in_sync);
    let (places, failed) = (Mutex::new(places(plenty - left, 300)), AtomicUsize::new(0));
    let next = || places.lock().unwrap().next();
    let work = || {
        while let Some(cut) = next() {
            failed.fetch_add(usize::from(run(cut).0.is_err()), Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner();
    println!("pipes: {failed} cuts failed the session");
    assert!(failed > 0);
}
