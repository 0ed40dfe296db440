//! What one session, one object and one peer cost, and what that comes to for a million devices.

use crate::measure::{Reading, name, write};
use dronestore::model::commit;
use dronestore::sim::Fleet;
use dronestore::version::{Author, Merged};
use dronestore::{ActorId, HybridClock, Nanotime, Repo, Result};
use dronestore::{Drone, Version};

/// Prints what a session costs, how an object grows with those who write it, and what a million devices come to.
pub(super) fn print(whole: bool) -> Result<()> {
    let idle = sessions()?;
    println!("\nan object that so many devices have written, each once:");
    let writers = [1, 10, 100, 1000, 10_000];
    for writers in writers.into_iter().filter(|writers| whole || *writers <= 1000) {
        let version = written_by(writers)?;
        let bytes = version.to_bytes().len();
        println!("  {writers:6} writers: {bytes:8} bytes, {:.1} each", bytes as f64 / writers as f64);
    }
    println!("\na million devices, each calling one other, when nothing is new:");
    for (name, seconds) in [("10 s", 10.0), ("1 min", 60.0), ("10 min", 600.0), ("1 h", 3600.0)] {
        let per_day = 86_400.0 / seconds * idle as f64;
        println!(
            "  every {name:>6}: {:8.1} kB a device and day, {:8.0} sessions a second for one server of all",
            // Each calls once and is called once.
            2.0 * per_day / 1000.0,
            1e6 / seconds
        );
    }
    Ok(())
}

/// Bytes of sessions of two; gives those of an idle one.
fn sessions() -> Result<u64> {
    println!("\na session of two:");
    let mut idle = 0;
    for objects in [100, 10_000] {
        let fleet = Fleet::new(2, 1)?;
        let (one, other) = (fleet.repo(0), fleet.repo(1));
        let readings = 0..objects;
        one.transaction(|transaction| {
            readings.clone().try_for_each(|number| {
                transaction
                    .put(name(number), Reading { place: format!("hall {number}"), ..Reading::default() })
                    .map(drop)
            })
        })?;
        other.merge(one)?;
        let bytes = |one: &Repo| -> Result<u64> {
            let report = one.sync_with(other)?;
            Ok(report.bytes_in + report.bytes_out)
        };
        idle = bytes(one)?;
        write(one, 5)?;
        let strangers = bytes(one)?;
        write(one, 6)?;
        let known = bytes(one)?;
        let many = objects / 10;
        (0..many).try_for_each(|number| write(one, number))?;
        let each = bytes(one)? as f64 / many as f64;
        println!(
            "  {objects:5} objects: idle {idle} bytes; one write: {strangers} between strangers, {known} where they have met; \
             {many} writes: {each:.0} each"
        );
    }
    Ok(idle)
}

/// An object that so many devices have counted on, each having seen those before it.
fn written_by(writers: u32) -> Result<Version> {
    let key = Reading::key_of("shared")?;
    let mut version: Option<Version> = None;
    for number in 0..writers {
        let mut bytes = [7; 12];
        bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        let mut clock = HybridClock::default();
        let wall = Nanotime::from_nanos(1_800_000_000_000_000_000 + u64::from(number) * 1_000_000_000);
        let mut author = Author { actor: ActorId::from_bytes(bytes), clock: &mut clock, wall };
        let reading = Reading { place: format!("hall {number}"), highest: number, alarms: 0 };
        let made = commit(&reading, &key, version.as_ref(), version.as_ref(), &mut author)?.result;
        if let Some(made) = made {
            version = Some(match version {
                None => made.version,
                Some(before) => match before.merge(&made.version)? {
                    Merged::Known => before,
                    Merged::Forward => made.version,
                    Merged::Joined(joined) => joined,
                },
            });
        }
    }
    version.ok_or_else(|| dronestore::Error::new(dronestore::ErrorKind::NotFound, "nobody wrote"))
}
