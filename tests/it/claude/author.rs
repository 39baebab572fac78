//! The author: what it makes of whole answers, odd ones and none.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use spawnai::{
    generator::{
        author::{Author, Heard, Order, Tally, WriteError},
        claude::ClaudeConfig,
        prompting::{Broken, Template},
        writing::{NoApp, Progress},
    },
    types::{Artifact, MicroUsd},
};

use super::{
    answers::{INPUT, KEY, OUTPUT, PROMPT, SERVER, app, author, client, config, good, order, saying},
    server::{Reply, Scripted},
};

/// Everything that a listener hears, in a word each.
async fn write(author: &Author) -> (Result<Artifact, WriteError>, Tally, Vec<String>) {
    let (tally, mut heard) = (Tally::default(), Vec::new());
    let outcome = author
        .write(&order(), &tally, |what| {
            let word = match what {
                Heard::Asked(attempt) => match attempt.template {
                    Template::Full => format!("asked {}", attempt.model),
                    Template::Simple => format!("asked {} simply", attempt.model),
                },
                Heard::Progress(Progress::Opened { path }) => format!("opened {path}"),
                Heard::Progress(Progress::Closed(file)) => format!("closed {}", file.path),
                Heard::Progress(Progress::Described(_)) => "described".to_owned(),
                Heard::Progress(Progress::Grew { .. }) => return,
                Heard::GoesOn => "goes on".to_owned(),
                Heard::Failed { error, .. } => format!("failed: {error}"),
            };
            heard.push(word);
        })
        .await;
    (outcome, tally, heard)
}

#[actix_rt::test]
async fn a_wish_becomes_an_app_and_its_price() {
    let server = Scripted::new(|request| good(&request.nonce()));
    let (artifact, tally, heard) = write(&author(&server)).await;
    let artifact = artifact.unwrap();
    assert_eq!(artifact.files[0].content, SERVER);
    assert_eq!(artifact.checks[0].expect.contains.as_deref(), Some("Hi"));
    assert_eq!(artifact.origin.note, format!("Written by Claude ({}). It greets.", ClaudeConfig::MODEL));
    assert_eq!(heard, [&format!("asked {}", ClaudeConfig::MODEL), "described", "opened server.js", "closed server.js"]);
    let usage = tally.usage();
    assert_eq!((usage.input, usage.output, usage.estimated), (INPUT, OUTPUT, false));
    // $2 and $10 for a million.
    assert_eq!(tally.cost(), MicroUsd(1800 + 1200));
    let request = &server.requests()[0];
    assert_eq!(request.body["system"][0]["cache_control"]["type"], "ephemeral");
    assert!(request.last_turn().contains(PROMPT) && request.body["max_tokens"].as_u64() > Some(2000));
}

#[actix_rt::test]
async fn an_answer_that_is_too_long_goes_on_with_the_cut_file() {
    let server = Scripted::new(|request| {
        let nonce = request.nonce();
        if request.last_turn().contains("cut off") {
            return saying(
                &format!("<file-{nonce} path=\"server.js\">\n{SERVER}</file-{nonce}><end-{nonce}/>"),
                "end_turn",
            );
        }
        let text =
            format!("<app-{nonce}>{{\"port\":8080}}</app-{nonce}><file-{nonce} path=\"a.css\">p{{}}</file-{nonce}>");
        saying(&format!("{text}<file-{nonce} path=\"server.js\">\nrequire("), "max_tokens")
    });
    let (artifact, tally, heard) = write(&author(&server)).await;
    let artifact = artifact.unwrap();
    assert_eq!((artifact.files.len(), artifact.files[1].content.as_str(), artifact.port.get()), (2, SERVER, 8080));
    assert!(heard.contains(&"goes on".to_owned()), "{heard:?}");
    assert_eq!((tally.calls().len(), tally.usage().output), (2, 2 * OUTPUT));
    let requests = server.requests();
    assert!(requests[1].last_turn().contains("Begin with the file server.js"), "{}", requests[1].last_turn());
    assert!(requests[1].body["messages"][1]["content"].as_str().unwrap().contains("a.css"));
}

#[actix_rt::test]
async fn words_without_files_are_asked_for_more_simply() {
    let server = Scripted::new(|request| {
        let full = request.body["system"][0]["text"].as_str().unwrap().contains("# Quality");
        if full { saying("I would rather talk about it.", "end_turn") } else { good(&request.nonce()) }
    });
    let (artifact, _, heard) = write(&author(&server)).await;
    assert!(artifact.is_ok());
    let expected = [
        format!("asked {}", ClaudeConfig::MODEL),
        "failed: the answer has no files, only words: \"I would rather talk about it.\"".to_owned(),
        format!("asked {} simply", ClaudeConfig::MODEL),
    ];
    assert_eq!(heard[..3], expected);
}

#[actix_rt::test]
async fn a_model_that_fails_is_followed_by_the_second() {
    let server = Scripted::new(|request| match request.body["model"].as_str() {
        Some(ClaudeConfig::SECOND) => good(&request.nonce()),
        _ => Reply::error(529, "x-should-retry: false\r\n", "overloaded_error"),
    });
    let (artifact, tally, _) = write(&author(&server)).await;
    assert_eq!(artifact.unwrap().origin.template, ClaudeConfig::SECOND);
    assert_eq!(tally.calls().len(), 1, "an answer that never began costs nothing");
}

