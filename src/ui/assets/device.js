// What this device still keeps of its person's acts. Refused ones wait here for a decision: to be tried again under their old id, or
// to be given up with a reason, which is an act of its own. Works without a line.

import { t } from "./i18n.js";
import * as outbox from "./outbox.js";
import { logKey } from "./scan_list.js";
import * as store from "./store.js";

const SHOWN_MAX = 100;
const $ = (id) => document.getElementById(id);
const person = document.documentElement.dataset.person ?? "";

const KINDS = {
  SCAN: t("Quét hồ sơ", "Scan"), UNDO: t("Hoàn tác lượt quét", "Scan taken back"), INTAKE: t("Nhận hồ sơ", "Dossier taken in"),
  DELIVERY: t("Ghi đã phát", "Delivery"), ATTEMPT: t("Ghi chưa phát được", "Failed attempt"), INVITATION: t("Mời đến nhận", "Invitation"),
  RETURN: t("Chuyển hoàn", "Return to the agency"), RECOVERED: t("Thu hồi giấy cũ", "Old paper taken back"), DISMISSAL: t("Bỏ một thao tác bị từ chối", "A refused act dismissed"),
};
// Refusals that the device itself makes have no words of the server.
const WHY = {
  FILE_LOST: t("Ảnh hoặc chữ ký kèm theo không còn trên máy.", "Its picture or signature is no longer on this device."),
  FILE_REFUSED: t("Ảnh hoặc chữ ký kèm theo không đọc được.", "Its picture or signature cannot be read."),
  NOT_READ: t("Hệ thống không đọc được thao tác này.", "The system could not read this act."),
};
const AGAIN = t("Làm lại việc này từ đầu với đủ thông tin, rồi bỏ bản ở đây.", "Do it anew with everything it needs, then dismiss this one.");
const DO = {
  LEG_STATE: t("Mở hồ sơ xem nay ở đâu. Việc đã được ghi cách khác thì bỏ thao tác này; chưa ghi thì báo phụ trách, sửa xong bấm Thử lại.", "Look where the dossier is now. If this was recorded another way, dismiss it; if not, tell your supervisor and try again once it is mended."),
  NOT_FOUND: t("Hồ sơ không có hoặc không thuộc bưu cục này. Kiểm tra số; nhầm số thì bỏ.", "There is no such dossier, or it is not of this office. Check the number; if it was wrong, dismiss it."),
  SCOPE_MISSING: t("Nhờ người quản trị cấp quyền, rồi bấm Thử lại.", "Ask the administrator for the right, then try again."),
  NOT_YOUR_SIDE: t("Việc này thuộc đơn vị khác. Báo phụ trách, rồi bỏ.", "This is another office's task. Tell your supervisor, then dismiss it."),
  TIME_IN_FUTURE: t("Đồng hồ máy chạy trước. Chỉnh giờ máy, đợi qua giờ đã ghi rồi bấm Thử lại.", "This device's clock is ahead. Set it, wait until the recorded time has passed, then try again."),
  IDEMPOTENCY_KEY_REUSED: t("Mã thao tác này đã dùng hoặc đã bỏ. Kiểm tra hồ sơ: còn thiếu thì làm lại, rồi bỏ bản ở đây.", "The id of this act was used or dismissed. Check the dossier: if it is missing there, do it anew, then dismiss this one."),
  INTERNAL: t("Lỗi của hệ thống. Bấm Thử lại; vẫn lỗi thì báo quản trị.", "A fault of the system. Try again; if it stays, tell the administrator."),
  NOT_READ: t("Bấm Thử lại. Vẫn bị từ chối thì làm lại việc này, rồi bỏ bản ở đây.", "Try again. If it is refused once more, do it anew and dismiss this one."),
  FILE_LOST: AGAIN, FILE_REFUSED: AGAIN,
};
const kindOf = ({ kind }) => KINDS[kind] ?? kind;
const momentOf = ({ at }) => `${at.slice(11, 16)}, ${at.slice(0, 10).split("-").reverse().join("/")}`;
const shortOf = (act) => [kindOf(act), outbox.aboutOf(act)?.replace(/^\S*-/, "")].filter(Boolean).join(" ");
const make = (tag, className, ...children) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
};
/** A number with its last digits bold, or the name of a procedure; and whom a dossier was taken from. */
function aboutParts(act) {
  const about = outbox.aboutOf(act) ?? "", cut = about.lastIndexOf("-") + 1, isNumber = !/\s/.test(about);
  const number = isNumber && about && make("span", "code", make("span", "c-pre", about.slice(0, cut)), make("b", "", about.slice(cut)));
  const from = act.kind === "INTAKE" && act.body?.sender?.name && t("người nộp {name}", "from {name}", act.body.sender);
  return [number || about, from].filter(Boolean).flatMap((part, place) => (place ? [" · ", part] : [part]));
}
/** Where to look at what an act was about. */
function linkOf({ kind, body }) {
  if (body?.leg) return [`/dossiers/${encodeURIComponent(body.leg)}`, t("Mở hồ sơ", "Open the dossier")];
  if (body?.session) return [`/post/scan/${encodeURIComponent(body.session)}`, t("Mở phiên quét", "Open the session")];
  return kind === "INTAKE" ? ["/post/intake", t("Nhận lại hồ sơ", "Take it in anew")] : null;
}

