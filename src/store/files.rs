//! Evidence files by the digest of their bytes: a folder, or (by its own settings) storage that replicas share.

use std::path::{Path, PathBuf};

use futures_executor::block_on;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::base::digest::sha256_hex;
use crate::store::error::StoreError;

/// Where evidence files lie. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("evidence files: {error}"))
}

/// Two letters of the digest as a folder, so that no folder grows without bound.
fn key_of(sha256: &str) -> Key {
    Key::from_iter([sha256.get(..2).unwrap_or("00"), sha256])
}

impl Files {
    /// Files in a folder, which is made when the first one comes.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Files { folder: folder.into() }
    }

    fn store(folder: &Path) -> Result<impl ObjectStore, StoreError> {
        Ok(LocalFileSystem::new_with_prefix(folder).map_err(failed)?.with_fsync(true))
    }

    /// Keeps bytes and answers their digest. The same bytes again are the same file.
    pub fn put(&self, bytes: Vec<u8>) -> Result<String, StoreError> {
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let sha256 = sha256_hex(&bytes);
        let store = Self::store(&self.folder)?;
        block_on(store.put(&key_of(&sha256), bytes.into())).map_err(failed)?;
        Ok(sha256)
    }

    /// The bytes of a digest; `None` when there are none, or they are no longer what was kept.
    pub fn get(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if !self.folder.is_dir() {
            return Ok(None);
        }
        let store = Self::store(&self.folder)?;
        let found = block_on(async { store.get(&key_of(sha256)).await?.bytes().await });
        match found {
            Ok(bytes) => Ok(Some(bytes.to_vec()).filter(|bytes| sha256_hex(bytes) == sha256)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_by_their_digest_alone() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path().join("evidence"));
        let sha256 = files.put(b"chu ky".to_vec()).unwrap();
        assert_eq!(files.put(b"chu ky".to_vec()).unwrap(), sha256);
        assert_eq!(files.get(&sha256).unwrap().as_deref(), Some(b"chu ky".as_slice()));
        assert_eq!(files.get(&sha256_hex(b"another")).unwrap(), None);
        std::fs::write(folder.path().join("evidence").join(&sha256[..2]).join(&sha256), b"altered").unwrap();
        assert_eq!(files.get(&sha256).unwrap(), None);
    }
}
