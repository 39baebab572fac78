//! The sandbox's root file system.
//!
//! ```text
//!  /            tmpfs, read-only once built
//!  ├─ usr …     the machine's own, read-only, nosuid, nodev
//!  ├─ etc       generated
//!  ├─ dev       six devices, a pts of its own
//!  ├─ proc      of this pid namespace, read-only, masked
//!  └─ home/user root tmp var/tmp var/added dev/shm    one tmpfs with the sandbox's size and inode limits
//! ```
//! `/` is a folder of its tmpfs rather than all of it, for PID 1's sake: see `top`.
//! Of `/sys` only the memory limit, as a plain file, and nothing else of the machine.

use std::{
    fs,
    io::{self, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{OpenOptionsExt, PermissionsExt, chown, symlink},
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
};

use super::{
    init::{Failed, Step},
    protocol::{Identity, RootPlan, Setup, USER_ID},
    sys,
    top::{ADDED, FOLDER, Top},
};

/// Where the new root is put together; it hides what is there, in this mount namespace only.
const STAGE: &str = "/tmp";
/// Bytes and inodes of the root itself: folders, links and generated files.
const ROOT_OPTIONS: &str = "size=2m,nr_inodes=2048,mode=755";

const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Files of `/proc` that tell of the machine. Those that this kernel lacks are skipped.
const MASKED: [&str; 12] = [
    "cmdline",
    // When keys are pressed, among others.
    "interrupts",
    "kcore",
    "keys",
    "key-users",
    "kallsyms",
    "timer_list",
    "sched_debug",
    "kmsg",
    "modules",
    "latency_stats",
    "sysrq-trigger",
];

pub const MOUNT_RDONLY: u64 = 1;
pub const MOUNT_NOSUID: u64 = 2;
pub const MOUNT_NODEV: u64 = 4;
/// What all processes of the sandbox may have of things that count against the engine's own user too. Seccomp refuses
/// new namespaces and fanotify as well; this holds even if a call slips past it.
const USER_LIMITS: [(&str, u32); 5] = [
    ("max_user_namespaces", 0),
    ("max_fanotify_groups", 0),
    ("max_fanotify_marks", 0),
    ("max_inotify_instances", 32),
    ("max_inotify_watches", 16_384),
];

const MOUNT_NOEXEC: u64 = 8;

/// The machine's files that go into the root, opened while their paths still mean something.
pub struct Sources {
    binds: Vec<(String, OwnedFd)>,
    devices: Vec<(&'static str, OwnedFd)>,
}

impl Sources {
    pub fn open(root: &RootPlan) -> Result<Self, Failed> {
        let mut binds = Vec::with_capacity(root.binds.len());
        for bind in &root.binds {
            let tree = clone_tree(&bind.source).step(format!("open {}", bind.source))?;
            sys::set_mount_attributes(tree.as_fd(), "", MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV, true)
                .step(format!("make {} read-only", bind.source))?;
            binds.push((bind.target.clone(), tree));
        }
        let mut devices = Vec::with_capacity(DEVICES.len());
        for name in DEVICES {
            devices.push((name, device(&format!("/dev/{name}"), MOUNT_NOSUID | MOUNT_NOEXEC)?));
        }
        Ok(Self { binds, devices })
    }
}

fn device(path: &str, attributes: u64) -> Result<OwnedFd, Failed> {
    let tree = clone_tree(path).step(format!("open {path}"))?;
    sys::set_mount_attributes(tree.as_fd(), "", attributes, false).step(format!("restrict {path}"))?;
    Ok(tree)
}

fn clone_tree(path: &str) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(CWD, path, flags)?)
}

fn attach(tree: &OwnedFd, target: &str) -> io::Result<()> {
    Ok(move_mount(tree, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}

/// Lets nothing that is mounted from now on reach the machine.
pub fn make_private() -> Result<(), Failed> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).step("make all mounts private")
}

/// Builds the root of `setup`, moves into it and drops the machine's.
pub fn build_root(setup: &Setup, sources: Sources) -> Result<Top, Failed> {
    let top = mount_root().step("mount the root")?;
    rustix::process::chdir(STAGE).step("enter the root")?;
    for folder in ["dev/pts", "dev/shm", "etc", "home/user", "mnt", "proc", "root", "run", "tmp", "var/tmp", ADDED] {
        fs::create_dir_all(folder).step(format!("make /{folder}"))?;
    }
    writable_part(setup)?;
    devices(&sources)?;
    proc()?;
    for (target, tree) in &sources.binds {
        mount_point(target, tree).step(format!("make /{target}"))?;
        attach(tree, target).step(format!("bind /{target}"))?;
    }
    for (path, content) in &setup.root.files {
        write_new(path, content, 0o644).step(format!("write /{path}"))?;
    }
    for (path, content) in &setup.root.programs {
        write_new(path, content, 0o755).step(format!("write /{path}"))?;
    }
    for (path, target) in &setup.root.links {
        if let Some(parent) = Path::new(path).parent() {
            fs::create_dir_all(parent).step(format!("make the folder of /{path}"))?;
        }
        symlink(target, path).step(format!("link /{path}"))?;
    }
    drop(sources);
    pivot_root(".", ".").step("pivot_root")?;
    unmount(".", UnmountFlags::DETACH).step("drop the machine's root")?;
    rustix::process::chdir("/").step("enter the root")?;
    let sealed = MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV;
    sys::set_mount_attributes(CWD, "/", sealed, false).step("make the root read-only")?;
    Ok(top)
}

