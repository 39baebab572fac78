//! All tests that need more than one box, in one binary: it links once.

mod host;
mod layering;
mod sandbox;
