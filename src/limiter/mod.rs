//! (box limiter)
