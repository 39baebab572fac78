//! Files on their way in and out: in part, compressed, with metadata, and by signed address.

use std::io::{Read as _, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::json;

use super::machine::{Machine, Sandbox, call, modes};

const PLAIN: &str = "application/octet-stream";

fn get(sandbox: &Sandbox<'_>, path: &str, header: (&str, &str)) -> super::machine::Answer {
    let headers = [("X-Access-Token", sandbox.token.as_str()), header];
    sandbox.to("49983", "GET", &format!("/files?path={path}"), &headers, b"")
}

fn post(sandbox: &Sandbox<'_>, path: &str, headers: &[(&str, &str)], body: &[u8]) -> super::machine::Answer {
    let mut all = vec![("X-Access-Token", sandbox.token.as_str()), ("Content-Type", PLAIN)];
    all.extend(headers);
    sandbox.to("49983", "POST", &format!("/files?path={path}"), &all, body)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_come_in_part_and_compressed() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    sandbox.write("digits", "0123456789");
    let part = get(&sandbox, "digits", ("Range", "bytes=2-4"));
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert!(part.headers.contains("content-range: bytes 2-4/10\r\n"), "{}", part.headers);
    let outside = get(&sandbox, "digits", ("Range", "bytes=10-"));
    assert_eq!((outside.status, outside.json()["code"].as_u64()), (416, Some(416)));
    assert!(outside.headers.contains("content-range: bytes */10\r\n"), "{}", outside.headers);
    let large = "0123456789abcdef".repeat(64 * 1024);
    let answer = post(&sandbox, "large", &[("Content-Encoding", "gzip")], &gzip(large.as_bytes()));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let packed = get(&sandbox, "large", ("Accept-Encoding", "gzip"));
    assert!(packed.headers.contains("content-encoding: gzip\r\n") && packed.body.len() < large.len() / 10);
    let mut unpacked = String::new();
    GzDecoder::new(&packed.body[..]).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, large);
    assert_eq!(get(&sandbox, "large", ("Accept-Encoding", "gzip, deflate")).body, large.as_bytes());
    // As `cat` puts two together.
    let two = [gzip(b"one, "), gzip(b"two")].concat();
    assert_eq!(post(&sandbox, "two", &[("Content-Encoding", "gzip")], &two).status, 200);
    assert_eq!(get(&sandbox, "two", ("Accept", "*/*")).text(), "one, two");
    let tail = [gzip(b"one"), vec![0; 512]].concat();
    for (encoding, body, status) in [("gzip", &b"no gzip"[..], 400), ("gzip", &tail, 400), ("br", b"", 415)] {
        let refused = post(&sandbox, "refused", &[("Content-Encoding", encoding)], body);
        assert_eq!((refused.status, refused.json()["code"].as_u64()), (status, Some(status.into())));
    }
}

#[test]
fn a_compressed_bomb_meets_the_disks_bound() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    let bomb = gzip(&vec![0; 100 << 20]);
    let answer = post(&sandbox, "bomb", &[("Content-Encoding", "gzip")], &bomb);
    assert_eq!(answer.status, 507, "{}", answer.text());
    assert_eq!(sandbox.run("rm bomb; echo alive").stdout, "alive\n");
}

#[test]
fn metadata_stays_with_its_file() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let written = post(&sandbox, "a", &[("X-Metadata-Author", "mish")], b"one");
        assert_eq!(written.json()[0]["metadata"], json!({"author": "mish"}), "{mode:?} {}", written.text());
        let rpc = |call: &str, body| sandbox.rpc(&format!("/filesystem.Filesystem/{call}"), &body).json();
        let moved = rpc("Move", json!({"source": "a", "destination": "d/b"}));
        assert_eq!(moved["entry"]["metadata"], json!({"author": "mish"}), "{mode:?}");
        let set = "python3 -c \"import os; os.setxattr('d/b', 'user.e2b.by', b'app')\"";
        assert_eq!(sandbox.run(set).exit, Some(0));
        let listed = rpc("ListDir", json!({"path": "d"}));
        assert_eq!(listed["entries"][0]["metadata"], json!({"author": "mish", "by": "app"}), "{mode:?}");
        // As many and as large as the kernel takes: an answer stays one message, and PID 1 alive.
        sandbox
            .run("python3 -c \"import os\nfor n in range(100): os.setxattr('d/b', f'user.e2b.{n}', b'\\x01' * 4000)\"");
        assert_eq!(rpc("Stat", json!({"path": "d/b"}))["entry"]["name"], "b");
        assert_eq!(post(&sandbox, "d/b", &[], b"two").json()[0].get("metadata"), None);
        assert_eq!(rpc("Stat", json!({"path": "d/b"}))["entry"].get("metadata"), None, "{mode:?}: overwritten");
        assert_eq!(post(&sandbox, "c", &[("X-Metadata-A", &"x".repeat(5000))], b"").status, 400);
    }
}

#[test]
fn a_signature_opens_its_file_and_no_other() {
    let machine = Machine::start(modes()[0]);
    let (sandbox, other) = (machine.create(), machine.create());
    sandbox.write("note", "signed");
    other.write("note", "other");
    let signed = |operation: &str, more: &str| {
        let expiration = more.rsplit_once('=').map(|(_, seconds)| format!(":{seconds}")).unwrap_or_default();
        let text = format!("note:{operation}:user:{}{expiration}", sandbox.token);
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let signature = STANDARD_NO_PAD.encode(digest).replace('+', "%2B").replace('/', "%2F");
        format!("/files?path=note&username=user&signature=v1_{signature}{more}")
    };
    let ask = |method: &str, path: &str| call(machine.address, method, path, &[("Content-Type", PLAIN)], b"new");
    assert_eq!(ask("GET", &signed("read", "")).text(), "signed", "found by its signature alone");
    assert_eq!(ask("GET", &signed("read", "&signature_expiration=99999999999")).text(), "signed");
    let expired = ask("GET", &signed("read", "&signature_expiration=1"));
    assert_eq!(
        (expired.status, expired.json()),
        (401, json!({"code": 401, "message": "signature is already expired"}))
    );
    for (method, path) in [
        ("POST", signed("read", "")),
        ("GET", signed("read", "").replace("path=note", "path=/etc/passwd")),
        ("GET", signed("read", "") + "&path=/etc/passwd"),
        ("GET", "/files?path=note&signature=".to_owned()),
        ("GET", "/files?path=note".to_owned()),
    ] {
        let refused = ask(method, &path);
        assert_eq!((refused.status, refused.json()["code"].as_u64()), (401, Some(401)), "{method} {path}");
    }
    assert_eq!(other.to("49983", "GET", &signed("read", ""), &[], b"").status, 401, "another sandbox's token");
    assert_eq!(ask("POST", &signed("write", "")).status, 200);
    assert_eq!(sandbox.run("cat note").stdout, "new");
    sandbox.kill();
    assert_eq!(ask("GET", &signed("read", "")).status, 401, "it ends with its sandbox");
}
