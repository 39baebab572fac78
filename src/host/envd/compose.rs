//! `POST /files/compose`: several files become one, and are gone themselves.
//!
//! The bytes go from one descriptor to the other inside of the kernel. PID 1 opens, renames and removes; it copies
//! nothing. What is there at the destination stays until all of it is together.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read as _},
    sync::Arc,
};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{
    body_of,
    files::{Written, refusal, unwritten},
    path::{name_of, resolve},
};
use crate::host::{
    agent::protocol::{Kind, Op},
    api::Refusal,
    sandbox::Sandbox,
    sandboxes::{Sandboxes, random},
};

/// Files that are put together at once. Clients cut a large upload into some dozens.
const SOURCES_MAX: usize = 1000;
/// Letters that tell one unfinished file from another.
const UNFINISHED_LENGTH: usize = 16;

/// `ComposeRequest` of the protocol.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ComposeRequest {
    source_paths: Vec<String>,
    destination: String,
    username: Option<String>,
}

/// What is asked for, in absolute paths.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    sources: Vec<String>,
    destination: String,
}

pub async fn compose(
    sandboxes: &Sandboxes,
    sandbox: Arc<Sandbox>,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    if request.method() != actix_web::http::Method::POST {
        return Err(Refusal::new(405, "method not allowed"));
    }
    let body = body_of(payload).await.map_err(|err| Refusal::new(400, err.message))?;
    let asked = serde_json::from_slice(&body).map_err(|err| Refusal::new(400, format!("invalid request: {err}")))?;
    let order = order(asked)?;
    // A task, so that a client that goes away leaves no half of a file.
    let composed = sandboxes.tasks.spawn(async move { carry_out(&sandbox, order).await }).await;
    let written = composed.map_err(|_| Refusal::new(500, "cannot compose files"))??;
    Ok(HttpResponse::Ok().json(written))
}

fn order(asked: ComposeRequest) -> Result<Order, Refusal> {
    let invalid = |message: String| Refusal::new(400, message);
    if let Some(user) = asked.username.filter(|user| !user.is_empty() && user != "user") {
        let user: String = user.chars().take(64).collect();
        return Err(Refusal::new(401, format!("invalid username: '{user}': this host has only 'user'")));
    }
    if asked.source_paths.is_empty() {
        return Err(invalid("source_paths must not be empty".to_owned()));
    }
    if asked.source_paths.len() > SOURCES_MAX {
        return Err(invalid(format!("source_paths has more than {SOURCES_MAX} paths")));
    }
    let destination = resolve(&asked.destination).map_err(|err| invalid(format!("destination: {err}")))?;
    let mut sources = Vec::with_capacity(asked.source_paths.len());
    for source in asked.source_paths {
        let path = resolve(&source).map_err(|err| invalid(format!("source_paths: {err}")))?;
        if path == destination {
            return Err(invalid(format!("source path '{source}' cannot be the same as destination")));
        }
        sources.push(path);
    }
    Ok(Order { sources, destination })
}

async fn carry_out(sandbox: &Sandbox, order: Order) -> Result<Written, Refusal> {
    for source in &order.sources {
        let stat = sandbox.entry(Op::Stat { path: source.clone() }).await.map_err(|err| refusal(&err, source))?;
        match stat.kind {
            Kind::File => {}
            Kind::Directory | Kind::Symlink | Kind::Other => {
                return Err(Refusal::new(400, format!("source path is not a regular file: {source}")));
            }
        }
    }
    let Order { sources, destination } = order;
    let unfinished = format!("{destination}.e2b-compose.{}.tmp", random(UNFINISHED_LENGTH));
    let composed = match put_together(sandbox, &sources, &unfinished).await {
        Ok(()) => {
            let renamed = Op::Move { from: unfinished.clone(), to: destination.clone() };
            sandbox.entry(renamed).await.map(drop).map_err(|err| refusal(&err, &destination))
        }
        Err(err) => Err(err),
    };
    if let Err(err) = composed {
        // It may never have come to be.
        let _ = sandbox.remove(unfinished).await;
        return Err(err);
    }
    for source in BTreeSet::from_iter(sources) {
        // The new file is there, whatever becomes of the old ones.
        let _ = sandbox.remove(source).await;
    }
    let name = name_of(&destination).to_owned();
    Ok(Written { name, kind: "file", path: destination, metadata: Default::default() })
}

async fn put_together(sandbox: &Sandbox, sources: &[String], unfinished: &str) -> Result<(), Refusal> {
    let (_, mut into) = sandbox.open(unfinished.to_owned(), true).await.map_err(|err| refusal(&err, unfinished))?;
    for path in sources {
        let (_, from) = sandbox.open(path.clone(), false).await.map_err(|err| refusal(&err, path))?;
        let appended = tokio::task::spawn_blocking(move || append(from, into)).await;
        into = appended.map_err(|_| Refusal::new(500, "cannot compose files"))?.map_err(|err| unwritten(path, &err))?;
    }
    Ok(())
}

/// Blocks as long as the copying takes. No further than the file is long now: a program may be writing to it.
fn append(from: File, mut into: File) -> io::Result<File> {
    let length = from.metadata()?.len();
    io::copy(&mut from.take(length), &mut into)?;
    Ok(into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(sources: &[&str], destination: &str) -> Result<Order, Refusal> {
        let source_paths = sources.iter().map(|path| (*path).to_owned()).collect();
        order(ComposeRequest { source_paths, destination: destination.to_owned(), username: None })
    }

    #[test]
    fn an_order_has_sources_and_another_destination() {
        let expected =
            Order { sources: vec!["/home/user/a".into(), "/tmp/b".into()], destination: "/home/user/c".into() };
        assert_eq!(asked(&["a", "/tmp/b"], "~/c"), Ok(expected));
        let code = |sources: &[&str], destination: &str| asked(sources, destination).unwrap_err().code;
        assert_eq!(code(&[], "c"), 400);
        assert_eq!(code(&["a"], ""), 400);
        assert_eq!(code(&["a", "./b/../c"], "c"), 400, "the same file by another name");
        assert_eq!(code(&["a\0"], "c"), 400);
        assert_eq!(code(&vec!["a"; SOURCES_MAX + 1], "c"), 400);
        let other = ComposeRequest { username: Some("nobody".into()), ..ComposeRequest::default() };
        assert_eq!(order(other).unwrap_err().code, 401);
    }
}
