// A Vietnamese input method as programs of the field behave: Telex or VNI, marks at once or late, with or without a
// spelling check, the tone on one vowel or another. It knows nothing of `telex.js`; it only types.

const TELEX = { tones: { S: 1, F: 2, R: 3, X: 4, J: 5, Z: 0 }, marks: { A: { A: "^" }, E: { E: "^" }, O: { O: "^" }, D: { D: "-" }, W: { A: "(", O: "+", U: "+" } } };
const VNI = { tones: { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 0: 0 }, marks: { 6: { A: "^", E: "^", O: "^" }, 7: { O: "+", U: "+" }, 8: { A: "(" }, 9: { D: "-" } } };
const TONES = ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"];
const MARKS = { "": "", "^": "\u0302", "(": "\u0306", "+": "\u031B" };
const isVowel = (c) => "AEIOUY".includes(c);
const SYLLABLE = /^(?:NGH|NG|NH|CH|GH|GI|KH|PH|QU|TH|TR|[BCDGHKLMNPQRSTVX])?(?:[AEIOUY]|AI|AO|AU|AY|EO|IA|IE|IU|OA|OE|OI|UA|UE|UI|UO|UU|UY|YE|IEU|YEU|OAI|UOI|UAY)(?:NG|NH|CH|[CMNPT])?$/;

/** What stands in the field after `raw` was typed, and whether the method ever took a letter back. */
export function type(raw, { vni = false, free = true, spelling = false, restore = false, loneW = true, toneOn = "last" } = {}) {
  const { tones, marks } = vni ? VNI : TELEX;
  let out = "", rewritten = false, keys = "", letters = [], tone = 0, closed = false;
  const bases = () => letters.map((l) => l.base).join("");

  function word() {
    if (restore && rewritten && !SYLLABLE.test(bases())) return keys;
    const vowels = letters.map((l, i) => (isVowel(l.base) ? i : -1)).filter((i) => i >= 0);
    const marked = vowels.findLast((i) => letters[i].mark);
    const place = marked ?? (toneOn === "last" ? vowels.at(-1) : vowels[0]);
    return letters.map((l, i) => (l.mark === "-" ? "Đ" : l.base + MARKS[l.mark] + (i === place ? TONES[tone] : ""))).join("");
  }
  function end(literal) { out += word() + literal; keys = ""; letters = []; tone = 0; closed = false; }
  const plausible = () => !spelling || SYLLABLE.test(bases());

  /** "done", "undone", or null when the key means nothing here. */
  function applyTone(key) {
    const t = tones[key];
    if (t === undefined || !letters.some((l) => isVowel(l.base)) || !plausible() || (t === 0 && tone === 0)) return null;
    if (t === tone && t) { tone = 0; return "undone"; }
    tone = t;
    return "done";
  }
  function applyMark(key) {
    const places = marks[key];
    if (!places) return null;
    const from = free ? 0 : Math.max(0, letters.length - 1);
    for (let i = letters.length - 1; i >= from; i -= 1) {
      const l = letters[i], wanted = places[l.base];
      if (!wanted || (wanted !== "-" && !plausible())) continue;
      if (l.mark === wanted) { l.mark = ""; return "undone"; }
      l.mark = wanted;
      if (wanted === "+" && l.base === "O" && letters[i - 1]?.base === "U") letters[i - 1].mark = "+";
      return "done";
    }
    return null;
  }
  for (const key of raw) {
    const isLetter = /[A-Z]/.test(key);
    if (!isLetter && !(vni && /\d/.test(key))) { end(key); continue; }
    keys += key;
    const last = letters.at(-1);
    let did = closed ? null : applyTone(key) ?? applyMark(key);
    if (!closed && !did && key === "W" && !vni && loneW && !spelling) {
      letters.push({ base: "U", mark: "+", lone: true });
      rewritten = true;
      continue;
    }
    if (did) rewritten = true;
    if (did === "done") continue;
    if (did === "undone") closed = true;
    if (did === "undone" && key === "W" && last?.lone) { last.base = "W"; continue; }
    if (isLetter) letters.push({ base: key, mark: "" });
    else { keys = keys.slice(0, -1); end(key); }
  }
  end("");
  return { text: out.normalize("NFC"), rewritten };
}
