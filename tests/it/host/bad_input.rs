//! What a client may send that makes no sense, is too much, or does not end: each is refused in the protocol's words,
//! and the host has afterwards what it had before.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::{Value, json};

use super::machine::{Answer, Machine, Sandbox, frame, modes};

const PLAIN: &str = "application/octet-stream";
const STREAM: &str = "application/connect+json";
/// Largest message of a call to envd.
const MESSAGE_MAX: usize = 4 << 20;

/// How a call was refused: in its status and body, or in the only frame of its stream.
fn refusal(answer: &Answer) -> String {
    let body = answer
        .body
        .split_first_chunk::<5>()
        .filter(|([flags, ..], _)| *flags == 2)
        .map_or(&answer.body[..], |(_, body)| body);
    let body: Value = serde_json::from_slice(body).unwrap_or_else(|_| panic!("{} {:?}", answer.status, answer.text()));
    let error = body.get("error").unwrap_or(&body);
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    match &error["code"] {
        Value::Number(code) => {
            assert_eq!(code.as_u64(), Some(answer.status.into()), "{body}");
            code.to_string()
        }
        code => code.as_str().unwrap().to_owned(),
    }
}

/// Runs `attack` once for whatever is made only once, and again: what it leaves behind, it would leave each time.
fn leaves_nothing(machine: &Machine, attack: impl Fn()) {
    attack();
    leaves_what_was(machine, || (0..2).for_each(|_| attack()));
}

fn leaves_what_was(machine: &Machine, attack: impl FnOnce()) {
    const SLACK_KIB: u64 = 16 << 10;
    let (descriptors, memory) = (open(machine), machine.memory_kib());
    attack();
    closes(machine, descriptors);
    let grown = machine.memory_kib().saturating_sub(memory);
    assert!(grown < SLACK_KIB, "{grown} KiB more in use");
}

/// Descriptors that are open when nothing is under way: connections close a little after their answer.
fn open(machine: &Machine) -> usize {
    const LOOKS: usize = 20;
    (0..LOOKS).map(|_| look(machine)).min().unwrap()
}

/// An exchange with the host, which gives its threads the time to close something, and then what is open.
fn look(machine: &Machine) -> usize {
    machine.control("GET", "/sandboxes", &json!({}));
    machine.descriptors()
}

/// No more than `before` are open in the end.
fn closes(machine: &Machine, before: usize) {
    const LOOKS_MAX: usize = 1000;
    let mut last = 0;
    let closed = (0..LOOKS_MAX).any(|_| {
        last = look(machine);
        last <= before
    });
    assert!(closed, "{last} descriptors are open, and {before} were");
}

#[test]
fn malformed_and_oversized_messages() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let nested = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let large = vec![b' '; MESSAGE_MAX + 1];
    let unary: &[(&[u8], &str)] = &[
        (b"", "invalid_argument"),
        (b"{", "invalid_argument"),
        (b"null", "invalid_argument"),
        (b"{\"path\": 7}", "invalid_argument"),
        (b"{\"path\": \"\xff\xfe\"}", "invalid_argument"),
        (&nested, "invalid_argument"),
        (&large, "resource_exhausted"),
    ];
    let framed = |body: &[u8]| [&[0][..], &u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat();
    let streams: &[(Vec<u8>, &str)] = &[
        (Vec::new(), "invalid_argument"),
        (b"\0\0\0".to_vec(), "invalid_argument"),
        (b"\0\xff\xff\xff\xff".to_vec(), "invalid_argument"),
        (framed(b"{"), "invalid_argument"),
        (framed(&nested), "invalid_argument"),
        ([framed(b"{}"), framed(b"{}")].concat(), "invalid_argument"),
        (b"\x01\0\0\0\x02{}".to_vec(), "unimplemented"),
        (large.clone(), "resource_exhausted"),
    ];
    leaves_nothing(&machine, || {
        for (body, code) in unary {
            for call in
                ["filesystem.Filesystem/Stat", "filesystem.Filesystem/CreateWatcher", "process.Process/SendSignal"]
            {
                let answer = sandbox.envd("POST", &format!("/{call}"), "application/json", body);
                assert_eq!(refusal(&answer), *code, "{call} {}", body.len());
            }
        }
        for (body, code) in streams {
            for call in ["filesystem.Filesystem/WatchDir", "process.Process/Start", "process.Process/Connect"] {
                let answer = sandbox.envd("POST", &format!("/{call}"), STREAM, body);
                assert_eq!(refusal(&answer), *code, "{call} {}", body.len());
            }
        }
        for call in ["filesystem.Filesystem/Nothing", "process.Process/Nothing", "filesystem.Other/Stat"] {
            let answer = sandbox.envd("POST", &format!("/{call}"), "application/json", b"{}");
            assert_eq!((answer.status, refusal(&answer).as_str()), (501, "unimplemented"), "{call}");
        }
        let compressed =
            [("X-Access-Token", sandbox.token.as_str()), ("Content-Encoding", "zstd"), ("Content-Type", PLAIN)];
        assert_eq!(refusal(&sandbox.to("49983", "POST", "/files?path=x", &compressed, b"x")), "415");
    });
    assert_eq!(sandbox.run("echo alive").stdout, "alive\n");
}

