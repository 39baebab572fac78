//! The decoder: bytes in, parts out.

use std::collections::HashSet;

use super::{
    Misplaced, Nonce,
    manifest::{MANIFEST_MAX, Manifest},
    place,
    tag::{Look, Tag, Tags, is_foreign},
};

/// Files of one answer.
pub const FILES_MAX: usize = 500;
/// Bytes of one file.
pub const FILE_MAX: usize = 1024 * 1024;
/// Bytes of all files together.
pub const FILES_SIZE_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a whole answer, prose and tags included.
pub const ANSWER_MAX: usize = 16 * 1024 * 1024;
/// Bytes of prose that are kept, to say what came instead of files.
const PROSE_KEPT: usize = 400;

/// What comes out. Chunks of one file follow each other; where they are cut means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Manifest(Manifest),
    /// A file begins. One of the same path replaces the earlier one.
    Open {
        path: String,
    },
    Chunk(&'a [u8]),
    /// The file is whole.
    Close,
    /// The model said that it has written everything.
    End,
    Flaw(Flaw),
}

/// What was wrong and did no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The path was understood as another one.
    Path { given: String },
    /// The same path came before; the later file counts.
    Again { path: String },
    /// A file's end was missing, and another tag showed where it is.
    NotClosed { path: String },
    /// The manifest's JSON had to be mended.
    ManifestMended,
    /// The manifest cannot be read, and is as good as missing.
    ManifestUnreadable,
    /// Something looked like our tags but did not have the nonce.
    ForeignTag,
}

/// Why an answer is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    #[error("it has more than {FILES_MAX} files")]
    TooManyFiles,
    #[error("{what} is larger than {max} bytes")]
    TooLarge { what: String, max: usize },
    #[error("the path {path:?} is refused: {why}")]
    Path { path: String, why: Misplaced },
    #[error("a file has no path")]
    NoPath,
}

/// How an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// The file that was being written; it is not whole.
    pub cut: Option<String>,
    /// The model said that it has written everything.
    pub said_so: bool,
    /// The first bytes of what stands outside of all files.
    pub prose: String,
    /// Tags came that looked like ours and were not.
    pub foreign: bool,
}

#[derive(Debug)]
enum State {
    Prose,
    Manifest(Vec<u8>),
    File {
        path: String,
        size: usize,
        start: Start,
    },
    /// What comes after the end means nothing.
    Over,
    Failed(AnswerError),
}

/// The line break after an opening tag is none of the file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Fresh,
    AfterCr,
    Written,
}

/// Reads one answer.
#[derive(Debug)]
pub struct Decoder {
    tags: Tags,
    state: State,
    /// What may become a tag, at most one tag long.
    held: Vec<u8>,
    paths: HashSet<String>,
    /// Bytes of all files, and of everything.
    files_size: usize,
    read: usize,
    prose: Vec<u8>,
    foreign: bool,
}

impl Decoder {
    #[must_use]
    pub fn new(nonce: &Nonce) -> Self {
        Self {
            tags: Tags::new(nonce),
            state: State::Prose,
            held: Vec::new(),
            paths: HashSet::new(),
            files_size: 0,
            read: 0,
            prose: Vec::new(),
            foreign: false,
        }
    }

