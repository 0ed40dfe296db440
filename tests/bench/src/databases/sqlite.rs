//! rusqlite, tuned: WAL, a sync with each commit, a large cache, prepared statements, no row ids.

use super::record::{Field, INDEXED, Record};
use super::{Database, Options};
use rusqlite::{Connection, Row, params};
use std::hint::black_box;

/// The columns, in the order of all statements.
pub const COLUMNS: &str =
    "id, born, last, email, city, country, phone, first, visits, score, joined, level, notes";

/// One connection.
pub struct Sqlite(Connection);

/// A table with so many indexes, as whoever asks it of SQLite makes it.
pub fn create(connection: &Connection, options: &Options<'_>) {
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.pragma_update(None, "synchronous", "full").unwrap();
    connection.pragma_update(None, "cache_size", -((options.cache >> 10) as i64)).unwrap();
    connection.pragma_update(None, "temp_store", "memory").unwrap();
    let table = "create table if not exists person (id text primary key, born integer not null, last text not null, \
                 email text not null, city text not null, country text not null, phone text not null, \
                 first text not null, visits integer not null, score integer not null, joined integer not null, \
                 level integer not null, notes text not null) without rowid";
    connection.execute_batch(table).unwrap();
    for field in &INDEXED[..options.indexes] {
        connection
            .execute_batch(&format!("create index if not exists by_{field} on person ({field})"))
            .unwrap();
    }
    connection.set_prepared_statement_cache_capacity(64);
}

/// A database in one file.
pub fn open(options: &Options<'_>) -> Box<dyn Database> {
    let connection = Connection::open(options.file("rusqlite")).unwrap();
    create(&connection, options);
    Box::new(Sqlite(connection))
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        id: row.get(0)?,
        born: row.get(1)?,
        last: row.get(2)?,
        email: row.get(3)?,
        city: row.get(4)?,
        country: row.get(5)?,
        phone: row.get(6)?,
        first: row.get(7)?,
        visits: row.get::<_, i64>(8)? as u64,
        score: row.get(9)?,
        joined: row.get::<_, i64>(10)? as u64,
        level: row.get(11)?,
        notes: row.get(12)?,
    })
}

impl Sqlite {
    fn write(&mut self, records: &[Record], how: &str) {
        let transaction = self.0.transaction().unwrap();
        {
            let text = format!("{how} into person ({COLUMNS}) values (?,?,?,?,?,?,?,?,?,?,?,?,?)");
            let mut statement = transaction.prepare_cached(&text).unwrap();
            for r in records {
                let (visits, joined) = (r.visits as i64, r.joined as i64);
                let values = params![
                    r.id, r.born, r.last, r.email, r.city, r.country, r.phone, r.first, visits, r.score,
                    joined, r.level, r.notes
                ];
                statement.execute(values).unwrap();
            }
        }
        transaction.commit().unwrap();
    }

    fn load(&self, text: &str, values: impl rusqlite::Params) -> usize {
        let mut statement = self.0.prepare_cached(text).unwrap();
        let found = statement.query_map(values, record).unwrap();
        found.map(|person| drop(black_box(person.unwrap()))).count()
    }
}

impl Database for Sqlite {
    fn insert(&mut self, records: &[Record]) {
        self.write(records, "insert");
    }

    fn replace(&mut self, records: &[Record]) {
        self.write(records, "insert or replace");
    }

    fn update(&mut self, field: Field, changes: &[(String, u32)]) {
        let text = match field {
            Field::Born => "update person set born = ? where id = ?",
            Field::Level => "update person set level = ? where id = ?",
        };
        let transaction = self.0.transaction().unwrap();
        {
            let mut statement = transaction.prepare_cached(text).unwrap();
            for (id, value) in changes {
                assert_eq!(statement.execute(params![value, id]).unwrap(), 1);
            }
        }
        transaction.commit().unwrap();
    }

    fn delete(&mut self, ids: &[String]) {
        let transaction = self.0.transaction().unwrap();
        {
            let mut statement = transaction.prepare_cached("delete from person where id = ?").unwrap();
            ids.iter().for_each(|id| assert_eq!(statement.execute([id]).unwrap(), 1));
        }
        transaction.commit().unwrap();
    }

    fn read(&self, id: &str) -> Option<Record> {
        let mut statement =
            self.0.prepare_cached(&format!("select {COLUMNS} from person where id = ?")).unwrap();
        statement.query_map([id], record).unwrap().next().map(Result::unwrap)
    }

    fn get(&self, id: &str) -> bool {
        black_box(self.read(id)).is_some()
    }

    fn born_on(&self, day: u32) -> usize {
        self.load(&format!("select {COLUMNS} from person where born = ?"), [day])
    }

    fn born_within(&self, (from, to): (u32, u32), limit: usize) -> usize {
        let text =
            format!("select {COLUMNS} from person where born >= ? and born < ? order by born, id limit ?");
        self.load(&text, params![from, to, limit as i64])
    }

    fn last_of_level(&self, level: u32) -> Vec<String> {
        let mut statement = self.0.prepare_cached("select last from person where level >= ?").unwrap();
        statement.query_map([level], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn stream(&self) -> u64 {
        let mut statement = self.0.prepare_cached(&format!("select {COLUMNS} from person")).unwrap();
        statement.query_map([], record).unwrap().map(|person| person.unwrap().visits).sum()
    }

    fn count(&self) -> usize {
        self.0.query_row("select count(*) from person", [], |row| row.get::<_, i64>(0)).unwrap() as usize
    }
}
