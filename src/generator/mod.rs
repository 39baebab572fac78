//! (box generator)
