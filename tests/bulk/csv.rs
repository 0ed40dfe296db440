//! CSV: a table of one kind, out and in again.

use super::{City, Parcel, Sender, State, all, cities, parcel};
use crate::random::{Random, from_env};
use dronestore::{Drone, ErrorKind, Export, Import, Repo};

fn table<T: Drone>(repo: &Repo) -> String {
    let mut table = Vec::new();
    let report = repo.export_csv::<T>(&mut table).unwrap();
    assert_eq!(report.bytes, table.len() as u64);
    String::from_utf8(table).unwrap()
}

#[test]
fn values_come_back_as_they_were() {
    let seed = from_env("DRONESTORE_SEED", 11);
    for seed in seed..seed + 80 {
        println!("seed {seed}");
        let mut random = Random::new(seed);
        let from = Repo::memory().unwrap();
        from.update::<Parcel>("untouched", |_| Ok(())).unwrap();
        from.import((0..12).map(|number| (format!("p {number}, \"x\""), parcel(&mut random)))).unwrap();
        let text = table::<Parcel>(&from);
        let to = Repo::memory().unwrap();
        let report = to.import_csv::<Parcel>(text.as_bytes()).unwrap();
        assert_eq!(report.written, 13);
        assert_eq!(all::<Parcel>(&to), all::<Parcel>(&from));
        assert_eq!(table::<Parcel>(&to), text);
        assert_eq!(to.import_csv::<Parcel>(text.as_bytes()).unwrap().written, 0);
        // Without the Rust type, by the schema that is there.
        let mut untyped = Vec::new();
        Export::new(&from).kind("Parcel").csv(&mut untyped).unwrap();
        assert_eq!(String::from_utf8(untyped).unwrap(), text);
        let to = Repo::memory().unwrap();
        to.add_schema(&Parcel::schema()).unwrap();
        Import::new(&to).batch_bytes(1000).csv("Parcel", text.as_bytes()).unwrap();
        assert_eq!(all::<Parcel>(&to), all::<Parcel>(&from));
        to.verify().unwrap();
    }
}

#[test]
fn a_table_is_what_a_spreadsheet_expects() {
    let repo = Repo::memory().unwrap();
    let one = Parcel {
        to: "Ann, \"the\" first".into(),
        label: "two\nlines".into(),
        share: 0.1,
        state: State::Shipped,
        tags: ["a".into()].into(),
        sender: Sender { city: "Linz".into(), sent: 2 },
        ..Parcel::default()
    };
    repo.put("a", one).unwrap();
    let text = table::<Parcel>(&repo);
    let (head, row) = text.split_once('\n').unwrap();
    assert_eq!(
        head,
        "key,back,balance,is_paid,label,limit,log,note,number,posted,seen,sender,share,size,state,steps,street,tags,\
         \"to, whom\",weight"
    );
    assert_eq!(
        row,
        "/Parcel:a,,0,false,\"two\nlines\",,,,,1970-01-01T00:00:00.000000000Z,{},\"{\"\"city\"\":\"\"Linz\"\",\"\"sent\"\":2}\",\
         0.1,0,Shipped,[],,\"[\"\"a\"\"]\",\"Ann, \"\"the\"\" first\",0\n"
    );
}

#[test]
fn people_may_write_tables_by_hand() {
    let repo = Repo::memory().unwrap();
    // A byte order mark, other line ends, another order, fewer columns, names in place of keys, blanks around numbers.
    let text = "\u{feff}people,key,mayor\r\n 7 ,a,\r\n8,/Far/City:b,\"Ann\"\r\n,c,x\r\n";
    let report = repo.import_csv::<City>(text.as_bytes()).unwrap();
    assert_eq!(report.written, 3);
    let city = |name: &str, mayor: Option<&str>, people| {
        (name.to_owned(), City { name: String::new(), mayor: mayor.map(str::to_owned), people })
    };
    let wanted =
        [city("/City:a", None, 7), city("/City:c", Some("x"), 0), city("/Far/City:b", Some("Ann"), 8)];
    assert_eq!(all::<City>(&repo), wanted);
    // A cell that was emptied takes away; a column that is not there changes nothing.
    repo.import_csv::<City>("key,mayor\nc,\n".as_bytes()).unwrap();
    assert_eq!(repo.get::<City>("c").unwrap().unwrap().mayor, None);
    repo.import_csv::<City>("@key,people\n/Far/City:b,9\n".as_bytes()).unwrap();
    let far = all::<City>(&repo).pop().unwrap().1;
    assert_eq!((far.mayor.as_deref(), far.people), (Some("Ann"), 9));
}

