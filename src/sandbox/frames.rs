//! Connect's streaming frames: one flag byte, a big-endian `u32` length, that many bytes of JSON.
//!
//! ```text
//!  push(bytes)…  ──►  | flag | length (4) | payload |  ──►  next() → Message(payload)   flag 0
//!                                                                    End(payload)       flag 2: the last one
//! ```
//! Pure and incremental: bytes may be cut anywhere. The first violation is final, since nothing after it can be
//! trusted to be a frame border. Source: the Connect protocol, "Streaming RPCs".

use bytes::{Buf, Bytes, BytesMut};

/// The longest payload taken; a frame of a sandbox's output is 32 KiB or so.
pub const FRAME_MAX: usize = 4 * 1024 * 1024;

const HEAD: usize = 5;
const FLAG_MESSAGE: u8 = 0;
const FLAG_END: u8 = 2;

/// One frame's payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Message(Bytes),
    /// The stream's verdict; nothing may follow.
    End(Bytes),
}

/// Why bytes are not frames. Every further call gives the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("frame flag {0} is unknown (compression was not asked for)")]
    Flag(u8),
    #[error("a frame announces {0} bytes, {FRAME_MAX} are allowed")]
    TooLong(u32),
    #[error("bytes follow the end frame")]
    AfterEnd,
}

/// Wraps one JSON message as the only frame of a request body; `None` when it is longer than [`FRAME_MAX`].
#[must_use]
pub fn encode(message: &[u8]) -> Option<Bytes> {
    let length = u32::try_from(message.len()).ok().filter(|_| message.len() <= FRAME_MAX)?;
    let mut frame = BytesMut::with_capacity(HEAD + message.len());
    frame.extend_from_slice(&[FLAG_MESSAGE]);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(message);
    Some(frame.freeze())
}

/// Takes bytes as they come, gives frames as they are complete. Holds at most one frame plus what was pushed last.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: BytesMut,
    ended: bool,
    failed: Option<FrameError>,
}

impl Decoder {
    /// Adds bytes. Take all frames with [`Self::next`] before the next push, so that the buffer stays bounded.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        if self.ended && !bytes.is_empty() {
            self.fail(FrameError::AfterEnd);
            return;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or `None` until more bytes come.
    ///
    /// # Errors
    /// The first violation of the framing, and the same one ever after.
    pub fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.ended {
            return if self.buffer.is_empty() { Ok(None) } else { Err(self.fail(FrameError::AfterEnd)) };
        }
        let Some((&flag, rest)) = self.buffer.split_first() else {
            // A hundred idle streams must not keep a hundred buffers.
            self.buffer = BytesMut::new();
            return Ok(None);
        };
        if flag != FLAG_MESSAGE && flag != FLAG_END {
            return Err(self.fail(FrameError::Flag(flag)));
        }
        let Some(length) = rest.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes)) else { return Ok(None) };
        if length as usize > FRAME_MAX {
            return Err(self.fail(FrameError::TooLong(length)));
        }
        let length = length as usize;
        if self.buffer.len() < HEAD + length {
            return Ok(None);
        }
        self.buffer.advance(HEAD);
        let payload = self.buffer.split_to(length).freeze();
        if flag == FLAG_END {
            self.ended = true;
            return Ok(Some(Frame::End(payload)));
        }
        Ok(Some(Frame::Message(payload)))
    }

    fn fail(&mut self, error: FrameError) -> FrameError {
        self.buffer = BytesMut::new();
        self.failed = Some(error);
        error
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drain(decoder: &mut Decoder) -> Result<Vec<Frame>, FrameError> {
        let mut frames = Vec::new();
        while let Some(frame) = decoder.next()? {
            frames.push(frame);
        }
        Ok(frames)
    }

    fn end(payload: &[u8]) -> Vec<u8> {
        let mut bytes = encode(payload).unwrap().to_vec();
        bytes[0] = FLAG_END;
        bytes
    }

    proptest! {
        #[test]
        fn frames_survive_every_way_of_cutting_them(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8),
            cuts in prop::collection::vec(1usize..40, 1..60),
        ) {
            let mut wire: Vec<u8> = payloads.iter().flat_map(|payload| encode(payload).unwrap()).collect();
            wire.extend(end(b"{}"));
            let (mut decoder, mut frames, mut rest, mut cuts) = (Decoder::default(), Vec::new(), &wire[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (now, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                decoder.push(now);
                frames.extend(drain(&mut decoder).unwrap());
                prop_assert_eq!(decoder.ended, later.is_empty());
                rest = later;
            }
            let mut expected: Vec<_> = payloads.into_iter().map(|payload| Frame::Message(payload.into())).collect();
            expected.push(Frame::End(Bytes::from_static(b"{}")));
            prop_assert_eq!(frames, expected);
        }

        #[test]
        fn garbage_is_refused_for_good_or_held_within_bounds(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..32)) {
            let mut decoder = Decoder::default();
            for chunk in chunks {
                decoder.push(&chunk);
                if let Err(error) = drain(&mut decoder) {
                    decoder.push(b"\0\0\0\0\0");
                    prop_assert_eq!(decoder.next(), Err(error));
                    prop_assert!(decoder.buffer.is_empty());
                }
                prop_assert!(decoder.buffer.len() <= HEAD + FRAME_MAX);
            }
        }
    }

    #[test]
    fn a_length_over_the_bound_is_refused_before_its_bytes_come() {
        let mut decoder = Decoder::default();
        decoder.push(&[0, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(decoder.next(), Err(FrameError::TooLong(u32::MAX)));
    }

    #[test]
    fn bytes_after_the_end_are_refused() {
        let mut decoder = Decoder::default();
        decoder.push(&end(b"{}"));
        decoder.push(b"");
        assert_eq!(drain(&mut decoder).unwrap().len(), 1);
        decoder.push(b"x");
        assert_eq!(decoder.next(), Err(FrameError::AfterEnd));
    }
}
