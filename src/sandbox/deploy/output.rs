//! A process's output as text: whole characters, and the last few KiB for an error message. Pure.

/// Kept for a failure: the last error and its stack trace stand there.
pub const TAIL_MAX: usize = 4 * 1024;
/// Bytes that begin a character and wait for the rest.
const PENDING_MAX: usize = 3;

/// Turns bytes that may be cut inside of a character into text.
#[derive(Debug, Default)]
pub(super) struct Text {
    pending: Vec<u8>,
}

impl Text {
    /// The text that is complete now; what is not UTF-8 becomes U+FFFD.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        let cut = all.len() - unfinished(&all);
        let text = String::from_utf8_lossy(&all[..cut]).into_owned();
        self.pending = all.split_off(cut);
        text
    }
}

/// How many of the last bytes begin a character that is not over yet.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(PENDING_MAX)..];
    let Some(back) = tail.iter().rev().position(|&byte| byte >= 0xC0) else { return 0 };
    let length = match tail[tail.len() - 1 - back] {
        0xF0..=0xF7 => 4,
        0xE0..=0xEF => 3,
        _ => 2,
    };
    if back + 1 < length { back + 1 } else { 0 }
}

/// The last [`TAIL_MAX`] bytes of a text.
#[derive(Debug, Default)]
pub(super) struct Tail(String);

impl Tail {
    pub(super) fn push(&mut self, text: &str) {
        self.0.push_str(text);
        if self.0.len() > TAIL_MAX {
            let over = self.0.len() - TAIL_MAX;
            let from = (over..=self.0.len()).find(|&at| self.0.is_char_boundary(at)).unwrap_or(over);
            self.0.drain(..from);
        }
    }

    pub(super) fn text(&self) -> String {
        self.0.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_the_same_however_it_is_cut(text in "\\PC{0,40}", cuts in prop::collection::vec(1usize..5, 1..20)) {
            let (mut whole, mut decoder, mut rest) = (String::new(), Text::default(), text.as_bytes());
            for cut in cuts.into_iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at(cut.min(rest.len()));
                whole.push_str(&decoder.push(now));
                rest = later;
            }
            prop_assert_eq!(whole, text);
        }

        #[test]
        fn what_waits_is_bounded_whatever_comes(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..16), 0..16)) {
            let mut decoder = Text::default();
            for chunk in chunks {
                decoder.push(&chunk);
                prop_assert!(decoder.pending.len() <= PENDING_MAX);
            }
        }

        #[test]
        fn the_tail_is_the_end_and_bounded(pieces in prop::collection::vec("\\PC{0,300}", 0..40)) {
            let mut tail = Tail::default();
            pieces.iter().for_each(|piece| tail.push(piece));
            let whole = pieces.concat();
            prop_assert!(tail.0.len() <= TAIL_MAX && whole.ends_with(&tail.0));
            prop_assert!(tail.0.len() + 4 > TAIL_MAX.min(whole.len()));
        }
    }
}
