//! Archives on disk.
//!
//! ```text
//!  begin ─► {id}.part ──► keep ──► {id}.files, then {id}.json: from here on it is a snapshot
//!                │
//!                └──────► archive ──► an open file without a name, gone with the last who has it
//! ```
//! The record is what makes a snapshot: files without one are what a crash has left, and are swept at the start. A
//! record that does not read, or whose files are not as long as it says, is reported and left to a person.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use super::{
    SnapshotError,
    budget::{Budget, Charge},
    name::{Reference, SnapshotName},
    record::{ID_LENGTH, Origin, Record, is_id},
};
use crate::{
    host::{config::Config, sandboxes::random},
    types::Timestamp,
};

/// Sandboxes whose files are taken at once: each takes a processor to compress.
const TAKES_MAX: usize = 2;
/// Largest record, in bytes.
const RECORD_MAX: u64 = 64 * 1024;

const FILES: &str = "files";
const RECORD: &str = "json";
const PART: &str = "part";

/// A file that is being written; gone when dropped.
#[derive(Debug)]
pub struct Part {
    file: File,
    path: PathBuf,
    id: String,
    charge: Charge,
    limit: u64,
}

/// Files of a sandbox, to make others from: as often as wanted, and at once.
#[derive(Clone, Debug)]
pub struct Archive {
    file: Arc<File>,
    /// Its bytes are there as long as somebody has it, deleted or not.
    _charge: Arc<Charge>,
}

#[derive(Debug)]
struct Kept {
    record: Record,
    charge: Arc<Charge>,
}

/// All snapshots of a host.
#[derive(Debug)]
pub struct Snapshots {
    folder: PathBuf,
    count_max: usize,
    budget: Arc<Budget>,
    kept: Mutex<BTreeMap<String, Kept>>,
    /// Held while the folder changes.
    changes: tokio::sync::Mutex<()>,
    /// For those who take a sandbox's files.
    pub takes: Semaphore,
}

impl Snapshots {
    /// Finds what is there. Blocks for as long as reading the records takes.
    #[must_use]
    pub fn open(config: &Config) -> Self {
        let folder = config.data_dir.join("snapshots");
        let budget = Budget::new(config.snapshot_bytes_max);
        let kept = match scan(&folder, &budget) {
            Ok(kept) => kept,
            Err(err) if err.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(err) => {
                tracing::error!(folder = %folder.display(), error = %err, "cannot read the snapshots: going on without");
                BTreeMap::new()
            }
        };
        Self {
            folder,
            count_max: config.snapshots_max,
            budget,
            kept: Mutex::new(kept),
            changes: tokio::sync::Mutex::new(()),
            takes: Semaphore::new(TAKES_MAX),
        }
    }

    /// A new file to write an archive to. Blocks.
    ///
    /// # Errors
    /// [`SnapshotError::Disk`].
    pub fn begin(&self) -> Result<Part, SnapshotError> {
        let id = random(ID_LENGTH);
        let path = self.path(&id, PART);
        let make = || {
            match DirBuilder::new().mode(0o700).create(&self.folder) {
                Err(err) if err.kind() != io::ErrorKind::AlreadyExists => return Err(err),
                Err(_) | Ok(()) => {}
            }
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)
        };
        let file = make().map_err(SnapshotError::Disk)?;
        Ok(Part { file, path, id, charge: self.budget.charge(), limit: self.budget.limit() })
    }

    /// Makes a snapshot of what was written. One that had the name before is gone then.
    ///
    /// # Errors
    /// [`SnapshotError::TooMany`] and [`SnapshotError::Disk`]; nothing is left of the part.
    pub async fn keep(
        self: &Arc<Self>,
        part: Part,
        name: Option<SnapshotName>,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Record, SnapshotError> {
        let _change = self.changes.lock().await;
        let before = name.as_ref().and_then(|name| self.named(name));
        if self.count() >= self.count_max + usize::from(before.is_some()) {
            return Err(SnapshotError::TooMany(self.count_max));
        }
        let record = Record::new(part.id.clone(), name, origin, now, part.charge.bytes());
        let (this, written) = (Arc::clone(self), record.clone());
        let stored = tokio::task::spawn_blocking(move || this.store(part, &written)).await;
        let charge = stored.unwrap_or_else(|_| Err(io::ErrorKind::Other.into())).map_err(SnapshotError::Disk)?;
        let kept = Kept { record: record.clone(), charge: Arc::new(charge) };
        self.table().insert(record.id.clone(), kept);
        if let Some(before) = before {
            self.discard(before).await.map_err(SnapshotError::Disk)?;
        }
        Ok(record)
    }

    /// Deletes a snapshot; `false` when there is none of that name. Sandboxes that begin with it meanwhile still do.
    ///
    /// # Errors
    /// When the folder does not let us.
    pub async fn remove(self: &Arc<Self>, reference: &Reference) -> io::Result<bool> {
        let _change = self.changes.lock().await;
        match self.find(reference) {
            Some(record) => self.discard(record.id).await.map(|()| true),
            None => Ok(false),
        }
    }

    #[must_use]
    pub fn find(&self, reference: &Reference) -> Option<Record> {
        let kept = self.table();
        let found = kept.values().map(|kept| &kept.record);
        found
            .filter(|record| reference.names(&record.id, record.name.as_ref()))
            .max_by_key(|found| found.created_at)
            .cloned()
    }

    /// In no particular order.
    #[must_use]
    pub fn all(&self) -> Vec<Record> {
        self.table().values().map(|kept| kept.record.clone()).collect()
    }

    /// The files of a snapshot; `None` when it has just been deleted.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn archive(&self, id: &str) -> io::Result<Option<Archive>> {
        let kept = self.table();
        let Some(found) = kept.get(id) else { return Ok(None) };
        let file = File::open(self.path(id, FILES))?;
        Ok(Some(Archive { file: Arc::new(file), _charge: Arc::clone(&found.charge) }))
    }

    fn table(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> usize {
        self.table().len()
    }

    fn named(&self, name: &SnapshotName) -> Option<String> {
        self.table().values().find(|kept| kept.record.name.as_ref() == Some(name)).map(|kept| kept.record.id.clone())
    }

    fn path(&self, id: &str, kind: &str) -> PathBuf {
        self.folder.join(format!("{id}.{kind}"))
    }

    /// Files first, record last, each under its own name only once it is whole on disk.
    fn store(&self, part: Part, record: &Record) -> io::Result<Charge> {
        let (files, json) = (self.path(&record.id, FILES), self.path(&record.id, RECORD));
        part.file.sync_all()?;
        let charge = part.rename(&files)?;
        let written = (|| {
            let passing = self.path(&record.id, PART);
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&passing)?;
            let stored = file.write_all(&serde_json::to_vec(record)?).and_then(|()| file.sync_all());
            stored.and_then(|()| fs::rename(&passing, &json)).inspect_err(|_| drop(fs::remove_file(&passing)))?;
            File::open(&self.folder)?.sync_all()
        })();
        if let Err(err) = written {
            let _ = fs::remove_file(&json);
            let _ = fs::remove_file(&files);
            return Err(err);
        }
        Ok(charge)
    }

    async fn discard(self: &Arc<Self>, id: String) -> io::Result<()> {
        let (this, removed) = (Arc::clone(self), id.clone());
        let remove = move || {
            // In the other order than it was made: files without a record are swept, should this end here.
            fs::remove_file(this.path(&removed, RECORD))?;
            fs::remove_file(this.path(&removed, FILES))?;
            File::open(&this.folder)?.sync_all()
        };
        let done = tokio::task::spawn_blocking(remove).await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
        match done {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            Err(_) | Ok(()) => {}
        }
        self.table().remove(&id);
        Ok(())
    }
}

