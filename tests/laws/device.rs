//! Devices: handles whose actor and wall clock a test sets by hand.

use super::world::NOW;
use dronestore::model::{Committed, Loaded, Model, commit, fresh, load};
use dronestore::version::{Author, Merged};
use dronestore::{ActorId, HybridClock, Key, Nanotime, Result, Version};

pub struct Device<M> {
    pub value: M,
    pub version: Option<Version>,
    pub wall: u64,
    pub notes: Vec<String>,
    actor: u8,
    clock: HybridClock,
}

impl<M: Model> Device<M> {
    pub fn new(actor: u8) -> Self {
        let clock = HybridClock::default();
        Device { value: fresh().unwrap(), version: None, wall: NOW, notes: Vec::new(), actor, clock }
    }

    pub fn at(mut self, wall: u64) -> Self {
        self.wall = wall;
        self
    }

    /// Another device that has what this one has.
    pub fn copy<N: Model>(&self, actor: u8) -> Device<N> {
        let mut copy = Device::<N>::new(actor).at(self.wall);
        copy.take(self.version.clone().unwrap());
        copy
    }

    pub fn take(&mut self, version: Version) {
        version.verify().unwrap();
        let version = Version::from_bytes(&version.to_bytes()).unwrap();
        self.value = load(&version).unwrap();
        self.version = Some(version);
    }

    /// Edits the value and commits it; whether there was anything to commit.
    pub fn edit(&mut self, edit: impl FnOnce(&mut M)) -> Result<Option<Committed>> {
        self.save(self.version.clone(), edit)
    }

    /// Edits the value of `base` and saves it onto what this device has.
    pub fn save(&mut self, base: Option<Version>, edit: impl FnOnce(&mut M)) -> Result<Option<Committed>> {
        let key = Key::for_kind(M::KIND, "x").unwrap();
        self.value = base.as_ref().map_or_else(fresh, load)?;
        edit(&mut self.value);
        let actor = ActorId::from_bytes([self.actor; 12]);
        let mut author = Author { actor, clock: &mut self.clock, wall: Nanotime::from_nanos(self.wall) };
        let loaded = commit(&self.value, &key, base.as_ref(), self.version.as_ref(), &mut author);
        if let (Err(_), Some(version)) = (&loaded, &self.version) {
            self.value = load(version)?;
        }
        let Loaded { result, notes, .. } = loaded?;
        self.notes = notes;
        if let Some(head) = result.as_ref().map(|made| made.version.clone()).or(self.version.clone()) {
            self.take(head);
        }
        Ok(result)
    }

    pub fn merge<N: Model>(&mut self, other: &Device<N>) {
        let (ours, theirs) = (self.version.clone().unwrap(), other.version.clone().unwrap());
        match ours.merge(&theirs).unwrap() {
            Merged::Known => {}
            Merged::Forward => self.take(theirs),
            Merged::Joined(version) => self.take(version),
        }
    }

    /// Both ways, after which both must have the same version.
    pub fn meet(&mut self, other: &mut Self) {
        self.merge(other);
        other.merge(self);
        assert_eq!(self.version, other.version);
    }

    /// That committing what was loaded is no commit.
    pub fn is_silent(&mut self) -> bool {
        self.edit(|_| {}).unwrap().is_none()
    }

    pub fn is_conflicted(&self) -> bool {
        self.version.as_ref().unwrap().is_conflicted().unwrap()
    }
}
