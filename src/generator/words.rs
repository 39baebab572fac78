//! Words of a prompt, made comparable: folded, stemmed, and forgiving of a typing error.

use icu_normalizer::DecomposingNormalizer;

/// From this length on a word may differ by one letter: shorter ones have too many honest neighbours (note, vote).
const TYPO_CHARS_MIN: usize = 5;

/// Words that ask for an app, or only hold a sentence together. They tell nothing about which app.
pub(super) const FILLER: &[&str] = &[
    "a",
    "an",
    "and",
    "app",
    "application",
    "are",
    "as",
    "at",
    "basic",
    "be",
    "beautiful",
    "build",
    "by",
    "can",
    "code",
    "cool",
    "could",
    "create",
    "design",
    "develop",
    "easy",
    "for",
    "from",
    "fully",
    "functional",
    "generate",
    "get",
    "give",
    "good",
    "great",
    "has",
    "have",
    "help",
    "i",
    "in",
    "interactive",
    "is",
    "it",
    "just",
    "let",
    "like",
    "little",
    "make",
    "me",
    "minimal",
    "modern",
    "my",
    "need",
    "new",
    "nice",
    "of",
    "on",
    "one",
    "or",
    "our",
    "people",
    "please",
    "pretty",
    "program",
    "quick",
    "really",
    "script",
    "service",
    "simple",
    "single",
    "small",
    "some",
    "something",
    "that",
    "the",
    "their",
    "them",
    "thing",
    "this",
    "tiny",
    "to",
    "tool",
    "us",
    "use",
    "user",
    "using",
    "very",
    "want",
    "we",
    "web",
    "webapp",
    "where",
    "which",
    "who",
    "will",
    "with",
    "working",
    "would",
    "write",
    "you",
    "your",
];

/// After one of these a prompt says what the app is *for*, which names it less surely than what stands before.
const CLAUSES: &[&str] = &["for", "with", "that", "which", "where", "who", "using", "so", "including", "plus"];

/// One word of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Folded to lower case without accents.
    pub text: String,
    pub stem: String,
    /// Stands before the first clause that follows a telling word.
    pub head: bool,
    /// Says something about what is wanted.
    pub telling: bool,
}

/// The words of `text`, without those that it rules out ("not a …", "without …").
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let (mut head, mut told, mut ruled_out) = (true, false, 0usize);
    for token in tokens(text) {
        if matches!(token.as_str(), "," | "." | "but") {
            ruled_out = 0;
            continue;
        }
        match token.as_str() {
            "not" | "without" | "except" => ruled_out = 3,
            "no" => ruled_out = 1,
            _ if ruled_out > 0 => ruled_out -= 1,
            _ => {
                head &= !(told && CLAUSES.contains(&token.as_str()));
                let telling = !FILLER.contains(&token.as_str()) && !is_amount(&token);
                told |= telling;
                found.push(Word { stem: stem(&token), head, telling, text: token });
            }
        }
    }
    found
}

/// The stems of a phrase, for a table of keywords.
pub(super) fn stems(phrase: &str) -> Vec<String> {
    tokens(phrase).iter().map(|token| stem(token)).collect()
}

/// Lower case, compatibility forms and accents removed: `Über` and `uber` are one.
pub(super) fn fold(text: &str) -> String {
    let marks = |c: &char| !matches!(c, '\u{300}'..='\u{36f}');
    DecomposingNormalizer::new_nfkd().normalize(text).chars().filter(marks).collect::<String>().to_lowercase()
}

/// Whether two stems are one word, or one word with a typing error. `Some(true)` is exact.
pub(super) fn same(prompt: &str, keyword: &str) -> Option<bool> {
    if prompt == keyword {
        return Some(true);
    }
    let (one, other): (Vec<char>, Vec<char>) = (prompt.chars().collect(), keyword.chars().collect());
    let long = one.len() >= TYPO_CHARS_MIN && other.len() >= TYPO_CHARS_MIN;
    (long && one[0] == other[0] && one_error(&one, &other)).then_some(false)
}

