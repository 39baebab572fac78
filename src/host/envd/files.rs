//! `GET|POST /files`: whole files, in and out.
//!
//! The bytes go straight between the client's socket and a descriptor that PID 1 opened as the sandbox's user. A
//! sandbox's files lie in memory, so reading and writing them never waits.

use std::{
    io::{Read, Write},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_multipart::{Multipart, MultipartError};
use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, RANGE},
    web,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;

use super::path::{name_of, resolve};
use crate::host::{api::Refusal, error::AgentError, sandbox::Sandbox};

/// Files of one upload.
const FILES_MAX: usize = 10_000;
/// Longest wait for the next part of an upload.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes handed on at once.
const CHUNK: usize = 128 * 1024;

/// An uploaded file, as the SDKs expect it back.
#[derive(Serialize)]
struct Written {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    path: String,
}

pub async fn read(sandbox: &Sandbox, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    if request.headers().contains_key(RANGE) {
        return Err(Refusal::new(501, "ranges are not available on this host yet"));
    }
    let path = path_parameter(request).ok_or_else(|| Refusal::new(400, "path is required"))?;
    let path = resolve(&path).map_err(|err| Refusal::new(400, err.to_string()))?;
    let (entry, file) = sandbox.open(path.clone(), false).await.map_err(|err| refusal(&err, &path))?;
    let name: String = name_of(&path).chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .body(SizedStream::new(entry.size, Content { file, left: entry.size })))
}

/// A file's bytes. Ends with an error when somebody cuts the file meanwhile: its length is promised already.
struct Content {
    file: std::fs::File,
    left: u64,
}

impl Stream for Content {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut chunk = vec![0; usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK)];
        Poll::Ready(Some(match self.file.read(&mut chunk) {
            Ok(0) => Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => {
                chunk.truncate(length);
                self.left -= length as u64;
                Ok(Bytes::from(chunk))
            }
            Err(err) => Err(err),
        }))
    }
}

pub async fn write(sandbox: &Sandbox, request: &HttpRequest, payload: web::Payload) -> Result<HttpResponse, Refusal> {
    if request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Refusal::new(501, "compressed uploads are not available on this host yet"));
    }
    let parameter = path_parameter(request);
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let written = if kind.starts_with("multipart/form-data") {
        write_parts(sandbox, Multipart::new(request.headers(), payload), parameter.as_deref()).await?
    } else if kind.starts_with("application/octet-stream") {
        let path =
            parameter.ok_or_else(|| Refusal::new(400, "path is required for an upload as application/octet-stream"))?;
        vec![write_file(sandbox, &path, payload.map(|chunk| chunk.map_err(|err| broken(&err)))).await?]
    } else {
        return Err(Refusal::new(400, "an upload is multipart/form-data or application/octet-stream"));
    };
    Ok(HttpResponse::Ok().json(written))
}

async fn write_parts(
    sandbox: &Sandbox,
    mut parts: Multipart,
    parameter: Option<&str>,
) -> Result<Vec<Written>, Refusal> {
    let mut written = Vec::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|err: MultipartError| broken(&err))?;
        if part.name() != Some("file") {
            continue;
        }
        if written.len() >= FILES_MAX {
            return Err(Refusal::new(400, format!("more than {FILES_MAX} files in one upload")));
        }
        // A file name here is a path, kept as it is.
        let name = part.content_disposition().and_then(|disposition| disposition.get_filename()).map(str::to_owned);
        let path = match (parameter, name) {
            (Some(_), _) if !written.is_empty() => {
                return Err(Refusal::new(400, "the path parameter is for one file, and there are more"));
            }
            (Some(path), _) => path.to_owned(),
            (None, Some(name)) => name,
            (None, None) => return Err(Refusal::new(400, "a file has no name")),
        };
        written.push(write_file(sandbox, &path, part.map(|chunk| chunk.map_err(|err| broken(&err)))).await?);
    }
    if written.is_empty() { Err(Refusal::new(400, "there is no file in the upload")) } else { Ok(written) }
}

async fn write_file(
    sandbox: &Sandbox,
    path: &str,
    content: impl Stream<Item = Result<Bytes, Refusal>>,
) -> Result<Written, Refusal> {
    let path = resolve(path).map_err(|err| Refusal::new(400, err.to_string()))?;
    let (_, mut file) = sandbox.open(path.clone(), true).await.map_err(|err| refusal(&err, &path))?;
    let (mut content, mut gone) = (std::pin::pin!(content), sandbox.gone());
    loop {
        // An open file keeps the whole disk of a dead sandbox in memory.
        let chunk = tokio::select! {
            biased;
            _ = gone.wait_for(|gone| *gone) => return Err(Refusal::new(502, "the sandbox is gone")),
            chunk = tokio::time::timeout(IDLE_TIMEOUT, content.next()) => chunk,
        };
        let Some(chunk) = chunk.map_err(|_| Refusal::new(408, "the upload stands still"))? else { break };
        file.write_all(&chunk?).map_err(|err| match err.raw_os_error() {
            Some(libc::ENOSPC | libc::EDQUOT) => no_space(),
            Some(_) | None => Refusal::new(500, format!("cannot write {path}: {err}")),
        })?;
    }
    Ok(Written { name: name_of(&path).to_owned(), kind: "file", path })
}

fn path_parameter(request: &HttpRequest) -> Option<String> {
    let mut parameters = url::form_urlencoded::parse(request.query_string().as_bytes());
    parameters.find(|(name, _)| name == "path").map(|(_, value)| value.into_owned())
}

fn no_space() -> Refusal {
    Refusal::new(507, "not enough disk space available")
}

fn broken(err: &impl std::fmt::Display) -> Refusal {
    Refusal::new(400, format!("the upload is broken: {err}"))
}

fn refusal(err: &AgentError, path: &str) -> Refusal {
    match err {
        AgentError::Gone => Refusal::new(502, "the sandbox is gone"),
        AgentError::TooLarge => Refusal::new(400, "path is too long"),
        AgentError::Refused(refused) => match refused.errno {
            libc::ENOENT => Refusal::new(404, format!("path '{path}' does not exist")),
            libc::EISDIR => Refusal::new(400, format!("path '{path}' is a directory")),
            libc::EINVAL | libc::ENXIO => Refusal::new(400, format!("path '{path}' is not a regular file")),
            libc::EACCES | libc::EPERM | libc::EROFS => Refusal::new(403, format!("path '{path}' is not accessible")),
            libc::ENOTDIR | libc::ELOOP | libc::ENAMETOOLONG => {
                Refusal::new(400, format!("path '{path}' is not valid"))
            }
            libc::ENOSPC | libc::EDQUOT => no_space(),
            _ => Refusal::new(500, format!("cannot open '{path}': {err}")),
        },
    }
}
