//! `GET /files`: a whole file, a part of it, or all of it compressed.

use std::{
    io::{Read, Seek, SeekFrom, Take},
    pin::Pin,
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

use super::{
    files::{CHUNK, path_parameter, refusal},
    path::{name_of, resolve},
};
use crate::host::{agent::protocol::Person, api::Refusal, sandbox::Sandbox};

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// First and last byte.
    Some(u64, u64),
    Unsatisfiable,
}

pub async fn read(sandbox: &Sandbox, person: Person, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let path = path_parameter(request).ok_or_else(|| Refusal::new(400, "path is required"))?;
    let path = resolve(&path, person.home()).map_err(|err| Refusal::new(400, err.to_string()))?;
    let (entry, mut file) = sandbox.open(person, path.clone(), false).await.map_err(|err| refusal(&err, &path))?;
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
        return Ok(response.streaming(Content { from: GzEncoder::new(file, Compression::fast()) }));
    }
    Ok(response.body(SizedStream::new(length, Content { from: Exact(file) })))
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
struct Content<R> {
    from: R,
}

impl<R: Read + Unpin> Stream for Content<R> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut chunk = vec![0; CHUNK];
        Poll::Ready(match self.from.read(&mut chunk) {
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
