//! All tests that need more than one box, in one binary: it links once.

mod layering;
mod prompts;
mod templates;
