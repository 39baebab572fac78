//! What the author has written so far, for those who watch: file by file, as it grows. Pure.
//!
//! ```text
//!   opened, grew, closed ──► Manuscript ──► news: what was written since they were last asked for, in pieces
//!                                    └────► so_far: the same from the beginning, for who comes late
//! ```
//! It is looked at several times a second and not at each token, so a fast author costs its watchers no more frames than a
//! slow one.

use crate::events::Piece;

/// Bytes of text in one piece.
const PIECE_MAX: usize = 16 * 1024;
/// Pieces that are told at once; the rest waits for the next look.
const PIECES_MAX: usize = 32;
/// Bytes that are kept for who comes late. Past it the earliest files are forgotten once they are told.
const KEPT_MAX: usize = 1024 * 1024;
/// Files that are kept for who comes late.
const FILES_MAX: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Manuscript {
    /// In the order in which they were begun; the last one is being written.
    files: Vec<File>,
    bytes: usize,
}

#[derive(Debug)]
struct File {
    path: String,
    content: Vec<u8>,
    /// How much of it is told.
    told: usize,
    whole: bool,
    told_whole: bool,
}

impl Manuscript {
    /// A file begins, or begins anew.
    pub(super) fn open(&mut self, path: &str) {
        self.remove(path);
        self.files.push(File { path: path.to_owned(), content: Vec::new(), told: 0, whole: false, told_whole: false });
    }

    pub(super) fn grow(&mut self, path: &str, bytes: &[u8]) {
        if let Some(file) = self.files.last_mut().filter(|file| file.path == path) {
            file.content.extend_from_slice(bytes);
            self.bytes += bytes.len();
        }
    }

    pub(super) fn close(&mut self, path: &str) {
        if let Some(file) = self.files.last_mut().filter(|file| file.path == path) {
            file.whole = true;
        }
    }

    /// What was written since the last call, at most [`PIECES_MAX`] pieces of it.
    pub(super) fn news(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for file in &mut self.files {
            while pieces.len() < PIECES_MAX
                && let Some(piece) = file.next(file.told)
            {
                (file.told, file.told_whole) = (piece.offset + piece.length, piece.whole);
                pieces.push(piece);
            }
        }
        self.forget();
        pieces
    }

    /// All that is told and kept, at most [`PIECES_MAX`] pieces of it; what is not told yet comes as news.
    pub(super) fn so_far(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for file in &self.files {
            let mut at = 0;
            while pieces.len() < PIECES_MAX
                && at < file.told
                && let Some(piece) = file.cut(at, file.told)
            {
                at = piece.offset + piece.length;
                pieces.push(piece);
            }
        }
        pieces
    }

    fn remove(&mut self, path: &str) {
        if let Some(at) = self.files.iter().position(|file| file.path == path) {
            self.bytes -= self.files.remove(at).content.len();
        }
    }

    fn forget(&mut self) {
        while (self.bytes > KEPT_MAX || self.files.len() > FILES_MAX)
            && self.files.first().is_some_and(|file| file.told_whole)
        {
            self.bytes -= self.files.remove(0).content.len();
        }
    }
}

impl File {
    /// The piece after `at`: `None` when there is nothing new to tell.
    fn next(&self, at: usize) -> Option<Piece> {
        if self.told_whole {
            return None;
        }
        self.cut(at, self.content.len())
    }

    /// The piece from `at` to `end`, or as much of it as one piece holds. A character that is not whole yet waits.
    fn cut(&self, at: usize, end: usize) -> Option<Piece> {
        let mut to = end.min(at + PIECE_MAX);
        if to < self.content.len() || !self.whole {
            to = at + whole_characters(&self.content[at..to]);
        }
        let whole = self.whole && to == self.content.len();
        if to == at && !whole {
            return None;
        }
        // Bytes that are no text cannot come out of an answer, which is text; a replacement would put the offsets wrong.
        let text = std::str::from_utf8(&self.content[at..to]).unwrap_or_default().to_owned();
        Some(Piece { path: self.path.clone(), offset: at, length: to - at, text, whole })
    }
}

/// How many of the bytes end with a whole character.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put_together(pieces: &[Piece]) -> Vec<(String, String, bool)> {
        let mut files: Vec<(String, String, bool)> = Vec::new();
        for piece in pieces {
            match files.iter_mut().find(|(path, ..)| *path == piece.path) {
                Some((_, text, whole)) if piece.offset > 0 => {
                    assert_eq!(text.len(), piece.offset, "a gap in {}", piece.path);
                    text.push_str(&piece.text);
                    *whole = piece.whole;
                }
                Some((_, text, whole)) => (*text, *whole) = (piece.text.clone(), piece.whole),
                None => files.push((piece.path.clone(), piece.text.clone(), piece.whole)),
            }
        }
        files
    }

    #[test]
    fn who_comes_late_reads_what_the_others_have_read() {
        let mut manuscript = Manuscript::default();
        manuscript.open("a.js");
        manuscript.grow("a.js", b"one ");
        let mut heard = manuscript.news();
        manuscript.grow("a.js", b"two");
        assert_eq!(put_together(&manuscript.so_far()), [("a.js".to_owned(), "one ".to_owned(), false)]);
        manuscript.close("a.js");
        manuscript.open("empty");
        manuscript.close("empty");
        heard.extend(manuscript.news());
        assert_eq!(
            put_together(&heard),
            [("a.js".to_owned(), "one two".to_owned(), true), ("empty".to_owned(), String::new(), true)]
        );
        assert!(manuscript.news().is_empty(), "told once");
        // Written again, as a model that corrects itself does.
        manuscript.open("a.js");
        manuscript.grow("a.js", b"three");
        heard.extend(manuscript.news());
        assert_eq!(put_together(&heard)[0], ("a.js".to_owned(), "three".to_owned(), false));
    }

    #[test]
    fn what_is_kept_and_told_at_once_is_bounded() {
        let mut manuscript = Manuscript::default();
        for number in 0..300 {
            let path = format!("{number}.txt");
            manuscript.open(&path);
            manuscript.grow(&path, &vec![b'x'; 20 * 1024]);
            manuscript.close(&path);
        }
        let mut pieces = 0;
        loop {
            let news = manuscript.news();
            assert!(news.len() <= PIECES_MAX);
            if news.is_empty() {
                break;
            }
            pieces += news.len();
        }
        assert_eq!(pieces, 600);
        assert!(manuscript.bytes <= KEPT_MAX && manuscript.so_far().len() <= PIECES_MAX);
    }

    proptest! {
        #[test]
        fn a_file_is_told_whole_however_it_was_cut(text in "\\PC{0,200}", cuts in prop::collection::vec(1usize..9, 1..30)) {
            let (mut manuscript, mut heard, mut rest) = (Manuscript::default(), Vec::new(), text.as_bytes());
            manuscript.open("f");
            for cut in cuts.into_iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at(cut.min(rest.len()));
                manuscript.grow("f", now);
                heard.extend(manuscript.news());
                rest = later;
            }
            manuscript.close("f");
            heard.extend(manuscript.news());
            prop_assert_eq!(put_together(&heard), [("f".to_owned(), text, true)]);
        }
    }
}