#[test]
fn unknown_ids_and_wrong_tokens() {
    let machine = Machine::start(modes()[0]);
    let (sandbox, other) = (machine.create(), machine.create());
    let long = "i".repeat(5000);
    leaves_nothing(&machine, || {
        for id in ["nope", "..", "%2e%2e%2f", "a-b", &long] {
            for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/timeout"), ("POST", "/connect")] {
                let answer = machine.control(method, &format!("/sandboxes/{id}{path}"), &json!({"timeout": 5}));
                assert_eq!((answer.status, refusal(&answer).as_str()), (404, "404"), "{method} {id} {path}");
            }
        }
        for (id, status) in [("nope", 502), ("a-b", 400), ("", 400)] {
            let headers = [("E2b-Sandbox-Id", id), ("E2b-Sandbox-Port", "49983")];
            let answer = super::machine::call(machine.address, "GET", "/files?path=x", &headers, b"");
            assert_eq!((answer.status, answer.json()["code"].as_u64()), (status, Some(status.into())), "{id}");
        }
        for token in ["", "ea_x", &other.token, &long] {
            let headers = [("X-Access-Token", token), ("Content-Type", "application/json")];
            let ask = |method: &str, path: &str| sandbox.to("49983", method, path, &headers, br#"{"path":"x"}"#);
            assert_eq!(refusal(&ask("POST", "/filesystem.Filesystem/Stat")), "unauthenticated");
            assert_eq!(refusal(&ask("POST", "/filesystem.Filesystem/WatchDir")), "unauthenticated");
            for (method, path) in [
                ("GET", "/files?path=x"),
                ("POST", "/files?path=x"),
                ("POST", "/files/compose"),
                ("GET", "/metrics"),
                ("GET", "/envs"),
            ] {
                assert_eq!(refusal(&ask(method, path)), "401", "{method} {path}");
            }
        }
        let rpc = |call: &str, body: Value| refusal(&sandbox.rpc(call, &body));
        assert_eq!(rpc("/filesystem.Filesystem/GetWatcherEvents", json!({"watcherId": long})), "not_found");
        assert_eq!(rpc("/filesystem.Filesystem/RemoveWatcher", json!({})), "not_found");
        assert_eq!(rpc("/process.Process/SendSignal", json!({"process": {"pid": 1}, "signal": 9})), "not_found");
        assert_eq!(rpc("/process.Process/Update", json!({"process": {"tag": "nope"}})), "not_found");
        let nobody = [("X-Access-Token", sandbox.token.as_str()), ("Authorization", "Basic bm9ib2R5Og==")];
        assert_eq!(refusal(&sandbox.to("49983", "GET", "/files?path=x", &nobody, b"")), "401");
    });
}

#[test]
fn paths_that_lead_nowhere_or_out() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let secret = machine.folder.path().join("host.key").display().to_string();
        sandbox.run(&format!(
            "ln -s {secret} link; ln -s loop loop; ln -s /proc/1/root root; ln -s /proc/self/mem mem; mkfifo fifo"
        ));
        let (long, deep, name) = ("x".repeat(5000), "d/".repeat(2000), "n".repeat(256));
        let get = |path: &str| {
            let path: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            sandbox.envd("GET", &format!("/files?path={path}"), "", b"")
        };
        for (path, status) in [
            ("", 400),
            ("a\0b", 400),
            (long.as_str(), 400),
            (name.as_str(), 400),
            ("loop", 400),
            ("fifo", 400),
            ("/dev/zero", 400),
            ("/home/user/link", 404),
            (secret.as_str(), 404),
            (&format!("../../../../../..{secret}"), 404),
            (&format!("/proc/1/root{secret}"), 403),
            ("root/etc/passwd", 403),
            ("mem", 403),
            ("/proc/self/environ", 403),
            ("/proc/1/fd/0", 403),
        ] {
            let answer = get(path);
            let shown: String = path.chars().take(40).collect();
            // A link that is itself refused, or the folder that it is in, are the kernel's to choose from.
            let expected = if status == 403 { vec!["403", "404", "400"] } else { vec![] };
            let code = refusal(&answer);
            assert!(
                code == status.to_string() || expected.contains(&code.as_str()),
                "{mode:?} {shown:?}: {code} {}",
                answer.text()
            );
        }
        let rpc = |call: &str, body: Value| refusal(&sandbox.rpc(&format!("/filesystem.Filesystem/{call}"), &body));
        for path in ["a\0b", &long] {
            for call in ["Stat", "MakeDir", "ListDir", "Remove", "CreateWatcher"] {
                assert_eq!(rpc(call, json!({"path": path})), "invalid_argument", "{mode:?} {call}");
            }
            assert_eq!(rpc("Move", json!({"source": "d", "destination": path})), "invalid_argument");
        }
        assert_eq!(rpc("Remove", json!({"path": "/usr/bin/env"})), "permission_denied", "{mode:?}");
        assert_eq!(rpc("Remove", json!({"path": "/"})), "invalid_argument", "{mode:?}");
        assert_eq!(
            rpc("MakeDir", json!({"path": deep})),
            "resource_exhausted",
            "{mode:?}: the harness has 2,000 inodes"
        );
        assert_eq!(sandbox.run("rm -r d; echo alive").stdout, "alive\n", "{mode:?}");
    }
}

