//! What fuzz targets may call. Only there when `cargo fuzz` builds.

use super::frames::{Decoder, FRAME_MAX, Frame};

/// A server's stream of frames, cut into pieces as the first byte says.
pub fn stream_frames(bytes: &[u8]) {
    let Some((step, wire)) = bytes.split_first() else { return };
    let (mut decoder, mut taken, mut ended) = (Decoder::default(), 0, false);
    for chunk in wire.chunks(usize::from(*step).max(1)) {
        decoder.push(chunk);
        loop {
            match decoder.next() {
                Ok(Some(Frame::Message(payload) | Frame::End(payload))) if payload.len() > FRAME_MAX => {
                    panic!("over the bound")
                }
                Ok(Some(frame)) => {
                    assert!(!ended, "nothing follows the end");
                    let (Frame::Message(payload) | Frame::End(payload)) = &frame;
                    taken += payload.len() + 5;
                    ended = matches!(frame, Frame::End(_));
                }
                Ok(None) => break,
                Err(error) => {
                    decoder.push(b"\0\0\0\0\0");
                    assert_eq!(decoder.next(), Err(error), "for good");
                    return;
                }
            }
        }
    }
    assert!(taken <= wire.len());
}
