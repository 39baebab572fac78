//! What one file of an app takes from another: whether a text that leads nowhere in its own file may do so elsewhere.
//!
//! ```text
//!   hosts.js   module.exports = [ … ]      ◄── names the file ──  fetcher.js, which asks hosts     ─► the finding holds
//!   guard.py   DENIED = { … }              ◄── names it by DENIED ── app.py, which asks hosts      ─► the finding holds
//!   guard.py   def may_fetch(url): …       ◄── import may_fetch ──  app.py                         ─► it does not
//! ```
//! Who takes what is told by the words of the files: a file that never says another's name does not import it. Each
//! file is searched once for the names of all files that are in doubt.

use std::collections::BTreeSet;

use super::{read::Language, rules::Doubt};
use crate::types::AppFile;

/// Files in doubt whose names others are searched for, and bytes that are searched for them; past that, all is taken.
const FILES_MAX: usize = 32;
const SEARCHED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Whether each of the doubts holds, in their order. `reaching`: files that open something, or ask somebody.
pub(super) fn hold(doubts: &[Doubt], files: &[AppFile], start: &str, reaching: &BTreeSet<String>) -> Vec<bool> {
    let mut asked: Vec<(&str, [bool; 2], bool)> = Vec::new();
    let mut left = SEARCHED_BYTES_MAX;
    let mut holding = Vec::with_capacity(doubts.len());
    for doubt in doubts {
        let known = asked.iter().find(|(file, kind, _)| *file == doubt.file && *kind == [doubt.test, doubt.page]);
        let holds = match known {
            Some((_, _, holds)) => *holds,
            None => asked.len() >= FILES_MAX || is_taken(doubt, files, start, reaching, &mut left),
        };
        if known.is_none() && asked.len() < FILES_MAX {
            asked.push((&doubt.file, [doubt.test, doubt.page], holds));
        }
        holding.push(holds);
    }
    holding
}

fn is_taken(doubt: &Doubt, files: &[AppFile], start: &str, reaching: &BTreeSet<String>, left: &mut usize) -> bool {
    let stem = stem(&doubt.file);
    let own = files.iter().find(|file| file.path == doubt.file).map_or("", |file| file.content.as_str());
    let python = Language::of(&doubt.file, own) == Language::Python;
    if doubt.test && has_word(start, stem) {
        return true;
    }
    if !doubt.test && !doubt.page && !python && !exports(own, doubt) {
        return false;
    }
    files.iter().filter(|file| file.path != doubt.file).any(|file| {
        let language = Language::of(&file.path, &file.content);
        if !language.is_code() || !doubt.test && !doubt.page && !reaching.contains(&file.path) {
            return false;
        }
        if *left < file.content.len() {
            return true;
        }
        *left -= file.content.len();
        if language == Language::PackageJson {
            return doubt.test
                && file
                    .content
                    .split([',', '{'])
                    .any(|row| has_word(row, stem) && !row.trim_start().starts_with("\"test"));
        }
        // Scripts of one page share their names.
        let shared = doubt.page && doubt.names.iter().any(|name| has_word(&file.content, name));
        if doubt.page && language == Language::Html {
            let inline =
                ["<script>", "<script type", "onclick", "onload"].iter().any(|sign| file.content.contains(sign));
            return inline && (shared || doubt.any);
        }
        shared || takes(&file.content, doubt, stem, python)
    })
}

/// Whether a file takes from another what is in doubt there.
fn takes(text: &str, doubt: &Doubt, stem: &str, python: bool) -> bool {
    const UNNAMED: [&str; 5] = ["getattr", "vars(", "__dict__", "import_module", "import *"];
    if !has_word(text, stem) {
        return false;
    }
    let named = doubt.test || doubt.any || doubt.names.iter().any(|name| has_word(text, name));
    // Without its name: all of the file is taken, or any part of it.
    let rows = || text.lines().filter(|row| has_word(row, stem));
    let whole = if python {
        UNNAMED.iter().any(|sign| text.contains(sign))
    } else {
        rows().any(|row| {
            !row.contains('{') && !row.trim_start().starts_with(['}', '*', '/']) && row.contains(['\'', '"', '`'])
        })
    };
    named || whole
}

/// Whether a script lets out what is in doubt: by its name, as all that there is, or out of a function.
fn exports(text: &str, doubt: &Doubt) -> bool {
    const REST_MAX: usize = 512;
    let ways = ["module.exports", "exports.", "export "];
    if doubt.any {
        return ways.iter().any(|way| text.contains(way));
    }
    ways.iter().any(|way| {
        memchr::memmem::find_iter(text.as_bytes(), way).any(|at| {
            let rest = &text[at + way.len()..];
            let rest: &str = &rest[..rest.char_indices().nth(REST_MAX).map_or(rest.len(), |(end, _)| end)];
            let end = rest.find(['}', ';', '\n']).unwrap_or(rest.len());
            let end = if rest.trim_start().trim_start_matches(['=', ' ']).starts_with('{') {
                rest.find('}').unwrap_or(rest.len())
            } else {
                end
            };
            let told = &rest[..end];
            let anonymous = told.trim_start().strip_prefix("default").is_some_and(|value| {
                value.trim_start().starts_with(['[', '{', '\'', '"', '`', '('])
                    || value.trim_start().starts_with("new ")
            });
            anonymous || doubt.names.iter().any(|name| has_word(told, name))
        })
    })
}

