//! The pictures of the pages: one drawing each on a field of 24, drawn with the line of the text around them.

/// Name and drawing.
const ICONS: &[(&str, &str)] = &[
    ("line", r#"<path d="M2.5 9.5a14 14 0 0 1 19 0M6 13.5a9 9 0 0 1 12 0M9.3 17a4.2 4.2 0 0 1 5.4 0"/>"#),
    (
        "line-off",
        r#"<path d="M2.5 9.5a14 14 0 0 1 5-3.1M21.5 9.5a14 14 0 0 0-8-3.9M6 13.5a9 9 0 0 1 4-2.2M12 18.7v.1M3.5 3.5l17 17"/>"#,
    ),
    (
        "eye",
        r#"<path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12z"/><circle cx="12" cy="12" r="2.8"/>"#,
    ),
    ("alert", r#"<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z"/><path d="M12 7v6.5M12 16.6v.1"/>"#),
    ("not", r#"<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z"/><path d="m8.7 8.7 6.6 6.6M15.3 8.7l-6.6 6.6"/>"#),
    (
        "card",
        r#"<rect x="2.5" y="5" width="19" height="14" rx="2"/><circle cx="8.5" cy="11" r="2.2"/><path d="M5.5 16c.8-1.6 5.2-1.6 6 0M14.5 10h4M14.5 14h4"/>"#,
    ),
    ("search", r#"<circle cx="10.5" cy="10.5" r="7"/><path d="m16 16 5 5"/>"#),
    ("home", r#"<path d="M3.5 11 12 3.5 20.5 11M6 9.5V20.5h12V9.5"/><path d="M10 20v-6h4v6"/>"#),
    ("paper", r#"<path d="M6 2.8h8.5L19 7.3v13.9H6z"/><path d="M14 3v5h5M9 12.5h7M9 16.5h7"/>"#),
    (
        "scan",
        r#"<path d="M3 8V4h4M17 4h4v4M21 16v4h-4M7 20H3v-4"/><path d="M7.5 8.5v7M11 8.5v7M13.5 8.5v7M16.7 8.5v7"/>"#,
    ),
    ("bag", r#"<path d="M4 8h16l-1.2 13H5.2z"/><path d="M8.5 11V6.5a3.5 3.5 0 0 1 7 0V11"/>"#),
    ("ok", r#"<circle cx="12" cy="12" r="9.5"/><path d="m7.5 12.5 3.2 3.2 6-6.6"/>"#),
    ("clock", r#"<circle cx="12" cy="12" r="9.5"/><path d="M12 6.5V12l3.8 2.3"/>"#),
    ("plus", r#"<path d="M12 5v14M5 12h14"/>"#),
    ("minus", r#"<path d="M5 12h14"/>"#),
    ("back", r#"<path d="m15 5-7 7 7 7"/>"#),
    ("warn", r#"<path d="M12 3.5 22 20.5H2z"/><path d="M12 10v4.6M12 17.6v.1"/>"#),
    ("undo", r#"<path d="M4 9h10a6 6 0 0 1 0 12H8"/><path d="M8.5 4.5 4 9l4.5 4.5"/>"#),
    ("print", r#"<path d="M7 8.5V3h10v5.5M7 17H3V8.5h18V17h-4"/><path d="M7 14h10v7H7z"/>"#),
    ("check", r#"<path d="m4.5 12.8 5 5L19.5 7"/>"#),
    (
        "keyboard",
        r#"<rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6.5 10h.1M10 10h.1M13.5 10h.1M17 10h.1M8 14h8"/>"#,
    ),
    ("camera", r#"<path d="M3 7.5h4.5L9 5h6l1.5 2.5H21V19H3z"/><circle cx="12" cy="13" r="3.6"/>"#),
    (
        "sound",
        r#"<path d="M4 9.5v5h3.5L13 19V5L7.5 9.5z"/><path d="M16.5 9a4.5 4.5 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11"/>"#,
    ),
    (
        "again",
        r#"<rect x="3" y="8" width="13" height="13" rx="2"/><path d="M8 4.5V4a1 1 0 0 1 1-1h11a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-.5"/><path d="M6.5 14.7h6"/>"#,
    ),
    ("wrong", r#"<path d="M3 20V11a4 4 0 0 1 4-4h13"/><path d="m15.5 2.5 4.5 4.5-4.5 4.5"/><path d="M9 20v-4"/>"#),
    ("next", r#"<path d="M3 12h17M14 6l6 6-6 6"/>"#),
    ("handover", r#"<path d="M2.5 8h9l-3-3.5M2.5 8l3 3.5"/><path d="M21.5 16h-9l3 3.5M21.5 16l-3-3.5"/>"#),
    (
        "money",
        r#"<rect x="2.5" y="6" width="19" height="12" rx="1.5"/><circle cx="12" cy="12" r="2.7"/><path d="M6 9.5v5M18 9.5v5"/>"#,
    ),
    ("flag", r#"<path d="M5 21.5V3.5h13l-3 4.5 3 4.5H5"/>"#),
    ("cross", r#"<path d="M6 6l12 12M18 6 6 18"/>"#),
    ("pen", r#"<path d="M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z"/><path d="M13 21h8"/>"#),
    (
        "phone",
        r#"<path d="M5 3.5h4l1.8 4.6-2.4 1.6a12 12 0 0 0 5.9 5.9l1.6-2.4 4.6 1.8v4c0 .9-.7 1.5-1.5 1.5C11 20.5 3.5 13 3.5 5c0-.8.6-1.5 1.5-1.5z"/>"#,
    ),
    (
        "pin",
        r#"<path d="M12 21.5c4.5-5 7-8.6 7-12a7 7 0 0 0-14 0c0 3.4 2.5 7 7 12z"/><circle cx="12" cy="9.5" r="2.4"/>"#,
    ),
    ("door", r#"<path d="M5 21.5V3h11v18.5M2.5 21.5h19"/><path d="M12.5 12.5v.1"/>"#),
    ("envelope", r#"<path d="M3 6.5h18v13H3z"/><path d="m3 7 9 7 9-7"/>"#),
    (
        "sync",
        r#"<path d="M4 11a8 8 0 0 1 14-4l2.5 2.5M20 13a8 8 0 0 1-14 4l-2.5-2.5"/><path d="M20.5 4.5v5h-5M3.5 19.5v-5h5"/>"#,
    ),
    ("out", r#"<path d="M6 18 18 6M9 6h9v9"/>"#),
    ("in", r#"<path d="M18 6 6 18M15 18H6V9"/>"#),
    (
        "chain",
        r#"<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7"/><path d="M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17"/>"#,
    ),
    ("list", r#"<path d="M8.5 6H21M8.5 12H21M8.5 18H21M3.5 6h.1M3.5 12h.1M3.5 18h.1"/>"#),
    ("chart", r#"<path d="M3.5 3.5v17h17"/><path d="M8 16v-4M12.5 16V7.5M17 16v-6"/>"#),
    (
        "people",
        r#"<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.6-4.5 3.2-5.8 6.5-5.8s5.9 1.3 6.5 5.8M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.6c2 .7 3.2 2.3 3.5 5.4"/>"#,
    ),
    ("up", r#"<path d="M12 20V6M6 11.5l6-6 6 6"/>"#),
    ("down", r#"<path d="M12 4v14M6 12.5l6 6 6-6"/>"#),
];

/// Marks of the four holders: circle, diamond, square, dashed triangle; never told by colour alone.
const HOLDERS: &[(&str, &str)] = &[
    ("CITIZEN", r#"<circle cx="12" cy="12" r="10.5"/>"#),
    ("POST", r#"<path d="M12 .5 23.5 12 12 23.5.5 12z"/>"#),
    ("AGENCY", r#"<rect x="1.5" y="1.5" width="21" height="21" rx="2"/>"#),
    (
        "UNKNOWN",
        r#"<path d="M12 2.5 22.5 21.5h-21z" fill="none" stroke="currentColor" stroke-width="2.4" stroke-dasharray="4 3"/>"#,
    ),
];

fn drawing(of: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    of.iter().find(|(known, _)| *known == name).map(|(_, drawing)| *drawing)
}

/// A picture; it says nothing to a screen reader, so words stand beside it.
pub fn icon(name: &str) -> Option<String> {
    drawing(ICONS, name)
        .map(|drawing| format!(r#"<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg>"#))
}

/// The mark of a holder.
pub fn holder(word: &str) -> Option<String> {
    drawing(HOLDERS, word)
        .map(|drawing| format!(r#"<svg viewBox="0 0 24 24" aria-hidden="true" fill="currentColor">{drawing}</svg>"#))
}
