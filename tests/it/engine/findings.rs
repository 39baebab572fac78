//! What the guard finds, as a session's owner sees it; and what of the network an app gets for what its code names.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};

use super::{
    claude::{engine, scripted},
    pipeline::control,
    stand::{Engine, Session},
};
use crate::claude::{
    answers::{SERVER, app, beginning, deltas, event, saying},
    server::{Reply, Request},
};

const KEY: &str = "ghp_a8Jk2Lm9Qw3Er7Ty5Ui1Op4As6Df0Gh2Jk8L";

/// The good app with another server.
fn app_of(request: &Request, server: &str) -> Reply {
    saying(&app(&request.nonce()).replace(SERVER, server), "end_turn")
}

/// The same, as an answer to who wants it mended.
fn mended(request: &Request, server: &str) -> Reply {
    let nonce = request.nonce();
    saying(&format!("<file-{nonce} path=\"server.js\">\n{server}</file-{nonce}><end-{nonce}/>"), "end_turn")
}

fn hostile() -> String {
    format!("const answer = eval(process.argv[2]);\nconst token = \"{KEY}\";\n{SERVER}")
}

fn rules(findings: &Value) -> Vec<&str> {
    findings.as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

fn log(engine: &Engine, session: &Session<'_>) -> String {
    engine.read(&session.path("/logs"))["lines"].to_string()
}

/// The frames with findings, and the last number of all frames that came until the session was in this status.
fn told(session: &Session<'_>, status: &str) -> (Vec<Value>, u64) {
    let (mut frames, mut last) = (Vec::new(), 0);
    for event in session.events(None).filter(|event| event.id > 0) {
        assert_eq!(event.id, last + 1, "numbers have no gaps");
        last = event.id;
        let there = event.data["status"] == status || event.kind == "session_error" && status == "error";
        if event.kind == "session_findings" {
            frames.push(event.data);
        }
        if there {
            break;
        }
    }
    (frames, last)
}

#[test]
fn what_is_stopped_goes_back_once_and_is_mended() {
    let server = scripted(|request| {
        if request.last_turn().contains("code-eval in server.js, line 1") {
            assert!(!request.body.to_string().contains("secret-key in server.js: ghp_a8Jk2"), "masked");
            return mended(request, SERVER);
        }
        app_of(request, &hostile())
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp").ready();
    assert!(session.page().text().contains("<h1>Hi</h1>"));
    let view = session.show();
    assert_eq!((server.asked(), &view["answers"], &view["restarts"]), (2, &json!(2), &json!(0)), "{view}");
    assert_eq!(view["findings"], json!([]), "the app that runs is clean");
    let repair = &view["repairs"][0];
    assert_eq!((&repair["by"], &repair["failure"]["code"]), (&json!("claude"), &json!("artifact_blocked")), "{view}");
    assert!(repair["tokens"].as_u64().unwrap() > 0, "{view}");

    let (frames, _) = told(&session, "ready");
    assert_eq!(frames.len(), 2, "what was found, and that it is gone: {frames:?}");
    assert_eq!((&frames[0]["blocked"], &frames[1]["blocked"]), (&json!(true), &json!(false)));
    let found = &frames[0]["findings"][0];
    assert_eq!(rules(&frames[0]["findings"]), ["code-eval", "secret-key", "secret-value"]);
    assert_eq!((&found["severity"], &found["file"], &found["line"]), (&json!("block"), &json!("server.js"), &json!(1)));
    assert!(!found["why"].as_str().unwrap().is_empty() && !found["remedy"].as_str().unwrap().is_empty(), "{found}");
    let log = log(&engine, &session);
    assert!(log.contains("guard: blocks: code-eval in server.js, line 1"), "{log}");
    assert!(log.contains("mended: Claude mended it"), "{log}");
    for text in [log, view.to_string(), frames[0].to_string(), engine.said()] {
        assert!(!text.contains(&KEY[6..]), "the key is told: {text}");
    }
}

#[test]
fn what_is_stopped_twice_is_an_error_that_names_the_finding() {
    let server = scripted(|request| {
        if request.last_turn().contains("code-eval") {
            return mended(request, &format!("require(\"node:vm\").runInNewContext(process.argv[2]);\n{SERVER}"));
        }
        app_of(request, &hostile())
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp");
    let view = session.until("error");
    assert_eq!((server.asked(), &view["error"]["code"]), (2, &json!("artifact_blocked")), "{view}");
    let why = view["errorMessage"].as_str().unwrap();
    assert!(why.contains("code-eval in server.js, line 1") && why.contains("went back to Claude once"), "{why}");
    assert_eq!((rules(&view["findings"]), &view["repairs"]), (vec!["code-eval"], &json!([])));
    assert_eq!(view["attempts"][0]["error"]["code"], "artifact_blocked", "{view}");
    let (frames, last) = told(&session, "error");
    assert_eq!(frames.len(), 2, "{frames:?}");
    // They are stored, and come again after the end.
    let again: Vec<_> = session.events(None).collect();
    assert_eq!((again.len() as u64, again[0].id), (last, 1));
    assert!(again.iter().any(|event| event.kind == "session_findings" && event.data == frames[0]));
}

#[test]
fn what_a_rule_can_leave_out_costs_no_tokens() {
    let server = scripted(|request| {
        let nonce = request.nonce();
        let package =
            json!({ "private": true, "scripts": { "postinstall": "node setup.js", "start": "node server.js" } });
        let file = format!("<file-{nonce} path=\"package.json\">\n{package}\n</file-{nonce}>\n<end-{nonce}/>");
        saying(&app(&nonce).replace(&format!("<end-{nonce}/>"), &file), "end_turn")
    });
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp").ready();
    let view = session.show();
    assert_eq!((server.asked(), &view["repairs"][0]["by"]), (1, &json!("rule")), "{view}");
    assert_eq!(view["repairs"][0]["did"], "left out scripts that run at install", "{view}");
    let package = engine.get(&session.path("/files/package.json"));
    assert!(!package.text().contains("postinstall") && package.text().contains("start"), "{}", package.text());
}

#[test]
fn without_money_for_it_nothing_is_sent_back() {
    // The first answer uses up what there is for words.
    let server = scripted(|request| {
        let text = app(&request.nonce()).replace(SERVER, &hostile());
        let delta = json!({ "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 2600 } });
        Reply::stream(
            &(beginning() + &deltas(&text) + &event("message_delta", delta) + &event("message_stop", json!({}))),
        )
    });
    let engine = engine(&server, &[("SPAWNAI_SESSION_BUDGET_USD", "0.06")]);
    let view = engine.spawn("a page that greets", "webapp").until("error");
    assert_eq!(view["error"]["code"], "artifact_blocked", "{view}");
    assert!(view["errorMessage"].as_str().unwrap().contains("could not mend it"), "{view}");
    assert!(view["actualCost"].as_f64().unwrap() <= 0.06, "{view}");
    assert_eq!(server.asked(), 1, "{view}");
}

#[test]
fn warnings_are_shown_and_stop_nothing() {
    let server = scripted(|request| app_of(request, &format!("console.log(process.env);\n{SERVER}")));
    let engine = engine(&server, &[]);
    let session = engine.spawn("a page that greets", "webapp").ready();
    let view = session.show();
    let finding = &view["findings"][0];
    assert_eq!((&finding["rule"], &finding["severity"]), (&json!("harvest-environment"), &json!("warn")), "{view}");
    assert_eq!((&finding["file"], &finding["line"]), (&json!("server.js"), &json!(1)), "{view}");
    let (frames, _) = told(&session, "ready");
    assert_eq!((frames.len(), &frames[0]["findings"], &frames[0]["blocked"]), (1, &view["findings"], &json!(false)));
    assert!(log(&engine, &session).contains("guard: warns: harvest-environment in server.js, line 1"));
    session.destroy();
    assert_eq!(session.show()["findings"], view["findings"], "kept beyond the end");
}

/// An app that asks its proxy for whatever address it is given, and names `address` itself.
fn asking(address: &str) -> String {
    format!(
        "const http = require(\"node:http\");\nconst usual = \"{address}\";\n\
         http.createServer((request, response) => {{\n\
         const to = new URL(request.url, \"http://x\").searchParams.get(\"to\") || usual;\n\
         if (request.url === \"/\") return response.end(\"Hi\");\n\
         http.get({{ host: \"127.0.0.1\", port: 3128, path: to, headers: {{ host: new URL(to).host }} }}, (got) => got.pipe(response))\n\
         .on(\"error\", (error) => response.end(\"no way out: \" + error.code));\n\
         }}).listen(process.env.PORT || 3000, \"0.0.0.0\");\n"
    )
}

/// Answers every connection on loopback the same way.
fn secret_server() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret");
        }
    });
    port
}

#[test]
fn an_app_reaches_what_its_code_names_and_the_policy_adds_and_nothing_else() {
    let port = secret_server();
    let near = format!("http://127.0.0.1:{port}/");
    let server = {
        let code = asking("https://api.weather.example/today");
        scripted(move |request| app_of(request, &code))
    };
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, "[egress]\nallow = ['127.0.0.1']\n").unwrap();
    let allowed = [
        ("SPAWNAI_INTERNET", "true"),
        ("SPAWNAI_HOST_EGRESS_ALLOW", "127.0.0.0/8"),
        ("SPAWNAI_GUARD_POLICY", policy.to_str().unwrap()),
    ];
    for (settings, warm) in [(&allowed[..], "0"), (&allowed[..], "1")] {
        let engine = engine(&server, &[settings, &[("SPAWNAI_WARM_SANDBOXES", warm)]].concat());
        let session = engine.spawn("a page that asks", "webapp").ready();
        let view = session.show();
        let finding = &view["findings"][0];
        assert_eq!((&finding["rule"], &finding["severity"]), (&json!("egress-allowed"), &json!("info")), "{view}");
        assert_eq!(finding["why"], "this app may reach: 127.0.0.1, api.weather.example", "{view}");
        let sandbox = view["sandboxId"].as_str().unwrap();
        let network = control(&engine, "GET", &format!("/sandboxes/{sandbox}"), &Value::Null).json()["network"].clone();
        assert_eq!(network["allowOut"], json!(["127.0.0.1", "api.weather.example"]), "{network}");
        assert_eq!(network["denyOut"], json!(["0.0.0.0/0"]), "{network}");
        let ask = |address: &str| session.visit("GET", &format!("/ask?to={address}"), &Value::Null).text().to_owned();
        assert_eq!(ask(&near), "secret");
        // The operator lets it through, the code does not name it.
        assert!(ask(&format!("http://127.0.0.2:{port}/")).contains("denyOut 0.0.0.0/0"));
    }
}

#[test]
fn without_internet_an_app_has_no_way_out_and_its_owner_is_told() {
    let server = {
        let code = asking("https://api.weather.example/today");
        scripted(move |request| app_of(request, &code))
    };
    let engine = engine(&server, &[("SPAWNAI_HOST_EGRESS_ALLOW", "127.0.0.0/8")]);
    let session = engine.spawn("a page that asks", "webapp").ready();
    let view = session.show();
    let finding = &view["findings"][0];
    assert_eq!((&finding["rule"], &finding["severity"]), (&json!("egress-offline"), &json!("info")), "{view}");
    assert!(finding["why"].as_str().unwrap().contains("api.weather.example"), "{view}");
    let got = session.visit("GET", &format!("/ask?to=http://127.0.0.1:{}/", secret_server()), &Value::Null);
    assert_eq!(got.text(), "no way out: ECONNREFUSED");
}
