//! Rows and cells of a CSV table.

use super::unreadable;
use crate::domain::problem::Refusal;
use std::borrow::Cow;

/// Bounds the memory that a row of separators can claim.
const CELLS_MAX: usize = 1_000;

/// Rows after RFC 4180. Our own and not a library's, because a quote left open must be refused and not closed silently.
pub(super) struct Rows<'t> {
    rest: &'t str,
    separator: char,
    row_no: usize,
}

impl<'t> Rows<'t> {
    /// The rows of a table whose separator is found in its first row.
    pub(super) fn of(text: &'t str) -> Self {
        Rows { rest: text, separator: separator(text), row_no: 0 }
    }

    /// The next row that is not an empty line.
    pub(super) fn next_row(&mut self) -> Result<Option<Vec<Cow<'t, str>>>, Refusal> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            self.row_no += 1;
            let empty = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
            match empty {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell()?);
            if cells.len() > CELLS_MAX {
                return Err(self.refused("more than 1000 cells in a row", "dòng có hơn 1000 ô"));
            }
            if let Some(rest) = self.rest.strip_prefix(self.separator) {
                self.rest = rest;
                continue;
            }
            let ended = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
            self.rest = match ended {
                Some(rest) => rest,
                None if self.rest.is_empty() => self.rest,
                None => return Err(self.refused("text after a closing quote", "có chữ sau dấu ngoặc kép đóng")),
            };
            return Ok(Some(cells));
        }
    }

    fn cell(&mut self) -> Result<Cow<'t, str>, Refusal> {
        if let Some(inside) = self.rest.strip_prefix('"') {
            return self.quoted(inside);
        }
        let separator = self.separator;
        let end = self.rest.find([separator, '\n']).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        let is_line_end = rest.starts_with('\n');
        match cell.strip_suffix('\r').filter(|_| is_line_end || rest.is_empty()) {
            Some(bare) => {
                // Leaves the whole CRLF for the end of the row.
                self.rest = self.rest.get(bare.len()..).unwrap_or(rest);
                if !is_line_end {
                    self.rest = "";
                }
                Ok(Cow::Borrowed(bare))
            }
            None => {
                self.rest = rest;
                Ok(Cow::Borrowed(cell))
            }
        }
    }

    fn quoted(&mut self, inside: &'t str) -> Result<Cow<'t, str>, Refusal> {
        let mut content: Cow<'t, str> = Cow::Borrowed("");
        let mut rest = inside;
        loop {
            let Some((piece, after)) = rest.split_once('"') else {
                return Err(self.refused("a quote is left open", "thiếu dấu ngoặc kép đóng"));
            };
            if content.is_empty() {
                content = Cow::Borrowed(piece);
            } else {
                content.to_mut().push_str(piece);
            }
            match after.strip_prefix('"') {
                Some(after) => {
                    content.to_mut().push('"');
                    rest = after;
                }
                None => {
                    self.rest = after;
                    return Ok(content);
                }
            }
        }
    }

    fn refused(&self, en: &str, vi: &str) -> Refusal {
        unreadable(format!("CSV, row {}: {en}", self.row_no), format!("CSV, dòng {}: {vi}", self.row_no))
    }
}

/// `;` or `,`, whichever the header row has more of outside quotes.
fn separator(text: &str) -> char {
    let (mut commas, mut semicolons, mut quoted) = (0usize, 0usize, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            ',' if !quoted => commas += 1,
            ';' if !quoted => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { ';' } else { ',' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::Code;

    fn rows(text: &str, separator: char) -> Result<Vec<Vec<String>>, Code> {
        let mut rows = Rows { rest: text, separator, row_no: 0 };
        let mut found = Vec::new();
        while let Some(row) = rows.next_row().map_err(|refusal| refusal.code)? {
            found.push(row.into_iter().map(Cow::into_owned).collect());
        }
        Ok(found)
    }

    #[test]
    fn rows_follow_rfc_4180() {
        let expected = vec![vec!["a".to_owned(), "b,\"c\"\nd".to_owned(), String::new()], vec!["e".to_owned()]];
        assert_eq!(rows("a,\"b,\"\"c\"\"\nd\",\r\n\r\ne\r\n", ','), Ok(expected));
        assert_eq!(rows("\"\";\"\"\"\"", ';'), Ok(vec![vec![String::new(), "\"".to_owned()]]));
        assert_eq!(rows("a,\"b", ','), Err(Code::BodyNotReadable));
        assert_eq!(rows("a,\"b\"c", ','), Err(Code::BodyNotReadable));
        assert_eq!(rows("", ','), Ok(vec![]));
    }

    #[test]
    fn the_separator_is_the_one_that_the_header_uses() {
        assert_eq!(separator("a;b,c;d\n1,2,3,4"), ';');
        assert_eq!(separator("\"a;b;c\",d"), ',');
        assert_eq!(separator("alone"), ',');
    }
}
