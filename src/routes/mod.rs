//! Who lives at which address: the one table that sessions write and the gateway reads.
//!
//! A read takes no lock and asks no mailbox, since every request of every visitor makes one. Only the session
//! that owns a slug writes its entry.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::types::{Port, SandboxId, Secret, Slug};

/// What a visitor of a slug finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Not live yet. `step` is one word or two for the waiting page.
    Starting { step: &'static str },
    /// As `Starting` for everybody but who shows the pass: the engine, which sees for itself that the app is alive. A visitor
    /// cannot have it, and the app is not told it.
    Proving { step: &'static str, sandbox: SandboxId, port: Port, pass: Secret },
    /// Live: the requests go to this port of this sandbox.
    Live { sandbox: SandboxId, port: Port },
    /// Over. `reason` is a sentence for the page that says so.
    Ended { reason: String },
}

/// Addresses of ended sessions that still say so to their visitors.
const ENDED_MAX: usize = 128;

/// A shared handle to the table.
#[derive(Clone, Default)]
pub struct Routes(Arc<Table>);

#[derive(Default)]
struct Table {
    routes: papaya::HashMap<Slug, Route>,
    /// Those that nobody writes any more, the oldest first.
    ended: Mutex<VecDeque<Slug>>,
}

impl Routes {
    pub fn set(&self, slug: Slug, route: Route) {
        self.0.routes.pin().insert(slug, route);
    }

    /// The session is over and its route will not change. It is kept for its visitors until there are too many such.
    pub fn retire(&self, slug: Slug) {
        let mut ended = self.0.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.push_back(slug);
        if ended.len() > ENDED_MAX
            && let Some(oldest) = ended.pop_front()
        {
            self.remove(&oldest);
        }
    }

    pub fn remove(&self, slug: &Slug) {
        self.0.routes.pin().remove(slug);
    }

    #[must_use]
    pub fn get(&self, slug: &Slug) -> Option<Route> {
        self.0.routes.pin().get(slug).cloned()
    }
}
