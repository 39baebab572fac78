//! From an artifact to a live app in a leased sandbox.
//!
//! ```text
//!  upload ─► build? ─► start ─► look at the port … first answer ─► checks, one by one ─► RunningApp
//!                        │            │                               │
//!                        └────────────┴── the process ended: Start ◄──┘   the output is read all the while
//! ```
//! Two things go on at once from the start on: the app's output is read (it may die any moment, and a full pipe would
//! stop it), and the port is looked at. [`Starting::beside`] is that pair; all the rest is a straight line.
//!
//! The first answer on the port, whatever its status, means that the app listens. When the first check is a plain GET
//! the looks ask for its path, so that the answer which ends the waiting is also the check's.

mod check;
mod failure;
mod output;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, future::Future, pin::pin, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use tokio::time::{Instant, sleep, timeout, timeout_at};

pub use self::failure::DeployFailure;
use self::output::{Tail, Text};
use super::{Answer, Client, Command, Lease, ProcessEvent, ProcessStream, SandboxError, Stream, ending};
use crate::types::{Artifact, Check};

/// Where an app's files lie in its sandbox.
pub const APP_FOLDER: &str = "/home/user/app";
const UPLOAD_TRIES: usize = 3;
/// Between two tries of a check that was answered "not yet".
const CHECK_PAUSE: Duration = Duration::from_millis(100);

/// How long each step may take.
#[derive(Clone, Copy, Debug)]
pub struct DeployLimits {
    pub build: Duration,
    /// From the start to the first answer.
    pub listen: Duration,
    /// One check.
    pub check: Duration,
    /// All checks together.
    pub checks: Duration,
}

impl Default for DeployLimits {
    fn default() -> Self {
        Self {
            build: Duration::from_secs(120),
            listen: Duration::from_secs(30),
            check: Duration::from_secs(10),
            checks: Duration::from_secs(30),
        }
    }
}

/// What a deployment does right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Uploading {
        files: usize,
    },
    Building,
    Starting,
    /// `index` counts from 0.
    Checking {
        name: String,
        index: usize,
        of: usize,
    },
    /// The build or the app printed something.
    Output {
        stream: Stream,
        text: String,
    },
}

/// An app that listens and passed its checks.
#[derive(Debug)]
pub struct RunningApp {
    pub pid: u32,
    /// Keep reading: its log, and `Ended` when it dies.
    pub output: ProcessStream,
}

/// Deploys `artifact` and says on the way what it does. Nothing is cleaned up after a failure: the sandbox is released.
///
/// # Errors
/// The step that failed, see [`DeployFailure`].
pub async fn deploy(
    client: Client,
    lease: Lease,
    artifact: Arc<Artifact>,
    limits: DeployLimits,
    mut steps: impl FnMut(Step),
) -> Result<RunningApp, DeployFailure> {
    steps(Step::Uploading { files: artifact.files.len() });
    upload(&client, &lease, &artifact).await?;
    if let Some(line) = &artifact.build {
        steps(Step::Building);
        build(&client, &lease, &artifact, line, limits.build, &mut steps).await?;
    }
    steps(Step::Starting);
    let stream = start(&client, &lease, &artifact, &artifact.start, None).await?;
    let mut app = Starting::new(stream, &mut steps);
    let first = app.listening(&client, &lease, &artifact, limits.listen).await?;
    app.checks(&client, &lease, &artifact, first, limits).await?;
    match app.pid {
        Some(pid) => Ok(RunningApp { pid, output: app.stream }),
        None => Err(DeployFailure::Sandbox(SandboxError::Protocol {
            doing: "starting a process",
            detail: "the app answers, but its start was never announced".to_owned(),
        })),
    }
}

async fn upload(client: &Client, lease: &Lease, artifact: &Artifact) -> Result<(), DeployFailure> {
    let once = || client.write_files(lease, APP_FOLDER, &artifact.files);
    once.retry(
        ExponentialBuilder::default().with_min_delay(Duration::from_millis(100)).with_max_times(UPLOAD_TRIES - 1),
    )
    .when(SandboxError::is_retryable)
    .await
    .map_err(DeployFailure::Upload)
}

