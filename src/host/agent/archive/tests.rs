//! What is captured is restored, and what was forged harms nobody.

use std::{
    fs::{self, File},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, symlink},
    },
    path::Path,
};

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::{
    Bounds, Owners,
    capture::capture,
    format::{Attributes, Entry, Item, Node, Reader, Writer},
    restore::restore,
};

const BOUNDS: Bounds = Bounds { bytes: 64 << 20, entries: 1000 };

/// A folder with the roots of a sandbox in it.
fn sandbox() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for root in ["home/user", "tmp", "var/tmp"] {
        fs::create_dir_all(folder.path().join(root)).unwrap();
    }
    folder
}

fn base(folder: &Path) -> OwnedFd {
    openat(CWD, folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).unwrap()
}

fn captured(folder: &Path) -> Vec<u8> {
    let mut archive = Vec::new();
    capture(base(folder).as_fd(), &mut archive, BOUNDS).unwrap();
    archive
}

fn restored(folder: &Path, archive: &[u8]) -> io::Result<()> {
    restore(base(folder).as_fd(), archive, BOUNDS, Owners::One)
}

#[test]
fn all_that_lasts_comes_back() {
    let (from, to) = (sandbox(), sandbox());
    let at = |path: &str| from.path().join("home/user").join(path);
    fs::create_dir_all(at("a/b")).unwrap();
    fs::write(at("a/b/one"), "content").unwrap();
    fs::set_permissions(at("a/b/one"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::hard_link(at("a/b/one"), at("two")).unwrap();
    symlink("/etc/passwd", at("link")).unwrap();
    let sparse = File::create(at("sparse")).unwrap();
    sparse.set_len(32 << 20).unwrap();
    sparse.write_all_at(b"end", 20 << 20).unwrap();
    fs::write(at("empty"), "").unwrap();
    fs::set_permissions(at("empty"), fs::Permissions::from_mode(0o000)).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    fs::set_permissions(at("a"), fs::Permissions::from_mode(0o500)).unwrap();
    fs::set_permissions(at("a/b"), fs::Permissions::from_mode(0o000)).unwrap();
    File::open(at("")).unwrap().set_modified(std::time::UNIX_EPOCH + std::time::Duration::new(5, 7)).unwrap();
    fs::write(to.path().join("tmp/before"), "").unwrap();
    fs::create_dir_all(to.path().join("tmp/folder/before")).unwrap();
    let archive = captured(from.path());
    assert!(archive.len() < 1 << 20, "{} bytes: holes take none", archive.len());
    restored(to.path(), &archive).unwrap();
    for folder in [&from, &to] {
        let at = |path: &str| folder.path().join("home/user").join(path);
        let mode = |path: &str| fs::symlink_metadata(at(path)).unwrap().mode() & 0o7777;
        assert_eq!((mode("a"), mode("a/b"), mode("empty"), mode("two")), (0o500, 0o000, 0o000, 0o640));
        let kept = fs::metadata(at("")).unwrap();
        assert_eq!((kept.mtime(), kept.mtime_nsec()), (5, 7));
        fs::set_permissions(at("a/b"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::set_permissions(at("a"), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(fs::metadata(at("a/b/one")).unwrap().ino(), fs::metadata(at("two")).unwrap().ino());
        assert_eq!(fs::read(at("two")).unwrap(), b"content");
        assert_eq!(fs::read_link(at("link")).unwrap(), Path::new("/etc/passwd"));
        let sparse = fs::metadata(at("sparse")).unwrap();
        assert!(sparse.len() == 32 << 20 && sparse.blocks() * 512 < 1 << 20, "{} blocks", sparse.blocks());
        assert_eq!(&fs::read(at("sparse")).unwrap()[20 << 20..][..4], b"end\0");
    }
    assert!(!to.path().join("home/user/socket").exists());
    assert_eq!(fs::read_dir(to.path().join("tmp")).unwrap().count(), 0, "what was there before is gone");
}

#[test]
fn metadata_comes_back() {
    let (from, to) = (sandbox(), sandbox());
    let name = |folder: &Path| folder.join("home/user/file");
    fs::write(name(from.path()), "").unwrap();
    let file = File::open(name(from.path())).unwrap();
    match rustix::fs::fsetxattr(&file, "user.e2b.author", b"mish", rustix::fs::XattrFlags::empty()) {
        // Nothing to prove on a file system that keeps none.
        Err(rustix::io::Errno::OPNOTSUPP) => return,
        other => other.unwrap(),
    }
    rustix::fs::fsetxattr(&file, "user.other", b"x", rustix::fs::XattrFlags::empty()).unwrap();
    restored(to.path(), &captured(from.path())).unwrap();
    let mut value = [0; 16];
    let length = rustix::fs::getxattr(name(to.path()), "user.e2b.author", &mut value[..]).unwrap();
    assert_eq!(&value[..length], b"mish");
    assert!(rustix::fs::getxattr(name(to.path()), "user.other", &mut value[..]).is_err());
}

fn entry(path: &str, node: Node) -> Entry {
    let attributes = Attributes { mode: 0o755, ..Attributes::default() };
    Entry { path: path.into(), node, attributes }
}

fn folder(path: &str) -> Entry {
    entry(path, Node::Folder)
}

fn file(path: &str, size: u64) -> Entry {
    entry(path, Node::File { size })
}

fn link(path: &str, target: &str) -> Entry {
    entry(path, Node::Symlink { target: target.into() })
}

fn hard(path: &str, target: &str) -> Entry {
    entry(path, Node::HardLink { target: target.into() })
}

/// An archive of `entries`; files get their size in `x`, where that is little.
fn forged(entries: &[Entry]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut writer = Writer::new(&mut archive).unwrap();
    for entry in entries {
        writer.entry(entry).unwrap();
        match entry.node {
            Node::File { size: size @ 1..1000 } => writer.data(0, &vec![b'x'; size as usize]).unwrap(),
            Node::File { .. } | Node::Folder | Node::Symlink { .. } | Node::HardLink { .. } => {}
        }
    }
    writer.finish().unwrap();
    archive
}

#[test]
fn nothing_forged_leaves_its_root() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let there = outside.path().to_str().unwrap().to_owned();
    let up = format!("..{}", "/..".repeat(20));
    let forgeries = [
        (libc::ELOOP, vec![link("tmp/out", &there), file("tmp/out/new", 3)]),
        (libc::ELOOP, vec![link("tmp/out", &format!("{up}{there}")), folder("tmp/out"), file("tmp/out/secret", 3)]),
        (libc::EEXIST, vec![link("tmp/out", &format!("{there}/secret")), file("tmp/out", 3)]),
        (libc::ELOOP, vec![link("tmp/out", &there), hard("tmp/mine", "tmp/out/secret")]),
        (libc::ELOOP, vec![link("tmp/out", &there), folder("tmp/out")]),
        (libc::EEXIST, vec![file("tmp/a", 3), file("tmp/a", 3)]),
        (libc::EEXIST, vec![file("tmp", 3)]),
        (libc::EEXIST, vec![link("home/user", &there)]),
        (libc::ENOTDIR, vec![file("tmp/a", 3), file("tmp/a/b", 3)]),
        (libc::ENOENT, vec![file("tmp/none/b", 3)]),
        (libc::EXDEV, vec![file("etc/passwd", 3)]),
        (libc::EXDEV, vec![folder("home")]),
        (libc::EXDEV, vec![folder("tmpx")]),
        (libc::EXDEV, vec![hard("tmp/passwd", "etc/passwd")]),
        (libc::EPERM, vec![hard("tmp/root", "home/user")]),
    ];
    for (errno, entries) in forgeries {
        let to = sandbox();
        let refused = restored(to.path(), &forged(&entries)).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(errno), "{entries:?}");
        assert_eq!(fs::read(&secret).unwrap(), b"secret", "{entries:?}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "{entries:?}");
        assert_eq!(fs::metadata(&secret).unwrap().nlink(), 1, "{entries:?}");
        assert_eq!(fs::read_dir(to.path()).unwrap().count(), 3, "{entries:?}");
    }
}

#[test]
fn nothing_forged_is_larger_than_its_bounds() {
    let errno = |archive: &[u8]| restored(sandbox().path(), archive).unwrap_err().raw_os_error();
    let many: Vec<_> = (0..=BOUNDS.entries).map(|_| folder("tmp")).collect();
    assert_eq!(errno(&forged(&many)), Some(libc::E2BIG));
    assert_eq!(errno(&forged(&[file("tmp/huge", u64::MAX)])), Some(libc::EFBIG));
    let with_data = |size: u64, offset: u64, times: usize| {
        let mut archive = Vec::new();
        let mut writer = Writer::new(&mut archive).unwrap();
        writer.entry(&file("tmp/a", size)).unwrap();
        (0..times).for_each(|_| writer.data(offset, &[7; 1000]).unwrap());
        writer.finish().unwrap();
        archive
    };
    restored(sandbox().path(), &with_data(1000, 0, 3)).unwrap();
    assert_eq!(errno(&with_data(1000, 0, (64 << 20) / 1000 + 1)), Some(libc::EFBIG), "the same bytes over and over");
    assert_eq!(errno(&with_data(999, 0, 1)), Some(libc::EBADMSG));
    assert_eq!(errno(&with_data(1000, u64::MAX, 1)), Some(libc::EBADMSG));
    let mut foreign = file("tmp/a", 0);
    foreign.attributes.extended = vec![(b"security.capability".to_vec(), vec![1])];
    assert_eq!(errno(&forged(&[foreign])), Some(libc::EBADMSG));
    assert_eq!(errno(b"PK\x03\x04 and so on and on"), Some(libc::EBADMSG));
}

#[test]
fn an_archive_without_its_end_is_refused() {
    let from = sandbox();
    fs::write(from.path().join("tmp/a"), vec![1; 1000]).unwrap();
    let archive = captured(from.path());
    for length in (0..archive.len()).step_by(7) {
        assert!(restored(sandbox().path(), &archive[..length]).is_err(), "cut at {length}");
    }
}

#[test]
fn a_capture_over_its_bounds_fails_and_says_why() {
    let from = sandbox();
    let errno = |bounds| capture(base(from.path()).as_fd(), io::sink(), bounds).unwrap_err().raw_os_error();
    fs::write(from.path().join("tmp/a"), vec![1; 1000]).unwrap();
    assert_eq!(errno(Bounds { bytes: 999, ..BOUNDS }), Some(libc::EFBIG));
    assert_eq!(errno(Bounds { entries: 6, ..BOUNDS }), Some(libc::E2BIG));
    fs::create_dir_all(from.path().join("tmp").join("d/".repeat(300))).unwrap();
    assert_eq!(errno(BOUNDS), Some(libc::ENAMETOOLONG));
}

#[test]
fn a_folder_comes_before_and_after_what_is_in_it() {
    let from = sandbox();
    fs::create_dir(from.path().join("tmp/d")).unwrap();
    fs::write(from.path().join("tmp/d/f"), "").unwrap();
    let archive = captured(from.path());
    let mut reader = Reader::new(&archive[..]).unwrap();
    let mut paths = Vec::new();
    while let Item::Entry(entry) = reader.read().unwrap() {
        paths.push(String::from_utf8(entry.path).unwrap());
    }
    assert_eq!(paths, ["home/user", "home/user", "tmp", "tmp/d", "tmp/d/f", "tmp/d", "tmp", "var/tmp", "var/tmp"]);
}
