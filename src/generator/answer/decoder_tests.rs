use proptest::prelude::*;

use super::*;

/// What came out, with the chunks of a file joined.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Manifest(Manifest),
    File(String, String, bool),
    End,
    Flaw(Flaw),
}

fn see(seen: &mut Vec<Seen>, part: Part<'_>) {
    match part {
        Part::Manifest(manifest) => seen.push(Seen::Manifest(manifest)),
        Part::Open { path } => seen.push(Seen::File(path, String::new(), false)),
        Part::Chunk(bytes) => match seen.last_mut() {
            Some(Seen::File(_, content, false)) => {
                content.push_str(&bytes.iter().map(|b| char::from(*b)).collect::<String>())
            }
            other => panic!("a chunk after {other:?}"),
        },
        Part::Close => match seen.iter_mut().rev().find(|seen| matches!(seen, Seen::File(..))) {
            Some(Seen::File(_, _, closed)) if !*closed => *closed = true,
            other => panic!("a close after {other:?}"),
        },
        Part::End => seen.push(Seen::End),
        Part::Flaw(flaw) => seen.push(Seen::Flaw(flaw)),
    }
}

fn nonce() -> Nonce {
    Nonce::new(0)
}

/// `N` stands for the nonce.
fn decode(text: &str, cuts: &[usize], whole: bool) -> (Vec<Seen>, Result<Ending, AnswerError>) {
    let text = text.replace("-N", &format!("-{}", nonce()));
    let (mut decoder, mut seen, mut rest) = (Decoder::new(&nonce()), Vec::new(), text.as_bytes());
    for cut in cuts.iter().copied().chain([usize::MAX]).cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at(cut.min(rest.len()));
        if let Err(error) = decoder.push(now, |part| see(&mut seen, part)) {
            return (seen, Err(error));
        }
        rest = later;
    }
    let ending = decoder.finish(whole, |part| see(&mut seen, part));
    (seen, Ok(ending))
}

fn file(path: &str, content: &str) -> Seen {
    Seen::File(path.to_owned(), content.to_owned(), true)
}

#[test]
fn an_answer_becomes_files() {
    let text = "Here you are:\n<app-N>\n{\"start\":\"node a.js\"}\n</app-N>\n<file-N path=\"a.js\">\nif (a<b) {}\n</file-N>\n\
                ```\n<file-N path=\"b/c.html\">\r\n<p></file-N><file-N path=\"empty\"/><end-N/> <file-N path=\"late\">x";
    let (seen, ending) = decode(text, &[], true);
    let manifest = Manifest { start: Some("node a.js".to_owned()), ..Manifest::default() };
    let files = [file("a.js", "if (a<b) {}\n"), file("b/c.html", "<p>"), file("empty", "")];
    let expected = [&[Seen::Manifest(manifest)], files.as_slice(), &[Seen::End]].concat();
    assert_eq!(seen, expected);
    let ending = ending.unwrap();
    assert_eq!((ending.said_so, ending.cut, ending.foreign), (true, None, false));
    assert!(ending.prose.starts_with("Here you are:"), "{}", ending.prose);
}

#[test]
fn forgotten_ends_cost_nothing_and_are_told() {
    let (seen, _) = decode("<file-N path=\"a\">1<file-N path=\"b\">2<app-N>{}</file-N><file-N path='c'>3", &[], true);
    let flaw = |path: &str| Seen::Flaw(Flaw::NotClosed { path: path.to_owned() });
    let manifest = Seen::Manifest(Manifest::default());
    assert_eq!(seen, [file("a", "1"), flaw("a"), file("b", "2"), flaw("b"), manifest, file("c", "3"), flaw("c")]);
}

#[test]
fn a_cut_answer_names_the_file_that_is_not_whole() {
    let (seen, ending) = decode("<file-N path=\"a\">1</file-N><file-N path=\"b\">2</fil", &[], false);
    assert_eq!(seen[0], file("a", "1"));
    assert_eq!(seen[1], Seen::File("b".to_owned(), "2".to_owned(), false));
    assert_eq!(ending.unwrap().cut.as_deref(), Some("b"));
}

#[test]
fn a_wrong_nonce_is_prose_and_known_for_what_it_is() {
    for text in ["<file-zzz path=\"a\">x</file-zzz>", "<file path=\"a\">x</file>"] {
        let (seen, ending) = decode(text, &[], true);
        assert_eq!(seen, [Seen::Flaw(Flaw::ForeignTag)]);
        assert!(ending.unwrap().foreign);
    }
    let (seen, ending) = decode("<file-N path=\"a\"><file-zzz path=\"b\"></file-zzz>\n</file-N>", &[], true);
    assert_eq!(seen, [file("a", "<file-zzz path=\"b\"></file-zzz>\n")], "inside of a file it is the file's");
    assert!(!ending.unwrap().foreign);
}

