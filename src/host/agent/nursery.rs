//! Where sandboxes are born: one process per host, forked for each of them.
//!
//! ```text
//!  host                        nursery                                PID 1 of the sandbox
//!    │ ── Ground ───────────────────► │ lays it
//!    │ ◄─────────────────────── Laid  │
//!    │ ── Birth + control ──────────► │
//!    │                                │ ── clone(user, pid namespaces) ──► │ waits
//!    │                                │    maps its ids                    │
//!    │                                │ ── a byte ───────────────────────► │
//!    │ ◄──────────── Born + pidfd ─── │                                    │ mounts, pivot_root, lo up
//!    │ ── Groups ────────────────────────────────────────────────────────► │
//!    │ ◄───────────────────────────────────────────────── Boot::Ready ──── │
//! ```
//!
//! A process of its own, because a fork must not copy the engine's threads and secrets, and because what is forked from
//! a small process shares its memory: an exec of the engine's executable for each sandbox would relocate and load it
//! anew, which costs each start milliseconds and each sandbox half a mebibyte. It is the engine's direct child, and so
//! is every sandbox (`CLONE_PARENT`). It runs no code but ours, holds no secret, and ends with the host's socket.

use std::{
    fs, io,
    os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd},
};

use rustix::{
    pipe::{PipeFlags, pipe_with},
    process::setsid,
};

use super::{
    birth::{Birth, Born, Ground, Laid},
    channel,
    ground::{self, map_ids},
    init::{Failed, become_sandbox},
    protocol::{decode, encode},
    seccomp,
    sys::{self, Cloned},
};

/// What `ps` shows; the kernel keeps 15 bytes.
const NAME: &std::ffi::CStr = c"spawnai-nursery";
/// Exit code of a process that could not do its work; the reason went over its socket.
const FAILED: i32 = 70;
const CONTROL: i32 = 0;

/// Entry point of `spawnai sandbox-init`, with the host's socket on stdin. Never returns.
pub fn sandbox_init() -> ! {
    // SAFETY: descriptor 0 is the host's socket by the contract of this entry point, and nothing else uses it.
    let host = unsafe { OwnedFd::from_raw_fd(CONTROL) };
    let ended = serve(host);
    sys::exit_now(if ended.is_ok() { 0 } else { FAILED })
}

fn serve(host: OwnedFd) -> io::Result<()> {
    // Whatever the parent forgot to mark must not reach a sandbox.
    sys::close_from(3)?;
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    // A Ctrl-C is for the engine, which has sandboxes to end in order.
    setsid()?;
    sys::set_name(NAME);
    sys::reset_signals();
    prefer_for_oom();
    let filter = seccomp::compile(true)?;
    let mut buffer = vec![0; channel::MESSAGE_MAX];
    let Some((length, leaves)) = channel::receive(host.as_fd(), &mut buffer)? else { return Ok(()) };
    lay(host.as_fd(), &decode(&buffer[..length]).map_err(io::Error::other)?)?;
    loop {
        let Some((length, descriptors)) = channel::receive(host.as_fd(), &mut buffer)? else { return Ok(()) };
        let birth = decode::<Birth>(&buffer[..length]).map_err(io::Error::other)?;
        let control = descriptors.into_iter().next().ok_or(io::ErrorKind::InvalidData)?;
        let (wait, go) = pipe_with(PipeFlags::CLOEXEC)?;
        let (born, pidfd) = match sys::clone_into_namespaces() {
            Err(err) => (Err(failed("make a user and a pid namespace", &err)), None),
            Ok(Cloned::Child) => {
                drop((host, go, buffer));
                // From here on this process is the sandbox.
                sys::exit_now(match await_go(wait, control) {
                    Ok(()) => become_sandbox(birth.setup, leaves, filter),
                    Err(_) => FAILED,
                })
            }
            Ok(Cloned::Parent { child, pidfd }) => {
                drop(wait);
                let mapped = map_ids(&child.to_string(), &birth.maps);
                let mapped = mapped.and_then(|()| Ok(rustix::io::write(&go, b"0").map(drop)?));
                // A child that is not let go ends by itself when `go` closes, and is the host's to reap.
                (mapped.map_err(|err| failed("map the sandbox's ids", &err)), Some(pidfd))
            }
        };
        let answer = match born {
            Ok(()) => Born::Alive,
            Err(Failed { step, errno }) => Born::Failed { step, errno },
        };
        let pidfd = pidfd.as_ref().map(AsFd::as_fd);
        channel::send(host.as_fd(), &encode(&answer).map_err(io::Error::other)?, pidfd.as_slice())?;
    }
}

/// Lays the ground, and tells the host of it.
fn lay(host: BorrowedFd<'_>, ground: &Ground) -> io::Result<()> {
    let (laid, executable) = match ground::lay(ground) {
        Ok(executable) => (Laid::Done, executable),
        Err(Failed { step, errno }) => (Laid::Failed { step, errno }, None),
    };
    let executable = executable.as_ref().map(AsFd::as_fd);
    channel::send(host, &encode(&laid).map_err(io::Error::other)?, executable.as_slice())
}

/// In the child: waits until its ids are mapped, and puts its control socket where the nursery's was.
fn await_go(wait: OwnedFd, control: OwnedFd) -> io::Result<()> {
    let let_go = rustix::io::read(&wait, &mut [0u8; 1])? == 1;
    sys::place(control.as_fd(), CONTROL)?;
    if let_go { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn failed(step: &str, err: &io::Error) -> Failed {
    Failed { step: step.to_owned(), errno: err.raw_os_error().unwrap_or(libc::EIO) }
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
