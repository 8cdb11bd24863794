// One session of scanning. The device answers from the list it has, after the scan is on its disk; the server hears of it when
// there is a line, and what it knows better (another device was quicker, another office's code) is shown then. The page does not
// wait for its list: a scan that came before it is kept, and answered when the list is there.

import * as camera from "./camera.js";
import { fold, isKnownShape } from "./code.js";
import { t } from "./i18n.js";
import * as outbox from "./outbox.js";
import { Book } from "./scan_book.js";
import * as lists from "./scan_list.js";
import * as sound from "./sound.js";
import * as store from "./store.js";
import { listen } from "./wedge.js";

const SHOWN_MAX = 200;         // rows of a list on the page; counts are always of all
const TICKS_MAX = 160;
const LIST_AGAIN_MS = 15_000;  // until a list that did not come is asked for again
const LIST_OLD_MS = 60_000;    // a page that is looked at again asks whether its list has changed
const $ = (id) => document.getElementById(id);
const root = $("scan"), card = $("last"), person = document.documentElement.dataset.person ?? "";
const session = root.dataset.session, purpose = root.dataset.purpose, closed = "closed" in root.dataset;
const WORDS = {
  OK: purpose === "ROUND" ? t("Đúng, đã giao", "Right, given") : t("Đúng, đã ghi", "Right, recorded"),
  AGAIN: t("Đã quét rồi", "Scanned before"),
  NOT: purpose === "HANDOVER_OUT" || purpose === "COLLECT" ? t("Không có trên bảng kê", "Not on the list") : t("Không có trên danh sách", "Not on the list"),
  WRONG: t("Nhầm nơi nhận", "Wrong place"),
  WAIT: t("Đã lưu, chờ danh sách", "Kept, waiting for the list"),
};

const book = new Book();
const codeOf = (leg) => leg.dossier || leg.note || leg.item;
const papersOf = (leg) => t("{o} bản chính, {c} bản sao", "{o} originals, {c} copies", { o: leg.originals, c: leg.copies });
const shortPapers = (leg) => t("{o} chính, {c} sao", "{o} orig., {c} cop.", { o: leg.originals, c: leg.copies });
const clock = (ms) => new Date(ms).toLocaleTimeString("vi-VN", { hour12: false });
function whatOf({ out, leg, place, first }) {
  if (out === "OK" && leg) return [leg.procedure, leg.seal ? t("Niêm phong {n}", "Seal {n}", { n: leg.seal }) : ""];
  if (out === "AGAIN") return [first ? t("Đã ghi lúc {at}, không ghi lần hai.", "Recorded at {at}; not recorded twice.", { at: clock(first) }) : t("Máy khác đã quét; không ghi lần hai.", "Another device was quicker; not recorded twice."), ""];
  if (out === "WRONG") return [t("Thuộc {place}. Để riêng.", "It belongs to {place}. Put it aside.", { place }), ""];
  if (out === "WAIT") return [t("Lượt quét đã lưu trên máy, được đối chiếu ngay khi có danh sách.", "The scan is on this device, and is checked as soon as the list is there."), ""];
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
  card.dataset.out = out === "WAIT" ? "idle" : out.toLowerCase();
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
  const row = make("li", entry.undone || entry.refused ? "undone" : "", make("span", `f-${mark.toLowerCase()}`, icon(mark)), box, time);
  entry.row = row;
  return row;
}
const redraw = (entry) => { const old = entry.row; if (old?.isConnected) old.replaceWith(rowOf(entry)); };
const more = (id, all) => {
  $(id).hidden = all <= SHOWN_MAX;
  $(id).textContent = t("Còn {n} dòng nữa.", "{n} more lines.", { n: all - SHOWN_MAX });
};

