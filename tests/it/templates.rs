//! Every template as a user meets it: generated, inspected, started on the real node or python, checked over HTTP, given
//! bad input, and ended.
//!
//! A server is started on port 0 and says where it listens, so no port is fixed and nothing is waited for
//! by the clock.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use spawnai::{
    generator::{Request, Runtimes, generate},
    guard::{Policy, inspect},
    types::{AppType, Artifact},
};

const BOTH: Runtimes = Runtimes { node: true, python: true };
/// A server that does not answer by then hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A prompt for each template.
const PROMPTS: &[(AppType, &str, &str)] = &[
    (AppType::Webapp, "Build me a simple todo app", "todo"),
    (AppType::Webapp, "a notebook for my ideas", "notes"),
    (AppType::Webapp, "a kanban board for my bakery", "kanban"),
    (AppType::Webapp, "a scientific calculator", "calculator"),
    (AppType::Webapp, "a pomodoro timer", "pomodoro"),
    (AppType::Webapp, "a poll for my team", "poll"),
    (AppType::Webapp, "a chat room for two", "chat"),
    (AppType::Webapp, "a landing page for my bakery", "landing"),
    (AppType::Api, "an API for books with title, author and year, and readers with name and email", "crud"),
    (AppType::Api, "a URL shortener", "shortener"),
    (AppType::Script, "statistics of a CSV of people with name, age and salary", "csv_stats"),
    (AppType::Script, "count the words of a text", "word_frequency"),
    (AppType::Script, "all primes up to 10000", "prime_sieve"),
];

