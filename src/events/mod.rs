//! What a session tells the world: numbered frames, serialised once, shared by all who listen.
//!
//! A frame is the same JSON on a WebSocket, in an SSE stream and in the store. Numbers begin at 1 and have no gaps,
//! so a listener that was away can say which it saw last. Pieces of files that are being written pass by between them,
//! without a number: they go to those who listen at that moment, and are not kept.

mod frame;

pub use frame::{Event, Frame, FrameError, Piece};
