//! A sandbox whose PID 1 was taken over: whatever it hands out, it is killed for it, and the host keeps nothing.

use std::{
    fs::File,
    os::fd::{AsFd as _, OwnedFd},
    process::{Child, Command},
    sync::Arc,
};

use rustix::{
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::{
    agent::{
        channel,
        protocol::{Done, Entry, Kind, Op, Person, Reply, Request as Asked, Start, Streams, decode, encode},
    },
    cgroup::Cgroups,
    config::{Config, Limits},
    egress::{self, Exit},
    error::AgentError,
    process::Started,
    sandbox::{Parts, Request, Sandbox},
    snapshots::Snapshots,
};
use crate::types::Port;

/// A sandbox of one harmless process, and the end of the control socket that answers for it.
fn sandbox() -> (Sandbox, OwnedFd, Child) {
    let child = Command::new("sleep").arg("1000").spawn().unwrap();
    let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).unwrap();
    let (control, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
    let cgroup = Cgroups::default().create("test", &Limits::default()).unwrap();
    let id = "i1".parse().unwrap();
    let parts = Parts {
        id,
        slot: 0,
        request: Request::default(),
        access_token: None,
        traffic_token: None,
        exit: Arc::new(Exit::new(&egress::Config::default())),
        control,
        pidfd,
        cgroup,
        // Nothing is read or written there: a folder that is missing holds no snapshot.
        snapshots: Arc::new(Snapshots::open(&Config::new(([127, 0, 0, 1], 0).into(), "missing".into()))),
    };
    (Sandbox::new(parts).unwrap(), theirs, child)
}

/// Answers one question with `done` and `descriptors`.
fn answering(control: OwnedFd, done: Done, descriptors: Vec<OwnedFd>) -> std::thread::JoinHandle<OwnedFd> {
    std::thread::spawn(move || {
        let mut buffer = vec![0; channel::MESSAGE_MAX];
        let (length, _) = channel::receive(control.as_fd(), &mut buffer).unwrap().unwrap();
        let asked: Asked = decode(&buffer[..length]).unwrap();
        let reply = encode(&Reply { seq: asked.seq, result: Ok(done) }).unwrap();
        let descriptors: Vec<_> = descriptors.iter().map(std::os::fd::AsFd::as_fd).collect();
        channel::send(control.as_fd(), &reply, &descriptors).unwrap();
        control
    })
}

fn entry() -> Entry {
    Entry {
        path: "/x".to_owned(),
        kind: Kind::File,
        size: u64::MAX,
        mode: u32::MAX,
        uid: 7,
        gid: 7,
        modified: i64::MIN,
        link: None,
        metadata: std::collections::BTreeMap::new(),
    }
}

fn start() -> Start {
    Start { arguments: vec![], environment: vec![], folder: String::new(), streams: Streams::Pipes { stdin: false } }
}

fn opened(path: &str) -> OwnedFd {
    File::open(path).unwrap().into()
}

fn pipe() -> OwnedFd {
    rustix::pipe::pipe().unwrap().0
}

/// Asks whatever `done` could be an answer to.
async fn ask(sandbox: &Sandbox, what: &str) -> Result<(), AgentError> {
    match what {
        "read" => sandbox.open(Person::User, "/x".into(), false).await.map(drop),
        "write" => sandbox.open(Person::Root, "/x".into(), true).await.map(drop),
        "list" => sandbox.list(Person::User, "/x".into(), 1).await.map(drop),
        "stat" => sandbox.entry(Person::User, Op::Stat { path: "/x".into() }).await.map(drop),
        "connect" => sandbox.connect(Port::new(80).unwrap()).await.map(drop),
        "start" => sandbox.start(Person::User, start(), Started::default()).await.map(drop),
        "weigh" => sandbox.weigh(0).await,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn whatever_it_hands_out_in_place_of_what_was_asked_for_ends_it() {
    let file = || Done::Opened(entry());
    let cases: Vec<(&str, Done, Vec<OwnedFd>)> = vec![
        ("read", file(), vec![]),
        ("read", file(), vec![pipe()]),
        ("read", file(), vec![opened("/dev/zero")]),
        ("read", file(), vec![opened("/proc/self/environ")]),
        ("read", file(), vec![opened("/")]),
        ("read", Done::Ok, vec![opened("/etc/hostname")]),
        // What the host would write to with all its rights.
        ("write", file(), vec![opened("/proc/self/oom_score_adj")]),
        ("write", file(), vec![opened("/proc/self/exe")]),
        ("write", file(), vec![pipe()]),
        ("list", Done::Listing { bytes: u64::MAX }, vec![opened("/proc/self/exe")]),
        ("list", Done::Listing { bytes: 1 }, vec![pipe()]),
        ("list", Done::Listing { bytes: 1 }, vec![]),
        ("stat", Done::Usage { used: 1, total: 1 }, vec![]),
        ("connect", Done::Socket, vec![]),
        ("connect", Done::Socket, vec![pipe()]),
        ("start", Done::Started { pid: 1 }, vec![]),
        ("start", Done::Started { pid: 1 }, vec![pipe(), pipe()]),
        ("start", Done::Started { pid: 1 }, vec![pipe(), pipe(), pipe(), pipe()]),
        ("start", Done::Started { pid: 1 }, vec![pipe(), opened("/dev/zero"), pipe()]),
        ("start", Done::Ok, vec![pipe(), pipe(), pipe()]),
        ("weigh", Done::Ok, vec![]),
    ];
    for (number, (what, done, descriptors)) in cases.into_iter().enumerate() {
        let (sandbox, control, mut child) = sandbox();
        let agent = answering(control, done, descriptors);
        assert_eq!(ask(&sandbox, what).await, Err(AgentError::Gone), "case {number}: {what}");
        agent.join().unwrap();
        // By SIGKILL, or this would wait for a thousand seconds.
        let ended = child.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(libc::SIGKILL), "case {number}: {what}");
    }
}

#[tokio::test]
async fn descriptors_that_nobody_asked_for_are_closed() {
    let (sandbox, control, mut child) = sandbox();
    let (reading, writing) = rustix::pipe::pipe().unwrap();
    let flood = (0..channel::DESCRIPTORS_MAX).map(|_| writing.try_clone().unwrap()).collect();
    drop(writing);
    let agent = answering(control, Done::Ok, flood);
    sandbox.remove(Person::User, "/x".into()).await.unwrap();
    agent.join().unwrap();
    assert_eq!(rustix::io::read(&reading, &mut [0; 1]), Ok(0), "nobody has the other end any more");
    child.kill().unwrap();
    child.wait().unwrap();
}
