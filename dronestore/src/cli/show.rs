//! Versions, times, values and reports as people and programs are shown them.

use super::names::object_id;
use crate::folder::{PublishReport, PullReport};
use crate::repo::{Count, MergeReport};
use crate::schema::Values;
use crate::sync::SyncReport;
use crate::{Key, Nanotime, Value, Version};
use serde_json::{Map, Value as Json, json};

/// How many digits of a hash or actor are shown.
const SHORT: usize = 8;

/// The first digits of a hash or actor.
pub(super) fn short(name: impl std::fmt::Display) -> String {
    let mut text = name.to_string();
    text.truncate(SHORT);
    text
}

/// A time to the second.
pub(super) fn time(time: Nanotime) -> String {
    let text = time.to_string();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}

/// So many of something: `1 object`, `2 objects`.
pub(super) fn count(number: u64, what: &str) -> String {
    Count(number, what).to_string()
}

/// A key as it is typed: without the `/` in front where it has one namespace.
pub(super) fn name(key: &Key) -> String {
    let text = key.to_string();
    if key.depth() == 1 { text.trim_start_matches('/').to_owned() } else { text }
}

/// What is said of every object.
pub(super) fn object(version: &Version) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("id".into(), object_id(version.kind(), version.key()).into());
    object.insert("key".into(), version.key().to_string().into());
    object.insert("kind".into(), version.kind().into());
    object.insert("version".into(), version.hash().to_string().into());
    object.insert("created".into(), version.created().to_string().into());
    object.insert("committed".into(), version.committed().to_string().into());
    object.insert("deleted".into(), version.is_deleted().into());
    object
}

/// Values by their names.
pub(super) fn values(values: &Values) -> Json {
    values.iter().map(|(name, value)| (name.clone(), value.to_json())).collect::<Map<_, _>>().into()
}

/// A value as people read it alone: a text without its quotes.
pub(super) fn plain(value: &Value) -> String {
    value.as_text().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn keys(keys: &[Key]) -> Json {
    keys.iter().map(Key::to_string).collect()
}

pub(super) fn merge(report: &MergeReport) -> Json {
    json!({
        "new": report.new,
        "forwarded": report.forwarded,
        "merged": report.merged,
        "known": report.known,
        "concurrent": report.concurrent,
        "conflicts": report.conflicts,
        "forked": keys(&report.forked),
    })
}

pub(super) fn sync(report: &SyncReport) -> Json {
    json!({
        "in_sync": report.in_sync,
        "scope": report.scope.to_string(),
        "received": merge(&report.received),
        "sent": report.sent,
        "bytes_in": report.bytes_in,
        "bytes_out": report.bytes_out,
        "turns": report.turns,
        "peer": report.peer.map(|peer| peer.to_string()),
        "database": report.database.map(|database| database.to_string()),
        "is_copy": report.is_copy,
        "ahead": report.ahead.map(|ahead| ahead.to_string()),
        "too_large": keys(&report.too_large),
    })
}

pub(super) fn pulled(report: &PullReport) -> Json {
    let unreadable = |(name, why): &(String, String)| json!({ "name": name, "why": why });
    json!({
        "received": merge(&report.received),
        "segments": report.segments,
        "bytes": report.bytes,
        "unreadable": report.unreadable.iter().map(unreadable).collect::<Vec<_>>(),
        "waiting": report.waiting,
        "foreign": report.foreign,
        "ignored": report.ignored,
    })
}

pub(super) fn published(report: &PublishReport) -> Json {
    json!({
        "segments": report.segments,
        "objects": report.objects,
        "bytes": report.bytes,
        "deleted": report.deleted,
        "too_large": keys(&report.too_large),
    })
}
