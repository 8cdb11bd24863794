//! Text as Vietnamese systems really send it: NFC, damage, folding.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NFC, line ends as `\n`, without blanks at both ends: the form in which every text is kept (contract 1).
pub fn normalise(text: &str) -> Cow<'_, str> {
    let settled = !text.contains('\r') && (text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes);
    if settled {
        return Cow::Borrowed(text.trim());
    }
    let composed: String = text.replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
    Cow::Owned(composed.trim().to_owned())
}

/// Whether the text lost letters on its way: a replacement character, or UTF-8 that somebody read as Windows-1252.
///
/// The second is certain only when the whole text, written back as Windows-1252, is valid UTF-8 with Vietnamese letters;
/// `XÃ` before a closing quote and the like stay untouched. Text damaged twice over is undone step by step.
pub fn is_damaged(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return true;
    }
    const TIMES_MAX: usize = 3;
    let mut present = Cow::Borrowed(text);
    for _ in 0..TIMES_MAX {
        let Some(undone) = undo_windows_1252(&present) else { return false };
        if is_vietnamese(&undone) {
            return true;
        }
        present = Cow::Owned(undone);
    }
    false
}

/// The text that gives `text` when its UTF-8 is read as Windows-1252; none when there is no such text or it is the same.
fn undo_windows_1252(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(windows_1252_byte).collect();
    String::from_utf8(bytes?).ok()
}

/// Windows-1252 from 0x80 to 0x9F; the five bytes without a character stand for themselves, as browsers read them.
const WINDOWS_1252_UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252_byte(c: char) -> Option<u8> {
    // Latin-1 covers the C1 range too: some readers map it straight.
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    let offset = WINDOWS_1252_UPPER.iter().position(|upper| *upper == c)?;
    u8::try_from(0x80 + offset).ok()
}

/// Beside the letters U+1EA0 to U+1EF9, all of which are Vietnamese.
const VIETNAMESE_LETTERS: &str = "àáâãèéêìíòóôõùúýăđĩũơưÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯ";
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
const PUNCTUATION: &str = "–—‘’“”…«»°²³½¼¾×·\u{a0}\u{302}\u{306}\u{31b}";

fn is_vietnamese(text: &str) -> bool {
    let letter =
        |c: char| ('\u{1ea0}'..='\u{1ef9}').contains(&c) || VIETNAMESE_LETTERS.contains(c) || TONES.contains(&c);
    let mut beyond_ascii = text.chars().filter(|c| !c.is_ascii()).peekable();
    beyond_ascii.peek().is_some()
        && beyond_ascii.all(|c| letter(c) || PUNCTUATION.contains(c))
        && text.chars().any(letter)
}

/// Whether there is a control character other than tab and newline. Ask after [`normalise`], which turns CR into newline.
pub fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n'))
}

/// Whether a spreadsheet would take the text for a formula.
pub fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@'])
}

/// Whether the character is a dash, hyphen or minus of any script.
pub fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{10ead}'
    )
}

/// Every dash as `-`.
pub fn fold_dashes(text: &str) -> String {
    text.chars().map(|c| if is_dash(c) { '-' } else { c }).collect()
}

/// A form for comparing only: lower case, one kind of dash and blank, and the tone mark at the end of its syllable, so
/// that `huỷ` and `hủy`, `Hoà` and `Hòa` are equal (wire-formats 7).
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut tone = None;
    let mut blank = false;
    for c in text.trim().chars().flat_map(char::to_lowercase).nfd() {
        if TONES.contains(&c) {
            tone = Some(c);
        } else if c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) {
            folded.push(c);
            blank = false;
        } else {
            folded.extend(tone.take());
            match c {
                _ if c.is_whitespace() && blank => {}
                _ if c.is_whitespace() => folded.push(' '),
                _ if is_dash(c) => folded.push('-'),
                _ => folded.push(c),
            }
            blank = c.is_whitespace();
        }
    }
    folded.extend(tone);
    folded.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a reader that takes UTF-8 for Windows-1252 shows.
    fn garble(text: &str) -> String {
        let shown = |byte: u8| match byte {
            0x80..=0x9f => WINDOWS_1252_UPPER[usize::from(byte) - 0x80],
            _ => char::from(byte),
        };
        text.bytes().map(shown).collect()
    }

    #[test]
    fn text_is_kept_composed_and_trimmed() {
        assert_eq!(normalise("  Hằng\u{a0}"), "Hằng");
        assert_eq!(normalise("Ha\u{306}\u{300}ng"), "Hằng");
        assert_eq!(normalise("một\r\nhai\rba"), "một\nhai\nba");
        assert!(matches!(normalise("Nguyễn Thị Mẫu"), Cow::Borrowed(_)));
    }

    #[test]
    fn damage_is_seen_and_sound_text_is_not_suspected() {
        for bad in ["Nguyá»…n", "Nguy\u{fffd}n", "NhÃ\u{a0}", "Ä\u{90}á»— Thá»‹ Máº«u", "ThÃ¡i BÃ¬nh", "NguyÃ¡Â»â€¦n"]
        {
            assert!(is_damaged(bad), "{bad}");
        }
        for good in ["Nguyễn", "“XÃ”", "XÃ Vạn Ninh", "Lý", "“CÓ”", "GIÁ 5€", "Café", "plain", "", "Đỗ", "Hà", "À…"]
        {
            assert!(!is_damaged(good), "{good}");
        }
    }

    #[test]
    fn folding_forgets_tone_position_case_and_dashes() {
        for (left, right) in
            [("Đơn hàng huỷ", "đơn hàng hủy"), ("KHÁNH HOÀ", "Khánh Hòa"), ("a – b", "A - b"), ("thuỷ", "thủy")]
        {
            assert_eq!(fold(left), fold(right));
        }
        assert_ne!(fold("má"), fold("mà"));
        assert_ne!(fold("trần"), fold("trân"));
    }

    #[test]
    fn formulas_and_controls() {
        assert!(looks_like_formula("=HYPERLINK(1)") && looks_like_formula("@x") && !looks_like_formula("a=b"));
        assert!(has_control("a\u{7}") && has_control("\u{85}") && !has_control("a\tb\nc"));
    }

    proptest! {
        #[test]
        fn composed_and_decomposed_are_one_text(text in "[a-zA-Zàáạảãâầấậẩẫăằắặẳẵèéẹẻẽêềếệểễìíịỉĩòóọỏõôồốộổỗơờớợởỡùúụủũưừứựửữỳýỵỷỹđ ]{0,30}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(normalise(&text), normalise(&decomposed));
            prop_assert_eq!(fold(&text), fold(&decomposed));
            prop_assert!(!is_damaged(&text));
        }

        #[test]
        fn garbled_vietnamese_is_damaged(text in "[a-zA-Z ]{0,8}[ạảầấậẩẫằắặẳẵẹẻẽềếệểễđơư][a-zA-Z ]{0,8}") {
            prop_assert!(is_damaged(&garble(&text)));
        }

        #[test]
        fn any_text_is_handled(text in any::<String>()) {
            let kept = normalise(&text).into_owned();
            let again = normalise(&kept).into_owned();
            prop_assert_eq!(&again, &kept);
            let _ = (is_damaged(&text), fold(&text), has_control(&text));
        }
    }
}
