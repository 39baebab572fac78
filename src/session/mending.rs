//! An app that does not come to life is mended: by a rule that costs nothing, or by Claude.
//!
//! ```text
//!   broken ─┬─ the app is not to blame ───────────────────────────────────────────────► Deployed(Err)
//!           ├─ a rule has something to do ──► guard ─┬─► Mended: a fresh sandbox for the better app
//!           │     └ none, or blocked                 │
//!           └──────► author.mend ──► guard ──────────┘   (what it stops goes back once: `clearing`)
//!                       └ could not, or was asked about the same failure before ──────► Deployed(Err)
//! ```
//! Rules cost nothing but a moment, so several may follow each other, each by what the one before has brought to light.
//!
//! The sandbox is kept meanwhile, and given back when the session goes on. Each step goes on only as long as the session
//! still waits for it.

use std::sync::Arc;

use actix::prelude::*;
use tracing::info;

use super::{
    actor::{SessionActor, internal},
    history::{Mender, Repair},
    logs::Source,
    signal::{Outcome, Signal},
    state::Attempt,
    work::Reached,
};
use crate::{
    generator::{
        author::Order,
        prompting::{Broken, Wish},
        repair::{Answered, Diagnostic, Trouble, fingerprint, mend, unobtainable},
    },
    ledger::Reserve,
    sandbox::DeployFailure,
    types::{AppFile, Artifact, Failure, Timestamp},
};

/// A shorter name stands in every text.
const STEM_MIN: usize = 3;

/// An app that did not come to life.
#[derive(Clone)]
struct Case {
    attempt: Attempt,
    artifact: Arc<Artifact>,
    diagnostic: Diagnostic,
    /// As its owner is told.
    failure: Failure,
}

impl SessionActor {
    /// Decides what follows a deployment that failed.
    pub(super) fn broken(&mut self, attempt: Attempt, failure: &DeployFailure, ctx: &mut Context<Self>) {
        let shown = Failure::from(failure);
        self.logs.flush(Timestamp::now());
        self.logs.push(Source::Engine, &shown.message, Timestamp::now());
        let internet = self.parts.generators.config().internet;
        let (Some(diagnostic), Some(artifact)) = (diagnostic(failure, internet), self.artifact.clone()) else {
            return self.not_mended(attempt, shown, ctx);
        };
        // The built-in apps are right: what is wrong with them is no slip of a model.
        if artifact.origin.generator != "claude" {
            return self.not_mended(attempt, shown, ctx);
        }
        let case = Case { attempt, artifact, diagnostic, failure: shown };
        if self.session.may_be_mended(Mender::Rule) { self.try_rules(case, ctx) } else { self.ask_to_mend(case, ctx) }
    }

    /// Looks for a rule, apart from the thread that all sessions share: there may be much to look through.
    fn try_rules(&mut self, case: Case, ctx: &mut Context<Self>) {
        let (artifact, diagnostic) = (case.artifact.clone(), case.diagnostic.clone());
        let looking = actix_rt::task::spawn_blocking(move || mend(&artifact, &diagnostic));
        ctx.spawn(looking.into_actor(self).map(move |found, this, ctx| match found {
            Ok(Some((better, rule))) => this.read(case.attempt, better, ctx, move |this, read, ctx| match read {
                Ok(better) => {
                    let (by, did, failure) = (Mender::Rule, rule.did.to_owned(), case.failure);
                    this.mended(case.attempt, better, Repair { by, did, failure, tokens: 0 }, ctx);
                }
                Err(_) => this.ask_to_mend(case, ctx),
            }),
            // It has found nothing, or panicked.
            Ok(None) | Err(_) => this.ask_to_mend(case, ctx),
        }));
    }

    /// Has Claude mend the app.
    fn ask_to_mend(&mut self, case: Case, ctx: &mut Context<Self>) {
        if case.attempt != self.session.attempt {
            return;
        }
        let print = fingerprint(&case.diagnostic);
        if self.failures.contains(&print) || !self.session.may_be_mended(Mender::Claude) {
            return self.not_mended(case.attempt, case.failure, ctx);
        }
        self.failures.push(print);
        if !self.session.proven {
            return self.have_mended(case, ctx);
        }
        // Nothing is held back for words since the app was live.
        let (session, user) = (self.session.spec.id, self.session.spec.user.clone());
        let asked =
            self.parts.ledger.ask_again(Reserve { session, user, amount: self.session.reservation_for_mending() });
        ctx.spawn(asked.into_actor(self).map(move |answer, this, ctx| {
            let why = match answer {
                Ok(Ok(())) => return this.have_mended(case, ctx),
                Ok(Err(refused)) => Failure::from(refused),
                Err(_) => internal("the ledger did not answer"),
            };
            this.not_mended(case.attempt, not_by_claude(case.failure, &why), ctx);
        }));
    }

