use std::sync::Arc;

use actix::Addr;
use bytes::Bytes;

use crate::{
    session::{SessionActor, Snapshot},
    types::SessionId,
};

/// Sessions that are not over, by id: their published views, and the way to their actors.
///
/// Written by the registry only. A reader takes no lock.
#[derive(Clone, Default)]
pub struct Directory(Arc<papaya::HashMap<SessionId, Entry>>);

#[derive(Clone)]
struct Entry {
    snapshot: Arc<Snapshot>,
    actor: Addr<SessionActor>,
}

impl Directory {
    /// The session's view as JSON, serialised when it last changed.
    #[must_use]
    pub fn view(&self, id: SessionId) -> Option<Bytes> {
        self.0.pin().get(&id).map(|entry| Bytes::clone(&entry.snapshot.load()))
    }

    /// `None` also for one that has stopped, and whose end the registry has not heard yet.
    #[must_use]
    pub fn actor(&self, id: SessionId) -> Option<Addr<SessionActor>> {
        self.0.pin().get(&id).map(|entry| entry.actor.clone()).filter(Addr::connected)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&self, id: SessionId, snapshot: Arc<Snapshot>, actor: Addr<SessionActor>) {
        self.0.pin().insert(id, Entry { snapshot, actor });
    }

    pub(super) fn remove(&self, id: SessionId) {
        self.0.pin().remove(&id);
    }
}
