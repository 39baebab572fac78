//! A sandbox whose PID 1 was taken over: what it says at the socket, and what the host makes of it.

use std::{
    fs::File,
    io::Write as _,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::process::ExitStatusExt as _,
    },
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::{
    agent::{
        channel,
        protocol::{Done, Entry, Kind, Op, Reply, Request, Size, Start, Streams, decode, encode},
    },
    cgroup::Cgroups,
    config::{Config, Limits},
    egress::{self, Exit},
    error::AgentError,
    process::Started,
    sandbox::{self, Parts, Sandbox},
    snapshots::Snapshots,
};
use crate::types::Port;

/// A sandbox of which only the first process is there: `agent` answers in its place, once.
struct Stage {
    sandbox: Sandbox,
    init: Child,
    agent: std::thread::JoinHandle<()>,
}

impl Stage {
    fn with(answer: Done, descriptors: Vec<OwnedFd>) -> Self {
        let (control, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
        let init = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(init.id()).unwrap()).unwrap();
        let cgroup = Cgroups::default().create("none", &Limits::default()).unwrap();
        let parts = Parts {
            id: "itaken".parse().unwrap(),
            slot: 0,
            request: sandbox::Request { timeout: Duration::from_secs(600), ..Default::default() },
            access_token: None,
            traffic_token: None,
            exit: Arc::new(Exit::new(&egress::Config::default())),
            control,
            pidfd: pidfd_open(pid, PidfdFlags::empty()).unwrap(),
            cgroup,
            // Nothing is read or written there: a folder that is missing holds no snapshot.
            snapshots: Arc::new(Snapshots::open(&Config::new(([127, 0, 0, 1], 0).into(), "missing".into()))),
        };
        let agent = std::thread::spawn(move || {
            let mut buffer = vec![0; channel::MESSAGE_MAX];
            let (length, _) = channel::receive(theirs.as_fd(), &mut buffer).unwrap().unwrap();
            let Request { seq, .. } = decode(&buffer[..length]).unwrap();
            let reply = encode(&Reply { seq, result: Ok(answer) }).unwrap();
            let descriptors: Vec<_> = descriptors.iter().map(|descriptor| descriptor.as_fd()).collect();
            channel::send(theirs.as_fd(), &reply, &descriptors).unwrap();
        });
        Self { sandbox: Sandbox::new(parts).unwrap(), init, agent }
    }

    /// The host saw through it: the call failed, and all in the sandbox is killed.
    fn ended<T: std::fmt::Debug>(mut self, answered: Result<T, AgentError>) {
        assert_eq!(answered.unwrap_err(), AgentError::Gone);
        assert_eq!(self.init.wait().unwrap().signal(), Some(libc::SIGKILL));
        self.agent.join().unwrap();
    }
}

fn entry(path: &str) -> Entry {
    Entry {
        path: path.to_owned(),
        kind: Kind::File,
        size: u64::MAX,
        mode: u32::MAX,
        uid: 0,
        gid: 0,
        modified: i64::MIN,
        link: None,
        metadata: Default::default(),
    }
}

fn pipe() -> OwnedFd {
    rustix::pipe::pipe().unwrap().0
}

fn folder() -> OwnedFd {
    File::open("/").unwrap().into()
}

fn spool(content: &[u8]) -> OwnedFd {
    let mut file = File::from(memfd_create("spool", MemfdFlags::CLOEXEC).unwrap());
    file.write_all(content).unwrap();
    file.into()
}

#[actix_web::test]
async fn what_is_no_plain_file_is_not_taken_for_one() {
    for descriptors in [vec![], vec![pipe()], vec![folder()]] {
        let stage = Stage::with(Done::Opened(entry("/a")), descriptors);
        let answered = stage.sandbox.open("/a".to_owned(), false).await;
        stage.ended(answered);
    }
    let stage = Stage::with(Done::Ok, vec![spool(b"")]);
    let answered = stage.sandbox.open("/a".to_owned(), true).await;
    stage.ended(answered);
}

#[actix_web::test]
async fn what_is_no_folder_is_not_watched() {
    let long = format!("/{}", "x".repeat(5000));
    for (path, descriptors) in [
        ("/a", vec![]),
        ("/a", vec![spool(b"")]),
        ("a", vec![folder()]),
        ("", vec![folder()]),
        (long.as_str(), vec![folder()]),
    ] {
        let stage = Stage::with(Done::Opened(entry(path)), descriptors);
        let answered = stage.sandbox.open_folder("/a".to_owned(), true).await;
        stage.ended(answered);
    }
}

#[actix_web::test]
async fn a_listing_is_as_long_as_it_is_and_of_entries() {
    let nested = vec![b'['; 100_000];
    for (bytes, descriptors) in [
        (2, vec![]),
        (2, vec![pipe()]),
        (u64::MAX, vec![spool(b"[]")]),
        (16 << 20, vec![spool(b"[]")]),
        (2, vec![spool(b"{}")]),
        (nested.len() as u64, vec![spool(&nested)]),
    ] {
        let stage = Stage::with(Done::Listing { bytes }, descriptors);
        let answered = stage.sandbox.list("/a".to_owned(), 1).await;
        stage.ended(answered);
    }
}

#[actix_web::test]
async fn a_program_has_the_streams_that_were_asked_for() {
    for (streams, descriptors) in [
        (Streams::Pipes { stdin: false }, vec![]),
        (Streams::Pipes { stdin: false }, vec![pipe(), pipe()]),
        (Streams::Pipes { stdin: false }, vec![pipe(), pipe(), pipe(), pipe()]),
        (Streams::Pipes { stdin: false }, vec![pipe(), spool(b""), folder()]),
        (Streams::Terminal(Size { columns: 80, rows: 24 }), vec![pipe(), pipe()]),
    ] {
        let stage = Stage::with(Done::Started { pid: -1 }, descriptors);
        let start = Start { arguments: vec!["x".into()], environment: vec![], folder: "/".into(), streams };
        let answered = stage.sandbox.start(start, started()).await;
        stage.ended(answered.map(drop));
    }
}

fn started() -> Started {
    Started { command: "x".into(), arguments: vec![], environment: vec![], folder: None, tag: None }
}

#[actix_web::test]
async fn an_answer_to_another_question_is_none() {
    let stage = Stage::with(Done::Socket, vec![pipe()]);
    let answered = stage.sandbox.entry(Op::Stat { path: "/a".to_owned() }).await;
    stage.ended(answered);
    let stage = Stage::with(Done::Listing { bytes: 0 }, vec![]);
    let answered = stage.sandbox.disk().await;
    stage.ended(answered);
    let stage = Stage::with(Done::Ok, vec![]);
    let answered = stage.sandbox.connect(Port::new(80).unwrap()).await;
    stage.ended(answered.map(drop));
}
