//! dronestore: two repos in memory, a session between them.

use super::{Meeting, Pair};
use crate::person::{Person, name};
use crate::replicas::fill;
use dronestore::Repo;
use dronestore::sync::Session;

/// Two repos.
struct Ours {
    here: Repo,
    there: Repo,
}

/// Two that hold the same.
fn pair(count: usize) -> Ours {
    let here = Repo::memory().unwrap();
    fill(&here, count);
    let there = replica(&here);
    Ours { here, there }
}

fn replica(of: &Repo) -> Repo {
    let replica = Repo::builder().replica_of(of).open().unwrap();
    replica.merge(of).unwrap();
    replica
}

/// They never met, and neither met anybody since it was opened.
pub fn cold(count: usize) -> Box<dyn Pair> {
    Box::new(pair(count))
}

/// They never met, and both met others.
pub fn strangers(count: usize) -> Box<dyn Pair> {
    let Ours { mut here, mut there } = pair(count);
    let mut other = replica(&here);
    set(&other, 0, "+00");
    meet(&mut here, &mut other);
    meet(&mut there, &mut other);
    Box::new(Ours { here, there })
}

/// They met before, and again after that.
pub fn remembered(count: usize) -> Box<dyn Pair> {
    let Ours { mut here, mut there } = pair(count);
    for phone in ["+00", "+01"] {
        set(&here, 0, phone);
        meet(&mut here, &mut there);
    }
    Box::new(Ours { here, there })
}

fn set(repo: &Repo, id: usize, value: &str) {
    let mut person = repo.get::<Person>(name(id).as_str()).unwrap().unwrap();
    value.clone_into(&mut person.phone);
    repo.save(&mut person).unwrap();
}

impl Pair for Ours {
    fn edit(&mut self, ids: &[usize], value: &str) {
        ids.iter().for_each(|id| set(&self.here, *id, value));
    }

    fn meet(&mut self) -> Meeting {
        meet(&mut self.here, &mut self.there)
    }

    fn check(&self, ids: &[usize], value: &str) {
        assert_eq!(self.here.hash(), self.there.hash());
        for id in ids {
            assert_eq!(self.there.get::<Person>(name(*id).as_str()).unwrap().unwrap().phone, value);
        }
    }
}

fn meet(here: &mut Repo, there: &mut Repo) -> Meeting {
    let (mut caller, mut answerer) = (Session::call(here), Session::answer(there));
    let (mut wire, mut meeting, mut finding) = (Vec::new(), Meeting::default(), 0);
    while !(caller.is_done() && answerer.is_done()) {
        say(&mut caller, &mut wire);
        answerer.receive(&wire).unwrap();
        finding += without_versions(&wire);
        meeting.bytes += wire.len();
        say(&mut answerer, &mut wire);
        caller.receive(&wire).unwrap();
        finding += without_versions(&wire);
        meeting.bytes += wire.len();
        // The last word of the caller may need no answer.
        meeting.trips += if wire.is_empty() { 0.5 } else { 1.0 };
    }
    assert!(caller.report().in_sync && answerer.report().in_sync);
    meeting.finding = Some(finding);
    meeting
}

/// All that one side has to say in its turn.
fn say(session: &mut Session, wire: &mut Vec<u8>) {
    wire.clear();
    loop {
        let before = wire.len();
        session.send(wire).unwrap();
        if wire.len() == before {
            return;
        }
    }
}

/// How many bytes of the frames are not of versions: `docs/PROTOCOL.md`, "Frames".
fn without_versions(mut wire: &[u8]) -> usize {
    let mut count = 0;
    while !wire.is_empty() {
        let (mut size, mut head) = (0usize, 0);
        loop {
            let byte = wire[head];
            size |= usize::from(byte & 0x7f) << (7 * head);
            head += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if !VERSIONS.contains(&wire[head]) {
            count += head + size;
        }
        wire = &wire[head + size..];
    }
    count
}

/// The frames that carry versions, whole or as a difference.
const VERSIONS: [u8; 4] = [0x06, 0x07, 0x08, 0x21];
