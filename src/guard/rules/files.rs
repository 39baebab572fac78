//! Files outside of the app, and files that are destroyed.

use super::{
    Rule,
    places::{PATH_BYTES_MAX, Place, is_credential_file, place},
};
use crate::guard::{
    fact::Call,
    found::Found,
    value::{HOLE, Marks, Shape, Value, cut},
    verdict::Severity,
};

pub static FILE_OUTSIDE: Rule = Rule {
    id: "file-outside",
    severity: Severity::Block,
    why: "what lies outside of the app's folder is not the app's",
    remedy: "keep the app's data in its own folder, or in a temporary one",
    finds: &[
        ("x.js", "require('fs').readFileSync('/etc/passwd')"),
        ("x.js", "fetchFile(['', 'etc', 'shadow'].join('/'))"),
        ("x.js", "const p = require('path'); load(p.join(os.homedir(), '.ssh', 'id_rsa'))"),
        ("x.py", "open('/root/.bash_history').read()"),
        ("x.py", "import os\nopen(os.path.expanduser('~/.aws/credentials'))"),
        ("x.py", "from pathlib import Path\n(Path.home() / '.ssh' / 'id_ed25519').read_text()"),
        ("x.py", "open('../../../../etc/hosts')"),
        ("x.py", "open('../' * depth + 'etc/hosts')"),
        ("x.js", "const R = { a: './public', b: '/etc' }; require('fs').readFileSync(R[name] + '/hosts')"),
        ("x.py", "import linecache\nlinecache.getline(list({'/root/.ssh/id_rsa': 1})[0], 1)"),
        ("x.py", "import re\nr = re.compile('/root/.ssh/id_rsa')\nopen(r.pattern).read()"),
        ("test_x.py", "# pytest 40\nimport linecache\nlinecache.getline('/root/.ssh/id_rsa', 1)\n"),
        ("x.test.js", "// describe( 40\nimport express from 'express'; express().use(express.static('/root/.ssh'))"),
        ("x.js", "const B = ['.aws', 'credentials']; read(path.join(require('os').homedir(), ...B))"),
    ],
    spares: &[
        ("x.js", "const fs = require('fs'); fs.readFileSync('./data/items.json'); fs.writeFileSync('/tmp/x', '')"),
        ("x.py", "open('data.csv'); open('/proc/meminfo'); open('/dev/null', 'w')"),
        (
            "x.test.js",
            "const { test } = require('node:test'), assert = require('assert'), fs = require('fs'), { at } = require('../files');\ntest('refuses', () => { assert.throws(() => at('/etc/passwd')); assert.ok(!fs.existsSync('x')) })",
        ),
        (
            "x.py",
            "import re\nTRIES = re.compile(r'/etc/passwd')\nprint([row for row in open('access.log') if TRIES.search(row)])",
        ),
    ],
};
pub static FILE_REQUEST: Rule = Rule {
    id: "file-from-request",
    severity: Severity::Block,
    why: "whoever sends the request chooses the file",
    remedy: "take the base name only, or look the name up in a table",
    finds: &[
        ("x.js", "const fs = require('fs'); app.get('/', (req, res) => fs.readFile(req.query.file, done))"),
        ("x.py", "from flask import request\nopen(request.args.get('f')).read()"),
    ],
    spares: &[
        (
            "x.js",
            "const fs = require('fs'), path = require('path'); fs.readFile(path.join('up', path.basename(req.params.f)), done)",
        ),
        ("x.py", "import sys\nopen(sys.argv[1])\nopen(input('file: '))"),
    ],
};
pub static DESTROY: Rule = Rule {
    id: "file-destroy",
    severity: Severity::Block,
    why: "it destroys more than the app owns",
    remedy: "remove only what the app has made, by its name",
    finds: &[
        ("x.py", "import pathlib, shutil\nfor p in pathlib.Path.home().iterdir():\n    shutil.rmtree(p)\n"),
        ("x.js", "const fs = require('fs'); fs.rmSync('/', { recursive: true })"),
        ("x.py", "import shutil, os\nshutil.rmtree(os.path.expanduser('~'))"),
        ("x.py", "import os\nos.kill(-1, 9)"),
    ],
    spares: &[
        ("x.js", "const fs = require('fs'); fs.rmSync('dist', { recursive: true, force: true })"),
        ("x.py", "import shutil\nshutil.rmtree('build')\nshutil.rmtree('/tmp/work')"),
    ],
};

