//! A fleet: replicas that meet by chance come to hold the same.

use crate::random::{Random, from_env};
use crate::sync::{Note, change, fill, replica, repo_with};
use dronestore::Repo;
use dronestore::sync::{Discovery, Gossip, Mdns, Server};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// So many replicas that are served, and where.
fn fleet(count: usize) -> Vec<(Repo, Server, String)> {
    let first = repo_with(30);
    let serve = |repo: Repo| {
        let server = repo.serve("127.0.0.1:0").unwrap();
        let address = format!("tcp://{}", server.local_addr());
        (repo, server, address)
    };
    (0..count).map(|_| serve(replica(&first))).collect()
}

fn others(fleet: &[(Repo, Server, String)], me: usize) -> Vec<String> {
    let others = fleet.iter().enumerate().filter(|(number, _)| *number != me);
    others.map(|(_, (_, _, address))| address.clone()).collect()
}

#[test]
fn ten_replicas_come_to_hold_the_same_in_a_few_rounds() {
    let seed = from_env("DRONESTORE_SEED", 31);
    println!("seed {seed}");
    let fleet = fleet(10);
    let mut gossips: Vec<Gossip> = (0..10)
        .map(|me| Gossip::new(&fleet[me].0).peers(others(&fleet, me)).seed(seed + me as u64))
        .collect();
    let mut most = 0;
    for turn in 0..3 {
        fleet.iter().enumerate().for_each(|(me, member)| {
            fill(&member.0, [turn], "at once");
            change::<Note>(&member.0, format!("of {me} in {turn}"), |note| note.visits += 1);
        });
        let mut rounds = 0;
        while fleet.iter().any(|member| member.0.hash() != fleet[0].0.hash()) {
            gossips.iter_mut().for_each(|gossip| drop(gossip.meet().unwrap().result.unwrap()));
            rounds += 1;
            assert!(rounds < 20, "{rounds}");
        }
        most = most.max(rounds);
    }
    println!("at most {most} rounds; {}", gossips[0].status());
    assert!(most <= 8, "{most}");
    assert_eq!(fleet[7].0.len(), 30 + 30);
    fleet[7].0.verify().unwrap();
}

#[test]
fn the_same_seed_gives_the_same_meetings() {
    let (fleet, mut all) = (fleet(5), Vec::new());
    for seed in [1, 1, 2] {
        let mut gossip = Gossip::new(&fleet[0].0).peers(others(&fleet, 0)).seed(seed);
        let met: Vec<String> = (0..20).map(|_| gossip.meet().unwrap().address).collect();
        all.push(met);
    }
    assert!(all[0] == all[1] && all[0] != all[2]);
}

#[test]
fn whoever_does_not_answer_is_left_alone() {
    let fleet = fleet(2);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("tcp://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let mut gossip =
        Gossip::new(&fleet[0].0).peer(&dead).peer(&fleet[1].2).every(Duration::from_secs(60)).seed(4);
    for _ in 0..40 {
        gossip.meet();
    }
    let status = gossip.status();
    assert_eq!((status.failed, status.met, status.known, status.resting), (1, 39, 2, 1), "{status}");
    let mut alone = Gossip::new(&fleet[0].0);
    assert!(alone.meet().is_none() && alone.status().alone == 1);
}

/// Addresses that come and go.
struct Changing(Arc<Mutex<Vec<String>>>);

impl Discovery for Changing {
    fn addresses(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn threads_gossip_while_all_write_and_whoever_is_found_is_met() {
    let fleet = fleet(4);
    let (met, found) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let begin = |me: usize| {
        let told = met.clone();
        Gossip::new(&fleet[me].0)
            .discover(Changing(found.clone()))
            .every(Duration::from_millis(5))
            .on_met(move |met| {
                assert!(met.address.starts_with("tcp://"));
                told.fetch_add(1, Ordering::SeqCst);
            })
            .start()
            .unwrap()
    };
    let handles: Vec<_> = (0..4).map(begin).collect();
    // Itself is among them: that costs a few bytes.
    *found.lock().unwrap() = fleet.iter().map(|member| member.2.clone()).collect();
    let mut random = Random::new(6);
    for turn in 0..100 {
        fill(&fleet[random.below(4)].0, [turn % 40], "anywhere");
    }
    let begun = Instant::now();
    while fleet.iter().any(|member| member.0.hash() != fleet[0].0.hash()) {
        handles[0].meet_now();
        std::thread::sleep(Duration::from_millis(2));
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    assert!(met.load(Ordering::SeqCst) > 0 && handles[1].status().rounds > 0);
    let begun = Instant::now();
    handles.into_iter().for_each(|handle| handle.stop());
    assert!(begun.elapsed() < Duration::from_secs(20));
}

/// Over the real network of this machine, where it has one that takes multicasts; asked for by `DRONESTORE_MDNS=1`.
#[test]
fn replicas_find_one_another_on_the_local_network() {
    if from_env("DRONESTORE_MDNS", 0) == 0 {
        return;
    }
    let fleet = fleet(2);
    let stranger = repo_with(3);
    let announced = |repo: &Repo, server: &Server| Mdns::announce(repo, server.local_addr().port()).unwrap();
    let one = announced(&fleet[0].0, &fleet[0].1);
    let other = announced(&fleet[1].0, &fleet[1].1);
    let looks = Mdns::look(&stranger).unwrap();
    let begun = Instant::now();
    while one.addresses().is_empty() || other.addresses().is_empty() {
        std::thread::sleep(Duration::from_millis(20));
        assert!(begun.elapsed() < Duration::from_secs(10), "{one:?} {other:?}");
    }
    println!("{:?} and {:?} after {:?}", one.addresses(), other.addresses(), begun.elapsed());
    assert_eq!((one.addresses().len(), other.addresses().len()), (1, 1));
    assert!(looks.addresses().is_empty());
}
