//! One client's watch: what it wants to hear of, and what waits for it to be heard.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::{
    hub::Line,
    tree::{Kind, Scope},
};
use crate::host::{agent::protocol::Entry, error::AgentError};

/// Bytes of changes that wait for one client. One that does not listen must not fill the host's memory.
const WAITING_MAX: usize = 1 << 20;

/// What a client is told: something happened to `name`, which is relative to the watched folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub kind: Kind,
    /// What is there now, for those who asked for it and where there is something.
    pub entry: Option<Entry>,
}

impl Change {
    fn bytes(&self) -> usize {
        let entry = self.entry.as_ref().map_or(0, |entry| {
            let metadata: usize = entry.metadata.iter().map(|(key, value)| key.len() + value.len() + 64).sum();
            entry.path.len() + entry.link.as_ref().map_or(0, String::len) + metadata
        });
        size_of::<Self>() + self.name.len() + entry
    }
}

/// Why a folder is not watched, or no longer.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum WatchError {
    #[error(transparent)]
    Agent(#[from] AgentError),
    #[error("cannot watch path on network filesystem: {0}")]
    Network(String),
    #[error("a sandbox has at most {} watchers: remove one first", super::WATCHERS_MAX)]
    Watchers,
    #[error("a sandbox has at most {} watched folders: watch a smaller part, or not recursively", super::FOLDERS_MAX)]
    Folders,
    #[error("too many files in {0} to watch it recursively")]
    Crowded(String),
    #[error("changes were lost, since more waited than can be kept: watch again")]
    Lost,
    #[error("this machine has no {0} left: raise it there")]
    Machine(&'static str),
    #[error("cannot watch: {0}")]
    Kernel(String),
}

/// Dropping it ends the watch.
#[derive(Debug)]
pub struct Watcher {
    pub scope: Scope,
    /// The folder's path as the client means it: it may lead over links.
    shown: String,
    pub include_entry: bool,
    waiting: Mutex<Waiting>,
    /// Told when there is something to take.
    pub news: Notify,
    line: Arc<Line>,
}

#[derive(Debug, Default)]
struct Waiting {
    changes: Vec<Change>,
    bytes: usize,
    failed: Option<WatchError>,
}

impl Watcher {
    pub(super) fn new(scope: Scope, shown: String, include_entry: bool, line: Arc<Line>) -> Self {
        Self { scope, shown, include_entry, waiting: Mutex::default(), news: Notify::new(), line }
    }

    /// The path by which the client knows what it calls `name`.
    pub(super) fn shown(&self, name: &str) -> String {
        if name == "." { self.shown.clone() } else { super::tree::join(&self.shown, name) }
    }

    pub(super) fn tell(&self, change: Change) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.failed.is_some() {
            return;
        }
        waiting.bytes += change.bytes();
        if waiting.bytes > WAITING_MAX {
            *waiting = Waiting { failed: Some(WatchError::Lost), ..Waiting::default() };
        } else {
            waiting.changes.push(change);
        }
        drop(waiting);
        self.news.notify_one();
    }

    /// Nothing more comes: what waits can be taken, and then the reason.
    pub(super) fn fail(&self, why: WatchError) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).failed.get_or_insert(why);
        self.news.notify_one();
    }

    pub(super) fn failure(&self) -> Option<WatchError> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).failed.clone()
    }

    /// All that waits, in order.
    ///
    /// # Errors
    /// Why nothing more comes, once nothing waits.
    pub fn take(&self) -> Result<Vec<Change>, WatchError> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match &waiting.failed {
            Some(why) if waiting.changes.is_empty() => Err(why.clone()),
            Some(_) | None => {
                waiting.bytes = 0;
                Ok(std::mem::take(&mut waiting.changes))
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.line.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_does_not_listen_costs_a_bounded_memory_and_hears_that_it_missed_something() {
        let scope = Scope { root: "/a".to_owned(), recursive: false };
        let watcher = Watcher::new(scope, "/link".to_owned(), false, Arc::new(Line::open().unwrap()));
        let change = Change { name: "f".repeat(200), kind: Kind::Write, entry: None };
        watcher.tell(change.clone());
        assert_eq!(watcher.take(), Ok(vec![change.clone()]));
        assert_eq!(watcher.take(), Ok(Vec::new()));
        for _ in 0..WAITING_MAX / 200 {
            watcher.tell(change.clone());
        }
        assert_eq!(watcher.take(), Err(WatchError::Lost));
        assert_eq!(watcher.take(), Err(WatchError::Lost), "for good: nobody knows what was missed");
    }
}
