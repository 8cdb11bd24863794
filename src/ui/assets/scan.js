// One session of scanning. The device answers from the list it has, after the scan is on its disk; the server hears of it when
// there is a line, and what it knows better (another device was quicker, another office's code) is shown then.

import * as camera from "./camera.js";
import { fold, isKnownShape } from "./code.js";
import { t } from "./i18n.js";
import * as outbox from "./outbox.js";
import * as sound from "./sound.js";
import * as store from "./store.js";
import { listen } from "./wedge.js";

const SHOWN_MAX = 200;         // rows of a list on the page; counts are always of all
const TICKS_MAX = 160;
const $ = (id) => document.getElementById(id);
const root = $("scan"), card = $("last"), person = document.documentElement.dataset.person ?? "";
const data = JSON.parse($("data").textContent);
const session = data.session, purpose = root.dataset.purpose, closed = "closed" in root.dataset;
const WORDS = {
  OK: purpose === "ROUND" ? t("Đúng, đã giao", "Right, given") : t("Đúng, đã ghi", "Right, recorded"),
  AGAIN: t("Đã quét rồi", "Scanned before"),
  NOT: purpose === "HANDOVER_OUT" || purpose === "COLLECT" ? t("Không có trên bảng kê", "Not on the list") : t("Không có trên danh sách", "Not on the list"),
  WRONG: t("Nhầm nơi nhận", "Wrong place"),
};

// ---- the list ----
const legs = data.legs.map(([begin, rest, item, note, procedure, originals, copies, seal]) => ({
  dossier: data.begins[begin] + rest, item, note, procedure: data.procedures[procedure], originals, copies, seal, entry: null,
}));
const byCode = new Map(), elsewhere = new Map();
legs.forEach((leg) => { for (const code of [leg.note, leg.item, leg.dossier]) if (code) byCode.set(code.toUpperCase(), leg); });
for (const [place, begin, rest, item, note] of data.others) {
  for (const code of [note, item, data.begins[begin] + rest]) if (code && !byCode.has(code.toUpperCase())) elsewhere.set(code.toUpperCase(), data.places[place]);
}
const codeOf = (leg) => leg.dossier || leg.note || leg.item;
const papersOf = (leg) => t("{o} bản chính, {c} bản sao", "{o} originals, {c} copies", { o: leg.originals, c: leg.copies });
const shortPapers = (leg) => t("{o} chính, {c} sao", "{o} orig., {c} cop.", { o: leg.originals, c: leg.copies });

// ---- what was scanned: entries in order, each {id, code, out, leg, at, place, undone, who, sent, refused} ----
const entries = [], byId = new Map();
let done = 0, aside = 0;
const clock = (ms) => new Date(ms).toLocaleTimeString("vi-VN", { hour12: false });

function take(entry) {
  entries.push(entry);
  byId.set(entry.id, entry);
  if (entry.out === "OK" && entry.leg) { entry.leg.entry = entry; done += 1; }
  if (entry.out === "NOT" || entry.out === "WRONG") aside += 1;
  return entry;
}
function withdraw(entry) {
  if (entry.undone) return;
  entry.undone = true;
  if (entry.out === "OK" && entry.leg?.entry === entry) { entry.leg.entry = null; done -= 1; }
  if (entry.out === "NOT" || entry.out === "WRONG") aside -= 1;
}
function judge(code) {
  const leg = byCode.get(code);
  if (leg?.entry) return { out: "AGAIN", leg, first: leg.entry.at };
  if (leg) return { out: "OK", leg };
  const place = elsewhere.get(code);
  return place ? { out: "WRONG", place } : { out: "NOT" };
}
function whatOf({ out, leg, place, first }) {
  if (out === "OK" && leg) return [leg.procedure, leg.seal ? t("Niêm phong {n}", "Seal {n}", { n: leg.seal }) : ""];
  if (out === "AGAIN") return [first ? t("Đã ghi lúc {at}, không ghi lần hai.", "Recorded at {at}; not recorded twice.", { at: clock(first) }) : t("Máy khác đã quét; không ghi lần hai.", "Another device was quicker; not recorded twice."), ""];
  if (out === "WRONG") return [t("Thuộc {place}. Để riêng.", "It belongs to {place}. Put it aside.", { place }), ""];
  return [t("Không có trên danh sách nào của bưu cục. Để riêng.", "On no list of this office. Put it aside."), ""];
}

