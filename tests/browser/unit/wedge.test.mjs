// The wedge listener with synthetic key presses: what is a scan, what is a person, and what an input method did between.

import assert from "node:assert/strict";
import { test } from "node:test";
import { listen } from "../../../src/ui/assets/wedge.js";

const CODE = "000.00.12.H98-261119-0026";

class Node extends EventTarget {
  constructor(parts = {}) { super(); Object.assign(this, { tagName: "BODY" }, parts); }
  closest(selector) { return selector === '[data-wedge="field"]' && this.own ? this : null; }
  setSelectionRange(from, to) { this.selectionStart = from; this.selectionEnd = to; }
}
const field = (value, more = {}) => new Node({ tagName: "INPUT", type: "text", value, selectionStart: value.length, selectionEnd: value.length, ...more });

function desk(options = {}) {
  const heard = [], garbled = [], page = new EventTarget();
  let now = 1000, on = new Node();
  const stop = listen({ target: page, onScan: (code, meta) => heard.push({ code, ...meta }), onGarbled: (text, meta) => garbled.push({ text, ...meta }), ...options });
  const send = (kind, more, wait) => {
    now += wait;
    const e = new Event(kind, { cancelable: true });
    for (const [name, value] of Object.entries({ target: on, timeStamp: now, ...more })) Object.defineProperty(e, name, { value });
    page.dispatchEvent(e);
    return e;
  };
  const key = (k, wait = 8, more = {}) => {
    const e = send("keydown", { key: k, code: "", ...more }, wait);
    if (!e.defaultPrevented && k.length === 1 && "value" in on) on.value += k;       // what a browser would do
    return e;
  };
  return { heard, garbled, stop, key, send, type: (text, wait) => [...text].map((c) => key(c, wait)), focus: (node) => { on = node; return node; }, wait: (ms) => { now += ms; } };
}

test("a burst ended by Enter or Tab is a scan, with nothing focused", () => {
  for (const end of ["Enter", "Tab"]) {
    const d = desk();
    d.type(CODE.toLowerCase());
    assert.ok(d.key(end).defaultPrevented, "the ending key presses nothing");
    assert.equal(d.heard[0].code, CODE);
    assert.equal(d.heard[0].repaired, false);
  }
});

test("suffixes, group separators and dashes", () => {
  const d = desk();
  d.type("\u001d000.00.12.H98–261119—0026\\n");
  d.key("Enter");
  assert.equal(d.heard[0].code, CODE);
});

test("a literal suffix alone ends a scan too", async () => {
  const d = desk();
  d.type(`${CODE}\\n`);
  await new Promise((done) => setTimeout(done, 150));
  assert.deepEqual(d.heard.map((h) => h.code), [CODE]);
});

test("slow keys, short bursts and held keys are no scan", () => {
  const d = desk();
  d.type("abcdef", 150); assert.ok(!d.key("Enter", 150).defaultPrevented);
  d.type("ab"); d.key("Enter");
  for (let i = 0; i < 9; i += 1) d.key("a", 30, { repeat: true });
  assert.ok(!d.key("Enter", 30).defaultPrevented);
  assert.deepEqual(d.heard, []);
});

test("the second half of CR LF presses nothing", () => {
  const d = desk();
  d.type(CODE); d.key("Enter");
  assert.ok(d.key("Enter", 5).defaultPrevented);
  assert.equal(d.heard.length, 1);
  assert.ok(!d.key("Enter", 500).defaultPrevented, "a person's Enter later works");
});

test("a slow scanner's Enter still belongs to its burst", () => {
  const d = desk();
  d.type(CODE);
  assert.ok(d.key("Enter", 200).defaultPrevented);
  assert.equal(d.heard[0].code, CODE);
});

test("shortcuts are dropped, and within a burst kept from the browser", () => {
  const d = desk();
  assert.ok(!d.key("z", 8, { ctrlKey: true }).defaultPrevented);
  d.type(CODE);
  assert.ok(d.key("]", 8, { ctrlKey: true }).defaultPrevented);
  assert.ok(d.key("j", 8, { ctrlKey: true }).defaultPrevented, "Ctrl+J is a line feed");
  assert.equal(d.heard[0].code, CODE);
});