#[test]
fn paths_that_lead_out_are_refused_and_slips_understood() {
    let (_, error) = decode("<file-N path=\"../../etc/passwd\">x", &[], true);
    assert_eq!(error, Err(AnswerError::Path { path: "../../etc/passwd".to_owned(), why: Misplaced::Outside }));
    assert_eq!(decode("<file-N>x", &[], true).1, Err(AnswerError::NoPath));
    let (seen, _) = decode("<file-N path=\"./a\">1</file-N><file-N path=\"a\">2</file-N>", &[], true);
    let (given, path) = ("./a".to_owned(), "a".to_owned());
    let expected = [Seen::Flaw(Flaw::Path { given }), file("a", "1"), Seen::Flaw(Flaw::Again { path }), file("a", "2")];
    assert_eq!(seen, expected);
}

#[test]
fn everything_has_a_bound() {
    let many: String = (0..5000).map(|number| format!("<file-N path=\"{number}\">x</file-N>\n")).collect();
    let (seen, error) = decode(&many, &[], true);
    assert_eq!((seen.len(), error), (FILES_MAX, Err(AnswerError::TooManyFiles)));
    let large = format!("<file-N path=\"a\">{}", "x".repeat(2 * FILE_MAX));
    let (_, error) = decode(&large, &[4096], true);
    assert_eq!(error, Err(AnswerError::TooLarge { what: "the file a".to_owned(), max: FILE_MAX }));
    let manifest = format!("<app-N>{}", " ".repeat(2 * MANIFEST_MAX));
    assert!(matches!(decode(&manifest, &[999], true).1, Err(AnswerError::TooLarge { .. })));
    // An answer of 50 MB, in pieces: it is refused on the way and nothing of it is kept.
    let (mut decoder, piece) = (Decoder::new(&nonce()), vec![b'x'; 64 * 1024]);
    let refused = (0..800).find_map(|_| decoder.push(&piece, |_| ()).err());
    assert!(matches!(refused, Some(AnswerError::TooLarge { max: ANSWER_MAX, .. })));
    assert!(decoder.held.capacity() <= 1024 && decoder.prose.len() <= PROSE_KEPT);
    assert!(decoder.push(b"more", |_| ()).is_err(), "and it stays refused");
}

#[test]
fn all_files_together_have_a_bound() {
    let files: String =
        (0..9).map(|number| format!("<file-N path=\"{number}\">{}</file-N>", "x".repeat(FILE_MAX))).collect();
    let (_, error) = decode(&files, &[], true);
    assert!(matches!(error, Err(AnswerError::TooLarge { max: FILES_SIZE_MAX, .. })), "{error:?}");
}

/// Texts full of tags, half tags, wrong tags and odd bytes.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just("<file-N path=\"a.js\">"), 3 => Just("<file-N path='b/c'>"), 1 => Just("<file-N path=\"./a.js\" />"),
        5 => Just("</file-N>"), 2 => Just("<app-N>"), 2 => Just("</app-N>"), 1 => Just("<end-N/>"),
        1 => Just("<file-N"), 1 => Just("<file-"), 1 => Just("<file-zz path=\"x\">"), 1 => Just("</fi"), 1 => Just("<"),
        1 => Just("<file path=\"x\">"), 1 => Just("{\"port\":3000}"), 1 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r"),
        1 => Just("```js\n"), 1 => Just("é😀"), 1 => Just("text"), 1 => Just("<file-N path=\"../x\">"), 1 => Just("<file-N >"),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_parts_are_the_same_however_the_text_is_cut(
        text in texts(), cuts in prop::collection::vec(1usize..9, 1..24), whole: bool,
    ) {
        let at_once = decode(&text, &[], whole);
        prop_assert_eq!(&decode(&text, &cuts, whole), &at_once);
        prop_assert_eq!(&decode(&text, &[1], whole), &at_once);
    }

    #[test]
    fn any_bytes_are_bounded_and_do_not_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..32)) {
        let mut decoder = Decoder::new(&nonce());
        for piece in pieces {
            if decoder.push(&piece, |_| ()).is_err() { break; }
            prop_assert!(decoder.held.len() <= super::super::tag::TAG_MAX);
        }
    }

    #[test]
    fn files_come_out_as_they_were_put_in(contents in prop::collection::vec("(\\PC|<|/|\n|file-|a){0,30}", 1..8)) {
        let text: String = contents.iter().enumerate()
            .map(|(number, content)| format!("<file-N path=\"f{number}\">\n{content}</file-N>\n")).collect();
        // The nonce's placeholder must not stand in a content.
        prop_assume!(contents.iter().all(|content| !content.contains("-N")));
        let (seen, _) = decode(&text, &[3], true);
        let latin = |content: &String| content.bytes().map(char::from).collect::<String>();
        let expected: Vec<_> = contents.iter().enumerate().map(|(number, content)| file(&format!("f{number}"), &latin(content))).collect();
        prop_assert_eq!(seen, expected);
    }
}
