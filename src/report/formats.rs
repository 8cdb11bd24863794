//! The formats in which reports are written, with their names and media types.

/// In which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What is stored.
    Json,
    /// A table for spreadsheets.
    Csv,
    /// A workbook.
    Xlsx,
    /// A paper.
    Pdf,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] = [Format::Json, Format::Csv, Format::Xlsx, Format::Pdf];

    /// As it is written in a query, and at the end of a file's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Pdf => "pdf",
        }
    }

    /// Reads the written form.
    pub fn parse(text: &str) -> Option<Self> {
        Format::ALL.into_iter().find(|format| format.as_str() == text)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Csv => "text/csv",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Pdf => "application/pdf",
        }
    }
}
