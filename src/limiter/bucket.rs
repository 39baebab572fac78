//! Token buckets. Pure: the time is an argument.

use std::{
    collections::{BTreeSet, HashMap},
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::types::{Category, Failure, Timestamp, UserId};

/// How much a bucket holds and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Tokens that come back in a minute. 0: no limit.
    pub per_minute: u32,
    /// Tokens in a full bucket; what may be taken at once. 0 counts as 1.
    pub burst: u32,
}

impl Rate {
    const MINUTE_MICROS: i64 = 60_000_000;

    /// A bucket that would take longer than a year to fill is one that fills in a year.
    const FILL_MICROS_MAX: i64 = 365 * 24 * 60 * Self::MINUTE_MICROS;

    /// Microseconds in which one token comes back; `None` without a limit.
    pub(super) fn token_micros(self) -> Option<i64> {
        (self.per_minute > 0).then(|| (Self::MINUTE_MICROS / i64::from(self.per_minute)).max(1))
    }

    /// Microseconds in which an empty bucket fills.
    pub(super) fn fill_micros(self, token_micros: i64) -> i64 {
        token_micros.saturating_mul(i64::from(self.burst.max(1))).min(Self::FILL_MICROS_MAX)
    }
}

/// The limits on asking for sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Config {
    pub user: Rate,
    /// Of one IPv4 address or one IPv6 network of 64 bits, which is what one subscriber is given.
    pub ip: Rate,
    /// Whether loopback addresses have a bucket, too. Off: a product that embeds the engine asks for all of its users
    /// from the same machine, and each of those still has the bucket of a user.
    pub limit_loopback: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            user: Rate { per_minute: 30, burst: 10 },
            // Households and offices share an address.
            ip: Rate { per_minute: 60, burst: 20 },
            limit_loopback: false,
        }
    }
}

impl Config {
    /// The buckets that a request has to be let through by.
    #[must_use]
    pub fn claims(&self, ip: IpAddr, user: &UserId) -> Vec<Claim> {
        let ip = ip.to_canonical();
        let by_user = Claim { limit: Limit::User, key: Key::User(user.clone()), rate: self.user };
        let by_ip = Claim { limit: Limit::Ip, key: Key::of_ip(ip), rate: self.ip };
        if ip.is_loopback() && !self.limit_loopback { vec![by_user] } else { vec![by_user, by_ip] }
    }
}

/// Which of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    Ip,
    User,
}

impl Limit {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::User => "user",
        }
    }
}

/// Whose bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The address, or the first address of the network, that shares the bucket.
    Ip(IpAddr),
    User(UserId),
}

impl Key {
    /// The bucket of an address: an IPv6 subscriber has 2⁶⁴ of them, so they share one.
    #[must_use]
    pub fn of_ip(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self::Ip(ip.into()),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                Self::Ip(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
        }
    }
}

/// A bucket to take from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub limit: Limit,
    pub key: Key,
    pub rate: Rate,
}

/// Too many. Nothing was taken from any bucket.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("too many requests for one {}, try again in {retry_after:?}", .limit.as_str())]
pub struct Refused {
    pub limit: Limit,
    /// When the same request would be let through if nobody asked meanwhile; never zero.
    pub retry_after: Duration,
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let whose = match refused.limit {
            Limit::Ip => "from this address",
            Limit::User => "of this user",
        };
        let seconds = refused.retry_after.as_secs_f64().ceil();
        let message = format!("too many requests {whose}: try again in {seconds} s");
        Self::new("rate_limited", Category::Resource, message).retryable()
    }
}

/// The moment a bucket will be full again after `cost` tokens are taken out of it, in microseconds since the epoch.
///
/// `full_at` is the moment as it stands; past means full. A `cost` above the burst takes the whole burst.
///
/// # Errors
/// How long to wait until there are enough tokens.
fn take(full_at: i64, token: i64, fill: i64, now: i64, cost: u32) -> Result<i64, Duration> {
    // A clock that went back or a limit that was lowered must not lock anybody out for longer than a fill.
    let stands = full_at.clamp(now, now.saturating_add(fill));
    let moved = stands.saturating_add(token.saturating_mul(i64::from(cost)).min(fill));
    match moved.saturating_sub(now).saturating_sub(fill) {
        excess if excess > 0 => Err(Duration::from_micros(excess.unsigned_abs())),
        _enough_tokens => Ok(moved),
    }
}

