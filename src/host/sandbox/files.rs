//! Its files, as PID 1 hands them out. What comes from inside is looked at before it is believed.

use std::os::fd::OwnedFd;

use rustix::fs::FileType;

use super::Sandbox;
use crate::host::{
    agent::protocol::{Done, Entry, Op, Person},
    error::AgentError,
    foreign,
};

/// Longest path: the kernel's own bound.
const PATH_MAX: usize = 4095;
/// Largest listing of a folder, in bytes.
const LISTING_MAX: u64 = 16 << 20;

impl Sandbox {
    /// A file, for reading or, emptied, for writing. Always a plain one.
    ///
    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn open(&self, person: Person, path: String, write: bool) -> Result<(Entry, std::fs::File), AgentError> {
        let op = if write { Op::OpenWrite { path } } else { Op::OpenRead { path } };
        let (done, descriptors) = self.ask_as(person, op).await?;
        let (Done::Opened(entry), Some(file)) = (done, descriptors.into_iter().next()) else { return self.distrust() };
        match if write { foreign::writable(file) } else { foreign::readable(file) } {
            Ok(file) => Ok((entry, file)),
            Err(_) => self.distrust(),
        }
    }

    /// A folder, for reading, and its entry under a path without links.
    ///
    /// # Errors
    /// What the file system inside says to the sandbox's user.
    pub async fn open_folder(&self, path: String, follow: bool) -> Result<(Entry, OwnedFd), AgentError> {
        let (done, descriptors) = self.ask(Op::OpenFolder { path, follow }).await?;
        let (Done::Opened(entry), Some(folder)) = (done, descriptors.into_iter().next()) else {
            return self.distrust();
        };
        let stat = rustix::fs::fstat(&folder).map(|stat| FileType::from_raw_mode(stat.st_mode));
        let sound = stat == Ok(FileType::Directory) && entry.path.starts_with('/') && entry.path.len() <= PATH_MAX;
        if sound { Ok((entry, folder)) } else { self.distrust() }
    }

    /// `Stat`, `MakeDir` and `Move`.
    ///
    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn entry(&self, person: Person, op: Op) -> Result<Entry, AgentError> {
        let (Done::Entry(entry), _) = self.ask_as(person, op).await? else { return self.distrust() };
        Ok(entry)
    }

    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn remove(&self, person: Person, path: String) -> Result<(), AgentError> {
        self.ask_as(person, Op::Remove { path }).await.map(drop)
    }

    /// What is in a folder, `depth` levels deep.
    ///
    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn list(&self, person: Person, path: String, depth: u32) -> Result<Vec<Entry>, AgentError> {
        let (done, descriptors) = self.ask_as(person, Op::List { path, depth }).await?;
        let (Done::Listing { bytes }, Some(spool)) = (done, descriptors.into_iter().next()) else {
            return self.distrust();
        };
        let Ok(spool) = foreign::writable(spool) else { return self.distrust() };
        if bytes > LISTING_MAX {
            return self.distrust();
        }
        let mut json = vec![0; usize::try_from(bytes).unwrap_or(0)];
        match std::os::unix::fs::FileExt::read_exact_at(&spool, &mut json, 0).map(|()| serde_json::from_slice(&json)) {
            Ok(Ok(entries)) => Ok(entries),
            Ok(Err(_)) | Err(_) => self.distrust(),
        }
    }

    /// Used and total bytes of its disk.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn disk(&self) -> Result<(u64, u64), AgentError> {
        let (Done::Usage { used, total }, _) = self.ask(Op::Usage).await? else { return self.distrust() };
        Ok((used, total))
    }
}
