//! From a fresh fork to PID 1 of a sandbox.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd},
};

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior, setsid},
    thread::{Gid, Uid, UnshareFlags, set_thread_groups, set_thread_res_gid, set_thread_res_uid, unshare_unsafe},
};
use seccompiler::BpfProgram;

use super::{
    channel, executable, membership,
    mounts::{self, Sources},
    protocol::{Boot, Identity, Setup, encode},
    serve::Server,
    sys,
    top::Top,
};
use crate::host::cgroup::THAWED;

/// What `ps` shows on the machine, until its first program.
const NAME: &std::ffi::CStr = c"sandbox-init";
/// Exit code of a process that could not do its work; the reason went over the control socket.
const FAILED: i32 = 70;

/// A step of the start that failed.
pub struct Failed {
    pub step: String,
    pub errno: i32,
}

/// Names the step of an error.
pub trait Step<T> {
    fn step(self, name: impl Into<String>) -> Result<T, Failed>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step(self, name: impl Into<String>) -> Result<T, Failed> {
        self.map_err(|err| Failed { step: name.into(), errno: err.into().raw_os_error().unwrap_or(libc::EIO) })
    }
}

/// Makes the calling process, the first of a new user and pid namespace, PID 1 of a sandbox, and serves until the host
/// closes the control socket on descriptor 0. The exit code.
pub fn become_sandbox(setup: Setup, joins: Vec<OwnedFd>, filter: BpfProgram) -> i32 {
    // SAFETY: the nursery has put the control socket there, and nothing else uses that descriptor.
    let control = unsafe { OwnedFd::from_raw_fd(0) };
    match begin(control.as_fd(), setup, joins, filter) {
        Ok(()) => 0,
        Err(failed) => {
            let _ = say(control.as_fd(), &Boot::Failed { step: failed.step, errno: failed.errno });
            FAILED
        }
    }
}

fn begin(control: BorrowedFd<'_>, setup: Setup, mut joins: Vec<OwnedFd>, filter: BpfProgram) -> Result<(), Failed> {
    let thaw = setup.thaws.then(|| joins.pop()).flatten();
    if !joins.is_empty() {
        membership::look_from(&joins).step("unshare the cgroup namespace")?;
    }
    let others = UnshareFlags::NEWNS | UnshareFlags::NEWNET | UnshareFlags::NEWUTS | UnshareFlags::NEWIPC;
    unshare(others).step("unshare mount, network, uts and ipc namespaces")?;
    mounts::make_private()?;
    if setup.show_executable {
        let tree = executable::read_only().ok();
        let tree: Vec<_> = tree.iter().map(AsFd::as_fd).collect();
        let message = encode(&Boot::Executable).map_err(io::Error::other).step("report to the host")?;
        channel::send(control, &message, &tree).step("report to the host")?;
    }
    // Before the change of identity: root's runtimes may lie in folders that only root may enter.
    let sources = Sources::open(&setup.root)?;
    take_identity(setup.identity).step("take the sandbox's identity")?;
    let top = become_init(&setup, sources)?;
    let mut server = Server::new(setup, joins, &filter, top).step("confine programs")?;
    drop(filter);
    say(control, &Boot::Ready).step("report to the host")?;
    let served = server.run(control).step("serve");
    if let Some(thaw) = thaw {
        // The host is gone: whatever it froze must be able to die. Fails only when the group is gone, too.
        let _ = rustix::io::write(&thaw, THAWED.as_bytes());
    }
    served
}

fn become_init(setup: &Setup, sources: Sources) -> Result<Top, Failed> {
    sys::set_name(NAME);
    // Nobody inside may look into this process, or reach the engine's executable through it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).step("become undumpable")?;
    setsid().step("start a session")?;
    sys::set_hostname(&setup.hostname).step("set the host name")?;
    let top = mounts::build_root(setup, sources)?;
    sys::loopback_up().step("bring the loopback interface up")?;
    Ok(top)
}

fn take_identity(identity: Identity) -> io::Result<()> {
    match identity {
        Identity::Rootless => Ok(()),
        Identity::Root => {
            set_thread_groups(&[])?;
            set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT)?;
            Ok(set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)?)
        }
    }
}

fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: the process has one thread, so none is surprised by what it no longer shares.
    Ok(unsafe { unshare_unsafe(flags) }?)
}

fn say(control: BorrowedFd<'_>, boot: &Boot) -> io::Result<()> {
    channel::send(control, &encode(boot).map_err(io::Error::other)?, &[])
}