// ---- drawing ----
const make = (tag, className, ...children) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
};
const icon = (name) => document.querySelector(`#icons [data-icon="${name}"]`).firstElementChild.cloneNode(true);
function split(code) {
  const cut = code.lastIndexOf("-") + 1;
  return cut ? [code.slice(0, cut), code.slice(cut)] : code.length > 6 ? [code.slice(0, -6), code.slice(-6)] : ["", code];
}
function coded(code) {
  const [begin, rest] = split(code);
  return make("span", "code", make("span", "c-pre", begin), make("b", "", rest));
}
function show(out, verdict, code, lines, iconName = out) {
  const [begin, rest] = split(code);
  const what = make("p", "scan-what", lines[0] ?? "");
  if (lines[2]) what.append(" · ", make("b", "", lines[2]));
  if (lines[1]) what.append(document.createElement("br"), lines[1]);
  const seq = make("p", "scan-seq", make("small", "", begin || "\u00a0"), rest);
  seq.classList.toggle("scan-seq-long", rest.length > 8);
  card.dataset.out = out.toLowerCase();
  card.replaceChildren(make("p", "scan-verdict", icon(iconName), make("span", "", verdict)), seq, what);
  card.classList.remove("flash");
  requestAnimationFrame(() => card.classList.add("flash"));
}
function showEntry(entry) {
  const lines = whatOf(entry);
  if (entry.out === "OK") lines[2] = papersOf(entry.leg);
  show(entry.out, WORDS[entry.out], entry.code, lines);
}
function rowOf(entry) {
  const mark = entry.undone ? "UNDO" : entry.out;
  const small = make("small", "f-name", entry.out === "OK" && entry.leg ? `${entry.leg.procedure} · ${shortPapers(entry.leg)}` : whatOf(entry)[0]);
  const box = make("div", "", coded(entry.code), small);
  if (entry.undone) box.append(make("small", "", entry.undoneBy ? t("Đã hoàn tác. Người khai: {who}", "Taken back by {who}", { who: entry.undoneBy }) : t("Đã hoàn tác, lượt quét vẫn còn trong sổ", "Taken back; the scan stays in the book")));
  if (entry.refused) box.append(make("small", "", t("Chưa nhận: {why}", "Refused: {why}", { why: entry.refused })));
  const time = make("time", "", clock(entry.at));
  if (!entry.sent) time.append(document.createElement("br"), t("chưa gửi", "unsent"));
  const row = make("li", entry.undone ? "undone" : "", make("span", `f-${mark.toLowerCase()}`, icon(mark)), box, time);
  entry.row = row;
  return row;
}
const redraw = (entry) => { const old = entry.row; if (old?.isConnected) old.replaceWith(rowOf(entry)); };
const more = (id, all) => {
  $(id).hidden = all <= SHOWN_MAX;
  $(id).textContent = t("Còn {n} dòng nữa.", "{n} more lines.", { n: all - SHOWN_MAX });
};

