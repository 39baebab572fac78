//! What is sent: the body of `POST /v1/messages`, as far as we use it.
//!
//! No sampling parameters, no prefilled answer and no forced tool: current models refuse each of them.

use serde::Serialize;

/// One request. Always streamed: a long answer would else time out on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessagesRequest {
    pub model: String,
    pub max_tokens: u32,
    pub system: Vec<SystemPart>,
    pub messages: Vec<Turn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_config: Option<OutputConfig>,
    pub stream: bool,
}

/// A block of the system prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SystemPart {
    #[serde(rename = "type")]
    kind: &'static str,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

impl SystemPart {
    /// Ends the part of the prompt that is the same every time, so that the server keeps it for five minutes.
    #[must_use]
    pub const fn cached(text: String) -> Self {
        Self { kind: "text", text, cache_control: Some(CacheControl { kind: "ephemeral" }) }
    }

    #[must_use]
    pub const fn plain(text: String) -> Self {
        Self { kind: "text", text, cache_control: None }
    }

    #[must_use]
    pub const fn is_cached(&self) -> bool {
        self.cache_control.is_some()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct CacheControl {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// One side's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    pub role: Role,
    pub content: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    User,
    Assistant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OutputConfig {
    pub effort: Effort,
}

/// How much the model may think, and so spend, before it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    Low,
    Medium,
    High,
}

impl MessagesRequest {
    /// Bytes of all text in it: what its tokens are estimated from.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let system: usize = self.system.iter().map(|part| part.text.len()).sum();
        system + self.messages.iter().map(|turn| turn.content.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_what_the_api_reads() {
        let request = MessagesRequest {
            model: "m".to_owned(),
            max_tokens: 7,
            system: vec![SystemPart::cached("a".to_owned()), SystemPart::plain("b".to_owned())],
            messages: vec![Turn { role: Role::User, content: "c".to_owned() }],
            output_config: Some(OutputConfig { effort: Effort::Low }),
            stream: true,
        };
        let expected = serde_json::json!({
            "model": "m", "max_tokens": 7, "stream": true,
            "system": [
                { "type": "text", "text": "a", "cache_control": { "type": "ephemeral" } },
                { "type": "text", "text": "b" },
            ],
            "messages": [{ "role": "user", "content": "c" }],
            "output_config": { "effort": "low" },
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), expected);
        assert_eq!(request.bytes(), 3);
    }
}
