//! Holding a model against its lock, in the compiler: all of it is constant evaluation.

use super::finding::{Finding, fits, number, same, same_part, same_parts};
use super::lock::REMOVED;
use crate::model::{Attribute, Source};

/// A lock, and the model that is held against it.
#[derive(Debug, Clone, Copy)]
pub struct Locked {
    lock: &'static [u8],
    attributes: &'static [Attribute],
}

/// The line of one attribute.
#[derive(Clone, Copy)]
struct Line {
    name: (usize, usize),
    strategy: (usize, usize),
    ty: (usize, usize),
    removed: bool,
    is_line: bool,
    next: usize,
}

/// One attribute as the program has it.
#[derive(Clone, Copy)]
struct Here {
    type_text: &'static str,
    attribute: &'static Attribute,
    converts: bool,
}

const ACCEPT: &str =
    "\nif that is meant, say so by writing the lock anew: `DRONESTORE_LOCK=write cargo test`, and commit it";

impl Locked {
    /// The text of the lock, and the attributes of the model.
    pub const fn new(lock: &'static str, attributes: &'static [Attribute]) -> Locked {
        Locked { lock: lock.as_bytes(), attributes }
    }

    /// What there is to say on the field of this stored name.
    pub const fn field(&self, name: &'static str) -> Finding {
        let mut finding = Finding::NOTHING;
        let Some(here) = self.here(name) else { return finding };
        match self.line_of(name) {
            Some(line) => {
                let same_strategy = self.is_strategy(&line, &here);
                if !same_strategy && !line.removed {
                    finding = finding
                        .say("`")
                        .say(name)
                        .say("` is stored as `")
                        .cut(self.lock, line.strategy)
                        .say("` and would be stored anew, beside it, as `")
                        .strategy(here.attribute)
                        .say("`: what is stored would no longer be read\nkeep strategy and type, or give the new attribute a name of its own: `#[drone(rename = \"…\")]`")
                        .say(ACCEPT);
                } else if !same_strategy || line.removed && !self.is_type(&line, &here) {
                    finding = finding
                        .say("`")
                        .say(name)
                        .say("` was stored once, as `")
                        .cut(self.lock, line.strategy)
                        .say("` of type `")
                        .cut(self.lock, line.ty)
                        .say("`, and stores still hold it\nchoose another name: `#[drone(rename = \"…\")]`")
                        .say(ACCEPT);
                } else if !self.is_type(&line, &here) && !here.converts {
                    finding = finding
                        .say("`").say(name).say("` is stored as `").cut(self.lock, line.ty)
                        .say("` and would not be read as `").say(here.type_text)
                        .say("`\nkeep the type, or say how one becomes the other: `#[drone(convert = \"path::to::Type\")]`")
                        .say(ACCEPT);
                }
            }
            None => {
                if let Some(gone) = self.gone_like(&here) {
                    finding = finding
                        .say("`").say(name).say("` is not in the lock, and `").cut(self.lock, gone.name)
                        .say("`, stored as `").cut(self.lock, gone.strategy).say("` of type `").cut(self.lock, gone.ty)
                        .say("`, is on no field\nif it was renamed, keep its stored name: `#[drone(rename = \"")
                        .cut(self.lock, gone.name).say("\")]`").say(ACCEPT);
                }
            }
        }
        finding
    }

    /// What there is to say on a field of this name that is kept out of the store.
    pub const fn skipped(&self, name: &'static str) -> Finding {
        match self.line_of(name) {
            Some(line) if !line.removed && self.here(name).is_none() => Finding::NOTHING
                .say("`")
                .say(name)
                .say("` is stored as `")
                .cut(self.lock, line.strategy)
                .say("` and would no longer be read\nremove `skip`")
                .say(ACCEPT),
            _ => Finding::NOTHING,
        }
    }

