//! What the limiter can be asked.

use std::{net::IpAddr, time::Duration};

use actix::Message;

use super::Refused;
use crate::types::{Timestamp, UserId};

/// May this user, from this address, ask for one more session? Taken from both buckets or from none.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<(), Refused>")]
pub struct Admit {
    pub ip: IpAddr,
    pub user: UserId,
}

/// Where the limits are kept, and whether that works. Asks Redis, when there is one, within 250 ms.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Health")]
pub struct HealthQuery;

/// The limiter's answer to [`HealthQuery`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Without Redis: this engine's own buckets, as configured.
    Local,
    /// Redis answers, and took this long.
    Shared { latency: Duration },
    /// Redis does not answer: this engine's own buckets decide meanwhile, so limits hold per engine.
    Fallback { reason: String, since: Timestamp },
}
