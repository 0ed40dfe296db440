//! Bundles: replicas that meet by a stream of bytes alone, cut, damaged and hostile ones.

mod cuts;
mod files;
mod hostile;
mod kinds;
mod scopes;

use dronestore::Repo;
use dronestore::bundle::{Bundle, BundleOptions, BundleReport};

/// Everything that a repo holds.
pub fn bundle(repo: &Repo) -> Vec<u8> {
    write(repo, BundleOptions::new()).0
}

pub fn write(repo: &Repo, options: BundleOptions<'_>) -> (Vec<u8>, BundleReport) {
    let mut bytes = Vec::new();
    let report = repo.write_bundle(&mut bytes, options).unwrap();
    assert_eq!(report.bytes, bytes.len() as u64);
    let bundle = Bundle::read(&bytes[..]).unwrap();
    assert_eq!(*bundle.summary(), report.summary);
    assert_eq!(bundle.check().unwrap(), report.summary);
    (bytes, report)
}

/// Imports a bundle, and then once more, which has to change nothing.
pub fn import(repo: &Repo, bytes: &[u8]) -> dronestore::MergeReport {
    let report = repo.import_bundle(bytes).unwrap();
    let (hash, sequence) = (repo.hash(), repo.sequence());
    assert!(!repo.import_bundle(bytes).unwrap().has_news());
    assert_eq!((repo.hash(), repo.sequence()), (hash, sequence));
    report
}