/// The buckets of everybody who asked of late.
#[derive(Debug, Default)]
pub struct Buckets {
    full_at: HashMap<Key, i64>,
    /// The same, fullest first.
    by_time: BTreeSet<(i64, Key)>,
}

impl Buckets {
    /// Buckets that are remembered, at some 200 bytes each.
    ///
    /// Past that, the one that would be full soonest is forgotten: full ones lose nothing by it, and of the others it
    /// is the one that gives away the fewest tokens. Whoever floods the map with new keys drives out newcomers like
    /// these, never those who asked the most.
    pub const KEYS_MAX: usize = 50_000;

    /// Full buckets that one call clears away: more than it can add, so the map shrinks to what is in use.
    const CLEARED_PER_CALL: usize = 4;

    /// Takes `cost` tokens from every bucket, or from none.
    ///
    /// # Errors
    /// [`Refused`] by the bucket that asks for the longest wait.
    pub fn take(&mut self, claims: &[Claim], now: Timestamp, cost: u32) -> Result<(), Refused> {
        let now = now.0.saturating_mul(1000);
        self.clear_full(now);
        let mut taken = Vec::with_capacity(claims.len());
        let mut refused: Option<Refused> = None;
        for claim in claims {
            let Some(token) = claim.rate.token_micros() else { continue };
            let full_at = self.full_at.get(&claim.key).copied().unwrap_or(now);
            match take(full_at, token, claim.rate.fill_micros(token), now, cost) {
                Ok(moved) => taken.push((&claim.key, moved)),
                Err(wait) if refused.is_some_and(|refused| refused.retry_after >= wait) => {}
                Err(retry_after) => refused = Some(Refused { limit: claim.limit, retry_after }),
            }
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
        for (key, moved) in taken {
            self.set(key, moved);
        }
        Ok(())
    }

    /// How many buckets are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full_at.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.full_at.is_empty()
    }

    fn set(&mut self, key: &Key, moved: i64) {
        if let Some(before) = self.full_at.insert(key.clone(), moved) {
            self.by_time.remove(&(before, key.clone()));
        }
        self.by_time.insert((moved, key.clone()));
        if self.full_at.len() > Self::KEYS_MAX {
            self.forget_fullest();
        }
    }

    fn clear_full(&mut self, now: i64) {
        for _ in 0..Self::CLEARED_PER_CALL {
            match self.by_time.first() {
                Some((full_at, _)) if *full_at <= now => self.forget_fullest(),
                Some(_) | None => return,
            }
        }
    }

