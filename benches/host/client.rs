//! One kept-alive connection to the host: the E2B protocol in as few bytes as it needs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::{Value, json};

/// A sandbox that was created.
pub struct Sandbox {
    pub id: String,
    token: String,
}

pub struct Client {
    address: SocketAddr,
    key: String,
    stream: BufReader<TcpStream>,
}

/// A program that runs, on the connection that tells of its end.
pub struct Running(BufReader<TcpStream>);

impl Client {
    pub fn of(address: SocketAddr, key: &str) -> Self {
        Self { address, key: key.to_owned(), stream: BufReader::new(connect(address)) }
    }

    /// After a silence for which no host keeps a connection.
    pub fn renew(&mut self) {
        *self = Self::of(self.address, &self.key);
    }

    pub fn create(&mut self) -> Sandbox {
        let body = json!({ "templateID": "base", "timeout": 3600 });
        let made: Value = serde_json::from_slice(&self.call("POST", "/v2/sandboxes", "", body.to_string().as_bytes()))
            .expect("a sandbox as JSON");
        let text = |key: &str| made[key].as_str().unwrap_or_else(|| panic!("no {key} in {made}")).to_owned();
        Sandbox { id: text("sandboxID"), token: text("envdAccessToken") }
    }

    pub fn kill(&mut self, sandbox: &Sandbox) {
        self.call("DELETE", &format!("/sandboxes/{}", sandbox.id), "", b"");
    }

    pub fn write(&mut self, sandbox: &Sandbox, path: &str, content: &[u8]) {
        let headers = format!("{}content-type: application/octet-stream\r\n", to_envd(sandbox));
        self.call("POST", &format!("/files?path={path}"), &headers, content);
    }

    /// Runs a program to its end.
    pub fn run(&mut self, sandbox: &Sandbox, program: &str, arguments: &[&str]) {
        let request = self.start_request(sandbox, program, arguments);
        self.stream.get_mut().write_all(&request).expect("the host takes a request");
        let answer = self.answer();
        assert!(answer.windows(6).any(|part| part == b"exited"), "{}", String::from_utf8_lossy(&answer));
    }

    /// Starts a program and leaves it running.
    pub fn start(&self, sandbox: &Sandbox, program: &str, arguments: &[&str]) -> Running {
        let mut stream = connect(self.address);
        stream.write_all(&self.start_request(sandbox, program, arguments)).expect("the host takes a request");
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        // The frame that says that it runs is a chunk of its own.
        while !line.contains("pid") {
            line.clear();
            assert!(stream.read_line(&mut line).is_ok_and(|length| length > 0) || line.contains("pid"), "{line}");
        }
        Running(stream)
    }

    /// The status with which the app on `port` answers `GET /`, over a connection of its own; `None` when there is none.
    pub fn get(&self, sandbox: &Sandbox, port: u16) -> Option<u16> {
        let mut stream = connect(self.address);
        let request = format!(
            "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ne2b-sandbox-id: {}\r\ne2b-sandbox-port: {port}\r\n\r\n",
            sandbox.id
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
    }

    fn start_request(&self, sandbox: &Sandbox, program: &str, arguments: &[&str]) -> Vec<u8> {
        let message = json!({ "process": { "cmd": program, "args": arguments }, "stdin": false }).to_string();
        let mut frame = vec![0];
        frame.extend(u32::try_from(message.len()).expect("a short message").to_be_bytes());
        frame.extend(message.as_bytes());
        let headers = format!("{}content-type: application/connect+json\r\n", to_envd(sandbox));
        let mut request = self.head("POST", "/process.Process/Start", &headers, frame.len()).into_bytes();
        request.extend(frame);
        request
    }

    fn head(&self, method: &str, path: &str, headers: &str, length: usize) -> String {
        let key = &self.key;
        format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: {key}\r\n{headers}content-length: {length}\r\n\r\n"
        )
    }

    fn call(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let mut request = self.head(method, path, headers, body.len()).into_bytes();
        request.extend(body);
        self.stream.get_mut().write_all(&request).expect("the host takes a request");
        self.answer()
    }

    fn answer(&mut self) -> Vec<u8> {
        let (mut status, mut length, mut chunked) = (String::new(), 0, false);
        self.stream.read_line(&mut status).expect("a status line");
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert!(self.stream.read_line(&mut line).is_ok_and(|length| length > 0), "the host closed the connection");
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            chunked |= lower.starts_with("transfer-encoding: chunked");
        }
        let body = if chunked { self.chunks() } else { self.exactly(length) };
        assert!(status.starts_with("HTTP/1.1 2"), "{status}{}", String::from_utf8_lossy(&body));
        body
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a chunk's length");
            let length = usize::from_str_radix(line.trim(), 16).expect("a chunk's length");
            body.extend(self.exactly(length + 2));
            if length == 0 {
                return body;
            }
        }
    }

    fn exactly(&mut self, length: usize) -> Vec<u8> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("the rest of the answer");
        body
    }
}

impl Running {
    /// Waits for its end.
    pub fn until_over(mut self) {
        // However the connection ends, the program has.
        let _ = std::io::copy(&mut self.0, &mut std::io::sink());
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the host");
    stream.set_nodelay(true).expect("a socket's option");
    stream
}

fn to_envd(sandbox: &Sandbox) -> String {
    format!("e2b-sandbox-id: {}\r\ne2b-sandbox-port: 49983\r\nx-access-token: {}\r\n", sandbox.id, sandbox.token)
}
