//! Starts a program of the user's: a child of PID 1 that gives everything away before it becomes the program.

use std::{
    ffi::CString,
    io::{self, Read, Write},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{CWD, Mode, OFlags, openat},
    io::Errno,
    pipe::{PipeFlags, pipe_with},
    process::{ioctl_tiocsctty, setsid},
    pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use super::{
    birth::Setup,
    membership, person,
    protocol::{About, Identity, Person, Refused, Size, Start, Streams},
    sys::{self, Fork},
};

/// A child has a few system calls to make before it is its program. PID 1 can do nothing else meanwhile.
const BECOME_MAX: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// What every child is bound to.
pub struct Confinement {
    pub setup: Setup,
    /// Membership files of the sandbox's cgroups, opened by the host.
    pub joins: Vec<OwnedFd>,
    /// Of system calls that PID 1 itself needs and no program may make; `None` when there is none.
    pub filter: Option<seccompiler::BpfProgram>,
}

/// A program that runs.
pub struct Running {
    pub pid: i32,
    /// The host's ends of its streams, in the order that the protocol gives.
    pub streams: Vec<OwnedFd>,
}

/// Both ends of a program's streams.
struct Ends {
    host: Vec<OwnedFd>,
    /// What becomes descriptor 0, 1 and 2 of the program.
    child: [OwnedFd; 3],
    /// Whether they are a terminal, which is to control the program.
    terminal: bool,
}

/// Everything that can fail for lack of memory or for a NUL byte, done before the fork.
struct Image {
    candidates: Vec<CString>,
    arguments: Vec<CString>,
    environment: Vec<CString>,
    folder: CString,
}

/// A child's last words: what failed, and the errno.
type LastWords = [u8; 5];

/// Starts `start` as `person` and waits until it is the program, or says what kept it from becoming it.
pub fn start(
    confinement: &Confinement,
    person: Person,
    start: &Start,
    control: BorrowedFd<'_>,
) -> Result<Running, Refused> {
    let image = Image::of(start)?;
    let ends = match start.streams {
        Streams::Pipes { stdin } => Ends::pipes(stdin),
        Streams::Terminal(size) => Ends::terminal(confinement.setup.identity, person, size),
    };
    let ends = ends.map_err(|err| agent(&err))?;
    let (last_words, child_last_words) = pipe_with(PipeFlags::CLOEXEC).map_err(|errno| agent(&errno.into()))?;
    match sys::fork().map_err(|err| agent(&err))? {
        Fork::Child => {
            drop(last_words);
            let refused = become_program(confinement, person, &image, &ends);
            let mut words: LastWords = [refused.about as u8, 0, 0, 0, 0];
            words[1..].copy_from_slice(&refused.errno.to_le_bytes());
            let _ = std::fs::File::from(child_last_words).write_all(&words);
            sys::exit_now(127)
        }
        Fork::Parent { child } => {
            drop((ends.child, child_last_words));
            if !speaks(last_words.as_fd(), control) {
                // Another program inside may have stopped it, as the same user may. Killed, it is heard to end.
                sys::kill(child);
            }
            let mut words = Vec::new();
            let _ = std::fs::File::from(last_words).read_to_end(&mut words);
            match LastWords::try_from(words.as_slice()) {
                Err(_) => Ok(Running { pid: child, streams: ends.host }),
                Ok([about, errno @ ..]) => Err(Refused { errno: i32::from_le_bytes(errno), about: about_of(about) }),
            }
        }
    }
}

/// Waits until a child has become its program or said why not; `false` when it takes too long, or the host is gone.
fn speaks(last_words: BorrowedFd<'_>, control: BorrowedFd<'_>) -> bool {
    // Of the control socket only its end is of interest, which the kernel tells unasked.
    let mut ready = [PollFd::new(&last_words, PollFlags::IN), PollFd::new(&control, PollFlags::empty())];
    loop {
        match poll(&mut ready, Some(&BECOME_MAX)) {
            Ok(_) => return !ready[0].revents().is_empty(),
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

fn about_of(byte: u8) -> About {
    [About::Program, About::Folder].into_iter().find(|about| *about as u8 == byte).unwrap_or(About::Agent)
}

fn agent(err: &io::Error) -> Refused {
    refused(err, About::Agent)
}

fn refused(err: &io::Error, about: About) -> Refused {
    Refused { errno: err.raw_os_error().unwrap_or(libc::EIO), about }
}

impl Ends {
    fn pipes(stdin: bool) -> io::Result<Self> {
        let pipe = || pipe_with(PipeFlags::CLOEXEC);
        let ((stdout, child_stdout), (stderr, child_stderr)) = (pipe()?, pipe()?);
        let mut host = vec![stdout, stderr];
        let child_stdin = if stdin {
            let (read, write) = pipe()?;
            host.push(write);
            read
        } else {
            openat(CWD, "/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?
        };
        Ok(Self { host, child: [child_stdin, child_stdout, child_stderr], terminal: false })
    }

    fn terminal(identity: Identity, person: Person, size: Size) -> io::Result<Self> {
        // A terminal belongs to whoever opens it, and the program must be able to open it once more by its name.
        let opened = person::acting(identity, person, || {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
            let terminal = openat(CWD, "/dev/ptmx", flags, Mode::empty())?;
            unlockpt(&terminal)?;
            let child = ioctl_tiocgptpeer(&terminal, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
            Ok((terminal, child))
        });
        let (terminal, child): (OwnedFd, OwnedFd) = opened?;
        tcsetwinsize(&terminal, Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 })?;
        Ok(Self { host: vec![terminal], child: [child.try_clone()?, child.try_clone()?, child], terminal: true })
    }
}

impl Image {
    fn of(start: &Start) -> Result<Self, Refused> {
        let invalid = |about| Refused { errno: libc::EINVAL, about };
        let c = |text: &str, about| CString::new(text).map_err(|_| invalid(about));
        let program = start.arguments.first().filter(|name| !name.is_empty()).ok_or(invalid(About::Program))?;
        let candidates = if program.contains('/') {
            vec![c(program, About::Program)?]
        } else {
            let path = start.environment.iter().find_map(|pair| pair.strip_prefix("PATH=")).unwrap_or("/usr/bin:/bin");
            path.split(':')
                .filter(|folder| folder.starts_with('/'))
                .map(|folder| c(&format!("{folder}/{program}"), About::Program))
                .collect::<Result<_, _>>()?
        };
        let all = |texts: &[String]| texts.iter().map(|text| c(text, About::Program)).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            candidates,
            arguments: all(&start.arguments)?,
            environment: all(&start.environment)?,
            folder: c(&start.folder, About::Folder)?,
        })
    }
}

/// In the child. Returns only when it could not become the program.
fn become_program(confinement: &Confinement, person: Person, image: &Image, ends: &Ends) -> Refused {
    if let Err(err) = confine(confinement, person, ends) {
        return agent(&err);
    }
    if let Err(errno) = rustix::process::chdir(image.folder.as_c_str()) {
        return refused(&errno.into(), About::Folder);
    }
    // As a shell does it: "not found" only when no folder has it, "not permitted" when one has it unusable.
    let mut worst = io::Error::from_raw_os_error(libc::ENOENT);
    for candidate in &image.candidates {
        let err = sys::exec(candidate, &image.arguments, &image.environment);
        if !matches!(err.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR)) {
            worst = err;
        }
    }
    refused(&worst, About::Program)
}

fn confine(confinement: &Confinement, person: Person, ends: &Ends) -> io::Result<()> {
    sys::unblock_signals();
    setsid()?;
    for (number, end) in (0..).zip(&ends.child) {
        sys::place(end.as_fd(), number)?;
    }
    if ends.terminal {
        ioctl_tiocsctty(&ends.child[0])?;
    }
    membership::enter(&confinement.joins)?;
    sys::close_on_exec_from(3)?;
    let setup = &confinement.setup;
    // Not of PID 1 too: it must be able to start a `kill` among too many, to write down more than one file may hold, and
    // to hand out descriptors where others hand out too many.
    sys::lower_limit(libc::RLIMIT_NOFILE, setup.open_files)?;
    sys::lower_limit(libc::RLIMIT_NPROC, setup.processes)?;
    sys::lower_limit(libc::RLIMIT_FSIZE, setup.disk_bytes)?;
    // System calls, files and resources are bound since PID 1 was: see `Server::new`.
    person::become_for_good(setup.identity, person)?;
    confinement.filter.as_ref().map_or(Ok(()), |filter| seccompiler::apply_filter(filter).map_err(io::Error::other))
}
