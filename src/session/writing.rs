//! Claude writes for a session: the app at first, and what mends it when it does not come to life.
//!
//! ```text
//!   Generate ─► author.write ─┬─ an app ──► guard, and back once (`clearing`) ──► Generated
//!                             ├─ none, and a template may serve ─► built-in ─► guard ─► Generated(Ok), with the reason
//!                             └─ none ──────────────────────────────────────────► Generated(Err)
//! ```
//! While it writes, each whole file goes to `staging`, and all of it to `manuscript`, for those who watch.
//!
//! The work is a future that this actor can drop at once: that closes the stream, and only then is the bill final. Bills
//! are told as they grow, and a last time when the work ends, however it does; so is who was asked.

use std::{cell::RefCell, rc::Rc, task::Poll, time::Duration};

use actix::prelude::*;
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::{
    actor::SessionActor,
    history::{Trial, remember},
    logs::Source,
    manuscript::Manuscript,
    signal::{Outcome, Signal},
    staging::{FILES_WAITING, Staging},
    state::Attempt,
    work::{Reached, tokio_stream_of},
};
use crate::{
    events::Frame,
    generator::{
        author::{Author, Heard, Order, Spent, Tally, WriteError, may_fall_back},
        prompting::{Template, Wish},
        writing::Progress,
    },
    types::{AppFile, Artifact, Failure, Timestamp},
};

/// Notes that the actor has not read yet; what is past that is not shown.
const NOTES_WAITING: usize = 64;
/// How often those who watch are shown what was written.
const SHOWN_EVERY: Duration = Duration::from_millis(100);

pub(super) type Written = Result<Artifact, WriteError>;
/// The work, until it is done or stopped.
type Slot = Rc<RefCell<Option<LocalBoxFuture<'static, Written>>>>;
type Trials = Rc<RefCell<Vec<Trial>>>;

/// What is being written, who was asked for it, and what it has cost so far.
pub(super) struct Writing {
    slot: Slot,
    tally: Tally,
    trials: Trials,
    manuscript: Rc<RefCell<Manuscript>>,
    /// Answers that have begun when the bill was told last.
    begun: usize,
    /// Shows the manuscript, and the bill when another answer has begun.
    showing: SpawnHandle,
    /// The answers of before.
    earlier: Vec<Spent>,
}

impl Writing {
    fn bill(&self, last: bool) -> Signal {
        let answers = self.earlier.iter().cloned().chain(self.tally.calls()).collect();
        Signal::Spent { answers, trials: self.trials.borrow().clone(), last }
    }
}

/// What listens to an author.
pub(super) struct Ear {
    notes: mpsc::Sender<String>,
    manuscript: Rc<RefCell<Manuscript>>,
    /// For an app. One that mends is no new trial, and its files go into a sandbox of their own.
    app: Option<(Trials, mpsc::Sender<AppFile>)>,
}

impl Ear {
    pub(super) fn hear(&self, heard: &Heard<'_>) {
        match heard {
            Heard::Asked(attempt) => {
                if let Some((trials, _)) = &self.app {
                    let prompt = match attempt.template {
                        Template::Full => "full",
                        Template::Simple => "simple",
                    };
                    let (generator, model) = ("claude".to_owned(), attempt.model.clone());
                    let trial = Trial { generator, model, prompt: Some(prompt.to_owned()), error: None };
                    remember(&mut trials.borrow_mut(), trial);
                }
                self.note(format!("asking {}", attempt.model));
            }
            Heard::Progress(progress) => self.progress(progress),
            Heard::GoesOn => self.note("the answer was cut off; asking for the rest".to_owned()),
            Heard::Failed { error, .. } => {
                let failure = Failure::from(*error);
                self.note(failure.message.clone());
                if let Some((trials, _)) = &self.app {
                    failed(trials, failure);
                }
            }
        }
    }

    fn progress(&self, progress: &Progress<'_>) {
        let mut manuscript = self.manuscript.borrow_mut();
        match progress {
            Progress::Opened { path } => manuscript.open(path),
            Progress::Grew { path, bytes } => manuscript.grow(path, bytes),
            Progress::Closed(file) => {
                manuscript.close(&file.path);
                self.note(format!("wrote {} ({} bytes)", file.path, file.content.len()));
                if let Some((_, files)) = &self.app {
                    // One that finds no place is brought by the deployment.
                    let _ = files.try_send((*file).clone());
                }
            }
            Progress::Described(_) => {}
        }
    }

    /// One line for whoever waits. A full channel drops it: the outcome comes another way.
    fn note(&self, text: String) {
        let _ = self.notes.try_send(text);
    }
}

/// Whoever was asked last could not, or what it brought cannot be used.
fn failed(trials: &Trials, failure: Failure) {
    if let Some(last) = trials.borrow_mut().last_mut() {
        last.error.get_or_insert(failure);
    }
}

impl SessionActor {
    /// Has Claude write the app.
    pub(super) fn write(&mut self, attempt: Attempt, author: Author, ctx: &mut Context<Self>) {
        let (prompt, app_type) = (self.session.spec.prompt.clone(), self.session.spec.app_type);
        let (runtimes, budget) = (self.parts.generators.runtimes(), self.session.words_left());
        let (internet, within) =
            (self.parts.generators.config().internet, self.session.time_for_words(Timestamp::now()));
        let (files, whole) = mpsc::channel(FILES_WAITING);
        self.staging = Some(Staging::Waiting(whole));
        self.work_on(
            attempt,
            Some(files),
            move |tally, ear| {
                Box::pin(async move {
                    let wish = Wish { prompt: &prompt, app_type, runtimes, internet };
                    author.write(&Order { wish, budget, within }, &tally, |heard| ear.hear(&heard)).await
                })
            },
            move |this, written, _, ctx| this.written(attempt, written, ctx),
            ctx,
        );
    }

