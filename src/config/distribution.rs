//! Where reports go by themselves, which and when; and what must hold between the two lists.

use super::Settings;
use super::check::{Checks, is_agency_code, is_plain_url};
use super::counterpart::{OfKind, Use, uses_at};
use super::error::Fault;
use super::layers::{Leaf, Leaves};
use super::read::{FromLeaf, by_serde, section};
use crate::base::secret::Redacted;
use crate::domain::problem::Language;
use crate::domain::schedule::Every;
use crate::peers::webhook::SigningKey;
use crate::report::definitions::DefinitionId;
use crate::report::formats::Format;
use chrono::NaiveTime;
use serde::Deserialize;
use std::path::PathBuf;

/// What a receiver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiverKind {
    /// A folder of files.
    Folder,
    /// A bucket of objects (S3).
    Bucket,
    /// A web hook.
    Webhook,
}

by_serde!(ReceiverKind);

impl ReceiverKind {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            ReceiverKind::Folder => "folder",
            ReceiverKind::Bucket => "bucket",
            ReceiverKind::Webhook => "webhook",
        }
    }

    /// Whether it takes files; otherwise it is told where they are.
    pub fn takes_files(self) -> bool {
        self != ReceiverKind::Webhook
    }
}

section! {
    /// A place that reports are taken to.
    Receiver {
        /// Its name.
        name: String,
        /// What it is.
        kind: ReceiverKind,
        /// The folder.
        path: Option<PathBuf>,
        /// Where the interface of a bucket is.
        endpoint: String,
        /// The region of a bucket.
        region: String,
        /// The name of a bucket.
        bucket: String,
        /// What stands before the names in a bucket.
        prefix: String,
        /// Who we are at a bucket.
        access_key: Option<Redacted<String>>,
        /// What proves it.
        secret_key: Option<Redacted<String>>,
        /// The bucket stands in the path.
        path_style: bool,
        /// Where a web hook is called.
        url: String,
        /// What signs.
        secret: Option<Redacted<String>>,
        /// What signs beside it while it is changed.
        old_secret: Option<Redacted<String>>,
        /// It gets alerts too.
        alerts: bool,
    }
}

section! {
    /// Which report goes where, and when.
    ReportSchedule {
        /// Its name.
        name: String,
        /// Which report.
        report: DefinitionId,
        /// Of one agency.
        agency: Option<String>,
        /// Of one post office.
        post_office: Option<String>,
        /// Of which days.
        period: Every,
        /// On which working day after them.
        working_day: u32,
        /// At which time of that day.
        time: NaiveTime,
        /// In which formats.
        formats: Vec<Format>,
        /// In which language.
        language: Language,
        /// Names of the receivers.
        receivers: Vec<String>,
    }
}

impl FromLeaf for DefinitionId {
    fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
        let text = String::from_leaf(leaf)?;
        let written = |id: &DefinitionId| id.as_str().to_ascii_lowercase().replace('_', "-");
        DefinitionId::parse(&text.to_ascii_uppercase().replace('-', "_")).ok_or_else(|| {
            format!("write one of {}", DefinitionId::ALL.iter().map(written).collect::<Vec<_>>().join(", "))
        })
    }
}

impl FromLeaf for Language {
    fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
        let text = String::from_leaf(leaf)?;
        Language::of_code(&text).ok_or_else(|| format!("`{text}` is neither vi nor en"))
    }
}

impl FromLeaf for Vec<Format> {
    fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
        let texts = Vec::<String>::from_leaf(leaf)?;
        let known = || Format::ALL.map(Format::as_str).join(", ");
        texts.iter().map(|text| Format::parse(text).ok_or_else(|| format!("`{text}` is none of {}", known()))).collect()
    }
}

impl ReportSchedule {
    /// What its files are called, without the period before and the ending behind: the report, whose it is, and the language beside
    /// Vietnamese.
    pub fn subject(&self) -> String {
        let report = self.report.as_str().to_ascii_lowercase().replace('_', "-");
        let language = Some(self.language).filter(|language| *language != Language::Vi);
        let of = [self.agency.as_deref(), self.post_office.as_deref(), language.map(Language::code)];
        of.into_iter().flatten().fold(report, |name, word| format!("{name}_{word}"))
    }
}

/// Which keys the kinds take: folder, bucket, web hook.
const USES: &[(&str, [Use; 3])] = {
    use Use::{Foreign as F, Needed as N, Taken as T};
    &[
        ("path", [N, F, F]),
        ("endpoint", [F, N, F]),
        ("region", [F, N, F]),
        ("bucket", [F, N, F]),
        ("prefix", [F, T, F]),
        ("access_key", [F, N, F]),
        ("secret_key", [F, N, F]),
        ("path_style", [F, T, F]),
        ("url", [F, F, N]),
        ("secret", [F, F, N]),
        ("old_secret", [F, F, T]),
    ]
};

