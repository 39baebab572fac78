//! The buckets that several engines share, in Redis.

use std::{fmt, str::FromStr, time::Duration};

use redis::{
    Client, RedisError, RedisResult, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::time::{Instant, timeout};

use super::{Claim, Key, Refused};

/// How long an answer may take before the local buckets decide.
pub(super) const ANSWER_MAX: Duration = Duration::from_millis(250);

/// How long a question that nobody waits for any more may occupy the connection. Longer than [`ANSWER_MAX`], so that
/// a late answer is told in our words and not in the library's.
const ABANDONED_MAX: Duration = Duration::from_millis(500);

/// Questions under way on the one connection; others wait their turn, and no longer than [`ANSWER_MAX`].
const IN_FLIGHT_MAX: usize = 256;

/// `take` of `bucket.rs`, for all buckets at once: a script runs alone. `KEYS` are the buckets; `ARGV` has the cost,
/// then for each bucket the microseconds of a token and of a fill. Answers with the refusing bucket's number and its
/// wait, or with zeros. The time is Redis's own, so engines need not agree on it. A key expires when its bucket is full.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local refused, wait, moved = 0, 0, {}
for i = 1, #KEYS do
    local token, fill = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
    local full_at = tonumber(redis.call('GET', KEYS[i]) or now)
    local stands = math.min(math.max(full_at, now), now + fill)
    moved[i] = stands + math.min(token * tonumber(ARGV[1]), fill)
    local excess = moved[i] - now - fill
    if excess > wait then refused, wait = i, excess end
end
if refused == 0 then
    for i = 1, #KEYS do
        redis.call('SET', KEYS[i], string.format('%.0f', moved[i]), 'PX', math.ceil((moved[i] - now) / 1000))
    end
end
return {refused, wait}
";

/// A `REDIS_URL` that was checked. `Debug` shows no password.
#[derive(Clone)]
pub struct RedisUrl(Client);

/// Why a `REDIS_URL` cannot be used. Never repeats the URL: it may hold a password.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum RedisUrlError {
    #[error("REDIS_URL: this version does not speak TLS to Redis: expected redis://[user:password@]host[:port][/db]")]
    Tls,
    #[error("REDIS_URL: expected redis://[user:password@]host[:port][/db]")]
    Unknown,
}

impl FromStr for RedisUrl {
    type Err = RedisUrlError;

    fn from_str(text: &str) -> Result<Self, RedisUrlError> {
        if text.starts_with("rediss:") || text.starts_with("valkeys:") {
            return Err(RedisUrlError::Tls);
        }
        Client::open(text).map(Self).map_err(|_may_hold_the_url| RedisUrlError::Unknown)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({})", self.0.get_connection_info().addr())
    }
}

/// Redis did not decide; the reason is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoAnswer(pub String);

impl From<RedisError> for NoAnswer {
    fn from(error: RedisError) -> Self {
        Self(error.to_string())
    }
}

#[derive(Clone)]
pub(super) struct SharedBuckets {
    connection: ConnectionManager,
    take: Script,
}

impl SharedBuckets {
    /// Connects with the first question. Only within a runtime, on which the connection then lives.
    pub(super) fn new(url: &RedisUrl) -> Result<Self, NoAnswer> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(ABANDONED_MAX))
            .set_response_timeout(Some(ABANDONED_MAX))
            .set_concurrency_limit(IN_FLIGHT_MAX);
        let connection = ConnectionManager::new_lazy_with_config(url.0.clone(), config)?;
        Ok(Self { connection, take: Script::new(TAKE) })
    }

    /// Takes from every bucket or from none, as [`super::Buckets::take`] does, within [`ANSWER_MAX`].
    pub(super) async fn take(mut self, claims: Vec<Claim>, cost: u32) -> Result<Result<(), Refused>, NoAnswer> {
        let mut call = self.take.prepare_invoke();
        call.arg(cost);
        let mut limits = Vec::with_capacity(claims.len());
        for claim in &claims {
            if let Some(token) = claim.rate.token_micros() {
                call.key(name(claim)).arg(token).arg(claim.rate.fill_micros(token));
                limits.push(claim.limit);
            }
        }
        let connection = &mut self.connection;
        let answer: RedisResult<(usize, u64)> = within(async {
            match call.invoke_async(connection).await {
                // An idle connection that was cut is noticed by its next use only. At worst, two tokens are taken.
                Err(error) if error.is_connection_dropped() => call.invoke_async(connection).await,
                answer => answer,
            }
        })
        .await?;
        let (refused, wait) = answer?;
        match refused.checked_sub(1).map(|index| limits.get(index)) {
            None => Ok(Ok(())),
            Some(Some(limit)) => Ok(Err(Refused { limit: *limit, retry_after: Duration::from_micros(wait.max(1)) })),
            Some(None) => Err(NoAnswer("the answer names a bucket that was not asked for".to_owned())),
        }
    }

    /// The time of one question and answer.
    pub(super) async fn ping(mut self) -> Result<Duration, NoAnswer> {
        let asked = Instant::now();
        within(redis::cmd("PING").exec_async(&mut self.connection)).await??;
        Ok(asked.elapsed())
    }
}

async fn within<T>(call: impl Future<Output = T>) -> Result<T, NoAnswer> {
    let late = |_| NoAnswer(format!("no answer within {} ms", ANSWER_MAX.as_millis()));
    timeout(ANSWER_MAX, call).await.map_err(late)
}

/// The bucket's name in Redis. The braces keep all of them on one node of a cluster, as a script needs it.
fn name(claim: &Claim) -> String {
    let limit = claim.limit.as_str();
    match &claim.key {
        Key::Ip(ip) => format!("{{spawnai:limit}}:{limit}:{ip}"),
        Key::User(user) => format!("{{spawnai:limit}}:{limit}:{user}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_shows_in_no_message() {
        let url: RedisUrl = "redis://user:secret@127.0.0.1:1/2".parse().unwrap();
        assert_eq!(format!("{url:?}"), "RedisUrl(127.0.0.1:1)");
        for (text, error) in [
            ("rediss://u:secret@h", RedisUrlError::Tls),
            ("http://u:secret@h", RedisUrlError::Unknown),
            ("redis://u:secret@h:port", RedisUrlError::Unknown),
            ("", RedisUrlError::Unknown),
        ] {
            assert_eq!(text.parse::<RedisUrl>().err(), Some(error), "{text}");
        }
    }
}