const perTick = Math.max(1, Math.ceil(legs.length / TICKS_MAX)), tickCount = Math.ceil(legs.length / perTick);
$("ticks").append(...Array.from({ length: tickCount }, () => make("i")));
function paintTicks() {
  const full = Math.floor(done / perTick), nodes = $("ticks").children;
  for (let i = 0; i < nodes.length; i += 1) {
    const kind = i < full ? (i === full - 1 && perTick === 1 ? "t-now" : "t-ok") : i === full && done % perTick ? "t-now" : "";
    if (nodes[i].className !== kind) nodes[i].className = kind;
  }
  $("ticks").setAttribute("aria-label", t("{n} trên {all} hồ sơ đã quét", "{n} of {all} dossiers scanned", { n: done, all: legs.length }));
}
function paint() {
  const put = (id, value) => { if ($(id).textContent !== String(value)) $(id).textContent = value; };
  for (const id of ["n-done", "c-done"]) put(id, done);
  for (const id of ["n-left", "c-left"]) put(id, legs.length - done);
  for (const id of ["n-out", "c-out"]) put(id, aside);
  $("c-out").classList.toggle("cnt-quiet", aside === 0);
  $("undo").setAttribute("aria-disabled", String(!lastStanding()));
  paintTicks();
}
function prepend(entry) {
  $("feed").prepend(rowOf(entry));
  while ($("feed").children.length > SHOWN_MAX) $("feed").lastElementChild.remove();
  more("feed-more", entries.length);
}
function paintFeed() {
  $("feed").replaceChildren(...entries.slice(-SHOWN_MAX).reverse().map(rowOf));
  more("feed-more", entries.length);
}
function paintLeft() {
  const left = legs.filter((leg) => !leg.entry);
  $("left").replaceChildren(...left.slice(0, SHOWN_MAX).map((leg) => make("li", "", make("span", "f-undo", icon("LEFT")),
    make("div", "", coded(codeOf(leg)), make("small", "", `${leg.procedure} · ${shortPapers(leg)}`)), make("time"))));
  more("left-more", left.length);
}
function paintOut() {
  const out = entries.filter((entry) => !entry.undone && (entry.out === "NOT" || entry.out === "WRONG")).reverse();
  $("out").replaceChildren(...out.slice(0, SHOWN_MAX).map((entry) => make("li", "", make("span", `f-${entry.out.toLowerCase()}`, icon(entry.out)),
    make("div", "", coded(entry.code), make("small", "", whatOf(entry)[0])), make("time", "", clock(entry.at)))));
}
const lists = { "t-left": paintLeft, "t-out": paintOut };
document.querySelector(".tabs").addEventListener("tab", (e) => lists[e.detail]?.());
const paintOpenList = () => lists[document.querySelector('.tabs [aria-selected="true"]').id]?.();

// ---- scanning ----
const logId = (id) => `scan:${person}:${session}:${id}`;
const remember = (entry) => store.put("lists", {
  id: logId(entry.id), person, session, scan: entry.id, code: entry.code, out: entry.out, at: entry.at, place: entry.place ?? null, undoes: entry.undoes ?? null,
}).catch(() => {});

let line = Promise.resolve();
/** One after the other, so that the same code twice in a blink is once. */
const inOrder = (work) => { line = line.then(work).catch(unsaved); return line; };
function unsaved() {
  sound.play("not");
  show("NOT", t("Chưa lưu được", "Not saved"), "", [t("Máy không ghi được lượt quét này (bộ nhớ đầy?). Hãy quét lại.", "The device could not keep this scan (disk full?). Scan it again.")]);
}

async function scan(code) {
  const found = judge(code), id = outbox.newId(), at = new Date();
  await outbox.add({ kind: "SCAN", body: { session, code }, id, at: outbox.isoLocal(at) });
  const entry = take({ id, code, at: at.getTime(), ...found });
  showEntry(entry);
  prepend(entry);
  paint();
  sound.play(entry.out.toLowerCase());
  performance.mark("scan-shown", { detail: id });
  paintOpenList();
  remember(entry);
}
const lastStanding = () => entries.findLast((entry) => !entry.undone);

async function undo() {
  const entry = lastStanding();
  if (!entry) return;
  const id = outbox.newId();
  await outbox.add({ kind: "UNDO", body: { session, undoes: entry.id, reason: t("quét nhầm", "scanned by mistake") }, id });
  withdraw(entry);
  redraw(entry);
  show("IDLE", t("Đã hoàn tác", "Taken back"), entry.code, [t("Ghi thành một dòng đính chính; lượt quét cũ vẫn còn.", "Recorded as a correction; the scan itself stays.")], "UNDO");
  paint();
  paintOpenList();
  remember({ id, code: entry.code, out: "UNDO", at: Date.now(), undoes: entry.id });
  card.focus();              // a scanner's Enter must never press a button left in focus
}

