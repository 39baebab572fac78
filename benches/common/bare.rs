//! The bare start of an app: no engine, no sandbox, its files for free.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use spawnai::types::Artifact;

/// Where sandboxes look for programs first, and so where the bare start does.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Milliseconds from starting the app as it is to its first 200.
pub fn bare(artifact: &Artifact) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in &artifact.files {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        fs::write(path, &file.content).expect("a file");
    }
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = free.local_addr().expect("its address").port();
    drop(free);
    let path = artifact.checks.first().map_or("/", |check| &check.path);
    let line = artifact.start.strip_prefix("exec ").unwrap_or(&artifact.start);
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().expect("a program"));
    let inherited = std::env::var("PATH").unwrap_or_default();
    command
        .args(words)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{SYSTEM_PATH}:{inherited}"))
        .envs([("HOME", "/tmp"), ("LANG", "C.UTF-8"), ("NODE_ENV", "production"), ("PYTHONUNBUFFERED", "1")])
        .env("PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let began = Instant::now();
    let app = App(command.spawn().expect("the app's runtime"));
    while !answers(port, path) {
        assert!(began.elapsed() < Duration::from_secs(30), "{line} does not answer");
        sleep(Duration::from_millis(1));
    }
    let took = began.elapsed().as_secs_f64() * 1e3;
    drop(app);
    took
}

/// A bare app; dropping it ends it.
struct App(Child);

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn answers(port: u16, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let mut answer = Vec::new();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let asked = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer));
    asked.is_ok() && answer.starts_with(b"HTTP/1.1 200 ")
}
