//! Writes small XML documents: escaped, and without the characters that XML forbids.

/// A document under construction.
pub(super) struct Out {
    text: String,
    open: Vec<&'static str>,
    /// Nothing stands in the element that was opened last.
    is_fresh: bool,
}

impl Out {
    /// Begins a document with its root element in a namespace.
    pub(super) fn new(root: &'static str, namespace: &str) -> Self {
        let mut out = Out {
            text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
            open: Vec::new(),
            is_fresh: false,
        };
        out.start(root, &[("xmlns", Some(namespace))]);
        out
    }

    /// Opens an element; attributes without a value are left out.
    pub(super) fn start(&mut self, name: &'static str, attributes: &[(&str, Option<&str>)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            if let Some(value) = value {
                self.text.push(' ');
                self.text.push_str(attribute);
                self.text.push_str("=\"");
                self.escaped(value);
                self.text.push('"');
            }
        }
        self.text.push('>');
        self.open.push(name);
        self.is_fresh = true;
    }

    /// Adds an attribute to the element that was opened last, before anything is put into it.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        if self.is_fresh {
            self.text.pop();
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            self.escaped(value);
            self.text.push_str("\">");
            self.is_fresh = true;
        }
    }

    /// Text inside the open element.
    pub(super) fn escaped(&mut self, value: &str) {
        self.is_fresh = false;
        for c in value.chars() {
            match c {
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '&' => self.text.push_str("&amp;"),
                '"' => self.text.push_str("&quot;"),
                '\t' | '\n' => self.text.push(c),
                c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
                c => self.text.push(c),
            }
        }
    }

    /// Closes the element that was opened last.
    pub(super) fn end(&mut self) {
        let is_empty = std::mem::take(&mut self.is_fresh);
        let Some(name) = self.open.pop() else { return };
        if is_empty {
            self.text.pop();
            self.text.push_str("/>");
        } else {
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push('>');
        }
    }

    /// An element with text.
    pub(super) fn element(&mut self, name: &'static str, value: &str) {
        self.start(name, &[]);
        self.escaped(value);
        self.end();
    }

    /// Closes everything and gives the bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.end();
        }
        self.text.push('\n');
        self.text.into_bytes()
    }
}
