//! Time as a value. Pure code is told the time; only shells ask the clock.

use std::{
    fmt,
    ops::{Add, Sub},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rustix::time::ClockId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::clock::Clock;

/// Milliseconds since the Unix epoch. RFC 3339 in JSON, an integer in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The time of day as this process began with it, and as steady as time is from then on: whoever sets the machine's
    /// clock changes no deadline and no bill, and is followed slowly (`clock.rs`). For shells: pure code takes
    /// `now` as an argument.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one door to the wall clock")]
    pub fn now() -> Self {
        static CLOCK: Mutex<Clock> = Mutex::new(Clock::new());
        let steady = rustix::time::clock_gettime(ClockId::Boottime);
        let steady = steady.tv_sec.saturating_mul(1_000_000_000).saturating_add(steady.tv_nsec);
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let wall = wall.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        let mut clock = CLOCK.lock().unwrap_or_else(PoisonError::into_inner);
        Self(clock.read(steady, wall) / 1_000_000)
    }

    /// Milliseconds from `earlier` to `self`; never negative.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// How long from `now` until `self`; zero when it is past.
    #[must_use]
    pub fn until(self, now: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.millis_since(now)).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse::<jiff::Timestamp>().map(|time| Self(time.as_millisecond())).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_survives_json() {
        let json = serde_json::to_string(&Timestamp(1_700_000_000_123)).unwrap();
        assert_eq!(json, "\"2023-11-14T22:13:20.123Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), Timestamp(1_700_000_000_123));
    }
}
