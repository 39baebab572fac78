//! All tests that need more than one box, in one binary: it links once.

mod answers;
mod claude;
mod cli;
mod engine;
mod gateway;
mod guard;
mod host;
mod layering;
mod limiter;
mod postgres;
mod prompts;
mod sandbox;
mod templates;
mod wire;
