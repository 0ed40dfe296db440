//! Deltas: of every version against every earlier one, rebuilt to the very bytes; and against those it is not of.

use super::device::Device;
use super::rng::Rng;
use super::world::{Outcome, World, bits, shown};
use dronestore::{ActorId, Drone, Nanotime, Version};
use dronestore_core::bytes::Reader;
use dronestore_core::version::delta::{DeltaReader, DeltaWriter, Written, written_since};
use std::collections::BTreeSet;

impl World<'_> {
    /// Tells every version met by every other one, as one sender to one receiver.
    pub fn check_deltas(&self) -> Outcome {
        let Some((_, first)) = self.met.first() else { return Ok(()) };
        let sender = first.tips()[0].dot.actor;
        let (mut writer, mut reader) = (DeltaWriter::new(sender), DeltaReader::new(sender));
        for (seen, version) in &self.met {
            for (before, base) in self.met.iter().filter(|(before, _)| before & !seen == 0 && before != seen)
            {
                let Some(names) = written_since(version, base).map_err(shown)? else { continue };
                let steps = u64::from((seen & !before).count_ones());
                let last = version.tips()[0].time.as_nanos();
                let since = Nanotime::from_nanos(if steps == 1 { last - 1 } else { 0 });
                let written = Written { attributes: &names, steps, is_commit: false, since };
                let told = || format!("{} since {}", bits(*seen), bits(*before));
                let mut bytes = Vec::new();
                writer.put(version, &written, &mut bytes).map_err(shown)?;
                let mut rest = Reader::new(&bytes);
                let delta =
                    reader.take(&mut rest).map_err(|error| format!("{}: {}", told(), shown(error)))?;
                if !rest.is_empty() {
                    return Err(format!("{}: {} bytes are left", told(), rest.rest().len()));
                }
                let rebuilt = delta.rebuild(base).map_err(|error| format!("{}: {}", told(), shown(error)))?;
                // That it was created earlier, by a clock that ran backwards, is told where it is seen; else the hash tells.
                if rebuilt.to_bytes() != version.to_bytes() && base.created() == version.created() {
                    return Err(format!("{}: {rebuilt:?} was rebuilt and {version:?} told", told()));
                }
                self.met.iter().try_for_each(|(_, other)| harmless(&delta.rebuild(other)))?;
            }
        }
        Ok(())
    }
}

/// What comes of a base that was not meant is no version, or a whole one.
fn harmless(rebuilt: &dronestore::Result<Version>) -> Outcome {
    match rebuilt {
        Ok(version) => version.verify().map_err(shown),
        Err(error) if error.is_corrupt() => Ok(()),
        Err(error) => Err(format!("another base: {error}")),
    }
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
struct Page {
    #[merge(latest)]
    title: String,
    #[merge(set)]
    tags: BTreeSet<u8>,
    #[merge(text)]
    text: String,
}

/// A version, one that came of it, and what tells it: as a commit on the base, by its line and rows, and of two writers.
fn told() -> Vec<(Version, Version, Vec<u8>)> {
    let mut ann = Device::<Page>::new(1);
    ann.edit(|page| (page.title, page.text) = ("a".into(), "one two".into())).unwrap();
    let mut bob = ann.copy::<Page>(2);
    bob.edit(|page| page.tags = BTreeSet::from([1, 2])).unwrap();
    ann.merge(&bob);
    let base = ann.version.clone().unwrap();
    bob.edit(|page| (page.title, page.text) = ("b".into(), "one two three".into())).unwrap();
    bob.edit(|page| page.tags = BTreeSet::from([1])).unwrap();
    ann.edit(|page| (page.tags, page.text) = (BTreeSet::from([2, 3]), "one and two".into())).unwrap();
    let one = ann.version.clone().unwrap();
    ann.merge(&bob);
    let both = ann.version.clone().unwrap();
    let steps = [(&one, &["tags", "text"][..], true), (&one, &["tags", "text"], false)];
    let all = steps.into_iter().chain([(&both, &["tags", "text", "title"][..], false)]);
    let told = all.map(|(version, attributes, is_commit)| {
        let written = Written { attributes, steps: 1, is_commit, since: Nanotime::MIN };
        let mut bytes = Vec::new();
        DeltaWriter::new(ActorId::from_bytes([1; 12])).put(version, &written, &mut bytes).unwrap();
        (base.clone(), version.clone(), bytes)
    });
    told.collect()
}

/// What these bytes tell of the base, if anything.
fn rebuild(base: &Version, bytes: &[u8]) -> dronestore::Result<Version> {
    DeltaReader::new(ActorId::from_bytes([1; 12])).take(&mut Reader::new(bytes))?.rebuild(base)
}

#[test]
fn any_bytes_are_an_error_or_another_version() {
    let mut rng = Rng::new(7);
    let mut errors = BTreeSet::new();
    for (base, version, bytes) in told() {
        assert_eq!(rebuild(&base, &bytes).unwrap().to_bytes(), version.to_bytes());
        for round in 0..40_000 {
            let changed = match round % 4 {
                0 => (0..rng.below(60)).map(|_| rng.next() as u8).collect(),
                _ => mutated(&bytes, &mut rng),
            };
            match rebuild(&base, &changed) {
                Ok(rebuilt) => {
                    rebuilt.verify().unwrap();
                    assert!(rebuilt.covers(&base).unwrap_or(true));
                }
                Err(error) => _ = errors.insert(error.to_string()),
            }
        }
        (0..bytes.len()).for_each(|end| assert!(rebuild(&base, &bytes[..end]).is_err()));
    }
    let met = |words: &str| errors.iter().any(|error| error.contains(words));
    for words in
        ["a row twice", "a row that nothing bears", "no tips, or one of them twice", "tip without a row"]
    {
        assert!(met(words), "no input was refused for {words:?}: {errors:#?}");
    }
}

fn mutated(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    for _ in 0..1 + rng.below(3) {
        let at = rng.below(changed.len());
        match rng.below(4) {
            0 => changed.truncate(at + 1),
            1 => changed.insert(at, rng.next() as u8),
            2 => changed[at] ^= 1 << rng.below(8),
            _ => changed[at] = [0, 1, 0x7f, 0x80, 0xff][rng.below(5)],
        }
    }
    changed
}

#[test]
fn what_was_written_and_left_out_gives_another_hash() {
    let (base, version, _) = told().swap_remove(0);
    for names in [&["tags"][..], &["text"], &[]] {
        let mut bytes = Vec::new();
        let written = Written { attributes: names, steps: 1, is_commit: false, since: Nanotime::MIN };
        DeltaWriter::new(ActorId::from_bytes([1; 12])).put(&version, &written, &mut bytes).unwrap();
        assert!(rebuild(&base, &bytes).is_err() || rebuild(&base, &bytes).unwrap() != version);
    }
    // Naming more than was written costs bytes, and nothing else.
    let mut bytes = Vec::new();
    let written = Written {
        attributes: &["tags", "text", "title", "none"],
        steps: 1,
        is_commit: false,
        since: Nanotime::MIN,
    };
    DeltaWriter::new(ActorId::from_bytes([1; 12])).put(&version, &written, &mut bytes).unwrap();
    assert_eq!(rebuild(&base, &bytes).unwrap(), version);
}
