//! `spawn`: asks, follows the steps, and hands over the address.
//!
//! ```text
//!   POST ─► accepted ─► events ─┬─ ready ──► (extend) ─► GET ─► the address, the time, the cost, the note
//!                 └ --detach    ├─ error ──► GET ─► why
//!                               ├─ cut ────► resumed by number, or given up
//!                               └─ Ctrl-C ─► the session goes on
//! ```

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    arguments::{self, DEFAULT_URL, PROMPT_CHARS_MAX, SpawnArgs},
    client::{Client, read},
    console::{Console, Progress},
    error::{ClientError, Exit},
    follow::Follower,
    text,
    wire::{Accepted, Extended, Frame, NewSession, Session},
};
use crate::types::{Phase, SessionId, Status, Timestamp};

/// What a follower saw last.
enum Ended {
    Live,
    Over,
}

pub(super) async fn spawn(client: &Client, args: &SpawnArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let prompt = if args.prompt == "-" { prompt_from_stdin()? } else { args.prompt.clone() };
    let started = Instant::now();
    let request = NewSession { prompt: &prompt, app_type: args.app_type, user_id: args.user.as_ref() };
    let answer = client.post("/api/spawn", &request).await?;
    let accepted: Accepted = read("POST /api/spawn", &answer)?;
    if args.detach {
        return detached(client, args, console, &answer, &accepted);
    }
    let id = accepted.session_id;
    let mut progress = console.progress(args.json, started);
    let followed = tokio::select! {
        biased;
        // Without a handler for it, Ctrl-C ends the process by itself: nothing to be done here then. Where the engine is in
        // this process, that hears of it first.
        Ok(()) = tokio::signal::ctrl_c() => Err(ClientError::Interrupted),
        followed = follow(client, id, &mut progress, console) => followed,
    };
    progress.finish();
    let ended = match followed {
        Err(ClientError::Interrupted) => return Ok(interrupted(client, id, args.json, console)),
        Err(error @ ClientError::Cut { .. }) => {
            console.remark(&format!("the session is {id}"));
            return Err(error);
        }
        followed => followed?,
    };
    let took = started.elapsed();
    let extension = match (&ended, args.hours) {
        (Ended::Live, Some(hours)) => Some(extend(client, id, hours).await),
        (Ended::Live, None) | (Ended::Over, _) => None,
    };
    let (mut answer, session) = session(client, id).await?;
    let exit = if session.status == Status::Ready { Exit::Ok } else { Exit::SessionFailed };
    if args.json {
        if let Value::Object(fields) = &mut answer {
            fields.insert("elapsedMs".to_owned(), json!(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)));
        }
        console.document(&answer)?;
    } else if session.status == Status::Ready {
        live(client, &session, took, console)?;
    } else {
        failed(client, &session, console);
    }
    if let Some(Err(error)) = extension {
        console.remark(&format!("warning: it could not be extended: {error}"));
    }
    Ok(exit)
}

/// Sends the request behind `extend`.
pub(super) async fn extend(client: &Client, id: SessionId, hours: f64) -> Result<(Value, Extended), ClientError> {
    let path = format!("/api/spawn/{id}/extend");
    // A whole number is sent as one: nobody need wonder whether 1.0 is an integer.
    let hours = if hours.fract() == 0.0 { json!(hours as u64) } else { json!(hours) };
    let answer = client.post(&path, &json!({ "additionalHours": hours })).await?;
    let extended = read(&format!("POST {path}"), &answer)?;
    Ok((answer, extended))
}

/// The session as the engine sends it, and as it is read.
pub(super) async fn session(client: &Client, id: SessionId) -> Result<(Value, Session), ClientError> {
    let path = format!("/api/spawn/{id}");
    let answer = client.get(&path).await?;
    let session = read(&format!("GET {path}"), &answer)?;
    Ok((answer, session))
}

async fn follow(
    client: &Client,
    id: SessionId,
    progress: &mut Progress,
    console: &mut Console,
) -> Result<Ended, ClientError> {
    let path = format!("/api/spawn/{id}/events");
    let mut events = Follower::new(client, path.clone());
    loop {
        let Some(event) = events.next().await? else {
            // The end may have swallowed the last event: the session itself knows.
            let (_, session) = session(client, id).await?;
            progress.step(console, session.phase, session.progress, None)?;
            match session.status {
                Status::Ready => return Ok(Ended::Live),
                Status::Error | Status::Expired => return Ok(Ended::Over),
                Status::Creating | Status::Generating | Status::Deploying => events.resume().await?,
            }
            continue;
        };
        let frame = serde_json::from_str::<Frame>(&event.data)
            .map_err(|error| ClientError::Unexpected { what: format!("GET {path}"), reason: error.to_string() })?;
        match frame {
            Frame::SessionUpdate { status, phase, progress: percent, message } => {
                progress.step(console, phase, percent, message.as_deref())?;
                match status {
                    Status::Ready => return Ok(Ended::Live),
                    Status::Error | Status::Expired => return Ok(Ended::Over),
                    Status::Creating | Status::Generating | Status::Deploying => {}
                }
            }
            Frame::SessionFile { path, offset, text } => {
                let written = offset.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
                let words = format!("{path}, {written} bytes");
                progress.detail(console, Phase::Writing, &words)?;
            }
            Frame::SessionError { recoverable: false, .. } | Frame::SessionExpired {} => return Ok(Ended::Over),
            Frame::SessionError { error, recoverable: true } => {
                console.remark(&format!("trying again: {}", text::harmless(&error.message)));
            }
            Frame::Unknown => {}
        }
    }
}

