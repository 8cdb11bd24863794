// The self-test of a scanner: shows what arrived of a known code, and what to change when it is not the same.

import { fold } from "./code.js";
import { t } from "./i18n.js";
import * as sound from "./sound.js";
import { listen } from "./wedge.js";

const $ = (id) => document.getElementById(id);
const sample = $("test").dataset.sample;
const US = /^(?:Key([A-Z])|Digit(\d)|(Minus|Period))$/, OF_US = { Minus: "-", Period: "." };
let keys = [], typed = [];

// Keys are looked at beside the listener, which takes them out.
addEventListener("keydown", (e) => {
  if (keys.length && e.timeStamp - keys.at(-1).at > 500) keys = [];
  keys.push({ key: e.key, code: e.code, at: e.timeStamp });
  typed = keys;
}, true);

/** Whether the letters are where an American keyboard has them: scanners send key positions. */
function layoutOf(list) {
  const odd = list.find(({ key, code }) => {
    const at = US.exec(code);
    const wanted = at && (at[1]?.toLowerCase() ?? at[2] ?? OF_US[at[3]]);
    return wanted && key.length === 1 && /^[a-z0-9.-]$/i.test(key) && key.toLowerCase() !== wanted;
  });
  return odd ? t("Khác bàn phím Mỹ: phím {code} cho “{key}”", "Not American: key {code} gives “{key}”", odd) : t("Bàn phím Mỹ (US)", "American (US)");
}
function verdict(good, text) {
  $("verdict").className = good ? "note note-ok" : "note note-bad";
  $("verdict").lastElementChild.textContent = text;
  sound.play(good ? "ok" : "not");
}
function show(text, { raw = text, rewritten = false, repaired = false } = {}, garbled = false) {
  const list = typed.filter(({ key }) => key.length === 1), end = typed.at(-1)?.key;
  const ms = list.length > 1 ? (list.at(-1).at - list[0].at) / (list.length - 1) : 0;
  $("got-text").textContent = raw;
  $("got-end").textContent = end === "Enter" || end === "Tab" ? end : t("không có Enter hay Tab", "neither Enter nor Tab");
  $("got-speed").textContent = t("{ms} ms mỗi phím", "{ms} ms per key", { ms: Math.round(ms) });
  const touched = rewritten || repaired || garbled || /[^ -~]/.test(raw);
  $("got-ime").textContent = touched ? t("Đang bật và sửa chữ của máy quét", "On, and it changes what is scanned") : t("Không can thiệp", "Does not interfere");
  $("got-layout").textContent = layoutOf(typed);
  if (garbled) verdict(false, t("Bộ gõ làm sai mã, không khôi phục được. Chuyển bộ gõ sang tiếng Anh (E) khi quét.", "The input method spoiled the code beyond repair. Switch it to English for scanning."));
  else if (fold(text) !== sample) verdict(false, t("Mã đọc được khác mã in. Đặt máy quét về bàn phím Mỹ (US), bỏ tiền tố và hậu tố lạ.", "What arrived differs from the code. Set the scanner to a US keyboard, without prefix or odd suffix."));
  else if (touched) verdict(true, t("Đúng mã, nhưng bộ gõ tiếng Việt đang sửa chữ: nên chuyển sang tiếng Anh (E) khi quét.", "Right, though an input method interferes: switch it to English when you scan."));
  else verdict(true, t("Máy quét tốt: đúng mã, đúng kết thúc.", "The scanner is fine."));
  keys = [];
}
listen({ onScan: (code, meta) => show(code, meta), onGarbled: (text, meta) => show(text, meta, true), isExpected: (code) => code === sample });
$("test").dataset.ready = "";
