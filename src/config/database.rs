//! Which database: decided by the setting of the highest level, and by the scheme of the URL alone. Nothing is tried twice.

use super::error::{ConfigError, Fault};
use super::layers::{Leaves, Origin};
use crate::base::secret::Redacted;
use std::path::PathBuf;

const URL_KEY: &str = "store.database_url";
const FOLDER_KEY: &str = "store.data_dir";

/// Name of the SQLite file in the data folder.
pub const SQLITE_FILE: &str = "giaonhan.sqlite3";

/// The database of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// SQLite in a data folder.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Where the folder was named; only the default one is made when it is missing.
        origin: Origin,
    },
    /// An SQLite file that exists.
    File {
        /// The file.
        file: PathBuf,
        /// Where it was named.
        origin: Origin,
    },
    /// PostgreSQL.
    Postgres {
        /// `postgres://…`
        url: Redacted<String>,
    },
}

impl Database {
    pub(super) fn decide(leaves: &Leaves, faults: &mut Vec<Fault>) -> Option<Self> {
        let url: Option<Redacted<String>> = leaves.take("store", "database_url", faults)?;
        let folder: PathBuf = leaves.take("store", "data_dir", faults)?;
        let (url_origin, folder_origin) = (leaves.origin(URL_KEY), leaves.origin(FOLDER_KEY));
        let Some(url) = url.filter(|_| url_origin.level() >= folder_origin.level()) else {
            if folder.as_os_str().is_empty() {
                let (en, vi) = ("name a folder", "hãy ghi tên thư mục");
                faults.push(Fault::new(FOLDER_KEY, folder_origin, en, vi));
                return None;
            }
            return Some(Database::Folder { folder, origin: folder_origin });
        };
        if url_origin.level() == folder_origin.level() {
            faults.push(Fault::new(
                URL_KEY,
                url_origin,
                format!("give either this or {FOLDER_KEY} ({folder_origin}), not both"),
                format!("chỉ đặt khóa này hoặc {FOLDER_KEY} ({folder_origin}), không đặt cả hai"),
            ));
            return None;
        }
        match url.reveal().split_once(':') {
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Some(Database::Postgres { url }),
            Some(("sqlite", file)) if !file.trim_start_matches('/').is_empty() => {
                // `sqlite:a/b.db`, `sqlite:/a/b.db` and `sqlite:///a/b.db` are all in use.
                let file = url_origin.path(file.strip_prefix("//").unwrap_or(file));
                Some(Database::File { file, origin: url_origin })
            }
            _ => {
                faults.push(Fault::new(
                    URL_KEY,
                    url_origin,
                    "write postgres://user:password@host/database or sqlite:FILE",
                    "hãy viết postgres://người-dùng:mật-khẩu@máy/cơ-sở-dữ-liệu hoặc sqlite:TỆP",
                ));
                None
            }
        }
    }

    /// Makes the default data folder when it is missing, and refuses a named one that does not exist: a typing error makes
    /// no new database (contract 11).
    pub fn prepare(&self) -> Result<(), ConfigError> {
        let fault = |key, origin: &Origin, en: String, vi: String| Err(Fault::new(key, origin.clone(), en, vi).into());
        match self {
            Database::Folder { folder, .. } if folder.is_dir() => Ok(()),
            Database::Folder { folder, origin } if *origin == Origin::Default && !folder.exists() => {
                std::fs::create_dir(folder).or_else(|error| {
                    let shown = folder.display();
                    fault(
                        FOLDER_KEY,
                        origin,
                        format!("cannot make the folder {shown}: {error}"),
                        format!("không tạo được thư mục {shown}: {error}"),
                    )
                })
            }
            Database::Folder { folder, origin } => {
                let shown = folder.display();
                fault(
                    FOLDER_KEY,
                    origin,
                    format!("there is no folder {shown}; check the name, or make an empty one: mkdir {shown}"),
                    format!("không có thư mục {shown}; hãy kiểm tra tên, hoặc tạo thư mục rỗng: mkdir {shown}"),
                )
            }
            Database::File { file, origin } if !file.is_file() => {
                let shown = file.display();
                fault(
                    URL_KEY,
                    origin,
                    format!("there is no file {shown}; a new database is set up with --data FOLDER"),
                    format!("không có tệp {shown}; muốn lập cơ sở dữ liệu mới, hãy dùng --data THƯ_MỤC"),
                )
            }
            Database::File { .. } | Database::Postgres { .. } => Ok(()),
        }
    }

    /// The SQLite file; none for PostgreSQL.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        match self {
            Database::Folder { folder, .. } => Some(folder.join(SQLITE_FILE)),
            Database::File { file, .. } => Some(file.clone()),
            Database::Postgres { .. } => None,
        }
    }
}
