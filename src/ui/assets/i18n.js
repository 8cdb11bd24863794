// Words in the language of the page. Both languages stand where they are used; this only picks one of them.

/** The Vietnamese or the English text, by the page's language, with `{name}` taken from `values`. */
export function t(vi, en, values = {}) {
  const text = globalThis.document?.documentElement.lang?.startsWith("en") ? en : vi;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
