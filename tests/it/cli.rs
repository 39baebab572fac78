//! The command line against a scripted engine: arguments, errors, cut streams, exit codes.
//!
//! The engine here is a real HTTP server on a free port whose answers are written down; the client is the real one.

use std::{
    cell::RefCell,
    fs,
    io::{self, Write},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, error::PayloadError, web};
use bytes::Bytes;
use clap::Parser as _;
use futures_util::{StreamExt as _, stream};
use spawnai::cli::{
    Answering, Cli, ClientError, Command, Console, Engine, Exit, Style,
    doctor::{self, Finding, State},
    engine_answers, run_client,
};

const ID: &str = "0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d21";

#[test]
fn bad_arguments_are_refused_before_anything_runs() {
    let long = "x".repeat(2001);
    let cases: [(&[&str], &str); 8] = [
        (&["spawn", "  "], "the prompt is empty"),
        (&["spawn", &long], "2001 characters"),
        (&["spawn", "x", "--type", "game"], "expected webapp, api or script"),
        (&["spawn", "x", "--user", "a b"], "user id"),
        (&["spawn", "x", "--detach", "--hours", "1"], "cannot be used with"),
        (&["show", "nope"], "a UUID"),
        (&["extend", ID, "0"], "hours above 0"),
        (&["list", "--status", "gone"], "expected one of creating"),
    ];
    for (arguments, expected) in cases {
        let error = Cli::try_parse_from(["spawnai"].iter().chain(arguments)).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{arguments:?}");
        assert!(error.to_string().contains(expected), "{arguments:?}: {error}");
    }
}

#[test]
fn only_this_machine_gets_an_engine_of_its_own() {
    let spawn = |arguments: &[&str]| match command(arguments) {
        spawnai::cli::ClientCommand::Spawn(spawn) => spawn,
        other => panic!("{other:?}"),
    };
    let near = Engine::at("http://127.0.0.1:8080").unwrap();
    let far = Engine::at("https://engine.example.com").unwrap();
    assert!(spawn(&["spawn", "x"]).may_start_engine(&near).is_ok());
    for refused in
        [spawn(&["spawn", "x"]).may_start_engine(&far), spawn(&["spawn", "x", "--detach"]).may_start_engine(&near)]
    {
        assert_eq!(refused.unwrap_err().exit(), Exit::Unreachable);
    }
    assert!(matches!(Engine::at("ftp://x"), Err(ClientError::Usage(_))));
}

