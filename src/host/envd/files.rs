//! `POST /files`: whole files, in. `download` is the way out.
//!
//! The bytes go straight between the client's socket and a descriptor that PID 1 opened in the name of whoever asks. A
//! sandbox's files lie in memory, so reading and writing them never waits.

use std::{
    fs::File,
    io::{self, Write as _},
    time::Duration,
};

use actix_multipart::{Multipart, MultipartError};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_ENCODING, CONTENT_TYPE},
    web,
};
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use tokio::sync::watch;

use super::{
    metadata::{self, Metadata},
    path::{name_of, resolve},
};
use crate::host::{agent::protocol::Person, api::Refusal, error::AgentError, sandbox::Sandbox};

/// Files of one upload.
const FILES_MAX: usize = 10_000;
/// Parts of one upload, whatever they are.
const PARTS_MAX: usize = 2 * FILES_MAX;
/// Bytes handed on at once.
pub const CHUNK: usize = 128 * 1024;

/// An uploaded file, as the SDKs expect it back.
#[derive(Serialize)]
pub struct Written {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub path: String,
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

/// How long a client is waited for.
struct Patience {
    gone: watch::Receiver<bool>,
    silence_max: Duration,
}

impl Patience {
    /// Waits for what a client sends next, and no longer than the sandbox lives: an open file keeps the whole disk of
    /// a dead one in memory.
    async fn wait<T>(&mut self, next: impl Future<Output = T>) -> Result<T, Refusal> {
        tokio::select! {
            biased;
            _ = self.gone.wait_for(|gone| *gone) => Err(Refusal::new(502, "the sandbox is gone")),
            heard = tokio::time::timeout(self.silence_max, next) => {
                heard.map_err(|_| Refusal::new(408, "the upload stands still"))
            }
        }
    }
}

/// Takes an upload. A client that sends nothing for `silence_max` is not waited for.
pub async fn write(
    sandbox: &Sandbox,
    person: Person,
    request: &HttpRequest,
    payload: web::Payload,
    silence_max: Duration,
) -> Result<HttpResponse, Refusal> {
    let mut patience = Patience { gone: sandbox.gone(), silence_max };
    let encoding = request.headers().get(CONTENT_ENCODING).map_or(&b"identity"[..], |encoding| encoding.as_bytes());
    let gzip = match encoding {
        b"identity" => false,
        b"gzip" => true,
        _ => return Err(Refusal::new(415, "an upload is compressed with gzip or not at all")),
    };
    let metadata = metadata::of(request.headers())?;
    let parameter = path_parameter(request);
    let target = Target { sandbox, person, metadata: &metadata };
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let written = if kind.starts_with("multipart/form-data") {
        if gzip {
            return Err(Refusal::new(415, "a compressed upload is application/octet-stream"));
        }
        let parts = Multipart::new(request.headers(), payload);
        write_parts(target, parts, parameter.as_deref(), &mut patience).await?
    } else if kind.starts_with("application/octet-stream") {
        let path =
            parameter.ok_or_else(|| Refusal::new(400, "path is required for an upload as application/octet-stream"))?;
        let content = payload.map(|chunk| chunk.map_err(|err| broken(&err)));
        vec![write_file(target, &path, content, gzip, &mut patience).await?]
    } else {
        return Err(Refusal::new(400, "an upload is multipart/form-data or application/octet-stream"));
    };
    Ok(HttpResponse::Ok().json(written))
}

/// What all files of one upload have in common.
#[derive(Clone, Copy)]
struct Target<'a> {
    sandbox: &'a Sandbox,
    person: Person,
    metadata: &'a Metadata,
}

async fn write_parts(
    target: Target<'_>,
    mut parts: Multipart,
    parameter: Option<&str>,
    patience: &mut Patience,
) -> Result<Vec<Written>, Refusal> {
    let (mut written, mut heard) = (Vec::new(), 0);
    while let Some(part) = patience.wait(parts.next()).await? {
        heard += 1;
        if heard > PARTS_MAX {
            return Err(Refusal::new(400, format!("more than {PARTS_MAX} parts in one upload")));
        }
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
        let content = part.map(|chunk| chunk.map_err(|err| broken(&err)));
        written.push(write_file(target, &path, content, false, patience).await?);
    }
    if written.is_empty() { Err(Refusal::new(400, "there is no file in the upload")) } else { Ok(written) }
}

async fn write_file(
    target: Target<'_>,
    path: &str,
    content: impl Stream<Item = Result<Bytes, Refusal>>,
    gzip: bool,
    patience: &mut Patience,
) -> Result<Written, Refusal> {
    let Target { sandbox, person, metadata } = target;
    let path = resolve(path, person.home()).map_err(|err| Refusal::new(400, err.to_string()))?;
    let (_, file) = sandbox.open(person, path.clone(), true).await.map_err(|err| refusal(&err, &path))?;
    metadata::put(&file, metadata)?;
    let mut sink = if gzip { Sink::Gzip(Box::new(MultiGzDecoder::new(file))) } else { Sink::Plain(file) };
    let mut content = std::pin::pin!(content);
    while let Some(chunk) = patience.wait(content.next()).await? {
        sink.write_all(&chunk?).map_err(|err| unwritten(&path, &err))?;
    }
    sink.finish().map_err(|err| unwritten(&path, &err))?;
    Ok(Written { name: name_of(&path).to_owned(), kind: "file", path, metadata: metadata.clone() })
}

/// Where an upload goes. What is compressed is written as it unfolds, so that a bomb meets the disk's bound and
/// takes no memory of the host's.
enum Sink {
    Plain(File),
    Gzip(Box<MultiGzDecoder<File>>),
}

impl Sink {
    fn write_all(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.write_all(chunk),
            Self::Gzip(decoder) => decoder.write_all(chunk),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.finish().map(drop),
        }
    }
}

pub fn unwritten(path: &str, err: &io::Error) -> Refusal {
    match (err.raw_os_error(), err.kind()) {
        (Some(libc::ENOSPC | libc::EDQUOT), _) => no_space(),
        // Of the decoder: a file does not say so.
        (None, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => {
            Refusal::new(400, "the upload is not valid gzip")
        }
        (_, _) => Refusal::new(500, format!("cannot write {path}: {err}")),
    }
}

pub fn path_parameter(request: &HttpRequest) -> Option<String> {
    let mut parameters = url::form_urlencoded::parse(request.query_string().as_bytes());
    parameters.find(|(name, _)| name == "path").map(|(_, value)| value.into_owned())
}

fn no_space() -> Refusal {
    Refusal::new(507, "not enough disk space available")
}

fn broken(err: &impl std::fmt::Display) -> Refusal {
    Refusal::new(400, format!("the upload is broken: {err}"))
}

pub fn refusal(err: &AgentError, path: &str) -> Refusal {
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
