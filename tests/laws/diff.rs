//! What a commit writes: the difference between what its author had loaded and the new value.

use super::oracle::{Commits, OBJECT, Op, Oracle, Path, clamped};
use super::shown::Val;
use super::spec::{Field, Rule, SetRule, Spec};

/// The strategy forbids the change.
#[derive(Debug, PartialEq)]
pub struct Refused;

pub struct Diff<'o> {
    pub oracle: &'o Oracle,
    /// What the author had loaded.
    pub base: Commits,
    /// What the commit is made onto.
    pub head: Commits,
    pub actor: [u8; 12],
    pub ops: Vec<(Path, Op)>,
    /// The lists in which items come, go, move or change.
    pub lists: Vec<super::ordered::Plan>,
}

impl Diff<'_> {
    pub fn fields(&mut self, fields: &[Field], at: Path, new: &[Val]) -> Result<(), Refused> {
        let mut members = self.oracle.members(at, self.base);
        let mut object_changed = false;
        for (index, (field, new)) in fields.iter().zip(new).enumerate() {
            let index = index as u8;
            if let Spec::Member = field.spec {
                if members.get(&index).unwrap_or(&field.default) != new {
                    members.insert(index, new.clone());
                    object_changed = true;
                }
                continue;
            }
            self.place(&field.spec, at.below(index), Some(&field.default), new)?;
        }
        if object_changed {
            self.ops.push((at.below(OBJECT), Op::Put { value: Val::Map(members), over: None }));
        }
        Ok(())
    }

    fn place(&mut self, spec: &Spec, at: Path, default: Option<&Val>, new: &Val) -> Result<(), Refused> {
        let old = self.oracle.read(spec, at, self.base);
        match (spec, new) {
            (Spec::Register(rule), _) => self.register(*rule, at, old, default, new),
            (Spec::Counter { only_grows }, Val::Int(new)) => {
                self.counter(*only_grows, at, old, default, *new)
            }
            (Spec::ClampedCounter, Val::Int(new)) => self.clamped_counter(at, old, default, *new),
            (Spec::Nested(fields), Val::List(new)) => self.fields(fields, at, new),
            // A default is written out by the first change of the field.
            _ if old.is_none() && default == Some(new) => Ok(()),
            (Spec::Set(rule), Val::Set(_)) => self.set(*rule, at, old, default, new),
            (Spec::Sequence, Val::Seq(new)) => {
                self.sequence(at, old.is_none(), new);
                Ok(())
            }
            (Spec::Map(inner) | Spec::Option(inner), Val::Map(_)) => self.map(inner, at, old, new),
            (Spec::Order, Val::Order(new)) => self.order(at, new, None),
            (Spec::Items(fields), Val::Items(new)) => {
                let keys: Vec<u8> = new.iter().map(|(key, _)| *key).collect();
                self.order(at, &keys, Some((fields, new)))
            }
            _ => panic!("{new:?} does not fit {spec:?}"),
        }
    }

    fn register(
        &mut self,
        rule: Rule,
        at: Path,
        old: Option<Val>,
        default: Option<&Val>,
        new: &Val,
    ) -> Result<(), Refused> {
        if old.as_ref().or(default) == Some(new) {
            return Ok(());
        }
        match (rule, &old) {
            (Rule::First, Some(_)) => return Err(Refused),
            (Rule::Max, Some(old)) if new < old => return Ok(()),
            (Rule::ClampedMax, Some(_)) => {
                // Compared with what is stored, not with what the bounds make of it.
                let stored = self.oracle.read(&Spec::Register(Rule::Max), at, self.base);
                if stored.is_some_and(|stored| *new < stored) {
                    return Ok(());
                }
            }
            (Rule::Min, Some(old)) if new > old => return Ok(()),
            _ => {}
        }
        let reading = self.oracle.side_read(at, self.base);
        let over = reading.filter(|_| rule == Rule::Conflict);
        self.ops.push((at, Op::Put { value: new.clone(), over }));
        Ok(())
    }

    /// What is counted is the difference to what was shown.
    fn clamped_counter(
        &mut self,
        at: Path,
        old: Option<Val>,
        default: Option<&Val>,
        new: i64,
    ) -> Result<(), Refused> {
        let int = |val: &Val| if let Val::Int(int) = val { *int } else { 0 };
        let sum = old.as_ref().map_or(0, int) + default.map_or(0, int);
        // Under a new key nothing was shown.
        let shown = if old.is_none() && default.is_none() { 0 } else { int(&clamped(&Val::Int(sum))) };
        self.counter(false, at, old, default, sum + new - shown)
    }

    fn counter(
        &mut self,
        only_grows: bool,
        at: Path,
        old: Option<Val>,
        default: Option<&Val>,
        new: i64,
    ) -> Result<(), Refused> {
        let is_new_key = old.is_none() && default.is_none();
        let int = |val: &Val| if let Val::Int(int) = val { *int } else { 0 };
        let difference = new - old.as_ref().map_or(0, int) - default.map_or(0, int);
        if difference < 0 && only_grows {
            return Err(Refused);
        }
        if difference != 0 || is_new_key {
            let own = self.oracle.total(at, self.head, &self.actor).unwrap_or(0);
            self.ops.push((at, Op::Count { total: own + difference }));
        }
        Ok(())
    }

    fn set(
        &mut self,
        rule: SetRule,
        at: Path,
        old: Option<Val>,
        default: Option<&Val>,
        new: &Val,
    ) -> Result<(), Refused> {
        let is_new = old.is_none();
        let votes = matches!(rule, SetRule::RemoveWins | SetRule::Latest | SetRule::Once);
        if let (true, true, Some(Val::Set(default)), Val::Set(new)) = (is_new, votes, default, new) {
            // What stands in the default alone is voted out by the first write that does not have it.
            self.ops.extend(default.difference(new).map(|element| (at, Op::Out(*element))));
        }
        let (Val::Set(old), Val::Set(new)) = (old.unwrap_or(Val::Set(Default::default())), new) else {
            panic!("{new:?} is no set")
        };
        for element in new.difference(&old) {
            if rule == SetRule::Once && self.oracle.was_removed(at, self.head, *element) {
                return Err(Refused);
            }
            self.ops.push((at, Op::In(*element)));
        }
        for element in old.difference(new) {
            if rule == SetRule::Union {
                return Err(Refused);
            }
            self.ops.push((at, Op::Out(*element)));
        }
        if is_new && new.is_empty() {
            self.ops.push((at, Op::Touch));
        }
        Ok(())
    }

    fn map(&mut self, inner: &Spec, at: Path, old: Option<Val>, new: &Val) -> Result<(), Refused> {
        let is_new = old.is_none();
        let (Val::Map(old), Val::Map(new)) = (old.unwrap_or(Val::Map(Default::default())), new) else {
            panic!("{new:?} is no map")
        };
        for key in old.keys().filter(|key| !new.contains_key(key)) {
            self.ops.push((at.below(*key), Op::Remove));
            self.ops.push((at, Op::Touch));
        }
        for (key, value) in new {
            if !old.contains_key(key) {
                self.ops.push((at.below(*key), Op::Touch));
            }
            self.place(inner, at.below(*key), None, value)?;
        }
        if is_new && new.is_empty() {
            self.ops.push((at, Op::Touch));
        }
        Ok(())
    }
}