/// What a console was told.
#[derive(Clone, Default)]
struct Page(Rc<RefCell<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

struct Run {
    exit: Exit,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

fn command(arguments: &[&str]) -> spawnai::cli::ClientCommand {
    match Cli::try_parse_from(["spawnai"].iter().chain(arguments)).unwrap().command {
        Command::Client(command) => command,
        other => panic!("{other:?} is no client command"),
    }
}

async fn run(url: &str, arguments: &[&str]) -> Run {
    let (out, err) = (Page::default(), Page::default());
    let mut console = Console::new(Box::new(out.clone()), Box::new(err.clone()), Style::default());
    let exit = run_client(&command(arguments), &Engine::at(url).unwrap(), &mut console).await;
    Run { exit, out: out.text(), err: err.text() }
}

/// Serves what `configure` says on a free port until the handle is stopped.
fn serve(configure: fn(&mut web::ServiceConfig)) -> (String, ServerHandle) {
    let visits = Arc::new(AtomicUsize::new(0));
    let server = HttpServer::new(move || App::new().app_data(web::Data::from(visits.clone())).configure(configure))
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (url, handle)
}

async fn accepted() -> HttpResponse {
    HttpResponse::Accepted().json(serde_json::json!({
        "sessionId": ID, "status": "creating", "estimatedCost": 0.01, "estimatedTime": 5,
        "appUrl": "https://todo-aaaa.localhost:8443",
    }))
}

fn session(status: &str) -> serde_json::Value {
    serde_json::json!({
        "sessionId": ID, "status": status, "phase": if status == "ready" { "live" } else { "done" }, "progress": 100,
        "appUrl": "https://todo-aaaa.localhost:8443", "prompt": "todo \u{1b}[31mapp", "appType": "webapp",
        "userId": "anonymous", "createdAt": "2026-11-23T03:00:00Z", "expiresAt": "2026-11-23T03:30:00Z",
        "estimatedCost": 0.0293, "actualCost": 0.0021, "generator": "built-in", "template": "todo",
        "matchPercent": 94, "note": "Set ANTHROPIC_API_KEY for Claude.", "links": {}, "aFieldOfTomorrow": 1,
    })
}

async fn ready() -> HttpResponse {
    HttpResponse::Ok().json(session("ready"))
}

async fn failed() -> HttpResponse {
    let mut session = session("error");
    session["errorMessage"] = "the app never answered".into();
    session["error"] = serde_json::json!({
        "code": "app_silent", "message": "the app never answered", "category": "system", "retryable": true,
    });
    HttpResponse::Ok().json(session)
}

fn update(seq: u32, status: &str, phase: &str, progress: u32) -> String {
    let data = serde_json::json!({
        "type": "session_update", "sessionId": ID, "seq": seq, "at": "2026-11-23T03:00:00Z",
        "status": status, "phase": phase, "progress": progress,
    });
    format!(": ping\n\nid: {seq}\nevent: session_update\ndata: {data}\n\n")
}

fn events(text: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/event-stream").body(text)
}

/// Sends `text`, and then breaks the connection in the middle of the body.
fn cut(text: String) -> HttpResponse {
    let breaking = stream::once(async {
        // Gives the server the turn in which it sends what it has.
        tokio::task::yield_now().await;
        Err(PayloadError::Io(io::ErrorKind::ConnectionReset.into()))
    });
    let body = stream::iter([Ok(Bytes::from(text))]).chain(breaking);
    HttpResponse::Ok().content_type("text/event-stream").streaming(Box::pin(body))
}

fn refused(status: u16, code: &str, category: &str) -> HttpResponse {
    let mut answer = HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap());
    if status == 429 {
        answer.insert_header(("Retry-After", "7"));
    }
    answer.json(serde_json::json!({ "error": {
        "code": code, "message": format!("refused: {code}"), "category": category, "retryable": false,
        "requestId": "r1", "details": { "limit": 20 },
    }}))
}

/// The way to a live app, over three connections: cut in mid-event, ended too early, and then whole.
async fn bumpy_way(request: HttpRequest, visits: web::Data<AtomicUsize>) -> HttpResponse {
    let after = request.headers().get("Last-Event-ID").map(|id| id.to_str().unwrap().to_owned());
    match visits.fetch_add(1, Ordering::Relaxed) {
        0 => {
            assert_eq!(after, None);
            cut(update(1, "creating", "queued", 0) + &update(2, "generating", "writing", 10) + "id: 3\ndata: {\"ty")
        }
        1 => {
            assert_eq!(after.as_deref(), Some("2"));
            events(update(2, "generating", "writing", 10) + &update(3, "deploying", "acquiring", 55))
        }
        _ => {
            assert_eq!(after.as_deref(), Some("3"));
            events(update(3, "deploying", "acquiring", 55) + &update(4, "ready", "live", 100))
        }
    }
}

async fn bumpy_session(visits: web::Data<AtomicUsize>) -> HttpResponse {
    let mut session = session("ready");
    if visits.load(Ordering::Relaxed) < 3 {
        session["status"] = "deploying".into();
        session["phase"] = "acquiring".into();
    }
    HttpResponse::Ok().json(session)
}

fn bumpy(config: &mut web::ServiceConfig) {
    config
        .route("/api/spawn", web::post().to(accepted))
        .route("/api/spawn/{id}", web::get().to(bumpy_session))
        .route("/api/spawn/{id}/events", web::get().to(bumpy_way));
}

#[actix_web::test]
async fn spawn_follows_through_cut_streams_and_prints_each_step_once() {
    let (url, server) = serve(bumpy);
    let run = run(&url, &["spawn", "todo app"]).await;
    assert_eq!(run.exit, Exit::Ok, "{}{}", run.out, run.err);
    let steps: Vec<_> = run.out.lines().filter(|line| line.contains(" %  ")).collect();
    let words: Vec<_> = steps.iter().map(|line| line.split(" %  ").nth(1).unwrap()).collect();
    assert_eq!(words, ["Reserving a place and a budget", "Writing the app", "Taking a sandbox", "Live"]);
    for expected in [
        "https://todo-aaaa.localhost:8443",
        "built-in, todo (94 % match)",
        "Set ANTHROPIC_API_KEY for Claude.",
        "$0.002100 so far, $0.0293 estimated",
        &format!("spawnai --url {url} destroy {ID}"),
        "ca.pem",
    ] {
        assert!(run.out.contains(expected), "{expected} is missing in:\n{}", run.out);
    }
    server.stop(false).await;
}

#[actix_web::test]
async fn a_stream_that_ends_without_its_last_event_is_settled_by_the_session_itself() {
    let (url, server) = serve(|config| {
        config
            .route("/api/spawn", web::post().to(accepted))
            .route("/api/spawn/{id}", web::get().to(ready))
            .route("/api/spawn/{id}/events", web::get().to(|| async { cut(update(1, "creating", "queued", 0)) }));
    });
    let run = run(&url, &["spawn", "todo app"]).await;
    assert!(run.exit == Exit::Ok && run.out.contains("Your app is live"), "{}{}", run.out, run.err);
    server.stop(false).await;
}

#[actix_web::test]
async fn spawn_as_json_is_one_document_with_the_time_it_took() {
    let (url, server) = serve(bumpy);
    let run = run(&url, &["spawn", "todo app", "--json"]).await;
    assert_eq!((run.exit, run.err.as_str()), (Exit::Ok, ""));
    let document = run.json();
    assert_eq!(document["appUrl"], "https://todo-aaaa.localhost:8443");
    assert!(document["elapsedMs"].is_u64() && document["aFieldOfTomorrow"] == 1, "{document}");
    server.stop(false).await;
}

#[actix_web::test]
async fn a_failed_session_says_why_and_has_its_own_exit_code() {
    let (url, server) = serve(|config| {
        let end = r#"{"type":"session_error","sessionId":"x","seq":2,"error":{"code":"a","message":"m"},"recoverable":false}"#;
        config.route("/api/spawn", web::post().to(accepted)).route("/api/spawn/{id}", web::get().to(failed)).route(
            "/api/spawn/{id}/events",
            web::get().to(move || async move {
                events(update(1, "deploying", "starting", 80) + &format!("id: 2\ndata: {end}\n\n"))
            }),
        );
    });
    let plain = run(&url, &["spawn", "todo app"]).await;
    assert_eq!(plain.exit.code(), 4);
    assert!(plain.err.contains("error: the session failed: the app never answered (app_silent)"), "{}", plain.err);
    assert!(plain.err.contains("trying again may help"), "{}", plain.err);
    let json = run(&url, &["spawn", "todo app", "--json"]).await;
    assert_eq!((json.exit.code(), json.json()["error"]["code"].as_str()), (4, Some("app_silent")));
    server.stop(false).await;
}

#[actix_web::test]
async fn each_refusal_has_its_exit_code_and_its_words() {
    let (url, server) = serve(|config| {
        config
            .route("/api/spawn", web::post().to(|| async { refused(429, "too_many", "resource") }))
            .route("/api/spawn", web::get().to(|| async { HttpResponse::BadGateway().body("<html>proxy</html>") }))
            .route("/api/usage", web::get().to(|| async { refused(500, "broken", "system") }))
            .route("/api/spawn/{id}", web::get().to(|| async { refused(404, "session_not_found", "user") }))
            .route("/api/spawn/{id}/extend", web::post().to(|| async { refused(409, "over", "user") }));
    });
    let limited = run(&url, &["spawn", "x"]).await;
    assert_eq!(limited.exit.code(), 6);
    assert_eq!(limited.err, "error: refused: too_many\n  try again in 7 s\n");
    let limited = run(&url, &["spawn", "x", "--json"]).await;
    assert_eq!((limited.json()["error"]["code"].as_str(), limited.err.as_str()), (Some("too_many"), ""));
    assert_eq!(limited.json()["error"]["details"]["limit"], 20);
    assert_eq!(run(&url, &["show", ID]).await.exit.code(), 3);
    assert_eq!(run(&url, &["extend", ID, "1"]).await.exit.code(), 2);
    assert_eq!(run(&url, &["usage"]).await.exit.code(), 1);
    let stranger = run(&url, &["list"]).await;
    assert_eq!(stranger.exit.code(), 1);
    assert!(stranger.err.contains("is not one of a SpawnAI engine"), "{}", stranger.err);
    assert!(matches!(engine_answers(&Engine::at(&url).unwrap()).await, Answering::Stranger(_)));
    server.stop(false).await;
}

#[actix_web::test]
async fn no_engine_is_told_from_an_engine() {
    let (url, server) = serve(|config| {
        config.route("/api/spawn", web::get().to(|| async { HttpResponse::Ok().body(r#"{"sessions":[]}"#) }));
    });
    let engine = Engine::at(&url).unwrap();
    assert_eq!(engine_answers(&engine).await, Answering::Engine);
    let none = run(&url, &["list"]).await;
    assert!(none.exit == Exit::Ok && none.out.is_empty() && none.err.contains("no sessions"), "{}", none.err);
    server.stop(false).await;
    assert_eq!(engine_answers(&engine).await, Answering::Nobody);
    let gone = run(&url, &["list", "--json"]).await;
    assert_eq!((gone.exit.code(), gone.json()["error"]["code"].as_str()), (5, Some("engine_unreachable")));
    assert!(run(&url, &["list"]).await.err.contains("spawnai serve"));
}

fn pages(config: &mut web::ServiceConfig) {
    async fn page(request: HttpRequest) -> HttpResponse {
        let cursor = match request.query_string() {
            "limit=100&userId=ada%40x&status=ready" => Some("a/b=="),
            "limit=50&userId=ada%40x&status=ready&cursor=a%2Fb%3D%3D" => None,
            other => panic!("asked with {other}"),
        };
        let sessions = vec![session("ready"); if cursor.is_some() { 100 } else { 30 }];
        HttpResponse::Ok().json(serde_json::json!({ "sessions": sessions, "nextCursor": cursor }))
    }
    config.route("/api/spawn", web::get().to(page));
}

#[actix_web::test]
async fn list_reads_page_after_page_and_disarms_what_others_wrote() {
    let (url, server) = serve(pages);
    let arguments = ["list", "--user", "ada@x", "--status", "ready", "--limit", "150"];
    let plain = run(&url, &arguments).await;
    assert_eq!((plain.exit, plain.out.lines().count()), (Exit::Ok, 131));
    assert!(plain.out.contains("todo \u{fffd}[31mapp") && !plain.out.contains('\u{1b}'), "{}", plain.out);
    let json = run(&url, &[&arguments[..], &["--json"]].concat()).await;
    assert_eq!(json.json()["sessions"].as_array().unwrap().len(), 130);
    server.stop(false).await;
}

fn log(seq: u32, text: &str) -> serde_json::Value {
    serde_json::json!({ "seq": seq, "at": "2026-11-23T03:00:00Z", "stream": "stdout", "text": text })
}

#[actix_web::test]
async fn logs_go_on_behind_the_kept_lines_until_the_session_is_over() {
    let (url, server) = serve(|config| {
        async fn logs(request: HttpRequest, visits: web::Data<AtomicUsize>) -> HttpResponse {
            let seen = visits.load(Ordering::Relaxed);
            if request.query_string() != "follow=true" {
                let kept = ["one", "two", "three", "four"].into_iter().zip(1..).take(if seen == 0 { 2 } else { 4 });
                let kept: Vec<_> = kept.map(|(text, seq)| log(seq, text)).collect();
                return HttpResponse::Ok().json(serde_json::json!({ "lines": kept }));
            }
            let line = |seq, text| format!("event: log\nid: {seq}\ndata: {}\n\n", log(seq, text));
            assert_eq!(request.headers().get("Last-Event-ID").unwrap(), "2");
            visits.store(1, Ordering::Relaxed);
            // A server that ignores Last-Event-ID sends the kept lines again; then it is cut before the last line.
            cut(line(1, "one") + &line(2, "two") + &line(3, "three\u{1b}[2J"))
        }
        config
            .route("/api/spawn/{id}/logs", web::get().to(logs))
            .route("/api/spawn/{id}", web::get().to(|| async { HttpResponse::Ok().json(session("expired")) }));
    });
    let run = run(&url, &["logs", "-f", ID]).await;
    assert_eq!(run.exit, Exit::Ok, "{}", run.err);
    let lines: Vec<_> = run.out.lines().map(|line| line.split("out  ").nth(1).unwrap()).collect();
    assert_eq!(lines, ["one", "two", "three", "four"]);
    server.stop(false).await;
}

/// Nothing but the end record of a directory of no files.
const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn ends(config: &mut web::ServiceConfig) {
    async fn destroy(path: web::Path<String>) -> HttpResponse {
        if *path != ID {
            return refused(404, "session_not_found", "user");
        }
        HttpResponse::Ok().json(serde_json::json!({
            "sessionId": ID, "status": "expired", "endReason": "destroyed", "finalCost": 0.5,
        }))
    }
    async fn zip(path: web::Path<String>) -> HttpResponse {
        if *path != ID {
            return cut("PK".to_owned());
        }
        HttpResponse::Ok().body(EMPTY_ZIP)
    }
    config.route("/api/spawn/{id}", web::delete().to(destroy)).route("/api/spawn/{id}/export.zip", web::get().to(zip));
}

const OTHER: &str = "0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d22";

#[actix_web::test]
async fn destroy_goes_on_behind_a_failure_and_ends_with_its_code() {
    let (url, server) = serve(ends);
    let plain = run(&url, &["destroy", OTHER, ID]).await;
    assert_eq!(plain.exit.code(), 3);
    assert_eq!(plain.out, format!("{ID}  destroyed, final cost $0.5000\n"));
    let json = run(&url, &["destroy", OTHER, ID, "--json"]).await;
    let lines: Vec<serde_json::Value> = json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["sessionId"], &lines[1]["finalCost"]), (&OTHER.into(), &0.5.into()));
    server.stop(false).await;
}

#[actix_web::test]
async fn export_writes_the_whole_archive_or_nothing() {
    let (url, server) = serve(ends);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.zip");
    let file = file.to_str().unwrap();
    assert_eq!(run(&url, &["export", OTHER, "-o", file]).await.exit.code(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "a cut archive leaves nothing");
    assert_eq!(run(&url, &["export", ID, "-o", file]).await.exit, Exit::Ok);
    assert_eq!(fs::read(file).unwrap(), EMPTY_ZIP);
    assert_eq!(run(&url, &["export", ID, "-o", file]).await.exit.code(), 2, "it would replace a file");
    assert_eq!(run(&url, &["export", ID, "-o", file, "--force"]).await.exit, Exit::Ok);
    assert_eq!(run(&url, &["export", ID, "-o", "-"]).await.out.as_bytes(), EMPTY_ZIP);
    server.stop(false).await;
}

#[actix_web::test]
async fn a_reader_who_goes_away_is_no_error() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (url, server) = serve(bumpy);
    let err = Page::default();
    let mut console = Console::new(Box::new(Closed), Box::new(err.clone()), Style::default());
    let exit = run_client(&command(&["show", ID]), &Engine::at(&url).unwrap(), &mut console).await;
    assert_eq!((exit, exit.code(), err.text().as_str()), (Exit::PipeClosed, 0, ""));
    server.stop(false).await;
}

#[test]
fn doctor_fails_only_for_what_is_missing() {
    let finding = |state, remedy: Option<&str>| Finding {
        name: "node".to_owned(),
        state,
        detail: "not found".to_owned(),
        remedy: remedy.map(str::to_owned),
    };
    let report = |findings: &[Finding], json| {
        let page = Page::default();
        let mut console = Console::new(Box::new(page.clone()), Box::new(io::sink()), Style::default());
        (doctor::report(findings, json, &mut console).unwrap(), page.text())
    };
    assert_eq!(report(&[finding(State::Advisory, None)], false).0, Exit::Ok);
    let (exit, text) = report(&[finding(State::Missing, Some("apt install nodejs"))], false);
    assert!(exit == Exit::Failed && text.contains("→ apt install nodejs"), "{text}");
    let (_, text) = report(&[finding(State::Missing, None)], true);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["findings"][0]["state"], "missing");
}