async fn start(
    client: &Client,
    lease: &Lease,
    artifact: &Artifact,
    line: &str,
    limit: Option<Duration>,
) -> Result<ProcessStream, DeployFailure> {
    let port = artifact.port.to_string();
    let envs = BTreeMap::from([
        ("PORT", port.as_str()),
        ("HOST", "0.0.0.0"),
        ("NODE_ENV", "production"),
        ("PYTHONUNBUFFERED", "1"),
    ]);
    client.start(lease, Command { line, folder: APP_FOLDER, envs, limit }).await.map_err(DeployFailure::Sandbox)
}

async fn build(
    client: &Client,
    lease: &Lease,
    artifact: &Artifact,
    line: &str,
    limit: Duration,
    steps: &mut impl FnMut(Step),
) -> Result<(), DeployFailure> {
    let stream = start(client, lease, artifact, line, Some(limit)).await?;
    let mut build = Starting::new(stream, steps);
    // The host kills it by the same limit; the second more lets its word come first.
    match timeout(limit + Duration::from_secs(1), build.ended()).await {
        Ok(Ok(Some(0))) => Ok(()),
        Ok(Ok(exit)) => Err(DeployFailure::Build { exit, output: build.tail.text() }),
        Ok(Err(error)) => Err(DeployFailure::Sandbox(error)),
        Err(_) => Err(DeployFailure::Build { exit: None, output: build.tail.text() }),
    }
}

/// A process whose output is read while something else is waited for.
struct Starting<'a, F> {
    stream: ProcessStream,
    steps: &'a mut F,
    pid: Option<u32>,
    tail: Tail,
    stdout: Text,
    stderr: Text,
}

impl<'a, F: FnMut(Step)> Starting<'a, F> {
    fn new(stream: ProcessStream, steps: &'a mut F) -> Self {
        Self { stream, steps, pid: None, tail: Tail::default(), stdout: Text::default(), stderr: Text::default() }
    }

    /// Reads until the process ends; gives its exit code, `None` when its time ran out.
    async fn ended(&mut self) -> Result<Option<i32>, SandboxError> {
        loop {
            match self.stream.next().await? {
                Some(ProcessEvent::Started { pid }) => self.pid = Some(pid),
                Some(ProcessEvent::Output { stream, bytes }) => self.printed(stream, &bytes),
                Some(ProcessEvent::Ended { exit_code, status }) => {
                    let how = ending(exit_code, &status);
                    if how.contains("out of memory") {
                        // What nobody else would say: the process itself had no time to.
                        self.tail.push(&format!("\n{how}\n"));
                    }
                    return Ok(Some(exit_code));
                }
                Some(ProcessEvent::OutOfTime) => return Ok(None),
                None => {
                    let (doing, cause) = ("reading a process's output", "it ended without an exit code".to_owned());
                    return Err(SandboxError::Cut { doing, cause });
                }
            }
        }
    }

    fn printed(&mut self, stream: Stream, bytes: &[u8]) {
        let text = match stream {
            Stream::Stdout => self.stdout.push(bytes),
            Stream::Stderr => self.stderr.push(bytes),
        };
        if !text.is_empty() {
            self.tail.push(&text);
            (self.steps)(Step::Output { stream, text });
        }
    }

    /// Waits for `what` and reads the output meanwhile. The end of the process ends the waiting.
    async fn beside<T>(&mut self, what: impl Future<Output = T>) -> Result<T, DeployFailure> {
        let mut what = pin!(what);
        let ended = tokio::select! {
            biased;
            ended = self.ended() => ended,
            done = &mut what => return Ok(done),
        };
        match ended {
            Ok(Some(exit)) => Err(DeployFailure::Start { exit, output: self.tail.text() }),
            // An app is started without a limit, so this is the host's own idea.
            Ok(None) => {
                let (doing, cause) = ("waiting for the app", "the host ended its process".to_owned());
                Err(DeployFailure::Sandbox(SandboxError::Cut { doing, cause }))
            }
            Err(error) => Err(DeployFailure::Sandbox(error)),
        }
    }

