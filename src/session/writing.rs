//! Claude writes for a session: the app at first, and what mends it when it does not come to life.
//!
//! ```text
//!   Generate ─► author.write ─┬─ an app ────────────────────────────────► Generated(Ok)
//!                             ├─ none, and a template may serve ─► built-in ─► Generated(Ok), with the reason
//!                             └─ none ───────────────────────────────────► Generated(Err)
//!   Deployed(Err) ─► a repair at zero tokens, or author.mend ─► Deployed(Err, retryable): a fresh sandbox, the mended app
//!                    └─ the same failure twice, or nobody can ─► Deployed(Err)
//! ```
//! The work is a future that this actor can drop at once: that closes the stream, and only then is the bill final. Bills
//! are told as they grow, and a last time when the work ends, however it does.

use std::{cell::RefCell, rc::Rc, sync::Arc, task::Poll};

use actix::prelude::*;
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::{
    actor::SessionActor,
    logs::Source,
    state::{Attempt, Effect, Outcome, Signal, Spec},
    work::{Reached, tokio_stream_of},
};
use crate::{
    generator::{
        author::{Author, Heard, Order, Spent, Tally, WriteError, may_fall_back},
        prompting::{Broken, Wish},
        repair::{Diagnostic, Trouble, fingerprint, mend, unobtainable},
        writing::Progress,
    },
    sandbox::DeployFailure,
    store::{ChargeKind, ChargeRow},
    types::{Artifact, Failure, MicroUsd, Timestamp},
};

/// Notes that the actor has not read yet; what is past that is not shown.
const NOTES_WAITING: usize = 64;

type Written = Result<Artifact, WriteError>;
/// The work, until it is done or stopped.
type Slot = Rc<RefCell<Option<LocalBoxFuture<'static, Written>>>>;

/// What is being written, and what it has cost so far.
pub(super) struct Writing {
    slot: Slot,
    tally: Tally,
    /// The answers of before.
    earlier: Vec<Spent>,
}

impl Writing {
    fn answers(&self) -> Vec<Spent> {
        self.earlier.iter().cloned().chain(self.tally.calls()).collect()
    }
}

/// The rows of all answers that a decision charges.
pub(super) fn charges(spec: &Spec, effects: &[Effect], at: Timestamp) -> impl Iterator<Item = ChargeRow> {
    let answers = effects.iter().filter_map(|effect| match effect {
        Effect::ChargeAnswers(answers) => Some(answers),
        Effect::Begin { .. }
        | Effect::Generate { .. }
        | Effect::Acquire { .. }
        | Effect::Deploy { .. }
        | Effect::Abandon
        | Effect::SetTimeout { .. }
        | Effect::Release { .. }
        | Effect::Charge(_)
        | Effect::Used { .. }
        | Effect::Alarm { .. }
        | Effect::Publish(_)
        | Effect::Settle
        | Effect::Stop => None,
    });
    answers.flatten().flat_map(move |(place, spent)| rows(spec, *place, spent, at))
}

/// The rows of one answer: its place and model, and the day of the prices, are the charge's source.
fn rows(spec: &Spec, place: usize, spent: &Spent, at: Timestamp) -> impl Iterator<Item = ChargeRow> + use<> {
    let Spent { model, usage, costs, priced } = spent;
    let kinds = [
        (ChargeKind::InputTokens, costs.input, usage.input),
        (ChargeKind::OutputTokens, costs.output, usage.output),
        (ChargeKind::CacheWriteTokens, costs.cache_write, usage.cache_write_5m.saturating_add(usage.cache_write_1h)),
        (ChargeKind::CacheReadTokens, costs.cache_read, usage.cache_read),
    ];
    let (session, user, source) =
        (spec.id, spec.user.clone(), format!("answer {place} of {model}, prices of {priced}"));
    kinds.into_iter().filter(|(_, _, tokens)| *tokens > 0).map(move |(kind, amount, tokens)| ChargeRow {
        session,
        user: user.clone(),
        kind,
        source: source.clone(),
        amount,
        quantity: i64::try_from(tokens).unwrap_or(i64::MAX),
        at,
    })
}