fn mount_root() -> io::Result<Top> {
    mount_text("tmpfs", STAGE, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, ROOT_OPTIONS)?;
    let folder = format!("{STAGE}/{FOLDER}");
    fs::create_dir(&folder)?;
    let top = Top::open(clone_tree(STAGE)?)?;
    attach(&clone_tree(&folder)?, STAGE)?;
    Ok(top)
}

/// All that the sandbox may write to lies on one tmpfs, so that one size and one number of inodes bound it.
fn writable_part(setup: &Setup) -> Result<(), Failed> {
    let options = format!("size={},nr_inodes={},mode=755", setup.disk_bytes, setup.inodes);
    mount_text("tmpfs", "mnt", "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, &options).step("mount the disk")?;
    // Root's alone, unless a program that the user runs lies below it.
    let passage = setup.root.binds.iter().any(|bind| bind.target.starts_with("root/"));
    for (folder, target, mode) in [
        ("mnt/home", "home/user", 0o755),
        ("mnt/root", "root", if passage { 0o711 } else { 0o700 }),
        ("mnt/tmp", "tmp", 0o1777),
        ("mnt/vartmp", "var/tmp", 0o1777),
        ("mnt/added", ADDED, 0o1777),
        ("mnt/shm", "dev/shm", 0o1777),
    ] {
        fs::create_dir(folder).step(format!("make /{target}"))?;
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).step(format!("open /{target}"))?;
        if setup.identity == Identity::Root && mode == 0o755 {
            chown(folder, Some(USER_ID), Some(USER_ID)).step(format!("give away /{target}"))?;
        }
        let tree = clone_tree(folder).step(format!("clone /{target}"))?;
        attach(&tree, target).step(format!("bind /{target}"))?;
    }
    unmount("mnt", UnmountFlags::DETACH).step("hide the disk's root")
}

fn devices(sources: &Sources) -> Result<(), Failed> {
    for (name, tree) in &sources.devices {
        let target = format!("dev/{name}");
        mount_point(&target, tree).step(format!("make /{target}"))?;
        attach(tree, &target).step(format!("bind /{target}"))?;
    }
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount_text("devpts", "dev/pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=620").step("mount /dev/pts")?;
    for (path, target) in [
        ("dev/ptmx", "pts/ptmx"),
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
    ] {
        symlink(target, path).step(format!("link /{path}"))?;
    }
    Ok(())
}

fn proc() -> Result<(), Failed> {
    let hard = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount_text("proc", "proc", "proc", hard, "").step("mount /proc")?;
    for (name, most) in USER_LIMITS {
        let file = format!("proc/sys/user/{name}");
        match fs::write(&file, most.to_string()) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            other => other.step(format!("limit {name}"))?,
        }
    }
    for name in MASKED {
        let target = format!("proc/{name}");
        if fs::symlink_metadata(&target).is_ok() {
            let tree = clone_tree("dev/null").step("clone /dev/null")?;
            attach(&tree, &target).step(format!("mask /{target}"))?;
        }
    }
    boot_id()?;
    // All of it: nobody inside may lower an oom_score_adj or touch a sysctl.
    sys::set_mount_attributes(CWD, "proc", MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC, false)
        .step("make /proc read-only")
}

/// A boot id of the sandbox's own: it tells a boot from the next one, and nothing of the machine.
fn boot_id() -> Result<(), Failed> {
    const OWN: &str = "run/boot_id";
    let fresh = fs::read_to_string("proc/sys/kernel/random/uuid").step("draw a boot id")?;
    fs::write(OWN, fresh).step("write the boot id")?;
    fs::set_permissions(OWN, fs::Permissions::from_mode(0o444)).step("open the boot id")?;
    let tree = clone_tree(OWN).step("clone the boot id")?;
    let sealed = MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC;
    sys::set_mount_attributes(tree.as_fd(), "", sealed, false).step("make the boot id read-only")?;
    attach(&tree, "proc/sys/kernel/random/boot_id").step("bind the boot id")
}

fn mount_point(target: &str, tree: &OwnedFd) -> io::Result<()> {
    if FileType::from_raw_mode(fstat(tree)?.st_mode) == FileType::Directory {
        return fs::create_dir_all(target);
    }
    if let Some(parent) = Path::new(target).parent() {
        fs::create_dir_all(parent)?;
    }
    fs::File::create(target).map(drop)
}

fn write_new(path: &str, content: &str, mode: u32) -> io::Result<()> {
    if let Some(parent) = Path::new(path).parent() {
        fs::create_dir_all(parent)?;
    }
    fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(content.as_bytes())
}

fn mount_text(source: &str, target: &str, kind: &str, flags: MountFlags, options: &str) -> io::Result<()> {
    let options = std::ffi::CString::new(options)?;
    Ok(mount(source, target, kind, flags, options.as_c_str())?)
}
