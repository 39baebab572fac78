//! The shell around the buckets: the clock, Redis, and what to do when it is gone.

use actix::{
    Actor, ActorFutureExt, ActorResponse, AsyncContext as _, Context, Handler, ResponseActFuture, WrapFuture, fut,
};
use tracing::{info, warn};

use super::{
    Admit, Buckets, Claim, Config, Health, HealthQuery, RedisUrl, Refused,
    link::{Change, Link},
    shared::{NoAnswer, SharedBuckets},
};
use crate::{supervisor::Life, types::Timestamp};

/// Tokens that a session costs.
const SESSION_COST: u32 = 1;

/// The actor that every request for a session goes by.
pub struct Limiter {
    config: Config,
    buckets: Buckets,
    shared: Option<Shared>,
    life: Life<Self>,
}

struct Shared {
    url: RedisUrl,
    link: Link,
    /// `None` until first used, and after a failure: a fresh one carries no half-open state along.
    connection: Option<SharedBuckets>,
}

impl Limiter {
    /// Requests that may wait.
    const MAILBOX: usize = 1024;

    /// Full buckets: in Redis when `redis` is given, here otherwise. Nothing is connected yet.
    #[must_use]
    pub fn new(config: Config, redis: Option<RedisUrl>, life: Life<Self>) -> Self {
        let shared = redis.map(|url| Shared { url, link: Link::default(), connection: None });
        Self { config, buckets: Buckets::default(), shared, life }
    }

    fn take_locally(&mut self, claims: &[Claim]) -> Result<(), Refused> {
        self.buckets.take(claims, Timestamp::now(), SESSION_COST)
    }

    /// What Redis said about `claims`, or what is decided without it.
    fn decide(&mut self, claims: &[Claim], answer: Result<Result<(), Refused>, NoAnswer>) -> Result<(), Refused> {
        match self.note(answer) {
            Ok(Ok(())) => {
                // Charged along, so that losing Redis hands out no fresh burst; what Redis grants is granted anyway.
                let _kept_for_a_fallback = self.take_locally(claims);
                Ok(())
            }
            Ok(Err(refused)) => Err(refused),
            Err(NoAnswer(_)) => self.take_locally(claims),
        }
    }

    /// Remembers whether Redis answered, and logs a change of that.
    fn note<T>(&mut self, answer: Result<T, NoAnswer>) -> Result<T, NoAnswer> {
        let Some(shared) = &mut self.shared else { return answer };
        let change = match &answer {
            Ok(_) => shared.link.answered(),
            Err(NoAnswer(reason)) => {
                shared.connection = None;
                shared.link.failed(reason.clone(), Timestamp::now())
            }
        };
        match (change, &answer) {
            (Some(Change::Lost), Err(NoAnswer(reason))) => {
                warn!(redis = ?shared.url, reason, "redis does not answer: rate limits hold for this engine alone");
            }
            (Some(Change::Restored), _) => info!(redis = ?shared.url, "redis answers again: rate limits are shared"),
            (Some(Change::Lost), Ok(_)) | (None, _) => {}
        }
        answer
    }
}

impl Shared {
    fn connection(&mut self) -> Result<SharedBuckets, NoAnswer> {
        match &self.connection {
            Some(connection) => Ok(connection.clone()),
            None => SharedBuckets::new(&self.url).inspect(|new| self.connection = Some(new.clone())),
        }
    }
}

impl Actor for Limiter {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        context.set_mailbox_capacity(Self::MAILBOX);
        self.life.begin(context.address());
    }
}

impl Handler<Admit> for Limiter {
    type Result = ActorResponse<Self, Result<(), Refused>>;

