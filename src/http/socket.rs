//! `/ws`: one actor per socket, subscribed to session actors directly.
//!
//! ```text
//!  SessionActor ──Delivery──► Socket ──window──► client
//!                               │ full: only the newest frame of each session waits
//!                               ▲
//!                        pong ──┘ opens the window again
//! ```
//!
//! What actix has been given to write cannot be taken back, and its buffer has no bound. So frames go out in windows:
//! after [`WINDOW`] of them a ping follows, and until the client's pong comes back no further frame is handed over. A
//! slow reader thus costs one frame per session, and then reads the present instead of the past. Frame numbers show
//! the gap.
//!
//! Pieces of files that are being written pass by: they take at most half of a window, and wait for none. A piece that finds
//! no room is lost, and so are those after it until that file or another one begins, so that what comes is never a text
//! with a hole: the offsets show where a reader stands.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use actix::prelude::*;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, CloseCode, CloseReason, WebsocketContext};
use bytestring::ByteString;
use serde::Deserialize;
use serde_json::json;

use super::{Api, sessions::end};
use crate::{
    events::Frame,
    session::{Delivery, Subscribe, Subscriber, Unsubscribe},
    store::Store,
    types::{Category, Failure, SessionId},
};

/// Frames under way to one client.
const WINDOW: usize = 64;
/// Of these, frames of files that pass by; the rest is for what counts.
const PASSING_MAX: usize = WINDOW / 2;
/// Deliveries waiting for the socket's actor.
const MAILBOX: usize = 256;
/// Sessions that one socket may follow.
const SUBSCRIPTIONS_MAX: usize = 200;
/// Bytes of one frame from a client; ours need a hundred.
const FRAME_MAX: usize = 16 * 1024;
/// Frames of a client whose answers it has not waited for.
const ASKED_MAX: usize = 64;
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A client that has been silent this long, pongs included, is gone.
const SILENCE_MAX: Duration = Duration::from_secs(30);

pub(super) async fn open(
    api: web::Data<Api>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let socket = Socket::new(api.get_ref().clone());
    ws::WsResponseBuilder::new(socket, &request, payload).frame_size(FRAME_MAX).start()
}

/// What a client may say.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Ask {
    #[serde(rename = "session_subscribe")]
    Subscribe { session_id: SessionId },
    #[serde(rename = "session_unsubscribe")]
    Unsubscribe { session_id: SessionId },
    #[serde(rename = "session_destroy")]
    Destroy { session_id: SessionId },
}

struct Socket {
    api: Api,
    following: HashSet<SessionId>,
    /// Those of which a piece of a file was lost, until a file begins.
    torn: HashSet<SessionId>,
    /// Frames handed over since the last answered ping.
    in_flight: usize,
    /// The newest frame of each session that waits for the window, by arrival. Findings do not wait: they are in the
    /// session's view, and would take the place of where it stands.
    waiting: Vec<Frame>,
    asked: usize,
    heard: Instant,
    /// The text of a message that comes in several frames.
    partial: Option<Vec<u8>>,
}

impl Socket {
    fn new(api: Api) -> Self {
        Self {
            api,
            following: HashSet::new(),
            torn: HashSet::new(),
            in_flight: 0,
            waiting: Vec::new(),
            asked: 0,
            heard: Instant::now(),
            partial: None,
        }
    }

    fn offer(&mut self, frame: Frame, ctx: &mut WebsocketContext<Self>) {
        if !self.following.contains(&frame.session) {
            return;
        }
        if frame.is_passing() {
            self.pass(&frame, ctx);
            return;
        }
        if frame.last {
            self.following.remove(&frame.session);
            self.torn.remove(&frame.session);
        }
        if self.in_flight < WINDOW {
            self.write(&frame, ctx);
        } else if frame.is_standing() {
            self.waiting.retain(|older| older.session != frame.session);
            self.waiting.push(frame);
        }
    }

    /// A piece of a file, if there is room for it and for those before it was.
    fn pass(&mut self, frame: &Frame, ctx: &mut WebsocketContext<Self>) {
        if frame.begins {
            self.torn.remove(&frame.session);
        }
        if self.in_flight >= PASSING_MAX && !self.torn.contains(&frame.session) {
            self.torn.insert(frame.session);
            // Room is made by a pong, which only a full window asks for otherwise.
            ctx.ping(b"window");
        }
        if !self.torn.contains(&frame.session) {
            self.write(frame, ctx);
        }
    }

