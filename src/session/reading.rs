//! Having the guard read what was generated, apart from the thread that all sessions share.
//!
//! A large app takes the guard tens of milliseconds, in which no other session would get a turn; so it is read on a
//! thread of the blocking pool. What was found goes to the session's log, and what blocks becomes its failure.

use actix::prelude::*;
use tracing::info;

use super::{
    actor::{SessionActor, internal},
    logs::Source,
};
use crate::{
    guard::{self, Severity, Verdict},
    types::{Artifact, Category, Failure, Timestamp},
};

/// Findings that become lines of the log. The first ones say what is wrong.
const LOGGED_MAX: usize = 20;

impl SessionActor {
    /// Reads `artifact`, and goes on with it, or with what blocks it.
    pub(super) fn read(
        &mut self,
        artifact: Artifact,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, Result<Artifact, Failure>, &mut Context<Self>) + 'static,
    ) {
        let policy = self.parts.policies.of(self.session.spec.app_type).clone();
        let reading = actix_rt::task::spawn_blocking(move || {
            let verdict = guard::inspect(&artifact, &policy);
            (artifact, verdict)
        });
        // Not given up with the rest: the session waits to hear that nothing is being generated any more.
        ctx.spawn(reading.into_actor(self).map(move |read, this, ctx| {
            let read = match read {
                Ok((artifact, verdict)) => this.judged(artifact, &verdict),
                // It panicked, or the engine stops.
                Err(_) => Err(internal("the guard could not read the app")),
            };
            then(this, read, ctx);
        }));
    }

    fn judged(&mut self, artifact: Artifact, verdict: &Verdict) -> Result<Artifact, Failure> {
        for finding in verdict.findings.iter().take(LOGGED_MAX) {
            let line = format!("guard: {}", described(finding));
            self.logs.push(Source::Engine, &line, Timestamp::now());
        }
        if !verdict.findings.is_empty() {
            let (findings, blocked) = (verdict.findings.len(), verdict.blocked);
            info!(parent: &self.span, findings, blocked, egress = ?verdict.egress, "the guard has read the app");
        }
        match blocked(verdict) {
            Some(failure) => Err(failure),
            None => Ok(artifact),
        }
    }
}

fn described(finding: &guard::Finding) -> String {
    let word = match finding.severity {
        Severity::Block => "blocks",
        Severity::Warn => "warns",
    };
    let place = match (&finding.file, finding.line) {
        (Some(file), Some(line)) => format!(" in {file}, line {line}"),
        (Some(file), None) => format!(" in {file}"),
        (None, _) => String::new(),
    };
    format!("{word}: {}{place}: {}; {}", finding.rule, finding.why, finding.remedy)
}

/// Why the guard does not let an artifact through, in the words of its first finding that blocks.
fn blocked(verdict: &Verdict) -> Option<Failure> {
    let first = verdict.findings.iter().find(|finding| finding.severity == Severity::Block);
    let why = first.map_or_else(|| "blocks: too many findings to list".to_owned(), described);
    let message = format!("the guard stopped the generated app; it {why}");
    verdict.blocked.then(|| Failure::new("artifact_blocked", Category::User, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::AppFile;

    #[test]
    fn a_blocked_app_says_rule_file_line_and_remedy() {
        let files = [AppFile { path: "lib/a.js".to_owned(), content: "\nmodule.exports = (s) => eval(s);".to_owned() }];
        let verdict = guard::inspect_files(&files, &guard::Policy::default());
        let failure = blocked(&verdict).unwrap();
        assert_eq!(failure.code, "artifact_blocked");
        for part in ["code-eval", "lib/a.js, line 2", "use JSON"] {
            assert!(failure.message.contains(part), "{}", failure.message);
        }
        assert_eq!(blocked(&Verdict::default()), None);
    }
}
