//! File operations, with the permissions of whoever asks for them: the sandbox's user, or its root.
//!
//! A path may be any that a program inside could use, but for the doors of `/proc`: PID 1 is more than the user,
//! so `/proc/self/mem` and the magic links must not be opened in its name.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, MemfdFlags, Mode, OFlags, ResolveFlags, Stat, XattrFlags, fchmod, fchown,
        fsetxattr, fstat, fstatfs, lgetxattr, llistxattr, llistxattr_query, memfd_create, openat, openat2, readlinkat,
        renameat, statat, statfs, unlinkat,
    },
    io::Errno,
    process::{Gid, Uid},
};

use super::protocol::{Entry, Kind, METADATA_PREFIX};

/// Most entries of one listing.
const LISTING_MAX: usize = 20_000;
/// Deepest listing.
const DEPTH_MAX: u32 = 64;
/// Bytes of the names of a file's attributes: the kernel's own bound.
const NAMES_MAX: usize = 64 * 1024;
/// Bytes of a file's metadata that are shown. An answer fits a message with room for the longest path.
const METADATA_MAX: usize = 8 * 1024;

pub fn open_read(path: &str) -> io::Result<(Entry, OwnedFd)> {
    let file = open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY, Mode::empty())?;
    regular(&file)?;
    Ok((entry(path, &fstat(&file)?, None), file))
}

/// `owner` is the uid and gid of whoever writes.
pub fn open_write(path: &str, owner: u32) -> io::Result<(Entry, OwnedFd)> {
    if let Some(parent) = Path::new(path).parent() {
        make_dir_all(parent)?;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = open(path, flags, Mode::from_raw_mode(0o644))?;
    regular(&file)?;
    // Not by O_TRUNC: nothing is emptied before it is known to be a plain file. What is empty stays untouched, since
    // whoever watches it would hear of a write.
    if fstat(&file)?.st_size > 0 {
        rustix::fs::ftruncate(&file, 0)?;
    }
    // It is its writer's already, if it is not somebody else's for good. E2B's envd gives it away each time, and clients
    // that watch a folder count on the event.
    let _ = fchown(&file, Some(Uid::from_raw(owner)), Some(Gid::from_raw(owner)));
    Ok((entry(path, &fstat(&file)?, None), file))
}

/// The folder, and its path without links.
pub fn open_folder(path: &str, follow: bool) -> io::Result<(Entry, OwnedFd)> {
    let links = if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
    let folder = open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK | links, Mode::empty())?;
    let path = readlinkat(CWD, format!("/proc/self/fd/{}", folder.as_raw_fd()), Vec::new())?;
    let path = path.into_string().map_err(|_| Errno::ILSEQ)?;
    Ok((entry(&path, &fstat(&folder)?, None), folder))
}

pub fn stat(path: &str) -> io::Result<Entry> {
    let handle = open(path, OFlags::PATH | OFlags::NOFOLLOW, Mode::empty())?;
    let stat = fstat(&handle)?;
    let link =
        (FileType::from_raw_mode(stat.st_mode) == FileType::Symlink).then(|| link_of(&handle, "")).transpose()?;
    Ok(Entry { metadata: metadata(path), ..resolved(entry(path, &stat, link), CWD, path) })
}

/// `EEXIST` when something is there already.
pub fn make_dir(path: &str) -> io::Result<Entry> {
    match open(path, OFlags::PATH, Mode::empty()) {
        Ok(_) => return Err(Errno::EXIST.into()),
        Err(err) if err.raw_os_error() == Some(libc::ENOENT) => {}
        Err(err) => return Err(err),
    }
    make_dir_all(Path::new(path))?;
    stat(path)
}

