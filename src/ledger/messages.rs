//! What the ledger can be asked and told.

use actix::Message;

use super::{Refused, Standing, Stats};
use crate::{
    store::{ChargeRow, StoreError, UsageRow},
    types::{MicroUsd, SessionId, Timestamp, UserId},
};

/// Hold money so that `session` may cost `amount` in all. Idempotent; a greater amount extends.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<(), Refused>")]
pub struct Reserve {
    pub session: SessionId,
    pub user: UserId,
    pub amount: MicroUsd,
}

/// `session` can cost no more than `amount` in all any more: hold no more than that.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct HoldLess {
    pub session: SessionId,
    pub amount: MicroUsd,
}

/// These charges of one session were committed to the store. Told twice or out of order, they count once.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Option<Standing>")]
pub struct Charged {
    /// How this session stands is the answer. `None` when nothing is held for it, as when it is settled.
    pub session: SessionId,
    /// Whose it is and what it may cost in all, while it is not over. It has been reserved; a ledger that was made anew
    /// before the session was in the store learns it so.
    pub holds: Option<(UserId, MicroUsd)>,
    pub charges: Vec<ChargeRow>,
}

/// The session is over: nothing is to be held for it any more.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Settle {
    pub session: SessionId,
}

/// What was spent from `from` until before `to`, out of the store.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Vec<UsageRow>, StoreError>")]
pub struct UsageQuery {
    pub from: Timestamp,
    pub to: Timestamp,
    pub user: Option<UserId>,
}

/// The ledger in a few numbers.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Stats")]
pub struct StatsQuery;
