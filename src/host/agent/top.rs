//! Names that clients add to `/`.
//!
//! ```text
//!  disk (no program sees it whole; PID 1 has a descriptor)
//!  ├─ top         ◄── the programs' `/`, mounted read-only
//!  │   ├─ bin, etc, usr …         as the ground has them
//!  │   └─ app ──► var/added/app   a link, made by PID 1 when a client writes /app/main.py
//!  └─ added       ◄── /var/added: like /tmp, counted, kept by pauses and snapshots
//! ```
//! The envd of E2B's cloud writes as root and gives what it makes to whoever asked, so that clients put their apps into
//! `/app` or `/code` as they like. Here `/` stays closed to all programs, root's included: only the name is added, and
//! what it leads to is made with the rights of whoever asks. A name that `/` has of its own is never touched.
//!
//! Landlock binds PID 1 like all others. It tells by the way to a file: what is reached through the disk's root may be
//! linked and unlinked, and no program has a way that leads through there.

use std::{
    fs,
    io::{self, ErrorKind},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{AtFlags, CWD, Dir, Mode, OFlags, openat, readlinkat, symlinkat, unlinkat},
    io::Errno,
};

/// Where that which is added lies, from the root.
pub const ADDED: &str = "var/added";
/// The root's folder on the disk.
pub const FOLDER: &str = "top";
/// Names that may be added. Each takes an inode of the disk.
const NAMES_MAX: usize = 256;

/// The programs' `/`, by a way that is not read-only.
pub struct Top {
    /// The disk.
    around: OwnedFd,
    folder: OwnedFd,
    /// Links that were made.
    links: usize,
}

/// A name that `/` does not have of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Addition {
    name: String,
    /// Whether the path that was asked about is this name alone.
    alone: bool,
    /// Whether `/` shows it already.
    pub linked: bool,
}

/// What is made of a path's last name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    File,
    Folder,
}

impl Top {
    pub fn open(around: OwnedFd) -> io::Result<Self> {
        let folder = openat(&around, FOLDER, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { around, folder, links: 0 })
    }

    /// What Landlock must let PID 1 link and unlink in.
    pub fn around(&self) -> BorrowedFd<'_> {
        self.around.as_fd()
    }

    /// `None` for a path in what `/` has of its own.
    pub fn addition(&self, path: &str) -> Option<Addition> {
        let addition = Addition::of(path)?;
        match readlinkat(&self.folder, addition.name.as_str(), Vec::new()) {
            Ok(target) => {
                (target.as_bytes() == addition.target().as_bytes()).then_some(Addition { linked: true, ..addition })
            }
            Err(Errno::NOENT) => Some(addition),
            // No link; or nothing that could be a name.
            Err(_) => None,
        }
    }

    /// Lets `/` show what was added.
    ///
    /// # Errors
    /// `ENOSPC` for more names than there may be.
    pub fn link(&mut self, addition: &Addition) -> io::Result<()> {
        if addition.linked {
            return Ok(());
        }
        if self.links >= NAMES_MAX {
            return Err(Errno::NOSPC.into());
        }
        match symlinkat(addition.target(), &self.folder, addition.name.as_str()) {
            Ok(()) => self.links += 1,
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        Ok(())
    }

    /// The contrary.
    pub fn unlink(&mut self, addition: &Addition) -> io::Result<()> {
        match unlinkat(&self.folder, addition.name.as_str(), AtFlags::empty()) {
            Ok(()) => self.links = self.links.saturating_sub(1),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        Ok(())
    }

    /// Links all that a restored disk brought along into `added`, as far as there may be.
    pub fn link_all(&mut self, added: &Path) -> io::Result<()> {
        let added = openat(CWD, added, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        for item in Dir::read_from(added)? {
            let item = item?;
            let Some(addition) = item.file_name().to_str().ok().and_then(Addition::of) else { continue };
            self.link(&addition)?;
        }
        Ok(())
    }
}

impl Addition {
    fn of(path: &str) -> Option<Self> {
        let mut names = path.split('/').filter(|name| !name.is_empty());
        let name = names.next().filter(|name| !matches!(*name, "." | ".."))?;
        Some(Self { name: name.to_owned(), alone: names.next().is_none(), linked: false })
    }

    fn target(&self) -> String {
        format!("{ADDED}/{}", self.name)
    }

    /// Where it lies on the disk, when a path is this name alone.
    pub fn alone(&self) -> Option<String> {
        self.alone.then(|| format!("/{}", self.target()))
    }

    /// Makes what the name leads to, in the name of whoever calls: `leaf` when nothing follows, else a folder. Whether
    /// that was the leaf, and it was not there.
    pub fn make(&self, leaf: Leaf) -> io::Result<bool> {
        let path = format!("/{}", self.target());
        let made = match if self.alone { leaf } else { Leaf::Folder } {
            Leaf::Folder => fs::create_dir(path),
            Leaf::File => fs::File::create_new(path).map(drop),
        };
        match made {
            Ok(()) => Ok(self.alone),
            Err(err) if err.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(err) => Err(err),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A root as `mounts` makes it, in a folder.
    fn root() -> (tempfile::TempDir, Top) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(FOLDER).join(ADDED)).unwrap();
        fs::create_dir(folder.path().join(FOLDER).join("usr")).unwrap();
        std::os::unix::fs::symlink("usr/bin", folder.path().join(FOLDER).join("bin")).unwrap();
        let top = Top::open(fs::File::open(folder.path()).unwrap().into()).unwrap();
        (folder, top)
    }

    #[test]
    fn only_what_the_root_does_not_have_is_added() {
        let (_folder, mut top) = root();
        for path in ["/", "", "/usr", "/usr/x", "/bin/x", "/var/added/x", "/../x", "/./x"] {
            assert_eq!(top.addition(path), None, "{path}");
        }
        let app = top.addition("/app/main.py").unwrap();
        assert_eq!((app.name.as_str(), app.alone()), ("app", None));
        top.link(&app).unwrap();
        assert_eq!(top.addition("/app").unwrap().alone(), Some("/var/added/app".to_owned()), "it is ours");
        top.link(&app).unwrap();
        assert_eq!(top.links, 1);
        top.unlink(&app).unwrap();
        top.unlink(&app).unwrap();
        assert_eq!(top.links, 0);
    }

    #[test]
    fn what_a_disk_brings_along_is_linked_within_the_bound() {
        let (folder, mut top) = root();
        let (root, added) = (folder.path().join(FOLDER), folder.path().join(FOLDER).join(ADDED));
        for name in ["app", "usr", "bin", "later"] {
            fs::write(added.join(name), name).unwrap();
        }
        top.link_all(&added).unwrap();
        assert_eq!(fs::read_to_string(root.join("app")).unwrap(), "app");
        assert!(fs::symlink_metadata(root.join("usr")).unwrap().is_dir(), "the root's own names stay");
        assert_eq!(fs::read_link(root.join("bin")).unwrap().to_str(), Some("usr/bin"));
        for number in top.links..NAMES_MAX {
            top.link(&top.addition(&format!("/{number}")).unwrap()).unwrap();
        }
        top.link(&top.addition("/app").unwrap()).unwrap();
        let refused = top.link(&top.addition("/more").unwrap()).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(libc::ENOSPC));
    }

    proptest! {
        #[test]
        fn no_path_leads_out_of_the_folder(path in "[a./]{0,12}|.{0,300}") {
            if let Some(addition) = Addition::of(&path) {
                prop_assert!(!addition.name.contains('/') && !matches!(addition.name.as_str(), "" | "." | ".."));
            }
        }
    }
}