    /// Has Claude mend what there is money for.
    fn have_mended(&mut self, case: Case, ctx: &mut Context<Self>) {
        let Case { attempt, artifact, diagnostic, failure } = case;
        if attempt != self.session.attempt {
            return;
        }
        let Some(author) = self.parts.generators.author().cloned() else {
            return self.not_mended(attempt, failure, ctx);
        };
        let (prompt, app_type) = (self.session.spec.prompt.clone(), self.session.spec.app_type);
        let (runtimes, budget) = (self.parts.generators.runtimes(), self.session.words_for_mending());
        let (internet, within) =
            (self.parts.generators.config().internet, self.session.time_for_words(Timestamp::now()));
        let words = words(&failure, &artifact, &diagnostic);
        let failing = failing(&artifact, &diagnostic);
        self.work_on(
            attempt,
            None,
            move |tally, ear| {
                Box::pin(async move {
                    let wish = Wish { prompt: &prompt, app_type, runtimes, internet };
                    let broken = Broken { artifact: &artifact, diagnostic: &words, failing: &failing };
                    author.mend(&Order { wish, budget, within }, &broken, &tally, |heard| ear.hear(&heard)).await
                })
            },
            move |this, written, tokens, ctx| match written {
                Ok(better) => {
                    let then =
                        move |this: &mut Self, read: Result<Artifact, Failure>, ctx: &mut Context<Self>| match read {
                            Ok(better) => {
                                let (by, did) = (Mender::Claude, "Claude mended it".to_owned());
                                this.mended(attempt, better, Repair { by, did, failure, tokens }, ctx);
                            }
                            Err(blocked) => this.not_mended(attempt, not_by_claude(failure, &blocked), ctx),
                        };
                    this.admit(attempt, better, ctx, Box::new(then));
                }
                Err(error) => this.not_mended(attempt, not_by_claude(failure, &Failure::from(&error)), ctx),
            },
            ctx,
        );
    }

    /// Takes the better app, which is deployed next.
    fn mended(&mut self, attempt: Attempt, better: Artifact, repair: Repair, ctx: &mut Context<Self>) {
        if attempt != self.session.attempt {
            return;
        }
        self.logs.push(Source::Engine, &format!("mended: {}", repair.did), Timestamp::now());
        info!(parent: &self.span, by = ?repair.by, did = repair.did, tokens = repair.tokens, code = %repair.failure.code, "mended");
        self.artifact = Some(Arc::new(better));
        self.artifact_stored = false;
        let failure = repair.failure.clone();
        ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Mended { failure, repair } }));
    }

    fn not_mended(&mut self, attempt: Attempt, failure: Failure, ctx: &mut Context<Self>) {
        ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Deployed(Err(failure)) }));
    }
}

fn not_by_claude(failure: Failure, why: &Failure) -> Failure {
    let message = format!("{} Claude could not mend it: {}", failure.message, why.message);
    Failure { message, ..failure }
}

/// What a mender is told.
fn words(failure: &Failure, artifact: &Artifact, diagnostic: &Diagnostic) -> String {
    let mut words = failure.message.clone() + "\n" + &diagnostic.output;
    if let Some(package) = unobtainable(artifact, diagnostic) {
        words += &format!("\nThe package {package} cannot be installed: do without it.");
    }
    words
}

/// The files that the failure names, the one that is started, and those that they speak of: the slip is often in what the
/// failing file takes from another. None when the failure names no file.
fn failing(artifact: &Artifact, diagnostic: &Diagnostic) -> Vec<String> {
    let own = || artifact.files.iter().filter(|file| !file.path.contains("node_modules/"));
    let is_named = |file: &&AppFile| diagnostic.output.contains(&file.path);
    if !own().any(|file| is_named(&file)) {
        return Vec::new();
    }
    let first: Vec<_> = own().filter(|file| is_named(file) || artifact.start.contains(&file.path)).collect();
    let stem =
        |path: &str| path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default().to_owned();
    let is_near = |file: &&AppFile| {
        let stem = stem(&file.path);
        stem.len() >= STEM_MIN && first.iter().any(|one| one.path == file.path || one.content.contains(&stem))
    };
    own().filter(|file| is_near(file) || first.contains(file)).map(|file| file.path.clone()).collect()
}

/// What of a failure a repair can use; `None` when the app is not to blame.
fn diagnostic(failure: &DeployFailure, internet: bool) -> Option<Diagnostic> {
    let (trouble, output) = match failure {
        DeployFailure::Build { output, .. } => (Trouble::Build, output.clone()),
        DeployFailure::Start { exit, output } => (Trouble::Ended(*exit), output.clone()),
        DeployFailure::NotListening { output, .. } => (Trouble::Deaf, output.clone()),
        DeployFailure::Check { name, expected, got, output, .. } => {
            (Trouble::Check, format!("{output}\ncheck {name:?} expected {expected}, got {got}"))
        }
        DeployFailure::Upload(_) | DeployFailure::Sandbox(_) => return None,
    };
    let answered = match failure {
        DeployFailure::Check { name, answered: Some(answered), .. } => {
            let (status, shown) = answered.as_ref().clone();
            Some(Answered { check: name.clone(), status, shown })
        }
        DeployFailure::Check { .. }
        | DeployFailure::Build { .. }
        | DeployFailure::Start { .. }
        | DeployFailure::NotListening { .. }
        | DeployFailure::Upload(_)
        | DeployFailure::Sandbox(_) => None,
    };
    Some(Diagnostic { trouble, output, internet, answered })
}