fn detached(
    client: &Client,
    args: &SpawnArgs,
    console: &mut Console,
    answer: &Value,
    accepted: &Accepted,
) -> Result<Exit, ClientError> {
    if args.json {
        console.document(answer)?;
        return Ok(Exit::Ok);
    }
    console.line(&format!("accepted  {}", accepted.session_id))?;
    if let Some(url) = &accepted.app_url {
        console.line(&format!("address   {url} (once it is live)"))?;
    }
    console.line(&format!("look      {}", command(client, &format!("show {}", accepted.session_id))))?;
    Ok(Exit::Ok)
}

fn interrupted(client: &Client, id: SessionId, json: bool, console: &mut Console) -> Exit {
    let exit = console.fail(&ClientError::Interrupted, json);
    console.remark(&format!("  the session goes on: {}", command(client, &format!("show {id}"))));
    console.remark(&format!("  to end it:            {}", command(client, &format!("destroy {id}"))));
    exit
}

fn live(client: &Client, session: &Session, took: Duration, console: &mut Console) -> Result<(), ClientError> {
    let id = session.session_id;
    let url = text::harmless(session.app_url.as_deref().unwrap_or("(the engine gave no address)"));
    console.line("")?;
    console.line(&format!("  {}  {}", console.green("Your app is live:"), console.bold(&url)))?;
    console.line("")?;
    console.line(&format!("  took      {}, from the prompt to a working address", text::duration(took)))?;
    if let Some(cost) = costs(session) {
        console.line(&format!("  cost      {cost}"))?;
    }
    if let Some(maker) = maker(session) {
        console.line(&format!("  made by   {maker}"))?;
    }
    if let Some(note) = &session.note {
        console.line(&format!("            {}", text::harmless(note)))?;
    }
    if let Some(expires) = session.expires_at {
        let left = text::duration(expires.until(Timestamp::now()));
        console.line(&format!("  until     {} ({left} from now)", text::time(expires)))?;
    }
    console.line(&format!("  longer    {}", command(client, &format!("extend {id} 0.5"))))?;
    console.line(&match client.engine.is_in_process() {
        true => "  end it    Ctrl-C: the engine runs in this process, and the app ends with it".to_owned(),
        false => format!("  end it    {}", command(client, &format!("destroy {id}"))),
    })?;
    trust(client, &url, console)
}

/// Addresses below `localhost` have certificates of the engine's own authority, which nobody trusts yet.
fn trust(client: &Client, url: &str, console: &mut Console) -> Result<(), ClientError> {
    let host = url.strip_prefix("https://").and_then(|rest| rest.split([':', '/']).next()).unwrap_or_default();
    if !host.ends_with(".localhost") {
        return Ok(());
    }
    let file = match client.engine.ca_file() {
        Some(file) => file.display().to_string(),
        None => "ca.pem in the engine's data folder".to_owned(),
    };
    console.line(&format!("  trust     the certificate comes from this engine's own authority: {file}"))?;
    if client.engine.ca_file().is_some() {
        console.line(&format!("            curl --cacert {file} {url}"))?;
    }
    console.line("            browsers: import that file as an authority for web sites, or accept the warning")
}

fn failed(client: &Client, session: &Session, console: &mut Console) {
    let why =
        session.failure().unwrap_or_else(|| format!("it is {}", text::status(session.status, session.end_reason)));
    console.remark(&format!("error: the session failed: {}", text::harmless(&why)));
    if session.error.as_ref().is_some_and(|error| error.retryable) {
        console.remark("  trying again may help");
    }
    if !client.engine.is_in_process() {
        console.remark(&format!("  its output: {}", command(client, &format!("logs {}", session.session_id))));
    }
}

pub(super) fn costs(session: &Session) -> Option<String> {
    match (session.actual_cost, session.estimated_cost) {
        (Some(actual), Some(estimate)) => {
            Some(format!("{} so far, {} estimated for its whole life", text::dollars(actual), text::dollars(estimate)))
        }
        (Some(actual), None) => Some(format!("{} so far", text::dollars(actual))),
        (None, Some(estimate)) => Some(format!("{} estimated for its whole life", text::dollars(estimate))),
        (None, None) => None,
    }
}

pub(super) fn maker(session: &Session) -> Option<String> {
    let generator = text::harmless(session.generator.as_deref()?);
    let template = session.template.as_deref().map(|name| format!(", {}", text::harmless(name)));
    let fit = session.match_percent.map(|percent| format!(" ({percent} % match)"));
    Some(format!("{generator}{}{}", template.unwrap_or_default(), fit.unwrap_or_default()))
}

/// A command line that reaches the same engine.
pub(super) fn command(client: &Client, rest: &str) -> String {
    match client.engine.url() {
        DEFAULT_URL => format!("spawnai {rest}"),
        url => format!("spawnai --url {url} {rest}"),
    }
}

fn prompt_from_stdin() -> Result<String, ClientError> {
    // One character more than is accepted, each of up to four bytes, tells that there was too much.
    let limit = u64::try_from((PROMPT_CHARS_MAX + 1) * 4).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| ClientError::Usage(format!("cannot read the prompt from standard input: {error}")))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.utf8_error().error_len().is_none() => "…".repeat(PROMPT_CHARS_MAX + 1),
        Err(_) => return Err(ClientError::Usage("the prompt on standard input is not UTF-8".to_owned())),
    };
    arguments::prompt(text.trim()).map_err(ClientError::Usage)
}
