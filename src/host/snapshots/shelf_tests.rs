//! What lies on the shelf, and what does not.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
    sync::Arc,
};

use super::{Archive, Origin, Part, Record, Reference, SnapshotError, Snapshots};
use crate::{host::config::Config, types::Timestamp};

fn config(folder: &Path) -> Config {
    Config {
        snapshots_max: 2,
        snapshot_bytes_max: 100,
        ..Config::new(std::net::SocketAddr::from(([127, 0, 0, 1], 0)), folder.to_owned())
    }
}

fn part(snapshots: &Snapshots, bytes: &[u8]) -> Part {
    let mut part = snapshots.begin().unwrap();
    part.write_all(bytes).unwrap();
    part
}

async fn keep(snapshots: &Arc<Snapshots>, name: Option<&str>, bytes: &[u8]) -> Result<Record, SnapshotError> {
    let origin = Origin { sandbox: "iabc".parse().unwrap(), template: "base".to_owned() };
    let name = name.map(|name| name.parse().unwrap());
    snapshots.keep(part(snapshots, bytes), name, origin, Timestamp(7)).await
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("snapshots")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn content(archive: Archive) -> Vec<u8> {
    let mut bytes = Vec::new();
    archive.reader().read_to_end(&mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn what_is_kept_is_found_after_a_restart_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let snapshots = Arc::new(Snapshots::open(&config(folder.path())));
    let kept = keep(&snapshots, Some("snap"), b"content").await.unwrap();
    let file = |name: &str| folder.path().join("snapshots").join(name);
    let (damaged, longer) = ("0".repeat(20), "1".repeat(20));
    fs::write(file(&format!("{}.part", "2".repeat(20))), "rest of a crash").unwrap();
    fs::write(file(&format!("{}.files", "3".repeat(20))), "rest of a crash").unwrap();
    fs::write(file(&format!("{damaged}.json")), "{").unwrap();
    let record = fs::read_to_string(file(&format!("{}.json", kept.id))).unwrap().replace(&kept.id, &longer);
    fs::write(file(&format!("{longer}.json")), record).unwrap();
    fs::write(file(&format!("{longer}.files")), "longer than told").unwrap();
    let again = Snapshots::open(&config(folder.path()));
    assert_eq!(again.all(), std::slice::from_ref(&kept));
    assert_eq!(again.find(&Reference::of("snap")).unwrap(), kept);
    assert_eq!(content(again.archive(&kept.id).unwrap().unwrap()), b"content");
    let mut expected = vec![format!("{}.files", kept.id), format!("{}.json", kept.id)];
    expected.extend([format!("{damaged}.json"), format!("{longer}.json"), format!("{longer}.files")]);
    expected.sort_unstable();
    assert_eq!(names(folder.path()), expected);
}

#[tokio::test]
async fn a_name_moves_on_and_what_had_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let snapshots = Arc::new(Snapshots::open(&config(folder.path())));
    let one = keep(&snapshots, Some("snap"), b"one").await.unwrap();
    keep(&snapshots, Some("other"), b"other").await.unwrap();
    let held = snapshots.archive(&one.id).unwrap().unwrap();
    let two = keep(&snapshots, Some("snap"), b"two").await.unwrap();
    assert_eq!(snapshots.find(&Reference::of("snap:default")).unwrap().id, two.id);
    assert!(snapshots.find(&Reference::of(&one.id)).is_none());
    assert_eq!(content(held), b"one", "whoever has it has it to the end");
    assert_eq!(names(folder.path()).len(), 4);
    assert!(matches!(keep(&snapshots, None, b"three").await, Err(SnapshotError::TooMany(2))));
    assert!(snapshots.remove(&Reference::of("other")).await.unwrap());
    assert!(!snapshots.remove(&Reference::of("other")).await.unwrap());
    keep(&snapshots, None, b"three").await.unwrap();
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn what_is_not_kept_leaves_nothing_and_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::open(&config(folder.path()));
    let refused = part(&snapshots, &[7; 90]).write_all(&[7; 11]).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::QuotaExceeded);
    let archive = part(&snapshots, &[7; 100]).archive().unwrap();
    assert_eq!(names(folder.path()), [""; 0]);
    assert_eq!(snapshots.begin().unwrap().write(b"x").unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
    assert_eq!(content(archive.clone()).len(), 100);
    drop(archive);
    assert_eq!(snapshots.begin().unwrap().write(b"x").unwrap(), 1);
}
