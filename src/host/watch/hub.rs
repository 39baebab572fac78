//! The shell around [`Tree`]: the kernel's descriptor, the folders that PID 1 opens for it, and who is told.
//!
//! Whoever drives it may give up at any point, as a client does that hangs up: what is to be done waits in a queue, and
//! leaves it only once it is done.

use std::{
    collections::{HashSet, VecDeque},
    io,
    os::fd::{AsRawFd as _, OwnedFd},
    sync::{Arc, Weak},
    time::Duration,
};

use rustix::{
    fs::{AtFlags, Dir, FileType, inotify, statat},
    io::Errno,
};
use tokio::{io::unix::AsyncFd, sync::Notify};

use super::{
    FOLDERS_MAX,
    inotify::{Notice, WANTED, What, decode},
    tree::{Act, Kind, Scope, Tree, join},
    watcher::{Change, WatchError, Watcher},
};
use crate::host::{
    agent::{client, protocol::Op},
    error::AgentError,
    sandbox::Sandbox,
};

/// Bytes of one read: some hundreds of records.
const READ_MAX: usize = 32 * 1024;
/// Records that wait for PID 1 to open new folders. As many as the kernel itself keeps, unless it is told otherwise.
const NOTICES_MAX: usize = 16_384;
/// Reads that empty the kernel's queue, unless a program fills it as fast.
const DRAIN_MAX: usize = 160;
/// Acts that wait.
const ACTS_MAX: usize = 2 * ENTRIES_MAX;
/// Folders that are opened for one read. All there may be, and as many that come to be meanwhile: a PID 1 that was taken
/// over could go on for ever.
const ADOPTED_MAX: usize = 2 * FOLDERS_MAX;
/// Acts that are carried out before another task of the thread has its turn.
const STRIDE: usize = 256;
/// Files and folders of one folder that is watched with those below it.
const ENTRIES_MAX: usize = 20_000;
/// Between two reads. A program that writes without end makes the kernel merge or drop records, and not the host busy.
const PAUSE: Duration = Duration::from_millis(10);

/// The kernel's descriptor of one sandbox, and the bell that rings when a watcher is dropped.
#[derive(Debug)]
pub struct Line {
    inotify: AsyncFd<OwnedFd>,
    pub left: Notify,
}

impl Line {
    /// # Errors
    /// [`WatchError::Machine`] when the host's user has as many as the machine allows. Must run inside of a runtime.
    pub fn open() -> Result<Self, WatchError> {
        let flags = inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC;
        let opened = inotify::init(flags).map_err(io::Error::from).and_then(client::watch);
        let inotify = opened.map_err(|err| match err.raw_os_error() {
            Some(libc::EMFILE) => WatchError::Machine("inotify instances (fs.inotify.max_user_instances)"),
            Some(_) | None => WatchError::Kernel(err.to_string()),
        })?;
        Ok(Self { inotify, left: Notify::new() })
    }
}

/// All that is watched in one sandbox.
#[derive(Debug)]
pub struct Hub {
    pub line: Arc<Line>,
    tree: Tree,
    /// Owned by those who listen.
    watchers: Vec<Weak<Watcher>>,
    notices: VecDeque<Notice>,
    acts: VecDeque<Act>,
}

impl Hub {
    pub fn new(line: Line) -> Self {
        Self {
            line: Arc::new(line),
            tree: Tree::default(),
            watchers: Vec::new(),
            notices: VecDeque::new(),
            acts: VecDeque::new(),
        }
    }

    /// Gives up what nobody listens to any more; how many still do.
    pub fn prune(&mut self) -> usize {
        let before = self.watchers.len();
        self.watchers.retain(|watcher| watcher.strong_count() > 0);
        if self.watchers.len() < before {
            let watchers = self.listeners(|_| true);
            let scopes: Vec<_> = watchers.iter().map(|watcher| &watcher.scope).collect();
            let gone = self.tree.retain(&scopes);
            self.unwatch(&gone);
        }
        self.watchers.len()
    }

    /// Adds a watcher whose root is `folder`.
    ///
    /// # Errors
    /// When all that it sees cannot be watched.
    pub async fn add(&mut self, sandbox: &Sandbox, watcher: &Arc<Watcher>, folder: &OwnedFd) -> Result<(), WatchError> {
        self.watchers.push(Arc::downgrade(watcher));
        self.watch(&watcher.scope.root, folder, false)?;
        self.work(sandbox).await?;
        // What stood in the way of a folder below was told like any later one.
        watcher.failure().map_or(Ok(()), Err)
    }

    /// Reads once; `false` when there was nothing.
    pub fn read(&mut self) -> bool {
        let mut bytes = [0; READ_MAX];
        let heard = match rustix::io::read(self.line.inotify.get_ref(), &mut bytes) {
            Ok(length) => decode(&bytes[..length]).ok(),
            Err(Errno::AGAIN) => return false,
            Err(Errno::INTR) => return true,
            Err(_) => None,
        };
        match heard {
            Some(notices) if self.notices.len() + notices.len() <= NOTICES_MAX => self.notices.extend(notices),
            Some(_) | None => {
                self.notices.clear();
                self.acts.push_back(Act::Lost);
            }
        }
        true
    }

