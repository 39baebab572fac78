//! What every sandbox of a host stands on: laid once, by the nursery, in a mount namespace of its own.
//!
//! ```text
//!  /              tmpfs, read-only; nothing of the machine is left above or beside it
//!  ├─ proc        the machine's: without seeing one, no namespace may mount its own
//!  ├─ disk, stage where a sandbox mounts its disk, and puts its root together
//!  └─ root        tmpfs, read-only: the root of all sandboxes
//!     ├─ usr …    the machine's own, read-only, nosuid, nodev
//!     ├─ etc run  generated
//!     ├─ dev      six devices
//!     └─ home/user root tmp var/tmp var/added dev/pts dev/shm proc     empty
//! ```
//! A sandbox clones the folders of `root` and adds what is its own (`mounts`). What comes down from here is locked
//! for it: it lies in a user namespace below the nursery's, so that not even all capabilities in there could make one of
//! these mounts writable or take it away. And what is laid once costs no sandbox time or memory.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{OpenOptionsExt, symlink},
    },
    path::Path,
};

use rustix::{
    fs::{CWD, FileType, fstat},
    mount::{
        MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_change,
        move_mount, open_tree, unmount,
    },
    process::pivot_root,
    thread::{UnshareFlags, unshare_unsafe},
};

use super::{
    birth::{Ground, IdMaps, RootPlan},
    executable,
    init::{Failed, Step},
    sys,
    top::ADDED,
};

/// Where a sandbox mounts its disk.
pub const DISK: &str = "/disk";
/// Where a sandbox puts its root together.
pub const STAGE: &str = "/stage";
/// The root of all sandboxes.
pub const ROOT: &str = "/root";

pub const MOUNT_RDONLY: u64 = 1;
pub const MOUNT_NOSUID: u64 = 2;
pub const MOUNT_NODEV: u64 = 4;
pub const MOUNT_NOEXEC: u64 = 8;
pub const SEALED: u64 = MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV;

/// Where the ground is put together; it hides what is there, in the nursery's mount namespace only.
const SITE: &str = "/tmp";
/// Bytes and inodes: folders, links and generated files.
const OPTIONS: &str = "size=2m,nr_inodes=2048,mode=755";
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
const FOLDERS: [&str; 10] = ["dev/pts", "dev/shm", "etc", "home/user", "proc", "root", "run", "tmp", "var/tmp", ADDED];

/// Moves the calling process onto a new ground. Only for a process with one thread. A read-only mount of its executable,
/// where there can be one.
pub fn lay(ground: &Ground) -> Result<Option<OwnedFd>, Failed> {
    let namespaces = match &ground.maps {
        Some(_) => UnshareFlags::NEWUSER | UnshareFlags::NEWNS,
        None => UnshareFlags::NEWNS,
    };
    // SAFETY: the process has one thread, so none is surprised by what it no longer shares.
    unsafe { unshare_unsafe(namespaces) }.step("make a user and a mount namespace")?;
    if let Some(maps) = &ground.maps {
        map_ids("self", maps).step("map the ids of the sandboxes' user namespace")?;
    }
    // Nothing that is mounted from now on reaches the machine, or comes from it.
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).step("make all mounts private")?;
    let executable = executable::read_only().ok();
    let sources = Sources::open(&ground.root)?;
    mount_text("tmpfs", SITE, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, OPTIONS).step("mount the ground")?;
    enter(SITE)?;
    make_folders(["proc", "disk", "stage", "root"])?;
    attach(&clone_tree("/proc").step("clone /proc")?, "proc").step("bind /proc")?;
    mount_text("tmpfs", "root", "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, OPTIONS).step("mount the root")?;
    enter("root")?;
    build(&ground.root, &sources)?;
    seal(".")?;
    enter("..")?;
    leave_for_here()?;
    seal("/")?;
    Ok(executable)
}

/// Makes the folder that the process is in its root, and drops what was.
pub fn leave_for_here() -> Result<(), Failed> {
    pivot_root(".", ".").step("pivot_root")?;
    unmount(".", UnmountFlags::DETACH).step("drop the old root")?;
    enter("/")
}

