//! From files to an archive.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Write},
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
        unix::fs::FileExt as _,
    },
};

use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, SeekFrom, Stat, StatVfsMountFlags, fchmod, fgetxattr,
        flistxattr, flistxattr_query, fstat, fstatvfs, openat2, readlinkat, seek, statat,
    },
    io::Errno,
};

use super::{
    super::protocol::METADATA_PREFIX,
    Bounds, ROOTS,
    format::{ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, Attributes, CHUNK, Entry, Node, Writer},
};

/// Folders within folders. Each takes a descriptor while it is walked.
const DEPTH_MAX: usize = 256;
/// Files whose several names are known as one. Of more, each name becomes a file.
const HARD_LINKS_MAX: usize = 20_000;
/// The kernel's own bound on the names of one file's attributes.
const NAMES_BYTES_MAX: usize = 64 * 1024;

/// Nothing leads out of the folder that is walked: not a link, not another mount.
const BELOW: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_XDEV);

/// Writes all below the roots of `base` to `sink`. What comes or goes meanwhile is in it or not; a file that is
/// written to meanwhile is in it as it is read. Sockets, pipes and devices are left out: nobody is at their other end.
///
/// # Errors
/// `EFBIG` and `E2BIG` for more than the bounds, `ENAMETOOLONG` for what is too deep or has too long a path; else
/// what the file system or the sink says. The archive has no end then.
pub fn capture(base: BorrowedFd<'_>, sink: impl Write, bounds: Bounds) -> io::Result<()> {
    let mut walk = Walk { writer: Writer::new(sink)?, bounds, path: Vec::new(), links: HashMap::new() };
    for root in ROOTS {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let folder = match openat2(base, root, flags, Mode::empty(), resolve) {
            Ok(folder) => Opened { descriptor: folder, closed: None },
            Err(Errno::NOENT) => continue,
            Err(Errno::ACCESS) => {
                let name = root.as_bytes();
                let stat = statat(base, name, AtFlags::SYMLINK_NOFOLLOW)?;
                forced_open(base, name, flags, resolve, &stat)?
            }
            Err(errno) => return Err(errno.into()),
        };
        // What nobody inside can write to is the machine's own.
        if !fstatvfs(&folder.descriptor)?.f_flag.contains(StatVfsMountFlags::RDONLY) {
            walk.root(root, folder)?;
        }
    }
    walk.writer.finish()
}

struct Walk<W> {
    writer: Writer<W>,
    bounds: Bounds,
    /// Of the folder or file at hand.
    path: Vec<u8>,
    /// The first name of each file that has several, by its inode.
    links: HashMap<u64, Vec<u8>>,
}

/// A folder that is being walked.
struct Level {
    items: Dir,
    attributes: Attributes,
    /// Length of its path.
    length: usize,
    /// The mode to give back to it.
    closed: Option<u32>,
}

/// An open file or folder.
struct Opened {
    descriptor: OwnedFd,
    /// Its mode, where that had to be changed to open it.
    closed: Option<u32>,
}

impl<W: Write> Walk<W> {
    fn root(&mut self, path: &str, folder: Opened) -> io::Result<()> {
        self.path.clear();
        self.path.extend(path.as_bytes());
        let mut levels = vec![self.enter(folder)?];
        // Ends: each turn takes one item of a folder, or leaves one.
        while let Some(level) = levels.last_mut() {
            self.path.truncate(level.length);
            match level.items.read() {
                None => {
                    self.leave(level)?;
                    levels.pop();
                }
                Some(item) => {
                    let item = item?;
                    let name = item.file_name().to_bytes();
                    if name == b"." || name == b".." {
                        continue;
                    }
                    self.path.push(b'/');
                    self.path.extend(name);
                    if let Some(deeper) = self.item(level.items.fd()?, name)? {
                        if levels.len() >= DEPTH_MAX {
                            return Err(Errno::NAMETOOLONG.into());
                        }
                        levels.push(self.enter(deeper)?);
                    }
                }
            }
        }
        Ok(())
    }

    fn enter(&mut self, folder: Opened) -> io::Result<Level> {
        let stat = fstat(&folder.descriptor)?;
        let mut attributes = attributes(&stat, Some(folder.descriptor.as_fd()))?;
        attributes.mode = folder.closed.unwrap_or(attributes.mode);
        // Whoever fills it must be able to.
        let open = Attributes { mode: attributes.mode | 0o700, ..attributes.clone() };
        self.entry(Node::Folder, open)?;
        Ok(Level { items: Dir::new(folder.descriptor)?, attributes, length: self.path.len(), closed: folder.closed })
    }

    fn leave(&mut self, level: &mut Level) -> io::Result<()> {
        if let Some(mode) = level.closed {
            fchmod(level.items.fd()?, Mode::from_raw_mode(mode))?;
        }
        self.entry(Node::Folder, std::mem::take(&mut level.attributes))
    }

