//! What a [`Client`](super::Client) is asked, and what an app answers.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;

use crate::types::SandboxSize;

/// Kept of an app's answer.
pub const ANSWER_MAX: usize = 256 * 1024;
/// One file read back.
pub const FILE_MAX: usize = 8 * 1024 * 1024;

/// What to create.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    pub template: String,
    /// What the template gives; it comes back in the lease.
    pub size: SandboxSize,
    /// Until the host ends it by itself.
    pub lifetime: Duration,
    pub metadata: BTreeMap<String, String>,
    pub internet: bool,
}

/// A command for `/bin/bash -l -c` in a sandbox, run as `user`.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    pub line: &'a str,
    /// Absolute.
    pub folder: &'a str,
    pub envs: BTreeMap<&'a str, &'a str>,
    /// The host kills the process when it runs longer; `None` for an app.
    pub limit: Option<Duration>,
}

/// An app's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// At most [`ANSWER_MAX`] bytes.
    pub body: Bytes,
    /// Whether there was more.
    pub truncated: bool,
}