/// Writes the maps of the user namespace of `process`.
pub fn map_ids(process: &str, maps: &IdMaps) -> io::Result<()> {
    if maps.deny_setgroups {
        fs::write(format!("/proc/{process}/setgroups"), "deny")?;
    }
    fs::write(format!("/proc/{process}/uid_map"), &maps.uid)?;
    fs::write(format!("/proc/{process}/gid_map"), &maps.gid)
}

pub fn clone_tree(path: &str) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(CWD, path, flags)?)
}

pub fn attach(tree: &OwnedFd, target: &str) -> io::Result<()> {
    Ok(move_mount(tree, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}

pub fn enter(folder: &str) -> Result<(), Failed> {
    rustix::process::chdir(folder).step(format!("enter {folder}"))
}

pub fn mount_text(source: &str, target: &str, kind: &str, flags: MountFlags, options: &str) -> io::Result<()> {
    let options = std::ffi::CString::new(options)?;
    Ok(mount(source, target, kind, flags, options.as_c_str())?)
}

/// The machine's files that go into the root, opened while their paths still mean something.
struct Sources {
    binds: Vec<(String, OwnedFd)>,
    devices: Vec<(&'static str, OwnedFd)>,
}

impl Sources {
    fn open(root: &RootPlan) -> Result<Self, Failed> {
        let mut binds = Vec::with_capacity(root.binds.len());
        for bind in &root.binds {
            let tree = clone_tree(&bind.source).step(format!("open {}", bind.source))?;
            sys::set_mount_attributes(tree.as_fd(), "", SEALED, true)
                .step(format!("make {} read-only", bind.source))?;
            binds.push((bind.target.clone(), tree));
        }
        let mut devices = Vec::with_capacity(DEVICES.len());
        for name in DEVICES {
            let tree = clone_tree(&format!("/dev/{name}")).step(format!("open /dev/{name}"))?;
            sys::set_mount_attributes(tree.as_fd(), "", MOUNT_NOSUID | MOUNT_NOEXEC, false)
                .step(format!("restrict /dev/{name}"))?;
            devices.push((name, tree));
        }
        Ok(Self { binds, devices })
    }
}

fn build(root: &RootPlan, sources: &Sources) -> Result<(), Failed> {
    make_folders(FOLDERS)?;
    for (name, tree) in &sources.devices {
        bind(&format!("dev/{name}"), tree)?;
    }
    for (path, target) in [
        ("dev/ptmx", "pts/ptmx"),
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
    ] {
        symlink(target, path).step(format!("link /{path}"))?;
    }
    for (target, tree) in &sources.binds {
        bind(target, tree)?;
    }
    for (path, content) in &root.files {
        write_new(path, content, 0o644).step(format!("write /{path}"))?;
    }
    for (path, content) in &root.programs {
        write_new(path, content, 0o755).step(format!("write /{path}"))?;
    }
    for (path, target) in &root.links {
        make_parent(path).and_then(|()| symlink(target, path)).step(format!("link /{path}"))?;
    }
    Ok(())
}

fn bind(target: &str, tree: &OwnedFd) -> Result<(), Failed> {
    mount_point(target, tree).step(format!("make /{target}"))?;
    attach(tree, target).step(format!("bind /{target}"))
}

fn mount_point(target: &str, tree: &OwnedFd) -> io::Result<()> {
    if FileType::from_raw_mode(fstat(tree)?.st_mode) == FileType::Directory {
        return fs::create_dir_all(target);
    }
    make_parent(target)?;
    File::create(target).map(drop)
}

fn write_new(path: &str, content: &str, mode: u32) -> io::Result<()> {
    make_parent(path)?;
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(content.as_bytes())
}

fn make_parent(path: &str) -> io::Result<()> {
    Path::new(path).parent().map_or(Ok(()), fs::create_dir_all)
}

fn make_folders<const N: usize>(folders: [&str; N]) -> Result<(), Failed> {
    folders.into_iter().try_for_each(|folder| fs::create_dir_all(folder).step(format!("make /{folder}")))
}

fn seal(path: &str) -> Result<(), Failed> {
    sys::set_mount_attributes(CWD, path, SEALED, false).step(format!("make {path} read-only"))
}