function say(text, good = true) {
  $("said").hidden = false;
  $("said").className = `note ${good ? "note-ok" : "note-bad"}`;
  $("said").lastElementChild.textContent = text;
  $("said").focus();
}

// ---- deciding ----
const decided = new Map();     // what was tried again or given up here, to tell how it ended
async function retry(act) {
  decided.set(act.id, act);
  if (!(await outbox.retry(act.id))) return;
  say(t("Đang gửi lại: {what}.", "Sending again: {what}.", { what: shortOf(act) }));
}
/** Pages that remember the act as done must not: it was given up. */
async function forget({ id, body }) {
  if (body?.session) await store.del("lists", logKey(body.session, id));
  const round = await store.get("lists", `round:${person}`);
  if (round) await store.put("lists", { ...round, done: round.done.filter((one) => one.id !== id) });
}
async function dismiss(act, reason) {
  const made = await outbox.dismiss(act.id, reason);
  if (!made) return;
  decided.set(made.id, act);
  await forget(act).catch(() => {});
  say(t("Đã bỏ: {what}. Việc bỏ được gửi lên sổ cùng lý do.", "Dismissed: {what}. The dismissal goes on the record with its reason.", { what: shortOf(act) }));
}
outbox.on("taken", ({ id, result }) => {
  const act = decided.get(id), what = act && shortOf(act);
  if (!act) return;
  if (act.id === id) say(t("Đã được nhận: {what}.", "Taken: {what}.", { what }));
  else if (result?.outcome === "WAS_TAKEN") say(t("Sổ đã có thao tác này từ trước, nên nó vẫn được giữ: {what}.", "The books had this act already, so it stands: {what}.", { what }));
  else say(t("Đã bỏ và đã ghi vào sổ: {what}.", "Dismissed and on the record: {what}.", { what }));
  decided.delete(id);
});
outbox.on("refused", (act) => {
  if (decided.delete(act.id)) say(t("Vẫn bị từ chối: {what}.", "Refused again: {what}.", { what: shortOf(act) }), false);
});

