//! The data folder, held by one engine at a time.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};
use uuid::Uuid;

use super::StoreError;

/// Name of the lock file in the data folder. It holds the pid of the engine and outlives it: the lock is the
/// kernel's, not the file's existence, so a crash leaves nothing to clean up.
const LOCK_FILE: &str = "engine.lock";

/// Name of the file with [`DataDir::identity`].
const IDENTITY_FILE: &str = "engine.id";

/// A data folder that is there, is writable, and belongs to this engine for as long as the value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: Lock,
}

impl DataDir {
    /// Creates the folder (mode 0700) where it is missing, and locks it.
    ///
    /// # Errors
    /// [`StoreError::Folder`] when it cannot be made or written to, [`StoreError::Locked`] when another engine has it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Folder { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        match Lock::take(&path.join(LOCK_FILE)).map_err(failed)? {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(holder) => Err(StoreError::Locked { holder, path }),
        }
    }

    /// A name for the engines that have this folder, one after the other: made by the first that asks.
    ///
    /// # Errors
    /// [`StoreError::Folder`].
    pub fn identity(&self) -> Result<String, StoreError> {
        let path = self.join(IDENTITY_FILE);
        let failed = |source| StoreError::Folder { path: path.clone(), source };
        let kept = match fs::read_to_string(&path) {
            Ok(kept) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(error)),
        };
        match Uuid::try_parse(kept.trim()) {
            Ok(identity) => Ok(identity.simple().to_string()),
            Err(_) => {
                let identity = Uuid::new_v4().simple().to_string();
                fs::write(&path, &identity).map_err(failed)?;
                Ok(identity)
            }
        }
    }

    /// The folder's absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file or folder directly below.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// A locked file that holds the pid of its holder.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Makes the file (mode 0600) where it is missing, and locks it; or says who has.
    pub(super) fn take(path: &Path) -> io::Result<Result<Self, String>> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(Err(holder(&mut file))),
            Err(error) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Ok(Self { _file: file }))
    }
}

/// Who holds the lock, as far as the file tells: its holder may be between locking and writing.
fn holder(lock: &mut File) -> String {
    const PID_DIGITS_MAX: u64 = 16;
    let mut text = String::new();
    let read = lock.take(PID_DIGITS_MAX).read_to_string(&mut text);
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) => format!("pid {pid}"),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => "pid unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_second_engine_is_told_the_pid_of_the_first() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let first = DataDir::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let refused = DataDir::open(&path).unwrap_err().to_string();
        assert!(refused.contains(&format!("pid {}", std::process::id())), "{refused}");
        let identity = first.identity().unwrap();
        drop(first);
        assert_eq!(DataDir::open(&path).unwrap().identity().unwrap(), identity);
        assert_eq!(DataDir::open(&path).unwrap().join("x"), path.canonicalize().unwrap().join("x"));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        std::fs::write(&file, "in the way").unwrap();
        let error = DataDir::open(&file.join("data")).unwrap_err();
        assert!(matches!(error, StoreError::Folder { .. }), "{error:?}");
        assert!(error.to_string().contains("SPAWNAI_DATA_DIR"), "{error}");
    }
}
