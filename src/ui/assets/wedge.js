// One listener for keyboard-wedge scanners, on the whole page: nothing needs the focus, and a field that has it gets
// its text back. A scanner is told from a person by speed alone. What an input method rewrote on the way is repaired
// where only one code fits (telex.js).

import { endsInLiteralSuffix, fold, isKnownShape as anyKnownShape } from "./code.js";
import { repair } from "./telex.js";

const GAP_MS = 100;            // keys further apart are not one burst
const TAIL_MS = 300;           // a slow scanner's Enter, after a burst no hand can type
const JOIN_MS = 700;           // a burst cut in two by a stall
const CHARS_MIN = 3;
const MACHINE_CHARS_MIN = 6;
const MACHINE_MS = 40;         // mean time between keys; 300 words a minute
const END = "\n", BACK = "\b";
const CODE_KEYS = { Minus: "-", NumpadSubtract: "-", Period: ".", NumpadDecimal: ".", Slash: "/", NumpadDivide: "/", Space: " ", Enter: END, NumpadEnter: END, Tab: END };

/** The character a key press stands for, `END`, `BACK`, or null. While an input method composes, only the physical key is true. */
function characterOf(e) {
  if (e.key === "Enter" || e.key === "Tab") return END;
  if (e.key === "Backspace" || (e.key === "ArrowLeft" && e.shiftKey)) return BACK;   // how input methods take letters back
  if (e.isComposing || e.keyCode === 229 || e.key === "Process") {
    return /^(?:Key[A-Z]|Digit\d|Numpad\d)$/.test(e.code) ? e.code.slice(-1) : CODE_KEYS[e.code] ?? null;
  }
  return [...(e.key ?? "")].length === 1 ? e.key : null;
}

const TEXTLESS = /^(?:button|checkbox|radio|submit|reset|image|file|range|color|hidden)$/;
function fieldOf(node) {
  if (!node?.tagName) return null;
  if (/^(?:TEXTAREA|SELECT)$/.test(node.tagName) || node.isContentEditable) return node;
  return node.tagName === "INPUT" && !TEXTLESS.test(node.type) ? node : null;
}

