//! What the guard has to say about an app, and what of the network the app gets for it.

use serde::{Deserialize, Serialize};

/// What a finding means for the artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The artifact does not run.
    Block,
    /// The artifact runs, and the session shows the finding.
    Warn,
    /// Nothing is wrong; it is good to know.
    Info,
}

impl Severity {
    /// What a finding of it does: it "blocks".
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Block => "blocks",
            Self::Warn => "warns",
            Self::Info => "notes",
        }
    }
}

/// One thing the guard has to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable id of the rule, such as `path-escapes`.
    pub rule: String,
    pub severity: Severity,
    /// The file's path with control characters escaped and its length bounded; `None` when it is about the whole.
    pub file: Option<String>,
    /// Counted from 1; `None` when it is about the whole file.
    pub line: Option<u32>,
    /// What was found, and why it matters. Keys and tokens are masked in it.
    pub why: String,
    pub remedy: String,
}

impl Finding {
    /// One line: "blocks: code-eval in a.js, line 2: …; …".
    #[must_use]
    pub fn described(&self) -> String {
        let place = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!(" in {file}, line {line}"),
            (Some(file), None) => format!(" in {file}"),
            (None, _) => String::new(),
        };
        format!("{}: {}{place}: {}; {}", self.severity.verb(), self.rule, self.why, self.remedy)
    }
}

/// Hosts that a sandbox may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reach {
    #[default]
    Nothing,
    /// These alone: names, `*.names`, addresses and blocks of them. Never an empty list.
    Hosts(Vec<String>),
    /// The whole internet.
    Anything,
}

/// What an app may reach, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Egress {
    /// While its packages are installed.
    pub build: Reach,
    /// From its start on.
    pub run: Reach,
}
