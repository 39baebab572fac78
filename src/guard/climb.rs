//! Ways up that are as long as somebody likes: `"../".repeat(n)`.
//!
//! How many steps there are cannot be known, so there are enough of them to leave any folder.

use super::value::Value;

/// Steps upwards that stand for as many as somebody likes.
const CLIMBED: usize = 8;

fn climbs(text: &str) -> bool {
    matches!(text, ".." | "../" | "..\\" | "/.." | "..%2f")
}

/// `[".."] * n`, `Array(n).fill("..")`: a way up, however long.
pub(super) fn list(step: &Value) -> Option<Value> {
    step.known().is_some_and(climbs).then(|| Value::list(vec![step.clone(); CLIMBED]))
}

/// `"../" * n`.
pub(super) fn text(step: &str) -> Option<Value> {
    climbs(step).then(|| Value::text(step.repeat(CLIMBED)))
}

/// `Array.from({ length: n }, () => "..")`.
pub(super) fn made(step: &Value) -> Option<Value> {
    step.as_function().and_then(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_out_of_any_folder_and_words_do_not() {
        assert_eq!(list(&Value::text("..")).and_then(|steps| steps.as_list().map(<[Value]>::len)), Some(CLIMBED));
        assert_eq!(text("../").unwrap().known(), Some("../../../../../../../../"));
        assert!(list(&Value::text("ab")).is_none() && text("./").is_none() && made(&Value::text("..")).is_none());
    }
}
