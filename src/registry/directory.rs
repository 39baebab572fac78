use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use bytes::Bytes;
use tokio::sync::watch;

use crate::{
    session::{Audience, SessionActor, Snapshot},
    supervisor::Post,
    types::SessionId,
};

/// Sessions that are not over, by id: their published views, and the way to their actors.
///
/// Written by the registry only, and outlives it. A reader takes no lock.
#[derive(Clone, Default)]
pub struct Directory(Arc<Shared>);

#[derive(Default)]
struct Shared {
    entries: papaya::HashMap<SessionId, Entry>,
    draining: AtomicBool,
    closing: watch::Sender<bool>,
    rebuilds: AtomicU64,
    panics: AtomicU64,
}

/// What one session's actors have in common, from life to life.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub snapshot: Arc<Snapshot>,
    pub post: Post<SessionActor>,
    pub audience: Audience,
}

impl Directory {
    /// The session's view as JSON, serialised when it last changed.
    #[must_use]
    pub fn view(&self, id: SessionId) -> Option<Bytes> {
        self.0.entries.pin().get(&id).map(|entry| Bytes::clone(&entry.snapshot.load()))
    }

    /// Where to ask a session's actor. While it is rebuilt, who asks waits.
    #[must_use]
    pub fn actor(&self, id: SessionId) -> Option<Post<SessionActor>> {
        self.0.entries.pin().get(&id).map(|entry| entry.post.clone())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// Whether no more sessions are taken in.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    pub(super) fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Lets all go who listen to sessions: the engine stops.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
        for entry in self.0.entries.pin().values() {
            entry.audience.dismiss();
        }
    }

    /// Comes when [`close`](Self::close) is called.
    pub fn closing(&self) -> impl Future<Output = ()> + use<> {
        let mut closing = self.0.closing.subscribe();
        async move {
            // A directory that is dropped is as good as closed.
            let _ = closing.wait_for(|closing| *closing).await;
        }
    }

    /// A session's entry, made where there is none.
    pub(super) fn entry(&self, id: SessionId) -> Entry {
        self.0.entries.pin().get_or_insert_with(id, Entry::default).clone()
    }

    pub(super) fn ids(&self) -> Vec<SessionId> {
        self.0.entries.pin().keys().copied().collect()
    }

    /// From here on nobody waits for the session's actor.
    pub(super) fn remove(&self, id: SessionId) {
        if let Some(entry) = self.0.entries.pin().remove(&id) {
            entry.post.retire();
        }
    }

    pub(super) fn count_rebuild(&self) {
        self.0.rebuilds.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_panic(&self) {
        self.0.panics.fetch_add(1, Ordering::Relaxed);
    }

    /// Rebuilds and panics of session actors since the engine's start.
    pub(super) fn totals(&self) -> (u64, u64) {
        (self.0.rebuilds.load(Ordering::Relaxed), self.0.panics.load(Ordering::Relaxed))
    }
}
