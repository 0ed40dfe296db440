//! Raw redb: rows by hand, values by postcard, a table an index whose keys are value and id. What anything over redb can at most be.

use super::record::{Field, Record};
use super::{Database, Options};
use ::redb::{
    Builder, Database as Redb, ReadOnlyTable, ReadableDatabase, ReadableTableMetadata, Table,
    TableDefinition, WriteTransaction,
};
use std::hint::black_box;

const PEOPLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("people");
const INDEXES: [TableDefinition<'_, &[u8], ()>; 10] = [
    TableDefinition::new("born"),
    TableDefinition::new("last"),
    TableDefinition::new("email"),
    TableDefinition::new("city"),
    TableDefinition::new("country"),
    TableDefinition::new("phone"),
    TableDefinition::new("first"),
    TableDefinition::new("visits"),
    TableDefinition::new("score"),
    TableDefinition::new("joined"),
];

/// A file, and how many indexes are kept.
pub struct Raw {
    database: Redb,
    indexes: usize,
}

/// A database in one file.
pub fn open(options: &Options<'_>) -> Box<dyn Database> {
    let database = Builder::new().set_cache_size(options.cache).create(options.file("redb")).unwrap();
    let mut raw = Raw { database, indexes: options.indexes };
    raw.write(|_| {});
    Box::new(raw)
}

/// The tables of one transaction.
struct Tables<'t> {
    people: Table<'t, &'static [u8], &'static [u8]>,
    indexes: Vec<Table<'t, &'static [u8], ()>>,
}

impl Tables<'_> {
    fn index(&mut self, record: &Record, is_put: bool, only: Option<usize>) {
        let mut row = Vec::new();
        for (place, table) in self.indexes.iter_mut().enumerate() {
            if only.is_some_and(|only| only != place) {
                continue;
            }
            row.clear();
            value(record, place, &mut row);
            row.extend_from_slice(record.id.as_bytes());
            match is_put {
                true => drop(table.insert(&*row, ()).unwrap()),
                false => drop(table.remove(&*row).unwrap()),
            }
        }
    }

    fn put(&mut self, record: &Record) {
        let bytes = postcard::to_stdvec(record).unwrap();
        self.people.insert(record.id.as_bytes(), &*bytes).unwrap();
    }

    fn take(&mut self, id: &str) -> Option<Record> {
        self.people.remove(id.as_bytes()).unwrap().map(|found| decode(found.value()))
    }

    fn read(&self, id: &str) -> Record {
        use ::redb::ReadableTable;
        decode(self.people.get(id.as_bytes()).unwrap().unwrap().value())
    }
}

fn decode(bytes: &[u8]) -> Record {
    postcard::from_bytes(bytes).unwrap()
}

/// What an index has of a record, in its order; texts end with a zero.
fn value(record: &Record, place: usize, row: &mut Vec<u8>) {
    let text = match place {
        0 => return row.extend(record.born.to_be_bytes()),
        1 => &record.last,
        2 => &record.email,
        3 => &record.city,
        4 => &record.country,
        5 => &record.phone,
        6 => &record.first,
        7 => return row.extend(record.visits.to_be_bytes()),
        8 => return row.extend(record.score.to_be_bytes()),
        _ => return row.extend(record.joined.to_be_bytes()),
    };
    row.extend_from_slice(text.as_bytes());
    row.push(0);
}

impl Raw {
    fn write(&mut self, work: impl FnOnce(&mut Tables<'_>)) {
        let mut transaction: WriteTransaction = self.database.begin_write().unwrap();
        transaction.set_quick_repair(true);
        let people = transaction.open_table(PEOPLE).unwrap();
        let indexes =
            INDEXES[..self.indexes].iter().map(|index| transaction.open_table(*index).unwrap()).collect();
        let mut tables = Tables { people, indexes };
        work(&mut tables);
        drop(tables);
        transaction.commit().unwrap();
    }

    fn people(&self) -> ReadOnlyTable<&'static [u8], &'static [u8]> {
        self.database.begin_read().unwrap().open_table(PEOPLE).unwrap()
    }
}

impl Database for Raw {
    fn insert(&mut self, records: &[Record]) {
        self.write(|tables| {
            for record in records {
                tables.put(record);
                tables.index(record, true, None);
            }
        });
    }

    fn replace(&mut self, records: &[Record]) {
        self.write(|tables| {
            for record in records {
                if let Some(before) = tables.take(&record.id) {
                    tables.index(&before, false, None);
                }
                tables.put(record);
                tables.index(record, true, None);
            }
        });
    }

    fn update(&mut self, field: Field, changes: &[(String, u32)]) {
        self.write(|tables| {
            for (id, value) in changes {
                let mut record = tables.read(id);
                if field == Field::Born {
                    tables.index(&record, false, Some(0));
                }
                record.set(field, *value);
                tables.put(&record);
                if field == Field::Born {
                    tables.index(&record, true, Some(0));
                }
            }
        });
    }

    fn delete(&mut self, ids: &[String]) {
        self.write(|tables| {
            for id in ids {
                let record = tables.take(id).unwrap();
                tables.index(&record, false, None);
            }
        });
    }

    fn read(&self, id: &str) -> Option<Record> {
        self.people().get(id.as_bytes()).unwrap().map(|found| decode(found.value()))
    }

    fn get(&self, id: &str) -> bool {
        black_box(self.read(id)).is_some()
    }

    fn born_on(&self, day: u32) -> usize {
        self.born_within((day, day + 1), usize::MAX)
    }

    fn born_within(&self, (from, to): (u32, u32), limit: usize) -> usize {
        let transaction = self.database.begin_read().unwrap();
        let (people, born) =
            (transaction.open_table(PEOPLE).unwrap(), transaction.open_table(INDEXES[0]).unwrap());
        let (from, to) = (from.to_be_bytes(), to.to_be_bytes());
        let found = born.range::<&[u8]>(&from[..]..&to[..]).unwrap().take(limit).map(|row| {
            let (row, _) = row.unwrap();
            black_box(decode(people.get(&row.value()[4..]).unwrap().unwrap().value()))
        });
        found.count()
    }

    fn last_of_level(&self, level: u32) -> Vec<String> {
        let all = self.people();
        let all = all.range::<&[u8]>(..).unwrap().map(|row| decode(row.unwrap().1.value()));
        all.filter(|person| person.level >= level).map(|person| person.last).collect()
    }

    fn stream(&self) -> u64 {
        let all = self.people();
        all.range::<&[u8]>(..).unwrap().map(|row| decode(row.unwrap().1.value()).visits).sum()
    }

    fn count(&self) -> usize {
        self.people().len().unwrap() as usize
    }
}
