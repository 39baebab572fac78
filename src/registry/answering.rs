//! What the registry is asked as a whole: to drain, and how it fares.

use std::time::Duration;

use actix::prelude::*;
use futures_util::future::{LocalBoxFuture, join_all};
use tracing::warn;

use super::{Actors, Drain, ListActors, ProbeSandboxes, Registry, SupervisorView};
use crate::{
    sandbox::SandboxError,
    session::{Destroy, Hibernate, Rest},
};

/// How long a drain waits for sessions that were told to end.
const DRAIN_MAX: Duration = Duration::from_secs(20);

impl Handler<Drain> for Registry {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, Drain { destroy, patience }: Drain, _: &mut Self::Context) -> Self::Result {
        self.life.handling("Drain");
        self.directory.drain();
        let asked = self.open.iter().filter_map(|(id, open)| {
            let actor = self.directory.actor(*id).filter(|actor| actor.is_held())?;
            let asked: LocalBoxFuture<'static, bool> = if destroy && !open.restored {
                Box::pin(async move { actor.ask_again(Destroy).await.is_ok() })
            } else {
                Box::pin(async move {
                    // One that does not rest in time is left as it is; the next engine asks for its work again.
                    let rested = actix_rt::time::timeout(patience, actor.ask_again(Rest)).await;
                    rested.is_ok() & actor.ask(Hibernate).await.is_ok()
                })
            };
            Some(asked)
        });
        let asked: Vec<_> = asked.collect();
        Box::pin(async move {
            if actix_rt::time::timeout(patience + DRAIN_MAX, join_all(asked)).await.is_err() {
                warn!("some sessions did not end in time; the next start takes them up");
            }
        })
    }
}

impl Handler<ListActors> for Registry {
    type Result = MessageResult<ListActors>;

    fn handle(&mut self, _: ListActors, _: &mut Self::Context) -> Self::Result {
        self.life.handling("ListActors");
        let sessions = self.open.iter().map(|(id, open)| {
            let post = self.directory.actor(*id);
            Actors {
                session_id: id.to_string(),
                connected: post.as_ref().is_some_and(|post| post.is_held()),
                rebuilds: open.restarts.total,
                last_exit: open.last_exit.clone(),
                since: open.since,
                mailbox: post.map_or(0, |post| post.mailbox()),
            }
        });
        let (rebuilds_total, panics_total) = self.directory.totals();
        MessageResult(SupervisorView {
            sessions: sessions.collect(),
            rebuilds_total,
            panics_total,
            draining: self.directory.is_draining(),
        })
    }
}

impl Handler<ProbeSandboxes> for Registry {
    type Result = ResponseFuture<Result<Duration, SandboxError>>;

    fn handle(&mut self, _: ProbeSandboxes, _: &mut Self::Context) -> Self::Result {
        self.life.handling("ProbeSandboxes");
        let client = self.parts.client.clone();
        Box::pin(async move { client.ping().await })
    }
}
