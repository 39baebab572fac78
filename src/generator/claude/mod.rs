//! Claude's Messages API, as far as writing apps needs it: one streamed answer at a time, and what it cost.
//!
//! ```text
//!   MessagesRequest ─► breaker ─► POST /v1/messages ─► head ─┬─ refused ─► retry? ─► wait ─┐
//!                        ▲                                   │                             │
//!                        └───────────────────────────────────┼─────────────────────────────┘
//!                                                            └─ 200 ─► sse ─► event ─► Event … ─► the end
//!                                                                                │
//!                                                                              Meter ─► Usage ─► MicroUsd
//! ```
//!
//! - Pure: [`retry`] (the official SDKs' policy), [`breaker`], [`sse`], `event`, `usage`, `prices`. The shell is
//!   `client` over `transport`: it owns connections and clocks, and decides nothing.
//! - A call is made again only until its first event: what comes after is the caller's, who knows what of it is whole.
//! - Dropping a [`MessageStream`] closes its connection, which is how generation, and paying for it, stops.
//! - What was received is counted whatever the end: a cut answer's output is estimated from its bytes, and says so.
//! - Neither the key nor a prompt nor an answer is ever logged. Errors show the server's own sentence, cut and cleaned.

pub mod breaker;
mod client;
mod config;
mod error;
mod event;
mod models;
mod price_file;
mod prices;
mod request;
pub mod retry;
pub mod sse;
mod transport;
mod usage;

pub use client::{Client, MessageStream};
pub use config::{Auth, ClaudeConfig, Patience};
pub use error::ClaudeError;
pub use event::{Event, StopReason};
pub use models::{ModelInfo, Standing, standing};
pub use price_file::PriceListError;
pub use prices::{Catalog, Model, Tier};
pub use request::{Effort, MessagesRequest, OutputConfig, Role, SystemPart, Turn};
pub use usage::{Allowed, Costs, Meter, Overrun, Usage, UsageReport};