impl SessionActor {
    /// Has Claude write the app.
    pub(super) fn write(&mut self, attempt: Attempt, author: Author, ctx: &mut Context<Self>) {
        let (prompt, app_type) = (self.session.spec.prompt.clone(), self.session.spec.app_type);
        let (runtimes, budget) = (self.parts.generators.runtimes(), self.money_for_words());
        let internet = self.parts.generators.config().internet;
        self.work_on(
            attempt,
            move |tally, report| {
                Box::pin(async move {
                    let wish = Wish { prompt: &prompt, app_type, runtimes, internet };
                    author.write(&Order { wish, budget }, &tally, |heard| note(&heard, &report)).await
                })
            },
            move |this, written, ctx| {
                let outcome = this.generated(written).map(|artifact| this.keep_artifact(artifact));
                ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Generated(outcome) }));
            },
            ctx,
        );
    }

    /// Decides what follows a deployment that failed.
    pub(super) fn broken(&mut self, attempt: Attempt, failure: &DeployFailure, ctx: &mut Context<Self>) {
        let shown = Failure::from(failure);
        self.logs.flush(Timestamp::now());
        self.logs.push(Source::Engine, &shown.message, Timestamp::now());
        let internet = self.parts.generators.config().internet;
        let failed = |failure| Signal::Outcome { attempt, outcome: Outcome::Deployed(Err(failure)) };
        let (Some(diagnostic), Some(artifact)) = (diagnostic(failure, internet), self.artifact.clone()) else {
            return self.tell(failed(shown), ctx);
        };
        let print = fingerprint(&diagnostic);
        let seen = self.failures.contains(&print);
        self.failures.push(print);
        // The built-in apps are right: what is wrong with them is no slip of a model.
        if seen || artifact.origin.generator != "claude" {
            return self.tell(failed(shown), ctx);
        }
        if let Some((better, repair)) = mend(&artifact, &diagnostic)
            && let Ok(better) = self.inspected(better)
        {
            let again = self.mended(better, &shown, repair.did);
            return self.tell(failed(again), ctx);
        }
        match self.parts.generators.author().cloned() {
            Some(author) => self.ask_to_mend(attempt, author, artifact, diagnostic, shown, ctx),
            None => self.tell(failed(shown), ctx),
        }
    }

    /// Has Claude mend the app; the sandbox is kept meanwhile, and a fresh one follows.
    fn ask_to_mend(
        &mut self,
        attempt: Attempt,
        author: Author,
        artifact: Arc<Artifact>,
        diagnostic: Diagnostic,
        shown: Failure,
        ctx: &mut Context<Self>,
    ) {
        let (prompt, app_type) = (self.session.spec.prompt.clone(), self.session.spec.app_type);
        let (runtimes, budget) = (self.parts.generators.runtimes(), self.money_for_words());
        let internet = self.parts.generators.config().internet;
        let mut words = shown.message.clone() + "\n" + &diagnostic.output;
        if let Some(package) = unobtainable(&artifact, &diagnostic) {
            words += &format!("\nThe package {package} cannot be installed: do without it.");
        }
        let failing: Vec<String> = artifact
            .files
            .iter()
            .map(|file| file.path.clone())
            .filter(|path| diagnostic.output.contains(path))
            .collect();
        self.work_on(
            attempt,
            move |tally, report| {
                Box::pin(async move {
                    let wish = Wish { prompt: &prompt, app_type, runtimes, internet };
                    let broken = Broken { artifact: &artifact, diagnostic: &words, failing: &failing };
                    author.mend(&Order { wish, budget }, &broken, &tally, |heard| note(&heard, &report)).await
                })
            },
            move |this, written, ctx| {
                let better = written.map_err(|error| Failure::from(&error)).and_then(|better| this.inspected(better));
                let failure = match better {
                    Ok(better) => this.mended(better, &shown, "Claude mended it"),
                    Err(why) => {
                        let message = format!("{} Claude could not mend it: {}", shown.message, why.message);
                        Failure { message, ..shown }
                    }
                };
                ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Deployed(Err(failure)) }));
            },
            ctx,
        );
    }

    /// Stops whatever is being written, and tells what it has cost.
    pub(super) fn stop_writing(&mut self, ctx: &mut Context<Self>) {
        if let Some(writing) = self.writing.take() {
            // Dropped here and now, not at the context's leisure: the tally is final after that.
            drop(writing.slot.borrow_mut().take());
            ctx.notify(Reached(Signal::Spent { answers: writing.answers(), last: true }));
        }
    }

    fn work_on(
        &mut self,
        attempt: Attempt,
        work: impl FnOnce(Tally, mpsc::Sender<String>) -> LocalBoxFuture<'static, Written>,
        done: impl FnOnce(&mut Self, Written, &mut Context<Self>) + 'static,
        ctx: &mut Context<Self>,
    ) {
        let (tally, (report, notes)) = (Tally::default(), mpsc::channel(NOTES_WAITING));
        let work = Box::pin(work(tally.clone(), report).instrument(self.span.clone()));
        let slot: Slot = Rc::new(RefCell::new(Some(work)));
        self.writing = Some(Writing { slot: slot.clone(), tally, earlier: self.session.answers.clone() });
        let working = std::future::poll_fn(move |cx| {
            let mut slot = slot.borrow_mut();
            let Some(work) = slot.as_mut() else { return Poll::Ready(None) };
            let polled = work.as_mut().poll(cx);
            if polled.is_ready() {
                *slot = None;
            }
            polled.map(Some)
        });
        ctx.spawn(working.into_actor(self).map(|written, this, ctx| {
            // `None` was stopped, and has told its bill.
            let (Some(written), Some(writing)) = (written, this.writing.take()) else { return };
            // Told first, so that it is kept whatever `done` leads to; it only sends itself a message.
            this.tell(Signal::Spent { answers: writing.answers(), last: false }, ctx);
            done(this, written, ctx);
        }));
        ctx.add_message_stream(tokio_stream_of(notes).map(move |text| Noted { attempt, text }));
    }

    /// Claude's app, or the built-in one in its place.
    fn generated(&mut self, written: Written) -> Result<Artifact, Failure> {
        let (failure, may) = match written.map(|artifact| self.inspected(artifact)) {
            Ok(Ok(artifact)) => return Ok(artifact),
            Ok(Err(blocked)) => (blocked, true),
            Err(error) => (Failure::from(&error), may_fall_back(&error)),
        };
        if may && self.parts.generators.config().fallback {
            let artifact = self.built_in(Some(&failure))?;
            self.inspected(artifact)
        } else {
            Err(failure)
        }
    }

    /// Takes the mended app, and gives the failure that leads to its deployment.
    fn mended(&mut self, better: Artifact, shown: &Failure, did: &str) -> Failure {
        self.logs.push(Source::Engine, &format!("mended: {did}"), Timestamp::now());
        self.artifact = Some(Arc::new(better));
        self.artifact_stored = false;
        let message = format!("{}; mended: {did}", shown.message.trim_end_matches('.'));
        Failure { message, retryable: true, ..shown.clone() }
    }

    /// What is left for answers when the sandbox's whole time is set aside.
    fn money_for_words(&self) -> MicroUsd {
        self.session.spec.budget - self.session.estimated_cost()
    }
}

