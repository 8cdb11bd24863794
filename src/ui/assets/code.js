// The codes that are scanned: how a scanned text is folded, and which shapes it may have (dossier numbers, item
// numbers, consignment notes, manifests). Shapes only; whether a code belongs here is for the list to say.

const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;
const CONTROLS = /[\u0000-\u001F\u007F\u200B\uFEFF]/g;
const LITERAL_SUFFIX = /(?:\\[nrt])+$/i;
const AIM_PREFIX = /^\][A-Za-z]\d/;

// Mã hồ sơ: TT 01/2018 Đ19 (three groups, then province or ministry), or QĐ 20/2020 (province or ministry first).
const DOSSIER = /^(?:[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z]\d\d|[A-Z]\d\d(?:\.[0-9A-Z]+)*)-(\d{6}|\d{8})-\d{3,8}$/;
const AGENCY_CHARS_MAX = 35;
const S10 = /^[A-Z]{2}\d{9}[A-Z]{2}$/;
const NOTE = /^[A-Z]{2,3}-?\d{6}-\d{4,10}$/;

/** Whether the text ends in `\n`, `\r` or `\t` spelled out, as some scanner programs send them. */
export const endsInLiteralSuffix = (text) => LITERAL_SUFFIX.test(text);

/** A scanned text in its kept form: no control characters or literal suffix, plain hyphens, capitals; out of a tracking address, the code in it. */
export function fold(text) {
  const plain = text.replace(CONTROLS, "").trim().replace(LITERAL_SUFFIX, "").replace(AIM_PREFIX, "").trim();
  const code = plain.normalize("NFC").replace(DASHES, "-").toUpperCase();
  if (!code.includes("://")) return code;
  return code.split(/[/?&=#]/).findLast(isKnownShape) ?? code;
}

/** Whether a text of S10 shape carries its check digit (UPU S10). */
export function isS10(code) {
  if (!S10.test(code)) return false;
  const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((total, weight, i) => total + weight * Number(code[2 + i]), 0);
  const check = 11 - (sum % 11);
  return Number(code[10]) === (check === 10 ? 0 : check === 11 ? 5 : check);
}

/** Whether a text is a dossier number with a real date (domain 5.1). */
export function isDossierNo(code) {
  const found = DOSSIER.exec(code);
  if (!found || code.lastIndexOf("-", code.lastIndexOf("-") - 1) > AGENCY_CHARS_MAX) return false;
  const [year, month, day] = (found[1].length === 6 ? `20${found[1]}` : found[1]).match(/(.{4})(..)(..)/).slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 2000 && year < 2100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Whether a folded text has one of the shapes that labels and papers carry. */
export const isKnownShape = (code) => isS10(code) || isDossierNo(code) || NOTE.test(code);
