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
//! The first answer of the app, whatever its status, means that it listens. When the first check is a plain GET the looks
//! ask for its path, so that the answer which ends the waiting is also the check's. All is asked the way that visitors
//! come ([`Way::Front`]): what they find is what is proven.
//!
//! Files may lie in the sandbox already ([`Laid`]), brought there while the rest was being written; only what differs is
//! uploaded then.

mod asking;
mod check;
mod elsewhere;
mod failure;
mod laid;
mod output;
#[cfg(test)]
mod tests;
mod turns;

use std::{collections::BTreeMap, future::Future, pin::pin, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use futures_util::future::try_join;
use tokio::time::{Instant, timeout};

pub use self::{asking::Way, failure::DeployFailure, laid::Laid, turns::Turns};
use self::{
    asking::{Asking, Failed, Looked},
    output::{Tail, Text},
    turns::Turn,
};
use super::{Answer, Client, Command, Lease, ProcessEvent, ProcessStream, SandboxError, Stream, ending};
use crate::types::{AppFile, Artifact, Egress, Reach};

/// Where an app's files lie in its sandbox.
pub const APP_FOLDER: &str = "/home/user/app";
/// Of each call whose repetition is harmless.
const TRIES: usize = 3;
/// A host that wants to be left alone for longer is not waited for: the session acquires another sandbox.
const WISH_MAX: Duration = Duration::from_secs(10);

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

/// How a deployment goes about it.
#[derive(Clone, Default)]
pub struct Plan {
    pub limits: DeployLimits,
    /// What lies in the sandbox already.
    pub laid: Laid,
    pub way: Way,
    /// What the app may reach. The sandbox comes without any way out.
    pub egress: Egress,
    /// Whose turn it is to start. Waiting for it counts against no limit of this deployment.
    pub turns: Turns,
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
    plan: Plan,
    mut steps: impl FnMut(Step),
) -> Result<RunningApp, DeployFailure> {
    let Plan { limits, laid, way, egress, turns } = plan;
    let difference = laid.difference(&artifact);
    steps(Step::Uploading { files: difference.write.len() });
    for path in difference.remove {
        client.remove(&lease, &format!("{APP_FOLDER}/{path}")).await.map_err(DeployFailure::Upload)?;
    }
    // Before anything of the app runs.
    let first = if artifact.build.is_some() { &egress.build } else { &egress.run };
    try_join(upload(&client, &lease, &difference.write), open(&client, &lease, &Reach::Nothing, first)).await?;
    if let Some(line) = &artifact.build {
        steps(Step::Building);
        build(&client, &lease, &artifact, line, limits.build, &mut steps).await?;
        open(&client, &lease, &egress.build, &egress.run).await?;
    }
    steps(Step::Starting);
    let turn = turns.next().await;
    let stream = start(&client, &lease, &artifact, &artifact.start, None).await?;
    let mut app = Starting::new(stream, &mut steps);
    let asking = Asking { client: &client, lease: &lease, port: artifact.port, way: &way };
    let first = app.listening(&asking, &artifact, limits.listen, turn).await?;
    app.checks(&asking, &artifact, first, limits).await?;
    match app.pid {
        Some(pid) => Ok(RunningApp { pid, output: app.stream }),
        None => Err(DeployFailure::Sandbox(SandboxError::Protocol {
            doing: "starting a process",
            detail: "the app answers, but its start was never announced".to_owned(),
        })),
    }
}

async fn upload(client: &Client, lease: &Lease, files: &[AppFile]) -> Result<(), DeployFailure> {
    if files.is_empty() {
        return Ok(());
    }
    let once = || client.write_files(lease, APP_FOLDER, files);
    once.retry(patience()).when(SandboxError::is_retryable).adjust(as_asked).await.map_err(DeployFailure::Upload)
}

fn patience() -> ExponentialBuilder {
    ExponentialBuilder::default().with_min_delay(Duration::from_millis(100)).with_max_times(TRIES - 1)
}

/// The pause before another try: the host's own wish, when it has one that is no longer than a fresh sandbox would take.
fn as_asked(error: &SandboxError, pause: Option<Duration>) -> Option<Duration> {
    let wish = error.retry_after().unwrap_or_default();
    pause.filter(|_| wish <= WISH_MAX).map(|pause| pause.max(wish))
}

/// Opens the sandbox's way out as far as `reach`, when that is not what it `was`. A host that does not know how to leaves
/// it shut.
async fn open(client: &Client, lease: &Lease, was: &Reach, reach: &Reach) -> Result<(), DeployFailure> {
    if was == reach {
        return Ok(());
    }
    let once = || client.set_reach(&lease.sandbox, reach);
    once.retry(patience()).when(SandboxError::is_retryable).adjust(as_asked).await.map_err(DeployFailure::Sandbox)
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
    let once = || client.start(lease, Command { line, folder: APP_FOLDER, envs: envs.clone(), limit });
    // Two of one app would fight for its port, so only what surely did not start is started again.
    once.retry(patience())
        .when(|error| error.is_retryable() && error.was_not_carried_out())
        .adjust(as_asked)
        .await
        .map_err(DeployFailure::Sandbox)
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
        asking: &Asking<'_>,
        artifact: &Artifact,
        limit: Duration,
        turn: Turn,
    ) -> Result<Answer, DeployFailure> {
        let path = artifact.checks.first().filter(|check| check::is_a_look(check)).map_or("/", |check| &check.path);
        let mut unreachable = None;
        let looking = async {
            tokio::select! {
                looked = timeout(limit, asking.look(path, limit, &mut unreachable)) => Ok(looked),
                address = elsewhere::elsewhere(asking, artifact) => Err(address),
            }
        };
        let began = Instant::now();
        let looked = match self.beside(turn.during(looking)).await? {
            Ok(looked) => looked,
            Err(address) => {
                let output = format!("{}\nIt listens on {address}.\n", self.tail.text());
                return Err(DeployFailure::NotListening { port: artifact.port, waited: began.elapsed(), output });
            }
        };
        match (looked, unreachable) {
            (Ok(Ok(Looked::Answered(answer))), _) => Ok(answer),
            (Ok(Ok(Looked::HungUp(error))), _) => {
                let name =
                    artifact.checks.first().map_or_else(|| "the app answers".to_owned(), |check| check.name.clone());
                let (expected, got, output) = (format!("an answer to GET {path}"), error.to_string(), self.tail.text());
                Err(DeployFailure::Check { name, expected, got, answered: None, output })
            }
            // Nobody came near the app, so it is not the app's fault.
            (Ok(Err(error)), _) | (Err(_), Some(error)) => Err(DeployFailure::Sandbox(error)),
            (Err(_), None) => {
                let output = self.tail.text();
                Err(DeployFailure::NotListening { port: artifact.port, waited: limit, output })
            }
        }
    }

    /// All checks in their order; `first` is the answer that ended the waiting.
    async fn checks(
        &mut self,
        asking: &Asking<'_>,
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
            self.beside(asking.ask(check, until)).await?.map_err(|failed| match failed {
                Failed::Sandbox(error) => DeployFailure::Sandbox(error),
                Failed::Check { expected, got, answered } => {
                    let (name, output) = (check.name.clone(), self.tail.text());
                    DeployFailure::Check { name, expected, got, answered: answered.map(Box::new), output }
                }
            })?;
        }
        Ok(())
    }
}
