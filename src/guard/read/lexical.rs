//! What can be seen without a grammar: hidden characters, scrambled text, and, where no grammar helped, the words.

use super::Language;
use crate::guard::{found::Found, prompt::turns_text, rules};

/// Words that are looked for where the structure of a file is not known.
const WORDS: [&str; 22] = [
    "eval(",
    "exec(",
    "child_process",
    "os.system",
    "subprocess.",
    "__import__(",
    "new Function",
    "os.popen",
    "pty.spawn",
    "execSync",
    "spawnSync",
    "/dev/tcp/",
    "marshal.loads",
    "fromCharCode",
    "169.254.169.254",
    "os.dup2",
    "os.fork",
    "atob(",
    "b64decode",
    "vm.runIn",
    "/etc/shadow",
    ".ssh/id_rsa",
];
/// Bytes at the beginning that tell a binary file.
const BINARY_HEAD: usize = 4096;

/// Looks through a whole file for what no program's text should have.
pub(in crate::guard) fn read(language: Language, text: &str, found: &mut Found<'_>) {
    if !language.is_code() && language != Language::Css {
        hidden(text, found);
        return;
    }
    let head = &text.as_bytes()[..text.len().min(BINARY_HEAD)];
    let odd = head.iter().filter(|byte| **byte < 9 || (14..27).contains(*byte)).count();
    if odd > 0 && odd * 50 > head.len() || memchr::memchr(0, head).is_some() {
        found.add(&rules::NOT_TEXT, 0, "it holds bytes that no text has");
    }
    hidden(text, found);
    if matches!(language, Language::JavaScript | Language::TypeScript | Language::Tsx | Language::Html) {
        scrambled(text, found);
    }
}

/// Characters that a reviewer does not see, or sees elsewhere than a machine reads them.
fn hidden(text: &str, found: &mut Found<'_>) {
    if text.is_ascii() {
        return;
    }
    let (mut line, mut before, mut run, mut lead) = (0, ' ', 0, ' ');
    for (at, c) in text.char_indices() {
        if c == '\n' {
            line += 1;
        }
        if turns_text(c) {
            found.add(&rules::BIDI, line, &format!("U+{:04X} changes the direction of text", u32::from(c)));
        }
        let invisible =
            matches!(c, '\u{200b}' | '\u{2060}' | '\u{3164}' | '\u{115f}' | '\u{1160}' | '\u{ffa0}' | '\u{180e}')
                || c == '\u{feff}' && at > 0;
        if invisible && before.is_ascii_alphanumeric() {
            found.add(&rules::INVISIBLE, line, &format!("U+{:04X} cannot be seen", u32::from(c)));
        }
        // Whole texts can be written in characters that only choose the look of the one before.
        run = if matches!(c, '\u{e0001}'..='\u{e01ef}' | '\u{fe00}'..='\u{fe0e}') { run + 1 } else { 0 };
        if run == 1 {
            lead = before;
        }
        // Tags make the flags of countries; elsewhere they are letters that nobody sees.
        let tagged = run == 2 && lead != '\u{1f3f4}' && matches!(c, '\u{e0020}'..='\u{e007e}');
        if run == 8 || tagged || matches!(c, '\u{3164}' | '\u{ffa0}') && !before.is_alphabetic() {
            found.add(&rules::INVISIBLE, line, "a run of characters that cannot be seen");
        }
        before = c;
    }
}

/// Programs written in six characters, or packed by a tool.
fn scrambled(text: &str, found: &mut Found<'_>) {
    const SAMPLE: usize = 64 * 1024;
    const LENGTH_MIN: usize = 200;
    let head = &text.as_bytes()[..text.len().min(SAMPLE)];
    let brackets = head.iter().filter(|byte| matches!(byte, b'[' | b']' | b'(' | b')' | b'!' | b'+')).count();
    let blanks = head.iter().filter(|byte| byte.is_ascii_whitespace()).count();
    if head.len() >= LENGTH_MIN && brackets * 10 > (head.len() - blanks) * 8 {
        found.add(&rules::SCRAMBLED, 0, "it is written in brackets and signs only");
    }
    // A line that consists of such, in a file that else does not.
    let mut run = 0;
    for (at, byte) in head.iter().enumerate() {
        run = if matches!(byte, b'[' | b']' | b'(' | b')' | b'!' | b'+') { run + 1 } else { 0 };
        if run == LENGTH_MIN && head[at + 1 - LENGTH_MIN..=at].iter().filter(|byte| **byte == b'+').count() > 10 {
            found.add(
                &rules::SCRAMBLED,
                memchr::memchr_iter(b'\n', &head[..at]).count(),
                "a long run of brackets and signs",
            );
        }
    }
    if memchr::memmem::find(head, b"eval(function(p,a,c,k,e,").is_some() {
        found.add(&rules::SCRAMBLED, 0, "it is packed by a tool");
    }
    let faces = ["ﾟωﾟ", "(ﾟДﾟ)", "$={___:"];
    if faces.iter().any(|face| memchr::memmem::find(head, face.as_bytes()).is_some()) {
        found.add(&rules::SCRAMBLED, 0, "it is encoded in faces or signs");
    }
}

/// The words of a text whose structure is not known.
pub(super) fn words(text: &str, line: usize, found: &mut Found<'_>) {
    for word in WORDS {
        let Some(at) = memchr::memmem::find(text.as_bytes(), word.as_bytes()) else { continue };
        // `RegExp.exec(` and `evaluate(` are other words.
        let before = text[..at].chars().next_back();
        let method = word.ends_with('(') && before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '$'));
        if !method {
            let at = line + memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count();
            found.add(&rules::UNREADABLE, at, &format!("it cannot be parsed, and has `{word}`"));
        }
    }
}