/// The snapshots in `folder`. Removes what is none.
fn scan(folder: &Path, budget: &Arc<Budget>) -> io::Result<BTreeMap<String, Kept>> {
    let mut kept = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let (Some(id), Some(kind)) = (stem(&path), path.extension().and_then(|kind| kind.to_str())) else { continue };
        match kind {
            RECORD => match read(folder, &id) {
                Ok(record) => {
                    let mut charge = budget.charge();
                    charge.force(record.bytes);
                    kept.insert(id, Kept { record, charge: Arc::new(charge) });
                }
                Err(err) => {
                    tracing::warn!(path = %path.display(), error = %err, "skipping a damaged snapshot: remove it by hand");
                }
            },
            // Whoever wrote them is dead: there is one host per folder.
            PART => drop(fs::remove_file(&path)),
            FILES if !path.with_extension(RECORD).exists() => drop(fs::remove_file(&path)),
            _ => {}
        }
    }
    Ok(kept)
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| is_id(stem)).map(str::to_owned)
}

fn read(folder: &Path, id: &str) -> io::Result<Record> {
    let path = folder.join(format!("{id}.{RECORD}"));
    if fs::metadata(&path)?.len() > RECORD_MAX {
        return Err(io::Error::other("it is too large for a record"));
    }
    let record = Record::read(id, &fs::read(&path)?).map_err(io::Error::other)?;
    let bytes = fs::metadata(path.with_extension(FILES))?.len();
    if bytes == record.bytes {
        Ok(record)
    } else {
        Err(io::Error::other(format!("its files are {bytes} bytes and not {}", record.bytes)))
    }
}

impl Part {
    /// Bytes that all archives together may take.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// What was written, for those who need it once; its name is gone.
    ///
    /// # Errors
    /// When it cannot be opened once more.
    pub fn archive(self) -> io::Result<Archive> {
        let file = Arc::new(self.file.try_clone()?);
        Ok(Archive { file, _charge: Arc::new(self.take_charge()) })
    }

    /// Gives it its name.
    fn rename(self, to: &Path) -> io::Result<Charge> {
        fs::rename(&self.path, to)?;
        Ok(self.take_charge())
    }

    fn take_charge(mut self) -> Charge {
        let nothing = self.charge.other();
        std::mem::replace(&mut self.charge, nothing)
    }
}

impl Write for Part {
    /// # Errors
    /// `QuotaExceeded` when all archives together would take more than they may.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.charge.grow(bytes.len() as u64) {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        self.file.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        match fs::remove_file(&self.path) {
            // It has another name by now.
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(err) => tracing::warn!(path = %self.path.display(), error = %err, "cannot remove a part of a snapshot"),
            Ok(()) => {}
        }
    }
}

impl Archive {
    /// Reads it from the beginning, whoever else reads it.
    #[must_use]
    pub fn reader(self) -> impl io::Read + Send + 'static {
        Reader { archive: self, at: 0 }
    }
}

struct Reader {
    archive: Archive,
    at: u64,
}

impl io::Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.archive.file.read_at(buffer, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

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
        assert_eq!(again.all(), [kept.clone()]);
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
}
