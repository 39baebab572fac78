//! The client commands that are one request and its words, and the door to all of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    arguments::{ClientCommand, DestroyArgs, ExtendArgs, ListArgs, ShowArgs, UsageArgs},
    client::{Client, Engine, read},
    console::Console,
    error::{ClientError, Exit},
    export::export,
    logs::logs,
    spawn::{self, command, costs, extend as request_extension, maker},
    text,
    wire::{Destroyed, Session, SessionList, Usage},
};
use crate::types::{Status, Timestamp};

/// Runs `command` against `engine`; whatever happens is told on `console`.
///
/// Needs an actix runtime around it (awc's connections live on one), and for `https` addresses an installed rustls
/// provider.
pub async fn run_client(command: &ClientCommand, engine: &Engine, console: &mut Console) -> Exit {
    let client = Client::new(engine.clone());
    let (result, json) = match command {
        ClientCommand::Spawn(args) => (spawn::spawn(&client, args, console).await, args.json),
        ClientCommand::List(args) => (list(&client, args, console).await, args.json),
        ClientCommand::Show(args) => (show(&client, args, console).await, args.json),
        ClientCommand::Logs(args) => (logs(&client, args, console).await, args.json),
        ClientCommand::Extend(args) => (extend(&client, args, console).await, args.json),
        ClientCommand::Destroy(args) => (destroy(&client, args, console).await, args.json),
        ClientCommand::Export(args) => (export(&client, args, console).await, args.json),
        ClientCommand::Usage(args) => (usage(&client, args, console).await, args.json),
    };
    result.unwrap_or_else(|error| console.fail(&error, json))
}

/// Pages are asked for until `--limit` is reached.
async fn list(client: &Client, args: &ListArgs, console: &mut Console) -> Result<Exit, ClientError> {
    const PAGE_MAX: usize = 100;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let (mut raw, mut sessions, mut cursor) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let page = (limit - sessions.len()).min(PAGE_MAX);
        let path = list_path(args, page, cursor.as_deref());
        let mut answer = client.get(&path).await?;
        let mut list: SessionList = read(&format!("GET {path}"), &answer)?;
        list.sessions.truncate(page);
        if let Some(Value::Array(page_raw)) = answer.get_mut("sessions") {
            raw.extend(page_raw.drain(..).take(page));
        }
        let is_last = list.sessions.is_empty();
        sessions.append(&mut list.sessions);
        cursor = list.next_cursor;
        if is_last || cursor.is_none() || sessions.len() >= limit {
            break;
        }
    }
    if args.json {
        console.document(&json!({ "sessions": raw, "nextCursor": cursor }))?;
        return Ok(Exit::Ok);
    }
    if sessions.is_empty() {
        console.remark("no sessions: `spawnai spawn \"Build me a simple todo app\"` makes one");
        return Ok(Exit::Ok);
    }
    for line in text::table(&list_rows(&sessions, Timestamp::now())) {
        console.line(&line)?;
    }
    if cursor.is_some() {
        console.remark(&format!("there are more: --limit {}", args.limit.saturating_mul(2).min(1000)));
    }
    Ok(Exit::Ok)
}

fn list_path(args: &ListArgs, page: usize, cursor: Option<&str>) -> String {
    /// What may stand unescaped in a query's value.
    const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
    let mut path = format!("/api/spawn?limit={page}");
    let mut add = |name: &str, value: &str| {
        path.push_str(&format!("&{name}={}", utf8_percent_encode(value, VALUE)));
    };
    args.user.iter().for_each(|user| add("userId", user.as_str()));
    args.status.iter().for_each(|status| add("status", status.as_str()));
    cursor.iter().for_each(|cursor| add("cursor", cursor));
    path
}

fn list_rows(sessions: &[Session], now: Timestamp) -> Vec<Vec<String>> {
    const PROMPT_MAX: usize = 36;
    let head = ["ID", "STATUS", "LEFT", "COST", "PROMPT", "ADDRESS"].map(str::to_owned).to_vec();
    let row = |session: &Session| {
        let left = session.expires_at.filter(|_| !session.status.is_over()).map(|end| text::duration(end.until(now)));
        let address = session.app_url.as_deref().filter(|_| session.status == Status::Ready).unwrap_or_default();
        vec![
            session.session_id.to_string(),
            session.status.as_str().to_owned(),
            left.unwrap_or_else(|| "-".to_owned()),
            session.actual_cost.map_or_else(|| "-".to_owned(), text::dollars),
            text::shortened(&session.prompt, PROMPT_MAX),
            text::harmless(address),
        ]
    };
    std::iter::once(head).chain(sessions.iter().map(row)).collect()
}

