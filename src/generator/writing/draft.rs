//! What is written so far, over as many answers as it takes.

use super::{Made, NoApp, Rough, assemble};
use crate::{
    generator::{
        answer::{AnswerError, Decoder, Ending, Flaw, Manifest, Nonce, Part},
        claude::StopReason,
    },
    types::{AppFile, Artifact},
};

/// How often the rest of an answer is asked for.
pub const CONTINUATIONS_MAX: u32 = 3;
/// Flaws that are remembered; an answer of flaws alone is as bounded as any.
const FLAWS_MAX: usize = 32;

/// What a listener hears while the model writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    Opened {
        path: &'a str,
    },
    /// By these bytes, which may be cut inside of a character.
    Grew {
        path: &'a str,
        bytes: &'a [u8],
    },
    /// Whole: it can be read and uploaded.
    Closed(&'a AppFile),
    /// What the app needs is known; dependencies can be installed.
    Described(&'a Manifest),
}

/// Why no more text comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model stopped; `None` when the server did not say why.
    Said(Option<StopReason>),
    /// The connection broke, or stayed silent.
    Broke,
}

/// What the text has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Whole(Box<Rough>),
    /// Ask for the rest, beginning with the file that was cut.
    Continue {
        cut: Option<String>,
    },
    Failed(NoApp),
}

/// Collects the files of one app.
#[derive(Debug)]
pub struct Draft {
    nonce: Nonce,
    decoder: Decoder,
    book: Book,
    continued: u32,
}

#[derive(Debug, Default)]
struct Book {
    files: Vec<AppFile>,
    open: Option<(String, Vec<u8>)>,
    manifest: Option<Manifest>,
    flaws: Vec<Flaw>,
}

impl Draft {
    #[must_use]
    pub fn new(nonce: Nonce) -> Self {
        Self { decoder: Decoder::new(&nonce), nonce, book: Book::default(), continued: 0 }
    }

    /// A draft that begins with the files of an app which is being mended: what is written again replaces them.
    #[must_use]
    pub fn mending(nonce: Nonce, artifact: &Artifact) -> Self {
        let mut draft = Self::new(nonce);
        draft.book.files.clone_from(&artifact.files);
        draft.book.manifest = Some(Manifest {
            runtime: Some(artifact.runtime),
            start: Some(artifact.start.clone()),
            build: artifact.build.clone(),
            without_build: artifact.build.is_none(),
            port: Some(artifact.port.get()),
            dependencies: artifact.dependencies.clone(),
            checks: artifact.checks.clone(),
            summary: None,
        });
        draft
    }

    #[must_use]
    pub const fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// The files that are whole.
    #[must_use]
    pub fn files(&self) -> &[AppFile] {
        &self.book.files
    }

    /// What was wrong and did no harm.
    #[must_use]
    pub fn flaws(&self) -> &[Flaw] {
        &self.book.flaws
    }

    /// How often the rest was asked for.
    #[must_use]
    pub const fn continued(&self) -> u32 {
        self.continued
    }

    /// Reads on.
    ///
    /// # Errors
    /// [`AnswerError`]: stop reading, and paying; [`judge`](Self::judge) says the rest.
    pub fn push(&mut self, text: &str, mut heard: impl FnMut(Progress<'_>)) -> Result<(), AnswerError> {
        let book = &mut self.book;
        self.decoder.push(text.as_bytes(), |part| book.take(part, &mut heard))
    }

    /// What it has come to, now that no more text comes. After [`Outcome::Continue`] the rest may be pushed.
    pub fn judge(&mut self, stop: &Stop, made: Made<'_>, mut heard: impl FnMut(Progress<'_>)) -> Outcome {
        // Asking for nothing tells whether the answer was stopped.
        if let Err(error) = self.decoder.push(b"", |_| ()) {
            return Outcome::Failed(NoApp::Hostile(error));
        }
        let decoder = std::mem::replace(&mut self.decoder, Decoder::new(&self.nonce));
        let book = &mut self.book;
        let ending = decoder.finish(meant_to_end(stop), |part| book.take(part, &mut heard));
        self.book.open = None;
        match stop {
            Stop::Said(Some(StopReason::Refusal(category))) => {
                Outcome::Failed(NoApp::Refused { category: category.clone() })
            }
            Stop::Said(_) | Stop::Broke if ending.said_so || meant_to_end(stop) => self.assemble(&ending, made),
            Stop::Said(_) | Stop::Broke if self.continued >= CONTINUATIONS_MAX => {
                Outcome::Failed(NoApp::CutTooOften { times: self.continued + 1 })
            }
            Stop::Said(_) | Stop::Broke => {
                self.continued += 1;
                Outcome::Continue { cut: ending.cut }
            }
        }
    }

    fn assemble(&self, ending: &Ending, made: Made<'_>) -> Outcome {
        let Book { files, manifest, .. } = &self.book;
        if files.is_empty() {
            return Outcome::Failed(if ending.foreign {
                NoApp::WrongNonce
            } else if ending.prose.is_empty() {
                NoApp::Empty
            } else {
                NoApp::prose(&ending.prose)
            });
        }
        Outcome::Whole(Box::new(assemble::rough(files, manifest.clone().unwrap_or_default(), made)))
    }
}

/// Whether the model stopped because it had said everything.
const fn meant_to_end(stop: &Stop) -> bool {
    match stop {
        Stop::Broke => false,
        Stop::Said(None) => true,
        Stop::Said(Some(reason)) => match reason {
            StopReason::EndTurn | StopReason::StopSequence | StopReason::ToolUse | StopReason::Unknown(_) => true,
            StopReason::MaxTokens | StopReason::PauseTurn | StopReason::ContextFull | StopReason::Refusal(_) => false,
        },
    }
}

impl Book {
    fn take(&mut self, part: Part<'_>, heard: &mut impl FnMut(Progress<'_>)) {
        match part {
            Part::Manifest(manifest) => {
                heard(Progress::Described(&manifest));
                self.manifest = Some(match self.manifest.take() {
                    Some(before) => merged(before, manifest),
                    None => manifest,
                });
            }
            Part::Open { path } => {
                heard(Progress::Opened { path: &path });
                self.open = Some((path, Vec::new()));
            }
            Part::Chunk(bytes) => {
                if let Some((path, content)) = &mut self.open {
                    content.extend_from_slice(bytes);
                    heard(Progress::Grew { path, bytes });
                }
            }
            Part::Close => {
                if let Some((path, content)) = self.open.take() {
                    let content = String::from_utf8(content)
                        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
                    let file = AppFile { path, content };
                    heard(Progress::Closed(&file));
                    match self.files.iter_mut().find(|other| other.path == file.path) {
                        Some(other) => *other = file,
                        None => self.files.push(file),
                    }
                }
            }
            Part::End => {}
            Part::Flaw(flaw) => {
                if self.flaws.len() < FLAWS_MAX {
                    self.flaws.push(flaw);
                }
            }
        }
    }
}

/// A later manifest wins field by field, so that a repair need not repeat what stays.
fn merged(before: Manifest, after: Manifest) -> Manifest {
    let list = |before: Vec<_>, after: Vec<_>| if after.is_empty() { before } else { after };
    Manifest {
        runtime: after.runtime.or(before.runtime),
        start: after.start.or(before.start),
        build: if after.without_build { None } else { after.build.or(before.build) },
        without_build: after.without_build,
        port: after.port.or(before.port),
        dependencies: if after.dependencies.is_empty() { before.dependencies } else { after.dependencies },
        checks: list(before.checks, after.checks),
        summary: after.summary.or(before.summary),
    }
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
