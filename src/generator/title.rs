//! A name for the app, from the words of the prompt.

/// Characters of a title.
pub(super) const TITLE_CHARS_MAX: usize = 60;

/// Words that ask, and words that only praise what is asked for. Skipped at the beginning.
const LEADING: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "please",
    "can",
    "could",
    "would",
    "will",
    "you",
    "i",
    "we",
    "want",
    "need",
    "like",
    "d",
    "i'd",
    "id",
    "to",
    "have",
    "let's",
    "lets",
    "build",
    "make",
    "create",
    "write",
    "generate",
    "give",
    "develop",
    "design",
    "code",
    "show",
    "get",
    "do",
    "set",
    "up",
    "implement",
    "me",
    "us",
    "a",
    "an",
    "the",
    "my",
    "some",
    "simple",
    "small",
    "basic",
    "nice",
    "little",
    "beautiful",
    "modern",
    "minimal",
    "tiny",
    "quick",
    "cool",
    "good",
    "great",
    "new",
    "fully",
    "functional",
    "working",
    "pretty",
    "very",
    "really",
    "clean",
    "elegant",
    "responsive",
];
/// Here a name ends and its description begins.
const ENDS: &[&str] =
    &["that", "which", "where", "with", "so", "who", "using", "having", "containing", "including", "but", "because"];
/// What every app is. Cut from the end of a name that has more to say.
const GENERIC: &[&str] = &[
    "app",
    "application",
    "webapp",
    "website",
    "site",
    "page",
    "program",
    "script",
    "tool",
    "service",
    "thing",
    "web",
];

/// The name that `prompt` gives its app; `None` when it gives none. One line, at most [`TITLE_CHARS_MAX`] characters,
/// without control characters or such as turn the text.
pub(super) fn title(prompt: &str) -> Option<String> {
    let line = clean(prompt);
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    let start = words.iter().position(|word| !LEADING.contains(&bare(word).as_str()))?;
    let named = name(&words[start..]);
    if named.iter().any(|word| !GENERIC.contains(&bare(word).as_str())) {
        return finish(&named);
    }
    // "a script that counts words": what stands after `that` is all there is.
    let rest = &words[start + named.len()..];
    let rest = rest
        .iter()
        .position(|word| !is_end(word) && !LEADING.contains(&bare(word).as_str()))
        .map(|at| name(&rest[at..]));
    rest.and_then(|rest| finish(&rest))
}

/// A title that somebody chose: cleaned and bounded, otherwise left alone.
pub(super) fn chosen(title: &str) -> Option<String> {
    let line = clean(title);
    (!line.is_empty()).then(|| bounded(&line))
}

/// One line without characters that are not seen.
fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let visible: String = text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Up to the end of the sentence, or the first word of a description.
fn name<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut taken = Vec::new();
    for word in words {
        if is_end(word) && !taken.is_empty() {
            break;
        }
        taken.push(*word);
        if word.ends_with(['.', '!', '?', ':', ';', ',']) {
            break;
        }
    }
    taken
}

fn is_end(word: &str) -> bool {
    ENDS.contains(&bare(word).as_str())
}

fn finish(words: &[&str]) -> Option<String> {
    let generic = |word: &&&str| GENERIC.contains(&bare(word).as_str());
    let cut = words.iter().rev().take_while(generic).count();
    let kept = &words[..words.len() - cut];
    let text = kept.join(" ");
    let text = text.trim_matches(|c: char| ".!?:;,\"“”'`".contains(c) || c.is_whitespace());
    let mut chars = text.chars();
    let first = chars.next()?;
    Some(bounded(&first.to_uppercase().chain(chars).collect::<String>()))
}

/// Cut at a word's end where there is one.
fn bounded(text: &str) -> String {
    if text.chars().count() <= TITLE_CHARS_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(TITLE_CHARS_MAX - 1).collect();
    let end = cut.rfind(' ').filter(|at| *at > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_what_the_prompt_calls_the_app() {
        for (prompt, expected) in [
            ("Build me a simple todo app", Some("Todo")),
            ("a kanban board for my bakery", Some("Kanban board for my bakery")),
            ("an API for books with title, author and year", Some("API for books")),
            ("A script that counts words in a text", Some("Counts words in a text")),
            ("Please make a website for Anna's bakery.\nIt sells bread.", Some("Website for Anna's bakery")),
            ("todo", Some("Todo")),
            ("日本語のメモ帳", Some("日本語のメモ帳")),
            ("build me an app", None),
            ("", None),
            ("\u{202e}\0", None),
        ] {
            assert_eq!(title(prompt).as_deref(), expected, "{prompt:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn titles_are_one_bounded_line(prompt in "(\\PC|[ \\n\\t\\x00-\\x1f]|app |that |\u{202e}){0,120}") {
            for title in [title(&prompt), chosen(&prompt)].into_iter().flatten() {
                proptest::prop_assert!(!title.is_empty() && title.chars().count() <= TITLE_CHARS_MAX);
                let hidden = title.chars().any(|c| c.is_control() || c == '\u{202e}');
                proptest::prop_assert!(!hidden);
            }
        }
    }
}
