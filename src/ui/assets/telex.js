// Vietnamese input methods rewrite what a scanner types: Telex turns `AA4…` into `Â4…`, VNI turns `RA4…` into `RÃ…`.
// This finds every key sequence that the method could have turned into the text seen, and gives one back only when no
// other fits. It is loose on purpose where programs differ (spelling check on or off, where the tone stands, marks typed
// late): a sequence too many makes a text ambiguous, a sequence too few would make a wrong code.

import { fold, isKnownShape as anyKnownShape } from "./code.js";

// A tone key sets the tone of the syllable; a mark key changes one of its letters. The same key again undoes it and
// then stands in the text as itself.
const METHODS = [
  {
    tones: { S: 1, F: 2, R: 3, X: 4, J: 5, Z: 0 },
    marks: { A: { A: "^" }, E: { E: "^" }, O: { O: "^" }, W: { A: "(", O: "+", U: "+" }, D: { D: "-" } },
    loneHorn: "W",
    lostMax: 4,                // the lawful widths of a code leave no room for more
  },
  {
    tones: { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 0: 0 },
    marks: { 6: { A: "^", E: "^", O: "^" }, 7: { O: "+", U: "+" }, 8: { A: "(" }, 9: { D: "-" } },
    lostMax: 9,                // all the digits of an item number
  },
].map((method) => ({ ...method, keys: [...Object.keys(method.tones), ...Object.keys(method.marks).filter((key) => !(key in method.tones))] }));
const TONE_OF = { "\u0301": 1, "\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0323": 5 };
const MARK_OF = { "\u0302": "^", "\u0306": "(", "\u031B": "+" };
const NO_MARK = ".";
const LOST_MAX = Math.max(...METHODS.map((method) => method.lostMax));
const LOOK_ON = 2;             // a fit is alone when this many more lost keys bring no other
const STEPS_MAX = 200_000;     // bounds the search to a fraction of a second
const SHOWN_MAX = 12;
const VOWEL = /[AEIOUY]/;

/** Splits letters from their marks; null when they are no single Vietnamese syllable. */
function takeApart(letters) {
  let bases = "", marks = "", tone = 0;
  const mark = (m) => { marks = marks.slice(0, -1) + m; };
  for (const c of letters.replaceAll("Đ", "D-").normalize("NFD")) {
    if (c === "-") mark("-");
    else if (MARK_OF[c]) mark(MARK_OF[c]);
    else if (TONE_OF[c] && !tone) tone = TONE_OF[c];
    else if (/[A-Z]/.test(c)) { bases += c; marks += NO_MARK; }
    else return null;
  }
  return { bases, marks, tone };
}

/** The ways in which one mark key may change the letters typed so far: one letter, or U and O together. */
function marked(marks, bases, places) {
  const ways = [];
  for (let i = 0; i < marks.length; i += 1) {
    const wanted = places[bases[i]];
    if (!wanted || wanted === marks[i]) continue;
    ways.push(marks.slice(0, i) + wanted + marks.slice(i + 1));
    if (bases[i] === "U" && bases[i + 1] === "O" && i + 1 < marks.length) ways.push(`${marks.slice(0, i)}++${marks.slice(i + 2)}`);
  }
  return ways;
}

/** What the second press of a key leaves: the states before its first one. */
function unmarked(key, method, marks, bases, tone) {
  const states = [], places = method.marks[key];
  if (tone && method.tones[key] === tone) states.push([marks, 0]);
  const bare = places ? [...marks].map((m, i) => (m === places[bases[i]] ? NO_MARK : m)).join("") : marks;
  if (bare !== marks) states.push([bare, tone]);
  return states;
}

/**
 * Every key sequence that leaves this run of letters and `lost` keys fewer than were typed, with the number of
 * characters it takes from what follows: an undoing digit of VNI stands there as itself. `next` is that character.
 */