let perTick = 1;
function layTicks() {
  const all = book.all;
  perTick = Math.max(1, Math.ceil(all / TICKS_MAX));
  $("ticks").replaceChildren(...Array.from({ length: Math.ceil(all / perTick) }, () => make("i")));
}
function paintTicks() {
  const full = Math.floor(book.done / perTick), nodes = $("ticks").children;
  for (let i = 0; i < nodes.length; i += 1) {
    const kind = i < full ? (i === full - 1 && perTick === 1 ? "t-now" : "t-ok") : i === full && book.done % perTick ? "t-now" : "";
    if (nodes[i].className !== kind) nodes[i].className = kind;
  }
  $("ticks").setAttribute("aria-label", t("{n} trên {all} hồ sơ đã quét", "{n} of {all} dossiers scanned", { n: book.done, all: book.all }));
}
const put = (id, value) => { if ($(id).textContent !== String(value)) $(id).textContent = value; };
function paint() {
  const of = (number) => (book.list ? number : "–");
  for (const id of ["n-done", "c-done"]) put(id, of(book.done));
  for (const id of ["n-left", "c-left"]) put(id, of(book.all - book.done));
  for (const id of ["n-out", "c-out"]) put(id, book.aside);
  put("n-all", of(book.all));
  $("c-out").classList.toggle("cnt-quiet", book.aside === 0);
  $("undo").setAttribute("aria-disabled", String(!book.lastStanding()));
  paintTicks();
}
function prepend(entry) {
  $("feed").prepend(rowOf(entry));
  while ($("feed").children.length > SHOWN_MAX) $("feed").lastElementChild.remove();
  more("feed-more", book.entries.length);
}
function paintFeed() {
  $("feed").replaceChildren(...book.entries.slice(-SHOWN_MAX).reverse().map(rowOf));
  more("feed-more", book.entries.length);
}
function paintLeft() {
  const left = (book.list?.legs ?? []).filter((leg) => !leg.entry);
  $("left").replaceChildren(...left.slice(0, SHOWN_MAX).map((leg) => make("li", "", make("span", "f-undo", icon("LEFT")),
    make("div", "", coded(codeOf(leg)), make("small", "", `${leg.procedure} · ${shortPapers(leg)}`)), make("time"))));
  more("left-more", left.length);
}
function paintOut() {
  const out = book.entries.filter((entry) => !entry.undone && !entry.refused && (entry.out === "NOT" || entry.out === "WRONG")).reverse();
  $("out").replaceChildren(...out.slice(0, SHOWN_MAX).map((entry) => make("li", "", make("span", `f-${entry.out.toLowerCase()}`, icon(entry.out)),
    make("div", "", coded(entry.code), make("small", "", whatOf(entry)[0])), make("time", "", clock(entry.at)))));
}
const tabs = { "t-left": paintLeft, "t-out": paintOut };
document.querySelector(".tabs").addEventListener("tab", (e) => tabs[e.detail]?.());
const paintOpenList = () => tabs[document.querySelector('.tabs [aria-selected="true"]').id]?.();

// ---- scanning ----
const remember = (entry) => store.copy("lists", (kept) => {
  kept.put({ id: lists.logKey(session, entry.id), person, session, scan: entry.id, code: entry.code, out: entry.out, at: entry.at, place: entry.place ?? null, undoes: entry.undoes ?? null });
}).catch(() => {});

let line = Promise.resolve();
/** One after the other, so that the same code twice in a blink is once. */
const inOrder = (work) => { line = line.then(work).catch(unsaved); return line; };
function unsaved() {
  sound.play("not");
  show("NOT", t("Chưa lưu được", "Not saved"), "", [t("Máy không ghi được lượt quét này (bộ nhớ đầy?). Hãy quét lại.", "The device could not keep this scan (disk full?). Scan it again.")]);
}