/// All below `path`, `depth` levels deep, as a JSON list in a file of its own: it may be larger than a message.
pub fn list(path: &str, depth: u32) -> io::Result<(u64, OwnedFd)> {
    let mut entries = Vec::new();
    walk(path, depth.clamp(1, DEPTH_MAX), &mut entries)?;
    let json = serde_json::to_vec(&entries)?;
    let spool = memfd_create("listing", MemfdFlags::CLOEXEC)?;
    let mut file = fs::File::from(spool);
    file.write_all(&json)?;
    Ok((json.len() as u64, file.into()))
}

fn walk(path: &str, depth: u32, entries: &mut Vec<Entry>) -> io::Result<()> {
    let folder = open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK, Mode::empty())?;
    let mut names = Vec::new();
    for item in Dir::read_from(&folder)? {
        let name = item?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(name);
        }
        if entries.len() + names.len() > LISTING_MAX {
            return Err(Errno::TOOBIG.into());
        }
    }
    names.sort_unstable();
    for name in names {
        let shown = format!("{}/{}", path.trim_end_matches('/'), String::from_utf8_lossy(&name));
        // Gone between the two calls: somebody works in that folder.
        let Ok(stat) = statat(&folder, name.as_slice(), AtFlags::SYMLINK_NOFOLLOW) else { continue };
        let kind = FileType::from_raw_mode(stat.st_mode);
        let link = (kind == FileType::Symlink).then(|| link_of(&folder, name.as_slice())).transpose()?;
        let found = resolved(entry(&shown, &stat, link), folder.as_fd(), name.as_slice());
        entries.push(Entry { metadata: metadata(&shown), ..found });
        if kind == FileType::Directory && depth > 1 {
            // A folder that may not be entered is listed all the same.
            match walk(&shown, depth - 1, entries) {
                Err(err) if err.raw_os_error() == Some(libc::E2BIG) => return Err(err),
                Err(_) | Ok(()) => {}
            }
        }
    }
    Ok(())
}

/// Removes the file, or the folder with all in it. What is not there is removed already.
pub fn remove(path: &str) -> io::Result<()> {
    let (parent, name) = match parent_and_name(path) {
        Ok(found) => found,
        Err(err) if err.raw_os_error() == Some(libc::ENOENT) => return Ok(()),
        Err(err) => return Err(err),
    };
    match unlinkat(&parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => fs::remove_dir_all(path),
        Err(errno) => Err(errno.into()),
    }
}

pub fn rename(from: &str, to: &str) -> io::Result<Entry> {
    if let Some(parent) = Path::new(to).parent() {
        make_dir_all(parent)?;
    }
    let ((old_parent, old), (new_parent, new)) = (parent_and_name(from)?, parent_and_name(to)?);
    match renameat(&old_parent, old, &new_parent, new) {
        // `/tmp`, `/home/user` and the like are mounted one by one.
        Err(Errno::XDEV) => {
            copy(from, &new_parent, new)?;
            unlinkat(&old_parent, old, AtFlags::empty())?;
        }
        renamed => renamed?,
    }
    stat(to)
}

/// Makes a regular file another one's copy, under its own name once it is whole.
fn copy(from: &str, parent: &OwnedFd, name: &std::ffi::OsStr) -> io::Result<()> {
    const UNFINISHED: &str = ".e2b-move.tmp";
    let source = open(from, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY, Mode::empty())?;
    let stat = fstat(&source)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Errno::XDEV.into());
    }
    // One that was left behind, or that a program made to be in the way: it is replaced, and never written to.
    let _ = unlinkat(parent, UNFINISHED, AtFlags::empty());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let target = openat(parent, UNFINISHED, flags, Mode::from_raw_mode(0o600))?;
    let copied = (|| {
        let (mut source, mut target) = (fs::File::from(source), fs::File::from(target));
        io::copy(&mut source, &mut target)?;
        for (key, value) in metadata(from) {
            fsetxattr(&target, format!("{METADATA_PREFIX}{key}"), value.as_bytes(), XattrFlags::empty())?;
        }
        fchmod(&target, Mode::from_raw_mode(stat.st_mode & 0o777))?;
        Ok(renameat(parent, UNFINISHED, parent, name)?)
    })();
    if copied.is_err() {
        let _ = unlinkat(parent, UNFINISHED, AtFlags::empty());
    }
    copied
}

