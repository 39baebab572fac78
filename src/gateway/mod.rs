//! (box gateway)
