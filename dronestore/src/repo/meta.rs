//! Meta: the totals of a repo, carried by the last row of the change log; Home: who and where it is.

use super::DatabaseId;
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::{ActorId, Error, ErrorKind, Hash, Nanotime, Result};

/// The totals of a repo after a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meta {
    /// How many objects there are, deleted ones too.
    pub(crate) objects: u64,
    /// The sum of all version hashes modulo 2²⁵⁶, least limb first.
    pub(crate) sum: [u64; 4],
    /// The largest stamp that the repo's clock has given.
    pub(crate) time: Nanotime,
    /// The number of the next new shape.
    pub(crate) next_shape: u32,
}

impl Meta {
    /// The sum as a hash; zero for a repo without objects.
    pub(crate) fn hash(&self) -> Hash {
        let mut bytes = [0; 32];
        for (limb, out) in self.sum.iter().zip(bytes.chunks_exact_mut(8)) {
            out.copy_from_slice(&limb.to_le_bytes());
        }
        Hash::from_bytes(bytes)
    }

    /// A version came in.
    pub(crate) fn add(&mut self, hash: &Hash) {
        let mut carry = false;
        for (limb, other) in self.sum.iter_mut().zip(limbs(hash)) {
            (*limb, carry) = limb.carrying_add(other, carry);
        }
    }

    /// A version went out.
    pub(crate) fn remove(&mut self, hash: &Hash) {
        let mut borrow = false;
        for (limb, other) in self.sum.iter_mut().zip(limbs(hash)) {
            (*limb, borrow) = limb.borrowing_sub(other, borrow);
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.objects);
        out.extend_from_slice(self.hash().as_bytes());
        out.extend_from_slice(&self.time.as_nanos().to_be_bytes());
        put_varint(out, u64::from(self.next_shape));
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Meta> {
        let objects = reader.varint()?;
        let sum = limbs(&Hash::from_bytes(reader.array()?));
        let time = Nanotime::from_nanos(u64::from_be_bytes(reader.array()?));
        let next_shape =
            u32::try_from(reader.varint()?).map_err(|_| Error::corrupt("a repo has too many shapes"))?;
        Ok(Meta { objects, sum, time, next_shape })
    }
}

fn limbs(hash: &Hash) -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(hash.as_bytes().as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*bytes);
    }
    limbs
}

/// The version of a repo's rows.
const FORMAT: u8 = 1;

/// Who a repo is, and where it was when it last wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) database: DatabaseId,
    pub(crate) actor: ActorId,
    /// What the store's witness says of the place; empty where it says nothing.
    pub(crate) place: Vec<u8>,
    /// Whether the store keeps marks beside its content.
    pub(crate) marked: bool,
}

impl Home {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        out.extend_from_slice(self.database.as_bytes());
        out.extend_from_slice(self.actor.as_bytes());
        out.push(u8::from(self.marked));
        put_slice(&mut out, &self.place);
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Home> {
        let mut reader = Reader::new(bytes);
        let format = reader.byte()?;
        if format != FORMAT {
            let message = format!(
                "a repo of format {format} was written by a later dronestore; this one reads {FORMAT}"
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Ok(Home {
            database: DatabaseId::from_bytes(reader.array()?),
            actor: ActorId::from_bytes(reader.array()?),
            marked: reader.byte()? == 1,
            place: reader.slice()?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_does_not_depend_on_order_and_forgets_what_went_out() {
        let hashes: Vec<Hash> = (0..50u8).map(|byte| Hash::of(&[byte])).collect();
        let (mut forward, mut backward) = (Meta::default(), Meta::default());
        hashes.iter().for_each(|hash| forward.add(hash));
        hashes.iter().rev().for_each(|hash| backward.add(hash));
        assert_eq!(forward, backward);
        hashes.iter().for_each(|hash| forward.remove(hash));
        assert_eq!(forward, Meta::default());
        let ones = Hash::from_bytes([0xff; 32]);
        let mut wrapped = Meta::default();
        wrapped.add(&ones);
        wrapped.add(&ones);
        wrapped.remove(&ones);
        assert_eq!(wrapped.hash(), ones);
    }
}
