//! Watching folders of a sandbox.
//!
//! ```text
//!  program inside ──writes──► tmpfs ──► kernel ──inotify──► Hub ──tells──► Watcher ──► WatchDir's stream
//!                                                           │ ▲                  └───► GetWatcherEvents
//!                                      a folder came to be: │ │ descriptor
//!                                                           ▼ │
//!                                                         PID 1 (opens it as the sandbox's user)
//! ```
//!
//! The inotify descriptor is the host's own, one for each sandbox that somebody watches. PID 1 hands out folders that
//! the sandbox's user may read, and the host adds them by descriptor: no path is walked with the host's rights, PID 1
//! keeps nothing, and nothing inside holds a descriptor that the host reads from, so nothing inside can make it wait.
//! A machine has few inotify instances (128 for a user by default), so all watchers of a sandbox share one.
//!
//! `inotify` takes the kernel's records apart, `tree` decides what follows from them, and both are pure. `watcher` is
//! one client's share, `hub` does what was decided. Watchers are owned by those who listen: a stream, or the table of
//! those that are asked for their events. When the last one is dropped, the descriptor and the task end.

mod hub;
pub mod inotify;
pub mod tree;
mod watcher;

use std::{
    collections::HashMap,
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
};

use rustix::fs::fstatfs;
use tokio_util::task::TaskTracker;

use self::{
    hub::{Hub, Line, follow},
    tree::Scope,
};
pub use self::{
    tree::Kind,
    watcher::{Change, WatchError, Watcher},
};
use super::{sandbox::Sandbox, sandboxes::random};

/// Watchers of one sandbox.
pub const WATCHERS_MAX: usize = 32;
/// Watched folders of one sandbox: each takes about a kilobyte of the kernel's memory.
pub const FOLDERS_MAX: usize = 4096;
/// Reads before one answer to a client that asks for its events.
const READS_MAX: usize = 64;
/// Letters of a watcher's name after the first.
const NAME_LENGTH: usize = 20;

/// What a client wants to watch.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Absolute.
    pub path: String,
    pub recursive: bool,
    pub include_entry: bool,
    /// Whether a folder of another machine may be watched, as far as that goes.
    pub network: bool,
}

/// All watching in one sandbox.
#[derive(Debug, Default)]
pub struct Watches {
    /// `None` as long as nobody watches.
    hub: tokio::sync::Mutex<Option<Hub>>,
    /// Those that are asked for their events, by name.
    asked: Mutex<HashMap<String, Arc<Watcher>>>,
}

/// Begins to watch. `tasks` owns the task that reads what the kernel tells.
///
/// # Errors
/// See [`WatchError`]; nothing is left then.
pub async fn watch(sandbox: &Arc<Sandbox>, tasks: &TaskTracker, wish: Wish) -> Result<Arc<Watcher>, WatchError> {
    let (entry, folder) = sandbox.open_folder(wish.path.clone(), true).await?;
    if !wish.network && on_network(&folder) {
        return Err(WatchError::Network(wish.path));
    }
    let mut hub = sandbox.watches.hub.lock().await;
    let hub = match &mut *hub {
        Some(hub) => hub,
        none => {
            let hub = none.insert(Hub::new(Line::open()?));
            tasks.spawn(follow(Arc::clone(sandbox), Arc::clone(&hub.line)));
            hub
        }
    };
    if hub.prune() >= WATCHERS_MAX {
        return Err(WatchError::Watchers);
    }
    let scope = Scope { root: entry.path, recursive: wish.recursive };
    let watcher = Arc::new(Watcher::new(scope, wish.path, wish.include_entry, Arc::clone(&hub.line)));
    hub.add(sandbox, &watcher, &folder).await?;
    Ok(watcher)
}

impl Watches {
    /// Keeps a watcher for a client that will ask; its name.
    pub fn keep(&self, watcher: Arc<Watcher>) -> String {
        let name = format!("w{}", random(NAME_LENGTH));
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), watcher);
        name
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<Watcher>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Whether there was one.
    pub fn remove(&self, name: &str) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(name).is_some()
    }

    /// Makes sure that whatever had happened before this call is told.
    pub async fn catch_up(&self, sandbox: &Sandbox) -> Result<(), WatchError> {
        let mut hub = self.hub.lock().await;
        let Some(hub) = &mut *hub else { return Ok(()) };
        for _ in 0..READS_MAX {
            let heard = hub.read();
            hub.work(sandbox).await?;
            if !heard {
                break;
            }
        }
        Ok(())
    }
}

/// Whether the kernel may not hear of what others do there. Source: statfs(2).
fn on_network(folder: &OwnedFd) -> bool {
    const NETWORK: [i64; 5] = [0x6969, 0xFF53_4D42, 0x517B, 0xFE53_4D42, 0x6573_5546];
    fstatfs(folder).is_ok_and(|found| NETWORK.contains(&found.f_type))
}
