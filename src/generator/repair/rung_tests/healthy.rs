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
