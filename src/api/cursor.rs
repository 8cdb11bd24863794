//! Cursors of lists: the last id of a page in an opaque form that names its list, so that a foreign one is noticed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::base::digest::sha256_hex;

const SEAL_CHARS: usize = 8;

fn seal(list: &str, id: &str) -> String {
    let digest = sha256_hex(format!("cursor:1\n{list}\n{id}").as_bytes());
    digest.get(..SEAL_CHARS).unwrap_or_default().to_owned()
}

/// The cursor after this id of a list.
pub(super) fn write(list: &str, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}{id}", seal(list, id)))
}

/// The id in a cursor of this list; none when we did not make it.
pub(super) fn read(list: &str, cursor: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (found, id) = (text.get(..SEAL_CHARS)?, text.get(SEAL_CHARS..)?);
    (found == seal(list, id)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_cursors_of_the_same_list_are_read() {
        let cursor = write("legs", "leg_01");
        assert_eq!(read("legs", &cursor).as_deref(), Some("leg_01"));
        assert_eq!(read("handovers", &cursor), None);
        for foreign in ["", "leg_01", "e12", "AAAA", "%", &cursor[1..], &format!("{cursor}A")] {
            assert_eq!(read("legs", foreign), None, "{foreign}");
        }
    }
}
