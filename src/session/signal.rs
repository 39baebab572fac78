//! What reaches a session: plain data.

use std::time::Duration;

use super::{
    history::{Repair, Trial},
    inspection::Inspection,
    state::Attempt,
};
use crate::{
    generator::author::Spent,
    sandbox::{Lease, Used},
    types::{Failure, Origin, Phase, Port, SandboxId},
};

/// Something that reaches a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    Command(Command),
    Outcome {
        attempt: Attempt,
        outcome: Outcome,
    },
    /// The alarm of that attempt rang.
    Deadline {
        attempt: Attempt,
    },
    /// The app's process ended, in the host's words; `None` when its whole sandbox was lost. The sandbox is its fence.
    AppEnded {
        sandbox: SandboxId,
        how: Option<String>,
    },
    /// A sandbox given back is gone.
    Released {
        sandbox: SandboxId,
        /// What it had used by its end, where its host tells.
        used: Option<Used>,
    },
    /// What Claude's answers have used, all of them, and who was asked, everybody. With `last` nothing is being written any
    /// more.
    Spent {
        answers: Vec<Spent>,
        trials: Vec<Trial>,
        last: bool,
    },
    /// Time to charge what has been used so far.
    Meter,
}

/// What somebody asks of a session. May be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Destroy,
    Extend { by: Duration },
}

/// How asked-for work went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Begun,
    Progress(Phase),
    /// Something that whoever waits may want to read.
    Note(String),
    /// The guard has read an app.
    Inspected(Box<Inspection>),
    /// An app that the guard had stopped was mended, and passes.
    Cleared(Repair),
    Generated(Result<Origin, Failure>),
    Acquired(Result<Lease, Failure>),
    Deployed(Result<Running, Failure>),
    /// It failed like this, and was mended like that: it is worth another deployment.
    Mended {
        failure: Failure,
        repair: Repair,
    },
}

/// An app that listens and passed its checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    pub port: Port,
    pub pid: u32,
}
