//! Other replicas on the local network, by multicast DNS (RFC 6762, RFC 6763), of the same database and no other.

use super::Discovery;
use crate::Repo;
use crate::random::random_actor;
use crate::repo::DatabaseId;
use dronestore_core::{Error, ErrorKind, Hash, Result};
use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// What is announced and looked for.
const SERVICE: &str = "_dronestore._tcp.local.";
/// Under which name the text record says which database.
const DATABASE: &str = "db";
/// How many others are known at once.
const MOST: usize = 1024;

/// Announces a served repo on the local network, and finds the others that hold the same database. (Feature `mdns`.)
///
/// What is announced is the port and a hash of the database's id, not the id itself. It tells whoever listens on the
/// network that there is such a database, how many devices hold it and where; and whoever wants to can announce wrong
/// addresses: finding is no proof. Dropping it takes the announcement back.
///
/// ```no_run
/// use dronestore::Repo;
/// use dronestore::sync::{Gossip, Mdns};
/// use std::time::Duration;
///
/// let repo = Repo::open("people.drone")?;
/// let server = repo.serve("0.0.0.0:0")?;
/// let network = Mdns::announce(&repo, server.local_addr().port())?;
/// let _gossip = Gossip::new(&repo).discover(network).every(Duration::from_secs(20)).start()?;
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct Mdns {
    daemon: ServiceDaemon,
    fullname: Option<String>,
    found: Found,
    thread: Option<JoinHandle<()>>,
}

/// Where others are, by the names that they announce.
type Found = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

impl Mdns {
    /// Announces a repo that is served at this port, and looks for others.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the operating system gives no socket or no thread.
    pub fn announce(repo: &Repo, port: u16) -> Result<Mdns> {
        let name = random_actor()?.to_string();
        let info = service(&repo.database(), &name, port)?;
        let fullname = info.get_fullname().to_owned();
        let mut mdns = Mdns::look(repo)?;
        mdns.daemon.register(info).map_err(failed)?;
        mdns.found.lock().unwrap_or_else(PoisonError::into_inner).remove(&fullname);
        mdns.fullname = Some(fullname);
        Ok(mdns)
    }

    /// Looks for others, and announces nothing.
    ///
    /// # Errors
    /// As [`Mdns::announce`].
    pub fn look(repo: &Repo) -> Result<Mdns> {
        let daemon = ServiceDaemon::new().map_err(failed)?;
        let events = daemon.browse(SERVICE).map_err(failed)?;
        let (found, database) = (Found::default(), fingerprint(&repo.database()));
        let inside = found.clone();
        let work = move || {
            // It ends when the daemon does.
            while let Ok(event) = events.recv() {
                note(&mut inside.lock().unwrap_or_else(PoisonError::into_inner), &database, event);
            }
        };
        let thread = thread::Builder::new().name("dronestore mdns".into()).spawn(work).map_err(failed)?;
        Ok(Mdns { daemon, fullname: None, found, thread: Some(thread) })
    }
}

impl Discovery for Mdns {
    fn addresses(&self) -> Vec<String> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        // Itself it finds too.
        let others = found.iter().filter(|(name, _)| Some(*name) != self.fullname.as_ref());
        others.flat_map(|(_, addresses)| addresses.iter().cloned()).collect()
    }
}

impl Drop for Mdns {
    fn drop(&mut self) {
        if let Some(fullname) = &self.fullname
            && let Ok(done) = self.daemon.unregister(fullname)
        {
            // The others are told, if that is quickly done.
            let _ = done.recv_timeout(std::time::Duration::from_millis(200));
        }
        let _ = self.daemon.shutdown();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Mdns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mdns").field("announced", &self.fullname).field("found", &self.addresses()).finish()
    }
}

/// What a database is called on the network: its id cannot be read from it.
fn fingerprint(database: &DatabaseId) -> String {
    let hash = Hash::of(&[b"dronestore mdns ", &database.as_bytes()[..]].concat());
    format!("{hash:.16}")
}

fn service(database: &DatabaseId, name: &str, port: u16) -> Result<ServiceInfo> {
    let text = [(DATABASE, fingerprint(database))];
    let host = format!("{name}.local.");
    let info = ServiceInfo::new(SERVICE, name, &host, (), port, &text[..]).map_err(failed)?;
    Ok(info.enable_addr_auto())
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Store, "the local network cannot be asked for others").with_source(error)
}

fn note(found: &mut BTreeMap<String, Vec<String>>, database: &str, event: ServiceEvent) {
    match event {
        ServiceEvent::ServiceResolved(other) => {
            let addresses = addresses(&other, database);
            let has_room = found.len() < MOST || found.contains_key(&other.fullname);
            if addresses.is_empty() {
                found.remove(&other.fullname);
            } else if has_room {
                found.insert(other.fullname.clone(), addresses);
            }
        }
        ServiceEvent::ServiceRemoved(_, fullname) => drop(found.remove(&fullname)),
        _ => {}
    }
}

/// One address under which another one of this database is reached: a device is not to be met more often for having many.
fn addresses(other: &ResolvedService, database: &str) -> Vec<String> {
    if other.txt_properties.get_property_val_str(DATABASE) != Some(database) || other.port == 0 {
        return Vec::new();
    }
    let mut all: Vec<IpAddr> = other.addresses.iter().map(|address| address.to_ip_addr()).collect();
    // Addresses of version 6 that are good on one link only need to know which; the others come first.
    all.retain(|address| !matches!(address, IpAddr::V6(six) if six.is_unicast_link_local()));
    all.sort();
    let first = all.first().map(|address| format!("tcp://{}", SocketAddr::new(*address, other.port)));
    first.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(database: &DatabaseId, name: &str, ips: &str, port: u16) -> ServiceEvent {
        let text = [(DATABASE, fingerprint(database))];
        let info = ServiceInfo::new(SERVICE, name, &format!("{name}.local."), ips, port, &text[..]).unwrap();
        ServiceEvent::ServiceResolved(Box::new(info.as_resolved_service()))
    }

    #[test]
    fn others_of_the_same_database_are_found_and_forgotten() {
        let (ours, theirs) = (Repo::memory().unwrap().database(), Repo::memory().unwrap().database());
        let (mut found, database) = (BTreeMap::new(), fingerprint(&ours));
        assert!(database.len() == 16 && !format!("{ours}").contains(&database));
        note(&mut found, &database, resolved(&ours, "one", "192.168.1.7,192.168.1.5", 7070));
        note(&mut found, &database, resolved(&theirs, "stranger", "192.168.1.8", 7070));
        note(&mut found, &database, resolved(&ours, "portless", "192.168.1.9", 0));
        assert_eq!(found.values().flatten().collect::<Vec<_>>(), ["tcp://192.168.1.5:7070"]);
        let name = format!("one.{SERVICE}");
        assert!(found.contains_key(&name));
        note(&mut found, &database, ServiceEvent::ServiceRemoved(SERVICE.into(), name));
        assert!(found.is_empty());
        for number in 0..MOST + 10 {
            note(&mut found, &database, resolved(&ours, &format!("n{number}"), "10.0.0.1", 1));
        }
        assert_eq!(found.len(), MOST);
    }

    #[test]
    fn a_database_is_announced_by_a_hash() {
        let database = Repo::memory().unwrap().database();
        let info = service(&database, "me", 7).unwrap();
        assert_eq!(info.get_property_val_str(DATABASE), Some(fingerprint(&database).as_str()));
        assert_eq!(info.get_port(), 7);
    }
}