/** What a field holds before a burst reaches it: calling the result puts it back and tells the page. */
function keep(field) {
  if (!field || field.isContentEditable) return null;
  const { value, selectionStart, selectionEnd } = field;
  return () => {
    if (field.value === value) return;
    field.value = value;
    try { field.setSelectionRange(selectionStart, selectionEnd); } catch { /* numbers and dates have no caret to set */ }
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
}

const isMachine = (burst) => burst.typed >= MACHINE_CHARS_MIN && (burst.last - burst.first) / (burst.typed - 1) <= MACHINE_MS;

/**
 * Hears scans until the returned function is called. `onScan(code, meta)` gets a folded code, `onGarbled(text, meta)` a
 * text that an input method spoiled, with `meta.candidates`. A field inside `[data-wedge="field"]` keeps what is typed into it.
 */
export function listen({ onScan, onGarbled = () => {}, isExpected, isKnownShape = anyKnownShape, target = window }) {
  let burst = null, before = null, endedAt = -Infinity, giveBack = null, timer;

  function start(e, field) {
    giveBack = null;
    before = burst && burst.chars.length > 1 ? burst : null;
    const again = before && before.field === field && e.timeStamp - before.last < JOIN_MS;
    burst = { chars: [], typed: 0, first: e.timeStamp, last: e.timeStamp, rewritten: false, field, giveBack: again ? before.giveBack : keep(field) };
  }
  function textOf() {
    const own = burst.chars.join("");
    if (!before || burst.first - before.last >= JOIN_MS || isKnownShape(fold(own))) return { text: own, joined: false };
    const both = before.chars.join("") + own;
    const joined = isKnownShape(fold(both));
    return { text: joined ? both : own, joined };
  }
  function hand(text, meta) {
    const found = repair(text, isKnownShape, { isExpected, rewritten: meta.rewritten });
    if (found.code !== undefined) onScan(found.code, { ...meta, raw: text, repaired: found.kind === "repaired" });
    else onGarbled(fold(text), { ...meta, raw: text, kind: found.kind, candidates: found.candidates });
  }
  /** Ends the burst; true when it was a scan. */
  function finish(gap) {
    const whole = burst;
    clearTimeout(timer);
    if (!whole || whole.chars.length < CHARS_MIN) return false;
    const machine = isMachine(whole);
    if (gap >= (machine ? TAIL_MS : GAP_MS) || (whole.field && !machine)) return false;
    const { text, joined } = textOf();
    if (fold(text).length < CHARS_MIN) return false;
    giveBack = whole.giveBack;
    endedAt = whole.last + gap;
    giveBack?.();
    hand(text, { rewritten: whole.rewritten || (joined && before.rewritten), joined, inField: Boolean(whole.field) });
    return true;
  }
  const swallow = (e) => { e.preventDefault(); e.stopImmediatePropagation(); };

  function onEnd(e) {
    const gap = burst ? e.timeStamp - burst.last : Infinity;
    // The second half of CR LF must not press what the page has just focused.
    const trailing = !burst && e.timeStamp - endedAt < GAP_MS;
    const scanned = !trailing && finish(gap);
    if (scanned || trailing) swallow(e);
    if (trailing) endedAt = e.timeStamp;
    burst = before = null;
  }
  function onKey(e) {
    if (e.target?.closest?.('[data-wedge="field"]')) { burst = before = null; return; }
    if (e.repeat) { burst = null; return; }
    const inBurst = burst && e.timeStamp - burst.last < GAP_MS;
    if (e.ctrlKey || e.altKey || e.metaKey) {
      // Ctrl+J and Ctrl+M are line ends of some scanners; in a burst none may reach the browser's own shortcuts.
      if (!inBurst || burst.typed < CHARS_MIN || !e.key || e.key.length > 1) return;
      if (e.ctrlKey && /^[jm]$/i.test(e.key)) onEnd(e); else swallow(e);
      return;
    }
    const c = characterOf(e);
    if (c === null) return;
    if (c === END) return onEnd(e);
    if (c === BACK) {
      if (inBurst) { burst.chars.pop(); burst.rewritten = true; burst.last = e.timeStamp; } else burst = null;
      return;
    }
    const field = fieldOf(e.target);
    if (!inBurst || burst.field !== field) start(e, field);
    burst.chars.push(c);
    burst.typed += 1;
    burst.last = e.timeStamp;
    if (!field && burst.typed > 1) e.preventDefault();       // no space may press a focused button
    clearTimeout(timer);
    if (endsInLiteralSuffix(burst.chars.join(""))) timer = setTimeout(() => { if (finish(0)) burst = before = null; }, GAP_MS);
  }
  // Scanner programs that are keyboards themselves put the whole code in at once.
  function onInsert(e) {
    if (e.inputType !== "insertText" || (e.data?.length ?? 0) < MACHINE_CHARS_MIN) return;
    if (e.target?.closest?.('[data-wedge="field"]')) return;
    const code = fold(e.data);
    if (!isKnownShape(code)) return;
    swallow(e);
    onScan(code, { raw: e.data, rewritten: false, repaired: false, joined: false, inField: true });
  }
  // An input method that was still composing writes its text once more after the burst was taken out.
  const onLate = (e) => { if (e.timeStamp - endedAt < TAIL_MS) giveBack?.(); };

  const heard = { keydown: onKey, beforeinput: onInsert, input: onLate, compositionend: onLate };
  for (const [kind, hear] of Object.entries(heard)) target.addEventListener(kind, hear, { capture: true });
  return () => {
    clearTimeout(timer);
    for (const [kind, hear] of Object.entries(heard)) target.removeEventListener(kind, hear, { capture: true });
  };
}