    /// Reads on.
    ///
    /// # Errors
    /// [`AnswerError`], and the same one ever after.
    pub fn push(&mut self, bytes: &[u8], mut out: impl FnMut(Part<'_>)) -> Result<(), AnswerError> {
        if let State::Failed(error) = &self.state {
            return Err(error.clone());
        }
        self.read += bytes.len();
        let read = if self.read > ANSWER_MAX {
            Err(AnswerError::TooLarge { what: "the answer".to_owned(), max: ANSWER_MAX })
        } else {
            self.read_on(bytes, &mut out)
        };
        if let Err(error) = &read {
            self.state = State::Failed(error.clone());
        }
        read
    }

    /// The text is over. With `whole` the model meant it to be: a file that is still open is closed then.
    pub fn finish(mut self, whole: bool, mut out: impl FnMut(Part<'_>)) -> Ending {
        let mut ending = Ending { foreign: self.foreign, ..Ending::default() };
        match &self.state {
            State::Over => ending.said_so = true,
            State::File { .. } | State::Manifest(_) if whole => self.close_open(&mut out),
            State::File { path, .. } => ending.cut = Some(path.clone()),
            State::Manifest(_) | State::Prose | State::Failed(_) => {}
        }
        ending.prose = String::from_utf8_lossy(&self.prose).trim().to_owned();
        ending
    }

    fn read_on(&mut self, mut rest: &[u8], out: &mut impl FnMut(Part<'_>)) -> Result<(), AnswerError> {
        // What was held grows byte by byte, and no further than to its first wrong one.
        while !self.held.is_empty()
            && let [byte, after @ ..] = rest
        {
            let mut held = std::mem::take(&mut self.held);
            held.push(*byte);
            match self.tags.look(&held) {
                Look::Open => (self.held, rest) = (held, after),
                Look::Found(tag, _) => {
                    self.tag(tag, out)?;
                    rest = after;
                }
                Look::Nothing => {
                    self.foreign(&held, out);
                    held.pop();
                    self.text(&held, out)?;
                }
            }
        }
        let mut from = 0;
        while let Some(at) = rest[from..].iter().position(|byte| *byte == b'<').map(|at| from + at) {
            match self.tags.look(&rest[at..]) {
                Look::Nothing => {
                    self.foreign(&rest[at..], out);
                    from = at + 1;
                }
                Look::Open => {
                    self.text(&rest[..at], out)?;
                    self.held.extend_from_slice(&rest[at..]);
                    return Ok(());
                }
                Look::Found(tag, length) => {
                    self.text(&rest[..at], out)?;
                    self.tag(tag, out)?;
                    (rest, from) = (&rest[at + length..], 0);
                }
            }
        }
        self.text(rest, out)
    }

    fn foreign(&mut self, rest: &[u8], out: &mut impl FnMut(Part<'_>)) {
        if matches!(self.state, State::Prose) && !self.foreign && is_foreign(rest) {
            self.foreign = true;
            out(Part::Flaw(Flaw::ForeignTag));
        }
    }

    fn text(&mut self, mut bytes: &[u8], out: &mut impl FnMut(Part<'_>)) -> Result<(), AnswerError> {
        match &mut self.state {
            State::Prose => {
                let room = PROSE_KEPT - self.prose.len();
                self.prose.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            State::Manifest(text) => {
                if text.len() + bytes.len() > MANIFEST_MAX {
                    return Err(AnswerError::TooLarge { what: "the manifest".to_owned(), max: MANIFEST_MAX });
                }
                text.extend_from_slice(bytes);
            }
            State::File { path, size, start } => {
                bytes = begin(start, bytes, out);
                let room = (FILE_MAX - *size).min(FILES_SIZE_MAX - self.files_size);
                let fitting = &bytes[..bytes.len().min(room)];
                *size += fitting.len();
                self.files_size += fitting.len();
                if !fitting.is_empty() {
                    out(Part::Chunk(fitting));
                }
                if fitting.len() < bytes.len() {
                    return Err(if *size == FILE_MAX {
                        AnswerError::TooLarge { what: format!("the file {path}"), max: FILE_MAX }
                    } else {
                        AnswerError::TooLarge { what: "all files together".to_owned(), max: FILES_SIZE_MAX }
                    });
                }
            }
            State::Over | State::Failed(_) => {}
        }
        Ok(())
    }

    fn tag(&mut self, tag: Tag, out: &mut impl FnMut(Part<'_>)) -> Result<(), AnswerError> {
        match (&self.state, tag) {
            (State::Over | State::Failed(_), _) => {}
            (State::File { .. }, Tag::FileEnd) => {
                self.end_start(out);
                self.state = State::Prose;
                out(Part::Close);
            }
            (State::Manifest(_), Tag::ManifestEnd | Tag::FileEnd) => self.end_manifest(out),
            (_, Tag::File { path, empty }) => {
                self.close_open(out);
                let given = path.ok_or(AnswerError::NoPath)?;
                self.open(given, empty, out)?;
            }
            (_, Tag::Manifest) => {
                self.close_open(out);
                self.state = State::Manifest(Vec::new());
            }
            (_, Tag::End) => {
                self.close_open(out);
                self.state = State::Over;
                out(Part::End);
            }
            // An end without a beginning says nothing.
            (State::Prose, Tag::FileEnd | Tag::ManifestEnd) | (State::File { .. }, Tag::ManifestEnd) => {}
        }
        Ok(())
    }

    fn open(&mut self, given: String, empty: bool, out: &mut impl FnMut(Part<'_>)) -> Result<(), AnswerError> {
        let path = match place(&given) {
            Ok(path) => path.into_owned(),
            Err(why) => return Err(AnswerError::Path { path: given, why }),
        };
        if path != given {
            out(Part::Flaw(Flaw::Path { given }));
        }
        if !self.paths.insert(path.clone()) {
            out(Part::Flaw(Flaw::Again { path: path.clone() }));
        } else if self.paths.len() > FILES_MAX {
            return Err(AnswerError::TooManyFiles);
        }
        out(Part::Open { path: path.clone() });
        if empty {
            out(Part::Close);
        } else {
            self.state = State::File { path, size: 0, start: Start::Fresh };
        }
        Ok(())
    }

    /// Ends what is open without having been closed.
    fn close_open(&mut self, out: &mut impl FnMut(Part<'_>)) {
        match &self.state {
            State::File { path, .. } => {
                let path = path.clone();
                self.end_start(out);
                self.state = State::Prose;
                out(Part::Flaw(Flaw::NotClosed { path }));
                out(Part::Close);
            }
            State::Manifest(_) => self.end_manifest(out),
            State::Prose | State::Over | State::Failed(_) => {}
        }
    }

    /// A file that consists of one carriage return.
    fn end_start(&mut self, out: &mut impl FnMut(Part<'_>)) {
        if let State::File { start: Start::AfterCr, .. } = &self.state {
            out(Part::Chunk(b"\r"));
        }
    }

    fn end_manifest(&mut self, out: &mut impl FnMut(Part<'_>)) {
        if let State::Manifest(text) = std::mem::replace(&mut self.state, State::Prose) {
            match Manifest::read(&String::from_utf8_lossy(&text)) {
                Some((manifest, mended)) => {
                    if mended {
                        out(Part::Flaw(Flaw::ManifestMended));
                    }
                    out(Part::Manifest(manifest));
                }
                None => out(Part::Flaw(Flaw::ManifestUnreadable)),
            }
        }
    }
}

/// Leaves the first line break out.
fn begin<'a>(start: &mut Start, mut bytes: &'a [u8], out: &mut impl FnMut(Part<'_>)) -> &'a [u8] {
    if *start == Start::Fresh
        && let [first, after @ ..] = bytes
    {
        match first {
            b'\n' => (*start, bytes) = (Start::Written, after),
            b'\r' => (*start, bytes) = (Start::AfterCr, after),
            _ => *start = Start::Written,
        }
    }
    if *start == Start::AfterCr
        && let [first, after @ ..] = bytes
    {
        *start = Start::Written;
        match first {
            b'\n' => bytes = after,
            _ => out(Part::Chunk(b"\r")),
        }
    }
    bytes
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
