//! PID 1 at work: answers the host, reaps what ended, and ends when the host is gone.

use std::{
    collections::HashMap,
    io,
    net::Ipv4Addr,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, bind, connect, listen, socket_with},
    pipe::{PipeFlags, pipe_with},
    process::{Pid, Signal, kill_process_group},
    thread::set_no_new_privs,
};
use seccompiler::BpfProgram;

use super::{
    archive::{self, Work},
    birth::Setup,
    channel,
    exec::{self, Confinement, Running},
    files,
    landlock::Rules,
    person,
    protocol::{About, Done, Op, Person, Refused, Reply, Request, Start, decode, encode},
    seccomp, sys,
    top::{ADDED, Leaf, Top},
    weigh,
};

/// Most programs that the host may have running at once in one sandbox.
const PROGRAMS_MAX: usize = 512;

type Answer = Result<(Done, Vec<OwnedFd>), Refused>;

pub struct Server {
    confinement: Confinement,
    /// Readable when a child has ended.
    ended: OwnedFd,
    /// The exit pipe of each program, by pid. A program leaves it when it is reaped, so a pid in it is never stale.
    programs: HashMap<i32, OwnedFd>,
    /// Whom the request in hand is from.
    acting: Person,
    top: Top,
    /// The child that fills the disk.
    restoring: Option<i32>,
}

fn drain(signals: &OwnedFd) {
    let mut info = [0u8; 512];
    while rustix::io::read(signals, &mut info).is_ok_and(|length| length > 0) {}
}

impl Server {
    /// Binds this process to what every program in the sandbox is bound to: they inherit it, so that starting one costs
    /// none of it, and PID 1 itself, should a program take it over, cannot do more than they.
    pub fn new(setup: Setup, joins: Vec<OwnedFd>, filter: &BpfProgram, top: Top) -> io::Result<Self> {
        let ended = sys::child_signals()?;
        sys::lower_limit(libc::RLIMIT_CORE, 0)?;
        // More than any of them: descriptors on their way through sockets count for all who are the same user outside, and
        // whoever leaves too many there must not keep PID 1 from handing its own out.
        sys::lower_limit(libc::RLIMIT_NOFILE, setup.open_files.saturating_mul(4))?;
        sys::lower_limit(libc::RLIMIT_MEMLOCK, 1 << 20)?;
        sys::lower_limit(libc::RLIMIT_MSGQUEUE, 1 << 20)?;
        person::prepare(setup.identity)?;
        set_no_new_privs(true)?;
        Rules::build(&top).map_err(io::Error::other)?.enforce()?;
        seccompiler::apply_filter(filter).map_err(io::Error::other)?;
        // What nobody counts, no program gets; PID 1 lists folders into such memory.
        let filter = if setup.memory_counted { None } else { Some(seccomp::compile(false)?) };
        let confinement = Confinement { setup, joins, filter };
        Ok(Self { confinement, ended, programs: HashMap::new(), acting: Person::User, top, restoring: None })
    }

