//! (box registry)
