//! From an archive to files.
//!
//! Whoever wrote the archive is not trusted. Every path is resolved beneath the root that it names, through no link
//! and onto no other mount; every name is made anew, so that a second entry of that name is refused rather than
//! followed; and what has been made counts against the bounds, however small each part is.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::{ffi::OsStrExt as _, fs::FileExt as _},
    },
};

use rustix::{
    fs::{
        AtFlags, Dir, Gid, Mode, OFlags, ResolveFlags, Timespec, Timestamps, Uid, XattrFlags, chownat, fchmod, fchown,
        fsetxattr, ftruncate, futimens, linkat, mkdirat, openat2, symlinkat, unlinkat, utimensat,
    },
    io::Errno,
};

use super::{
    super::protocol::{METADATA_PREFIX, USER_ID},
    Bounds, Owners, ROOTS,
    format::{ATTRIBUTE_BYTES_MAX, Attributes, Entry, Item, Node, Reader, malformed},
};

/// Nothing leads out of the root: not a link, not another mount.
const BELOW: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_XDEV);

/// Makes the roots of `base` what `source` says they were. What is in them before is removed.
///
/// # Errors
/// `EBADMSG` for what is no whole archive, `EFBIG` and `E2BIG` for one over the bounds, `EEXIST` for one that makes
/// a name twice, `ELOOP`, `EXDEV` and `ENOTDIR` for one that tries to leave its roots; else what the file system
/// says. What was made until then stays: the sandbox is good for nothing.
pub fn restore(base: BorrowedFd<'_>, source: impl Read, bounds: Bounds, owners: Owners) -> io::Result<()> {
    let mut archive = Reader::new(source)?;
    let mut build = Build { roots: open_roots(base)?, left: bounds, bounds, owners, folder: None, file: None };
    for (_, root) in &build.roots {
        clear(root.as_fd())?;
    }
    loop {
        match archive.read()? {
            Item::Entry(entry) => {
                build.close()?;
                build.entry(entry)?;
            }
            Item::Data { offset, bytes } => build.data(offset, bytes)?,
            Item::End => return build.close(),
        }
    }
}

fn open_roots(base: BorrowedFd<'_>) -> io::Result<Vec<(&'static str, OwnedFd)>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut roots = Vec::with_capacity(ROOTS.len());
    for root in ROOTS {
        match openat2(base, root, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS) {
            Ok(folder) => roots.push((root, folder)),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(roots)
}

/// Empties a root. In a sandbox that was just started there is next to nothing in it.
fn clear(root: BorrowedFd<'_>) -> io::Result<()> {
    let mut items = Dir::read_from(root)?;
    while let Some(item) = items.read() {
        let item = item?;
        let name = item.file_name();
        if name.to_bytes() == b"." || name.to_bytes() == b".." {
            continue;
        }
        let removed = match unlinkat(root, name, AtFlags::empty()) {
            Err(Errno::ISDIR | Errno::PERM) => {
                let folder = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&root));
                fs::remove_dir_all(std::path::Path::new(&folder).join(std::ffi::OsStr::from_bytes(name.to_bytes())))
            }
            other => other.map_err(io::Error::from),
        };
        match removed.map_err(|err| err.raw_os_error()) {
            // The machine's: a mount, or on a part that nobody writes to.
            Ok(()) | Err(Some(libc::EBUSY | libc::EROFS)) => {}
            Err(errno) => return Err(io::Error::from_raw_os_error(errno.unwrap_or(libc::EIO))),
        }
    }
    Ok(())
}