    fn forget_fullest(&mut self) {
        if let Some((_, key)) = self.by_time.pop_first() {
            self.full_at.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Timestamp = Timestamp(1_700_000_000_000);
    /// A token each second.
    const RATE: Rate = Rate { per_minute: 60, burst: 3 };

    fn claim(limit: Limit, name: &str, rate: Rate) -> Claim {
        Claim { limit, key: Key::User(name.parse().unwrap()), rate }
    }

    #[test]
    fn a_burst_then_one_for_each_interval() {
        let (mut buckets, claim) = (Buckets::default(), [claim(Limit::User, "ann", RATE)]);
        for _ in 0..3 {
            assert_eq!(buckets.take(&claim, NOON, 1), Ok(()));
        }
        let later = |millis| Timestamp(NOON.0 + millis);
        let refused = |millis| Err(Refused { limit: Limit::User, retry_after: Duration::from_millis(millis) });
        assert_eq!(buckets.take(&claim, NOON, 1), refused(1000));
        assert_eq!(buckets.take(&claim, later(600), 1), refused(400));
        assert_eq!(buckets.take(&claim, later(1000), 1), Ok(()));
        assert_eq!(buckets.take(&claim, later(1000), 2), refused(2000));
        assert_eq!(buckets.take(&claim, later(4000), 99), Ok(()), "a cost above the burst takes the burst");
        assert_eq!(buckets.take(&claim, later(0), 1), refused(1000), "a clock that went back locks out for no longer");
    }

    #[test]
    fn both_or_none() {
        let mut buckets = Buckets::default();
        let (ann, bob) = (claim(Limit::User, "ann", Rate { burst: 1, ..RATE }), claim(Limit::User, "bob", RATE));
        let shared = claim(Limit::Ip, "shared", Rate { burst: 2, ..RATE });
        buckets.take(&[ann.clone(), shared.clone()], NOON, 1).unwrap();
        for _ in 0..5 {
            assert_eq!(buckets.take(&[ann.clone(), shared.clone()], NOON, 1).unwrap_err().limit, Limit::User);
        }
        buckets.take(&[bob.clone(), shared.clone()], NOON, 1).unwrap();
        assert_eq!(buckets.take(&[bob, shared], NOON, 1).unwrap_err().limit, Limit::Ip);
    }

    #[test]
    fn an_ipv6_network_shares_a_bucket_and_loopback_has_none() {
        let config = Config::default();
        let claims = |ip: &str| config.claims(ip.parse().unwrap(), &UserId::anonymous());
        assert_eq!(claims("2001:db8:1:2::1"), claims("2001:db8:1:2:ffff::9"));
        assert_ne!(claims("2001:db8:1:2::1"), claims("2001:db8:1:3::1"));
        assert_ne!(claims("192.0.2.1"), claims("192.0.2.2"));
        assert_eq!(claims("192.0.2.1"), claims("::ffff:192.0.2.1"));
        assert_eq!(claims("192.0.2.1").len(), 2);
        for loopback in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(claims(loopback).len(), 1, "{loopback}");
        }
        let strict = Config { limit_loopback: true, ..config.clone() };
        assert_eq!(strict.claims("127.0.0.1".parse().unwrap(), &UserId::anonymous()).len(), 2);
    }

    #[test]
    fn no_limit_takes_no_memory() {
        let (mut buckets, free) = (Buckets::default(), Rate { per_minute: 0, burst: 0 });
        for _ in 0..1000 {
            buckets.take(&[claim(Limit::User, "ann", free)], NOON, 1).unwrap();
        }
        assert!(buckets.is_empty());
    }

    #[test]
    fn a_flood_of_keys_drives_out_its_own_like() {
        let (mut buckets, greedy) = (Buckets::default(), [claim(Limit::User, "greedy", RATE)]);
        for _ in 0..3 {
            buckets.take(&greedy, NOON, 1).unwrap();
        }
        for number in 0..Buckets::KEYS_MAX + 100 {
            buckets.take(&[claim(Limit::User, &format!("u{number}"), RATE)], NOON, 1).unwrap();
        }
        assert_eq!((buckets.len(), buckets.by_time.len()), (Buckets::KEYS_MAX, Buckets::KEYS_MAX));
        assert!(buckets.take(&greedy, NOON, 1).is_err(), "who asked the most is remembered");
        let late = Timestamp(NOON.0 + 10_000);
        for _ in 0..Buckets::KEYS_MAX / Buckets::CLEARED_PER_CALL + 1 {
            buckets.take(&[claim(Limit::User, "late", Rate { per_minute: 60, burst: 1_000_000 })], late, 1).unwrap();
        }
        assert_eq!(buckets.len(), 1, "full buckets are cleared away");
    }

    proptest! {
        /// The moment-when-full arithmetic admits exactly what counting tokens would.
        #[test]
        fn it_is_a_token_bucket(asks in prop::collection::vec((0_i64..3000, 1_u32..4), 1..100)) {
            let (mut buckets, claim) = (Buckets::default(), [claim(Limit::User, "ann", RATE)]);
            let (mut milli_tokens, mut now) = (3000, NOON);
            for (gap, cost) in asks {
                now.0 += gap;
                milli_tokens = (milli_tokens + gap).min(3000);
                let needs = i64::from(cost) * 1000;
                match buckets.take(&claim, now, cost) {
                    Ok(()) => {
                        prop_assert!(milli_tokens >= needs);
                        milli_tokens -= needs;
                    }
                    Err(refused) => {
                        let lacks = u64::try_from(needs - milli_tokens).unwrap();
                        prop_assert_eq!(refused.retry_after, Duration::from_millis(lacks));
                    }
                }
            }
        }
    }
}
