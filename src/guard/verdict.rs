//! What the guard found, in words for whoever asked for the app.

use serde::{Deserialize, Serialize};

pub use crate::types::{Finding, Severity};

/// Findings kept in one verdict. Past it an artifact is no better understood by a longer list.
pub const FINDINGS_MAX: usize = 100;

/// The outcome of an inspection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// In the order of the files, at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// Whether the artifact must not run.
    pub blocked: bool,
    /// Hosts that the code names, sorted, without this machine's own.
    #[serde(default)]
    pub egress: Vec<String>,
}

impl Verdict {
    /// Notes a finding. One past the bound is dropped, but still blocks.
    pub(super) fn add(&mut self, finding: Finding) {
        self.blocked |= finding.severity == Severity::Block;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else if finding.severity == Severity::Block
            && let Some(lesser) = self.findings.iter().rposition(|other| other.severity != Severity::Block)
        {
            // What blocks is shown before what does not.
            self.findings[lesser] = finding;
        }
    }
}

impl Finding {
    pub(super) fn block(rule: &str, file: Option<&str>, why: impl Into<String>, remedy: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            severity: Severity::Block,
            file: file.map(printable),
            line: None,
            why: why.into(),
            remedy: remedy.to_owned(),
        }
    }
}

/// Hostile text made fit for a terminal and a log line: escaped, and at most 80 characters of it.
pub(super) fn printable(text: &str) -> String {
    const CHARS_MAX: usize = 80;
    let mut shown: String = text.chars().take(CHARS_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_still_blocks() {
        let mut verdict = Verdict::default();
        for _ in 0..FINDINGS_MAX {
            verdict.add(Finding { severity: Severity::Warn, ..Finding::block("w", None, "", "") });
        }
        assert!(!verdict.blocked);
        verdict.add(Finding::block("b", Some("x"), "", ""));
        assert_eq!((verdict.blocked, verdict.findings.len()), (true, FINDINGS_MAX));
    }

    #[test]
    fn hostile_names_are_shown_harmless_and_short() {
        assert_eq!(printable("a\u{1b}[2J\u{202e}\n"), "a\\u{1b}[2J\\u{202e}\\n");
        assert!(printable(&"x".repeat(5000)).chars().count() <= 81);
    }
}