/// What of a failure a repair can use; `None` when the app is not to blame.
fn diagnostic(failure: &DeployFailure, internet: bool) -> Option<Diagnostic> {
    let (trouble, output) = match failure {
        DeployFailure::Build { output, .. } => (Trouble::Build, output.clone()),
        DeployFailure::Start { exit, output } => (Trouble::Ended(*exit), output.clone()),
        DeployFailure::NotListening { output, .. } => (Trouble::Deaf, output.clone()),
        DeployFailure::Check { name, expected, got, output } => {
            (Trouble::Check, format!("{output}\ncheck {name:?} expected {expected}, got {got}"))
        }
        DeployFailure::Upload(_) | DeployFailure::Sandbox(_) => return None,
    };
    Some(Diagnostic { trouble, output, internet })
}

/// One line for whoever waits. A full channel drops it: the outcome comes another way.
fn note(heard: &Heard<'_>, report: &mpsc::Sender<String>) {
    let text = match heard {
        Heard::Asked(attempt) => format!("asking {}", attempt.model),
        Heard::Progress(Progress::Closed(file)) => format!("wrote {} ({} bytes)", file.path, file.content.len()),
        Heard::Progress(Progress::Opened { .. } | Progress::Grew { .. } | Progress::Described(_)) => return,
        Heard::GoesOn => "the answer was cut off; asking for the rest".to_owned(),
        Heard::Failed { error, .. } => Failure::from(*error).message,
    };
    let _ = report.try_send(text);
}

/// The author reports.
#[derive(Message)]
#[rtype(result = "()")]
struct Noted {
    attempt: Attempt,
    text: String,
}

impl Handler<Noted> for SessionActor {
    type Result = ();

    fn handle(&mut self, Noted { attempt, text }: Noted, ctx: &mut Self::Context) {
        self.logs.push(Source::Engine, &text, Timestamp::now());
        // The prompt is paid from the beginning of an answer on.
        if let Some(writing) = &self.writing {
            ctx.notify(Reached(Signal::Spent { answers: writing.answers(), last: false }));
        }
        self.tell(Signal::Outcome { attempt, outcome: Outcome::Note(text) }, ctx);
    }
}
