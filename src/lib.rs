//! SpawnAI: from a prompt to a live app at an HTTPS address, in an isolated sandbox.
//!
//! `ARCHITECTURE.md` has the map, and the table of which box may use which.

pub mod app;
pub mod cli;
pub mod dashboard;
pub mod events;
pub mod gateway;
pub mod generator;
pub mod guard;
pub mod host;
pub mod http;
pub mod ledger;
pub mod limiter;
pub mod registry;
pub mod relay;
pub mod routes;
pub mod sandbox;
pub mod session;
pub mod store;
pub mod supervisor;
pub mod types;