/// Used and total bytes of the sandbox's disk.
pub fn usage() -> io::Result<(u64, u64)> {
    let disk = statfs("/home/user")?;
    let block = disk.f_bsize as u64;
    Ok(((disk.f_blocks - disk.f_bfree) * block, disk.f_blocks * block))
}

fn open(path: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
    let file = openat2(CWD, path, flags | OFlags::CLOEXEC, mode, ResolveFlags::NO_MAGICLINKS)?;
    if fstatfs(&file)?.f_type == rustix::fs::PROC_SUPER_MAGIC {
        return Err(Errno::ACCESS.into());
    }
    Ok(file)
}

fn regular(file: &OwnedFd) -> io::Result<()> {
    match FileType::from_raw_mode(fstat(file)?.st_mode) {
        FileType::RegularFile => Ok(()),
        FileType::Directory => Err(Errno::ISDIR.into()),
        _ => Err(Errno::INVAL.into()),
    }
}

fn make_dir_all(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder).map_err(|err| match err.raw_os_error() {
        Some(libc::EEXIST) => Errno::NOTDIR.into(),
        _ => err,
    })
}

fn parent_and_name(path: &str) -> io::Result<(OwnedFd, &std::ffi::OsStr)> {
    let path = Path::new(path);
    let (Some(parent), Some(name)) = (path.parent().and_then(Path::to_str), path.file_name()) else {
        return Err(Errno::BUSY.into());
    };
    Ok((open(parent, OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?, name))
}

fn link_of(folder: &OwnedFd, name: impl rustix::path::Arg) -> io::Result<String> {
    Ok(readlinkat(folder, name, Vec::new())?.to_string_lossy().into_owned())
}

/// A link is shown as the kind of thing it leads to, where it leads to something.
fn resolved(mut entry: Entry, folder: impl AsFd, name: impl rustix::path::Arg) -> Entry {
    if entry.link.is_some()
        && let Ok(stat) = statat(folder, name, AtFlags::empty())
    {
        entry.kind = kind_of(&stat);
    }
    entry
}

/// What clients and programs attached to a file. What cannot be read, is no text or too much is left out.
fn metadata(path: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    // Most have none, and a listing asks for many.
    let Ok(length @ 1..=NAMES_MAX) = llistxattr_query(path) else { return found };
    let mut names = vec![0; length];
    let Ok(length) = llistxattr(path, names.as_mut_slice()) else { return found };
    let mut left = METADATA_MAX;
    for name in names[..length].split(|byte| *byte == 0) {
        let Some(key) = std::str::from_utf8(name).ok().and_then(|name| name.strip_prefix(METADATA_PREFIX)) else {
            continue;
        };
        let mut value = vec![0; METADATA_MAX];
        let Ok(length) = lgetxattr(path, name, value.as_mut_slice()) else { continue };
        value.truncate(length);
        let (Ok(value), Some(rest)) = (String::from_utf8(value), left.checked_sub(key.len() + length)) else {
            continue;
        };
        left = rest;
        found.insert(key.to_owned(), value);
    }
    found
}

fn entry(path: &str, stat: &Stat, link: Option<String>) -> Entry {
    Entry {
        path: path.to_owned(),
        kind: kind_of(stat),
        size: u64::try_from(stat.st_size).unwrap_or(0),
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        modified: stat
            .st_mtime
            .saturating_mul(1000)
            .saturating_add(i64::try_from(stat.st_mtime_nsec).unwrap_or(0) / 1_000_000),
        link,
        metadata: BTreeMap::new(),
    }
}

fn kind_of(stat: &Stat) -> Kind {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Symlink,
        _ => Kind::Other,
    }
}
