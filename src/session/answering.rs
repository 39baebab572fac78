//! Answering messages: who listens, who asks, who commands.

use std::time::Duration;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::{
    actor::{SessionActor, internal},
    logs::LogPage,
    messages::{
        Destroy, Ended, Extend, ExtendError, Extended, FollowLogs, Hibernate, Logs, Rest, Subscribe,
        TooManySubscribers, Unsubscribe,
    },
    signal::{Command, Signal},
};
use crate::{ledger, supervisor::Unanswered, types::MicroUsd};

impl Handler<Subscribe> for SessionActor {
    type Result = Result<(), TooManySubscribers>;

    fn handle(&mut self, Subscribe { subscriber }: Subscribe, _: &mut Self::Context) -> Self::Result {
        self.life.handling("Subscribe");
        let opening = std::iter::once(self.present()).chain(self.written_so_far());
        self.audience.add(subscriber, opening)
    }
}

impl Handler<Unsubscribe> for SessionActor {
    type Result = ();

    fn handle(&mut self, Unsubscribe { recipient }: Unsubscribe, _: &mut Self::Context) {
        self.life.handling("Unsubscribe");
        self.audience.remove(&recipient);
    }
}

impl Handler<Destroy> for SessionActor {
    type Result = ResponseFuture<Option<Ended>>;

    fn handle(&mut self, _: Destroy, ctx: &mut Self::Context) -> Self::Result {
        self.life.handling("Destroy");
        let (sender, ended) = oneshot::channel();
        self.waiting_for_end.push(sender);
        self.destroy(ctx);
        Box::pin(async move { ended.await.ok() })
    }
}

impl Handler<Extend> for SessionActor {
    type Result = ResponseFuture<Result<Extended, ExtendError>>;

    fn handle(&mut self, Extend { by }: Extend, ctx: &mut Self::Context) -> Self::Result {
        self.life.handling("Extend");
        let additional_cost = match self.session.quote(by) {
            Ok(cost) => cost,
            Err(rejected) => return Box::pin(std::future::ready(Err(rejected.into()))),
        };
        let (session, user) = (self.session.spec.id, self.session.spec.user.clone());
        let amount = self.session.reservation(by);
        let asked = self.parts.ledger.ask_again(ledger::Reserve { session, user, amount });
        let (tell, decided) = oneshot::channel();
        // The mailbox rests until the ledger has answered: of extensions that come together, each would else reserve
        // its own hours alone, and all be granted for the price of one.
        ctx.wait(asked.into_actor(self).map(move |answer, this, ctx| {
            // Whoever asked may be gone; the decision stands.
            let _ = tell.send(this.extend(by, additional_cost, answer, ctx));
        }));
        Box::pin(async move {
            let lost = || ExtendError::Unavailable(internal("the extension could not be stored"));
            let (committed, extended) = decided.await.map_err(|_| lost())??;
            committed.await.map_err(|_| lost())?;
            Ok(extended)
        })
    }
}

type Reserved = Result<Result<(), ledger::Refused>, Unanswered>;

impl SessionActor {
    /// Extends what the ledger has reserved for; the receiver fires once that is stored.
    fn extend(
        &mut self,
        by: Duration,
        additional_cost: MicroUsd,
        reserved: Reserved,
        ctx: &mut Context<Self>,
    ) -> Result<(oneshot::Receiver<()>, Extended), ExtendError> {
        match reserved {
            Ok(Ok(())) => {}
            Ok(Err(refused)) => return Err(ExtendError::OverBudget(refused)),
            Err(_) => return Err(ExtendError::Unavailable(internal("the ledger did not answer"))),
        }
        let (sender, committed) = oneshot::channel();
        self.apply(Signal::Command(Command::Extend { by }), Some(sender), ctx)?;
        Ok((committed, Extended { expires_at: self.session.expires_at, additional_cost }))
    }
}

impl Handler<Logs> for SessionActor {
    type Result = MessageResult<Logs>;

    fn handle(&mut self, Logs { after }: Logs, _: &mut Self::Context) -> Self::Result {
        self.life.handling("Logs");
        MessageResult(self.logs.after(after))
    }
}

impl Handler<FollowLogs> for SessionActor {
    type Result = Option<LogPage>;

    fn handle(&mut self, FollowLogs { after, follower }: FollowLogs, _: &mut Self::Context) -> Self::Result {
        self.life.handling("FollowLogs");
        self.logs.follow(follower).then(|| self.logs.after(after))
    }
}

impl Handler<Rest> for SessionActor {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Rest, _: &mut Self::Context) -> Self::Result {
        self.life.handling("Rest");
        let (sender, rests) = oneshot::channel();
        if !self.session.is_resting() {
            self.waiting_for_rest.push(sender);
        }
        // The sender is dropped where there is nothing to wait for, and with the actor.
        Box::pin(async move { rests.await.unwrap_or_default() })
    }
}

impl Handler<Hibernate> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Hibernate, ctx: &mut Self::Context) {
        self.life.handling("Hibernate");
        self.tell(Signal::Meter, ctx);
        // The stop takes effect after the commit that `tell` has put before it.
        ctx.notify(Asleep);
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Asleep;

impl Handler<Asleep> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Asleep, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