    /// Does what follows from what was read.
    ///
    /// # Errors
    /// [`AgentError::Gone`] alone: the sandbox is over.
    pub async fn work(&mut self, sandbox: &Sandbox) -> Result<(), AgentError> {
        let (mut done, mut adopted) = (0_usize, 0_usize);
        // Ends: the notices are bounded, and so are the acts that bring about others.
        loop {
            while let Some(act) = self.acts.front().cloned() {
                done += 1;
                adopted += usize::from(matches!(act, Act::Adopt { .. }));
                if adopted > ADOPTED_MAX {
                    self.acts.clear();
                    self.fail(&WatchError::Folders);
                    break;
                }
                if done % STRIDE == 0 {
                    tokio::task::yield_now().await;
                }
                self.carry_out(sandbox, act).await?;
            }
            let Some(notice) = self.notices.pop_front() else { return Ok(()) };
            self.acts.extend(self.tree.hear(&notice));
        }
    }

    /// Does the first act. It leaves the queue after the last wait.
    async fn carry_out(&mut self, sandbox: &Sandbox, act: Act) -> Result<(), AgentError> {
        match act {
            Act::Tell { folder, name, kind } => {
                let listeners = self.listeners(|scope| scope.sees(&folder));
                tell(sandbox, &listeners, &join(&folder, &name), kind).await?;
                self.acts.pop_front();
            }
            Act::TellRoot { root, kind } => {
                let listeners = self.listeners(|scope| *scope.root == *root);
                tell(sandbox, &listeners, &root, kind).await?;
                self.acts.pop_front();
            }
            Act::Adopt { path, made } => {
                let listeners = self.listeners(|scope| scope.recursive && scope.sees(&path));
                let opened = if listeners.is_empty() { None } else { open(sandbox, path.clone()).await? };
                self.acts.pop_front();
                if let Some(folder) = opened
                    && let Err(why) = self.watch(&path, &folder, made)
                {
                    listeners.iter().for_each(|watcher| watcher.fail(why.clone()));
                }
            }
            Act::Forget { path } => {
                let gone = self.tree.remove(&path);
                self.unwatch(&gone);
                self.acts.pop_front();
            }
            Act::Lost => {
                self.fail(&WatchError::Lost);
                self.acts.pop_front();
            }
        }
        Ok(())
    }

    /// Nobody hears anything more.
    pub fn fail(&self, why: &WatchError) {
        self.listeners(|_| true).iter().for_each(|watcher| watcher.fail(why.clone()));
    }

    fn listeners(&self, wanted: impl Fn(&Scope) -> bool) -> Vec<Arc<Watcher>> {
        self.watchers.iter().filter_map(Weak::upgrade).filter(|watcher| wanted(&watcher.scope)).collect()
    }

    fn unwatch(&self, watches: &[i32]) {
        for watch in watches {
            // Refused only for one that the kernel gave up by itself.
            let _ = inotify::remove_watch(self.line.inotify.get_ref(), *watch);
        }
    }

    /// Watches one folder, and puts what follows from what is in it first.
    fn watch(&mut self, path: &str, folder: &OwnedFd, made: bool) -> Result<(), WatchError> {
        if self.tree.len() >= FOLDERS_MAX {
            return Err(WatchError::Folders);
        }
        // By this name no path is walked: not by us, not with our rights.
        let name = format!("/proc/self/fd/{}", folder.as_raw_fd());
        let watch = inotify::add_watch(self.line.inotify.get_ref(), name, WANTED).map_err(|errno| match errno {
            Errno::NOSPC => WatchError::Machine("watched folders (fs.inotify.max_user_watches)"),
            errno => WatchError::Kernel(io::Error::from(errno).to_string()),
        })?;
        let path = &self.tree.insert(path, watch);
        if self.listeners(|scope| scope.recursive && scope.sees(path)).is_empty() {
            return Ok(());
        }
        let entries = entries(path, folder)?;
        if self.tree.len() + entries.iter().filter(|entry| entry.folder).count() > FOLDERS_MAX {
            return Err(WatchError::Folders);
        }
        let acts = if made { self.missed(path, watch, entries) } else { below(path, entries) };
        if self.acts.len() + acts.len() > ACTS_MAX {
            return Err(WatchError::Crowded(path.to_string()));
        }
        for act in acts.into_iter().rev() {
            self.acts.push_front(act);
        }
        Ok(())
    }