/// Reads one receiver and checks that it has the keys of its kind.
pub(super) fn receiver(leaves: &Leaves, name: &str, faults: &mut Vec<Fault>) -> Option<Receiver> {
    let prefix = format!("receivers.{name}");
    let mut receiver = Receiver::read(leaves, &prefix, faults)?;
    let text = receiver.kind.as_str();
    let at = match receiver.kind {
        ReceiverKind::Folder => 0,
        ReceiverKind::Bucket => 1,
        ReceiverKind::Webhook => 2,
    };
    let (en, vi) = (format!("a receiver of kind {text}"), format!("nơi nhận loại {text}"));
    OfKind { template: "receiver_defaults", en, vi }.check(leaves, &prefix, uses_at(USES, at), faults);
    receiver.endpoint = receiver.endpoint.trim_end_matches('/').to_owned();
    Some(receiver)
}

impl Checks<'_> {
    /// A receiver can be reached as it is written.
    pub(super) fn receivers(&mut self, receivers: &[Receiver]) {
        for one in receivers {
            let key = |name: &str| format!("receivers.{}.{name}", one.name);
            let host = one.endpoint.split_once("://").map_or("", |(_, host)| host);
            self.need(
                one.endpoint.is_empty() || (is_plain_url(&one.endpoint, false) && !host.contains('/')),
                &key("endpoint"),
                "write http://host or https://host, with a port where it has one, without a path",
                "hãy viết http://máy hoặc https://máy, kèm cổng nếu có, không kèm đường dẫn",
            );
            let bucket_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
            self.need(
                one.bucket.is_empty() || (one.bucket.len() <= 63 && one.bucket.bytes().all(bucket_byte)),
                &key("bucket"),
                "a bucket's name is a-z, 0-9, hyphens and dots",
                "tên bucket gồm a-z, 0-9, dấu gạch nối và dấu chấm",
            );
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
            let steps_ok = !one.prefix.starts_with('/') && !one.prefix.contains("//") && !one.prefix.contains("..");
            self.need(
                one.prefix.bytes().all(plain) && steps_ok,
                &key("prefix"),
                "write a-z, A-Z, 0-9, - _ . and single slashes, such as \"giaonhan/\"",
                "hãy dùng a-z, A-Z, 0-9, - _ . và dấu / đơn, ví dụ \"giaonhan/\"",
            );
            self.need(
                one.url.is_empty() || is_plain_url(&one.url, false),
                &key("url"),
                "write http://host/path or https://host/path, without user, query or fragment",
                "hãy viết http://máy/đường-dẫn hoặc https://máy/đường-dẫn, không kèm tài khoản, truy vấn hay #",
            );
            for (name, secret) in [("secret", &one.secret), ("old_secret", &one.old_secret)] {
                let fault = secret.as_ref().and_then(|secret| SigningKey::parse(secret).err());
                let why = fault.as_ref().map(ToString::to_string).unwrap_or_default();
                self.need(
                    fault.is_none(),
                    &key(name),
                    why,
                    "khóa là whsec_ (24 đến 64 byte) hoặc whsk_ (32 hoặc 64 byte), sau đó là base64",
                );
            }
        }
    }

    /// A schedule leads somewhere, and no two write the same file.
    pub(super) fn schedules(&mut self, settings: &Settings) {
        let known = |name: &String| settings.receivers.iter().find(|one| one.name == *name);
        for (at, one) in settings.report_schedules.iter().enumerate() {
            let key = |name: &str| format!("report_schedules.{}.{name}", one.name);
            self.need(
                !one.receivers.is_empty(),
                &key("receivers"),
                "name at least one of [[receivers]]",
                "hãy ghi ít nhất một nơi nhận trong [[receivers]]",
            );
            for name in one.receivers.iter().filter(|name| known(name).is_none()) {
                self.need(
                    false,
                    &key("receivers"),
                    format!("`{name}` is no name of [[receivers]]"),
                    format!("không có [[receivers]] nào tên `{name}`"),
                );
            }
            self.need(
                !one.formats.is_empty(),
                &key("formats"),
                "name at least one format",
                "hãy ghi ít nhất một định dạng",
            );
            self.need(
                cfg!(feature = "pdf") || !one.formats.contains(&Format::Pdf),
                &key("formats"),
                "this program was built without PDF",
                "bản chương trình này được dựng không kèm PDF",
            );
            for (name, code) in [("agency", &one.agency), ("post_office", &one.post_office)] {
                self.need(
                    code.as_ref().is_none_or(|code| is_agency_code(code)),
                    &key(name),
                    "a code is groups of 0-9 A-Z joined by dots",
                    "mã gồm các nhóm 0-9 A-Z nối bằng dấu chấm",
                );
            }
            let same = settings.report_schedules.iter().take(at).find(|other| {
                let both = |name: &String| other.receivers.contains(name);
                other.subject() == one.subject() && other.period == one.period && one.receivers.iter().any(both)
            });
            if let Some(other) = same {
                let name = &other.name;
                self.need(
                    false,
                    &key("receivers"),
                    format!("{name} takes the same report of the same period to the same place"),
                    format!("{name} cũng gửi báo cáo ấy, kỳ ấy đến cùng nơi nhận"),
                );
            }
        }
    }
}
