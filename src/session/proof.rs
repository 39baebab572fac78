//! Proof of life: while an app is deployed, its address is open to the engine alone, which comes as its visitors will.

use super::{actor::SessionActor, state::State};
use crate::{
    routes::Route,
    sandbox::Way,
    types::{Artifact, Port, Secret},
};

/// What opens an app that is not live yet.
pub(super) struct Proof {
    port: Port,
    pass: Secret,
}

impl SessionActor {
    /// Opens the app's address to the engine, and gives the way to it.
    pub(super) fn open_to_proof(&mut self, artifact: &Artifact) -> Way {
        let Some(front) = &self.parts.front else { return Way::Port };
        // 128 bits, new for each deployment.
        let pass = Secret::new(uuid::Uuid::new_v4().simple().to_string());
        let way = Way::Front(front.visit(&self.session.spec.app_url, pass.clone()));
        self.proof = Some(Proof { port: artifact.port, pass });
        self.publish_route();
        way
    }

    /// Makes the route what the session is now.
    pub(super) fn publish_route(&self) {
        let route = match (&self.session.state, &self.proof, self.session.route()) {
            (State::Deploying { lease, .. }, Some(proof), Route::Starting { step }) => {
                let (sandbox, pass) = (lease.sandbox.clone(), proof.pass.clone());
                Route::Proving { step, sandbox, port: proof.port, pass }
            }
            (_, _, route) => route,
        };
        self.parts.routes.set(self.session.spec.slug.clone(), route);
    }
}
