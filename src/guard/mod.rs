//! (box guard)
