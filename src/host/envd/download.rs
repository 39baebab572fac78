//! `GET /files`: a whole file, a part of it, or all of it compressed.

use std::{
    io::{Read, Seek, SeekFrom, Take},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::header::{
        ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, RANGE,
        Range, VARY,
    },
};
use bytes::Bytes;
use flate2::{Compression, read::GzEncoder};
use futures_util::Stream;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use super::{
    files::{CHUNK, path_parameter, refusal},
    path::{name_of, resolve},
};
use crate::host::{api::Refusal, sandbox::Sandbox};

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// First and last byte.
    Some(u64, u64),
    Unsatisfiable,
}

pub async fn read(tasks: &TaskTracker, sandbox: &Sandbox, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let path = path_parameter(request).ok_or_else(|| Refusal::new(400, "path is required"))?;
    let path = resolve(&path).map_err(|err| Refusal::new(400, err.to_string()))?;
    let (entry, mut file) = sandbox.open(path.clone(), false).await.map_err(|err| refusal(&err, &path))?;
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let (first, length, mut response) = match part(text(RANGE), entry.size) {
        Part::Whole => (0, entry.size, HttpResponse::Ok()),
        Part::Some(first, last) => {
            let mut response = HttpResponse::PartialContent();
            response.insert_header((CONTENT_RANGE, format!("bytes {first}-{last}/{}", entry.size)));
            (first, last - first + 1, response)
        }
        Part::Unsatisfiable => {
            let mut response = Refusal::new(416, "the range lies outside of the file").response();
            let size = format!("bytes */{}", entry.size);
            if let Ok(size) = size.parse() {
                response.headers_mut().insert(CONTENT_RANGE, size);
            }
            return Ok(response);
        }
    };
    file.seek(SeekFrom::Start(first)).map_err(|err| Refusal::new(500, format!("cannot read {path}: {err}")))?;
    describe(&mut response, &path);
    let file = file.take(length);
    if length == entry.size && wants_gzip(text(ACCEPT_ENCODING)) {
        response.insert_header((CONTENT_ENCODING, "gzip"));
        return Ok(response.streaming(Content::new(tasks, sandbox, GzEncoder::new(file, Compression::fast()))));
    }
    Ok(response.body(SizedStream::new(length, Content::new(tasks, sandbox, Exact(file)))))
}

fn describe(response: &mut HttpResponseBuilder, path: &str) {
    let name: String = name_of(path).chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
    response
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((VARY, "Accept-Encoding"));
}

/// A list of ranges, and what is none, is answered with the whole file, as HTTP allows.
fn part(range: Option<&str>, size: u64) -> Part {
    match range.and_then(|range| range.parse().ok()) {
        Some(Range::Bytes(ranges)) => match ranges[..] {
            [ref range] => {
                range.to_satisfiable_range(size).map_or(Part::Unsatisfiable, |(first, last)| Part::Some(first, last))
            }
            _ => Part::Whole,
        },
        Some(Range::Unregistered(_, _)) | None => Part::Whole,
    }
}

/// Only for a client that asks for nothing else: HTTP libraries accept it by default, and to a client on the same
/// machine compressing costs more than it saves.
fn wants_gzip(accepted: Option<&str>) -> bool {
    accepted.is_some_and(|accepted| accepted.trim().eq_ignore_ascii_case("gzip"))
}

/// Reading never waits: a sandbox's files lie in memory.
///
/// The file is closed when the sandbox is gone, even if the client has stopped to read and nobody asks for more: an
/// open file keeps the whole disk of a dead sandbox in memory.
struct Content<R> {
    from: Arc<Mutex<Option<R>>>,
    /// Dropped with this.
    _wanted: oneshot::Sender<()>,
}

impl<R: Send + 'static> Content<R> {
    fn new(tasks: &TaskTracker, sandbox: &Sandbox, from: R) -> Self {
        let (from, (wanted, unwanted)) = (Arc::new(Mutex::new(Some(from))), oneshot::channel());
        let (mut gone, held) = (sandbox.gone(), Arc::clone(&from));
        tasks.spawn(async move {
            tokio::select! {
                _ = gone.wait_for(|gone| *gone) => {}
                _ = unwanted => {}
            }
            drop(held.lock().unwrap_or_else(PoisonError::into_inner).take());
        });
        Self { from, _wanted: wanted }
    }
}

impl<R: Read> Stream for Content<R> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut from = self.from.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(from) = &mut *from else {
            return Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())));
        };
        let mut chunk = vec![0; CHUNK];
        Poll::Ready(match from.read(&mut chunk) {
            Ok(0) => None,
            Ok(length) => {
                chunk.truncate(length);
                Some(Ok(Bytes::from(chunk)))
            }
            Err(err) => Some(Err(err)),
        })
    }
}

/// A file that became shorter is an error, not an end: its length has been sent.
struct Exact(Take<std::fs::File>);

impl Read for Exact {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 if self.0.limit() > 0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            length => Ok(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_served_and_odd_ones_are_not_taken_for_one() {
        assert_eq!(part(None, 10), Part::Whole);
        assert_eq!(part(Some("bytes=2-3"), 10), Part::Some(2, 3));
        assert_eq!(part(Some("bytes=8-"), 10), Part::Some(8, 9));
        assert_eq!(part(Some("bytes=-3"), 10), Part::Some(7, 9));
        assert_eq!(part(Some("bytes=5-99"), 10), Part::Some(5, 9));
        assert_eq!(part(Some("bytes=10-"), 10), Part::Unsatisfiable);
        assert_eq!(part(Some("bytes=0-0"), 0), Part::Unsatisfiable);
        for odd in ["bytes=0-1,3-4", "lines=1-2", "bytes", "bytes=x-y"] {
            assert_eq!(part(Some(odd), 10), Part::Whole, "{odd}");
        }
    }
}
