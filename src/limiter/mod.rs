//! How often one address, and one user, may ask for a session.
//!
//! ```text
//!                     ┌────────────── Redis answers ◄──────────────┐
//!                     ▼                                            │ asked again, by an
//!   Admit ──► shared buckets (one script in Redis)                 │ Admit or by /health,
//!     │               │ no answer in 250 ms, or an error           │ a second later
//!     │               ▼                                            │
//!     └──────► local buckets (this engine's own) ──────────────────┘
//!   without REDIS_URL
//! ```
//!
//! A token bucket is one number: when it will be full again. Taking moves that moment on; a bucket whose moment is
//! past is full and need not be remembered. The same arithmetic runs here and, as a script, in Redis, where several
//! engines share it.
//!
//! Redis down must neither stop the service nor lift its limits. The local buckets are charged along while Redis
//! answers, so its loss hands nobody a fresh burst.

mod actor;
mod bucket;
mod link;
mod messages;
mod shared;

pub use actor::Limiter;
pub use bucket::{Buckets, Claim, Config, Key, Limit, Rate, Refused};
pub use messages::{Admit, Health, HealthQuery};
pub use shared::{RedisUrl, RedisUrlError};
