//! The last lines an app wrote, bounded in number and bytes.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{sandbox::Stream, types::Timestamp};

/// Lines kept per session.
const LINES_MAX: usize = 1000;
/// Bytes of text kept per session.
const BYTES_MAX: usize = 256 * 1024;
/// A longer line is cut, on a character boundary.
const LINE_BYTES_MAX: usize = 4096;
/// Who may follow one session's log at once.
pub const FOLLOWERS_MAX: usize = 16;

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Stdout,
    Stderr,
    Engine,
}

impl From<Stream> for Source {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::Stdout => Self::Stdout,
            Stream::Stderr => Self::Stderr,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Line {
    pub seq: u64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub stream: Source,
    pub text: String,
}

/// What is still there of the lines asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogPage {
    pub lines: Vec<Line>,
    /// Whether earlier lines were dropped to stay within bounds.
    pub truncated: bool,
}

#[derive(Default)]
pub struct Logs {
    lines: VecDeque<Line>,
    bytes: usize,
    next: u64,
    dropped: bool,
    /// The unfinished last line of stdout and stderr.
    partial: [Vec<u8>; 2],
    followers: Vec<mpsc::Sender<Line>>,
}

impl Logs {
    pub fn push(&mut self, stream: Source, text: &str, now: Timestamp) {
        let mut end = text.len().min(LINE_BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.next += 1;
        let line = Line { seq: self.next, at: now, stream, text: text[..end].to_owned() };
        // A follower that reads too slowly is dropped, and told so by the end of its stream: it can ask again.
        self.followers.retain(|follower| follower.try_send(line.clone()).is_ok());
        self.bytes += line.text.len();
        self.lines.push_back(line);
        while self.lines.len() > LINES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.text.len();
            self.dropped = true;
        }
    }

    /// Takes raw output, which may end in the middle of a line or of a character.
    pub fn write(&mut self, stream: Source, bytes: &[u8], now: Timestamp) {
        let slot = usize::from(stream == Source::Stderr);
        let mut pending = std::mem::take(&mut self.partial[slot]);
        pending.extend_from_slice(bytes);
        let mut rest = pending.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.push(stream, String::from_utf8_lossy(&rest[..end]).trim_end_matches('\r'), now);
            rest = &rest[end + 1..];
        }
        if rest.len() > LINE_BYTES_MAX {
            self.push(stream, &String::from_utf8_lossy(rest), now);
            rest = &[];
        }
        self.partial[slot] = rest.to_vec();
    }

    /// Writes out what never got its line end.
    pub fn flush(&mut self, now: Timestamp) {
        for (slot, stream) in [Source::Stdout, Source::Stderr].into_iter().enumerate() {
            let rest = std::mem::take(&mut self.partial[slot]);
            if !rest.is_empty() {
                self.push(stream, &String::from_utf8_lossy(&rest), now);
            }
        }
    }

    #[must_use]
    pub fn after(&self, seq: u64) -> LogPage {
        let lines = self.lines.iter().filter(|line| line.seq > seq).cloned().collect();
        let first = self.lines.front().map_or(self.next + 1, |line| line.seq);
        LogPage { lines, truncated: self.dropped && first > seq + 1 }
    }

    /// Gives the lines after `seq`, and adds a follower for all that come. `false` when there are too many.
    pub fn follow(&mut self, follower: mpsc::Sender<Line>) -> bool {
        self.followers.retain(|other| !other.is_closed());
        let room = self.followers.len() < FOLLOWERS_MAX;
        if room {
            self.followers.push(follower);
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_becomes_lines_wherever_it_was_cut() {
        let mut logs = Logs::default();
        for piece in [&b"he"[..], b"llo\nw\xc3", b"\xb6rld\r\n", b"tail"] {
            logs.write(Source::Stdout, piece, Timestamp(0));
        }
        logs.write(Source::Stderr, b"oops\n", Timestamp(0));
        logs.flush(Timestamp(0));
        let texts: Vec<_> = logs.after(0).lines.into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["hello", "wörld", "oops", "tail"]);
        assert_eq!(logs.after(3).lines.len(), 1);
    }

    #[test]
    fn a_flood_is_bounded_and_says_so() {
        let mut logs = Logs::default();
        for _ in 0..3000 {
            logs.write(Source::Stdout, "é".repeat(3000).as_bytes(), Timestamp(0));
            logs.write(Source::Stdout, b"\n", Timestamp(0));
        }
        let page = logs.after(0);
        assert!(page.truncated);
        assert!(page.lines.len() <= LINES_MAX);
        assert!(page.lines.iter().map(|line| line.text.len()).sum::<usize>() <= BYTES_MAX);
        let last = page.lines.last().map_or(0, |line| line.seq);
        assert!(!logs.after(last).truncated);
    }

    #[test]
    fn a_slow_follower_is_let_go() {
        let mut logs = Logs::default();
        let (sender, mut receiver) = mpsc::channel(2);
        assert!(logs.follow(sender));
        for n in 0..5 {
            logs.push(Source::Engine, &n.to_string(), Timestamp(0));
        }
        assert_eq!(receiver.try_recv().unwrap().text, "0");
        assert_eq!(receiver.try_recv().unwrap().text, "1");
        assert_eq!(receiver.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }
}