    fn write(&mut self, frame: &Frame, ctx: &mut WebsocketContext<Self>) {
        ctx.text(ByteString::from(&*frame.json));
        self.in_flight += 1;
        if self.in_flight == WINDOW {
            ctx.ping(b"window");
        }
    }

    fn window_opened(&mut self, ctx: &mut WebsocketContext<Self>) {
        self.in_flight = 0;
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        for frame in waiting.by_ref() {
            self.write(&frame, ctx);
            if self.in_flight >= WINDOW {
                break;
            }
        }
        self.waiting = waiting.collect();
    }

    fn hear(&mut self, text: &[u8], ctx: &mut WebsocketContext<Self>) {
        match serde_json::from_slice::<Ask>(text) {
            Ok(_) if self.asked >= ASKED_MAX => {
                let message = format!("more than {ASKED_MAX} requests wait for their answers; wait for some");
                complain(None, &Failure::new("too_many_requests", Category::Resource, message).retryable(), ctx);
            }
            Ok(Ask::Subscribe { session_id }) => self.subscribe(session_id, ctx),
            Ok(Ask::Unsubscribe { session_id }) => self.unsubscribe(session_id, ctx),
            Ok(Ask::Destroy { session_id }) => self.destroy(session_id, ctx),
            Err(error) => {
                let message = format!(
                    "the frame cannot be used: {error}; send {{\"type\":\"session_subscribe\",\"sessionId\":\"…\"}}, \
                     session_unsubscribe or session_destroy"
                );
                complain(None, &Failure::new("invalid_frame", Category::User, message), ctx);
            }
        }
    }

    fn subscribe(&mut self, id: SessionId, ctx: &mut WebsocketContext<Self>) {
        if self.following.len() >= SUBSCRIPTIONS_MAX {
            let message = format!("a socket follows at most {SUBSCRIPTIONS_MAX} sessions; open another one");
            complain(Some(id), &Failure::new("too_many_subscriptions", Category::Resource, message), ctx);
            return;
        }
        // Asked again, the answer is the present state again, but not every frame twice.
        if !self.following.insert(id) {
            self.unsubscribe(id, ctx);
            self.following.insert(id);
        }
        let Some(actor) = self.api.directory.actor(id) else {
            self.tell_stored(id, ctx);
            return;
        };
        let subscriber = Subscriber::Socket(ctx.address().recipient());
        self.asked += 1;
        ctx.spawn(actor.ask_again(Subscribe { subscriber }).into_actor(self).map(move |answer, this, ctx| {
            this.asked -= 1;
            match answer {
                Ok(Ok(())) => {}
                Ok(Err(full)) => {
                    this.following.remove(&id);
                    let failure = Failure::new("too_many_subscribers", Category::Resource, full.to_string());
                    complain(Some(id), &failure.retryable(), ctx);
                }
                Err(_) => this.tell_stored(id, ctx),
            }
        }));
    }

    /// The last word on a session that has no actor any more.
    fn tell_stored(&mut self, id: SessionId, ctx: &mut WebsocketContext<Self>) {
        self.asked += 1;
        let last = last_frame(self.api.store.clone(), id);
        ctx.spawn(last.into_actor(self).map(move |outcome, this, ctx| {
            this.asked -= 1;
            match outcome {
                Ok(Some(frame)) => this.offer(frame, ctx),
                Ok(None) => {
                    let message = format!("there is no session {id}");
                    complain(Some(id), &Failure::new("not_found", Category::User, message), ctx);
                }
                Err(failure) => complain(Some(id), &failure, ctx),
            }
            this.following.remove(&id);
        }));
    }

    fn unsubscribe(&mut self, id: SessionId, ctx: &mut WebsocketContext<Self>) {
        self.following.remove(&id);
        self.torn.remove(&id);
        self.waiting.retain(|frame| frame.session != id);
        if let Some(actor) = self.api.directory.actor(id) {
            actor.tell(Unsubscribe { recipient: ctx.address().recipient() });
        }
    }

