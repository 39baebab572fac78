//! From a fresh process to PID 1 of a sandbox.

use std::{
    fs, io,
    os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd},
};

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior, setsid},
    thread::{
        Gid, Uid, UnshareFlags, set_name, set_thread_groups, set_thread_res_gid, set_thread_res_uid, unshare_unsafe,
    },
};

use super::{
    channel, executable, membership,
    mounts::{self, Sources},
    protocol::{Boot, Identity, Setup, decode, encode},
    serve::Server,
    sys::{self, Fork},
};

/// Exit code of a helper or PID 1 that could not do its work; the reason went over the control socket.
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

/// Entry point of `spawnai sandbox-init`, with the control socket on stdin. Never returns.
pub fn sandbox_init() -> ! {
    // SAFETY: descriptor 0 is the control socket by the contract of this entry point, and nothing else uses it.
    let control = unsafe { OwnedFd::from_raw_fd(0) };
    let ended = match begin(control.as_fd()) {
        Ok(Ended::Helper) => 0,
        Ok(Ended::Init) => 0,
        Err(failed) => {
            let _ = say(control.as_fd(), &Boot::Failed { step: failed.step, errno: failed.errno });
            FAILED
        }
    };
    sys::exit_now(ended)
}

enum Ended {
    Helper,
    Init,
}

fn begin(control: BorrowedFd<'_>) -> Result<Ended, Failed> {
    // Whatever the parent forgot to mark must not reach a sandbox.
    sys::close_from(3).step("close inherited descriptors")?;
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    prefer_for_oom();
    unshare(UnshareFlags::NEWUSER).step("unshare the user namespace")?;
    say(control, &Boot::Unshared).step("report to the host")?;
    let (setup, joins) = receive_setup(control).step("receive the setup")?;
    if !joins.is_empty() {
        membership::look_from(&joins).step("unshare the cgroup namespace")?;
    }
    let others =
        UnshareFlags::NEWNS | UnshareFlags::NEWNET | UnshareFlags::NEWUTS | UnshareFlags::NEWIPC | UnshareFlags::NEWPID;
    unshare(others).step("unshare mount, network, uts, ipc and pid namespaces")?;
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
    match sys::fork_sibling().step("fork PID 1")? {
        Fork::Parent { child } => {
            say(control, &Boot::Forked { pid: child }).step("report to the host")?;
            Ok(Ended::Helper)
        }
        Fork::Child => {
            become_init(&setup, sources)?;
            let mut server = Server::new(setup, joins).step("prepare to confine programs")?;
            say(control, &Boot::Ready).step("report to the host")?;
            server.run(control).step("serve")?;
            Ok(Ended::Init)
        }
    }
}

fn become_init(setup: &Setup, sources: Sources) -> Result<(), Failed> {
    // Its file's name, which it would have else, is a descriptor's number.
    set_name(c"spawnai").step("take a name")?;
    // Nobody inside may look into this process, or reach the engine's executable through it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).step("become undumpable")?;
    setsid().step("start a session")?;
    sys::set_hostname(&setup.hostname).step("set the host name")?;
    mounts::build_root(setup, sources)?;
    sys::loopback_up().step("bring the loopback interface up")
}

/// Short of memory, the machine's kernel shall take a sandbox before the engine. Without effect where the score is
/// higher already, since lowering it is a privilege.
fn prefer_for_oom() {
    const SCORE: i32 = 300;
    const FILE: &str = "/proc/self/oom_score_adj";
    let now = fs::read_to_string(FILE).ok().and_then(|text| text.trim().parse::<i32>().ok());
    if now.is_some_and(|now| now < SCORE) {
        // A preference, and no part of the isolation: a sandbox is as safe without.
        let _ = fs::write(FILE, SCORE.to_string());
    }
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

fn receive_setup(control: BorrowedFd<'_>) -> io::Result<(Setup, Vec<OwnedFd>)> {
    let mut buffer = vec![0; channel::MESSAGE_MAX];
    match channel::receive(control, &mut buffer)? {
        Some((length, joins)) => Ok((decode(&buffer[..length]).map_err(io::Error::other)?, joins)),
        // The host gave up on this sandbox, or died.
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
