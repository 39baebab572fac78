//! A Messages API that writes one app, at the pace of a model, and remembers when it wrote the last byte.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use spawnai::types::Artifact;

/// Characters that are written at once, and what passes until the next ones: about 2,000 tokens a second, so that an answer
/// takes about half a second, which is longer than a sandbox takes to come.
const PIECE: usize = 64;
const PAUSE: Duration = Duration::from_millis(5);

/// The server. It ends with the process.
pub struct Messages {
    address: String,
    last: Arc<Mutex<Option<Instant>>>,
}

impl Messages {
    pub fn answering(app: Artifact) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let last = Arc::new(Mutex::new(None));
        let (told, app) = (Arc::clone(&last), Arc::new(app));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, app, told) = (stream.expect("a connection"), Arc::clone(&app), Arc::clone(&told));
                // One that the engine closes in mid-answer ends its thread, and nothing else.
                thread::spawn(move || serve(stream, &app, &told).ok());
            }
        });
        Self { address, last }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// When the last answer was written.
    pub fn last_byte(&self) -> Instant {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).expect("an answer was written")
    }
}

fn serve(stream: TcpStream, app: &Artifact, last: &Mutex<Option<Instant>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let wants_answer = line.starts_with("POST");
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if !wants_answer {
            reader.get_mut().write_all(
                b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
            )?;
            continue;
        }
        answer(reader.get_mut(), &text(app, &nonce(&body)))?;
        *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// The word that the answer's tags must have; the first turn of every request names it.
fn nonce(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let turn = body["messages"][0]["content"].as_str().unwrap_or_default();
    let after = turn.split("NONCE is: ").nth(1).unwrap_or_default();
    after.split_whitespace().next().unwrap_or_default().to_owned()
}

fn text(app: &Artifact, nonce: &str) -> String {
    let checks: Vec<_> = app
        .checks
        .iter()
        .map(|check| json!({ "path": check.path, "status": check.expect.status, "contains": check.expect.contains }))
        .collect();
    let manifest = json!({ "runtime": "node", "start": app.start, "port": app.port, "checks": checks });
    let files = app
        .files
        .iter()
        .map(|file| format!("<file-{nonce} path=\"{}\">\n{}</file-{nonce}>\n", file.path, file.content));
    format!("<app-{nonce}>\n{manifest}\n</app-{nonce}>\n{}<end-{nonce}/>\n", files.collect::<String>())
}

fn answer(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n",
    )?;
    let mut event = |name: &str, mut data: Value| {
        data["type"] = name.into();
        let event = format!("event: {name}\ndata: {data}\n\n");
        stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes())
    };
    let usage = json!({ "input_tokens": 900, "output_tokens": 1 });
    let message =
        json!({ "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": usage });
    event("message_start", json!({ "message": message })).and_then(|()| {
        event("content_block_start", json!({ "index": 0, "content_block": { "type": "text", "text": "" } }))
    })?;
    let characters: Vec<char> = text.chars().collect();
    for piece in characters.chunks(PIECE) {
        thread::sleep(PAUSE);
        let delta = json!({ "type": "text_delta", "text": piece.iter().collect::<String>() });
        event("content_block_delta", json!({ "index": 0, "delta": delta }))?;
    }
    event("content_block_stop", json!({ "index": 0 }))?;
    let delta = json!({ "stop_reason": "end_turn", "stop_sequence": null });
    event("message_delta", json!({ "delta": delta, "usage": { "output_tokens": 2000 } }))?;
    event("message_stop", json!({}))?;
    stream.write_all(b"0\r\n\r\n")
}
