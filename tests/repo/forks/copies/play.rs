//! What happens in a world: whoever writes, meets, is copied, opened anew or restored is chance.

use super::world::{COUNTED, NAMES, World, change, key};
use crate::repo::forks::House;
use dronestore::{ErrorKind, Key};

impl World {
    pub(super) fn play(&mut self) {
        for _ in 0..4 + self.random.below(16) {
            let (i, object) = (self.random.below(self.replicas.len()), self.random.below(3));
            let j = (i + 1 + self.random.below(self.replicas.len() - 1)) % self.replicas.len();
            match self.random.below(40) {
                0..16 => self.write(i, object),
                16 => self.delete(i, object),
                17..20 => {
                    self.tell(format!("{i} merges {j}"));
                    let report = self.replicas[i].repo.merge(&self.replicas[j].repo).unwrap();
                    self.note(&report);
                }
                20..28 => {
                    self.tell(format!("{i} syncs with {j}"));
                    self.sync(i, j);
                }
                28 => self.cross(i, j),
                29 => self.merge_one(i, j, object),
                30 | 31 if !self.is_full() => self.copy(i),
                32 | 33 => self.reopen(i),
                34 => self.back_up(i),
                35 if !self.is_full() && !self.backups.is_empty() => {
                    let backup = self.random.below(self.backups.len());
                    self.open_backup(backup);
                }
                36 if !self.backups.is_empty() => {
                    let backup = self.random.below(self.backups.len());
                    self.restore(i, backup);
                }
                37 => self.take_handle(i, object),
                38 | 39 => self.use_handle(i),
                _ => self.write(i, object),
            }
        }
    }

    fn delete(&mut self, replica: usize, object: usize) {
        self.tell(format!("{replica} deletes {}", NAMES[object]));
        self.replicas[replica].repo.delete::<House>(NAMES[object]).unwrap();
        self.deleted[object] = true;
    }

    /// Each merges what the other held before.
    fn cross(&mut self, i: usize, j: usize) {
        self.tell(format!("{i} and {j} cross"));
        let [ours, theirs] = [i, j].map(|replica| {
            let all = self.replicas[replica].repo.objects(&Key::root()).unwrap();
            all.map(Result::unwrap).collect::<Vec<_>>()
        });
        for (replica, versions) in [(i, theirs), (j, ours)] {
            for version in versions {
                let report = self.replicas[replica].repo.merge(&version).unwrap();
                self.note(&report);
            }
        }
    }

    fn merge_one(&mut self, i: usize, j: usize, object: usize) {
        let version = self.replicas[j].repo.view().unwrap().version("House", &key(object)).unwrap();
        if let Some(version) = version {
            self.tell(format!("{i} merges {} of {j}", NAMES[object]));
            let report = self.replicas[i].repo.merge(&version).unwrap();
            self.note(&report);
        }
    }

    fn take_handle(&mut self, i: usize, object: usize) {
        if let Some(handle) = self.replicas[i].repo.get::<House>(NAMES[object]).unwrap() {
            self.tell(format!("a handle of {} is read from {i}", NAMES[object]));
            self.handles.push((object, handle));
        }
    }

    fn use_handle(&mut self, i: usize) {
        let Some((object, mut handle)) = self.handles.pop() else { return };
        if self.random.below(2) == 0 {
            self.tell(format!("{i} merges a handle of {}", NAMES[object]));
            let report = self.replicas[i].repo.merge(&handle).unwrap();
            self.note(&report);
            return;
        }
        let (token, number) = (self.token(object), self.random.next());
        self.tell(format!("{i} saves a handle of {} with {token}", NAMES[object]));
        self.replicas[i].counted |= object == COUNTED;
        change(&mut handle, object, &token, number);
        if let Err(error) = self.replicas[i].repo.save(&mut handle) {
            // Said at once: nothing was written.
            assert_eq!(error.kind(), ErrorKind::Forked, "{error}");
            self.tell(format!("which is refused: {error}"));
            self.take_back(object, &token);
        }
    }
}
