//! The same work in every library: a replica of many records, one commit a record.
//!
//! The general libraries hold all records in one document, which is how they are meant to be used and where
//! they are fastest; crdts, the floor and dronestore hold each record by itself.

pub mod automerge;
pub mod crdts;
pub mod floor;
pub mod loro;
pub mod ours;
pub mod yrs;

use crate::person::Person;

/// A replica of many persons, numbered from 0 on.
pub trait Replica: Sized {
    /// The name in the table.
    const NAME: &'static str;

    /// An empty replica whose writes are this actor's.
    fn new(actor: u64) -> Self;

    /// Makes the next record and commits it.
    fn create(&mut self, id: usize, person: Person);

    /// Sets the phone number, counts one visit and commits: two fields.
    fn edit(&mut self, id: usize, round: u64);

    /// A copy of this replica for another actor.
    fn fork(&mut self, actor: u64) -> Self;

    /// Takes in all that the other has and this one lacks.
    fn merge(&mut self, other: &mut Self);

    /// What a record's phone, visits, age and tags read as.
    fn get(&self, id: usize) -> (String, u64, u32, Vec<String>);

    /// The bytes of all records when saved, without their keys where that can be told; `None` where the library
    /// saves nothing.
    fn saved(&mut self) -> Option<usize>;
}

/// A replica with this many records.
pub fn filled<R: Replica>(actor: u64, count: usize) -> R {
    let mut replica = R::new(actor);
    (0..count).for_each(|id| replica.create(id, Person::make(id)));
    replica
}

/// Two replicas that both know all records and have each edited every one of them.
pub fn diverged<R: Replica>(base: &mut R, count: usize) -> (R, R) {
    let (mut ours, mut theirs) = (base.fork(2), base.fork(3));
    (0..count).for_each(|id| ours.edit(id, 1));
    (0..count).for_each(|id| theirs.edit(id, 2));
    (ours, theirs)
}

/// Makes sure that a library does the work that is measured.
pub fn check<R: Replica>() {
    let mut base: R = filled(1, 3);
    let before = base.get(1);
    assert_eq!(before.0, Person::make(1).phone, "{}", R::NAME);
    let (mut ours, mut theirs) = diverged(&mut base, 3);
    ours.merge(&mut theirs);
    let person = Person::make(1);
    let (phone, visits, age, tags) = ours.get(1);
    let phones = [crate::person::phone(1, 1), crate::person::phone(1, 2)];
    assert!(phones.contains(&phone), "{}: {phone}", R::NAME);
    assert_eq!(visits, person.visits + 2, "{}", R::NAME);
    assert_eq!(age, person.age, "{}", R::NAME);
    assert_eq!(tags, person.tags.into_iter().collect::<Vec<_>>(), "{}", R::NAME);
}
