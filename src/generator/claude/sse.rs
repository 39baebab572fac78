//! Server-sent events out of bytes, however these are cut. Pure.
//!
//! As the WHATWG's standard reads a stream, but for what no API of ours uses: `id` and `retry` are dropped. A line ends
//! with CR, LF or both, an event with an empty line; an event that the stream's end cuts off was never sent.

/// Bytes of one line. The longest real one carries a few KiB of text.
pub const LINE_MAX: usize = 1024 * 1024;
/// Bytes of one event's data.
pub const EVENT_MAX: usize = 2 * 1024 * 1024;

/// One event as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Empty when the stream named none.
    pub event: String,
    pub data: Vec<u8>,
}

/// The stream holds a line or an event that is too long to be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {0} bytes")]
pub struct TooLong(pub usize);

/// Takes bytes, gives events.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    frame: Frame,
    /// Whether the frame has had a data line: an empty one counts, too.
    has_data: bool,
    /// The last byte was a CR, so that an LF now belongs to it.
    after_cr: bool,
    /// A byte order mark may stand at the very beginning.
    begun: bool,
}

impl Decoder {
    /// Reads `bytes` and hands out every event that is complete now.
    ///
    /// # Errors
    /// [`TooLong`] past [`LINE_MAX`] or [`EVENT_MAX`]: the decoder is of no use then.
    pub fn push(&mut self, bytes: &[u8], mut out: impl FnMut(Frame)) -> Result<(), TooLong> {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend(&rest[..end])?;
            self.line_ends(&mut out)?;
            let cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if cr {
                self.after_cr = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
        }
        self.extend(rest)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > LINE_MAX {
            return Err(TooLong(LINE_MAX));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn line_ends(&mut self, out: &mut impl FnMut(Frame)) -> Result<(), TooLong> {
        let mut line = std::mem::take(&mut self.line);
        if !self.begun {
            self.begun = true;
            if line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3);
            }
        }
        if line.is_empty() {
            let frame = std::mem::take(&mut self.frame);
            if std::mem::take(&mut self.has_data) {
                out(frame);
            }
        } else {
            let (field, value) = split(&line);
            match field {
                b"data" => self.data(value)?,
                b"event" => self.frame.event = String::from_utf8_lossy(value).into_owned(),
                // Comments have an empty field; the others say nothing to us.
                _ => {}
            }
        }
        // The buffer is kept for the next line.
        line.clear();
        self.line = line;
        Ok(())
    }

    fn data(&mut self, value: &[u8]) -> Result<(), TooLong> {
        if self.frame.data.len() + value.len() >= EVENT_MAX {
            return Err(TooLong(EVENT_MAX));
        }
        if self.has_data {
            self.frame.data.push(b'\n');
        }
        self.frame.data.extend_from_slice(value);
        self.has_data = true;
        Ok(())
    }
}

/// Field and value; one space after the colon is no part of the value.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|byte| *byte == b':') {
        Some(colon) => {
            let value = &line[colon + 1..];
            (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
        }
        None => (line, b""),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, String)> {
        let (mut decoder, mut frames) = (Decoder::default(), Vec::new());
        for piece in pieces {
            let frame = |frame: Frame| frames.push((frame.event, String::from_utf8_lossy(&frame.data).into_owned()));
            decoder.push(piece, frame).unwrap();
        }
        frames
    }

    fn owned(frames: &[(&str, &str)]) -> Vec<(String, String)> {
        frames.iter().map(|(event, data)| ((*event).to_owned(), (*data).to_owned())).collect()
    }

    #[test]
    fn every_kind_of_line_is_read_as_the_standard_says() {
        let stream = "\u{feff}: a comment\r\nevent: ping\rdata: {}\n\ndata\ndata:a\ndata:  b\nid: 7\nretry: 1\nwhat\n\n\
                      event: no data\n\ndata: cut off";
        assert_eq!(decode([stream.as_bytes()]), owned(&[("ping", "{}"), ("", "\na\n b")]));
    }

    #[test]
    fn what_is_too_long_is_refused_and_not_kept() {
        let mut decoder = Decoder::default();
        let piece = vec![b'x'; 64 * 1024];
        let refused = (0..64).find_map(|_| decoder.push(&piece, |_| ()).err());
        assert_eq!(refused, Some(TooLong(LINE_MAX)));
        assert!(decoder.line.capacity() <= 2 * LINE_MAX);
        let mut decoder = Decoder::default();
        let line = [b"data: ".as_slice(), &piece, b"\n"].concat();
        assert_eq!((0..64).find_map(|_| decoder.push(&line, |_| ()).err()), Some(TooLong(EVENT_MAX)));
    }

    proptest! {
        #[test]
        fn events_are_the_same_however_the_bytes_are_cut(
            stream in "(data: ?[a-z:é]{0,5}|event:[a-z]{0,3}|:c|\r\n|\n|\r|\u{feff}){0,30}",
            cuts in prop::collection::vec(1usize..6, 1..20),
        ) {
            let (mut pieces, mut rest) = (Vec::new(), stream.as_bytes());
            for cut in cuts.into_iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at(cut.min(rest.len()));
                pieces.push(now);
                rest = later;
            }
            prop_assert_eq!(decode(pieces), decode([stream.as_bytes()]));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            decode([bytes.as_slice()]);
        }
    }
}
