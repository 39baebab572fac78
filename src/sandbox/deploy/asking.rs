//! Asking the app: whether it listens, and whether it does what it should.

use std::time::Duration;

use actix_web::http::Method;
use tokio::time::{Instant, sleep, timeout_at};

use super::check;
use crate::{
    sandbox::{Answer, Client, Lease, SandboxError, Visit},
    types::{Check, Port},
};

/// Between two tries of a check that was answered "not yet".
const CHECK_PAUSE: Duration = Duration::from_millis(100);
/// An app that accepts and hangs up may be on its way, for so long.
const HANGING_UP_MAX: Duration = Duration::from_secs(2);

/// How an app is asked.
#[derive(Clone, Default)]
pub enum Way {
    /// By its sandbox's public port: where there is no gateway.
    #[default]
    Port,
    /// As its visitors will ask it.
    Front(Visit),
}

/// Whom to ask, and how.
pub(super) struct Asking<'a> {
    pub client: &'a Client,
    pub lease: &'a Lease,
    pub port: Port,
    pub way: &'a Way,
}

pub(super) enum Failed {
    Sandbox(SandboxError),
    Check { expected: String, got: String, answered: Option<(u16, String)> },
}

/// How looking at a port went.
pub(super) enum Looked {
    Answered(Answer),
    /// It accepts, and hangs up.
    HungUp(SandboxError),
}

impl Asking<'_> {
    async fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        limit: Duration,
    ) -> Result<Answer, SandboxError> {
        let sandbox = &self.lease.sandbox;
        match self.way {
            Way::Port => self.client.request(sandbox, self.port, method, path, body, limit).await,
            Way::Front(visit) => {
                let method = Method::from_bytes(method.as_bytes())
                    .map_err(|_| SandboxError::Invalid { reason: format!("{method:?} is not an HTTP method") })?;
                visit.request(sandbox, self.port, method, path, body, limit).await
            }
        }
    }

    /// Looks at the port until something answers there. The caller bounds it, and finds in `unreachable` why the last look
    /// did not even get as far as the sandbox.
    pub(super) async fn look(
        &self,
        path: &str,
        limit: Duration,
        unreachable: &mut Option<SandboxError>,
    ) -> Result<Looked, SandboxError> {
        let (mut looks, mut hung_up) = (0, None);
        loop {
            *unreachable = None;
            match self.request("GET", path, None, limit).await {
                Ok(answer) => return Ok(Looked::Answered(answer)),
                Err(SandboxError::PortClosed { .. }) => hung_up = None,
                Err(error @ SandboxError::Unreachable { .. }) => *unreachable = Some(error),
                Err(error @ (SandboxError::Cut { .. } | SandboxError::Protocol { .. })) => {
                    let since: Instant = *hung_up.get_or_insert_with(Instant::now);
                    if since.elapsed() >= HANGING_UP_MAX {
                        return Ok(Looked::HungUp(error));
                    }
                }
                Err(error) if error.is_retryable() => {}
                Err(error) => return Err(error),
            }
            sleep(check::pause(looks)).await;
            looks += 1;
        }
    }

    /// One check, asked again while the answer is "not yet". Only what is safe to repeat is repeated.
    pub(super) async fn ask(&self, check: &Check, until: Instant) -> Result<(), Failed> {
        let (asked, mut until) = (Instant::now(), until);
        let repeatable = matches!(check.method.as_str(), "GET" | "HEAD");
        let expected = || format!("status {}", check.expect.status);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let request = self.request(&check.method, &check.path, check.body.as_deref(), left);
            let (failed, not_yet) = match timeout_at(until, request).await {
                Ok(Ok(answer)) => match check::verdict(check, &answer) {
                    Ok(()) => return Ok(()),
                    Err(mismatch) => {
                        let again = mismatch.not_yet && repeatable;
                        let answered = Some((answer.status, mismatch.shown));
                        (Failed::Check { expected: mismatch.expected, got: mismatch.got, answered }, again)
                    }
                },
                Ok(Err(error @ (SandboxError::PortClosed { .. } | SandboxError::Unreachable { .. }))) => {
                    (Failed::Check { expected: expected(), got: error.to_string(), answered: None }, true)
                }
                Ok(Err(error @ (SandboxError::Cut { .. } | SandboxError::Protocol { .. }))) => {
                    until = until.min(asked + HANGING_UP_MAX);
                    (Failed::Check { expected: expected(), got: error.to_string(), answered: None }, repeatable)
                }
                Ok(Err(SandboxError::Timeout { .. })) | Err(_) => {
                    let got = format!("no answer within {} s", asked.elapsed().as_secs_f32().round());
                    (Failed::Check { expected: expected(), got, answered: None }, false)
                }
                Ok(Err(error)) => (Failed::Sandbox(error), false),
            };
            if !not_yet || Instant::now() + CHECK_PAUSE >= until {
                return Err(failed);
            }
            sleep(CHECK_PAUSE).await;
        }
    }
}
