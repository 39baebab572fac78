//! The sandbox's root file system.
//!
//! ```text
//!  /            read-only, a folder of the disk: see `top`
//!  ├─ usr etc … read-only, the same in every sandbox: see `ground`
//!  ├─ dev/pts   of its own
//!  ├─ proc      of this pid namespace, read-only, masked
//!  └─ home/user root tmp var/tmp var/added dev/shm    one tmpfs with the sandbox's size and inode limits
//! ```
//! Of `/sys` only the memory limit, as a plain file, and nothing else of the machine.

use std::{
    fs, io,
    os::{
        fd::AsFd as _,
        unix::fs::{PermissionsExt, chown, symlink},
    },
};

use rustix::{fs::CWD, mount::MountFlags};

use super::{
    birth::Setup,
    ground::{
        self, DISK, MOUNT_NODEV, MOUNT_NOEXEC, MOUNT_NOSUID, MOUNT_RDONLY, ROOT, SEALED, STAGE, attach, clone_tree,
        mount_text,
    },
    init::{Failed, Step},
    protocol::{Identity, USER_ID},
    sys,
    top::{ADDED, FOLDER, Top},
};

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

/// What all processes of the sandbox may have of things that count against the engine's own user too. Seccomp refuses
/// new namespaces and fanotify as well; this holds even if a call slips past it.
const USER_LIMITS: [(&str, u32); 5] = [
    ("max_user_namespaces", 0),
    ("max_fanotify_groups", 0),
    ("max_fanotify_marks", 0),
    ("max_inotify_instances", 16),
    ("max_inotify_watches", 16_384),
];

/// Terminals of one sandbox: those of all sandboxes count as the machine's, which has some thousands.
const TERMINALS_MAX: u32 = 64;

/// Builds the root of `setup`, moves into it and drops the ground below. Only for a process in a mount namespace of its
/// own that was copied from the nursery's.
pub fn build_root(setup: &Setup) -> Result<Top, Failed> {
    let options = format!("size={},nr_inodes={},mode=755", setup.disk_bytes, setup.inodes);
    let hard = MountFlags::NOSUID | MountFlags::NODEV;
    mount_text("tmpfs", DISK, "tmpfs", hard, &options).step("mount the disk")?;
    let top = root().step("put the root together")?;
    writable_part(setup)?;
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    let terminals = format!("newinstance,ptmxmode=0666,mode=620,max={TERMINALS_MAX}");
    mount_text("devpts", "dev/pts", "devpts", flags, &terminals).step("mount /dev/pts")?;
    proc()?;
    // With the ground goes the disk's own root: only its folders are to be seen.
    ground::leave_for_here()?;
    sys::set_mount_attributes(CWD, "/", SEALED, false).step("make / read-only")?;
    Ok(top)
}

/// A root that has a folder or link for each of the ground's, and room for names that clients add. Enters it.
fn root() -> io::Result<Top> {
    let folder = format!("{DISK}/{FOLDER}");
    fs::create_dir(&folder)?;
    let top = Top::open(clone_tree(DISK)?)?;
    attach(&clone_tree(&folder)?, STAGE)?;
    rustix::process::chdir(STAGE)?;
    for item in fs::read_dir(ROOT)? {
        let item = item?;
        let (path, name) = (item.path(), item.file_name());
        match fs::read_link(&path) {
            Ok(target) => symlink(target, name)?,
            Err(_) => {
                let (Some(path), Some(name)) = (path.to_str(), name.to_str()) else { continue };
                fs::create_dir(name)?;
                attach(&clone_tree(path)?, name)?;
            }
        }
    }
    Ok(top)
}

/// All that the sandbox may write to lies on one tmpfs, so that one size and one number of inodes bound it.
fn writable_part(setup: &Setup) -> Result<(), Failed> {
    for (name, target, mode) in [
        ("home", "home/user", 0o755),
        // Root's alone, unless a program that the user runs lies below it.
        ("root", "root", if setup.passage_through_root { 0o711 } else { 0o700 }),
        ("tmp", "tmp", 0o1777),
        ("vartmp", "var/tmp", 0o1777),
        ("added", ADDED, 0o1777),
        ("shm", "dev/shm", 0o1777),
    ] {
        let folder = format!("{DISK}/{name}");
        fs::create_dir(&folder).step(format!("make /{target}"))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).step(format!("open /{target}"))?;
        if setup.identity == Identity::Root && mode == 0o755 {
            chown(&folder, Some(USER_ID), Some(USER_ID)).step(format!("give away /{target}"))?;
        }
        attach(&clone_tree(&folder).step(format!("clone /{target}"))?, target).step(format!("bind /{target}"))?;
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
    let own = format!("{DISK}/boot_id");
    let fresh = fs::read_to_string("proc/sys/kernel/random/uuid").step("draw a boot id")?;
    fs::write(&own, fresh).step("write the boot id")?;
    fs::set_permissions(&own, fs::Permissions::from_mode(0o444)).step("open the boot id")?;
    let tree = clone_tree(&own).step("clone the boot id")?;
    let sealed = MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC;
    sys::set_mount_attributes(tree.as_fd(), "", sealed, false).step("make the boot id read-only")?;
    attach(&tree, "proc/sys/kernel/random/boot_id").step("bind the boot id")
}
