//! `GET /api/spawn/{id}` against the barest handler that actix-web can have.
//!
//! Both servers are processes of their own with as many workers, give the same bytes, and take turns under the same load
//! (`wrk`, or the loop below where it is not installed). A load generator shares the processors with the server, so
//! beside the throughput stands what one request costs the server in processor time.

mod common;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use actix_web::{App, HttpResponse, HttpServer, http::header::ContentType, web};
use bytes::Bytes;
use common::{
    engine::Engine,
    figures::{median, table, verdict},
};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 32;
const SHARE_MIN: f64 = 0.8;
/// Of the times in `/proc`: `USER_HZ`, which Linux keeps at 100 for programs, whatever its own clock does.
const TICKS_PER_SECOND: f64 = 100.0;
/// How this executable is told to be the bare server.
const BARE: &str = "bare-server";

fn main() {
    if std::env::args().nth(1).is_some_and(|arg| arg == BARE) {
        return serve_bare();
    }
    let engine = Engine::start(&[]);
    let session = engine.spawn("webapp", "Build me a simple todo app");
    engine.until_ready(&session, |_| ());
    engine.until_sandboxes(3);
    let path = format!("/api/spawn/{}", session.id);
    let bytes = body(engine.api, &path);
    let bare = Bare::start(&bytes);
    assert_eq!(body(bare.address, &path), bytes, "both give the same");
    let load = if installed() { Load::Wrk } else { Load::Loop };
    let servers = [("bare handler", bare.address, bare.process.id()), ("engine", engine.api, engine.pid())];
    for (_, address, _) in servers {
        load.run(address, &path, ROUND / 4);
    }
    let mut rounds: [Vec<Round>; 2] = Default::default();
    for round in 0..ROUNDS {
        // A B B A: neither is always the first.
        for at in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let (_, address, pid) = servers[at];
            rounds[at].push(measure(&load, address, pid, &path));
        }
    }
    engine.destroy(&session);
    report(&load, bytes.len(), servers.map(|(name, ..)| name), &rounds);
}

struct Round {
    per_second: f64,
    /// Processor time of the server.
    micros_each: f64,
}

fn measure(load: &Load, address: SocketAddr, pid: u32, path: &str) -> Round {
    let before = processor_seconds(pid);
    let per_second = load.run(address, path, ROUND);
    let spent = processor_seconds(pid) - before;
    Round { per_second, micros_each: spent * 1e6 / (per_second * ROUND.as_secs_f64()) }
}

fn report(load: &Load, length: usize, names: [&str; 2], rounds: &[Vec<Round>; 2]) {
    let tool = match load {
        Load::Wrk => "wrk",
        Load::Loop => "the built-in loop (wrk is not installed)",
    };
    println!(
        "\nGET /api/spawn/{{id}}, {length} bytes, {CONNECTIONS} connections, medians of {ROUNDS} rounds, load from {tool}\n"
    );
    let median_of = |at: usize, figure: fn(&Round) -> f64| median(&rounds[at].iter().map(figure).collect::<Vec<_>>());
    let speeds = [0, 1].map(|at| median_of(at, |round| round.per_second));
    let costs = [0, 1].map(|at| median_of(at, |round| round.micros_each));
    let share = speeds[1] / speeds[0];
    let mut rows = vec![row!["", "requests/s", "processor µs each", "share", "limit", ""]];
    rows.push(row![names[0], format!("{:.0}", speeds[0]), format!("{:.1}", costs[0]), "1", "", ""]);
    rows.push(row![
        names[1],
        format!("{:.0}", speeds[1]),
        format!("{:.1}", costs[1]),
        format!("{share:.2}"),
        format!("≥ {SHARE_MIN}"),
        verdict(share >= SHARE_MIN)
    ]);
    table(&rows);
}

/// The bare server: this executable once more.
struct Bare {
    process: Child,
    address: SocketAddr,
}

impl Bare {
    fn start(bytes: &[u8]) -> Self {
        let this = std::env::current_exe().expect("this executable");
        let mut process = Command::new(this)
            .arg(BARE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this executable once more");
        process.stdin.take().expect("a pipe").write_all(bytes).expect("the bare server reads");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("the bare server's address");
        Self { process, address: line.trim().parse().expect("an address") }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves what stdin holds, at every id.
fn serve_bare() {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).expect("what to serve");
    let bytes = Bytes::from(bytes);
    let app = move || {
        let bytes = bytes.clone();
        let show = move || {
            let answer = HttpResponse::Ok().content_type(ContentType::json()).body(bytes.clone());
            async { answer }
        };
        App::new().service(web::resource("/api/spawn/{id}").route(web::get().to(show)))
    };
    // As many as the engine has unless it is told otherwise.
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let server = HttpServer::new(app).workers(workers).bind("127.0.0.1:0").expect("a free port");
    println!("{}", server.addrs()[0]);
    actix_web::rt::System::new().block_on(server.run()).expect("the bare server");
}

enum Load {
    Wrk,
    /// A thread per connection: coarser than wrk, and the same for both.
    Loop,
}

fn installed() -> bool {
    Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Load {
    /// Requests per second.
    fn run(&self, address: SocketAddr, path: &str, time: Duration) -> f64 {
        match self {
            Self::Wrk => wrk(address, path, time),
            Self::Loop => all_ask(address, path, time),
        }
    }
}

fn wrk(address: SocketAddr, path: &str, time: Duration) -> f64 {
    let time = format!("{}s", time.as_secs().max(1));
    let ran = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), "-d", &time, &format!("http://{address}{path}")])
        .output()
        .expect("wrk");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{said}");
    let speed = said.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok());
    speed.unwrap_or_else(|| panic!("no figure in: {said}"))
}

fn all_ask(address: SocketAddr, path: &str, time: Duration) -> f64 {
    let (answered, began) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut stream = TcpStream::connect(address).expect("the server");
                let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
                while began.elapsed() < time {
                    read_one(&mut stream, &request);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    answered.into_inner() as f64 / began.elapsed().as_secs_f64()
}

/// One request and the body of its answer.
fn read_one(stream: &mut TcpStream, request: &str) -> Vec<u8> {
    stream.write_all(request.as_bytes()).expect("the server takes the request");
    let (mut answer, mut chunk) = (Vec::new(), [0; 8192]);
    loop {
        let length = stream.read(&mut chunk).expect("an answer");
        assert!(length > 0, "the server hung up");
        answer.extend_from_slice(&chunk[..length]);
        let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let announced = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if answer.len() == end + 4 + announced.unwrap_or(0_usize) {
            return answer.split_off(end + 4);
        }
    }
}

fn body(address: SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the server");
    read_one(&mut stream, &format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n"))
}

/// What the process has used so far, in all its threads.
fn processor_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process's times");
    // The name in parentheses may hold anything; utime and stime are the 12th and 13th after it.
    let after_name = stat.rsplit_once(')').expect("a process's name").1;
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / TICKS_PER_SECOND
}
