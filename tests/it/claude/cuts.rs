//! Answers that break: at every byte, and at random.

use std::sync::{Arc, Mutex};

use spawnai::generator::author::Tally;

use super::{
    answers::{INPUT, OUTPUT, SERVER, app, author, beginning, config, deltas, ending, event, good, order, pieces},
    server::{Reply, Scripted},
};

/// A good answer of few bytes: each of them is a test.
fn short(nonce: &str) -> Reply {
    Reply::stream(&(beginning() + &pieces(&app(nonce), 80) + &ending("end_turn")))
}

#[actix_rt::test]
async fn an_answer_that_is_cut_at_any_byte_becomes_the_same_app() {
    // Where the next answer is cut; taken by the first to come.
    let next_cut = Arc::new(Mutex::new(None));
    let cut = next_cut.clone();
    let server = Scripted::new(move |request| {
        let reply = short(&request.nonce());
        match cut.lock().unwrap().take() {
            Some(at) => reply.cut(at),
            None => reply,
        }
    });
    let author = author(&server);
    // Nonces have one length, so that any will do to know the answer's.
    let length = short("abcdefghijkl").length();
    for at in 0..=length {
        *next_cut.lock().unwrap() = Some(at);
        let (tally, before) = (Tally::default(), server.asked());
        let artifact = author.write(&order(), &tally, |_| ()).await.unwrap_or_else(|error| panic!("{at}: {error}"));
        assert_eq!(artifact.files.iter().map(|file| file.content.as_str()).collect::<Vec<_>>(), [SERVER], "{at}");
        assert_eq!(artifact.start, "node server.js");
        let (calls, asked) = (tally.calls(), server.asked() - before);
        assert!(asked <= 2 && calls.len() <= asked && !calls.is_empty(), "{at}: {calls:?}");
        for (index, call) in calls.iter().enumerate() {
            let whole = call.usage.output == OUTPUT && !call.usage.estimated;
            // Only the first one was cut, and its prompt is counted as well.
            assert!(call.usage.input == INPUT && (whole || index == 0), "{at}: {calls:?}");
        }
    }
}

/// A small generator of its own, so that the same faults come every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[actix_rt::test]
async fn with_three_calls_in_ten_failing_nearly_all_apps_are_written() {
    const WISHES: usize = 500;
    let mut chance = Chance(20_261_123);
    let server = Scripted::new(move |request| {
        let reply = good(&request.nonce());
        if chance.below(10) >= 3 {
            return reply;
        }
        let overloaded = event("error", serde_json::json!({ "error": { "type": "overloaded_error" } }));
        match chance.below(7) {
            0 => Reply::error(429, "retry-after-ms: 1\r\n", "rate_limit_error"),
            1 => Reply::error(500, "", "api_error"),
            2 => Reply::error(529, "", "overloaded_error"),
            3 => Reply::raw(b""),
            4 => {
                let length = reply.length() as u64;
                reply.cut(usize::try_from(chance.below(length)).unwrap())
            }
            5 => Reply::stream(&(beginning() + &deltas("Well,") + &overloaded)),
            _ => Reply::new(502, "content-type: text/html\r\n", "<html>Bad gateway"),
        }
    });
    let author = author(&server);
    let (mut written, mut calls) = (0, 0);
    for _ in 0..WISHES {
        let tally = Tally::default();
        written += usize::from(author.write(&order(), &tally, |_| ()).await.is_ok());
        calls += tally.calls().len();
    }
    assert!(written * 100 >= WISHES * 99, "{written} of {WISHES}");
    // Each answer that had begun is counted once, each that had not is not.
    assert!(calls >= written && calls <= server.asked(), "{calls} calls of {}", server.asked());
    assert_eq!(config(&server).retries.tries_max, 4, "the policy that users have");
}
