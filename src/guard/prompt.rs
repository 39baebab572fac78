//! Prompts: what text may reach a generator at all.

use crate::types::{Category, Failure};

/// Unicode characters of one prompt, not bytes.
pub const PROMPT_CHARS_MAX: usize = 2000;

/// Whether a prompt is text that a person can have meant.
///
/// # Errors
/// `invalid_prompt` when it is empty or blank, longer than [`PROMPT_CHARS_MAX`] characters, or holds control
/// characters (but line feed and tab) or characters that reverse the direction of text, which make a prompt read
/// otherwise to its reviewer than to the generator. `prompt_refused` when it asks for plainly harmful software.
pub fn inspect_prompt(prompt: &str) -> Result<(), Failure> {
    let refuse = |message: String| Err(Failure::new("invalid_prompt", Category::User, message));
    if prompt.trim().is_empty() {
        return refuse("the prompt is empty: say in a sentence what to build".to_owned());
    }
    let length = prompt.chars().count();
    if length > PROMPT_CHARS_MAX {
        return refuse(format!("the prompt has {length} characters: at most {PROMPT_CHARS_MAX} are taken, shorten it"));
    }
    for (index, c) in prompt.chars().enumerate() {
        let place = index + 1;
        if c.is_control() && c != '\n' && c != '\t' {
            let code = u32::from(c);
            return refuse(format!(
                "the prompt has a control character (U+{code:04X}) as its {place}. character: remove it; only line feeds and tabs are taken"
            ));
        }
        if turns_text(c) {
            let code = u32::from(c);
            return refuse(format!(
                "the prompt has an invisible character that changes the direction of text (U+{code:04X}) as its {place}. character: remove it"
            ));
        }
    }
    if let Some(category) = super::harm::category(prompt) {
        let message =
            format!("the prompt asks for {category}, which is not made here: ask for something that harms nobody");
        return Err(Failure::new("prompt_refused", Category::User, message));
    }
    Ok(())
}

/// Bidirectional embeddings, overrides and isolates (Unicode UAX #9), the means of "Trojan Source".
pub(super) const fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(prompt: &str) -> String {
        let failure = inspect_prompt(prompt).unwrap_err();
        assert_eq!((failure.code.as_ref(), failure.category), ("invalid_prompt", Category::User));
        failure.message
    }

    #[test]
    fn prompts_of_any_language_pass_up_to_the_bound() {
        for prompt in ["Build me a todo app", "todo\n\twith tags", "日本語のメモ帳", "قائمة المهام", &"é".repeat(2000)]
        {
            assert_eq!(inspect_prompt(prompt), Ok(()), "{prompt:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_change() {
        assert!(refusal("").contains("empty"));
        assert!(refusal(" \n\t\u{3000}").contains("empty"));
        assert!(refusal(&"é".repeat(2001)).contains("2001 characters"));
        assert!(refusal("a\0b").contains("U+0000) as its 2."));
        assert!(refusal("a\r\n").contains("U+000D"));
        assert!(refusal("a\u{1b}[2J").contains("U+001B"));
        assert!(refusal("todo \u{202e}ppa").contains("U+202E) as its 6."));
        assert!(refusal("\u{2066}x").contains("direction"));
    }

    proptest::proptest! {
        #[test]
        fn what_passes_is_printable_and_bounded(prompt in "\\PC{0,20}|.{0,40}|[\\x00-\\x20\u{202a}-\u{202e}x]{0,30}") {
            if inspect_prompt(&prompt).is_ok() {
                proptest::prop_assert!((1..=PROMPT_CHARS_MAX).contains(&prompt.chars().count()));
                proptest::prop_assert!(!prompt.chars().any(|c| (c < ' ' && c != '\n' && c != '\t') || turns_text(c)));
            }
        }
    }
}
