//! Bringing files into the sandbox while the rest of the app is being written.
//!
//! ```text
//!   author ── a file is whole ──► queue ──► guard reads it ──► upload ──► Laid ──► the deployment brings what differs
//!               (waits until there is a sandbox)   └ not passed, or not sent in time: left to the deployment
//! ```
//! A file alone starts nothing, and what is started waits until the guard has read the whole app. Only the packages that a
//! manifest names may be fetched before (`installing`).

use std::time::Duration;

use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument as _, Span, debug};

use super::installing::{INSTALLING_MAX, install, line};
use crate::{
    guard::{self, Policy},
    sandbox::{APP_FOLDER, Client, DeployFailure, Laid, Lease, SandboxError},
    types::{AppFile, SandboxId},
};

/// Files that wait to be brought. One that finds no place is left to the deployment.
pub(super) const FILES_WAITING: usize = 256;
/// Files that are read and sent together.
const FILES_AT_ONCE: usize = 32;
/// For the files that are on their way when the app is written.
const REST_MAX: Duration = Duration::from_secs(15);

/// Packages on their way into a sandbox.
type Installing = AbortOnDropHandle<()>;

/// Files on their way into a sandbox.
pub(super) enum Staging {
    /// There is no sandbox yet.
    Waiting(mpsc::Receiver<AppFile>),
    UnderWay {
        sandbox: SandboxId,
        laying: AbortOnDropHandle<(Laid, Option<Installing>)>,
    },
}

impl Staging {
    /// Goes on with the sandbox that has come. Files are brought until their author lets go of the queue.
    /// With `internet`, the packages that a manifest names are fetched as well.
    pub(super) fn begin(self, client: Client, lease: Lease, policy: Policy, internet: bool, span: Span) -> Self {
        match self {
            Self::Waiting(files) => {
                let sandbox = lease.sandbox.clone();
                let laying = actix_rt::spawn(lay(client, lease, policy, internet, files).instrument(span));
                Self::UnderWay { sandbox, laying: AbortOnDropHandle::new(laying) }
            }
            under_way @ Self::UnderWay { .. } => under_way,
        }
    }

    /// What lies in this sandbox, once nothing is on its way any more.
    ///
    /// # Errors
    /// Something is on its way still after [`REST_MAX`], so that nobody can tell what will lie there.
    pub(super) async fn laid(self, sandbox: SandboxId) -> Result<Laid, DeployFailure> {
        match self {
            Self::UnderWay { sandbox: whose, laying } if whose == sandbox => match timeout(REST_MAX, laying).await {
                // It was aborted or panicked: what it began to write is over all the same, and is written again.
                Ok(laid) => {
                    let (laid, installing) = laid.unwrap_or_default();
                    if let Some(installing) = installing {
                        // Two at once would be in each other's way. What it has not done by then is the build's.
                        let _ = timeout(INSTALLING_MAX, installing).await;
                    }
                    Ok(laid)
                }
                Err(_) => {
                    Err(DeployFailure::Upload(SandboxError::Timeout { doing: "uploading files", after: REST_MAX }))
                }
            },
            Self::Waiting(_) | Self::UnderWay { .. } => Ok(Laid::default()),
        }
    }
}

async fn lay(
    client: Client,
    lease: Lease,
    policy: Policy,
    internet: bool,
    mut files: mpsc::Receiver<AppFile>,
) -> (Laid, Option<Installing>) {
    let (mut laid, mut installing) = (Laid::default(), None);
    let mut batch = Vec::with_capacity(FILES_AT_ONCE);
    while files.recv_many(&mut batch, FILES_AT_ONCE).await > 0 {
        let passed = passed(std::mem::take(&mut batch), policy.clone()).await;
        if passed.is_empty() {
            continue;
        }
        match client.write_files(&lease, APP_FOLDER, &passed).await {
            Ok(()) => {
                // One is enough: who changes what an app depends on in mid-answer waits for the build.
                if let Some(command) = passed.iter().find_map(line).filter(|_| internet && installing.is_none()) {
                    let work = install(client.clone(), lease.clone(), command).in_current_span();
                    installing = Some(AbortOnDropHandle::new(actix_rt::spawn(work)));
                }
                laid.add(passed);
            }
            // The deployment does it again, and says so if it cannot.
            Err(error) => {
                debug!(error = %error, "files could not be brought ahead");
                laid.doubt(&passed);
            }
        }
    }
    (laid, installing)
}

/// Those that the guard lets through, each by itself; of several with one path, the last. Read apart from the thread that
/// all sessions share.
async fn passed(files: Vec<AppFile>, policy: Policy) -> Vec<AppFile> {
    let reading = actix_rt::task::spawn_blocking(move || {
        let mut passed: Vec<AppFile> = Vec::with_capacity(files.len());
        for file in files {
            passed.retain(|earlier| earlier.path != file.path);
            if !guard::inspect_files(std::slice::from_ref(&file), &policy).blocked {
                passed.push(file);
            }
        }
        passed
    });
    reading.await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn only_what_the_guard_lets_through_is_brought_ahead() {
        let file = |path: &str, content: &str| AppFile { path: path.to_owned(), content: content.to_owned() };
        let files = vec![
            file("a.js", "let a = 1;"),
            file("evil.js", "module.exports = (s) => eval(s);"),
            file("../out.js", "let a = 1;"),
            file("a.js", "let a = 2;"),
        ];
        let brought = passed(files, Policy::default()).await;
        assert_eq!(brought, [file("a.js", "let a = 2;")]);
    }
}