/// The name that a file is imported by.
fn stem(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if matches!(stem, "index" | "__init__") { parts.next().unwrap_or(stem) } else { stem }
}

/// Whether a word stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
    let bytes = text.as_bytes();
    !word.is_empty()
        && memchr::memmem::find_iter(bytes, word)
            .any(|at| !bytes[..at].last().is_some_and(is_letter) && !bytes.get(at + word.len()).is_some_and(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Policy, inspect_files};

    #[test]
    fn a_file_is_named_by_its_stem() {
        assert_eq!(stem("lib/places.test.js"), "places.test");
        assert_eq!(stem("hosts/index.js"), "hosts");
        assert!(has_word("require('./hosts')", "hosts") && !has_word("ghosts, hosts_of", "hosts"));
    }

    fn blocks(files: &[(&str, &str)]) -> bool {
        let file = |(path, text): &(&str, &str)| AppFile { path: (*path).to_owned(), content: (*text).to_owned() };
        inspect_files(&files.iter().map(file).collect::<Vec<_>>(), &Policy::default()).blocked
    }

    #[test]
    fn what_another_file_takes_and_opens_is_found() {
        let read = "const p = require('./places'); console.log(require('fs').readFileSync(p[0], 'utf8'));";
        let hosts = "const H = require('./hosts'); require('http').get({ host: H[1], path: '/latest/meta-data/' });";
        let test =
            "const p = require('./places.test.js'); console.log(require('fs').readFileSync(p.key)); fetch(p.meta)";
        let python =
            "import test_places as t, urllib.request\nprint(open(t.KEY).read())\nurllib.request.urlopen(t.META)\n";
        let apps: [&[(&str, &str)]; 6] = [
            &[("places.js", "module.exports = Object.keys({ '/root/.ssh/id_rsa': 1 });"), ("a.js", read)],
            &[("hosts.js", "module.exports = ['localhost', '169.254.169.254'];"), ("a.js", hosts)],
            &[
                ("hosts.js", "export const H = ['localhost', '169.254.169.254'];"),
                ("a.mjs", "import { H } from './hosts.js'; import http from 'http'; http.get({ host: H[1] });"),
            ],
            &[
                (
                    "places.test.js",
                    "// describe( 40\nexports.key='/root/.ssh/id_rsa'; exports.meta='http://169.254.169.254/';",
                ),
                ("a.js", test),
            ],
            &[
                ("test_places.py", "# pytest 40\nKEY = '/root/.ssh/id_rsa'\nMETA = 'http://169.254.169.254/latest/'\n"),
                ("a.py", python),
            ],
            &[
                ("guard.py", "DENIED = ['localhost', '169.254.169.254']\n"),
                ("a.py", "import http.client\nfrom guard import DENIED\nhttp.client.HTTPConnection(DENIED[1])\n"),
            ],
        ];
        for app in apps {
            assert!(blocks(app), "{app:?}");
        }
    }

    #[test]
    fn what_nobody_takes_is_let_be() {
        let guard = "DENIED = {'metadata.google.internal', '169.254.169.254'}\ndef may_fetch(host):\n    return host not in DENIED\n";
        let app = "import requests\nfrom guard import may_fetch\nif may_fetch(host):\n    print(requests.get(f'https://{host}/'))\n";
        let script = "const BLOCKED = new Set(['169.254.169.254', 'metadata.google.internal']);\nexport const ok = (u) => !BLOCKED.has(new URL(u).hostname);\n";
        let page = "import { ok } from './guard.js';\nexport const get = (u) => ok(u) && fetch(u);\n";
        let test = "import test from 'node:test';\nimport assert from 'node:assert/strict';\nimport { ok } from './guard.js';\ntest('refuses', () => assert.equal(ok('http://169.254.169.254/'), false));\n";
        let disk = "export const DISK = { '/etc/passwd': 'root:x:0:0', '/root/.bash_history': 'ls' };\n";
        let shell = "import { DISK } from './disk.js';\nexport const cat = (path) => DISK[path] ?? 'no such file';\n";
        let manifest =
            "{\"name\": \"a\", \"scripts\": {\"start\": \"node page.js\", \"test\": \"node --test guard.test.js\"}}";
        let apps: [&[(&str, &str)]; 3] = [
            &[("guard.py", guard), ("app.py", app)],
            &[("guard.js", script), ("page.js", page), ("guard.test.js", test), ("package.json", manifest)],
            &[("disk.js", disk), ("shell.js", shell)],
        ];
        for app in apps {
            assert!(!blocks(app), "{app:?}");
        }
    }
}