// ---- drawing ----
function refusedRow(act) {
  const row = $("refused-row").content.firstElementChild.cloneNode(true), at = (name) => row.querySelector(`[data-${name}]`);
  const [problem] = act.problems ?? [], code = problem?.code ?? "NOT_READ", link = linkOf(act), form = at("form"), reason = at("reason");
  at("kind").textContent = kindOf(act);
  at("about").replaceChildren(...aboutParts(act));
  at("at").textContent = t("làm lúc {at}", "done at {at}", { at: momentOf(act) });
  at("at").dateTime = act.at;
  at("why").textContent = problem?.text ?? WHY[code] ?? WHY.NOT_READ;
  at("do").textContent = DO[code] ?? AGAIN;
  if (link) { at("link").href = link[0]; at("link").lastElementChild.textContent = link[1]; } else at("link").remove();
  for (const name of ["label", "hint", "err"]) at(name).id = `${name}-${act.id}`;
  reason.id = `reason-${act.id}`;
  at("label").htmlFor = reason.id;
  reason.setAttribute("aria-describedby", `hint-${act.id} err-${act.id}`);
  for (const button of [at("retry"), at("open")]) button.setAttribute("aria-label", `${button.textContent.trim()}: ${shortOf(act)}`);
  // What gives another act up is itself only ever sent again.
  if (act.kind === outbox.DISMISSAL) at("open").remove();
  const turn = (open) => { form.hidden = !open; at("open").setAttribute("aria-expanded", String(open)); (open ? reason : at("open")).focus(); };
  at("retry").addEventListener("click", () => retry(act));
  at("open")?.addEventListener("click", () => turn(form.hidden));
  at("keep").addEventListener("click", () => turn(false));
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const text = reason.value.trim();
    at("err").hidden = Boolean(text);
    if (text) return dismiss(act, text);
    reason.setAttribute("aria-invalid", "true");
    reason.focus();
  });
  return row;
}
const clockIcon = () => document.querySelector('#icons [data-icon="clock"]').firstElementChild.cloneNode(true);
function waitingRow(act) {
  const time = make("time", "", momentOf(act));
  time.dateTime = act.at;
  return make("li", "", make("span", "f-wait", clockIcon()), make("div", "", make("b", "", kindOf(act)), " ", ...aboutParts(act)), time);
}
const rows = new Map();        // a row stays as it is, with what was typed into it, while its act does
function fill(box, acts, draw) {
  const keyed = acts.map((act) => [`${box} ${act.id} ${JSON.stringify(act.problems ?? "")}`, act]);
  for (const key of rows.keys()) if (key.startsWith(`${box} `) && !keyed.some(([kept]) => kept === key)) { rows.get(key).remove(); rows.delete(key); }
  keyed.forEach(([key, act], place) => {
    if (!rows.has(key)) rows.set(key, draw(act));
    const row = rows.get(key), there = $(box).children[place];
    if (there !== row) $(box).insertBefore(row, there ?? null);
  });
  $(`${box}-box`).hidden = !acts.length;
}
let painting = Promise.resolve();
async function paint({ others }) {
  const [refused, waiting] = await Promise.all([outbox.refused(), outbox.unsent()]);
  fill("refused", refused, refusedRow);
  fill("waiting", waiting.slice(0, SHOWN_MAX), waitingRow);
  $("refused-n").textContent = t("{n} thao tác", "{n} acts", { n: refused.length });
  $("waiting-n").textContent = t("{n} thao tác", "{n} acts", { n: waiting.length });
  $("waiting-more").hidden = waiting.length <= SHOWN_MAX;
  $("waiting-more").textContent = t("Còn {n} dòng nữa.", "{n} more lines.", { n: waiting.length - SHOWN_MAX });
  $("none").hidden = refused.length + waiting.length > 0;
  $("others").hidden = !others;
  $("others").lastElementChild.textContent = t("{n} thao tác của người khác trên máy này chờ người đó đăng nhập.", "{n} acts of someone else on this device wait for that person to sign in.", { n: others });
}
const repaint = (counts) => { painting = painting.then(() => paint(counts)).catch(() => {}); return painting; };

$("send").addEventListener("click", () => outbox.resume({ force: true }));
outbox.on("change", (counts) => { if (counts.state === "idle") $("signed-out").hidden = true; repaint(counts); });
outbox.on("signed-out", () => { $("signed-out").hidden = false; });
await repaint(await outbox.counts());
document.documentElement.dataset.ready = "";