/// Cuts a word to what its plural and its forms in -ing and -ed share.
pub(super) fn stem(word: &str) -> String {
    let base = singular(word);
    for ending in ["ing", "ed"] {
        if let Some(cut) = base.strip_suffix(ending).filter(|cut| cut.len() >= 3 && cut.contains(is_vowel)) {
            return match cut.as_bytes() {
                [.., a, b] if a == b && !b"lsz".contains(b) => cut[..cut.len() - 1].to_owned(),
                // voting, dating: what is left of three letters had an e.
                bytes if bytes.len() == 3 => format!("{cut}e"),
                _ => cut.to_owned(),
            };
        }
    }
    base.strip_suffix('e').filter(|cut| cut.len() >= 5).map_or(base.clone(), str::to_owned)
}

/// The singular of an English noun, by its ending. Words that are no plural come back as they are.
pub(super) fn singular(word: &str) -> String {
    let cut = |ending: &str, least: usize| word.strip_suffix(ending).filter(|cut| cut.len() >= least);
    if !word.is_ascii() {
        return word.to_owned();
    }
    match word {
        "people" => return "person".to_owned(),
        "children" => return "child".to_owned(),
        "movies" | "cookies" | "series" | "news" => return word.trim_end_matches('s').to_owned(),
        _ => {}
    }
    if let Some(cut) = cut("ies", 2) {
        return format!("{cut}y");
    }
    for ending in ["sses", "xes", "ches", "shes", "zzes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    let plural = !["ss", "us", "is", "'s"].iter().any(|ending| word.ends_with(ending));
    cut("s", 3).filter(|_| plural).unwrap_or(word).to_owned()
}

/// Words, and `,` and `.` where a sentence pauses.
fn tokens(text: &str) -> Vec<String> {
    // Written in three ways, and in one of them made of two words that say nothing.
    let folded = fold(text).replace("to-do", "todo").replace(['\'', '’'], "");
    let mut tokens = vec![String::new()];
    for c in folded.chars() {
        match c {
            c if c.is_alphanumeric() => tokens.last_mut().into_iter().for_each(|token| token.push(c)),
            ',' | ';' | ':' => tokens.extend([",".to_owned(), String::new()]),
            '.' | '!' | '?' | '\n' => tokens.extend([".".to_owned(), String::new()]),
            _ => tokens.push(String::new()),
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// Numbers say how much, not what.
fn is_amount(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit()) || matches!(token, "hundred" | "thousand" | "million" | "billion")
}

fn is_vowel(c: char) -> bool {
    "aeiouy".contains(c)
}

/// One letter too many, too few, another, or two swapped.
fn one_error(one: &[char], other: &[char]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => {
            let (a, b) = (&short[same..], &long[same..]);
            a.get(1..) == b.get(1..) || (a.len() >= 2 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..])
        }
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_their_stem() {
        for family in [
            &["todo", "todos"][..],
            &["vote", "votes", "voting", "voted"],
            &["poll", "polls", "polling"],
            &["chat", "chats", "chatting"],
            &["category", "categories"],
            &["box", "boxes"],
            &["schedule", "schedules", "scheduling", "scheduled"],
        ] {
            assert!(family.iter().all(|word| stem(word) == stem(family[0])), "{family:?}");
        }
        for (one, other) in [("note", "not"), ("bus", "bu"), ("status", "statu"), ("class", "clas")] {
            assert_ne!(stem(one), other);
        }
    }

    #[test]
    fn one_typing_error_in_a_long_word_is_forgiven() {
        for typo in ["calculater", "calclator", "caluclator", "callculator", "calculatro"] {
            assert_eq!(same(&stem(typo), "calculator"), Some(false), "{typo}");
        }
        for (one, other) in [("note", "vote"), ("chat", "char"), ("kanbann", "kabab"), ("beard", "heard")] {
            assert_eq!(same(one, other), None);
        }
    }

    #[test]
    fn what_is_ruled_out_does_not_count() {
        let texts = |text| words(text).into_iter().map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(texts("not a todo app, a poll"), ["a", "poll"]);
        assert_eq!(texts("notes without any login. Simple"), ["notes", "simple"]);
        assert_eq!(texts("A TO-DO list"), ["a", "todo", "list"]);
    }

    #[test]
    fn the_head_ends_where_the_purpose_begins() {
        let heads = |text| {
            words(text).into_iter().filter(|word| word.head && word.telling).map(|word| word.text).collect::<Vec<_>>()
        };
        assert_eq!(heads("a kanban board for my bakery"), ["kanban", "board"]);
        assert_eq!(heads("an app for taking notes"), ["taking", "notes"]);
    }
}