    /// Claude's app, or what follows when there is none.
    fn written(&mut self, attempt: Attempt, written: Written, ctx: &mut Context<Self>) {
        match written {
            Ok(artifact) => {
                let then = move |this: &mut Self, read: Result<Artifact, Failure>, ctx: &mut Context<Self>| {
                    if let Err(blocked) = &read {
                        this.disown(blocked, ctx);
                    }
                    this.generated(attempt, read, ctx);
                };
                self.admit(attempt, artifact, ctx, Box::new(then));
            }
            Err(error) if may_fall_back(&error) => self.fall_back(attempt, Failure::from(&error), ctx),
            Err(error) => self.generated(attempt, Err(Failure::from(&error)), ctx),
        }
    }

    /// Notes that the app which was written last cannot be used.
    fn disown(&mut self, why: &Failure, ctx: &mut Context<Self>) {
        let mut trials = self.session.trials.clone();
        if let Some(last) = trials.last_mut() {
            last.error.get_or_insert_with(|| why.clone());
        }
        self.tell(Signal::Spent { answers: self.session.answers.clone(), trials, last: false }, ctx);
    }

    /// The built-in app in the place of Claude's, if that is wanted.
    fn fall_back(&mut self, attempt: Attempt, failure: Failure, ctx: &mut Context<Self>) {
        let waited_for = attempt == self.session.attempt;
        if !waited_for || !self.parts.generators.config().fallback {
            return self.generated(attempt, Err(failure), ctx);
        }
        match self.built_in(Some(&failure)) {
            Ok(artifact) => {
                self.admit(attempt, artifact, ctx, Box::new(move |this, read, ctx| this.generated(attempt, read, ctx)))
            }
            Err(failure) => self.generated(attempt, Err(failure), ctx),
        }
    }

    /// Stops whatever is being written, and tells what it has cost.
    pub(super) fn stop_writing(&mut self, ctx: &mut Context<Self>) {
        if let Some(writing) = self.writing.take() {
            ctx.cancel_future(writing.showing);
            // Dropped here and now, not at the context's leisure: the tally is final after that.
            drop(writing.slot.borrow_mut().take());
            ctx.notify(Reached(writing.bill(true)));
        }
    }

    /// Has something written, and tells on the way what it costs and how it looks. `done` hears the tokens that were used.
    pub(super) fn work_on(
        &mut self,
        attempt: Attempt,
        files: Option<mpsc::Sender<AppFile>>,
        work: impl FnOnce(Tally, Ear) -> LocalBoxFuture<'static, Written>,
        done: impl FnOnce(&mut Self, Written, u64, &mut Context<Self>) + 'static,
        ctx: &mut Context<Self>,
    ) {
        let (tally, (report, notes)) = (Tally::default(), mpsc::channel(NOTES_WAITING));
        let (trials, manuscript) = (Trials::new(self.session.trials.clone().into()), Rc::default());
        let app = files.map(|files| (trials.clone(), files));
        let ear = Ear { notes: report, manuscript: Rc::clone(&manuscript), app };
        let work = Box::pin(work(tally.clone(), ear).instrument(self.span.clone()));
        let slot: Slot = Rc::new(RefCell::new(Some(work)));
        let showing = ctx.run_interval(SHOWN_EVERY, |this, ctx| {
            this.show_writing();
            this.tell_prompt(ctx);
        });
        let earlier = self.session.answers.clone();
        self.writing = Some(Writing { slot: slot.clone(), tally, trials, manuscript, begun: 0, showing, earlier });
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
            this.show_writing();
            // `None` was stopped, and has told its bill.
            let (Some(written), Some(writing)) = (written, this.writing.take()) else { return };
            ctx.cancel_future(writing.showing);
            // Told first, so that it is kept whatever `done` leads to; that only sends messages, or begins to read.
            this.tell(writing.bill(false), ctx);
            done(this, written, writing.tally.usage().total(), ctx);
        }));
        ctx.add_message_stream(tokio_stream_of(notes).map(move |text| Noted { attempt, text }));
    }

    /// Shows those who watch what was written since the last time.
    fn show_writing(&mut self) {
        let Some(writing) = &self.writing else { return };
        let pieces = writing.manuscript.borrow_mut().news();
        let (id, now) = (self.session.spec.id, Timestamp::now());
        let frames: Vec<Frame> = pieces.iter().map(|piece| Frame::passing(id, now, piece)).collect();
        self.pass(&frames);
    }

    /// The prompt is paid from the beginning of an answer on, whatever becomes of the rest.
    fn tell_prompt(&mut self, ctx: &mut Context<Self>) {
        let Some(writing) = &mut self.writing else { return };
        let begun = writing.tally.begun();
        if begun > writing.begun {
            writing.begun = begun;
            let bill = writing.bill(false);
            self.tell(bill, ctx);
        }
    }

    /// What was shown until now, for who begins to watch.
    pub(super) fn written_so_far(&self) -> Vec<Frame> {
        let Some(writing) = &self.writing else { return Vec::new() };
        let (id, now) = (self.session.spec.id, Timestamp::now());
        writing.manuscript.borrow().so_far().iter().map(|piece| Frame::passing(id, now, piece)).collect()
    }
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
        self.life.reached("Noted");
        self.logs.push(Source::Engine, &text, Timestamp::now());
        if let Some(writing) = &self.writing {
            ctx.notify(Reached(writing.bill(false)));
        }
        self.tell(Signal::Outcome { attempt, outcome: Outcome::Note(text) }, ctx);
    }
}
