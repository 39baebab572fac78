//! What is right stays as it is, whatever is said about it.

use std::{fs, path::Path};

use super::*;

/// An app of `tests/answers` as a model should have written it.
fn right(text: &str) -> Artifact {
    let part = |text: &str, from: &str, to: &str| -> Option<String> {
        text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(part, _)| part.to_owned())
    };
    let start = part(text, "\"start\": \"", "\",").unwrap();
    let file = |file: &str| {
        let (path, rest) = file.split_once("\">\n").unwrap();
        (path.to_owned(), rest.split("</file-NONCE>").next().unwrap().to_owned())
    };
    let files: Vec<_> = text.split("<file-NONCE path=\"").skip(1).map(file).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
    let port = part(text, "\"port\": ", ",").and_then(|port| port.parse().ok()).and_then(crate::types::Port::new);
    Artifact { port: port.unwrap(), ..artifact(&start, &files) }
}

#[test]
fn right_answers_are_left_alone_by_every_rung() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let mut seen = 0;
    for entry in fs::read_dir(root).unwrap() {
        let Ok(text) = fs::read_to_string(entry.unwrap().path().join("answer.txt")) else { continue };
        let app = right(&text);
        let (polished, did) = polish(&app);
        assert_eq!((&polished, did), (&app, Vec::new()));
        for trouble in [Trouble::Build, Trouble::Ended(1), Trouble::Ended(137), Trouble::Check] {
            let said = Diagnostic { trouble, output: "Error: something else".to_owned(), ..Diagnostic::UNTRIED };
            assert_eq!(mend(&app, &said).map(|(_, repair)| repair.name), None, "{} {trouble:?}", app.start);
        }
        seen += 1;
    }
    assert!(seen > 30, "{seen} answers");
}

/// The wrong answers that come of a right one, as texts.
fn wrong<'a>(right: &'a str, flaws: &'a str) -> impl Iterator<Item = String> + 'a {
    flaws.split("\n= ").map(move |told| {
        let edits = told.split("<<<<\n").skip(1).filter_map(|edit| edit.split(">>>>").next()?.split_once("====\n"));
        edits.fold(right.to_owned(), |text, (from, to)| text.replacen(from, to, 1))
    })
}

/// With signs of several bytes at every few brackets and ends of lines.
fn with_wide_signs(app: &Artifact) -> Artifact {
    let (at_brackets, at_ends) = (3, 4);
    let wide = |file: &AppFile| {
        let (mut brackets, mut ends, mut text) = (0, 0, String::new());
        for c in file.content.chars() {
            match c {
                '(' | ',' => brackets += 1,
                '\n' => ends += 1,
                _ => {}
            }
            match c {
                '(' | ',' if brackets % at_brackets == 0 => text.extend([c, '\u{e9}', '\u{2014}']),
                ')' if brackets % at_brackets == 1 => text.push_str(" /* \u{1f600} */)"),
                '\n' if ends % at_ends == 0 => {
                    text.push_str(if file.path.ends_with(".py") {
                        "  # caf\u{e9} \u{2713}\n"
                    } else {
                        " // caf\u{e9} \u{2713}\n"
                    });
                }
                c => text.push(c),
            }
        }
        AppFile { path: file.path.clone(), content: text }
    };
    Artifact { files: app.files.iter().map(wide).collect(), ..app.clone() }
}

/// What runtimes say, each where `LINE` is a line of the app's first own file, `PATH`.
const SAID: [&str; 24] = [
    "/home/user/app/PATH:LINE\nSyntaxError: Unexpected token ')'",
    "/home/user/app/PATH:LINE\nSyntaxError: Unexpected identifier",
    "/home/user/app/PATH:LINE\nSyntaxError: Invalid or unexpected token",
    "/home/user/app/PATH:LINE\nSyntaxError: Unexpected end of input",
    "/home/user/app/PATH:LINE\nSyntaxError: missing ) after argument list",
    "/home/user/app/PATH:LINE\nSyntaxError: Identifier 'app' has already been declared",
    "/home/user/app/PATH:LINE\nReferenceError: Cannot access 'app' before initialization",
    "/home/user/app/PATH:LINE\nReferenceError: fs is not defined",
    "/home/user/app/PATH:LINE\nTypeError: app.listen is not a function",
    "/home/user/app/PATH:LINE\nTypeError: Cannot read properties of undefined (reading 'x')",
    "/home/user/app/PATH:LINE\nSyntaxError: await is only valid in async functions and the top level bodies of modules",
    "/home/user/app/PATH:LINE\nTypeError: Assignment to constant variable.",
    "Error: Cannot find module './app'\nRequire stack:\n- /home/user/app/PATH",
    "  File \"/home/user/app/PATH\", line LINE\nSyntaxError: invalid syntax",
    "  File \"/home/user/app/PATH\", line LINE\nSyntaxError: '(' was never closed",
    "  File \"/home/user/app/PATH\", line LINE\nSyntaxError: unterminated string literal (detected at line LINE)",
    "  File \"/home/user/app/PATH\", line LINE\nIndentationError: unexpected indent",
    "  File \"/home/user/app/PATH\", line LINE\nNameError: name 'json' is not defined. Did you forget to import 'json'",
    "  File \"/home/user/app/PATH\", line LINE\nUnboundLocalError: cannot access local variable 'count'",
    "  File \"/home/user/app/PATH\", line LINE\nKeyError: 'name'",
    "  File \"/home/user/app/PATH\", line LINE\nTypeError: a bytes-like object is required, not 'str'",
    "  File \"/home/user/app/PATH\", line LINE\nTypeError: tuple indices must be integers or slices, not str",
    "  File \"/home/user/app/PATH\", line LINE\nFileNotFoundError: [Errno 2] No such file or directory: 'data/x.json'",
    "  File \"/home/user/app/PATH\", line LINE\nAttributeError: 'App' object has no attribute 'get_all'",
];

/// One failure after another, so that all are met at many lines of many apps.
fn said(app: &Artifact, turn: usize) -> Diagnostic {
    let own = app.files.iter().rfind(|file| file.path.ends_with(".js") || file.path.ends_with(".py"));
    let (path, lines) = own.map_or(("a", 1), |file| (file.path.as_str(), file.content.lines().count().max(1)));
    let output = SAID[turn % SAID.len()].replace("PATH", path).replace("LINE", &(1 + turn * 7 % lines).to_string());
    let statuses = [200, 400, 404, 422, 500];
    let answered = Answered { check: "home".into(), status: statuses[turn % statuses.len()], shown: "[1, 404]".into() };
    match turn % 3 {
        0 => Diagnostic { trouble: Trouble::Check, output, internet: false, answered: Some(answered) },
        1 => Diagnostic { trouble: Trouble::Deaf, output, internet: true, answered: None },
        _ => ended(1, &output),
    }
}

#[test]
fn no_answer_with_wide_signs_makes_a_rung_panic() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let mut turn = 0;
    for entry in fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(folder.join("answer.txt")) else { continue };
        let flaws = fs::read_to_string(folder.join("flaws.txt")).unwrap_or_default();
        for wrong in wrong(&text, &flaws) {
            let app = with_wide_signs(&self::right(&wrong));
            let (polished, _) = polish(&app);
            // Each by itself: the first that has something to do would keep the others from it.
            for (app, said) in [(&app, said(&app, turn)), (&polished, said(&polished, turn + 1))] {
                LADDER.iter().for_each(|repair| drop((repair.mend)(app, &said)));
            }
            turn += 2;
        }
    }
    assert!(turn > 2 * 200, "{turn} failures");
}