struct Build {
    roots: Vec<(&'static str, OwnedFd)>,
    bounds: Bounds,
    left: Bounds,
    owners: Owners,
    /// The folder of the entry before: most have the same.
    folder: Option<(Vec<u8>, OwnedFd)>,
    file: Option<Open>,
}

/// The file whose data is coming.
struct Open {
    file: File,
    size: u64,
    attributes: Attributes,
}

/// Where an entry goes.
enum Place {
    /// It is a root itself.
    Root(OwnedFd),
    Below {
        folder: OwnedFd,
        name: Vec<u8>,
    },
}

impl Build {
    fn entry(&mut self, Entry { path, node, attributes }: Entry) -> io::Result<()> {
        self.left.entries = self.left.entries.checked_sub(1).ok_or(Errno::TOOBIG)?;
        let (folder, name) = match (self.place(&path)?, &node) {
            (Place::Below { folder, name }, _) => (folder, name),
            (Place::Root(root), Node::Folder) => return self.attribute(&root, &attributes),
            (Place::Root(_), Node::File { .. } | Node::Symlink { .. } | Node::HardLink { .. }) => {
                return Err(Errno::EXIST.into());
            }
        };
        match node {
            Node::Folder => {
                match mkdirat(&folder, name.as_slice(), Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(errno.into()),
                }
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let made = openat2(&folder, name.as_slice(), flags, Mode::empty(), BELOW)?;
                self.attribute(&made, &attributes)
            }
            Node::File { size } => {
                // It may be nearly all hole, yet no larger than a program inside could have made it.
                if size > self.bounds.bytes {
                    return Err(Errno::FBIG.into());
                }
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let file = openat2(&folder, name.as_slice(), flags, Mode::RUSR | Mode::WUSR, BELOW)?;
                ftruncate(&file, size)?;
                self.file = Some(Open { file: file.into(), size, attributes });
                Ok(())
            }
            Node::Symlink { target } => {
                symlinkat(target.as_slice(), &folder, name.as_slice())?;
                if let Some((uid, gid)) = self.owner(&attributes) {
                    chownat(&folder, name.as_slice(), Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
                }
                Ok(utimensat(&folder, name.as_slice(), &times(&attributes), AtFlags::SYMLINK_NOFOLLOW)?)
            }
            Node::HardLink { target } => {
                let Place::Below { folder: from, name: first } = self.place(&target)? else {
                    return Err(Errno::PERM.into());
                };
                Ok(linkat(&from, first.as_slice(), &folder, name.as_slice(), AtFlags::empty())?)
            }
        }
    }

    fn data(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let open = self.file.as_ref().ok_or_else(malformed)?;
        let end = offset.checked_add(bytes.len() as u64);
        if end.is_none_or(|end| end > open.size) {
            return Err(malformed());
        }
        self.left.bytes = self.left.bytes.checked_sub(bytes.len() as u64).ok_or(Errno::FBIG)?;
        open.file.write_all_at(bytes, offset)
    }

    /// Finishes the file at hand: writing to it would have changed its times and taken away its mode's special bits.
    fn close(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(open) => self.attribute(&open.file, &open.attributes),
            None => Ok(()),
        }
    }

    fn place(&mut self, path: &[u8]) -> io::Result<Place> {
        let (root, rest) = self.root_of(path).ok_or(Errno::XDEV)?;
        let Some(rest) = rest else { return Ok(Place::Root(root.try_clone()?)) };
        let (parent, name) = match rest.iter().rposition(|byte| *byte == b'/') {
            Some(at) => (&rest[..at], &rest[at + 1..]),
            None => return Ok(Place::Below { folder: root.try_clone()?, name: rest.to_owned() }),
        };
        let whole = &path[..path.len() - name.len()];
        if let Some((known, folder)) = &self.folder
            && known == whole
        {
            return Ok(Place::Below { folder: folder.try_clone()?, name: name.to_owned() });
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat2(root, parent, flags, Mode::empty(), BELOW)?;
        self.folder = Some((whole.to_owned(), folder.try_clone()?));
        Ok(Place::Below { folder, name: name.to_owned() })
    }

    /// The root that a path is in, and what follows; `None` when that is nothing.
    fn root_of<'a>(&self, path: &'a [u8]) -> Option<(&OwnedFd, Option<&'a [u8]>)> {
        self.roots.iter().find_map(|(name, folder)| match path.strip_prefix(name.as_bytes())? {
            [] => Some((folder, None)),
            [b'/', rest @ ..] => Some((folder, Some(rest))),
            _ => None,
        })
    }

    fn attribute(&self, file: impl AsFd, attributes: &Attributes) -> io::Result<()> {
        let mut left = ATTRIBUTE_BYTES_MAX;
        for (name, value) in &attributes.extended {
            let rest = left.checked_sub(name.len() + value.len());
            left = rest.filter(|_| name.starts_with(METADATA_PREFIX.as_bytes())).ok_or_else(malformed)?;
            match fsetxattr(&file, name.as_slice(), value, XattrFlags::empty()) {
                // A kernel whose tmpfs keeps none: the content is worth having all the same.
                Ok(()) | Err(Errno::OPNOTSUPP) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        if let Some((uid, gid)) = self.owner(attributes) {
            fchown(&file, Some(uid), Some(gid))?;
        }
        fchmod(&file, Mode::from_raw_mode(attributes.mode))?;
        Ok(futimens(&file, &times(attributes))?)
    }

    fn owner(&self, attributes: &Attributes) -> Option<(Uid, Gid)> {
        let known = |id| if id == 0 { 0 } else { USER_ID };
        match self.owners {
            Owners::Known => Some((Uid::from_raw(known(attributes.uid)), Gid::from_raw(known(attributes.gid)))),
            Owners::One => None,
        }
    }
}

fn times(attributes: &Attributes) -> Timestamps {
    let modified = Timespec { tv_sec: attributes.seconds, tv_nsec: i64::from(attributes.nanoseconds) };
    Timestamps { last_access: modified, last_modification: modified }
}