function garbled(text, { candidates = [] }) {
  sound.play("not");
  show("IDLE", t("Bộ gõ làm sai mã", "The input method spoiled it"), "", [
    t("Đọc được “{text}”. Chuyển bộ gõ sang tiếng Anh (E) rồi quét lại, hoặc bấm Gõ mã.", "“{text}” arrived. Switch the input method to English and scan again, or type it.", { text: text.slice(0, 40) }),
    candidates.length > 1 ? t("Có thể là: {list}", "It may be: {list}", { list: candidates.slice(0, 2).join(", ") }) : "",
  ], "GARBLED");
}

// ---- what the server says ----
outbox.on("taken", ({ id, result }) => {
  const entry = byId.get(id);
  if (!entry) return;
  entry.sent = true;
  if (result?.outcome && result.outcome !== entry.out && !entry.undone) mend(entry, result);
  redraw(entry);
});
function mend(entry, result) {
  withdraw(entry);
  entry.undone = false;
  entry.out = result.outcome;
  entry.first = result.first_at_us ? result.first_at_us / 1000 : undefined;
  if (result.place) entry.place = result.place[0] === "AGENCY" ? data.agencies[result.place[1]] ?? result.place[1] : t("bưu cục {code}", "post office {code}", { code: result.place[1] });
  if (entry.out === "NOT" || entry.out === "WRONG") aside += 1;
  if (entry.out === "OK") { entry.leg ??= byCode.get(entry.code); if (entry.leg) { entry.leg.entry = entry; done += 1; } }
  if (entry === entries.at(-1)) { showEntry(entry); sound.play(entry.out.toLowerCase()); }
  remember(entry);
  paint();
  paintOpenList();
}
outbox.on("refused", (act) => {
  const entry = byId.get(act.id), why = act.problems?.[0]?.text ?? t("không đọc được", "it cannot be read");
  if (entry) { entry.refused = why; redraw(entry); }
  if (act.body?.session !== session) return;
  $("refused").hidden = false;
  $("refused").lastElementChild.textContent = t("Một lượt quét chưa được nhận: {why}", "A scan was refused: {why}", { why });
});
outbox.on("signed-out", () => { $("signed-out").hidden = false; });
let waiting = 0;
outbox.on("change", (counts) => {
  waiting = counts.unsent;
  if (counts.state === "idle") $("signed-out").hidden = true;
  const close = $("close");
  if (!close) return;
  close.setAttribute("aria-disabled", String(waiting > 0));
  $("bar-t").textContent = waiting ? t("Còn {n} lượt quét chưa gửi, chưa chốt được.", "{n} scans are unsent; the session cannot be closed yet.", { n: waiting })
    : t("Máy quét sẵn sàng: không cần bấm vào ô nào.", "The scanner is ready: no field needs the focus.");
});