    /// Writes one item of `folder`; gives it back when it is a folder itself.
    fn item(&mut self, folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Option<Opened>> {
        let Some(stat) = gone(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW))? else { return Ok(None) };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => open(folder, name, OFlags::DIRECTORY, &stat),
            FileType::RegularFile => self.file(folder, name, &stat).map(|()| None),
            FileType::Symlink => {
                let Some(target) = gone(readlinkat(folder, name, Vec::new()))? else { return Ok(None) };
                self.entry(Node::Symlink { target: target.into_bytes() }, attributes(&stat, None)?).map(|()| None)
            }
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Ok(None),
        }
    }

    fn file(&mut self, folder: BorrowedFd<'_>, name: &[u8], stat: &Stat) -> io::Result<()> {
        if stat.st_nlink > 1
            && let Some(first) = self.links.get(&stat.st_ino)
        {
            let target = first.clone();
            return self.entry(Node::HardLink { target }, attributes(stat, None)?);
        }
        let Some(opened) = open(folder, name, OFlags::NONBLOCK | OFlags::NOCTTY, stat)? else { return Ok(()) };
        let stat = fstat(&opened.descriptor)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Ok(());
        }
        let mut attributes = attributes(&stat, Some(opened.descriptor.as_fd()))?;
        if let Some(mode) = opened.closed {
            fchmod(&opened.descriptor, Mode::from_raw_mode(mode))?;
            attributes.mode = mode;
        }
        if stat.st_nlink > 1 && self.links.len() < HARD_LINKS_MAX {
            self.links.insert(stat.st_ino, self.path.clone());
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        self.entry(Node::File { size }, attributes)?;
        self.content(&File::from(opened.descriptor), size)
    }

    /// The bytes of a file, without its holes.
    fn content(&mut self, file: &File, size: u64) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK.min(usize::try_from(size).unwrap_or(CHUNK))];
        let mut at = 0;
        while at < size {
            let start = match seek(file, SeekFrom::Data(at)) {
                Ok(start) => start,
                // Nothing but a hole from here on.
                Err(Errno::NXIO) => return Ok(()),
                Err(errno) => return Err(errno.into()),
            };
            let end = seek(file, SeekFrom::Hole(start))?.min(size);
            at = start;
            while at < end {
                let wanted = CHUNK.min(usize::try_from(end - at).unwrap_or(CHUNK));
                let length = file.read_at(&mut chunk[..wanted], at)?;
                if length == 0 {
                    // It became shorter: the rest reads as a hole.
                    return Ok(());
                }
                self.writer.data(at, &chunk[..length])?;
                if self.writer.written().1 > self.bounds.bytes {
                    return Err(Errno::FBIG.into());
                }
                at += length as u64;
            }
        }
        Ok(())
    }

    fn entry(&mut self, node: Node, attributes: Attributes) -> io::Result<()> {
        self.writer.entry(&Entry { path: self.path.clone(), node, attributes })?;
        if self.writer.written().0 > self.bounds.entries { Err(Errno::TOOBIG.into()) } else { Ok(()) }
    }
}

/// `None` for what is no longer there, or no longer what it was.
fn gone<T>(result: Result<T, Errno>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        // `XDEV`: another mount, which is not the sandbox's own.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV | Errno::INVAL) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

fn open(folder: BorrowedFd<'_>, name: &[u8], flags: OFlags, stat: &Stat) -> io::Result<Option<Opened>> {
    let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat2(folder, name, flags, Mode::empty(), BELOW) {
        Err(Errno::ACCESS) => gone(forced_open(folder, name, flags, BELOW, stat)),
        Ok(descriptor) if flags.contains(OFlags::DIRECTORY) && stat.st_mode & 0o100 == 0 => {
            // Readable, but nothing in it is within reach.
            let closed = forced_open(folder, name, flags, BELOW, stat);
            drop(descriptor);
            gone(closed)
        }
        other => gone(other.map(|descriptor| Opened { descriptor, closed: None })),
    }
}

/// Opens what its owner may not read, which is what we are where this happens: by a mode that lets the owner, for as
/// long as it takes.
fn forced_open(
    folder: BorrowedFd<'_>,
    name: &[u8],
    flags: OFlags,
    resolve: ResolveFlags,
    stat: &Stat,
) -> Result<Opened, Errno> {
    let handle = openat2(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty(), resolve)?;
    // The handle's own door: by its name it could be something else by now.
    let door = format!("/proc/self/fd/{}", handle.as_raw_fd());
    let closed = stat.st_mode & 0o7777;
    rustix::fs::chmod(&door, Mode::from_raw_mode(closed | 0o700))?;
    match openat2(folder, name, flags, Mode::empty(), resolve) {
        Ok(descriptor) => Ok(Opened { descriptor, closed: Some(closed) }),
        Err(errno) => {
            let _ = rustix::fs::chmod(&door, Mode::from_raw_mode(closed));
            Err(errno)
        }
    }
}

fn attributes(stat: &Stat, file: Option<BorrowedFd<'_>>) -> io::Result<Attributes> {
    Ok(Attributes {
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        seconds: stat.st_mtime,
        nanoseconds: u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
        extended: file.map(extended).transpose()?.unwrap_or_default(),
    })
}

/// The attributes that clients and programs attached. What is over the bounds, or went meanwhile, is left out.
fn extended(file: BorrowedFd<'_>) -> io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    // Most files have none, so the room for names is made only for those that do.
    let length = match flistxattr_query(file) {
        Ok(0) | Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
        Ok(length) => length.min(NAMES_BYTES_MAX),
        Err(errno) => return Err(errno.into()),
    };
    let mut names = vec![0; length];
    let Ok(length) = flistxattr(file, names.as_mut_slice()) else { return Ok(Vec::new()) };
    let mut left = ATTRIBUTE_BYTES_MAX;
    let mut found = Vec::new();
    for name in names[..length].split(|byte| *byte == 0) {
        if !name.starts_with(METADATA_PREFIX.as_bytes()) || found.len() >= ATTRIBUTES_MAX {
            continue;
        }
        let mut value = vec![0; ATTRIBUTE_BYTES_MAX];
        let Ok(length) = fgetxattr(file, name, value.as_mut_slice()) else { continue };
        value.truncate(length);
        let Some(rest) = left.checked_sub(name.len() + length) else { continue };
        left = rest;
        found.push((name.to_owned(), value));
    }
    Ok(found)
}
