//! The members of a manifest by name: one table for JSON members and XML elements and attributes.

use crate::domain::manifest::{HeaderField, LineField, PaperField};

/// What a name in the manifest itself stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderMember {
    /// A value.
    Value(HeaderField),
    /// The group of totals.
    Totals,
    /// The lines.
    Lines,
}

/// What a name in a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineMember {
    /// A value.
    Value(LineField),
    /// The group about the party.
    Party,
    /// The list of papers.
    Papers,
}

/// What a name in a party stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyMember {
    /// A value.
    Value(LineField),
    /// The group about the address.
    Address,
}

/// A name directly in the manifest.
pub fn header_member(name: &str) -> Option<HeaderMember> {
    match name {
        "totals" => Some(HeaderMember::Totals),
        "lines" => Some(HeaderMember::Lines),
        _ => HeaderField::parse(name).filter(|_| !name.contains('.')).map(HeaderMember::Value),
    }
}

/// A name in `totals`.
pub fn totals_member(name: &str) -> Option<HeaderField> {
    HeaderField::ALL.iter().copied().find(|field| field.as_str().strip_prefix("totals.") == Some(name))
}

/// A name directly in a line.
pub fn line_member(name: &str) -> Option<LineMember> {
    match name {
        "party" => Some(LineMember::Party),
        "papers" => Some(LineMember::Papers),
        _ => LineField::parse(name).filter(|_| !name.contains('.')).map(LineMember::Value),
    }
}

/// A name in `party`.
pub fn party_member(name: &str) -> Option<PartyMember> {
    match name {
        "name" => Some(PartyMember::Value(LineField::PartyName)),
        "phone" => Some(PartyMember::Value(LineField::PartyPhone)),
        "email" => Some(PartyMember::Value(LineField::PartyEmail)),
        "address" => Some(PartyMember::Address),
        _ => None,
    }
}

/// A name in `party.address`.
pub fn address_member(name: &str) -> Option<LineField> {
    match name {
        "text" => Some(LineField::AddressText),
        "provinceCode" => Some(LineField::ProvinceCode),
        "communeCode" => Some(LineField::CommuneCode),
        _ => None,
    }
}

/// A name in a paper.
pub fn paper_member(name: &str) -> Option<PaperField> {
    PaperField::parse(name)
}
