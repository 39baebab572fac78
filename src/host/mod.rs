//! (box host)
mod agent;
mod cgroup;
mod config;
mod error;
mod launch;
pub use agent::sandbox_init;