pub(super) const RULES: &[&Rule] = &[&FILE_OUTSIDE, &FILE_REQUEST, &DESTROY];

/// Functions that take a path: which, and whether they destroy.
pub(super) fn takes_path(call: &Call<'_>) -> Option<bool> {
    let method = call.method();
    match call.path {
        "open"
        | "io.open"
        | "codecs.open"
        | "aiofiles.open"
        | "os.listdir"
        | "os.scandir"
        | "os.walk"
        | "glob.glob"
        | "glob.iglob"
        | "os.open"
        | "os.chdir"
        | "os.symlink"
        | "os.link"
        | "os.rename"
        | "shutil.copy"
        | "shutil.copyfile"
        | "shutil.copytree"
        | "shutil.move"
        | "shutil.make_archive"
        | "tarfile.open"
        | "zipfile.ZipFile"
        | "pandas.read_csv"
        | "send_file"
        | "flask.send_file"
        | "numpy.load"
        | "Deno.readTextFile"
        | "Deno.readFile"
        | "Deno.writeTextFile"
        | "Bun.file"
        | "linecache.getlines"
        | "os.chmod"
        | "os.chown"
        | "sqlite3.connect"
        | "fastapi.responses.FileResponse"
        | "FileResponse" => Some(false),
        "os.remove" | "os.unlink" | "os.rmdir" | "os.removedirs" | "shutil.rmtree" | "os.truncate" | "rimraf"
        | "rimraf.sync" | "rimraf.rimraf" | "rimraf.rimrafSync" | "del" | "Deno.remove" => Some(true),
        path if path.starts_with("fs.") || path.starts_with("fs()") => Some(matches!(
            method,
            "rm" | "rmSync"
                | "rmdir"
                | "rmdirSync"
                | "unlink"
                | "unlinkSync"
                | "remove"
                | "removeSync"
                | "emptyDir"
                | "emptyDirSync"
                | "truncate"
        )),
        path if path.starts_with("pathlib.") || path.starts_with("Path(") => Some(matches!(method, "unlink" | "rmdir")),
        path if path.ends_with("res.sendFile")
            || path.ends_with("res.download")
            || path.ends_with("response.sendFile") =>
        {
            Some(false)
        }
        _ => None,
    }
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    match call.path {
        "os.kill" | "process.kill" | "os.killpg"
            if call.arg(0).and_then(Value::as_number).is_some_and(|pid| pid <= 1.0 && pid != 0.0) =>
        {
            found.add(&DESTROY, line, "it ends processes of others");
        }
        "os.setuid" | "os.setgid" | "process.setuid" | "os.chroot" | "os.mknod" | "os.setreuid" => {
            found.add(&FILE_OUTSIDE, line, "it takes the rights of another user");
        }
        _ => {}
    }
    ransoms(call, line, found);
    if leads_home(call) {
        found.home = true;
        at_home(found);
    }
    // A path alone opens nothing; what is then done to it does.
    if matches!(call.path, "pathlib.Path" | "Path" | "pathlib.PurePath") {
        for text in call.args.iter().take(2).filter_map(Value::as_text) {
            judge_path(call, &text.chars().take(PATH_BYTES_MAX).collect::<String>(), false, line, found);
        }
        return;
    }
    let opens = matches!(call.method(), "read_text" | "read_bytes" | "open" | "write_text" | "write_bytes" | "unlink");
    let on_path = call.path.starts_with("pathlib.Path()") || call.path.starts_with("Path()");
    if opens && on_path && call.marks.has(Marks::REQUEST) && !call.marks.has(Marks::TAMED) {
        found.add(&FILE_REQUEST, line, &format!("`{}` opens a path out of a request", call.path));
    }
    let packs = call.path.starts_with("tarfile.open()") && call.method() == "add"
        || call.path.starts_with("zipfile.ZipFile()") && call.method() == "write";
    if packs && matches!(call.text(0), Some("~" | "~/" | "/" | "/home" | "/root" | "/etc")) {
        found.add(&FILE_OUTSIDE, line, "an archive is made of all that somebody has");
    }
    let Some(destroys) = takes_path(call) else { return };
    let Some(path) = call.args.iter().find(|arg| !matches!(arg.shape, Shape::Table(_))) else { return };
    let marks = path.all_marks();
    if marks.has(Marks::REQUEST) && !marks.has(Marks::TAMED) {
        let what = format!("`{}` opens a path out of a request", call.path);
        if is_held(path, call.python) {
            found.hint(&FILE_REQUEST, line, &what);
        } else {
            found.add(&FILE_REQUEST, line, &what);
        }
    }
    // Bytes that are read as a file are no path.
    let in_memory = path.as_path().is_some_and(|path| path.contains("IO()"));
    let hidden = matches!(path.shape, Shape::Unknown | Shape::Path(_)) && !in_memory;
    if hidden && marks.has(Marks::DECODED) && marks.has(Marks::ASSEMBLED) {
        found.add(&FILE_OUTSIDE, line, "a path is made of numbers, so as not to be read");
    }
    let home = path.as_path().is_some_and(|path| {
        matches!(path, "os.homedir()" | "pathlib.Path.home()" | "process.env.HOME" | "os.environ.HOME")
    });
    // What is below it, by names that are not known: all of it.
    let unnamed = !path.as_text().is_some_and(|text| text.contains(char::is_alphanumeric));
    if destroys && (home || marks.has(Marks::HOME) && unnamed) {
        found.add(&DESTROY, line, &format!("`{}` of the user's home", call.path));
    }
    // What is written into a file is no path.
    let paths = if call.method().starts_with("write") || call.method().starts_with("append") { 1 } else { 2 };
    for arg in call.args.iter().take(paths) {
        let Some(text) = arg.as_text() else { continue };
        let mut text = text.to_owned();
        cut(&mut text, PATH_BYTES_MAX);
        judge_path(call, &text, destroys, line, found);
    }
}

