//! A part of a repo over each carrier, by whichever side names it.

use super::{SOCKETS, calling, serving};
use crate::sync::{Note, change, name};
use dronestore::sync::Scope;
use dronestore::{Key, Repo};

#[test]
fn a_part_is_called_and_served_over_every_carrier() {
    let office = Repo::memory().unwrap();
    for team in ["red", "blue"] {
        for number in 0..5 {
            let key: Key = format!("/Team:{team}/Note:{}", name(number)).parse().unwrap();
            change::<Note>(&office, key, |note| note.title = team.into());
        }
    }
    let below = |team: &str| Scope::everything().below(&format!("/Team:{team}").parse().unwrap());
    for scheme in SOCKETS {
        let serve = |scope: Scope| {
            let address = format!("{scheme}://127.0.0.1:0");
            office.serve_with_options(&address, &serving(scheme).within(scope)).unwrap()
        };
        for (ours, theirs, count) in [
            (below("red"), Scope::everything(), 5),
            (Scope::everything(), below("red"), 5),
            (below("red"), below("blue"), 0),
        ] {
            let server = serve(theirs);
            let phone = Repo::builder().replica_of(&office).open().unwrap();
            let report = phone.sync_with_options(&server.url(), &calling(scheme).within(ours)).unwrap();
            assert!(report.in_sync, "{scheme}");
            assert_eq!(phone.len(), count, "{scheme}");
        }
    }
}
