//! Stops and resumes all programs of a sandbox at once, without their knowing.
//!
//! ```text
//!  thawed ──freeze──► freezing ──all stand still──► frozen
//!    ▲                    │ too slow                   │
//!    └────────────────────┴───────────thaw─────────────┘
//!  released: thawed for ever. A frozen process of version 1 does not die of a SIGKILL before it is thawed, so whoever
//!            kills a sandbox releases it, and no freeze that is still under way may come after that.
//! ```

use std::{
    fs, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::Version;

/// Looks at a group that is freezing, and the pause between two of them: two seconds in all. Usually the first one
/// finds it frozen; a process in the middle of a slow system call takes longer.
const LOOKS_MAX: u32 = 1000;
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The freezer of one sandbox's group. All calls block, for microseconds but where it is said.
#[derive(Debug)]
pub struct Freezer {
    folder: PathBuf,
    version: Version,
    /// Held while something is written, so that nothing is written after a release.
    released: Mutex<bool>,
}

impl Freezer {
    #[must_use]
    pub fn new(folder: PathBuf, version: Version) -> Self {
        Self { folder, version, released: Mutex::new(false) }
    }

    /// Blocks until every program stands still; two seconds at most.
    ///
    /// # Errors
    /// `TimedOut` when one does not, `Interrupted` after a release, else what the kernel says. The group is thawed
    /// then.
    pub fn freeze(&self) -> io::Result<()> {
        let frozen = self.freeze_all();
        if frozen.is_err() {
            let _ = self.thaw();
        }
        frozen
    }

    fn freeze_all(&self) -> io::Result<()> {
        let frozen = match self.version {
            Version::V1 => "FROZEN",
            Version::V2 => "1",
        };
        for _ in 0..LOOKS_MAX {
            {
                let released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
                if *released {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                // Again and again: in version 1, a process that was just made may have been missed.
                fs::write(control(&self.folder, self.version), frozen)?;
            }
            if self.is_frozen()? {
                return Ok(());
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    fn is_frozen(&self) -> io::Result<bool> {
        match self.version {
            Version::V1 => Ok(fs::read_to_string(control(&self.folder, self.version))?.trim() == "FROZEN"),
            Version::V2 => {
                Ok(fs::read_to_string(self.folder.join("cgroup.events"))?.lines().any(|line| line == "frozen 1"))
            }
        }
    }

    /// # Errors
    /// What the kernel says, which it never does for a group that is there.
    pub fn thaw(&self) -> io::Result<()> {
        fs::write(control(&self.folder, self.version), thawed(self.version))
    }

    /// Thaws, for good.
    pub fn release(&self) {
        let mut released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
        *released = true;
        // The group is gone when the sandbox is.
        let _ = self.thaw();
    }

    /// What PID 1 writes [`THAWED`] into when its host is gone, where that is needed for its programs to die.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn last_resort(&self) -> io::Result<Option<OwnedFd>> {
        match self.version {
            Version::V1 => {
                let file = fs::OpenOptions::new().write(true).open(control(&self.folder, self.version))?;
                Ok(Some(file.into()))
            }
            Version::V2 => Ok(None),
        }
    }
}

/// What thaws a group of version 1.
pub const THAWED: &str = "THAWED";

fn control(folder: &Path, version: Version) -> PathBuf {
    folder.join(match version {
        Version::V1 => "freezer.state",
        Version::V2 => "cgroup.freeze",
    })
}

const fn thawed(version: Version) -> &'static str {
    match version {
        Version::V1 => THAWED,
        Version::V2 => "0",
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;
    use crate::host::cgroup::{Controller, remove};

    /// A group of its own in each hierarchy of this machine that can freeze, with a program in it.
    fn groups() -> Vec<(PathBuf, Version, Child)> {
        let mut groups = Vec::new();
        for hierarchy in crate::host::probe::read_hierarchies() {
            if hierarchy.version == Version::V1 && !hierarchy.controllers.contains(&Controller::Freezer) {
                continue;
            }
            let folder = hierarchy.mount.join(format!("freezer-test-{}-{:?}", std::process::id(), hierarchy.version));
            // Not for everybody: then there is nothing to freeze with, and the agent stops programs instead.
            if fs::create_dir(&folder).is_err() {
                continue;
            }
            let child = Command::new("sleep").arg("1000").spawn().unwrap();
            fs::write(folder.join("cgroup.procs"), child.id().to_string()).unwrap();
            groups.push((folder, hierarchy.version, child));
        }
        groups
    }

    #[test]
    fn what_is_frozen_dies_when_it_is_killed_and_released_and_is_never_frozen_again() {
        for (folder, version, mut child) in groups() {
            let freezer = Freezer::new(folder.clone(), version);
            freezer.freeze().unwrap();
            assert!(freezer.is_frozen().unwrap(), "{version:?}");
            freezer.thaw().unwrap();
            assert!(!freezer.is_frozen().unwrap(), "{version:?}");
            freezer.freeze().unwrap();
            child.kill().unwrap();
            freezer.release();
            child.wait().unwrap();
            assert_eq!(freezer.freeze().unwrap_err().kind(), io::ErrorKind::Interrupted, "{version:?}");
            remove(&folder).unwrap();
        }
    }
}