#[test]
fn a_field_may_be_called_key() {
    #[derive(Drone, Debug, Clone, PartialEq)]
    struct Door {
        #[merge(latest)]
        key: String,
    }
    let (repo, to) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    repo.put("front", Door { key: "brass".into() }).unwrap();
    assert_eq!(table::<Door>(&repo), "@key,key\n/Door:front,brass\n");
    to.import_csv::<Door>(table::<Door>(&repo).as_bytes()).unwrap();
    assert_eq!(all::<Door>(&to), all::<Door>(&repo));
    let error = to.import_csv::<Door>("key\nx\n".as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "line 1: names no column `key`");
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_came_before_stays() {
    for (text, kind, said) in [
        ("", ErrorKind::InvalidValue, "line 1: has no head, and no objects"),
        ("name\nx\n", ErrorKind::InvalidValue, "line 1: names no column `key`"),
        ("key,name,name\n", ErrorKind::InvalidValue, "line 1: names column `name` twice"),
        (
            "key,nmae\n",
            ErrorKind::NotFound,
            "line 1: `City` has no attribute `nmae`; it has mayor, name, people",
        ),
        (
            "key,people\na,1\nb,x\n",
            ErrorKind::InvalidValue,
            "line 3, with 1 before it imported: attribute `people`: `x` is no `u64`",
        ),
        (
            "key,people\na,1\nb,-1\n",
            ErrorKind::InvalidValue,
            "line 3, with 1 before it imported: /City:b: attribute `people`: -1 is no `u64`",
        ),
        (
            "key,name\na,\"two\nlines\"\nb\n",
            ErrorKind::InvalidValue,
            "line 4, with 1 before it imported: has 1 cells, and the head 2",
        ),
        ("key,name\na,1\n,2\n", ErrorKind::InvalidKey, "line 3, with 1 before it imported: "),
        ("key,name\na,1\n/x//y,2\n", ErrorKind::InvalidKey, "line 3, with 1 before it imported: "),
        ("key,name\na,1\nb,~\n", ErrorKind::InvalidValue, "line 3, with 1 before it imported: is not UTF-8"),
    ] {
        let repo = Repo::memory().unwrap();
        let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'~' { 0xff } else { byte }).collect();
        let mut import = Import::new(&repo).model::<City>();
        let error = import.csv("City", &bytes[..]).unwrap_err();
        assert!(error.to_string().starts_with(said), "{text:?}: {error}");
        assert_eq!(error.kind(), kind, "{text:?}: {error}");
        assert_eq!(import.report().objects, repo.len(), "{text:?}");
        repo.verify().unwrap();
    }
    let repo = Repo::memory().unwrap();
    let error = repo.import_csv::<Parcel>("key,state\na,Shpped\n".as_bytes()).unwrap_err();
    assert_eq!((error.kind(), repo.len()), (ErrorKind::InvalidValue, 0), "{error}");
    assert!(Import::new(&repo).csv("Nothing", "key\n".as_bytes()).unwrap_err().is_not_found());
    assert_eq!(Export::new(&repo).csv(Vec::new()).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn a_quote_that_is_never_closed_takes_no_more_than_allowed() {
    let repo = Repo::memory().unwrap();
    let mut import = Import::new(&repo).model::<City>().line_bytes(1 << 16);
    let endless = std::io::Read::chain(
        &b"key,name\na,x\nb,\""[..],
        std::io::Read::take(std::io::repeat(b'x'), 1 << 34),
    );
    let error = import.csv("City", endless).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().starts_with("line 3, with 1 before it imported: is longer than 65536 bytes"),
        "{error}"
    );
    let long = format!("key,name\na,{}\n", "x".repeat(1000));
    let error = Import::new(&repo).model::<City>().line_bytes(500).csv("City", long.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn any_cut_and_any_changed_byte_is_an_error_or_a_table() {
    let from = Repo::memory().unwrap();
    from.import(cities(4)).unwrap();
    let text = table::<City>(&from).into_bytes();
    let mut random = Random::new(5);
    for end in 0..text.len() {
        let to = Repo::memory().unwrap();
        let _ = to.import_csv::<City>(&text[..end]);
        assert!(to.len() <= 4);
        let mut changed = text.clone();
        changed[end] = random.next() as u8;
        let _ = to.import_csv::<City>(&changed[..]);
        to.verify().unwrap();
        assert_eq!(all::<City>(&to).len() as u64, to.len(), "all of it can be read");
    }
}

/// White space at the ends of keys is part of them.
#[test]
fn keys_with_white_space_at_their_ends_stay_apart() {
    let from = Repo::memory().unwrap();
    let names = ["x", "x ", " x", "x\t", "\u{2028}", " ", "\u{a0}x\u{a0}"];
    for (number, name) in names.into_iter().enumerate() {
        let city = City { people: number as u64, ..City::default() };
        from.put(name, city).unwrap();
    }
    let to = Repo::memory().unwrap();
    assert_eq!(to.import_csv::<City>(table::<City>(&from).as_bytes()).unwrap().written, names.len() as u64);
    assert_eq!(all::<City>(&to), all::<City>(&from));
}

#[test]
fn a_quote_that_is_open_at_the_end_is_refused() {
    let head = "key,name,people\n";
    for (rows, said) in [
        ("a,\"one\n b,two,2\n", 0),
        ("a,one,1\nb,\"two\"\",2\n", 1),
        ("a,one,1\nb,\"tw", 1),
        ("a,one,1\nb,\"", 1),
    ] {
        let repo = Repo::memory().unwrap();
        let error = repo.import_csv::<City>(format!("{head}{rows}").as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
        assert!(error.to_string().contains("its quote is never closed"), "{error}");
        assert_eq!(all::<City>(&repo).len(), said, "{rows:?}");
    }
    for rows in ["a,\"one\",1", "a,5\" pipe,1\n", "a,\"\",1\n", "a,\"one\"\"\",1\n", "a,\"one\"x,1\r\n"] {
        let repo = Repo::memory().unwrap();
        repo.import_csv::<City>(format!("{head}{rows}").as_bytes()).unwrap();
        assert_eq!(all::<City>(&repo).len(), 1, "{rows:?}");
    }
}