async function scan(code) {
  const found = book.judge(code), id = outbox.newId(), at = new Date();
  await outbox.add({ kind: "SCAN", body: { session, code }, about: code, id, at: outbox.isoLocal(at) });
  const entry = book.take({ id, code, at: at.getTime(), ...found });
  showEntry(entry);
  prepend(entry);
  paint();
  if (entry.out !== "WAIT") sound.play(entry.out.toLowerCase());
  performance.mark("scan-shown", { detail: id });
  paintOpenList();
  remember(entry);
}
async function undo() {
  const entry = book.lastStanding();
  if (!entry) return;
  const id = outbox.newId();
  await outbox.add({ kind: "UNDO", body: { session, undoes: entry.id, reason: t("quét nhầm", "scanned by mistake") }, about: entry.code, id });
  book.withdraw(entry);
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
  const entry = book.get(id);
  if (!entry) return;
  entry.sent = true;
  const better = result?.outcome && result.outcome !== entry.out && !entry.undone;
  if (better || entry.refused) mend(entry, result);
  redraw(entry);
});
function mend(entry, result) {
  const found = { out: result.outcome, first: result.first_at_us ? result.first_at_us / 1000 : undefined };
  if (result.place) found.place = result.place[0] === "AGENCY" ? book.list?.agencies[result.place[1]] ?? result.place[1] : t("bưu cục {code}", "post office {code}", { code: result.place[1] });
  book.mend(entry, found);
  if (entry === book.entries.at(-1)) { showEntry(entry); sound.play(entry.out.toLowerCase()); }
  remember(entry);
  paint();
  paintOpenList();
}
const whyOf = (act) => act.problems?.[0]?.text ?? t("không đọc được", "it cannot be read");
outbox.on("refused", (act) => {
  const entry = book.get(act.id), why = whyOf(act);
  const undone = act.kind === "UNDO" && book.get(act.body.undoes);
  if (entry) book.refuse(entry, why);
  if (undone) book.reinstate(undone);
  for (const changed of [entry, undone]) if (changed) { redraw(changed); paint(); paintOpenList(); }
  if (act.body?.session !== session) return;
  $("refused").hidden = false;
  $("refused-t").textContent = t("Một lượt quét chưa được nhận: {why}", "A scan was refused: {why}", { why });
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
const isExpected = (code) => Boolean(book.list?.leg(code) ?? book.list?.place(code));
/** What a code stands for: a label carries the numbers of the item and of the dossier, and both are one thing. */
const thing = (code) => book.list?.leg(code) ?? code;
/** Codes that were seen together: each thing once, and what is no code of ours only where there is nothing else. */
const hearAll = (codes) => inOrder(async () => {
  const ours = [isExpected, isKnownShape].map((is) => codes.filter(is)).find((some) => some.length) ?? codes.slice(0, 1);
  for (const code of new Map(ours.map((code) => [thing(code), code])).values()) await scan(code);
});
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

const blind = (text, verdict = t("Chưa đọc được mã", "No code was read")) => show("IDLE", verdict, "", [text], "IDLE");
const UNSEEN = {
  OFFLINE: t("Không có mạng để đọc ảnh. Hãy bấm Gõ mã.", "There is no line to read the photo. Type the code."),
  TOO_LARGE: t("Tệp ảnh lớn hơn 40 MB. Hãy chụp ảnh thường, không chụp ảnh thô.", "The file is larger than 40 MB. Take a plain photo, not a raw one."),
  NO_PICTURE: t("Tệp đã chọn không phải ảnh đọc được. Hãy chụp lại, hoặc chọn ảnh JPEG, PNG.", "What was chosen is no readable picture. Take it again, or choose a JPEG or PNG."),
  SERVER: t("Máy chủ chưa đọc được ảnh này. Hãy chụp lại, hoặc bấm Gõ mã.", "The server could not read this photo. Take it again, or type the code."),
  REFUSED: t("Trình duyệt chưa được phép dùng máy ảnh: cho phép trong cài đặt của trang, hoặc chụp ảnh mã.", "The browser may not use the camera: allow it in the settings of this page, or take a photo of the code."),
  NONE: t("Máy này không có máy ảnh dùng được. Hãy chụp ảnh mã, hoặc bấm Gõ mã.", "This device has no camera to use. Take a photo of the code, or type it."),
  BUSY: t("Máy ảnh đang bận ở ứng dụng khác: đóng ứng dụng đó, hoặc chụp ảnh mã.", "Another app uses the camera: close it, or take a photo of the code."),
  FAILED: t("Máy ảnh chưa bật được. Hãy chụp ảnh mã, hoặc bấm Gõ mã.", "The camera did not start. Take a photo of the code, or type it."),
};
const unseen = ({ why, text }) => (text ? `${text}.` : UNSEEN[why]);
camera.photo($("photo"), {
  onCodes: (codes) => { $("no-camera").hidden = true; hearAll(codes); },
  onNone: () => blind(t("Chụp gần hơn, đủ sáng, thấy trọn mã.", "Take it closer, in good light, with the whole code in sight.")),
  onFail: (problem) => blind(unseen(problem)),
});
const isLive = camera.isLive();
let eye = null, opening = false;
const closeEye = () => { eye = null; $("live").hidden = true; };
$("camera").addEventListener("click", async () => {
  if (eye || opening) return;
  if (!(await isLive)) return $("photo").click();
  opening = true;
  $("live").hidden = false;
  $("no-camera").hidden = true;
  try {
    eye = await camera.start($("video"), { onCodes: hearAll, onStop: closeEye, same: thing });
  } catch (problem) {
    closeEye();
    $("no-camera").hidden = false;
    put("no-camera-t", unseen(problem));
  }
  opening = false;
});
$("snap").addEventListener("click", () => $("photo").click());
$("live-off").addEventListener("click", () => { eye?.stop(); card.focus(); });

// ---- the list, and what is known already: this device's log, what waits to be sent, the server's scans ----
let listAt = 0, asking = null, timer, logged = [];
function arrive(list, settled) {
  const before = book.list, answered = book.use(list, settled);
  if (book.list !== before) layTicks();
  put("n-list", !book.list ? (settled ? t("Chưa tải được danh sách", "The list could not be loaded") : t("Đang tải danh sách", "Loading the list")) : t("{n} hồ sơ trên danh sách", "{n} dossiers on the list", { n: book.all }));
  put("list-t", listAt ? t("Vẫn đối chiếu theo danh sách tải lúc {at}.", "Scans are checked against the list of {at}.", { at: clock(listAt) }) : "");
  if (book.list && book.settled) root.dataset.listed = "";
  answered.forEach(remember);
  // What must be put aside is not drowned by what came after it.
  const told = answered.findLast(({ out }) => out === "NOT" || out === "WRONG") ?? answered.at(-1);
  if (told) { showEntry(told); sound.play(told.out.toLowerCase()); }
  paintFeed();
  paint();
  paintOpenList();
}
/** Asks for the list; one that cannot be had now is asked for again, and meanwhile the kept one has the word. */
const refresh = () => { asking ??= ask().finally(() => { asking = null; }); };
async function ask() {
  clearTimeout(timer);
  let list = null;
  try {
    list = await lists.fetchList(session);
    listAt = Date.now();
  } catch { timer = setTimeout(refresh, LIST_AGAIN_MS); }
  await inOrder(() => arrive(list, true));
  // What the server tells of, this device need not remember.
  const told = new Set((list?.scans ?? []).map(({ id }) => id)), known = logged.filter((id) => told.has(id));
  if (known.length) store.del("lists", ...known.map((id) => lists.logKey(session, id))).catch(() => {});
}
addEventListener("online", refresh);
document.addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() - listAt > LIST_OLD_MS) refresh(); });

