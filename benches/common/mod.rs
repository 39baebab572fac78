//! What the benchmarks share: an engine of their own to measure, and what is made of the figures.
//!
//! Each starts the release binary on free ports and in a folder of its own, talks to it like any client, and takes it
//! down again. A benchmark panics only when it cannot measure: a missed limit is a figure, not a failure.

#[allow(dead_code, reason = "each benchmark uses another part of it")]
pub mod engine;
pub mod figures;