#[test]
fn a_program_that_swaps_folders_for_links_gains_nothing() {
    const SWAP: &str = "import os\nos.mkdir('real')\nprint('up', flush=True)\nwhile True:\n \
        os.rename('real', 'swapped')\n os.rename('swapped', 'real')\n os.symlink('/etc', 'here')\n os.unlink('here')\n \
        os.mkdir('here')\n os.rmdir('here') if not os.listdir('here') else os.rename('here', f'/tmp/{os.urandom(8).hex()}')";
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        sandbox.write("swap.py", SWAP);
        let mut swapper = sandbox.start("python3 swap.py", &[]);
        swapper.until("up");
        for _ in 0..100 {
            let written = sandbox.envd("POST", "/files?path=here/passwd", PLAIN, b"mine");
            assert!(
                written.status == 200 || ["400", "403", "404"].contains(&refusal(&written).as_str()),
                "{}",
                written.text()
            );
            let read = sandbox.envd("GET", "/files?path=here/shadow", "", b"");
            assert_ne!(read.status, 200, "{mode:?}: there is none inside, and the machine's is out of reach");
        }
        assert_eq!(sandbox.run("cat /etc/passwd").stdout.lines().count(), 3, "{mode:?}: the sandbox's own, unchanged");
        assert!(!std::fs::read_to_string("/etc/passwd").unwrap().contains("mine"));
    }
}

fn parts(paths: impl Iterator<Item = String>) -> Vec<u8> {
    let mut body = String::new();
    for path in paths {
        body += &format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{path}\"\r\n\r\n{path}\r\n");
    }
    (body + "--b--\r\n").into_bytes()
}

#[test]
fn ten_thousand_files_in_one_upload_and_not_one_more() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let upload = |body: &[u8]| sandbox.envd("POST", "/files", "multipart/form-data; boundary=b", body);
    // The same hundred over and over: the harness gives a sandbox 2,000 inodes.
    let most = parts((0..10_000).map(|n| format!("many/{}", n % 100)));
    let over = parts((0..10_001).map(|n| format!("many/{}", n % 100)));
    let full = parts((0..2_500).map(|n| format!("full/{n}")));
    assert_eq!(upload(&parts((0..1_000).map(|n| format!("many/{}", n % 100)))).status, 200);
    leaves_what_was(&machine, || {
        let answer = upload(&most);
        assert_eq!((answer.status, answer.json().as_array().map(Vec::len)), (200, Some(10_000)));
        assert_eq!(refusal(&upload(&over)), "400");
        assert_eq!(refusal(&upload(&full)), "507");
        assert_eq!(sandbox.run("cat many/7; rm -r full; ls many | wc -l").stdout, "many/7100\n");
    });
}

#[test]
fn multipart_bodies_that_are_none() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n";
    let other = "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n".repeat(20_001) + "--b--\r\n";
    let endless = format!("{head}X: {}", "x".repeat(1 << 20));
    let bodies: &[(&str, &[u8])] = &[
        ("multipart/form-data", b"--b--\r\n"),
        ("multipart/form-data; boundary=", b"--b--\r\n"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"--b--\r\n"),
        ("multipart/form-data; boundary=b", b"no part at all"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\nnameless\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", endless.as_bytes()),
        ("multipart/form-data; boundary=b", other.as_bytes()),
        ("text/plain", b"x"),
        ("", b"x"),
    ];
    leaves_nothing(&machine, || {
        for (kind, body) in bodies {
            assert_eq!(refusal(&sandbox.envd("POST", "/files", kind, body)), "400", "{kind} {}", body.len());
        }
        let cut = format!("{head}\r\ncut short");
        assert_eq!(refusal(&sandbox.envd("POST", "/files", "multipart/form-data; boundary=b", cut.as_bytes())), "400");
    });
}