    /// What there is to say on the struct: what is stored and on no field; `skipped` are those that say so themselves.
    pub const fn model(&self, skipped: &[&'static str]) -> Finding {
        let mut finding = Finding::NOTHING;
        let mut at = 0;
        while at < self.lock.len() {
            let line = self.line(at);
            at = line.next;
            if !line.is_line {
                return finding
                    .say("this is no line of a lock: `")
                    .cut(self.lock, line.name)
                    .say("`\nwrite the lock anew: `DRONESTORE_LOCK=write cargo test`");
            }
            if self.is_gone(&line) && !self.is_any(&line, skipped) && !self.has_new_like(&line) {
                finding = finding
                    .say(if finding.len() == 0 { "" } else { "\n" })
                    .say("`")
                    .cut(self.lock, line.name)
                    .say("` is stored as `")
                    .cut(self.lock, line.strategy)
                    .say("` of type `")
                    .cut(self.lock, line.ty)
                    .say("`, and no field has it");
            }
        }
        if finding.len() > 0 {
            finding = finding
                .say("\nbring the field back, or give the field that it became its stored name with `#[drone(rename = \"…\")]`")
                .say(ACCEPT);
        }
        finding
    }

    /// The attribute, or the member of the object, of this name.
    const fn here(&self, name: &str) -> Option<Here> {
        let mut index = 0;
        while index < self.attributes.len() {
            let attribute = &self.attributes[index];
            let members = attribute.members;
            if members.is_empty() && same(attribute.name.as_bytes(), name.as_bytes()) {
                let converts = converts(&attribute.source);
                return Some(Here { type_text: attribute.type_text, attribute, converts });
            }
            let mut member = 0;
            while member < members.len() {
                let found = &members[member];
                if same(found.name.as_bytes(), name.as_bytes()) {
                    let converts = converts(&found.source);
                    return Some(Here { type_text: found.type_text, attribute, converts });
                }
                member += 1;
            }
            index += 1;
        }
        None
    }

    /// The line that begins here, or the next one behind comments.
    const fn line(&self, at: usize) -> Line {
        let mut ends = [(at, at); 4];
        let mut column = 0;
        let mut index = at;
        let is_comment = at < self.lock.len() && self.lock[at] == b'#';
        while index < self.lock.len() && self.lock[index] != b'\n' {
            if self.lock[index] == b'\t' {
                column += 1;
                if column < 4 {
                    ends[column] = (index + 1, index + 1);
                }
            } else if column < 4 && self.lock[index] != b'\r' {
                ends[column].1 = index + 1;
            }
            index += 1;
        }
        let removed = column == 3 && same_part(self.lock, ends[3], REMOVED.as_bytes());
        let is_blank = column == 0 && ends[0].0 == ends[0].1;
        let is_line = is_comment || is_blank || column == 2 || removed;
        // A comment is a line whose attribute is gone for good.
        let removed = removed || is_comment || is_blank;
        let name = if is_line && column == 0 { (at, at) } else { ends[0] };
        Line { name, strategy: ends[1], ty: ends[2], removed, is_line, next: index + 1 }
    }

    const fn line_of(&self, name: &str) -> Option<Line> {
        let mut at = 0;
        while at < self.lock.len() {
            let line = self.line(at);
            if line.name.1 > line.name.0 && self.is_name(&line, name) {
                return Some(line);
            }
            at = line.next;
        }
        None
    }

    const fn is_name(&self, line: &Line, name: &str) -> bool {
        let (name, mut at) = (name.as_bytes(), line.name.0);
        let mut index = 0;
        while index < name.len() {
            let (escaped, byte) = match name[index] {
                b'\\' => (true, b'\\'),
                b'\t' => (true, b't'),
                b'\n' => (true, b'n'),
                b'\r' => (true, b'r'),
                b'#' if index == 0 => (true, b'#'),
                other => (false, other),
            };
            if escaped {
                if at >= line.name.1 || self.lock[at] != b'\\' {
                    return false;
                }
                at += 1;
            }
            if at >= line.name.1 || self.lock[at] != byte {
                return false;
            }
            at += 1;
            index += 1;
        }
        at == line.name.1
    }

    const fn is_strategy(&self, line: &Line, here: &Here) -> bool {
        let written = Finding::NOTHING.strategy(here.attribute);
        let (start, end) = line.strategy;
        let mut index = 0;
        while index < end - start && index < written.len() {
            if self.lock[start + index] != written.byte(index) {
                return false;
            }
            index += 1;
        }
        end - start == written.len()
    }

    const fn is_type(&self, line: &Line, here: &Here) -> bool {
        let ((start, end), ty) = (line.ty, here.type_text.as_bytes());
        same_part(self.lock, line.ty, ty)
            // `Some(x)` is stored as `x`.
            || (ty.len() == end - start + 8
                && same_part(ty, (0, 7), b"Option<")
                && same_parts(ty, (7, ty.len() - 1), self.lock, line.ty))
            || fits(number(self.lock, start, end), number(ty, 0, ty.len()))
    }

    /// Whether no field has the attribute of a line.
    const fn is_gone(&self, line: &Line) -> bool {
        if line.removed {
            return false;
        }
        let mut index = 0;
        while index < self.attributes.len() {
            let attribute = &self.attributes[index];
            if attribute.members.is_empty() && self.is_name(line, attribute.name) {
                return false;
            }
            let mut member = 0;
            while member < attribute.members.len() {
                if self.is_name(line, attribute.members[member].name) {
                    return false;
                }
                member += 1;
            }
            index += 1;
        }
        true
    }

    const fn is_any(&self, line: &Line, names: &[&'static str]) -> bool {
        let mut index = 0;
        while index < names.len() {
            if self.is_name(line, names[index]) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// A line that no field has, of the strategy and type of this one.
    const fn gone_like(&self, here: &Here) -> Option<Line> {
        let mut at = 0;
        while at < self.lock.len() {
            let line = self.line(at);
            if line.is_line
                && self.is_gone(&line)
                && self.is_strategy(&line, here)
                && self.is_type(&line, here)
            {
                return Some(line);
            }
            at = line.next;
        }
        None
    }

    /// Whether a field that is not in the lock is like this line, and says so itself.
    const fn has_new_like(&self, line: &Line) -> bool {
        let mut index = 0;
        while index < self.attributes.len() {
            let attribute = &self.attributes[index];
            let count = if attribute.members.is_empty() { 1 } else { attribute.members.len() };
            let mut member = 0;
            while member < count {
                let name = if attribute.members.is_empty() {
                    attribute.name
                } else {
                    attribute.members[member].name
                };
                if let Some(here) = self.here(name)
                    && self.is_strategy(line, &here)
                    && self.is_type(line, &here)
                    && self.line_of(name).is_none()
                    && let Some(first) = self.gone_like(&here)
                    && first.name.0 == line.name.0
                {
                    return true;
                }
                member += 1;
            }
            index += 1;
        }
        false
    }
}

const fn converts(source: &Source) -> bool {
    !source.convert.is_empty()
}