test("a code cut in two is put together when only the whole is one", () => {
  const d = desk();
  d.type(CODE.slice(0, 14)); d.wait(250); d.type(CODE.slice(14)); d.key("Enter");
  assert.deepEqual(d.heard.map((h) => [h.code, h.joined]), [[CODE, true]]);
  d.type("RR473124829VN"); d.wait(250); d.type("EE123456785VN"); d.key("Enter");
  assert.equal(d.heard[1].code, "EE123456785VN");
});

test("a person's typing in a field is left alone", () => {
  const d = desk(), input = d.focus(field("Đã "));
  d.type("nhan du ho so", 70);
  assert.ok(!d.key("Enter", 70).defaultPrevented);
  assert.equal(input.value, "Đã nhan du ho so");
  assert.deepEqual(d.heard, []);
});

test("a machine's burst is taken out of a field again and the page is told", () => {
  const d = desk(), input = d.focus(field("Ghi chú"));
  let told = 0;
  input.addEventListener("input", () => { told += 1; });
  d.type(CODE); 
  assert.ok(d.key("Enter").defaultPrevented);
  assert.equal(input.value, "Ghi chú");
  assert.equal(told, 1);
  assert.deepEqual(d.heard.map((h) => [h.code, h.inField]), [[CODE, true]]);
});

test("a field of its own keeps what is scanned into it", () => {
  const d = desk(), input = d.focus(field("", { own: true }));
  d.type(CODE);
  assert.ok(!d.key("Enter").defaultPrevented);
  assert.equal(input.value, CODE);
  assert.deepEqual(d.heard, []);
});

test("letters that an input method takes back and writes anew", () => {
  const d = desk();
  d.type("EE"); d.key("Backspace", 1); d.key("Backspace", 1); d.key("Ê", 1); d.type("123456785VN"); d.key("Enter");
  assert.deepEqual(d.heard.map((h) => [h.code, h.repaired]), [["EE123456785VN", true]]);
  d.wait(1000);
  d.type("RA"); d.key("Backspace", 1); d.key("Ả", 1); d.key("Backspace", 1); d.key("Ẹ", 1); d.type("75VN"); d.key("Enter");
  assert.equal(d.heard.length, 1);
  assert.equal(d.garbled.length, 1);
});

test("while an input method composes, the physical keys tell the code", () => {
  const d = desk();
  d.focus(field(""));
  for (const c of "EE123456785VN") d.key("Process", 8, { keyCode: 229, isComposing: true, code: /\d/.test(c) ? `Digit${c}` : `Key${c}` });
  d.key("Enter", 8, { isComposing: true });
  assert.deepEqual(d.heard.map((h) => [h.code, h.repaired]), [["EE123456785VN", false]]);
});

test("text composed after the burst was taken out goes too", async () => {
  const d = desk(), input = d.focus(field(""));
  d.type(CODE); d.key("Enter");
  input.value = "Â26";
  d.send("compositionend", {}, 20);
  await null;
  assert.equal(input.value, "");
});

test("a whole code put in at once by a scanning keyboard", () => {
  const d = desk();
  d.focus(field(""));
  assert.ok(d.send("beforeinput", { inputType: "insertText", data: CODE }, 10).defaultPrevented);
  assert.ok(!d.send("beforeinput", { inputType: "insertText", data: "Nguyễn Thị Hạnh" }, 10).defaultPrevented);
  assert.deepEqual(d.heard.map((h) => h.code), [CODE]);
});

test("the expected list settles what shapes leave open", () => {
  const d = desk({ isExpected: (c) => c === "000.A1.01.H26-210212-9090" });
  d.type("000.A"); d.key("Backspace", 1); d.key("Á", 1); d.type(".01.H26-210212-9090"); d.key("Enter");
  assert.deepEqual(d.heard.map((h) => h.code), ["000.A1.01.H26-210212-9090"]);
});

test("stopped, it hears nothing", () => {
  const d = desk();
  d.stop();
  d.type(CODE); d.key("Enter");
  assert.deepEqual(d.heard, []);
});
