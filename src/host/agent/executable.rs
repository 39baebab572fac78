//! The engine's own executable, in a shape that nothing can write to.
//!
//! Every sandbox's PID 1 runs it, so a program inside may find a way to have it open (CVE-2019-5736: a script whose
//! interpreter is `/proc/self/exe`), and an engine that is not root runs its programs under the very user who owns the
//! file. So PID 1 is started through a mount of that one file which is read-only, whoever's the file is. A copy in
//! memory would do as well, and cost as much as the file is long; a mount costs nothing.
//!
//! Only a namespace of one's own lets an ordinary user mount: the first nursery makes the mount, hands it out, and is
//! started anew from it.

use std::{fs, io, os::fd::AsFd as _, os::fd::OwnedFd};

use rustix::{
    fs::{CWD, fstat, stat},
    mount::{OpenTreeFlags, open_tree},
};

use super::{ground::SEALED, sys};

const OWN: &str = "/proc/self/exe";

/// A read-only mount of this process's executable. Only for one in a mount namespace of its own.
///
/// # Errors
/// When the kernel refuses, and when the file lies no longer where it was started from.
pub fn read_only() -> io::Result<OwnedFd> {
    // The mount that it runs from belongs to the machine's namespace and cannot be copied: it is looked up anew.
    let path = fs::read_link(OWN)?;
    let tree = open_tree(CWD, &path, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)?;
    let (found, own) = (fstat(&tree)?, stat(OWN)?);
    if (found.st_dev, found.st_ino) != (own.st_dev, own.st_ino) {
        return Err(io::ErrorKind::NotFound.into());
    }
    sys::set_mount_attributes(tree.as_fd(), "", SEALED, false)?;
    Ok(tree)
}
