//! System calls that `rustix` does not wrap. All of the box's `unsafe` about processes and mounts stands here.

use std::{ffi::CString, io, os::fd::AsRawFd, os::fd::BorrowedFd, os::fd::FromRawFd, os::fd::OwnedFd};

use rustix::thread::CapabilitySet;

/// Which side of a fork this is.
pub enum Fork {
    Child,
    Parent { child: i32 },
}

fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Forks. Only for a process with one thread: the child may then use the whole of std.
pub fn fork() -> io::Result<Fork> {
    // Not libc's, which first lets every library of the process prepare for it.
    // SAFETY: the caller's process has one thread, so no lock can be held by a thread that the child lacks. Without
    // CLONE_VM and with a null stack this is a fork.
    match checked(unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD as libc::c_ulong, 0, 0, 0, 0) })? {
        0 => Ok(Fork::Child),
        child => Ok(Fork::Parent { child: child as i32 }),
    }
}

/// Which side of a clone into new namespaces this is.
pub enum Cloned {
    Child,
    Parent { child: i32, pidfd: OwnedFd },
}

/// Forks a sibling (the child's parent is the caller's parent) as the first process of a new user and a new pid
/// namespace. Only for a process with one thread.
pub fn clone_into_namespaces() -> io::Result<Cloned> {
    let flags = libc::CLONE_NEWUSER | libc::CLONE_NEWPID | libc::CLONE_PARENT | libc::CLONE_PIDFD | libc::SIGCHLD;
    let mut pidfd: libc::c_int = -1;
    // SAFETY: without CLONE_VM and with a null stack this is a fork; the process has one thread. The kernel writes the
    // descriptor, which is the caller's alone, to `pidfd` before it returns to the parent.
    unsafe {
        match checked(libc::syscall(libc::SYS_clone, flags as libc::c_ulong, 0, &raw mut pidfd, 0, 0))? {
            0 => Ok(Cloned::Child),
            child => Ok(Cloned::Parent { child: child as i32, pidfd: OwnedFd::from_raw_fd(pidfd) }),
        }
    }
}

/// Sets the name that the calling process is shown by.
pub fn set_name(name: &std::ffi::CStr) {
    // SAFETY: the string ends with a NUL and outlives the call. Cannot fail.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, name.as_ptr());
    }
}

/// Ends the process without running destructors or exit handlers that belong to the parent.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` takes any code and does not return.
    unsafe { libc::_exit(code) }
}

/// Becomes `program`, or says why not. Never returns otherwise.
pub fn exec(program: &CString, arguments: &[CString], environment: &[CString]) -> io::Error {
    let pointers = |strings: &[CString]| -> Vec<*const libc::c_char> {
        strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (arguments, environment) = (pointers(arguments), pointers(environment));
    // SAFETY: both arrays end with a null pointer and outlive the call, as do the strings they point to.
    unsafe { libc::execve(program.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

/// A descriptor that becomes readable when a child ended. SIGCHLD is blocked from now on.
pub fn child_signals() -> io::Result<OwnedFd> {
    // SAFETY: the set is initialised by `sigemptyset` before anything reads it, and the descriptor is ours alone.
    unsafe {
        let mut set = std::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        checked(libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()).into())?;
        let descriptor = checked(libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK).into())?;
        Ok(OwnedFd::from_raw_fd(descriptor as i32))
    }
}

/// Takes back what the parent, or the start of this program, has set: nothing is ignored or handled any more.
pub fn reset_signals() {
    for signal in 1..=64 {
        // SAFETY: takes numbers only; failures (for signals that cannot be changed) do no harm.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Gives a child the signal mask that a program expects.
pub fn unblock_signals() {
    // SAFETY: plain calls with an initialised set.
    unsafe {
        let mut set = std::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&raw mut set);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const set, std::ptr::null_mut());
    }
}

/// Bytes of a page of memory.
pub fn page_size() -> u64 {
    // SAFETY: takes and returns numbers only.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// Kills a process of this namespace. One that has ended is left in peace.
pub fn kill(pid: i32) {
    // SAFETY: takes numbers only. Fails only for one that is dead already.
    unsafe {
        libc::kill(pid, libc::SIGKILL);
    }
}

/// Signals every process of the pid namespace but its PID 1, which the caller must be. A process that is just being
/// forked is not missed: the kernel hands the signal on to it. None at all is no error.
pub fn signal_all(signal: i32) -> io::Result<()> {
    // SAFETY: takes numbers only.
    match checked(unsafe { libc::kill(-1, signal) }.into()) {
        Err(err) if err.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        other => other.map(drop),
    }
}

/// Reaps one child that has ended, if there is one: its pid and `wait` status.
pub fn reap() -> Option<(i32, i32)> {
    let mut status = 0;
    // SAFETY: `status` is writable and outlives the call.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
    (pid > 0).then_some((pid, status))
}

/// Lowers a limit, for good. One that is lower already stays: raising it is a privilege.
pub fn lower_limit(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is writable and outlives both calls.
    unsafe {
        checked(libc::getrlimit(resource, &raw mut limit).into())?;
        let value = value.min(limit.rlim_max);
        limit = libc::rlimit { rlim_cur: value, rlim_max: value };
        checked(libc::setrlimit(resource, &raw const limit).into()).map(drop)
    }
}

/// Makes `number` another name of `descriptor`, one that survives an exec.
pub fn place(descriptor: BorrowedFd<'_>, number: i32) -> io::Result<()> {
    // SAFETY: takes numbers only; whoever calls gives one that nothing in a child owns.
    checked(unsafe { libc::dup2(descriptor.as_raw_fd(), number) }.into()).map(drop)
}

/// Marks every descriptor from `first` on to close at exec.
pub fn close_on_exec_from(first: u32) -> io::Result<()> {
    const CLOEXEC: libc::c_uint = 1 << 2;
    // SAFETY: takes numbers only.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, CLOEXEC) }).map(drop)
}

/// Closes every descriptor from `first` on. Only before anything of this process owns one of them.
pub fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: the caller says that nothing owns these.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) }).map(drop)
}