/// Sends the beginning of an upload, and holds the connection.
fn begin(machine: &Machine, sandbox: &Sandbox<'_>, kind: &str, body: &str) -> TcpStream {
    let mut upload = TcpStream::connect(machine.address).unwrap();
    let head = format!(
        "POST /files?path=x HTTP/1.1\r\nHost: {}\r\nE2b-Sandbox-Id: {}\r\nX-Access-Token: {}\r\n\
         Content-Type: {kind}\r\nContent-Length: 100000\r\n\r\n{body}",
        machine.address, sandbox.id, sandbox.token
    );
    upload.write_all(head.as_bytes()).unwrap();
    upload
}

#[test]
fn a_client_that_hangs_in_the_middle_of_an_upload_is_cut_off() {
    let machine = Machine::start_in(modes()[0], tempfile::tempdir().unwrap(), &[("HOST_TEST_SILENCE_MS", "200")]);
    let sandbox = machine.create();
    let part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nbegin";
    let between = format!("{part}\r\n--b\r\n");
    leaves_nothing(&machine, || {
        let hanging = [
            begin(&machine, &sandbox, PLAIN, "begin"),
            begin(&machine, &sandbox, "multipart/form-data; boundary=b", ""),
            begin(&machine, &sandbox, "multipart/form-data; boundary=b", part),
            begin(&machine, &sandbox, "multipart/form-data; boundary=b", &between),
        ];
        for mut upload in hanging {
            let mut answer = String::new();
            // To its end: the host closes the connection, too.
            let _ = upload.read_to_string(&mut answer);
            assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("{\"code\":408,"), "{answer}");
        }
    });
    // One that goes away is not waited for at all.
    let before = open(&machine);
    for _ in 0..20 {
        drop(begin(&machine, &sandbox, PLAIN, "begin"));
    }
    closes(&machine, before);
    assert_eq!(sandbox.run("echo alive").stdout, "alive\n");
}

#[test]
fn frames_of_input_without_end() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let cat = json!({"process": {"cmd": "/bin/cat"}, "stdin": true, "tag": "cat"});
    let mut stream = sandbox.stream("/process.Process/Start", &cat, &[]);
    stream.pid();
    let opening = frame(&json!({"start": {"process": {"tag": "cat"}}}));
    let call = |body: &[u8]| refusal(&sandbox.envd("POST", "/process.Process/StreamInput", STREAM, body));
    let twice = [opening.clone(), opening.clone()].concat();
    let announced = [opening.clone(), b"\0\x00\x40\x00\x01".to_vec(), vec![b' '; 1000]].concat();
    let invalid = [opening.clone(), frame(&json!({"data": {"input": {"stdin": "not base64!"}}}))].concat();
    let both = [opening.clone(), frame(&json!({"data": {"input": {"stdin": "", "pty": ""}}}))].concat();
    leaves_nothing(&machine, || {
        assert_eq!(call(&twice), "invalid_argument");
        assert_eq!(call(&announced), "resource_exhausted");
        assert_eq!(call(&invalid), "invalid_argument");
        assert_eq!(call(&both), "invalid_argument");
        assert_eq!(call(b"\0\0\0\0\0"), "invalid_argument");
    });
}

#[test]
fn a_client_that_stops_reading_keeps_no_dead_sandboxes_disk() {
    let machine = Machine::start(modes()[0]);
    machine.create().kill();
    let before = open(&machine);
    let sandbox = machine.create();
    sandbox.run("head -c 40000000 /dev/zero > large");
    let mut download = TcpStream::connect(machine.address).unwrap();
    let head = format!(
        "GET /files?path=large HTTP/1.1\r\nHost: {}\r\nE2b-Sandbox-Id: {}\r\nX-Access-Token: {}\r\n\r\n",
        machine.address, sandbox.id, sandbox.token
    );
    download.write_all(head.as_bytes()).unwrap();
    download.read_exact(&mut [0; 1000]).unwrap();
    sandbox.kill();
    // The connection is still there, and the file is not.
    closes(&machine, before + 1);
    let read = download.read_to_end(&mut Vec::new()).unwrap_or(0);
    assert!(read < 40_000_000, "cut off");
}
