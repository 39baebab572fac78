//! How much the guard lets through.

use std::collections::{BTreeMap, BTreeSet};

use super::{rules::Rule, verdict::Severity};
use crate::types::{Artifact, PORTS, Port};

/// What becomes of what a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The artifact does not run.
    Block,
    /// The artifact runs, and the session shows the finding.
    Warn,
    /// The artifact runs, and the session notes the finding.
    Info,
    /// Nobody hears of it.
    Pass,
}

impl Level {
    /// As what a finding is shown; `None` when it is not.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Block => Some(Severity::Block),
            Self::Warn => Some(Severity::Warn),
            Self::Info => Some(Severity::Info),
            Self::Pass => None,
        }
    }
}

/// The bounds that `inspect` holds an artifact to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Files of one artifact.
    pub files_max: usize,
    /// Bytes of one file.
    pub file_bytes_max: usize,
    /// Bytes of all files together.
    pub total_bytes_max: usize,
    /// Bytes of one path.
    pub path_bytes_max: usize,
    /// Folders above a file.
    pub depth_max: usize,
    /// Bytes of the start command, and of the build command.
    pub command_bytes_max: usize,
    /// Bytes of a check's name, path, body and expected text, each.
    pub check_bytes_max: usize,
    /// At most this many checks.
    pub checks_max: usize,
    /// Ports an app may listen on.
    pub ports: Vec<Port>,
    /// Rules of which the level is another than their own, by their ids.
    pub levels: BTreeMap<&'static str, Level>,
    /// Modules and packages that an app may load whatever the rules say of them.
    pub modules: BTreeSet<String>,
    /// Hosts that an app may reach whether its code names them or not, where there is internet: names, `*.names`,
    /// addresses and blocks; `*` is every host.
    pub egress_allow: BTreeSet<String>,
    /// Hosts that no app reaches although its code names them, with all names below them.
    pub egress_deny: BTreeSet<String>,
    /// The only hosts that are reached while an app's packages are installed; empty is any host.
    pub egress_install: BTreeSet<String>,
}

impl Policy {
    /// What becomes of a finding of `rule`.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        self.level_of(rule.id, rule.severity)
    }

    /// As [`Policy::level`], for a rule that is known by its id and default alone.
    #[must_use]
    pub fn level_of(&self, id: &str, default: Severity) -> Level {
        let own = match default {
            Severity::Block => Level::Block,
            Severity::Warn => Level::Warn,
            Severity::Info => Level::Info,
        };
        self.levels.get(id).copied().unwrap_or(own)
    }

    /// Whether a module was allowed by its name, with or without `node:`.
    #[must_use]
    pub fn allows_module(&self, module: &str) -> bool {
        self.modules.contains(module.strip_prefix("node:").unwrap_or(module))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            files_max: 500,
            file_bytes_max: 1024 * 1024,
            total_bytes_max: 8 * 1024 * 1024,
            path_bytes_max: 240,
            depth_max: 12,
            command_bytes_max: 4096,
            check_bytes_max: 16 * 1024,
            checks_max: Artifact::CHECKS_MAX,
            ports: PORTS.to_vec(),
            levels: BTreeMap::new(),
            modules: BTreeSet::new(),
            egress_allow: BTreeSet::new(),
            egress_deny: BTreeSet::new(),
            egress_install: BTreeSet::new(),
        }
    }
}
