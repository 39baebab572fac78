//! What a sandbox has really used, where its host tells: the embedded one does, E2B's cloud does not.

use serde::Deserialize;

/// In all since the sandbox started. What it is charged for is what it was given, and stands elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// Of processor time.
    pub cpu_millis: i64,
    /// Mebibytes times the milliseconds that they were held.
    pub memory_mib_millis: i64,
    /// On its disk at the end.
    pub stored_bytes: i64,
    /// From its ports to whoever visited them.
    pub sent_bytes: i64,
}

/// `GET /sandboxes/{id}`, as far as it tells of this.
#[derive(Deserialize)]
pub(super) struct UsedAnswer {
    usage: Option<Told>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    cpu_seconds: f64,
    #[serde(rename = "memoryGiBSeconds")]
    memory_gib_seconds: f64,
    stored_bytes: u64,
    sent_bytes: u64,
}

impl UsedAnswer {
    pub(super) fn used(self) -> Option<Used> {
        // A number that no sandbox could reach becomes the greatest or the least that there is.
        let whole = |value: f64| value.max(0.0) as i64;
        let bytes = |value| i64::try_from(value).unwrap_or(i64::MAX);
        self.usage.map(|told| Used {
            cpu_millis: whole(told.cpu_seconds * 1e3),
            memory_mib_millis: whole(told.memory_gib_seconds * 1024.0 * 1e3),
            stored_bytes: bytes(told.stored_bytes),
            sent_bytes: bytes(told.sent_bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_tells_or_does_not() {
        let read = |json: &str| serde_json::from_str::<UsedAnswer>(json).unwrap().used();
        assert_eq!(read(r#"{"sandboxID":"a1"}"#), None);
        let told = read(r#"{"usage":{"cpuSeconds":1.5,"memoryGiBSeconds":0.5,"storedBytes":7,"sentBytes":8,"x":1}}"#);
        let expected = Used { cpu_millis: 1500, memory_mib_millis: 512_000, stored_bytes: 7, sent_bytes: 8 };
        assert_eq!(told, Some(expected));
        let odd = read(
            r#"{"usage":{"cpuSeconds":1e300,"memoryGiBSeconds":-1,"storedBytes":18446744073709551615,"sentBytes":0}}"#,
        );
        let odd = odd.unwrap();
        assert_eq!((odd.cpu_millis, odd.memory_mib_millis, odd.stored_bytes), (i64::MAX, 0, i64::MAX));
    }
}
