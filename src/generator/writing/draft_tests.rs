use super::*;
use crate::types::PORTS;

const MADE: Made<'static> = Made { model: "claude-x" };
const END: Stop = Stop::Said(Some(StopReason::EndTurn));
const FULL: Stop = Stop::Said(Some(StopReason::MaxTokens));

fn draft() -> Draft {
    Draft::new(Nonce::new(0))
}

/// `N` stands for the nonce.
fn push(draft: &mut Draft, text: &str) -> Result<(), AnswerError> {
    draft.push(&text.replace("-N", &format!("-{}", Nonce::new(0))), |_| ())
}

fn judged(text: &str, stop: &Stop) -> Outcome {
    let mut draft = draft();
    // An answer that is stopped is judged as well.
    let _ = push(&mut draft, text);
    draft.judge(stop, MADE, |_| ())
}

fn polished(outcome: Outcome) -> Artifact {
    let Outcome::Whole(rough) = outcome else { panic!("no app: {outcome:?}") };
    rough.polished().expect("it can be started")
}

#[test]
fn an_answer_becomes_an_artifact() {
    let text = "<app-N>{\"runtime\":\"python\",\"start\":\"python3 app.py\",\"port\":8080,\"summary\":\"A clock.\",\
                \"checks\":[{\"path\":\"/\",\"contains\":\"now\"}]}</app-N>\
                <file-N path=\"app.py\">\nprint(1)\n</file-N><end-N/>";
    let artifact = polished(judged(text, &END));
    assert_eq!((artifact.start.as_str(), artifact.port), ("python3 app.py", PORTS[2]));
    assert_eq!(artifact.files, [AppFile { path: "app.py".to_owned(), content: "print(1)\n".to_owned() }]);
    assert_eq!(artifact.checks[0].expect.contains.as_deref(), Some("now"));
    assert_eq!((artifact.origin.generator.as_str(), artifact.origin.template.as_str()), ("claude", "claude-x"));
    assert_eq!(artifact.origin.note, "Written by Claude (claude-x). A clock.");
    // Whatever the server says about the end: the model said that everything is there.
    assert_eq!(polished(judged(text, &Stop::Broke)), artifact);
}

#[test]
fn each_way_to_be_no_app_has_its_name() {
    assert_eq!(judged("", &END), Outcome::Failed(NoApp::Empty));
    let prose = NoApp::ProseOnly { excerpt: "I cannot see why.".to_owned() };
    assert_eq!(judged(" I cannot see why.\n", &END), Outcome::Failed(prose));
    assert_eq!(judged("<file-zz path=\"a.js\">x</file-zz>", &END), Outcome::Failed(NoApp::WrongNonce));
    let refused = Stop::Said(Some(StopReason::Refusal(Some("cyber".to_owned()))));
    let text = "<file-N path=\"a.js\">x</file-N>";
    assert_eq!(judged(text, &refused), Outcome::Failed(NoApp::Refused { category: Some("cyber".to_owned()) }));
    let Outcome::Whole(rough) = judged("<file-N path=\"notes.txt\">x</file-N>", &END) else { panic!("no files") };
    assert_eq!(rough.clone().unpolished(), Err(NoApp::NothingToStart { files: 1 }));
    assert_eq!(rough.polished(), Err(NoApp::NothingToStart { files: 1 }));
    let hostile = judged("<file-N path=\"a.js\">x</file-N><file-N path=\"../x\">", &END);
    assert!(matches!(hostile, Outcome::Failed(NoApp::Hostile(AnswerError::Path { .. }))), "{hostile:?}");
}

#[test]
fn a_cut_answer_goes_on_with_the_cut_file() {
    let mut draft = draft();
    push(&mut draft, "<file-N path=\"server.js\">whole</file-N><file-N path=\"b.js\">ha").unwrap();
    assert_eq!(draft.judge(&FULL, MADE, |_| ()), Outcome::Continue { cut: Some("b.js".to_owned()) });
    assert_eq!(draft.files().len(), 1, "the cut file is dropped");
    push(&mut draft, "<file-N path=\"b.js\">half</file-N>").unwrap();
    let artifact = polished(draft.judge(&END, MADE, |_| ()));
    assert_eq!(artifact.files[1].content, "half");
    assert_eq!(artifact.start, "node server.js", "told from the files");
}

#[test]
fn the_rest_is_not_asked_for_without_end() {
    let mut draft = draft();
    for _ in 0..CONTINUATIONS_MAX {
        push(&mut draft, "<file-N path=\"b.js\">ha").unwrap();
        assert!(matches!(draft.judge(&Stop::Broke, MADE, |_| ()), Outcome::Continue { .. }));
    }
    let times = CONTINUATIONS_MAX + 1;
    assert_eq!(draft.judge(&FULL, MADE, |_| ()), Outcome::Failed(NoApp::CutTooOften { times }));
}

#[test]
fn a_listener_hears_of_each_file() {
    let (mut draft, mut heard) = (draft(), Vec::new());
    let text = "<app-N>{}</app-N><file-N path=\"a.js\">12</file-N>".replace("-N", &format!("-{}", Nonce::new(0)));
    for piece in text.as_bytes().chunks(5) {
        let piece = std::str::from_utf8(piece).unwrap();
        draft
            .push(piece, |progress| {
                heard.push(match progress {
                    Progress::Described(_) => "described".to_owned(),
                    Progress::Opened { path } => format!("opened {path}"),
                    Progress::Grew { path, bytes } => format!("{path} grew {}", bytes.len()),
                    Progress::Closed(file) => format!("closed {} {}", file.path, file.content),
                });
            })
            .unwrap();
    }
    assert_eq!((heard.first().unwrap().as_str(), heard.last().unwrap().as_str()), ("described", "closed a.js 12"));
    assert_eq!(heard[1], "opened a.js");
}

#[test]
fn a_repair_replaces_what_it_writes_again() {
    let text =
        "<app-N>{\"start\":\"node a.js\"}</app-N><file-N path=\"a.js\">1</file-N><file-N path=\"b.js\">2</file-N>";
    let broken = polished(judged(text, &END));
    let mut draft = Draft::mending(Nonce::new(0), &broken);
    push(&mut draft, "<app-N>{\"port\":8080}</app-N><file-N path=\"b.js\">3</file-N><end-N/>").unwrap();
    let mended = polished(draft.judge(&END, MADE, |_| ()));
    let contents: Vec<_> = mended.files.iter().map(|file| file.content.as_str()).collect();
    assert_eq!((contents, mended.start.as_str(), mended.port), (vec!["1", "3"], "node a.js", PORTS[2]));
}

#[test]
fn a_repair_takes_a_build_away_only_when_it_says_so() {
    let text = "<app-N>{\"start\":\"node a.js\",\"build\":\"node b.js\"}</app-N><file-N path=\"a.js\">1</file-N>";
    let broken = polished(judged(text, &END));
    let build_after = |manifests: &[&str]| {
        let mut draft = Draft::mending(Nonce::new(0), &broken);
        for manifest in manifests {
            push(&mut draft, &format!("<app-N>{manifest}</app-N>")).unwrap();
        }
        let mended = polished(draft.judge(&END, MADE, |_| ()));
        mended.build
    };
    assert_eq!(build_after(&["{}"]).as_deref(), Some("node b.js"));
    assert_eq!(build_after(&["{\"build\":null}"]), None);
    assert_eq!(build_after(&["{\"build\":null}", "{\"build\":\"node c.js\"}"]).as_deref(), Some("node c.js"));
}