// ---- ways in ----
const hear = (code) => inOrder(() => scan(code));
const isExpected = (code) => byCode.has(code) || elsewhere.has(code);
listen({ onScan: hear, onGarbled: garbled, isExpected, isKnownShape: (code) => isKnownShape(code) || isExpected(code) });
$("undo").addEventListener("click", () => inOrder(undo));
addEventListener("keydown", (e) => {
  if (!(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || e.key.toLowerCase() !== "z" || e.target.closest?.("input, textarea")) return;
  e.preventDefault();
  inOrder(undo);
});
$("type").addEventListener("click", () => {
  $("typed").hidden = !$("typed").hidden;
  $("type").setAttribute("aria-expanded", String(!$("typed").hidden));
  if (!$("typed").hidden) $("code").focus();
});
$("typed").addEventListener("submit", (e) => {
  e.preventDefault();
  const code = fold($("code").value);
  $("code-e").hidden = Boolean(code);
  if (!code) { $("code").setAttribute("aria-invalid", "true"); $("code").focus(); return; }
  $("code").removeAttribute("aria-invalid");
  $("code").value = "";
  hear(code);
});
const quiet = () => {
  const off = sound.isMuted();
  $("mute").setAttribute("aria-pressed", String(off));
  $("mute").lastElementChild.textContent = off ? t("Âm báo đang tắt", "Sound is off") : t("Âm báo đang bật", "Sound is on");
};
$("mute").addEventListener("click", () => { sound.mute(!sound.isMuted()); quiet(); card.focus(); });
quiet();

let eye = null;
const blind = (text) => show("IDLE", t("Chưa đọc được mã", "No code was read"), "", [text], "IDLE");
camera.photo($("photo"), {
  onCode: hear,
  onNone: () => blind(t("Chụp gần hơn, đủ sáng, thấy trọn mã.", "Take it closer, in good light, with the whole code in sight.")),
  onFail: () => blind(t("Không có mạng để đọc ảnh. Hãy bấm Gõ mã.", "There is no line to read the photo. Type the code.")),
});
$("camera").addEventListener("click", async () => {
  if (!(await camera.isLive())) return $("photo").click();
  $("live").hidden = false;
  try { eye = await camera.start($("video"), { onCode: hear }); } catch { $("live").hidden = true; $("photo").click(); }
});
$("live-off").addEventListener("click", () => { eye?.stop(); eye = null; $("live").hidden = true; card.focus(); });

// ---- what is known already: the server's scans, this device's log, and what waits to be sent ----
function known({ id, code, out, at, place, undoes, sent, leg, who }) {
  if (byId.has(id)) { if (sent) byId.get(id).sent = true; return; }
  if (out === "UNDO") {
    const undone = byId.get(undoes);
    if (undone) { withdraw(undone); undone.undoneBy = who; }
    return;
  }
  const entry = { id, code, out, at, place, sent, who, leg: leg ?? byCode.get(code) };
  if (out === "OK" && entry.leg?.entry) entry.out = "AGAIN";
  take(entry);
}
async function begin() {
  for (const [id, code, out, leg, ms, undoes, who] of data.scans) known({ id, code, out, at: ms, undoes, who, sent: true, leg: legs[leg], place: elsewhere.get(code) });
  const told = new Set(data.scans.map((row) => row[0]));
  const own = await store.read("lists", (s) => store.answer(s.getAll(IDBKeyRange.bound(logId(""), logId("\uffff"))))).catch(() => []);
  const unsent = (await outbox.unsent().catch(() => [])).filter((act) => act.body?.session === session);
  const waits = new Set(unsent.map((act) => act.id));
  const late = own.filter((row) => !told.has(row.scan)).map((row) => ({ ...row, id: row.scan, sent: !waits.has(row.scan) }));
  const logged = new Set(own.map((row) => row.scan));
  // The page died between the queue and the log: the queue knows.
  for (const act of unsent.filter((act) => !logged.has(act.id))) {
    const at = Date.parse(act.at);
    if (act.kind === "UNDO") late.push({ id: act.id, out: "UNDO", undoes: act.body.undoes, at });
    if (act.kind === "SCAN") late.push({ id: act.id, code: act.body.code, at, ...judge(act.body.code) });
  }
  late.sort((a, b) => a.at - b.at).forEach(known);
  store.del("lists", ...own.filter((row) => told.has(row.scan)).map((row) => row.id)).catch(() => {});
  show("IDLE", closed ? t("Phiên đã chốt", "Closed") : t("Sẵn sàng", "Ready"), "", [closed ? t("Lượt quét thêm vẫn được ghi, không vào biên bản đã mở.", "Further scans are recorded, but not on the record that was opened.") : t("Quét hồ sơ đầu tiên.", "Scan the first dossier.")], "IDLE");
  paintFeed();
  paint();
}
await inOrder(begin);
root.dataset.ready = "";