async fn show(client: &Client, args: &ShowArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let (answer, session) = spawn::session(client, args.id).await?;
    if args.json {
        console.document(&answer)?;
        return Ok(Exit::Ok);
    }
    let status = text::status(session.status, session.end_reason);
    let status = match session.status {
        Status::Ready => console.green(&status),
        Status::Error => console.red(&status),
        Status::Creating | Status::Generating | Status::Deploying | Status::Expired => console.bold(&status),
    };
    let step = (!session.status.is_over() && session.status != Status::Ready)
        .then(|| format!("{} ({} %)", text::step(session.phase), session.progress));
    let expires = session.expires_at.filter(|_| !session.status.is_over());
    let expires =
        expires.map(|end| format!("{} ({} left)", text::time(end), text::duration(end.until(Timestamp::now()))));
    let rows = [
        ("session", Some(session.session_id.to_string())),
        ("status", Some(status)),
        ("step", step),
        ("address", session.app_url.clone()),
        ("prompt", Some(text::shortened(&session.prompt, 400))),
        ("type", session.app_type.map(|kind| kind.as_str().to_owned())),
        ("user", session.user_id.clone()),
        ("made by", maker(&session)),
        ("note", session.note.as_deref().map(text::harmless)),
        ("cost", costs(&session)),
        ("tokens", session.tokens.as_ref().filter(|tokens| tokens.total > 0).map(|tokens| tokens.total.to_string())),
        ("created", session.created_at.map(text::time)),
        ("until", expires),
        ("error", session.failure().as_deref().map(text::harmless)),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            console.line(&format!("{name:<9} {value}"))?;
        }
    }
    history(&session, console)?;
    if !session.status.is_over() {
        console.line(&format!("end it    {}", command(client, &format!("destroy {}", args.id))))?;
    }
    Ok(Exit::Ok)
}

/// Who could not write the app, and how it was mended.
fn history(session: &Session, console: &mut Console) -> Result<(), ClientError> {
    for trial in &session.attempts {
        let Some(error) = &trial.error else { continue };
        let prompt = trial.prompt.as_deref().map(|prompt| format!(" ({prompt} prompt)")).unwrap_or_default();
        let line = format!("{}{prompt}: {}", trial.model, error.message);
        console.line(&format!("{:<9} {}", "asked", text::harmless(&line)))?;
    }
    for repair in &session.repairs {
        let line = format!("{} ({} tokens), after: {}", repair.did, repair.tokens, repair.failure.message);
        console.line(&format!("{:<9} {}", "mended", text::harmless(&line)))?;
    }
    Ok(())
}

async fn extend(client: &Client, args: &ExtendArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let (answer, extended) = request_extension(client, args.id, args.hours).await?;
    if args.json {
        console.document(&answer)?;
    } else {
        let until = text::time(extended.new_expires_at);
        console.line(&format!("lives until {until}, for {} more", text::dollars(extended.additional_cost)))?;
    }
    Ok(Exit::Ok)
}

/// Tries every id, and ends with the first failure's code.
async fn destroy(client: &Client, args: &DestroyArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let mut exit = Exit::Ok;
    for id in &args.ids {
        let path = format!("/api/spawn/{id}");
        let result = client.delete(&path).await;
        let result = result.and_then(|answer| Ok((read::<Destroyed>(&format!("DELETE {path}"), &answer)?, answer)));
        match result {
            Ok((_, answer)) if args.json => console.line(&answer.to_string())?,
            Ok((destroyed, _)) => {
                let how = destroyed.end_reason.map_or("over", |reason| reason.as_str());
                console.line(&format!("{id}  {how}, final cost {}", text::dollars(destroyed.final_cost)))?;
            }
            Err(error) => {
                if args.json {
                    let mut document = error.to_json();
                    document["sessionId"] = json!(id);
                    console.line(&document.to_string())?;
                } else {
                    console.fail(&error, false);
                }
                exit = if exit == Exit::Ok { error.exit() } else { exit };
            }
        }
    }
    Ok(exit)
}

async fn usage(client: &Client, args: &UsageArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let bounds = [("from", args.from), ("to", args.to)];
    let bounds = bounds.iter().filter_map(|(name, time)| time.map(|time| format!("{name}={time}")));
    let query = bounds.collect::<Vec<_>>().join("&");
    let path = if query.is_empty() { "/api/usage".to_owned() } else { format!("/api/usage?{query}") };
    let answer = client.get(&path).await?;
    let usage: Usage = read(&format!("GET {path}"), &answer)?;
    if args.json {
        console.document(&answer)?;
        return Ok(Exit::Ok);
    }
    let period = format!("{} to {}", text::time(usage.from), text::time(usage.to));
    console.line(&format!("{}  {}", console.bold(&text::dollars(usage.total)), console.dim(&period)))?;
    let mut rows = vec![["USER", "KIND", "COST", "QUANTITY"].map(str::to_owned).to_vec()];
    for user in &usage.users {
        let name = text::shortened(&user.user_id, 128);
        rows.push(vec![name, "all".to_owned(), text::dollars(user.total), String::new()]);
        for kind in &user.kinds {
            let quantity = format!("{:.3} {}", kind.quantity, text::harmless(&kind.unit));
            rows.push(vec![String::new(), text::harmless(&kind.kind), text::dollars(kind.cost), quantity]);
        }
    }
    if !usage.users.is_empty() {
        for line in text::table(&rows) {
            console.line(&line)?;
        }
    }
    Ok(Exit::Ok)
}