    fn handle(&mut self, ask: Admit, _: &mut Context<Self>) -> Self::Result {
        self.life.handling("Admit");
        let claims = self.config.claims(ask.ip, &ask.user);
        let shared = match &mut self.shared {
            Some(shared) if shared.link.may_ask(Timestamp::now()) => shared.connection(),
            Some(_) | None => return ActorResponse::reply(self.take_locally(&claims)),
        };
        match shared {
            Ok(shared) => ActorResponse::r#async(
                shared
                    .take(claims.clone(), SESSION_COST)
                    .into_actor(self)
                    .map(move |answer, limiter, _| limiter.decide(&claims, answer)),
            ),
            Err(no_answer) => ActorResponse::reply(self.decide(&claims, Err(no_answer))),
        }
    }
}

impl Handler<HealthQuery> for Limiter {
    type Result = ResponseActFuture<Self, Health>;

    fn handle(&mut self, _: HealthQuery, _: &mut Context<Self>) -> Self::Result {
        self.life.handling("HealthQuery");
        let Some(shared) = &mut self.shared else { return Box::pin(fut::ready(Health::Local)) };
        let connection = shared.connection();
        let ping = async move { connection?.ping().await };
        Box::pin(ping.into_actor(self).map(|answer, limiter, _| limiter.health(answer)))
    }
}

impl Limiter {
    fn health(&mut self, answer: Result<std::time::Duration, NoAnswer>) -> Health {
        match self.note(answer) {
            Ok(latency) => Health::Shared { latency },
            Err(NoAnswer(reason)) => {
                let since = match self.shared.as_ref().map(|shared| &shared.link) {
                    Some(Link::Down { since, .. }) => *since,
                    Some(Link::Up) | None => Timestamp::now(),
                };
                Health::Fallback { reason, since }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::limiter::{Limit, Rate};

    const TIGHT: Rate = Rate { per_minute: 1, burst: 2 };

    fn admit(ip: &str, user: &str) -> Admit {
        Admit { ip: ip.parse().unwrap(), user: user.parse().unwrap() }
    }

    #[actix::test]
    async fn without_redis_the_buckets_are_its_own() {
        let limiter = Limiter::new(Config { user: TIGHT, ..Config::default() }, None, Life::alone("limiter")).start();
        for _ in 0..2 {
            assert_eq!(limiter.send(admit("192.0.2.1", "ann")).await.unwrap(), Ok(()));
        }
        let refused = limiter.send(admit("192.0.2.2", "ann")).await.unwrap().unwrap_err();
        assert_eq!(refused.limit, Limit::User);
        assert!(refused.retry_after.as_secs() >= 50, "{refused:?}");
        assert_eq!(limiter.send(admit("192.0.2.1", "bob")).await.unwrap(), Ok(()));
        assert_eq!(limiter.send(HealthQuery).await.unwrap(), Health::Local);
    }

    /// A Redis that takes the connection and says nothing.
    #[actix::test]
    async fn a_silent_redis_neither_stops_the_service_nor_lifts_the_limits() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", silent.local_addr().unwrap());
        let config = Config { user: TIGHT, ..Config::default() };
        let limiter = Limiter::new(config, Some(url.parse().unwrap()), Life::alone("limiter")).start();
        let asks = (0..6).map(|_| limiter.send(admit("192.0.2.1", "ann")));
        let answers = futures_util::future::join_all(asks).await;
        let admitted = answers.iter().filter(|answer| *answer.as_ref().unwrap() == Ok(())).count();
        assert_eq!(admitted, 2, "{answers:?}");
        match limiter.send(HealthQuery).await.unwrap() {
            Health::Fallback { reason, .. } => assert!(reason.contains("250 ms"), "{reason}"),
            health @ (Health::Local | Health::Shared { .. }) => panic!("{health:?}"),
        }
    }

    #[actix::test]
    async fn a_refused_connection_is_told_with_its_reason() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", closed.local_addr().unwrap());
        drop(closed);
        let limiter = Limiter::new(Config::default(), Some(url.parse().unwrap()), Life::alone("limiter")).start();
        match limiter.send(HealthQuery).await.unwrap() {
            Health::Fallback { reason, .. } => assert!(reason.to_lowercase().contains("refused"), "{reason}"),
            health @ (Health::Local | Health::Shared { .. }) => panic!("{health:?}"),
        }
    }
}