/// Closes every descriptor but the three standard ones and `kept`, which is given back under another number. Only in
/// a child that drops nothing of what it has from its parent: those values still hold the numbers.
pub fn keep_only(kept: BorrowedFd<'_>) -> io::Result<std::fs::File> {
    const PLACE: i32 = 3;
    if kept.as_raw_fd() != PLACE {
        place(kept, PLACE)?;
    }
    close_from(PLACE as u32 + 1)?;
    // SAFETY: the number is open, and whoever owned it before is never dropped.
    Ok(unsafe { std::fs::File::from_raw_fd(PLACE) })
}

/// Whose permissions file system calls have. Leaving uid 0 takes the file capabilities away too, and coming back
/// brings them.
pub fn set_file_identity(uid: u32, gid: u32) {
    // SAFETY: takes numbers only; cannot fail for ids that the namespace maps.
    unsafe {
        libc::setfsgid(gid);
        libc::setfsuid(uid);
    }
}

/// Makes sure that no capability but those of `kept` ever comes back through an exec. What the process has now it
/// keeps.
pub fn limit_bounding_set(kept: CapabilitySet) {
    const LAST_POSSIBLE: u32 = 63;
    for capability in (0..=LAST_POSSIBLE).filter(|capability| kept.bits() & (1 << capability) == 0) {
        // SAFETY: takes numbers only. EINVAL marks the end of the capabilities that this kernel knows.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) } < 0 {
            break;
        }
    }
}

/// Leaves the calling thread nothing but power over the owners and modes of files.
pub fn keep_file_capabilities() -> io::Result<()> {
    const CHOWN: u32 = 0;
    const DAC_OVERRIDE: u32 = 1;
    const DAC_READ_SEARCH: u32 = 2;
    const FOWNER: u32 = 3;
    const FSETID: u32 = 4;
    set_capabilities(1 << CHOWN | 1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH | 1 << FOWNER | 1 << FSETID)
}

/// Makes `kept` the effective and permitted sets, and empties the inheritable one.
fn set_capabilities(kept: u32) -> io::Result<()> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    const VERSION_3: u32 = 0x2008_0522;
    let (header, sets) = (Header { version: VERSION_3, pid: 0 }, [kept, kept, 0, 0, 0, 0]);
    // SAFETY: version 3 reads a header and two times three words, all of which outlive the call.
    checked(unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) }).map(drop)
}

/// Sets mount attributes (`MOUNT_ATTR_*`) on the mount that `tree` and `path` name.
pub fn set_mount_attributes(tree: BorrowedFd<'_>, path: &str, attributes: u64, recursive: bool) -> io::Result<()> {
    #[repr(C)]
    struct Attributes {
        set: u64,
        clear: u64,
        propagation: u64,
        userns: u64,
    }
    let wanted = Attributes { set: attributes, clear: 0, propagation: 0, userns: 0 };
    let path = CString::new(path)?;
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path and the attributes outlive the call, and the size given is that of the attributes.
    checked(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            path.as_ptr(),
            flags,
            &raw const wanted,
            size_of::<Attributes>(),
        )
    })
    .map(drop)
}

pub fn set_hostname(name: &str) -> io::Result<()> {
    // SAFETY: the pointer and the length are those of one live string.
    checked(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }.into()).map(drop)
}

/// Brings the loopback interface of this network namespace up.
pub fn loopback_up() -> io::Result<()> {
    // SAFETY: `ifreq` is plain data for which all zeroes is a value; the kernel reads and writes only inside of it.
    unsafe {
        let descriptor = checked(libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0).into())?;
        let socket = OwnedFd::from_raw_fd(descriptor as i32);
        let mut request = std::mem::zeroed::<libc::ifreq>();
        request.ifr_name[0] = b'l' as libc::c_char;
        request.ifr_name[1] = b'o' as libc::c_char;
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        checked(libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw mut request).into()).map(drop)
    }
}
