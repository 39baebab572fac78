//! What goes into programs: terminals, streams of input, and programs that are met again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::machine::{Machine, Sandbox, frame, modes};

fn terminal(columns: u16) -> Value {
    json!({
        "process": {"cmd": "/bin/bash", "args": ["-i", "-l"], "envs": {"TERM": "xterm", "PS1": "$ "}},
        "pty": {"size": {"cols": columns, "rows": 24}}
    })
}

fn type_in(sandbox: &Sandbox<'_>, pid: i64, text: &str) {
    let typed = json!({"process": {"pid": pid}, "input": {"pty": STANDARD.encode(text)}});
    let answer = sandbox.rpc("/process.Process/SendInput", &typed);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_terminal_is_one_and_takes_its_size() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let mut shell = sandbox.stream("/process.Process/Start", &terminal(80), &[]);
        let pid = shell.pid();
        // Only ever at the prompt: the shell's changes of mode may drop what was typed ahead.
        shell.until("$ ");
        type_in(&sandbox, pid, "stty size; stat -Lc %U-owns /dev/stdin; (: > $(tty)) && echo re$((0))opened\n");
        let seen = shell.until("$ ");
        for expected in ["24 80\r\n", "user-owns\r\n", "re0opened\r\n"] {
            assert!(seen.contains(expected), "{mode:?}: {expected:?} in {seen:?}");
        }
        let size = json!({"process": {"pid": pid}, "pty": {"size": {"cols": 100, "rows": 30}}});
        assert_eq!(sandbox.rpc("/process.Process/Update", &size).status, 200);
        type_in(&sandbox, pid, "stty size\n");
        shell.until("30 100\r\n");
        shell.until("$ ");
        // ^C reaches what runs in the foreground, so the terminal controls it.
        type_in(&sandbox, pid, "sh -c 'echo be$((0))gin; exec sleep 1000'\n");
        shell.until("be0gin");
        type_in(&sandbox, pid, "\x03");
        shell.until("$ ");
        type_in(&sandbox, pid, "head -c 20000 /dev/zero | tr '\\0' x; echo l$((0))st; exit 7\n");
        let outcome = shell.outcome();
        assert_eq!((outcome.exit, outcome.error.as_str()), (Some(7), "exit status 7"), "{mode:?}");
        assert!(outcome.terminal.contains("l0st") && outcome.terminal.len() > 20_000, "{mode:?}: nothing is lost");
    }
}

#[test]
fn a_program_is_met_again_and_killed_with_its_terminal() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let mut shell = sandbox.stream("/process.Process/Start", &terminal(80), &[]);
    let pid = shell.pid();
    drop(shell);
    let mut again = sandbox.stream("/process.Process/Connect", &json!({"process": {"pid": pid}}), &[]);
    assert_eq!(again.pid(), pid);
    type_in(&sandbox, pid, "echo me$((0))t\n");
    again.until("me0t");
    let kill = json!({"process": {"pid": pid}, "signal": "SIGNAL_SIGKILL"});
    assert_eq!(sandbox.rpc("/process.Process/SendSignal", &kill).status, 200);
    assert_eq!(again.outcome().error, "signal: killed");
    assert_ne!(sandbox.run(&format!("kill -0 {pid}")).exit, Some(0));
    let gone = sandbox.stream("/process.Process/Connect", &json!({"process": {"pid": pid}}), &[]);
    assert_eq!(gone.outcome().error, "not_found");
}

#[test]
fn input_is_streamed_in_any_pieces_and_closed() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let cat = json!({"process": {"cmd": "/bin/cat"}, "stdin": true, "tag": "the cat"});
    let mut stream = sandbox.stream("/process.Process/Start", &cat, &[]);
    stream.pid();
    let selector = json!({"tag": "the cat"});
    let mut frames = frame(&json!({"start": {"process": selector}}));
    for text in ["one ", "two ", "three"] {
        frames.extend(frame(&json!({"keepalive": {}})));
        frames.extend(frame(&json!({"data": {"input": {"stdin": STANDARD.encode(text)}}})));
    }
    let call = |body: &[u8]| sandbox.envd("POST", "/process.Process/StreamInput", "application/connect+json", body);
    assert_eq!(call(&frames).body, b"\0\0\0\0\x02{}\x02\0\0\0\x02{}");
    stream.until("one two three");
    for (body, code) in [
        (&frames[..frames.len() - 1], "invalid_argument"),
        (&b"\0\xff\xff\xff\xff"[..], "resource_exhausted"),
        (&frame(&json!({"data": {"input": {"stdin": "YQ=="}}})), "invalid_argument"),
        (&frame(&json!({"start": {"process": {"pid": 999_999}}})), "not_found"),
    ] {
        assert!(call(body).text().contains(code), "{code}: {}", call(body).text());
    }
    let rpc = |call: &str, body| sandbox.rpc(&format!("/process.Process/{call}"), &body);
    let typed = json!({"process": selector, "input": {"pty": "YQ=="}});
    assert_eq!(rpc("SendInput", typed).json()["code"], "failed_precondition");
    let resized = json!({"process": selector, "pty": {"size": {"cols": 1, "rows": 1}}});
    assert_eq!(rpc("Update", resized).json()["code"], "failed_precondition");
    assert_eq!(rpc("CloseStdin", json!({"process": selector})).status, 200);
    assert_eq!(stream.outcome().exit, Some(0), "its input ended");
}
