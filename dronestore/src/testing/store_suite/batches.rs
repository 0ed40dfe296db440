//! Batches are checked first and then made whole, or not at all.

use super::{expect, must, must_fail};
use crate::store::{Expectation, Store, Write};
use std::sync::Arc;

pub(super) fn check_expectations(make: &mut dyn FnMut() -> Arc<dyn Store>) {
    let store = make();
    must("a single write is applied", store.apply(&[], &[Write::put(b"there", b"value")]));
    let value = |value| Expectation::value(b"there", value);
    let cases: [(&str, Expectation<'_>, bool); 9] = [
        ("absent where it is absent", Expectation::absent(b"free"), true),
        ("absent where it is there", Expectation::absent(b"there"), false),
        ("the value it has", value(b"value"), true),
        ("a shorter value", value(b"valu"), false),
        ("a longer value", value(b"value2"), false),
        ("another value", value(b"other"), false),
        ("an empty value where it has one", value(b""), false),
        ("a value where it is absent", Expectation::value(b"free", b"value"), false),
        ("an empty value where it is absent", Expectation::value(b"free", b""), false),
    ];
    for (case, expectation, holds) in cases {
        check_case(&*store, case, expectation, holds, &[]);
        check_case(&*store, case, expectation, holds, &[Write::put(b"written", b"yes")]);
        must("a single write is applied", store.apply(&[], &[Write::delete(b"written")]));
    }
    last_of_several(&*store);
    of_the_state_before(&*store);
}

fn check_case(
    store: &dyn Store,
    case: &str,
    expectation: Expectation<'_>,
    holds: bool,
    writes: &[Write<'_>],
) {
    let law = format!("expecting {case}");
    let result = store.apply(&[expectation], writes);
    if holds {
        must(&law, result);
    } else {
        let error = must_fail(&law, result);
        assert!(error.is_conflict(), "law `{law}`: should be a conflict, failed with {error:?}");
    }
    let written = (holds && !writes.is_empty()).then_some(b"yes".as_slice());
    expect(&law, &*must(&law, store.snapshot()), b"written", written);
}

fn last_of_several(store: &dyn Store) {
    let law = "all expectations have to hold, also the last";
    let expectations = [Expectation::value(b"there", b"value"), Expectation::value(b"there", b"other")];
    let error = must_fail(law, store.apply(&expectations, &[Write::put(b"late", b"yes")]));
    assert!(error.is_conflict(), "law `{law}`: should be a conflict, failed with {error:?}");
    expect(law, &*must(law, store.snapshot()), b"late", None);
}

fn of_the_state_before(store: &dyn Store) {
    let law = "expectations are of the state before the batch";
    let writes = [Write::put(b"there", b"new"), Write::put(b"free", b"new")];
    let expectations = [Expectation::value(b"there", b"value"), Expectation::absent(b"free")];
    must(law, store.apply(&expectations, &writes));
    let again = must_fail(law, store.apply(&expectations, &writes));
    assert!(again.is_conflict(), "law `{law}`: should be a conflict, failed with {again:?}");
    expect(law, &*must(law, store.snapshot()), b"there", Some(b"new"));
}

pub(super) fn check_atomicity(make: &mut dyn FnMut() -> Arc<dyn Store>) {
    let store = make();
    let law = "of several writes of one key the last wins";
    let writes = [
        Write::put(b"a", b"1"),
        Write::put(b"b", b"1"),
        Write::delete(b"a"),
        Write::put(b"a", b"2"),
        Write::delete(b"b"),
        Write::put(b"c", b"1"),
    ];
    must(law, store.apply(&[], &writes));
    let snapshot = must(law, store.snapshot());
    for (key, value) in [(b"a", Some(b"2".as_slice())), (b"b", None), (b"c", Some(b"1"))] {
        expect(law, &*snapshot, key, value);
    }

    let law = "a batch that fails writes nothing";
    let keys: Vec<[u8; 4]> = (0..1_000u32).map(u32::to_be_bytes).collect();
    let writes: Vec<Write<'_>> = keys.iter().map(|key| Write::put(key, key)).collect();
    let writes = [&[Write::delete(b"a")], &writes[..], &[Write::put(b"", b"")]].concat();
    must_fail(law, store.apply(&[], &writes));
    let snapshot = must(law, store.snapshot());
    expect(law, &*snapshot, b"a", Some(b"2"));
    keys.iter().for_each(|key| expect(law, &*snapshot, key, None));

    if store.capabilities().compare_and_set {
        let late = Expectation::absent(b"c");
        let error = must_fail(law, store.apply(&[late], &writes[..writes.len() - 1]));
        assert!(error.is_conflict(), "law `{law}`: should be a conflict, failed with {error:?}");
        keys.iter().for_each(|key| expect(law, &*must(law, store.snapshot()), key, None));
    }

    let law = "a batch that goes well writes all";
    must(law, store.apply(&[], &writes[..writes.len() - 1]));
    let snapshot = must(law, store.snapshot());
    expect(law, &*snapshot, b"a", None);
    keys.iter().for_each(|key| expect(law, &*snapshot, key, Some(key)));
}
