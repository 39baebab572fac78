//! The host's API key, kept in `{data dir}/host.key`.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::error::HostError;
use crate::types::Secret;

/// Some SDK versions check this form before they send anything.
const PREFIX: &str = "e2b_";
const DIGITS: usize = 40;

/// The key in `data_dir`, made when there is none yet. Only its owner can read it.
///
/// # Errors
/// [`HostError::Key`] and [`HostError::KeyForm`].
pub fn load_or_create(data_dir: &Path) -> Result<Secret, HostError> {
    let path = data_dir.join("host.key");
    let failed = |source| HostError::Key { path: path.clone(), source };
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            let key = generate().map_err(failed)?;
            file.write_all(key.as_bytes()).map_err(failed)?;
            Ok(Secret::new(key))
        }
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {
            let text = fs::read_to_string(&path).map_err(failed)?;
            let key = text.trim();
            if is_key(key) { Ok(Secret::new(key.to_owned())) } else { Err(HostError::KeyForm(path)) }
        }
        Err(err) => Err(failed(err)),
    }
}

fn generate() -> io::Result<String> {
    let mut bytes = [0u8; DIGITS / 2];
    getrandom::fill(&mut bytes).map_err(|err| io::Error::other(err.to_string()))?;
    Ok(bytes.iter().fold(PREFIX.to_owned(), |key, byte| format!("{key}{byte:02x}")))
}

fn is_key(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|rest| rest.len() == DIGITS && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let key = load_or_create(folder.path()).unwrap();
        assert!(is_key(key.expose()));
        assert_eq!(load_or_create(folder.path()).unwrap(), key);
        let mode = fs::metadata(folder.path().join("host.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(folder.path().join("host.key"), "secret").unwrap();
        assert!(matches!(load_or_create(folder.path()), Err(HostError::KeyForm(_))));
    }
}
