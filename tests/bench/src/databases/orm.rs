//! sea-orm without async, over the same SQLite with the same settings: its entities, its query builder.

use super::record::{Field, Record};
use super::{Database, Options, sqlite};
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveValue::Set, Database as Connect, IntoActiveModel, QueryOrder, QuerySelect, TransactionTrait,
};
use std::hint::black_box;

/// How many records one statement inserts.
const MANY: usize = 500;

mod person {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub born: u32,
        pub last: String,
        pub email: String,
        pub city: String,
        pub country: String,
        pub phone: String,
        pub first: String,
        pub visits: i64,
        pub score: u32,
        pub joined: i64,
        pub level: u32,
        pub notes: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use person::{ActiveModel, Column, Entity, Model};

/// One connection.
pub struct Orm(DatabaseConnection);

/// A database in one file.
pub fn open(options: &Options<'_>) -> Box<dyn Database> {
    let path = options.file("sea-orm");
    sqlite::create(&rusqlite::Connection::open(&path).unwrap(), options);
    let connection = Connect::connect(format!("sqlite://{}", path.display())).unwrap();
    let pragmas = format!(
        "pragma synchronous = full; pragma cache_size = -{}; pragma temp_store = memory",
        options.cache >> 10
    );
    connection.execute_unprepared(&pragmas).unwrap();
    Box::new(Orm(connection))
}

fn model(r: &Record) -> ActiveModel {
    let Record { id, last, email, city, country, phone, first, notes, .. } = r.clone();
    let (visits, joined) = (r.visits as i64, r.joined as i64);
    let (born, score, level) = (r.born, r.score, r.level);
    Model { id, born, last, email, city, country, phone, first, visits, score, joined, level, notes }
        .into_active_model()
        .reset_all()
}

impl Orm {
    fn write(&self, records: &[Record], is_new: bool) {
        let transaction = self.0.begin().unwrap();
        for records in records.chunks(MANY) {
            if !is_new {
                let ids = records.iter().map(|record| &*record.id);
                Entity::delete_many().filter(Column::Id.is_in(ids)).exec(&transaction).unwrap();
            }
            Entity::insert_many(records.iter().map(model)).exec_without_returning(&transaction).unwrap();
        }
        transaction.commit().unwrap();
    }
}

impl Database for Orm {
    fn insert(&mut self, records: &[Record]) {
        self.write(records, true);
    }

    fn replace(&mut self, records: &[Record]) {
        self.write(records, false);
    }

    fn update(&mut self, field: Field, changes: &[(String, u32)]) {
        let transaction = self.0.begin().unwrap();
        for (id, value) in changes {
            let mut person =
                ActiveModel { id: sea_orm::ActiveValue::Unchanged(id.clone()), ..Default::default() };
            match field {
                Field::Born => person.born = Set(*value),
                Field::Level => person.level = Set(*value),
            }
            Entity::update(person).exec(&transaction).unwrap();
        }
        transaction.commit().unwrap();
    }

    fn delete(&mut self, ids: &[String]) {
        let transaction = self.0.begin().unwrap();
        for id in ids {
            Entity::delete_by_id(id.clone()).exec(&transaction).unwrap();
        }
        transaction.commit().unwrap();
    }

    fn read(&self, id: &str) -> Option<Record> {
        let found = Entity::find_by_id(id.to_owned()).one(&self.0).unwrap()?;
        let Model { id, born, last, email, city, country, phone, first, visits, score, joined, level, notes } =
            found;
        let (visits, joined) = (visits as u64, joined as u64);
        Some(Record {
            id,
            born,
            last,
            email,
            city,
            country,
            phone,
            first,
            visits,
            score,
            joined,
            level,
            notes,
        })
    }

    fn get(&self, id: &str) -> bool {
        black_box(Entity::find_by_id(id.to_owned()).one(&self.0).unwrap()).is_some()
    }

    fn born_on(&self, day: u32) -> usize {
        black_box(Entity::find().filter(Column::Born.eq(day)).all(&self.0).unwrap()).len()
    }

    fn born_within(&self, (from, to): (u32, u32), limit: usize) -> usize {
        let within = Entity::find().filter(Column::Born.gte(from)).filter(Column::Born.lt(to));
        let ordered = within.order_by_asc(Column::Born).order_by_asc(Column::Id).limit(limit as u64);
        black_box(ordered.all(&self.0).unwrap()).len()
    }

    fn last_of_level(&self, level: u32) -> Vec<String> {
        let wanted = Entity::find().filter(Column::Level.gte(level));
        wanted.select_only().column(Column::Last).into_tuple().all(&self.0).unwrap()
    }

    fn stream(&self) -> u64 {
        // The blocking edition has no streams: pages by key, as its guide says.
        let mut pages = Entity::find().cursor_by(Column::Id);
        let mut sum = 0;
        loop {
            let page = pages.first(1_000).all(&self.0).unwrap();
            sum += page.iter().map(|person| person.visits as u64).sum::<u64>();
            match page.last() {
                Some(last) => pages.after(last.id.clone()),
                None => return sum,
            };
        }
    }

    fn count(&self) -> usize {
        use sea_orm::PaginatorTrait;
        Entity::find().count(&self.0).unwrap() as usize
    }
}
