//! An app that the guard stops goes back once, with what was found: to the rules that cost nothing, then to Claude.
//!
//! ```text
//!   admit ──► guard ─┬─ passes ────────────────────────────────────────────────► Ok
//!                    └─ stops it ─┬─ not Claude's, or it went back before ─────► Err: artifact_blocked
//!                                 ├─ rules have something to do ──► guard ─┬───► Ok, a repair
//!                                 │     └ none, or stopped again           │
//!                                 └──────► author.mend ──► guard ──────────┘
//!                                             └ could not, or stopped again ──► Err: artifact_blocked
//! ```
//! Once and not more often: who writes the same thing twice means it. A template does not serve then, since an app that
//! nobody asked for would hide what was found.

use actix::prelude::*;

use super::{
    actor::SessionActor,
    history::{Mender, Repair},
    inspection::BLOCKED,
    logs::Source,
    reading::Stopped,
    signal::{Outcome, Signal},
    state::Attempt,
};
use crate::{
    generator::{
        author::Order,
        prompting::{Broken, Wish},
        repair::{Diagnostic, Trouble, mend},
    },
    types::{Artifact, Failure, Timestamp},
};

/// Rules that are tried on one app, one after the other.
const RULES_MAX: usize = 4;

/// What follows: an app that passes, or why there is none.
type Then = Box<dyn FnOnce(&mut SessionActor, Result<Artifact, Failure>, &mut Context<SessionActor>)>;

/// An app that was stopped, on its way back.
struct Case {
    attempt: Attempt,
    artifact: Box<Artifact>,
    /// What blocks it, a line each.
    findings: String,
    failure: Failure,
    then: Then,
}

impl SessionActor {
    /// Reads an app, and has it mended once if the guard stops it.
    pub(super) fn admit(&mut self, attempt: Attempt, artifact: Artifact, ctx: &mut Context<Self>, then: Then) {
        self.read(attempt, artifact, ctx, move |this, read, ctx| match read {
            Ok(artifact) => then(this, Ok(artifact), ctx),
            Err(Stopped { failure, blocked: Some((artifact, findings)) })
                if attempt == this.session.attempt && artifact.origin.generator == "claude" && !this.went_back() =>
            {
                this.sent_back = true;
                this.clear_by_rules(Case { attempt, artifact, findings, failure, then }, ctx);
            }
            Err(Stopped { failure, .. }) => then(this, Err(failure), ctx),
        });
    }

    /// Whether an app of this session went back already; the store knows of those that came of it.
    fn went_back(&self) -> bool {
        self.sent_back || self.session.repairs.iter().any(|repair| repair.failure.code == BLOCKED)
    }

    fn clear_by_rules(&mut self, case: Case, ctx: &mut Context<Self>) {
        let internet = self.parts.generators.config().internet;
        let output = case.findings.clone();
        let diagnostic = Diagnostic { trouble: Trouble::Blocked, output, internet, answered: None };
        let mut better = case.artifact.clone();
        let looking = actix_rt::task::spawn_blocking(move || {
            let mut did = Vec::new();
            while did.len() < RULES_MAX
                && let Some((mended, rule)) = mend(&better, &diagnostic)
            {
                *better = mended;
                did.push(rule.did);
            }
            (better, did.join(", "))
        });
        ctx.spawn(looking.into_actor(self).map(move |found, this, ctx| match found {
            Ok((better, did)) if !did.is_empty() => {
                this.read(case.attempt, *better, ctx, move |this, read, ctx| match read {
                    Ok(better) => this.cleared(case, better, Mender::Rule, did, 0, ctx),
                    Err(_) => this.clear_by_author(case, ctx),
                });
            }
            // They have found nothing, or panicked.
            Ok(_) | Err(_) => this.clear_by_author(case, ctx),
        }));
    }

    fn clear_by_author(&mut self, case: Case, ctx: &mut Context<Self>) {
        let author = self.parts.generators.author().filter(|_| case.attempt == self.session.attempt).cloned();
        let Some(author) = author else { return (case.then)(self, Err(case.failure), ctx) };
        self.logs.push(Source::Engine, "what the guard found goes back to Claude", Timestamp::now());
        let (prompt, app_type) = (self.session.spec.prompt.clone(), self.session.spec.app_type);
        let (runtimes, budget) = (self.parts.generators.runtimes(), self.session.words_left());
        let (internet, within) =
            (self.parts.generators.config().internet, self.session.time_for_words(Timestamp::now()));
        let failing = failing(&case.artifact, &case.findings);
        let words = format!(
            "The app was read before its start, and is not started: it does what apps here must not do. Write it without \
             that, by other means, and keep what the user asked for.\n{}",
            case.findings
        );
        let artifact = case.artifact.clone();
        self.work_on(
            case.attempt,
            None,
            move |tally, ear| {
                Box::pin(async move {
                    let wish = Wish { prompt: &prompt, app_type, runtimes, internet };
                    let broken = Broken { artifact: &artifact, diagnostic: &words, failing: &failing };
                    author.mend(&Order { wish, budget, within }, &broken, &tally, |heard| ear.hear(&heard)).await
                })
            },
            move |this, written, tokens, ctx| match written {
                Ok(better) => this.read(case.attempt, better, ctx, move |this, read, ctx| match read {
                    Ok(better) => {
                        this.cleared(case, better, Mender::Claude, "Claude mended it".to_owned(), tokens, ctx);
                    }
                    Err(Stopped { failure, .. }) => (case.then)(this, Err(again(failure)), ctx),
                }),
                Err(error) => {
                    let why = Failure::from(&error).message;
                    let message = format!("{}. Claude could not mend it: {why}", case.failure.message);
                    (case.then)(this, Err(Failure { message, ..case.failure }), ctx);
                }
            },
            ctx,
        );
    }

    fn cleared(&mut self, case: Case, better: Artifact, by: Mender, did: String, tokens: u64, ctx: &mut Context<Self>) {
        let Case { attempt, failure, then, .. } = case;
        self.logs.push(Source::Engine, &format!("mended: {did}"), Timestamp::now());
        let repair = Repair { by, did, failure, tokens };
        let signal = Signal::Outcome { attempt, outcome: Outcome::Cleared(repair) };
        self.tell_and(signal, ctx, |this, ctx| then(this, Ok(better), ctx));
    }
}

fn again(failure: Failure) -> Failure {
    let message = format!("{}. It went back to Claude once, and came back like this", failure.message);
    Failure { message, ..failure }
}

/// The files that the findings name.
fn failing(artifact: &Artifact, findings: &str) -> Vec<String> {
    let paths = artifact.files.iter().map(|file| file.path.clone());
    paths.filter(|path| findings.contains(path.as_str())).collect()
}