    /// Serves until the host closes the control socket.
    pub fn run(&mut self, control: BorrowedFd<'_>) -> io::Result<()> {
        let mut buffer = vec![0; channel::MESSAGE_MAX];
        // Ends with the host: it closes the socket when it is done with this sandbox, and the kernel does when it dies.
        loop {
            let mut ready = [PollFd::new(&control, PollFlags::IN), PollFd::new(&self.ended, PollFlags::IN)];
            match poll(&mut ready, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            let (asked, died) = (!ready[0].revents().is_empty(), !ready[1].revents().is_empty());
            if died {
                drain(&self.ended);
                self.reap();
            }
            if asked {
                let Some((length, _)) = channel::receive(control, &mut buffer)? else { return Ok(()) };
                let request = decode::<Request>(&buffer[..length]).map_err(io::Error::other)?;
                self.answer(control, request)?;
            }
        }
    }

    fn reap(&mut self) {
        while let Some((pid, status)) = sys::reap() {
            if self.restoring == Some(pid) {
                self.restoring = None;
                // Names that there is no room for are reached where they lie.
                let _ = self.top.link_all(&Path::new("/").join(ADDED));
            }
            if let Some(exit) = self.programs.remove(&pid) {
                let _ = rustix::io::write(&exit, &status.to_le_bytes());
            }
        }
    }

    fn answer(&mut self, control: BorrowedFd<'_>, request: Request) -> io::Result<()> {
        self.acting = request.person;
        let (result, descriptors) = match self.carry_out(control, request.op) {
            Ok((done, descriptors)) => (Ok(done), descriptors),
            Err(refused) => (Err(refused), Vec::new()),
        };
        let reply = encode(&Reply { seq: request.seq, result }).map_err(io::Error::other)?;
        let descriptors: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
        channel::send(control, &reply, &descriptors)
    }

    fn carry_out(&mut self, control: BorrowedFd<'_>, op: Op) -> Answer {
        match op {
            Op::Start(start) => self.start(control, &start),
            Op::Signal { pid, signal } => self.signal(pid, signal),
            Op::Connect { port } => connect_inside(port),
            Op::Listen { port } => listen_inside(port),
            Op::OpenRead { path } => {
                self.as_user(|| files::open_read(&path)).map(|(entry, file)| (Done::Opened(entry), vec![file]))
            }
            Op::OpenWrite { path } => {
                self.make_room(&path, Leaf::File)?;
                let owner = person::uid(self.confinement.setup.identity, self.acting);
                self.as_user(|| files::open_write(&path, owner)).map(|(entry, file)| (Done::Opened(entry), vec![file]))
            }
            Op::OpenFolder { path, follow } => self
                .as_user(|| files::open_folder(&path, follow))
                .map(|(entry, file)| (Done::Opened(entry), vec![file])),
            Op::Stat { path } => self.as_user(|| files::stat(&path)).map(|entry| (Done::Entry(entry), Vec::new())),
            Op::MakeDir { path } => {
                let made = self.make_room(&path, Leaf::Folder)?;
                self.as_user(|| if made { files::stat(&path) } else { files::make_dir(&path) })
                    .map(|entry| (Done::Entry(entry), Vec::new()))
            }
            Op::List { path, depth } => {
                self.as_user(|| files::list(&path, depth)).map(|(bytes, spool)| (Done::Listing { bytes }, vec![spool]))
            }
            Op::Remove { path } => self.remove(&path).map(|()| (Done::Ok, Vec::new())),
            Op::Move { from, to } => {
                if self.top.addition(&to).is_none_or(|addition| addition.alone().is_none()) {
                    self.make_room(&to, Leaf::Folder)?;
                }
                self.as_user(|| files::rename(&from, &to)).map(|entry| (Done::Entry(entry), Vec::new()))
            }
            Op::StopAll => signal_all(libc::SIGSTOP),
            Op::ContinueAll => signal_all(libc::SIGCONT),
            Op::Weigh { limit } => Ok((weigh_and_end(limit), Vec::new())),
            Op::Usage => self.as_user(files::usage).map(|(used, total)| (Done::Usage { used, total }, Vec::new())),
            Op::Capture => self.run_child(|confinement| archive::start(confinement, Work::Capture)),
            Op::Restore => self.restore(),
        }
    }

    fn start(&mut self, control: BorrowedFd<'_>, start: &Start) -> Answer {
        let person = self.acting;
        self.run_child(|confinement| exec::start(confinement, person, start, control))
    }

    /// Forks by `fork`, and remembers whom to tell of the child's end.
    fn run_child(&mut self, fork: impl FnOnce(&Confinement) -> Result<Running, Refused>) -> Answer {
        if self.programs.len() >= PROGRAMS_MAX {
            return Err(Refused { errno: libc::EAGAIN, about: About::Process });
        }
        let (exit, child_exit) = pipe_with(PipeFlags::CLOEXEC)
            .map_err(|errno| Refused { errno: errno.raw_os_error(), about: About::Agent })?;
        let running = fork(&self.confinement)?;
        self.programs.insert(running.pid, child_exit);
        let mut descriptors = vec![exit];
        descriptors.extend(running.streams);
        Ok((Done::Started { pid: running.pid }, descriptors))
    }

    fn restore(&mut self) -> Answer {
        let (done, descriptors) = self.run_child(|confinement| archive::start(confinement, Work::Restore))?;
        if let Done::Started { pid } = done {
            self.restoring = Some(pid);
        }
        Ok((done, descriptors))
    }

    /// Adds the name in `/` that a new file or folder needs. Whether that was all there was to make.
    fn make_room(&mut self, path: &str, leaf: Leaf) -> Result<bool, Refused> {
        let Some(addition) = self.top.addition(path) else { return Ok(false) };
        self.top.link(&addition).map_err(|err| of_path(&err))?;
        let made = self.as_user(|| addition.make(leaf));
        if made.is_err() && !addition.linked {
            self.top.unlink(&addition).map_err(|err| of_path(&err))?;
        }
        made
    }

    fn remove(&mut self, path: &str) -> Result<(), Refused> {
        let added = self.top.addition(path).and_then(|addition| addition.alone().map(|place| (addition, place)));
        let Some((addition, place)) = added else { return self.as_user(|| files::remove(path)) };
        self.as_user(|| files::remove(&place))?;
        self.top.unlink(&addition).map_err(|err| of_path(&err))
    }

    fn signal(&mut self, pid: i32, signal: i32) -> Answer {
        let gone = Refused { errno: libc::ESRCH, about: About::Process };
        let (Some(group), Some(signal)) = (Pid::from_raw(pid), Signal::from_named_raw(signal)) else {
            return Err(gone);
        };
        if !self.programs.contains_key(&pid) {
            return Err(gone);
        }
        match kill_process_group(group, signal) {
            Ok(()) => Ok((Done::Ok, Vec::new())),
            Err(errno) => Err(Refused { errno: errno.raw_os_error(), about: About::Process }),
        }
    }

    fn as_user<T>(&self, work: impl FnOnce() -> io::Result<T>) -> Result<T, Refused> {
        let result = person::acting(self.confinement.setup.identity, self.acting, work);
        result.map_err(|err| of_path(&err))
    }
}

fn of_path(err: &io::Error) -> Refused {
    Refused { errno: err.raw_os_error().unwrap_or(libc::EIO), about: About::Path }
}

/// Signals all processes of the sandbox but this one.
fn signal_all(signal: i32) -> Answer {
    match sys::signal_all(signal) {
        Ok(()) => Ok((Done::Ok, Vec::new())),
        Err(err) => Err(Refused { errno: err.raw_os_error().unwrap_or(libc::EIO), about: About::Process }),
    }
}

fn weigh_and_end(limit: u64) -> Done {
    let weight = weigh::weigh(limit);
    let over = weight.heaviest.filter(|_| weight.bytes > limit);
    if let Some(pid) = over {
        // Reaped like all others: by its parent, or by us.
        sys::kill(pid);
    }
    let weigh::Weight { bytes, cpu_nanos, processes, heaviest: _ } = weight;
    Done::Weighed { bytes, cpu_nanos, processes, killed: over.is_some() }
}

/// A socket to `port` of the loopback interface. It may still be connecting: waiting is the host's part.
fn connect_inside(port: u16) -> Answer {
    let address = std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let socket = match try_connect(AddressFamily::INET, address) {
        Err(Errno::CONNREFUSED) => {
            try_connect(AddressFamily::INET6, std::net::SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port)))
                .map_err(|_| Errno::CONNREFUSED)
        }
        other => other,
    };
    match socket {
        Ok(socket) => Ok((Done::Socket, vec![socket])),
        Err(errno) => Err(Refused { errno: errno.raw_os_error(), about: About::Port }),
    }
}

/// A socket that listens on `port` of the loopback interface.
fn listen_inside(port: u16) -> Answer {
    const BACKLOG: i32 = 128;
    let listening = || {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        bind(&socket, &std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        listen(&socket, BACKLOG)?;
        Ok(socket)
    };
    match listening() {
        Ok(socket) => Ok((Done::Socket, vec![socket])),
        Err(errno @ Errno { .. }) => Err(Refused { errno: errno.raw_os_error(), about: About::Port }),
    }
}

fn try_connect(family: AddressFamily, address: std::net::SocketAddr) -> Result<OwnedFd, Errno> {
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(errno) => Err(errno),
    }
}
