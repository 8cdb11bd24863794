// A keyboard-wedge scanner: keys as fast as it sends them, whatever has the focus, ended by Enter.

const GAP_MS = 4;
const KEYS = { "-": "Minus", ".": "Period", "/": "Slash", " ": "Space" };

/** Types a code as a scanner does; `end` is the key after it, Enter or Tab. */
export async function scan(page, code, { end = "Enter", gapMs = GAP_MS } = {}) {
  for (const character of code) {
    await page.keyboard.press(/^[A-Z]$/.test(character) ? `Shift+Key${character}` : KEYS[character] ?? character, { delay: 0 });
    if (gapMs > 0) await new Promise((done) => setTimeout(done, gapMs));
  }
  await page.keyboard.press(end);
}

/** Types as a person does: slow enough that nobody takes it for a scanner. */
export const type = (page, text) => page.keyboard.type(text, { delay: 60 });
