//! Sessions that are there already: in the store after the engine's end, or alive after the registry's own.

use std::{rc::Rc, sync::Arc};

use actix::prelude::*;
use tracing::{error, info};

use super::{Registry, Restore, actor::Open};
use crate::{
    session::{HostFate, Kept, Parts, recover},
    store::{ChargeRow, SessionRow, StoreError},
    types::{Artifact, SessionId, Timestamp},
};

pub(super) struct Found {
    pub kept: Kept,
    pub revision: i64,
    pub artifact: Option<Arc<Artifact>>,
    /// What it was charged in all: an actor that ended between its commit and the telling of it has told nobody.
    pub charges: Vec<ChargeRow>,
}

pub(super) async fn read_session(parts: Rc<Parts>, id: SessionId) -> Result<Option<Found>, StoreError> {
    match parts.store.session(id).await? {
        Some(row) => read_row(&parts, row).await.map(Some),
        None => Ok(None),
    }
}

async fn read_row(parts: &Parts, row: SessionRow) -> Result<Found, StoreError> {
    let kept = Kept::read(&row).map_err(|error| StoreError::Unreadable {
        table: "sessions",
        session: row.id.to_string(),
        reason: error.to_string(),
    })?;
    let artifact = parts.store.artifact(row.id).await?.map(Arc::new);
    let charges = parts.store.session_charges(row.id).await?;
    Ok(Found { kept, revision: row.revision, artifact, charges })
}

async fn read_open(parts: Rc<Parts>, known: Vec<SessionId>) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::new();
    for row in parts.store.open_sessions().await? {
        let id = row.id;
        if known.contains(&id) {
            continue;
        }
        match read_row(&parts, row).await {
            Ok(session) => found.push(session),
            // One broken row must not keep the others down.
            Err(error) => error!(session = %id, %error, "a stored session cannot be read; left alone"),
        }
    }
    Ok(found)
}

impl Registry {
    fn take_up(&mut self, found: Vec<Found>, host: HostFate) {
        for Found { mut kept, revision, artifact, charges: _ } in found {
            // The gateway may listen elsewhere than it did when the session was made.
            kept.session.spec.app_url = self.config.app_url(&kept.session.spec.slug);
            self.open.insert(kept.session.spec.id, Open { restored: true, ..Open::default() });
            let decided = recover(&kept.session, host, Timestamp::now());
            self.start(decided, Some((revision, kept.seq)), artifact, None);
        }
    }

    /// Takes over the sessions of a registry that died: those that are alive as they are, all others from the store. The
    /// mailbox rests until it knows them, or the plan's limits could be passed.
    pub(super) fn adopt(&mut self, ctx: &mut Context<Self>) {
        let known = self.directory.ids();
        let reading = read_open(self.parts.clone(), known.clone());
        ctx.wait(reading.into_actor(self).map(move |found, this, ctx| match found {
            Ok(found) => {
                for id in known {
                    this.open.entry(id).or_default().since = Timestamp::now();
                    if !this.directory.actor(id).is_some_and(|post| post.is_held()) {
                        this.rebuild(id, None, ctx);
                    }
                }
                this.take_up(found, HostFate::Survived);
                info!(open = this.open.len(), "the registry took its sessions over");
            }
            Err(error) => {
                error!(%error, "the registry cannot know its sessions; trying again");
                ctx.stop();
            }
        }));
    }
}

impl Handler<Restore> for Registry {
    type Result = ResponseActFuture<Self, Result<usize, StoreError>>;

    fn handle(&mut self, Restore { host }: Restore, _: &mut Self::Context) -> Self::Result {
        self.life.handling("Restore");
        let reading = read_open(self.parts.clone(), Vec::new());
        Box::pin(reading.into_actor(self).map(move |found: Result<Vec<Found>, StoreError>, this, _| {
            let found = found?;
            let count = found.len();
            this.take_up(found, host);
            if count > 0 {
                info!(count, "took up the sessions of an earlier run");
            }
            Ok(count)
        }))
    }
}
