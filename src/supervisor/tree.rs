//! Who is there, since when, and how often not: what `/api/supervisor` and the metrics show.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::Actor;
use serde::Serialize;

use super::{Exit, Post};
use crate::types::Timestamp;

/// How an actor fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    Running,
    /// It ended, and the next one is on its way.
    Restarting,
    /// It has used its patience up; tries go on, every ten seconds.
    Failing,
}

/// One actor, as others may see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActorView {
    pub name: String,
    pub condition: Condition,
    /// Since the engine's start.
    pub restarts: u32,
    pub panics: u32,
    /// Why the last one ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_exit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_exit_at: Option<Timestamp>,
    /// Since when the present one is there.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Messages that wait for it.
    pub mailbox: usize,
}

struct Known {
    view: ActorView,
    mailbox: Box<dyn Fn() -> usize + Send>,
}

/// The actors that there is one of each. Cheap to clone.
#[derive(Clone, Default)]
pub struct Tree(Arc<Mutex<Vec<Known>>>);

impl Tree {
    /// All of them, in the order of their start.
    #[must_use]
    pub fn views(&self) -> Vec<ActorView> {
        self.known().iter().map(|known| ActorView { mailbox: (known.mailbox)(), ..known.view.clone() }).collect()
    }

    pub(super) fn add<A: Actor>(&self, name: &'static str, post: Post<A>) -> Node {
        let view = ActorView {
            name: name.to_owned(),
            condition: Condition::Running,
            restarts: 0,
            panics: 0,
            last_exit: None,
            last_exit_at: None,
            since: Timestamp::now(),
            mailbox: 0,
        };
        let mut known = self.known();
        known.push(Known { view, mailbox: Box::new(move || post.mailbox()) });
        Node { tree: self.clone(), name, index: known.len() - 1 }
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One actor's place in the tree.
pub(super) struct Node {
    tree: Tree,
    name: &'static str,
    index: usize,
}

impl Node {
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn fell(&self, exit: &Exit) {
        tracing::error!(actor = self.name, reason = %exit.reason, "an actor ended");
        if exit.panicked {
            metrics::counter!("spawnai_actor_panics_total", "actor" => self.name).increment(1);
        }
        self.change(|view| {
            view.condition = Condition::Restarting;
            view.panics += u32::from(exit.panicked);
            (view.last_exit, view.last_exit_at) = (Some(exit.reason.clone()), Some(Timestamp::now()));
        });
    }

    pub(super) fn because(&self, reason: String) {
        self.change(|view| (view.last_exit, view.last_exit_at) = (Some(reason), Some(Timestamp::now())));
    }

    pub(super) fn set(&self, condition: Condition) {
        self.change(|view| view.condition = condition);
    }

    pub(super) fn rose(&self) {
        metrics::counter!("spawnai_actor_restarts_total", "actor" => self.name).increment(1);
        self.change(|view| {
            view.condition = Condition::Running;
            view.restarts += 1;
            view.since = Timestamp::now();
        });
    }

    fn change(&self, change: impl FnOnce(&mut ActorView)) {
        if let Some(known) = self.tree.known().get_mut(self.index) {
            change(&mut known.view);
        }
    }
}