function sequences({ bases, marks: wanted, tone: toneWanted }, method, lost, next, budget) {
  const found = new Map(), lone = method.loneHorn, firstVowel = bases.search(VOWEL);
  function walk(raw, marks, tone, left, closed) {
    if (--budget.steps < 0) return;
    const at = marks.length;
    if (at < bases.length) {
      walk(raw + bases[at], marks + NO_MARK, tone, left, closed);
      if (lone && !closed && wanted[at] === "+" && bases[at] === "U") walk(raw + lone, `${marks}+`, tone, left, closed);
      if (lone && !closed && left && bases[at] === lone) walk(raw + lone + lone, marks + NO_MARK, tone, left - 1, true);
    } else if (left === 0 && marks === wanted && tone === toneWanted) found.set(raw, 0);
    if (closed || !at) return;
    for (const key of method.keys) {
      const newTone = method.tones[key], places = method.marks[key];
      if (left && newTone !== undefined && newTone !== tone && firstVowel >= 0 && firstVowel < at) walk(raw + key, marks, newTone, left - 1, false);
      if (left && places) for (const way of marked(marks, bases, places)) walk(raw + key, way, tone, left - 1, false);
      const inRun = bases[at] === key;
      if (!inRun && (at < bases.length || left || next !== key)) continue;
      for (const [bare, toneLeft] of unmarked(key, method, marks, bases, tone)) {
        if (inRun) walk(raw + key, bare + NO_MARK, toneLeft, left, true);
        else if (bare === wanted && toneLeft === toneWanted) found.set(raw + key, 1);
      }
    }
  }
  walk("", "", 0, lost, false);
  return found;
}

/** Calls `take` with every raw text that has exactly `lost` keys more than it shows, for one input method. */
function unfold(parts, method, lost, budget, take) {
  const memo = new Map();
  const options = (i, n) => {
    const key = i * 16 + n;
    if (!memo.has(key)) memo.set(key, [...sequences(parts[i].run, method, n, parts[i + 1]?.text[0] ?? "", budget)]);
    return memo.get(key);
  };
  function join(i, raw, left, eaten) {
    if (budget.steps < 0) return;
    if (i === parts.length) {
      if (left === 0) take(raw);
      return;
    }
    if (!parts[i].run) return join(i + 1, raw + parts[i].text.slice(eaten), left, 0);
    for (let n = 0; n <= left; n += 1) {
      for (const [keys, eats] of options(i, n)) { budget.steps -= 1; join(i + 1, raw + keys, left - n, eats); }
    }
  }
  join(0, "", lost, 0);
}

/**
 * What a scanner really typed, from what an input method left of it.
 * `rewritten`: the listener saw the method at work, so that even plain letters may hide a swallowed key.
 * Returns `{kind: "clean"|"repaired", code}` or `{kind: "ambiguous"|"hopeless", candidates}`.
 */
export function repair(seen, isKnownShape = anyKnownShape, { isExpected, rewritten = false } = {}) {
  const text = fold(seen);
  if (/^[ -~]*$/.test(text) && (!rewritten || isExpected?.(text))) return { kind: "clean", code: text };
  const parts = (text.match(/\p{L}+|[^\p{L}]+/gu) ?? []).map((part) => ({ text: part, run: /\p{L}/u.test(part) && takeApart(part) }));
  if (parts.some((part) => part.run === null)) return { kind: "hopeless", candidates: [] };

  const fits = new Map();      // code → how many keys it lost
  const budget = { steps: STEPS_MAX };
  const alone = () => {
    const all = [...fits.keys()], expected = isExpected ? all.filter(isExpected) : [];
    if (expected.length) return expected.length === 1 ? expected[0] : null;
    return all.length === 1 ? all[0] : null;
  };
  let searched = -1;           // every sequence with this many lost keys has been seen
  for (let lost = 0; lost <= LOST_MAX; lost += 1) {
    const take = (raw) => { if (!fits.has(raw) && (isKnownShape(raw) || isExpected?.(raw))) fits.set(raw, lost); };
    for (const method of METHODS) if (lost <= method.lostMax) unfold(parts, method, lost, budget, take);
    if (budget.steps < 0) break;
    searched = lost;
    const only = alone();
    if (only !== null && (!isExpected || isExpected(only)) && lost >= fits.get(only) + LOOK_ON) break;
    if (fits.size > 1 && !isExpected) break;
  }
  const only = alone();
  if (only !== null && searched >= Math.min(fits.get(only) + LOOK_ON, LOST_MAX)) {
    return { kind: only === text ? "clean" : "repaired", code: only };
  }
  if (fits.size) return { kind: "ambiguous", candidates: [...fits.keys()].sort((a, b) => Boolean(isExpected?.(b)) - Boolean(isExpected?.(a))).slice(0, SHOWN_MAX) };
  // Too many ways to look at is not the same as none.
  return { kind: searched < LOST_MAX ? "ambiguous" : "hopeless", candidates: [] };
}