    async fn listening(
        &mut self,
        client: &Client,
        lease: &Lease,
        artifact: &Artifact,
        limit: Duration,
    ) -> Result<Answer, DeployFailure> {
        let path = artifact.checks.first().filter(|check| check::is_a_look(check)).map_or("/", |check| &check.path);
        let looking = timeout(limit, look(client, lease, artifact, path, limit));
        match self.beside(looking).await? {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(DeployFailure::Sandbox(error)),
            Err(_) => {
                let output = self.tail.text();
                Err(DeployFailure::NotListening { port: artifact.port, waited: limit, output })
            }
        }
    }

    /// All checks in their order; `first` is the answer that ended the waiting.
    async fn checks(
        &mut self,
        client: &Client,
        lease: &Lease,
        artifact: &Artifact,
        first: Answer,
        limits: DeployLimits,
    ) -> Result<(), DeployFailure> {
        let end = Instant::now() + limits.checks;
        let of = artifact.checks.len().min(Artifact::CHECKS_MAX);
        for (index, check) in artifact.checks.iter().take(of).enumerate() {
            (self.steps)(Step::Checking { name: check.name.clone(), index, of });
            if index == 0 && check::is_a_look(check) && check::verdict(check, &first).is_ok() {
                continue;
            }
            let until = end.min(Instant::now() + limits.check);
            self.beside(ask(client, lease, artifact, check, until)).await?.map_err(|failed| match failed {
                Failed::Sandbox(error) => DeployFailure::Sandbox(error),
                Failed::Check { expected, got } => {
                    DeployFailure::Check { name: check.name.clone(), expected, got, output: self.tail.text() }
                }
            })?;
        }
        Ok(())
    }
}

/// Looks at the port until something answers there. The caller bounds it.
async fn look(
    client: &Client,
    lease: &Lease,
    artifact: &Artifact,
    path: &str,
    limit: Duration,
) -> Result<Answer, SandboxError> {
    let mut looks = 0;
    loop {
        match client.request(&lease.sandbox, artifact.port, "GET", path, None, limit).await {
            Ok(answer) => return Ok(answer),
            Err(SandboxError::PortClosed { .. }) => {}
            // An app that accepts and hangs up is on its way too.
            Err(error) if error.is_retryable() => {}
            Err(SandboxError::Protocol { .. }) => {}
            Err(error) => return Err(error),
        }
        sleep(check::pause(looks)).await;
        looks += 1;
    }
}

enum Failed {
    Sandbox(SandboxError),
    Check { expected: String, got: String },
}

/// One check, asked again while the answer is "not yet". Only what is safe to repeat is repeated.
async fn ask(client: &Client, lease: &Lease, artifact: &Artifact, check: &Check, until: Instant) -> Result<(), Failed> {
    let asked = Instant::now();
    let repeatable = matches!(check.method.as_str(), "GET" | "HEAD");
    let expected = || format!("status {}", check.expect.status);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let body = check.body.as_deref();
        let request = client.request(&lease.sandbox, artifact.port, &check.method, &check.path, body, left);
        let (failed, not_yet) = match timeout_at(until, request).await {
            Ok(Ok(answer)) => match check::verdict(check, &answer) {
                Ok(()) => return Ok(()),
                Err(mismatch) => {
                    (Failed::Check { expected: mismatch.expected, got: mismatch.got }, mismatch.not_yet && repeatable)
                }
            },
            Ok(Err(error @ (SandboxError::PortClosed { .. } | SandboxError::Unreachable { .. }))) => {
                (Failed::Check { expected: expected(), got: error.to_string() }, true)
            }
            Ok(Err(error @ (SandboxError::Cut { .. } | SandboxError::Protocol { .. }))) => {
                (Failed::Check { expected: expected(), got: error.to_string() }, repeatable)
            }
            Ok(Err(SandboxError::Timeout { .. })) | Err(_) => {
                let got = format!("no answer within {} s", asked.elapsed().as_secs_f32().round());
                (Failed::Check { expected: expected(), got }, false)
            }
            Ok(Err(error)) => (Failed::Sandbox(error), false),
        };
        if !not_yet || Instant::now() + CHECK_PAUSE >= until {
            return Err(failed);
        }
        sleep(CHECK_PAUSE).await;
    }
}
