//! The fixtures, as they lie in files.

use std::{fs, path::Path};

/// What a model says to one wish.
#[derive(Clone, Debug)]
pub struct Answer {
    pub name: String,
    /// The folder that it is told in.
    pub app: String,
    pub app_type: String,
    /// With `NONCE` where a request's nonce belongs.
    pub text: String,
    /// Where the model stops, for want of tokens.
    pub cut: Option<usize>,
    pub flaws: Vec<Flaw>,
}

#[derive(Clone, Debug)]
pub struct Flaw {
    pub kind: String,
    /// Only the model can mend it.
    pub by_model: bool,
    edits: Vec<Edit>,
}

#[derive(Clone, Debug)]
enum Edit {
    Replace { right: String, wrong: String },
    Change { how: String, path: String },
}

/// Every answer, the right ones first.
pub fn all() -> Vec<Answer> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let mut apps: Vec<_> =
        fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    apps.sort();
    let (mut right, mut flawed) = (Vec::new(), Vec::new());
    for app in apps {
        let name = app.file_name().unwrap().to_str().unwrap();
        let answer = whole(name, &fs::read_to_string(app.join("answer.txt")).unwrap());
        flawed.extend(wrong(&answer, &fs::read_to_string(app.join("flaws.txt")).unwrap()));
        right.push(answer);
    }
    right.extend(flawed);
    right
}

fn whole(name: &str, file: &str) -> Answer {
    let (head, text) = file.split_once('\n').unwrap();
    let app_type = head.strip_prefix("type: ").unwrap_or_else(|| panic!("{name}: no type")).to_owned();
    Answer {
        name: name.to_owned(),
        app: name.to_owned(),
        app_type,
        text: text.to_owned(),
        cut: None,
        flaws: Vec::new(),
    }
}

/// The answers that `flaws.txt` tells of.
fn wrong(right: &Answer, file: &str) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    let mut lines = file.lines();
    while let Some(line) = lines.next() {
        let (mark, rest) = line.split_at_checked(2).unwrap_or((line, ""));
        match mark {
            "= " => answers.push(Answer { name: rest.to_owned(), ..right.clone() }),
            "- " | "~ " => {
                let flaw = Flaw { kind: rest.to_owned(), by_model: mark == "~ ", edits: Vec::new() };
                answers.last_mut().unwrap().flaws.push(flaw);
            }
            "@ " => {
                let (how, path) = rest.split_once(' ').unwrap();
                add(&mut answers, Edit::Change { how: how.to_owned(), path: path.to_owned() });
            }
            "<<" => {
                let mut until = |end: &str| -> String {
                    lines.by_ref().take_while(|line| *line != end).flat_map(|line| [line, "\n"]).collect()
                };
                let (right, wrong) = (until("===="), until(">>>>"));
                // Half a line is told as a line.
                let bare = |text: &str| text.strip_suffix('\n').unwrap_or_default().to_owned();
                let (right, wrong) = if wrong.is_empty() { (right, wrong) } else { (bare(&right), bare(&wrong)) };
                add(&mut answers, Edit::Replace { right, wrong });
            }
            "" => {}
            _ => panic!("{}: {line:?}", right.name),
        }
    }
    answers
}

/// Adds an edit to the last flaw, and makes it.
fn add(answers: &mut [Answer], edit: Edit) {
    let answer = answers.last_mut().unwrap();
    match &edit {
        Edit::Replace { right, wrong } => {
            assert!(answer.text.contains(right), "{}: no {right:?} in it", answer.name);
            answer.text = answer.text.replacen(right, wrong, 1);
        }
        Edit::Change { how, path } => {
            let begin = format!("<file-NONCE path=\"{path}\">\n");
            let from = answer.text.find(&begin).unwrap_or_else(|| panic!("{}: no {path}", answer.name)) + begin.len();
            let to = from + answer.text[from..].find("</file-NONCE>").unwrap();
            let content = &answer.text[from..to];
            let changed = match how.as_str() {
                "bom" => format!("\u{feff}{content}"),
                "crlf" => content.replace('\n', "\r\n"),
                "entities" => content.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
                "one-line" => content.trim_end().replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n") + "\n",
                "tabs" => tabs(content),
                "cut" => {
                    answer.cut = Some(from + content.len() / 2);
                    content.to_owned()
                }
                how => panic!("{}: {how}", answer.name),
            };
            answer.text.replace_range(from..to, &changed);
        }
    }
    answer.flaws.last_mut().unwrap().edits.push(edit);
}

/// Every second deep line with a tab in the place of four spaces twice.
fn tabs(content: &str) -> String {
    let mut deep = 0;
    let line = |line: &str| match line.strip_prefix("        ") {
        Some(rest) => {
            deep += 1;
            if deep % 2 == 0 { format!("\t{rest}\n") } else { format!("{line}\n") }
        }
        None => format!("{line}\n"),
    };
    content.lines().map(line).collect()
}

impl Flaw {
    /// The text without this flaw, as far as it is in there.
    pub fn undone(&self, text: &str) -> String {
        self.edits.iter().rev().fold(text.to_owned(), |text, edit| match edit {
            Edit::Replace { right, wrong } if !wrong.is_empty() => text.replacen(wrong, right, 1),
            Edit::Replace { .. } | Edit::Change { .. } => text,
        })
    }

    /// The files that it leaves out, each with its marks.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.edits.iter().filter_map(|edit| match edit {
            Edit::Replace { right, wrong } if wrong.is_empty() && right.starts_with("<file-NONCE") => {
                Some(right.as_str())
            }
            Edit::Replace { .. } | Edit::Change { .. } => None,
        })
    }

    /// Whether it is in the manifest, and not in a file.
    pub fn is_in_manifest(&self, answer: &Answer) -> bool {
        let manifest = answer.text.split("</app-NONCE>").next().unwrap_or_default();
        self.undone(manifest) != manifest
    }
}