async function begin() {
  const [had, own, acts, refused] = await Promise.all([lists.kept(session).catch(() => null), lists.remembered(session), outbox.unsent().catch(() => []), outbox.refused().catch(() => [])]);
  const mine = (act) => act.body?.session === session, waits = new Set([...acts, ...refused].filter(mine).map((act) => act.id));
  const rows = own.map((row) => ({ ...row, id: row.scan, sent: !waits.has(row.scan) }));
  logged = rows.map((row) => row.id);
  // The page died between the queue and the log: the queue knows.
  for (const act of [...acts, ...refused].filter((one) => mine(one) && !logged.includes(one.id))) {
    const at = Date.parse(act.at);
    if (act.kind === "UNDO") rows.push({ id: act.id, out: "UNDO", undoes: act.body.undoes, at });
    if (act.kind === "SCAN") rows.push({ id: act.id, code: act.body.code, at, out: "WAIT" });
  }
  const why = new Map(refused.map((act) => [act.id, whyOf(act)]));
  if (had) { listAt = had.at; book.use(had.list, false); }
  book.merge(rows.filter((row) => !(row.out === "UNDO" && why.has(row.id))).map((row) => ({ ...row, refused: why.get(row.id) })));
  show("IDLE", closed ? t("Phiên đã chốt", "Closed") : t("Sẵn sàng", "Ready"), "", [closed ? t("Lượt quét thêm vẫn được ghi, không vào biên bản đã mở.", "Further scans are recorded, but not on the record that was opened.") : t("Quét hồ sơ đầu tiên.", "Scan the first dossier.")], "IDLE");
  arrive(null, false);
}
inOrder(begin);
refresh();
root.dataset.ready = "";
