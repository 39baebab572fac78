//! Who lives at which address: the one table that sessions write and the gateway reads.
//!
//! A read takes no lock and asks no mailbox, since every request of every visitor makes one. Only the session
//! that owns a slug writes its entry.

use std::sync::Arc;

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

/// A shared handle to the table.
#[derive(Clone, Default)]
pub struct Routes(Arc<papaya::HashMap<Slug, Route>>);

impl Routes {
    pub fn set(&self, slug: Slug, route: Route) {
        self.0.pin().insert(slug, route);
    }

    pub fn remove(&self, slug: &Slug) {
        self.0.pin().remove(slug);
    }

    #[must_use]
    pub fn get(&self, slug: &Slug) -> Option<Route> {
        self.0.pin().get(slug).cloned()
    }
}
