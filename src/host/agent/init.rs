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
    birth::{Boot, Groups, Setup},
    channel, membership, mounts,
    protocol::{Identity, decode, encode},
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
/// closes the control socket on descriptor 0. `leaves` are the membership files of the groups that it is in, and stays
/// in. The exit code.
pub fn become_sandbox(setup: Setup, leaves: Vec<OwnedFd>, filter: BpfProgram) -> i32 {
    // SAFETY: the nursery has put the control socket there, and nothing else uses that descriptor.
    let control = unsafe { OwnedFd::from_raw_fd(0) };
    match begin(control.as_fd(), setup, leaves, filter) {
        Ok(()) => 0,
        Err(failed) => {
            let _ = say(control.as_fd(), &Boot::Failed { step: failed.step, errno: failed.errno });
            FAILED
        }
    }
}

fn begin(control: BorrowedFd<'_>, setup: Setup, leaves: Vec<OwnedFd>, filter: BpfProgram) -> Result<(), Failed> {
    let others = UnshareFlags::NEWNS | UnshareFlags::NEWNET | UnshareFlags::NEWUTS | UnshareFlags::NEWIPC;
    // SAFETY: the process has one thread, so none is surprised by what it no longer shares.
    unsafe { unshare_unsafe(others) }.step("unshare mount, network, uts and ipc namespaces")?;
    take_identity(setup.identity).step("take the sandbox's identity")?;
    let top = become_init(&setup)?;
    // The host makes them while the root is built.
    let (groups, mut joins) = hear_groups(control).step("hear of the sandbox's groups")?;
    let thaw = groups.thaws.then(|| joins.pop()).flatten();
    if !joins.is_empty() {
        membership::look_from(&joins, leaves).step("unshare the cgroup namespace")?;
    }
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

fn become_init(setup: &Setup) -> Result<Top, Failed> {
    sys::set_name(NAME);
    // Nobody inside may look into this process, or reach the engine's executable through it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).step("become undumpable")?;
    setsid().step("start a session")?;
    sys::set_hostname(&setup.hostname).step("set the host name")?;
    let top = mounts::build_root(setup)?;
    sys::loopback_up().step("bring the loopback interface up")?;
    Ok(top)
}

fn hear_groups(control: BorrowedFd<'_>) -> io::Result<(Groups, Vec<OwnedFd>)> {
    let mut buffer = vec![0; channel::MESSAGE_MAX];
    // Its end is the host's: then nobody waits for this sandbox.
    let heard = channel::receive(control, &mut buffer)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok((decode(&buffer[..heard.0]).map_err(io::Error::other)?, heard.1))
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

fn say(control: BorrowedFd<'_>, boot: &Boot) -> io::Result<()> {
    channel::send(control, &encode(boot).map_err(io::Error::other)?, &[])
}