#[actix_rt::test]
async fn what_is_no_app_has_its_name() {
    type Answer = fn(&str) -> Reply;
    let cases: [(&str, Answer); 6] = [
        ("claude_refused", |_| saying("", "refusal")),
        ("claude_empty_answer", |_| saying("", "end_turn")),
        ("claude_wrong_nonce", |_| saying(&app("zzzzzzzzzzzz"), "end_turn")),
        ("claude_bad_answer", |nonce| saying(&format!("<file-{nonce} path=\"../../etc/passwd\">x"), "end_turn")),
        ("claude_nothing_to_start", |nonce| {
            saying(&format!("<file-{nonce} path=\"a.txt\">x</file-{nonce}>"), "end_turn")
        }),
        ("claude_answer_cut", |nonce| saying(&format!("<file-{nonce} path=\"server.js\">x"), "max_tokens")),
    ];
    for (code, answer) in cases {
        let server = Scripted::new(move |request| answer(&request.nonce()));
        let (outcome, tally, _) = write(&author(&server)).await;
        let failure = spawnai::types::Failure::from(&outcome.unwrap_err());
        assert_eq!(failure.code, code, "{failure}");
        assert_eq!(tally.calls().len(), server.asked(), "each answer is paid for");
    }
}

#[actix_rt::test]
async fn a_hostile_answer_is_stopped_on_its_way() {
    let many = |nonce: &str| (0..5000).map(|number| format!("<file-{nonce} path=\"{number}\"/>")).collect::<String>();
    let server = Scripted::new(move |request| saying(&many(&request.nonce()), "end_turn"));
    let config = ClaudeConfig { second: None, ..config(&server) };
    let (outcome, tally, _) = write(&Author::new(client(config))).await;
    assert!(matches!(outcome, Err(WriteError::NoApp(NoApp::Hostile(_)))), "{outcome:?}");
    assert!(tally.calls()[0].usage.estimated, "its end was not waited for");
}

#[actix_rt::test]
async fn money_that_does_not_reach_is_not_spent() {
    let server = Scripted::new(|request| good(&request.nonce()));
    let config = ClaudeConfig { second: None, ..config(&server) };
    let order = Order { budget: MicroUsd(5000), ..order() };
    let outcome = Author::new(client(config)).write(&order, &Tally::default(), |_| ()).await;
    assert!(matches!(outcome, Err(WriteError::TooLittle(_))), "{outcome:?}");
    assert_eq!(server.asked(), 0);
}

#[actix_rt::test]
async fn work_that_is_dropped_stops_paying_and_is_counted() {
    let server = Scripted::new(|request| {
        let reply = good(&request.nonce());
        let half = reply.length() / 2;
        reply.stalled(half)
    });
    let (author, tally) = (author(&server), Tally::default());
    let (begun, waiting) = tokio::sync::oneshot::channel();
    let (watched, mut begun) = (tally.clone(), Some(begun));
    let work = actix_rt::spawn(async move {
        let heard = |what: Heard<'_>| {
            if let Heard::Progress(_) = what
                && let Some(begun) = begun.take()
            {
                let _ = begun.send(());
            }
        };
        author.write(&order(), &watched, heard).await.map(drop)
    });
    waiting.await.unwrap();
    work.abort();
    server.closed(1).await;
    let usage = tally.usage();
    assert!(usage.estimated && usage.input == INPUT && usage.output > 1, "{usage:?}");
}

#[actix_rt::test]
async fn a_broken_app_is_mended_with_its_diagnostic() {
    let server = Scripted::new(|request| {
        let nonce = request.nonce();
        if request.last_turn().contains("ReferenceError: boom") {
            return saying(
                &format!("<file-{nonce} path=\"server.js\">\n{SERVER}</file-{nonce}><end-{nonce}/>"),
                "end_turn",
            );
        }
        saying(&app(&nonce).replace(SERVER, "boom()\n"), "end_turn")
    });
    let author = author(&server);
    let (artifact, tally, _) = write(&author).await;
    let artifact = artifact.unwrap();
    let failing = ["server.js".to_owned()];
    let broken = Broken { artifact: &artifact, diagnostic: "server.js:1\nReferenceError: boom", failing: &failing };
    let mended = author.mend(&order(), &broken, &tally, |_| ()).await.unwrap();
    assert_eq!((mended.files[0].content.as_str(), mended.checks), (SERVER, artifact.checks));
    assert_eq!(tally.calls().len(), 2);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[actix_rt::test]
async fn neither_key_nor_words_are_logged() {
    let log = Log::default();
    let sink = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || sink.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let echo = format!(r#"{{"error":{{"type":"api_error","message":"{KEY} asked: {PROMPT}"}}}}"#);
    let mut faults = vec![Reply::json(500, "", &echo), saying("words of the model", "end_turn")];
    let server = Scripted::new(move |request| faults.pop().unwrap_or_else(|| good(&request.nonce())));
    let (artifact, _, _) = write(&author(&server)).await;
    assert!(artifact.is_ok());
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("trying again") && text.contains("claude_no_files"), "{text}");
    for secret in [KEY, PROMPT, "words of the model", "Hi</h1>"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
