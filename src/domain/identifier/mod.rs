//! Identifiers as they are really written: folded, checked, graded (contract 4.2, domain 5).

mod code;
mod dossier;
mod item;
mod phone;

pub use code::{AgencyCode, ConsignmentNoteNo, CounterCode, ManifestNo, PostOfficeCode, ProcedureCode};
pub use dossier::DossierNo;
pub use item::{ItemGrade, ItemNumber};
pub use phone::Phone;

/// Gives an identifier that is a checked text its usual ways out.
macro_rules! checked_text {
    ($($name:ident),*) => {$(
        impl $name {
            /// The identifier in its kept form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    )*};
}
pub(crate) use checked_text;
