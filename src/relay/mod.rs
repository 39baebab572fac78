//! (box relay)
