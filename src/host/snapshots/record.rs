//! What is known of a snapshot, and which of them a list shows. Pure.

use serde::{Deserialize, Serialize};

use super::name::{self, Reference, SnapshotName};
use crate::types::{SandboxId, Timestamp};

/// The form of the files beside the records. A record of another one is of another version of this program.
const FORMAT: u32 = 1;
/// Letters and digits of a snapshot's id.
pub const ID_LENGTH: usize = 20;

/// Where a snapshot came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    pub sandbox: SandboxId,
    /// What that sandbox was made from.
    pub template: String,
}

/// One snapshot, as it lies on disk beside its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    format: u32,
    pub id: String,
    pub name: Option<SnapshotName>,
    #[serde(flatten)]
    pub origin: Origin,
    pub created_at: Timestamp,
    /// Of its files, as they are stored.
    pub bytes: u64,
}

/// Why a record is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("it does not parse")]
    Malformed(#[from] serde_json::Error),
    #[error("it is of form {0}, and this program knows {FORMAT}")]
    Format(u32),
    #[error("it is of another snapshot")]
    Id,
}

impl Record {
    #[must_use]
    pub fn new(id: String, name: Option<SnapshotName>, origin: Origin, created_at: Timestamp, bytes: u64) -> Self {
        Self { format: FORMAT, id, name, origin, created_at, bytes }
    }

    /// Reads the record of the snapshot that its file's name tells.
    ///
    /// # Errors
    /// See [`RecordError`].
    pub fn read(id: &str, json: &[u8]) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_slice(json)?;
        match record {
            Self { format: FORMAT, id: told, .. } if told != id || !is_id(id) => Err(RecordError::Id),
            Self { format: FORMAT, .. } => Ok(record),
            Self { format, .. } => Err(RecordError::Format(format)),
        }
    }

    /// What clients call it by.
    #[must_use]
    pub fn whole_name(&self) -> String {
        self.name.as_ref().map_or_else(|| name::unnamed(&self.id), SnapshotName::to_string)
    }
}

/// Whether a file's name could be a snapshot's.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// What a list is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub sandbox: Option<String>,
    pub name: Option<Reference>,
    pub limit: usize,
    /// The last one of the page before: its time and id.
    pub after: Option<(Timestamp, String)>,
}

impl Query {
    /// One page, newest first, and whether there is another.
    #[must_use]
    pub fn select(&self, mut records: Vec<Record>) -> (Vec<Record>, bool) {
        records.retain(|record| {
            let sandbox = self.sandbox.as_ref().is_none_or(|id| record.origin.sandbox.as_str() == id);
            let name = self.name.as_ref().is_none_or(|name| name.lists(&record.id, record.name.as_ref()));
            let later = self.after.as_ref().is_none_or(|(at, id)| (record.created_at, &record.id) < (*at, id));
            sandbox && name && later
        });
        records.sort_unstable_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        let more = records.len() > self.limit;
        records.truncate(self.limit);
        (records, more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u8, name: Option<&str>) -> Record {
        let origin = Origin { sandbox: "iabc".parse().unwrap(), template: "base".to_owned() };
        let id = format!("{number:0>20}");
        Record::new(id, name.map(|name| name.parse().unwrap()), origin, Timestamp(i64::from(number / 2)), 7)
    }

    #[test]
    fn a_record_reads_back_and_one_that_is_not_its_own_does_not() {
        let record = record(1, Some("snap"));
        let json = serde_json::to_vec(&record).unwrap();
        assert_eq!(Record::read(&record.id, &json).unwrap(), record);
        assert!(matches!(Record::read("00000000000000000002", &json), Err(RecordError::Id)));
        let other = String::from_utf8(json).unwrap().replace("\"format\":1", "\"format\":2");
        assert!(matches!(Record::read(&record.id, other.as_bytes()), Err(RecordError::Format(2))));
        assert!(matches!(Record::read(&record.id, b"{\"format\":1}"), Err(RecordError::Malformed(_))));
        assert!(!is_id("../../etc/passwd0000") && !is_id("short"));
    }

    #[test]
    fn pages_go_on_where_the_one_before_ended() {
        let all: Vec<_> = (0..7).map(|number| record(number, None)).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (page, more) = Query { limit: 3, after, ..Query::default() }.select(all.clone());
            after = page.last().map(|record| (record.created_at, record.id.clone()));
            seen.extend(page.into_iter().map(|record| record.id));
            if !more {
                break;
            }
        }
        let expected: Vec<_> = all.iter().rev().map(|record| record.id.clone()).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn lists_are_of_one_sandbox_or_name() {
        let all = vec![record(1, Some("snap:v1")), record(2, Some("snap:v2")), record(3, None)];
        let count = |query: Query| Query { limit: 9, ..query }.select(all.clone()).0.len();
        assert_eq!(count(Query { name: Some(Reference::of("snap")), ..Query::default() }), 2);
        assert_eq!(count(Query { name: Some(Reference::of("snap:v2")), ..Query::default() }), 1);
        assert_eq!(count(Query { sandbox: Some("iabc".to_owned()), ..Query::default() }), 3);
        assert_eq!(count(Query { sandbox: Some("iabd".to_owned()), ..Query::default() }), 0);
    }
}
