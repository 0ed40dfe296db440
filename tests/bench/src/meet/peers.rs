//! The general libraries: one document of all records on each side.

use super::{Meeting, Pair};
use crate::peers::automerge::Automerge;
use crate::peers::loro::Loro;
use crate::peers::yrs::Yrs;
use crate::peers::{Replica, filled};
use ::automerge::sync::{State, SyncDoc};
use ::loro::{ExportMode, VersionVector};
use ::yrs::updates::decoder::Decode;
use ::yrs::updates::encoder::Encode;
use ::yrs::{ReadTxn, StateVector, Transact, Update};

/// A library whose replicas meet.
trait Meets: Replica {
    /// What both remember of one another, where there is such a thing.
    type Memory: Default;

    fn set_phone(&mut self, id: usize, value: &str);

    fn meet(&mut self, other: &mut Self, memory: &mut Self::Memory) -> Meeting;
}

/// Two replicas.
struct Two<R: Meets> {
    here: R,
    there: R,
    memory: R::Memory,
}

fn pair<R: Meets + 'static>(count: usize, is_remembered: bool) -> Box<dyn Pair> {
    let mut base: R = filled(1, count);
    let mut two = Two { here: base.fork(2), there: base.fork(3), memory: R::Memory::default() };
    if is_remembered {
        two.here.meet(&mut two.there, &mut two.memory);
    }
    Box::new(two)
}

pub fn automerge_strangers(count: usize) -> Box<dyn Pair> {
    pair::<Automerge>(count, false)
}

pub fn automerge_remembered(count: usize) -> Box<dyn Pair> {
    pair::<Automerge>(count, true)
}

/// A version vector tells strangers as much as friends.
pub fn loro(count: usize) -> Box<dyn Pair> {
    pair::<Loro>(count, false)
}

/// So does a state vector.
pub fn yrs(count: usize) -> Box<dyn Pair> {
    pair::<Yrs>(count, false)
}

impl<R: Meets> Pair for Two<R> {
    fn edit(&mut self, ids: &[usize], value: &str) {
        ids.iter().for_each(|id| self.here.set_phone(*id, value));
    }

    fn meet(&mut self) -> Meeting {
        self.here.meet(&mut self.there, &mut self.memory)
    }

    fn check(&self, ids: &[usize], value: &str) {
        for id in ids {
            assert!(self.there.get(*id).0.contains(value), "{}", R::NAME);
        }
    }
}

impl Meets for Automerge {
    type Memory = [State; 2];

    fn set_phone(&mut self, id: usize, value: &str) {
        self.set_phone(id, value);
    }

    fn meet(&mut self, other: &mut Self, memory: &mut [State; 2]) -> Meeting {
        let [ours, theirs] = memory;
        let mut meeting = Meeting::default();
        loop {
            let said = self.doc.sync().generate_sync_message(ours);
            let is_silent = said.is_none();
            if let Some(message) = said {
                let bytes = message.encode();
                meeting.bytes += bytes.len();
                let message = ::automerge::sync::Message::decode(&bytes).unwrap();
                other.doc.sync().receive_sync_message(theirs, message).unwrap();
            }
            match other.doc.sync().generate_sync_message(theirs) {
                None if is_silent => return meeting,
                None => {}
                Some(message) => {
                    let bytes = message.encode();
                    meeting.bytes += bytes.len();
                    let message = ::automerge::sync::Message::decode(&bytes).unwrap();
                    self.doc.sync().receive_sync_message(ours, message).unwrap();
                }
            }
            meeting.trips += 1.0;
        }
    }
}

impl Meets for Loro {
    type Memory = ();

    fn set_phone(&mut self, id: usize, value: &str) {
        self.set_phone(id, value);
    }

    fn meet(&mut self, other: &mut Self, (): &mut ()) -> Meeting {
        let mine = self.doc.oplog_vv().encode();
        let seen = VersionVector::decode(&mine).unwrap();
        let news = other.doc.export(ExportMode::updates(&seen)).unwrap();
        let theirs = other.doc.oplog_vv().encode();
        self.doc.import(&news).unwrap();
        let seen = VersionVector::decode(&theirs).unwrap();
        let back = self.doc.export(ExportMode::updates(&seen)).unwrap();
        other.doc.import(&back).unwrap();
        let bytes = mine.len() + news.len() + theirs.len() + back.len();
        Meeting { bytes, finding: None, trips: 1.5 }
    }
}

impl Meets for Yrs {
    type Memory = ();

    fn set_phone(&mut self, id: usize, value: &str) {
        self.set_phone(id, value);
    }

    fn meet(&mut self, other: &mut Self, (): &mut ()) -> Meeting {
        let mine = self.doc.transact().state_vector().encode_v1();
        let seen = StateVector::decode_v1(&mine).unwrap();
        let news = other.doc.transact().encode_diff_v1(&seen);
        let theirs = other.doc.transact().state_vector().encode_v1();
        self.doc.transact_mut().apply_update(Update::decode_v1(&news).unwrap()).unwrap();
        let seen = StateVector::decode_v1(&theirs).unwrap();
        let back = self.doc.transact().encode_diff_v1(&seen);
        other.doc.transact_mut().apply_update(Update::decode_v1(&back).unwrap()).unwrap();
        let bytes = mine.len() + news.len() + theirs.len() + back.len();
        Meeting { bytes, finding: None, trips: 1.5 }
    }
}
