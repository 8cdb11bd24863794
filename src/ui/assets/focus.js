// Keyboard ways that every page shares: Ctrl+K, Ctrl+Enter, Esc, Ctrl+Z; steppers and tab lists. No single letters, they
// collide with scanners and with WCAG 2.1.4.

const isTyping = (node) => Boolean(node?.closest?.('input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable=""], [contenteditable=true]'));
const isShown = (node) => Boolean(node?.getClientRects().length);

function search() {
  const field = [...document.querySelectorAll('[role="search"] input')].find(isShown);
  if (field) { field.focus(); field.select(); } else document.querySelector("a[data-search]")?.click();
}
/** Presses the page's main button; one that is not ready gets the focus, so that its reason is read out. */
function main() {
  const button = [...document.querySelectorAll(".btn-main")].findLast(isShown);
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") button.focus(); else button.click();
}
/** Closes the innermost open thing: a `details[data-esc]`, or whatever holds a shown `[data-close]` button. */
function close() {
  const inside = document.activeElement?.closest?.("details[data-esc][open]");
  const open = inside ?? [...document.querySelectorAll("details[data-esc][open]")].at(-1);
  if (open) { open.open = false; open.querySelector("summary")?.focus(); return true; }
  const button = [...document.querySelectorAll("[data-close]")].findLast(isShown);
  button?.click();
  return Boolean(button);
}

/** Hears the shared keys; `undo` takes back the last act of the page (Ctrl+Z outside fields). Returns a stop function. */
export function keys({ undo } = {}) {
  const hear = (e) => {
    if (e.isComposing || e.altKey || e.repeat) return;
    const ctrl = e.ctrlKey || e.metaKey, key = e.key.toLowerCase();
    const act = ctrl && key === "k" ? search
      : ctrl && key === "enter" ? main
      : ctrl && key === "z" && !e.shiftKey && undo && !isTyping(e.target) ? undo
      : !ctrl && key === "escape" ? close : null;
    if (act && act() !== false) e.preventDefault();
  };
  addEventListener("keydown", hear);
  // A button that is not ready yet keeps its place in the order of focus, and does nothing.
  const notReady = (e) => { if (e.target.closest?.('[aria-disabled="true"]')) { e.preventDefault(); e.stopImmediatePropagation(); } };
  addEventListener("click", notReady, true);
  return () => { removeEventListener("keydown", hear); removeEventListener("click", notReady, true); };
}

/** Steppers `.count` (− field +) below `root`: buttons and arrow keys, never below `min` or above `max`; tells by `input`. */
export function steppers(root = document) {
  const step = (field, by) => {
    const least = Number(field.min || 0), most = field.max === "" || field.max === undefined ? Infinity : Number(field.max);
    const next = Math.min(most, Math.max(least, (Number(field.value) || 0) + by));
    if (field.readOnly || field.disabled || String(next) === field.value) return;
    field.value = next;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  root.addEventListener("click", (e) => {
    const button = e.target.closest(".count button"), field = button?.parentElement.querySelector("input");
    if (field) step(field, button.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
  });
  root.addEventListener("keydown", (e) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[e.key];
    if (!by || !e.target.matches?.(".count input")) return;
    e.preventDefault();
    step(e.target, by);
  });
}

/** Tab lists below `root`: click, arrows, Home and End; panels follow `aria-controls`. Tells by `tab` on the list. */
export function tabs(root = document) {
  for (const list of root.querySelectorAll('[role="tablist"]')) {
    const all = [...list.querySelectorAll('[role="tab"]')];
    const pick = (tab) => {
      for (const other of all) {
        const on = other === tab;
        other.setAttribute("aria-selected", String(on));
        other.tabIndex = on ? 0 : -1;
        const panel = document.getElementById(other.getAttribute("aria-controls"));
        if (panel) panel.hidden = !on;
      }
      list.dispatchEvent(new CustomEvent("tab", { bubbles: true, detail: tab.id }));
    };
    list.addEventListener("click", (e) => { const tab = e.target.closest('[role="tab"]'); if (tab) pick(tab); });
    list.addEventListener("keydown", (e) => {
      const at = all.indexOf(e.target.closest('[role="tab"]')), end = all.length - 1;
      const to = { ArrowRight: at === end ? 0 : at + 1, ArrowLeft: at === 0 ? end : at - 1, Home: 0, End: end }[e.key];
      if (at < 0 || to === undefined) return;
      e.preventDefault();
      pick(all[to]);
      all[to].focus();
    });
  }
}

/** All of it, for a page that wants nothing special. */
export function start(options) {
  steppers();
  tabs();
  return keys(options);
}
