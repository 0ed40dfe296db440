//! yrs: a document with one text, a transaction an edit.

use super::Text;
use ::yrs::updates::decoder::Decode;
use ::yrs::{Doc, GetString, ReadTxn, StateVector, Text as _, TextRef, Transact, Update};

/// A document, its text, and how much of it was given to others.
pub struct Yrs {
    doc: Doc,
    text: TextRef,
    given: StateVector,
}

impl Text for Yrs {
    const NAME: &'static str = "yrs";
    type News = Vec<u8>;

    fn new(actor: u64) -> Self {
        let doc = Doc::with_client_id(actor);
        Yrs { text: doc.get_or_insert_text("body"), doc, given: StateVector::default() }
    }

    fn edit(&mut self, at: usize, deleted: usize, inserted: &str) {
        let mut txn = self.doc.transact_mut();
        if deleted > 0 {
            self.text.remove_range(&mut txn, at as u32, deleted as u32);
        }
        if !inserted.is_empty() {
            self.text.insert(&mut txn, at as u32, inserted);
        }
    }

    fn commit(&mut self) {}

    fn text(&self) -> String {
        self.text.get_string(&self.doc.transact())
    }

    fn save(&mut self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    fn load(bytes: &[u8]) -> String {
        let mut yrs = Yrs::new(1);
        yrs.merge(&bytes.to_vec());
        yrs.text()
    }

    fn news(&mut self) -> Vec<u8> {
        let txn = self.doc.transact();
        let news = txn.encode_diff_v1(&self.given);
        self.given = txn.state_vector();
        news
    }

    fn merge(&mut self, news: &Vec<u8>) {
        self.doc.transact_mut().apply_update(Update::decode_v1(news).unwrap()).unwrap();
    }
}
