//! loro: a document with one text.

use super::Text;
use ::loro::{ExportMode, LoroDoc, LoroText, VersionVector};

/// A document, its text, and how much of it was given to others.
pub struct Loro {
    doc: LoroDoc,
    text: LoroText,
    given: VersionVector,
}

impl Text for Loro {
    const NAME: &'static str = "loro";
    type News = Vec<u8>;

    fn new(actor: u64) -> Self {
        let doc = LoroDoc::new();
        doc.set_peer_id(actor).unwrap();
        Loro { text: doc.get_text("body"), doc, given: VersionVector::default() }
    }

    fn edit(&mut self, at: usize, deleted: usize, inserted: &str) {
        if deleted > 0 {
            self.text.delete(at, deleted).unwrap();
        }
        if !inserted.is_empty() {
            self.text.insert(at, inserted).unwrap();
        }
    }

    fn commit(&mut self) {
        self.doc.commit();
    }

    fn text(&self) -> String {
        self.text.to_string()
    }

    fn save(&mut self) -> Vec<u8> {
        self.doc.export(ExportMode::Snapshot).unwrap()
    }

    fn load(bytes: &[u8]) -> String {
        let doc = LoroDoc::new();
        doc.import(bytes).unwrap();
        doc.get_text("body").to_string()
    }

    fn news(&mut self) -> Vec<u8> {
        let news = self.doc.export(ExportMode::updates(&self.given)).unwrap();
        self.given = self.doc.oplog_vv();
        news
    }

    fn merge(&mut self, news: &Vec<u8>) {
        self.doc.import(news).unwrap();
    }
}
