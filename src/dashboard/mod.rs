//! (box dashboard)