    /// What came into a new folder before it was watched. What came afterwards is on its way.
    fn missed(&mut self, path: &Arc<str>, watch: i32, entries: Vec<Found>) -> Vec<Act> {
        for _ in 0..DRAIN_MAX {
            if !self.read() {
                break;
            }
        }
        let heard = |what: &[What]| -> HashSet<&str> {
            let of = self.notices.iter().filter(|notice| notice.watch == watch && what.contains(&notice.what));
            of.filter_map(|notice| notice.name.as_deref()).collect()
        };
        let (coming, written) = (heard(&[What::Created, What::Arrived]), heard(&[What::Written]));
        let mut acts = Vec::new();
        for Found { name, folder, filled } in entries {
            let tell = |kind| Act::Tell { folder: Arc::clone(path), name: name.clone(), kind };
            if coming.contains(name.as_str()) {
                continue;
            }
            acts.push(tell(Kind::Create));
            if filled && !written.contains(name.as_str()) {
                acts.push(tell(Kind::Write));
            }
            if folder {
                acts.push(Act::Adopt { path: join(path, &name), made: true });
            }
        }
        acts
    }
}

fn below(path: &str, entries: Vec<Found>) -> Vec<Act> {
    let folders = entries.into_iter().filter(|entry| entry.folder);
    folders.map(|entry| Act::Adopt { path: join(path, &entry.name), made: false }).collect()
}

async fn tell(sandbox: &Sandbox, listeners: &[Arc<Watcher>], path: &str, kind: Kind) -> Result<(), AgentError> {
    let there = match kind {
        Kind::Create | Kind::Write | Kind::Chmod => true,
        Kind::Remove | Kind::Rename => false,
    };
    let entry = if there && listeners.iter().any(|watcher| watcher.include_entry) {
        match sandbox.entry(Op::Stat { path: path.to_owned() }).await {
            Ok(entry) => Some(entry),
            Err(AgentError::Gone) => return Err(AgentError::Gone),
            // Gone again already, or not for the sandbox's user to see.
            Err(AgentError::Refused(_) | AgentError::TooLarge) => None,
        }
    } else {
        None
    };
    for watcher in listeners {
        let Some(name) = watcher.scope.name_of(path).map(str::to_owned) else { continue };
        let mut entry = entry.clone().filter(|_| watcher.include_entry);
        if let Some(entry) = &mut entry {
            entry.path = watcher.shown(&name);
        }
        watcher.tell(Change { name, kind, entry });
    }
    Ok(())
}

/// A folder below a root: never over a link. `None` when it is gone again, or not for the sandbox's user to read.
async fn open(sandbox: &Sandbox, path: String) -> Result<Option<OwnedFd>, AgentError> {
    match sandbox.open_folder(path, false).await {
        Ok((_, folder)) => Ok(Some(folder)),
        Err(AgentError::Gone) => Err(AgentError::Gone),
        Err(AgentError::Refused(_) | AgentError::TooLarge) => Ok(None),
    }
}

/// Something in a folder.
struct Found {
    name: String,
    folder: bool,
    /// A file with something in it.
    filled: bool,
}

fn entries(path: &str, folder: &OwnedFd) -> Result<Vec<Found>, WatchError> {
    let failed = |errno: Errno| WatchError::Kernel(io::Error::from(errno).to_string());
    let mut found = Vec::new();
    for item in Dir::read_from(folder).map_err(failed)? {
        let item = item.map_err(failed)?;
        let name = item.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        if found.len() >= ENTRIES_MAX {
            return Err(WatchError::Crowded(path.to_owned()));
        }
        // Gone between the two calls: somebody works in that folder.
        let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        let kind = FileType::from_raw_mode(stat.st_mode);
        let filled = kind == FileType::RegularFile && stat.st_size > 0;
        // A name that is no text cannot be told to a client, nor asked for.
        let Ok(name) = name.to_str() else { continue };
        found.push(Found { name: name.to_owned(), folder: kind == FileType::Directory, filled });
    }
    Ok(found)
}

/// Stays with a sandbox as long as somebody watches something in it.
pub async fn follow(sandbox: Arc<Sandbox>, line: Arc<Line>) {
    let mut gone = sandbox.gone();
    tokio::select! {
        biased;
        _ = gone.wait_for(|gone| *gone) => {}
        () = attend(&sandbox, &line) => {}
    }
    let mut hub = sandbox.watches.hub.lock().await;
    // Another one may have taken its place, with a task of its own.
    if let Some(ended) = hub.take_if(|hub| Arc::ptr_eq(&hub.line, &line)) {
        ended.fail(&WatchError::Agent(AgentError::Gone));
    }
}

async fn attend(sandbox: &Sandbox, line: &Arc<Line>) {
    loop {
        let ready = tokio::select! {
            () = line.left.notified() => None,
            ready = line.inotify.readable() => Some(ready),
        };
        let mut guard = sandbox.watches.hub.lock().await;
        let Some(hub) = guard.as_mut().filter(|hub| Arc::ptr_eq(&hub.line, line)) else { return };
        if hub.prune() == 0 {
            // With the lock held: whoever watches next begins anew.
            *guard = None;
            return;
        }
        match ready {
            None => continue,
            Some(Ok(mut ready)) => {
                if !hub.read() {
                    ready.clear_ready();
                }
            }
            Some(Err(_)) => return,
        }
        if hub.work(sandbox).await.is_err() {
            return;
        }
        drop(guard);
        tokio::time::sleep(PAUSE).await;
    }
}
