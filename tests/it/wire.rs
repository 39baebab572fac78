//! HTTP/1.1 as the tests speak it: blocking, one connection for each request, over whatever stream is at hand.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// Long enough that only a test that would hang meets it.
const SILENCE_MAX: Duration = Duration::from_secs(60);

pub trait Duplex: Read + Write + Send {}
impl<T: Read + Write + Send> Duplex for T {}

/// A connection, and what was read of it already.
pub type Reader = BufReader<Box<dyn Duplex>>;

pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub headers: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}

pub fn call(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    answer(send(address, method, path, headers, body))
}

/// Sends a request, and leaves the answer to be read.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reader {
    send_over(Box::new(connect(address)), &address.to_string(), method, path, headers, body)
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(SILENCE_MAX)).unwrap();
    stream
}

/// The same over a connection that is open. A `Host` among the headers takes the place of `host`.
pub fn send_over(
    mut stream: Box<dyn Duplex>,
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reader {
    let mut head = format!("{method} {path} HTTP/1.1\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "Host") {
        head += &format!("Host: {host}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // A server that refuses a body need not read it.
    let _ = stream.write_all(body).and_then(|()| stream.flush());
    BufReader::new(stream)
}

/// Reads an answer to its end.
pub fn answer(mut reader: Reader) -> Answer {
    let (status, headers) = read_head(&mut reader);
    let mut body = Body::of(reader, &headers);
    Answer { status, body: body.rest(), headers }
}

pub fn read_head(reader: &mut Reader) -> (u16, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "the connection closed inside of the head: {head:?}");
    }
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_ascii_lowercase())
}

/// A response body, chunked or not, read as it comes.
pub struct Body {
    reader: Reader,
    chunked: bool,
    ready: Vec<u8>,
    over: bool,
}

impl Body {
    pub fn of(reader: Reader, headers: &str) -> Self {
        let bodiless = headers.starts_with("http/1.1 204");
        Self { reader, chunked: headers.contains("transfer-encoding: chunked"), ready: Vec::new(), over: bodiless }
    }

    fn fill(&mut self) {
        let mut chunk = vec![0; 64 * 1024];
        if self.chunked {
            let mut line = String::new();
            let length = match self.reader.read_line(&mut line) {
                Ok(_) => usize::from_str_radix(line.trim(), 16).unwrap_or(0),
                Err(_) => 0,
            };
            chunk.resize(length, 0);
            if length == 0 || self.reader.read_exact(&mut chunk).is_err() {
                self.over = true;
                return;
            }
            self.reader.read_exact(&mut [0; 2]).unwrap();
        } else {
            let length = self.reader.read(&mut chunk).unwrap_or(0);
            self.over = length == 0;
            chunk.truncate(length);
        }
        self.ready.extend(chunk);
    }

    pub fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.ready.len() < length && !self.over {
            self.fill();
        }
        (self.ready.len() >= length).then(|| self.ready.drain(..length).collect())
    }

    /// The next line, without its end; `None` after the last whole one.
    pub fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.ready.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.ready.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.over {
                return None;
            }
            self.fill();
        }
    }

    pub fn rest(&mut self) -> Vec<u8> {
        while !self.over {
            self.fill();
        }
        std::mem::take(&mut self.ready)
    }
}
