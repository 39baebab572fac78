//! The right to use one sandbox.

use serde::{Deserialize, Serialize, Serializer};

use crate::types::{SandboxId, SandboxSize, Secret, Timestamp};

/// One sandbox, and what is needed to use and to charge it. It is stored with its session, so that a session found
/// after a crash can go on using it or give it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    pub sandbox: SandboxId,
    /// `X-Access-Token` of the sandbox. It goes into the store on purpose, and nowhere else: `Debug` hides it.
    #[serde(serialize_with = "expose")]
    pub access_token: Secret,
    pub size: SandboxSize,
    /// When it was handed out: what came before, waiting warm, is not the session's to pay.
    pub started_at: Timestamp,
}

fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_survives_the_store_and_hides_its_token_from_the_log() {
        let lease = Lease {
            sandbox: "abc1".parse().unwrap(),
            access_token: Secret::new("ea_secret".into()),
            size: SandboxSize { vcpus: 2, memory_mib: 512 },
            started_at: Timestamp(1_700_000_000_000),
        };
        let stored = serde_json::to_string(&lease).unwrap();
        assert_eq!(serde_json::from_str::<Lease>(&stored).unwrap(), lease);
        assert!(!format!("{lease:?}").contains("ea_secret"));
    }
}
