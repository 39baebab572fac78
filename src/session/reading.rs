//! Having the guard read what was generated, apart from the thread that all sessions share.
//!
//! A large app takes the guard tens of milliseconds, in which no other session would get a turn; so it is read on a
//! thread of the blocking pool. What was found goes to the session's log, its view and its events, and what blocks becomes
//! its failure. What the code names decides, with the policy, what its sandbox may reach.

use actix::prelude::*;
use tracing::info;

use super::{
    actor::{SessionActor, internal},
    inspection::Inspection,
    logs::Source,
    signal::{Outcome, Signal},
    state::Attempt,
};
use crate::{
    guard,
    types::{Artifact, Failure, Finding, Timestamp},
};

/// An app that does not run.
pub(super) struct Stopped {
    pub failure: Failure,
    /// The app and what blocks it, a line each; `None` when it could not even be read.
    pub blocked: Option<(Box<Artifact>, String)>,
}

impl SessionActor {
    /// Reads `artifact` for the state of `attempt`, and goes on with it, or with what blocks it.
    pub(super) fn read(
        &mut self,
        attempt: Attempt,
        artifact: Artifact,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, Result<Artifact, Stopped>, &mut Context<Self>) + 'static,
    ) {
        let policy = self.parts.policies.of(self.session.spec.app_type).clone();
        let internet = self.parts.generators.config().internet;
        let reading = actix_rt::task::spawn_blocking(move || {
            let mut verdict = guard::inspect(&artifact, &policy);
            let egress = guard::egress(&artifact, &mut verdict, &policy, internet);
            (artifact, Inspection::of(verdict, egress))
        });
        // Not given up with the rest: the session waits to hear that nothing is being generated any more.
        ctx.spawn(reading.into_actor(self).map(move |read, this, ctx| match read {
            Ok((artifact, inspection)) => {
                let read = this.judged(artifact, &inspection);
                let outcome = Outcome::Inspected(Box::new(inspection));
                this.tell_and(Signal::Outcome { attempt, outcome }, ctx, |this, ctx| then(this, read, ctx));
            }
            // It panicked, or the engine stops.
            Err(_) => {
                let failure = internal("the guard could not read the app");
                then(this, Err(Stopped { failure, blocked: None }), ctx);
            }
        }));
    }

    fn judged(&mut self, artifact: Artifact, inspection: &Inspection) -> Result<Artifact, Stopped> {
        for line in inspection.findings.iter().map(Finding::described) {
            self.logs.push(Source::Engine, &format!("guard: {line}"), Timestamp::now());
        }
        if !inspection.findings.is_empty() {
            let (findings, blocked) = (inspection.findings.len() + inspection.left_out, inspection.blocked);
            info!(parent: &self.span, findings, blocked, egress = ?inspection.egress, "the guard has read the app");
        }
        match inspection.failure() {
            Some(failure) => Err(Stopped { failure, blocked: Some((Box::new(artifact), inspection.diagnostic())) }),
            None => Ok(artifact),
        }
    }
}
