//! Asking, reading, and asking for the rest: the shell around the plan, the draft and the client.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{error, info, warn};

use super::{
    Attempt, Tally, Words, WriteError,
    plan::{first, next},
    tally::Metered,
};
use crate::{
    generator::{
        answer::Nonce,
        claude::{ClaudeError, Client, Event, MessagesRequest, Model, StopReason},
        prompting::{Broken, Wish, continuation, optimize_prompt, repair, spend},
        writing::{Draft, Made, Outcome, Progress, Rough, Stop},
    },
    types::{Artifact, MicroUsd},
};

/// What is ordered.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub wish: Wish<'a>,
    /// What all answers together may cost.
    pub budget: MicroUsd,
    /// How long they may take, where that is less than the client's own patience.
    pub within: Duration,
}

/// What is asked, of whom, and how much time and money all answers to it may take.
struct Asked<'a> {
    request: MessagesRequest,
    model: &'a Model,
    budget: MicroUsd,
    deadline: Instant,
}

/// What a listener hears.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// Somebody is asked.
    Asked(&'a Attempt),
    Progress(Progress<'a>),
    /// The answer was cut, and the rest is asked for.
    GoesOn,
    /// It came to nothing; what is asked next follows, if anything is.
    Failed {
        attempt: &'a Attempt,
        error: &'a WriteError,
    },
}

/// Writes apps by asking Claude. For one arbiter.
#[derive(Clone)]
pub struct Author {
    client: Client,
}

impl Author {
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// What the answers to a wish of so many bytes cost.
    #[must_use]
    pub fn estimate(&self, prompt_bytes: usize) -> Words {
        let config = self.client.config();
        // One whose price is not known is not asked either.
        config.model(&config.model).map(|model| Words::of(&model, prompt_bytes)).unwrap_or_default()
    }

    /// Writes an app. Drop the future to stop: `tally` has what was used by then.
    ///
    /// # Errors
    /// What the last attempt came to.
    pub async fn write(
        &self,
        order: &Order<'_>,
        tally: &Tally,
        mut heard: impl FnMut(Heard<'_>),
    ) -> Result<Artifact, WriteError> {
        let (config, deadline) = (self.client.config(), self.deadline(order));
        let mut attempt = first(config);
        let mut before: Option<WriteError> = None;
        loop {
            heard(Heard::Asked(&attempt));
            let error = match self.attempt(order, &attempt, deadline, tally, &mut heard).await {
                Ok(artifact) => {
                    let usage = tally.usage();
                    info!(
                        model = attempt.model,
                        files = artifact.files.len(),
                        tokens = usage.total(),
                        "Claude wrote an app"
                    );
                    return Ok(artifact);
                }
                Err(error) => error,
            };
            warn!(model = attempt.model, template = ?attempt.template, error = %code(&error), "an answer was no app");
            heard(Heard::Failed { attempt: &attempt, error: &error });
            let after = next(config, &attempt, &error);
            // That the money does not last for another answer is no reason of its own.
            let reason = match (before.take(), error) {
                (Some(before), WriteError::TooLittle(_)) => before,
                (_, error) => error,
            };
            let Some(after) = after else { return Err(reason) };
            (attempt, before) = (after, Some(reason));
        }
    }

    /// Mends an app that did not come to life: one round.
    ///
    /// # Errors
    /// As [`write`](Self::write), of one attempt.
    pub async fn mend(
        &self,
        order: &Order<'_>,
        broken: &Broken<'_>,
        tally: &Tally,
        mut heard: impl FnMut(Heard<'_>),
    ) -> Result<Artifact, WriteError> {
        let attempt = first(self.client.config());
        let model = self.client.model(&attempt.model).map_err(WriteError::Unpriced)?;
        heard(Heard::Asked(&attempt));
        let nonce = nonce();
        let request = repair(&order.wish, broken, &nonce, &model);
        let draft = Draft::mending(nonce, broken.artifact);
        let asked = Asked { request, model: &model, budget: order.budget, deadline: self.deadline(order) };
        self.converse(asked, draft, tally, &mut heard).await
    }

    fn deadline(&self, order: &Order<'_>) -> Instant {
        self.client.deadline().min(Instant::now() + order.within)
    }

    async fn attempt(
        &self,
        order: &Order<'_>,
        attempt: &Attempt,
        deadline: Instant,
        tally: &Tally,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<Artifact, WriteError> {
        let model = self.client.model(&attempt.model).map_err(WriteError::Unpriced)?;
        let nonce = nonce();
        let request = optimize_prompt(&order.wish, attempt.template, &nonce, &model);
        let asked = Asked { request, model: &model, budget: order.budget, deadline };
        self.converse(asked, Draft::new(nonce), tally, heard).await
    }

    /// Asks, and for the rest as long as the draft wants it.
    async fn converse(
        &self,
        asked: Asked<'_>,
        mut draft: Draft,
        tally: &Tally,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<Artifact, WriteError> {
        let Asked { request: first, model, budget, deadline } = asked;
        let made = Made { model: &model.id };
        let before = draft.files().len();
        let mut request = first.clone();
        loop {
            let bounds = spend(budget - tally.cost(), model, request.bytes())?;
            let bounded = bounds.applied(request, model);
            let priced = &self.client.config().catalog.as_of;
            let stream = self.client.open_until(&bounded, deadline).await?;
            let stop = self.read(Metered::new(stream, tally, model, priced), &mut draft, heard).await?;
            match draft.judge(&stop, made, |progress| heard(Heard::Progress(progress))) {
                Outcome::Whole(rough) => return polished(*rough).await,
                Outcome::Failed(no_app) => return Err(no_app.into()),
                Outcome::Continue { cut } => {
                    heard(Heard::GoesOn);
                    // Nothing came at all: it is as if it had not been asked.
                    request = if cut.is_none() && draft.files().len() == before {
                        first.clone()
                    } else {
                        continuation(&first, draft.files(), cut.as_deref(), draft.nonce())
                    };
                }
            }
        }
    }

    /// One answer into the draft. An answer that breaks is no error here: what is whole of it counts.
    async fn read(
        &self,
        mut stream: Metered<'_>,
        draft: &mut Draft,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<Stop, ClaudeError> {
        let mut reason: Option<StopReason> = None;
        loop {
            match stream.next().await {
                Ok(Some(Event::Text(text))) => {
                    if draft.push(&text, |progress| heard(Heard::Progress(progress))).is_err() {
                        // Dropping the stream stops the rest, and paying for it.
                        return Ok(Stop::Said(None));
                    }
                }
                Ok(Some(Event::Stopping { reason: why, .. })) => reason = why.or(reason),
                Ok(Some(Event::Begun(_) | Event::Silent(_) | Event::Other)) => {}
                Ok(Some(Event::Ended) | None) => return Ok(Stop::Said(reason)),
                // It had said why it stops, so nothing is missing but the last word.
                Err(_) if reason.is_some() => return Ok(Stop::Said(reason)),
                Err(error) if error.is_retryable() => {
                    warn!(code = error.code(), "an answer broke off");
                    return Ok(Stop::Broke);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Apart from the thread that all sessions share. A fault of ours in there does not cost the app that was paid for.
async fn polished(rough: Rough) -> Result<Artifact, WriteError> {
    let kept = rough.clone();
    let polishing = actix_rt::task::spawn_blocking(move || rough.polished());
    let polished = polishing.await.unwrap_or_else(|fault| {
        error!(%fault, "an app could not be polished; taken as it was written");
        kept.unpolished()
    });
    Ok(polished?)
}

/// Random, so that no prompt can have known it.
fn nonce() -> Nonce {
    Nonce::new(getrandom::u64().unwrap_or_else(|_| uuid::Uuid::new_v4().as_u64_pair().0))
}

/// For the log: an answer's own words stay out of it.
fn code(error: &WriteError) -> &'static str {
    match error {
        WriteError::Claude(error) => error.code(),
        WriteError::NoApp(no_app) => no_app.code(),
        WriteError::TooLittle(_) => "claude_over_budget",
        WriteError::Unpriced(_) => "claude_unpriced_model",
    }
}
