//! (box events)