    fn destroy(&mut self, id: SessionId, ctx: &mut WebsocketContext<Self>) {
        let Some(actor) = self.api.directory.actor(id) else {
            self.following.insert(id);
            self.tell_stored(id, ctx);
            return;
        };
        self.asked += 1;
        // Who follows is told by the session itself, maybe before this answer.
        let told = self.following.contains(&id);
        ctx.spawn(async move { end(&actor).await }.into_actor(self).map(move |answer, this, ctx| {
            this.asked -= 1;
            match answer {
                Some(ended) if !told && !this.following.contains(&id) => {
                    let frame = json!({
                        "type": "session_expired",
                        "sessionId": id,
                        "finalCost": ended.final_cost.as_dollars(),
                        "endReason": ended.reason,
                    });
                    ctx.text(frame.to_string());
                }
                Some(_) => {}
                None => {
                    let failure =
                        Failure::new("unavailable", Category::System, "the session did not answer; try again");
                    complain(Some(id), &failure.retryable(), ctx);
                }
            }
        }));
    }
}

async fn last_frame(store: Store, id: SessionId) -> Result<Option<Frame>, Failure> {
    let Some(_) = store.session(id).await? else { return Ok(None) };
    let mut last = None;
    let mut after = 0;
    loop {
        let rows = store.events_after(id, after, Store::EVENTS_MAX).await?;
        let full = rows.len() == Store::EVENTS_MAX;
        if let Some(row) = rows.into_iter().next_back() {
            after = row.seq;
            last = Frame::restore(id, row.seq, row.at, &row.kind, &row.body).ok();
        }
        if !full {
            return Ok(last);
        }
    }
}

fn complain(id: Option<SessionId>, failure: &Failure, ctx: &mut WebsocketContext<Socket>) {
    let frame = json!({ "type": "session_error", "sessionId": id, "error": failure, "recoverable": failure.retryable });
    ctx.text(frame.to_string());
}

impl Actor for Socket {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        metrics::gauge!("spawnai_websockets_open").increment(1);
        ctx.spawn(self.api.directory.closing().into_actor(self).map(|(), _, ctx| {
            let why = "the engine is stopping; connect again".to_owned();
            ctx.close(Some(CloseReason { code: CloseCode::Away, description: Some(why) }));
            ctx.stop();
        }));
        ctx.run_interval(HEARTBEAT, |this, ctx| {
            if this.heard.elapsed() > SILENCE_MAX {
                ctx.close(Some(CloseReason {
                    code: CloseCode::Policy,
                    description: Some("no answer to pings".into()),
                }));
                ctx.stop();
            } else {
                ctx.ping(b"");
            }
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        metrics::gauge!("spawnai_websockets_open").decrement(1);
    }
}

impl Handler<Delivery> for Socket {
    type Result = ();

    fn handle(&mut self, Delivery(frame): Delivery, ctx: &mut Self::Context) {
        self.offer(frame, ctx);
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Socket {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, ctx: &mut Self::Context) {
        self.heard = Instant::now();
        let close = |code, description: &str, ctx: &mut Self::Context| {
            ctx.close(Some(CloseReason { code, description: Some(description.to_owned()) }));
            ctx.stop();
        };
        match message {
            Ok(ws::Message::Text(text)) => self.hear(text.as_bytes(), ctx),
            Ok(ws::Message::Binary(_)) => close(CloseCode::Unsupported, "send JSON in text frames", ctx),
            Ok(ws::Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(ws::Message::Pong(bytes)) => {
                if &bytes[..] == b"window" {
                    self.window_opened(ctx);
                }
            }
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(ws::Message::Continuation(item)) => self.hear_part(item, ctx),
            Ok(ws::Message::Nop) => {}
            Err(ws::ProtocolError::Overflow) => close(CloseCode::Size, "the frame is too large", ctx),
            Err(error) => close(CloseCode::Protocol, &error.to_string(), ctx),
        }
    }
}

impl Socket {
    fn hear_part(&mut self, item: actix_http::ws::Item, ctx: &mut WebsocketContext<Self>) {
        use actix_http::ws::Item;
        let (bytes, last) = match item {
            Item::FirstText(bytes) => {
                self.partial = Some(Vec::new());
                (bytes, false)
            }
            Item::FirstBinary(_) => {
                ctx.close(Some(CloseReason { code: CloseCode::Unsupported, description: None }));
                ctx.stop();
                return;
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some(partial) = self.partial.as_mut() else { return };
        if partial.len() + bytes.len() > FRAME_MAX {
            ctx.close(Some(CloseReason { code: CloseCode::Size, description: None }));
            ctx.stop();
            return;
        }
        partial.extend_from_slice(&bytes);
        if last && let Some(text) = self.partial.take() {
            self.hear(&text, ctx);
        }
    }
}