/// A started app, which ends with its test.
struct App {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl App {
    fn start(artifact: &Artifact) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in &artifact.files {
            let path = folder.path().join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file.content).unwrap();
        }
        let mut child = Command::new("bash")
            .args(["-c", &artifact.start])
            .current_dir(folder.path())
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).unwrap() > 0, "the app ended before it listened");
            if let Some(port) = line.trim().strip_prefix("listening on http://0.0.0.0:") {
                break port.parse().unwrap();
            }
        };
        // The log must be read on, or the app blocks on a full pipe. It ends with the app.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, port, _folder: folder }
    }

    fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let body = body.unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let length = body.len();
        self.raw(format!("{method} {path} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n{kind}Content-Length: {length}\r\n\r\n{body}").as_bytes())
    }

    /// Ends by SIGTERM, and tells how long that took.
    fn terminate(mut self) -> Duration {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        let begin = Instant::now();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap();
        begin.elapsed()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn make(app_type: AppType, prompt: &str) -> Artifact {
    generate(&Request { prompt: prompt.to_owned(), app_type, title: None }, &BOTH).unwrap()
}

fn start(template: &str) -> App {
    let (app_type, prompt, _) = PROMPTS.iter().find(|(_, _, name)| *name == template).unwrap();
    App::start(&make(*app_type, prompt))
}

#[test]
fn every_template_passes_the_guard_and_its_own_checks() {
    for (app_type, prompt, template) in PROMPTS {
        let artifact = make(*app_type, prompt);
        assert_eq!(artifact.origin.template, *template, "{prompt}");
        let verdict = inspect(&artifact, &Policy::default());
        assert!(!verdict.blocked, "{template}: {:?}", verdict.findings);
        // What it warns of is that the runner of scripts starts one.
        assert!(verdict.findings.iter().all(|finding| finding.rule == "spawn-process"), "{:?}", verdict.findings);
        assert!((2..=4).contains(&artifact.checks.len()), "{template}");
        assert!(artifact.dependencies.is_empty() && artifact.build.is_none());
        let app = App::start(&artifact);
        // Twice: a check must not depend on what the one before it left.
        for check in artifact.checks.iter().chain(&artifact.checks) {
            let answer = app.ask(&check.method, &check.path, check.body.as_deref());
            assert_eq!(answer.status, check.expect.status, "{template}: {}: {}", check.name, answer.body);
            let text = check.expect.contains.as_deref().unwrap_or_default();
            assert!(answer.body.contains(text), "{template}: {}: no {text:?} in {}", check.name, answer.body);
        }
        let took = app.terminate();
        assert!(took < Duration::from_secs(5), "{template} took {took:?} to end");
    }
}

#[test]
fn every_template_survives_bad_requests() {
    for (app_type, prompt, template) in PROMPTS {
        let app = App::start(&make(*app_type, prompt));
        let huge = format!("{{\"x\":\"{}\"}}", "y".repeat(70_000));
        for (method, path, body) in [
            ("GET", "/../../etc/passwd", None),
            ("GET", "/%2e%2e%2fetc%2fpasswd", None),
            ("GET", "/%ff%00", None),
            ("GET", "/_page/..%2fserver.py", None),
            ("DELETE", "/", None),
            ("POST", "/api/nothing-here", Some("{")),
            ("PUT", "/no/such/thing", Some(huge.as_str())),
        ] {
            let answer = app.ask(method, path, body);
            assert!((400..500).contains(&answer.status), "{template}: {method} {path}: {}", answer.status);
            assert!(!answer.body.contains("root:"), "{template}: {path}");
        }
        for garbage in [
            &b"\x16\x03\x01garbage\r\n\r\n"[..],
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        ] {
            assert!(app.raw(garbage).status >= 200, "{template}");
        }
        assert_eq!(app.ask("GET", "/", None).status, 200, "{template} lives");
    }
}

#[test]
fn no_prompt_breaks_out_of_a_page() {
    let evil = "</script><script>alert(1)</script> \"'`${1}` \\ \n {{title}} \u{2028} todo kanban poll";
    for (app_type, prompt, template) in PROMPTS {
        let artifact = make(*app_type, &format!("{prompt} {evil}"));
        let app = App::start(&artifact);
        let page = app.ask("GET", "/", None);
        assert_eq!(page.status, 200, "{template}");
        assert!(!page.body.contains("<script>alert"), "{template}");
        assert!(
            page.head.to_lowercase().contains("content-security-policy: default-src 'self'"),
            "{template}: {}",
            page.head
        );
    }
}

#[test]
fn a_crud_service_does_what_an_api_should() {
    let app = start("crud");
    let book = r#"{"title":"Dune","author":"Frank Herbert","year":1965}"#;
    let created = app.ask("POST", "/books", Some(book));
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(created.head.contains("Location: /books/1"));
    for (title, year) in [("Emma", 1815), ("Ulysses", 1922)] {
        app.ask("POST", "/books", Some(&format!(r#"{{"title":"{title}","year":{year}}}"#)));
    }
    let json = |path: &str| serde_json::from_str::<serde_json::Value>(&app.ask("GET", path, None).body).unwrap();
    let titles = |path: &str| {
        json(path)["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["title"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(titles("/books?sort=year"), ["Emma", "Ulysses", "Dune"]);
    assert_eq!(titles("/books?sort=-title&limit=1&offset=1"), ["Emma"]);
    assert_eq!(titles("/books?q=HERBERT"), ["Dune"]);
    assert_eq!(titles("/books?year=1922"), ["Ulysses"]);
    assert_eq!(json("/books?limit=1")["total"], 3);
    let wrong = app.ask("POST", "/books", Some(r#"{"year":"x","author":7,"pages":1}"#));
    assert_eq!(wrong.status, 422);
    let fields = serde_json::from_str::<serde_json::Value>(&wrong.body).unwrap();
    assert_eq!(fields["fields"].as_array().unwrap().len(), 4, "{}", wrong.body);
    for (method, path, body, status) in [
        ("PATCH", "/books/1", Some(r#"{"year":1966}"#), 200),
        ("PUT", "/books/1", Some(r#"{"author":"x"}"#), 422),
        ("PUT", "/books/1", Some(book), 200),
        ("PATCH", "/books/9", Some("{}"), 404),
        ("GET", "/books/x", None, 404),
        ("POST", "/books", Some("{nope"), 400),
        ("POST", "/books", Some("[1]"), 400),
        ("POST", "/books", Some(r#"{"title":"x","year":NaN}"#), 400),
        ("POST", "/books", Some(r#"{"title":"x","year":1e999}"#), 422),
        ("POST", "/readers", Some(r#"{"name":"Ada","email":"nobody"}"#), 422),
        ("POST", "/readers", Some(r#"{"name":"Ada","email":"ada@example.com"}"#), 201),
        ("DELETE", "/books", None, 405),
        ("GET", "/books?limit=0", None, 400),
        ("GET", "/books?nonsense=1", None, 400),
        ("GET", "/books?sort=nonsense", None, 400),
        ("DELETE", "/books/1", None, 204),
        ("GET", "/books/1", None, 404),
    ] {
        let answer = app.ask(method, path, body);
        assert_eq!(answer.status, status, "{method} {path} {body:?}: {}", answer.body);
    }
    assert!(app.ask("DELETE", "/books", None).head.contains("Allow: GET, POST"));
    let deep = format!("{{\"title\":{}1{}}}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(app.ask("POST", "/books", Some(&deep)).status, 400);
    let huge = format!("{{\"title\":\"{}\"}}", "y".repeat(70_000));
    assert_eq!(app.ask("POST", "/books", Some(&huge)).status, 413);
    let chunked = "POST /books HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(app.raw(format!("{chunked}8\r\n{{\"title\"\r\n5\r\n:\"C\"}}\r\n0\r\n\r\n").as_bytes()).status, 201);
    let page = app.raw(b"GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    assert!(page.body.contains("<!doctype html>"));
}

#[test]
fn a_shortener_shortens_and_sends_nobody_astray() {
    let app = start("shortener");
    let post = |body: &str| app.ask("POST", "/api/links", Some(body));
    assert_eq!(post(r#"{"url":"https://example.com/a?b=c#d","alias":"my-link"}"#).status, 201);
    let answer = app.ask("GET", "/my-link", None);
    assert_eq!(answer.status, 302);
    assert!(answer.head.contains("Location: https://example.com/a?b=c#d"), "{}", answer.head);
    assert!(app.ask("GET", "/api/links/my-link", None).body.contains("\"hits\":1"));
    assert_eq!(post(r#"{"url":"https://example.com/","alias":"my-link"}"#).status, 409);
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.com",
        "http://",
        "https://user:pw@example.com",
        "https://exa mple.com",
        "http://a\\r\\nSet-Cookie: x",
        "https://exa\\u0000mple.com",
        "ftp://example.com",
        "http://[::1",
        "http://a:99999/",
    ] {
        let answer = post(&format!(r#"{{"url":"{url}"}}"#));
        assert_eq!(answer.status, 422, "{url}: {}", answer.body);
    }
    assert_eq!(post(&format!(r#"{{"url":"https://example.com/{}"}}"#, "x".repeat(3000))).status, 422);
    assert_eq!(post(r#"{"url":"https://example.com","alias":"../x"}"#).status, 422);
    assert_eq!(post(r#"{"url":"https://example.com","alias":"api"}"#).status, 409);
    let unicode = post(r#"{"url":"https://bücher.example/straße"}"#);
    assert!(unicode.body.contains("https://xn--bcher-kva.example/stra%C3%9Fe"), "{}", unicode.body);
    assert_eq!(app.ask("DELETE", "/api/links/my-link", None).status, 204);
    assert_eq!(app.ask("GET", "/my-link", None).status, 404);
}

#[test]
fn a_runner_runs_streams_stops_and_runs_again() {
    let app = start("word_frequency");
    let first = app.ask("GET", "/api/status?wait=20", None);
    assert!(first.body.contains("\"state\":\"finished\"") && first.body.contains("word"), "{}", first.body);
    let again = app.ask("POST", "/api/run", Some(r#"{"args":"--top 1","stdin":"river river stone"}"#));
    assert_eq!(again.status, 202, "{}", again.body);
    let second = app.ask("GET", "/api/status?wait=20", None);
    assert!(second.body.contains("\"run\":2") && second.body.contains("river"), "{}", second.body);
    assert_eq!(app.ask("GET", "/api/files/words.csv", None).body.lines().nth(1), Some("river,2"));
    for (path, body, status) in [
        ("/api/run", r#"{"args":7}"#, 422),
        ("/api/run", r#"{"args":"\"open"}"#, 422),
        ("/api/run", "{", 400),
        ("/api/files/..%2fserver.py", "", 405),
    ] {
        assert_eq!(app.ask("POST", path, Some(body)).status, status, "{path} {body}");
    }
    assert_eq!(app.ask("GET", "/api/files/..%2fserver.py", None).status, 404);
    let failing = app.ask("POST", "/api/run", Some(r#"{"args":["/no/such/file"]}"#));
    assert_eq!(failing.status, 202);
    let failed = app.ask("GET", "/api/status?wait=20", None);
    assert!(failed.body.contains("\"state\":\"failed\",\"exitCode\":1"), "{}", failed.body);
}

#[test]
fn a_long_run_excludes_another_and_can_be_stopped() {
    let app = start("prime_sieve");
    app.ask("GET", "/api/status?wait=20", None);
    assert_eq!(app.ask("POST", "/api/run", Some(r#"{"args":"100000000"}"#)).status, 202);
    assert_eq!(app.ask("POST", "/api/run", Some("{}")).status, 409);
    let mut stream = TcpStream::connect(("127.0.0.1", app.port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /api/events HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut events = BufReader::new(stream).lines();
    events.by_ref().find(|line| line.as_ref().unwrap().contains("All primes up to 100,000,000")).unwrap().unwrap();
    assert_eq!(app.ask("POST", "/api/stop", None).status, 202);
    let ended = app.ask("GET", "/api/status?wait=20", None);
    assert!(ended.body.contains("\"state\":\"stopped\""), "{}", ended.body);
    events.by_ref().find(|line| line.as_ref().unwrap().contains("\"stopped\"")).unwrap().unwrap();
}

/// node and python themselves read the literals, and every file that a prompt enters still parses.
#[test]
fn node_and_python_read_the_prompt_back() {
    let evil = "\"quoted\" 'single' \\ back `${x}` </script> é😀 {{title}} */";
    let prompt = format!("a landing page {evil}\n\t\u{2028}");
    let page =
        generate(&Request { prompt: prompt.clone(), app_type: AppType::Webapp, title: Some(evil.to_owned()) }, &BOTH);
    for file in page.unwrap().files.iter().filter(|file| file.path.ends_with(".js")) {
        check_syntax("node", &["--check"], &file.path, &file.content);
        if let Some(line) = file.content.lines().find(|line| line.starts_with("const PROMPT = ")) {
            assert_eq!(run("node", "-e", &format!("{line}\nprocess.stdout.write(PROMPT)")), prompt.trim());
        }
    }
    for (app_type, wish, _) in PROMPTS.iter().filter(|(app_type, ..)| *app_type != AppType::Webapp) {
        let request = Request { prompt: format!("{wish} {prompt}"), app_type: *app_type, title: Some(evil.to_owned()) };
        for file in generate(&request, &BOTH).unwrap().files.iter().filter(|file| file.path.ends_with(".py")) {
            check_syntax("python3", &["-m", "py_compile"], &file.path, &file.content);
            if let Some(line) = file.content.lines().find(|line| line.starts_with("TITLE = ")) {
                let print = "import sys\nsys.stdout.buffer.write(TITLE.encode())";
                assert_eq!(run("python3", "-c", &format!("{line}\n{print}")), evil);
            }
        }
    }
}

fn run(program: &str, flag: &str, source: &str) -> String {
    let output = Command::new(program).args([flag, source]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn check_syntax(program: &str, args: &[&str], name: &str, source: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(Path::new(name).file_name().unwrap());
    fs::write(&path, source).unwrap();
    let output = Command::new(program).args(args).arg(&path).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}
