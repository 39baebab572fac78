//! What clients feed to programs: `SendInput`, `StreamInput` and `CloseStdin` of `process.Process`.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::json;

use super::{
    MESSAGE_MAX,
    connect::{Code, Frames, RpcError, end, message, parse},
    process::{Selector, select},
};
use crate::host::{
    process::{Input as Way, Process},
    sandbox::Sandbox,
};

/// Longest wait for a program to read its input.
const INPUT_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest silence of a client's stream of input. Clients send a keepalive every 50 s.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
struct SendInput {
    process: Selector,
    input: Input,
}

/// `process.ProcessInput` of the protocol: one of both, base64.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    stdin: Option<String>,
    pty: Option<String>,
}

/// `process.StreamInputRequest` of the protocol; neither field is a keepalive.
#[derive(Deserialize)]
struct StreamInput {
    start: Option<Opening>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Opening {
    process: Selector,
}

#[derive(Deserialize)]
struct Data {
    input: Input,
}

pub async fn send(sandbox: &Sandbox, body: &[u8]) -> Result<HttpResponse, RpcError> {
    let asked: SendInput = parse(body)?;
    let process = select(sandbox, &asked.process)?;
    feed(&process, &asked.input).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

/// A terminal is not closed by this: its end of input is a character that is typed.
pub async fn close(process: &Process) -> Result<HttpResponse, RpcError> {
    let mut input = process.input.lock().await;
    match *input {
        Way::Terminal(_) => Err(RpcError::new(Code::FailedPrecondition, "a terminal's input is closed by typing ^D")),
        Way::Closed | Way::Pipe(_) => {
            *input = Way::Closed;
            Ok(HttpResponse::Ok().json(json!({})))
        }
    }
}

/// Feeds one program as long as the client's stream lasts. The answer is a stream as well: one message, one end.
pub async fn stream(sandbox: &Sandbox, payload: web::Payload) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type("application/connect+json");
    let mut gone = sandbox.gone();
    let fed = tokio::select! {
        fed = feed_all(sandbox, payload) => fed,
        _ = gone.wait_for(|gone| *gone) => Err(RpcError::new(Code::Unavailable, "the sandbox is gone")),
    };
    match fed {
        Ok(()) => response.body(Bytes::from([message(&json!({})), end()].concat())),
        Err(err) => response.body(err.last_frame()),
    }
}

async fn feed_all(sandbox: &Sandbox, mut payload: web::Payload) -> Result<(), RpcError> {
    let invalid = |what: &str| RpcError::new(Code::InvalidArgument, what);
    let mut frames = Frames::new(MESSAGE_MAX);
    let mut process: Option<Arc<Process>> = None;
    loop {
        let chunk = tokio::time::timeout(IDLE_TIMEOUT, payload.next()).await;
        let chunk = chunk.map_err(|_| RpcError::new(Code::DeadlineExceeded, "the stream of input stands still"))?;
        let Some(chunk) = chunk else { break };
        frames.push(&chunk.map_err(|_| invalid("the stream of input broke off"))?);
        while let Some(frame) = frames.next()? {
            let StreamInput { start, data } = parse(&frame)?;
            match (start, data, &process) {
                (Some(opening), None, None) => process = Some(select(sandbox, &opening.process)?),
                (None, Some(data), Some(process)) => feed(process, &data.input).await?,
                (None, None, _) => {}
                (_, _, _) => return Err(invalid("a stream of input has one start, and data after it")),
            }
        }
    }
    if frames.is_empty() && process.is_some() { Ok(()) } else { Err(invalid("the stream of input is cut short")) }
}

async fn feed(process: &Process, input: &Input) -> Result<(), RpcError> {
    let (encoded, what) = match (&input.stdin, &input.pty, &process.terminal) {
        (Some(stdin), None, None) => (stdin, "stdin"),
        (None, Some(pty), Some(_)) => (pty, "the terminal"),
        (Some(_), None, Some(_)) => {
            return Err(RpcError::new(Code::FailedPrecondition, "the process has a terminal: send input as pty"));
        }
        (None, Some(_), None) => {
            return Err(RpcError::new(Code::FailedPrecondition, "the process has no terminal: send input as stdin"));
        }
        (None, None, _) | (Some(_), Some(_), _) => {
            return Err(RpcError::new(Code::InvalidArgument, "input is either stdin or pty"));
        }
    };
    let bytes = STANDARD.decode(encoded);
    let bytes = bytes.map_err(|_| RpcError::new(Code::InvalidArgument, "input is not valid base64"))?;
    let mut way = process.input.lock().await;
    match tokio::time::timeout(INPUT_TIMEOUT, way.write_all(&bytes)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(err)) => Err(RpcError::new(Code::FailedPrecondition, format!("{what} of the process: {err}"))),
        Err(_) => Err(RpcError::new(Code::ResourceExhausted, format!("the process does not read {what}"))),
    }
}