/// Whether it tells where somebody's home is.
fn leads_home(call: &Call<'_>) -> bool {
    let tells = matches!(
        call.path,
        "pathlib.Path.home"
            | "Path.home"
            | "os.homedir"
            | "os.path.expanduser"
            | "homedir"
            | "pathlib.Path().expanduser"
    );
    let variable = matches!(call.path, "os.environ.get" | "os.getenv")
        && matches!(call.text(0), Some("HOME" | "USERPROFILE" | "APPDATA" | "LOCALAPPDATA"));
    tells || variable || call.arg_marks().has(Marks::HOME)
}

/// The parts of a path to credentials: with a home to begin at, they are that path.
pub(super) fn parts(line: usize, found: &mut Found<'_>) {
    found.parts = Some(line);
    at_home(found);
}

fn at_home(found: &mut Found<'_>) {
    if found.home
        && let Some(line) = found.parts.take()
    {
        found.add(&FILE_OUTSIDE, line, "the parts of a path to credentials, which begins at somebody's home");
    }
}

/// Whether what a request brings stays in a folder, for all that can be told: a folder's name stands before it. The root
/// holds nothing; nor does Python, whose frameworks leave `..` in a query, where the request's text ends the path.
fn is_held(path: &Value, python: bool) -> bool {
    path.as_text().is_some_and(|text| {
        let start = text.split(HOLE).next().unwrap_or_default();
        let open = start == "/" || python && start.starts_with('/') && text.ends_with(HOLE);
        start.contains('/') && !open || text.starts_with(&format!("{HOLE}/"))
    })
}

/// Folders that are gone through, and remembered.
const FOLDERS_MAX: usize = 16;

