//! Traffic to apps that is in this process already: visitors of the gateway beside this host.
//!
//! ```text
//!   visit ─┬─ its sandbox runs, anybody may visit it, its app takes the connection ─► relayed, as over HTTP
//!          └─ anything else ─► left to the one who asks: over HTTP it is woken, let in or refused by `dispatch`
//! ```
//! A visitor's bytes are spared a second connection with HTTP at both of its ends. Only what goes well is done here, so
//! that the reasons why something does not go stand in one place, and cannot differ by the way that a request took.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{admission, proxy, sandbox_not_found};
use crate::{
    host::{connection::Connection, envd, pause::Admission, sandbox::Sandbox, sandboxes::Sandboxes},
    relay::{self, Head, RelayError},
    types::{Port, SandboxId},
};

/// The way to a host's apps from inside of its own process.
#[derive(Clone, Debug)]
pub struct Visits(Arc<Sandboxes>);

impl Visits {
    pub(in crate::host) fn of(sandboxes: &Arc<Sandboxes>) -> Self {
        Self(Arc::clone(sandboxes))
    }

    /// Relays a request to the app on `port` of a running sandbox, with `head` changed as a request over HTTP would be.
    /// What passes is counted, and cut off by a pause or the sandbox's end, as any other traffic.
    ///
    /// # Errors
    /// The body, untouched, of a request that must be sent to the host's address instead. In the answer: what kept the
    /// app from answering at all, unless that is for the host to say.
    pub async fn visit(
        &self,
        (id, port): (&SandboxId, Port),
        request: &HttpRequest,
        payload: web::Payload,
        head: Head,
    ) -> Result<Result<HttpResponse, RelayError>, web::Payload> {
        let Some(Open { sandbox, admission, io }) = self.open(id, port).await else { return Err(payload) };
        let head = proxy::inward(&sandbox, port, head);
        let served = async {
            match relay::forward(request, payload, io, head).await {
                Err(err @ (RelayError::Closed(_) | RelayError::BadResponse(_))) => Ok(proxy::refused(&err)),
                Err(err) => Err(err),
                Ok(response) => Ok(proxy::unmarked(response)),
            }
        };
        Ok(admission::serve(admission, served, || sandbox_not_found(id)).await)
    }

    async fn open(&self, id: &SandboxId, port: Port) -> Option<Open> {
        let sandbox = self.0.get(id)?;
        // envd asks for its own token, and its answers are not an app's.
        if port.get() == envd::PORT || sandbox.traffic_token.is_some() {
            return None;
        }
        // Wakes nobody.
        let admission = sandbox.admission()?;
        let io = tokio::select! {
            biased;
            io = sandbox.connect(port) => io.ok()?,
            () = admission.clone().over() => return None,
        };
        Some(Open { sandbox, admission, io })
    }
}

/// A visit that will get an answer here.
struct Open {
    sandbox: Arc<Sandbox>,
    admission: Admission,
    io: Connection,
}