/// Encrypts what is in a folder, one file after another, and removes it or writes over it.
fn ransoms(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let method = call.method();
    let given = call.given.with(call.marks);
    let enciphered = given.has(Marks::ENCIPHERED);
    let listed = given.has(Marks::LISTED);
    let home = found.home;
    let deeds = &mut found.files;
    // A name that something was added to is another file's.
    let folders = std::mem::take(&mut deeds.folders);
    let added = |path: &Value| {
        path.as_text().is_some_and(|text| {
            let (folder, name) = text.rsplit_once('/').unwrap_or(("", text));
            let listed = folders.iter().any(|listed| listed == folder);
            if listed { name } else { text }.contains(char::is_alphanumeric)
        })
    };
    let is_over = |path: &Value| !added(path) && path.all_marks().has(Marks::LISTED);
    let (over, onto) = (call.arg(0).is_some_and(is_over), call.arg(1).is_some_and(is_over));
    deeds.folders = folders;
    if matches!(method, "listdir" | "scandir" | "readdirSync" | "readdir")
        && let Some(folder) = call.text(0).filter(|folder| folder.len() <= PATH_BYTES_MAX)
        && deeds.folders.len() < FOLDERS_MAX
    {
        deeds.folders.push(folder.trim_end_matches('/').to_owned());
    }
    match method {
        "isDirectory" | "rglob" | "walk" | "readdirSync" | "readdir" | "glob" => deeds.lists = true,
        "writeFileSync" | "writeFile" | "write" | "write_bytes" | "writelines" if enciphered => {
            deeds.encrypts = true;
            deeds.seals |= listed;
            deeds.clears |= over && method.starts_with("writeFile") || method.starts_with("write") && deeds.rewrites;
        }
        "createWriteStream" | "pipe" => deeds.encrypts |= enciphered,
        "open" => {
            let mode = call.either(1, "mode").and_then(Value::as_text).unwrap_or_default();
            deeds.rewrites |= over && mode.starts_with(['w', 'r']) && mode.contains(['w', '+']);
        }
        "replace" | "rename" | "renameSync" | "move" | "copyfile" | "copy" | "copyFileSync" | "copyFile"
            if onto && ["os.", "shutil.", "fs."].iter().any(|start| call.path.starts_with(start)) =>
        {
            deeds.clears = true;
        }
        "unlink" | "unlinkSync" | "remove" | "rmSync" => {
            deeds.removes = true;
            deeds.clears |= listed;
        }
        _ => return,
    }
    let home = home && deeds.lists && deeds.encrypts && deeds.removes;
    if (home || deeds.seals && deeds.clears) && !deeds.told {
        deeds.told = true;
        found.add(&DESTROY, line, "it encrypts files, and removes what they were");
    }
}

fn judge_path(call: &Call<'_>, text: &str, destroys: bool, line: usize, found: &mut Found<'_>) {
    // What is below it, by names that are not known, is all of it.
    let above = text.trim_end_matches([HOLE, '*', '/']);
    let whole = if above.is_empty() && text.starts_with('/') { "/" } else { above };
    let root = matches!(
        if whole.len() < text.len() && !whole.starts_with('.') { whole } else { text },
        "/" | "/*"
            | "~"
            | "~/"
            | "~/*"
            | "C:\\"
            | "C:/"
            | "/home"
            | "/usr"
            | "/etc"
            | "/var"
            | "/root"
            | "/var/lib"
            | "/var/log"
            | "/opt"
            | "/mnt"
            | "/media"
            | "/Users"
            | "C:\\Users"
            | "C:/Users"
            | ".."
            | "../.."
    );
    if destroys && root {
        found.add(&DESTROY, line, &format!("`{}` of {text}", call.path));
        return;
    }
    match place(text) {
        Place::Fine => {}
        Place::Odd(what) => found.hint(&FILE_OUTSIDE, line, &format!("`{text}` is {what}")),
        Place::Outside(what) => {
            let rule = if destroys { &DESTROY } else { &FILE_OUTSIDE };
            found.add(rule, line, &format!("`{text}` is {what}"));
        }
    }
}

pub(super) fn text(text: &str, line: usize, found: &mut Found<'_>) {
    // The address of a request that tries to get out, as tests have them; where files are opened it is judged all the same.
    let tries = text.starts_with('/') && text.contains("/../") || text.starts_with("../");
    if text.contains("CurrentVersion\\Run") {
        found.add(&FILE_OUTSIDE, line, "what stands there is started at each login");
    }
    if tries && is_credential_file(text) {
        found.hint(&FILE_OUTSIDE, line, &format!("`{text}` leads out of the app's folder"));
    } else if !tries && text.len() <= PATH_BYTES_MAX && !is_pattern(text) && is_credential_file(text) {
        found.add(&FILE_OUTSIDE, line, &format!("`{text}` is a file of credentials"));
    }
}

/// `\\.\\./|/etc/passwd`: no file has such a name.
fn is_pattern(text: &str) -> bool {
    text.contains('|') && text.contains(['\\', '(', '['])
}
