// A postman's round at the door: the list and one stop, from the data that came with the page, so that both work without a line.
// Only the half that applies is on screen, and the button says what is still missing.

import { toJpeg } from "./camera.js";
import { t } from "./i18n.js";
import * as outbox from "./outbox.js";
import { signPad } from "./sign.js";
import * as store from "./store.js";

const DAYS_APART = 2;          // working days between invitations (TT 17 Đ5 k2h)
const FINAL = new Set(["REFUSED", "WRONG_ADDRESS", "MOVED"]);
const $ = (id) => document.getElementById(id);
const person = document.documentElement.dataset.person ?? "";
const LIST = `round:${person}`;
const form = $("form");
const make = (tag, className, ...children) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
};
const icon = (name) => document.querySelector(`#icons [data-icon="${name}"]`).firstElementChild.cloneNode(true);
const money = (dong) => `${dong.toLocaleString(document.documentElement.lang === "en" ? "en-US" : "vi-VN")} ₫`;
const clock = (ms) => new Date(ms).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", hour12: false });

// ---- dates of the rule, as text YYYY-MM-DD in the time of Vietnam ----
const today = () => new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10);
const told = (date) => date.split("-").reverse().join("/");
/** The working day so many working days after a date, by the calendar that came with the page; undefined beyond its loaded years. */
const plusWorkingDays = (stop, date, days) => stop.working.filter((day) => day > date)[days - 1];
/** The invitations that count; undefined when the calendar cannot say. */
function counted(stop) {
  const list = [];
  for (const date of [...stop.invited].sort()) {
    const from = list.length ? plusWorkingDays(stop, list.at(-1), DAYS_APART) : date;
    if (!from) return undefined;
    if (date >= from) list.push(date);
  }
  return list;
}
const unknownDays = () => t("Chưa nạp lịch làm việc của những ngày này nên không tính được hạn. Hãy báo quản trị.", "The working calendar of these days is not loaded, so nothing can be counted. Tell the administrator.");

// ---- what is known: the page, what this device did since, what waits ----
let stops = JSON.parse($("data").textContent);
let waiting = new Set();
async function learn() {
  const kept = await store.get("lists", LIST).catch(() => undefined);
  // A page from the worker's copy may be older than what this device last saw.
  const acts = await outbox.unsent().catch(() => []), refused = new Set((await outbox.refused().catch(() => [])).map((act) => act.id));
  const done = (kept?.done ?? []).filter((one) => !refused.has(one.id));
  waiting = new Set(acts.map((act) => act.body?.leg).filter(Boolean));
  for (const act of [...done.filter((one) => !acts.some((other) => other.id === one.id)), ...acts]) apply(act);
}
function apply({ kind, body, at }) {
  const stop = stops.find((one) => one.id === body?.leg);
  if (!stop || (stop.applied ??= new Set()).has(kind + at)) return;
  stop.applied.add(kind + at);
  const date = at.slice(0, 10);
  if (kind === "ATTEMPT") { stop.tried = true; stop.last = { text: causeText(body.cause), at: Date.parse(at) }; if (stop.state !== "RETURNING") stop.state = "ATTEMPT_FAILED"; }
  if (kind === "INVITATION" && !stop.invited.includes(date)) stop.invited.push(date);
  if (kind === "DELIVERY" || kind === "RETURN") { stop.open = false; stop.ended_at_us ??= Date.parse(at) * 1000; stop.state = kind === "RETURN" ? "RETURNING" : "CONFIRMED"; }
}
async function act(kind, body, files = []) {
  const made = await outbox.add({ kind, body, about: stop.dossier, files });
  apply(made);
  const kept = (await store.get("lists", LIST).catch(() => undefined))?.done ?? [];
  const recent = kept.filter((one) => Date.now() - Date.parse(one.at) < 16 * 3600_000);
  await store.put("lists", { id: LIST, person, done: [...recent, { id: made.id, kind, body: { leg: body.leg, cause: body.cause }, at: made.at }] }).catch(() => {});
  return made;
}
function causeText(cause) {
  return document.querySelector(`label[for="why-${cause}"]`)?.textContent.trim() ?? cause;
}

/** The fee for the agency and the postage for the post: two kinds of money, each with its own receipt. */
const dueOf = (stop) => stop.fee + (stop.postage ?? 0);

// ---- the list ----
function stateOf(stop) {
  if (stop.state === "RETURNING") return ["f-again", "undo", t("Chuyển hoàn", "Returning")];
  if (!stop.open) return ["f-ok", "ok", t("Đã phát", "Handed out")];
  if (stop.state === "ATTEMPT_FAILED") return ["f-wrong", "warn", `${t("Chưa phát được", "Not handed out")}${stop.last ? `: ${stop.last.text}` : ""}${stop.invited.length ? t(", mời lần {n}", ", invitation {n}", { n: stop.invited.length }) : ""}`];
  return ["f-undo", "minus", ""];
}
function rowOf(stop, chosen) {
  const [kind, name, text] = stateOf(stop), here = stop.id === chosen;
  const link = make("a", "", make("b", "", stop.name ?? stop.dossier));
  link.href = `/post/delivery/${stop.id}`;
  const small = [stop.address, stop.open && dueOf(stop) ? t("thu {m}", "collect {m}", { m: money(dueOf(stop)) }) : "", text, waiting.has(stop.id) ? t("chưa gửi", "unsent") : ""].filter(Boolean).join(" · ");
  return make("li", stop.open ? "" : "stop-done", make("span", here ? "f-again" : kind, icon(here ? "next" : name)),
    make("div", "", link, make("small", "", here ? t("Đang ở điểm này", "You are here") : small)),
    make("time", "", stop.ended_at_us ? clock(stop.ended_at_us / 1000) : stop.last ? clock(stop.last.at) : ""));
}
function paintList(chosen) {
  const open = stops.filter((stop) => stop.open), ordered = [...open, ...stops.filter((stop) => !stop.open)];
  $(chosen ? "route" : "stops").replaceChildren(...ordered.map((stop) => rowOf(stop, chosen)));
  $("route-n").textContent = `${stops.length - open.length}/${stops.length}`;
  if (chosen) return;
  $("no-stops").hidden = stops.length > 0;
  const due = open.reduce((sum, stop) => sum + dueOf(stop), 0);
  $("sub").textContent = [t("Còn {n} điểm", "{n} stops left", { n: open.length }), due ? t("cần thu {m}", "{m} to collect", { m: money(due) }) : ""].filter(Boolean).join(" · ");
}

// ---- one stop ----
const photos = { yes: null, no: null };
const chosen = (name) => form.querySelector(`[name="${name}"]:checked`)?.value;
let stop = null, pad = null, busy = false;

function tick(id, label, hint) {
  const box = Object.assign(document.createElement("input"), { type: "checkbox", id });
  box.dataset.paper = "";
  const words = make("label", "", label, make("span", "hint", hint));
  words.htmlFor = id;
  return make("div", "tick", box, words, icon("paper"));
}
function oldPaper(paper, i) {
  const seg = make("div", "seg");
  for (const [value, text] of [["TAKEN", t("Đã thu", "Taken")], ["DECLARED_LOST", t("Khai mất", "Declared lost")], ["NOT_GIVEN", t("Không đưa", "Not given")]]) {
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: `old-${i}`, value });
    seg.append(make("label", "", radio, make("span", "", text), make("i")));
  }
  const legend = make("legend", "", paper.name, " ", make("b", "", t("{o} bản chính", "{o} originals", { o: paper.originals })));
  const set = make("fieldset", "stack-s", legend, seg);
  set.dataset.old = paper.name;
  return set;
}
function fill() {
  $("title").textContent = stop.name ? t("Phát kết quả cho {name}", "Hand out to {name}", { name: stop.name }) : t("Phát kết quả", "Hand out a result");
  const item = stop.item ? t("bưu gửi {n}", "item {n}", { n: stop.item }) : stop.dossier;
  $("sub").textContent = `${stop.procedure} · ${item}`;
  $("who").textContent = stop.name ?? "";
  $("where").textContent = stop.address ?? "";
  $("hint").textContent = stop.hint ?? "";
  $("call").hidden = !stop.phone;
  if (stop.phone) $("call").href = `tel:${stop.phone}`;
  const kinds = { ORIGINAL: t("bản chính", "original"), COPY: t("bản sao", "copy") };
  $("papers").replaceChildren(...stop.papers.map((paper, i) => tick(`paper-${i}`, paper.name, `${paper.quantity} ${kinds[paper.kind] ?? ""}`)));
  $("papers-n").textContent = t("{n} món", "{n} items", { n: stop.papers.length });
  $("old").hidden = !stop.recover.length;
  $("olds").replaceChildren(...stop.recover.map(oldPaper));
  $("money").hidden = !dueOf(stop);
  $("fee").textContent = money(dueOf(stop));
  $("fee-part").hidden = !stop.fee;
  $("fee-one").textContent = money(stop.fee);
  $("postage-part").hidden = !stop.postage;
  $("postage-one").textContent = money(stop.postage ?? 0);
  $("postage-note").textContent = stop.postage_note ? t("Theo phiếu gửi {no}", "By consignment note {no}", { no: stop.postage_note }) : "";
  $("rname").value = stop.name ?? "";
  pad = signPad(form.querySelector("[data-sign]"));
}
/** Why a result may not go back yet; empty when it may. */
function returnWaits(cause) {
  if (FINAL.has(cause)) return "";
  const list = counted(stop);
  if (!list) return unknownDays();
  if (list.length < 2) return t("Mới mời {n} lần. Cần hai lần mời, cách nhau hai ngày làm việc, rồi mới được chuyển hoàn.", "{n} invitation(s) so far. Two are needed, two working days apart, before it may go back.", { n: list.length });
  const from = stop.wait ? plusWorkingDays(stop, list[1], stop.wait) : list[1];
  if (!from) return unknownDays();
  return today() < from ? t("Lần mời thứ hai còn hiệu lực. Từ {date} mới được chuyển hoàn.", "The second invitation still runs. It may go back from {date}.", { date: told(from) }) : "";
}
/** Why an invitation would not count yet; empty when it would. */
function inviteWaits() {
  const list = counted(stop);
  // Whoever is invited is invited: without a calendar nobody can say that it came too early.
  const from = list?.length ? plusWorkingDays(stop, list.at(-1), DAYS_APART) : "";
  return from && today() < from ? t("Đã mời ngày {last}. Lần mời sau sớm nhất {date} (cách hai ngày làm việc).", "Invited on {last}. The next one counts from {date} (two working days).", { last: told(list.at(-1)), date: told(from) }) : "";
}
const invites = () => ["INVITE", "KEEP"].includes($("next").value);
function explain() {
  const next = $("next").value, cause = chosen("why"), list = counted(stop), number = (list?.length ?? stop.invited.length) + 1;
  if (next === "RETURN") return returnWaits(cause) || t("Đủ điều kiện chuyển hoàn: ghi lần phát này và chuyển về cơ quan.", "It may go back: this attempt is recorded, and it returns to the agency.");
  if (!invites()) return stop.invited.length ? t("Đã mời {n} lần.", "Invited {n} time(s).", { n: number - 1 }) : t("Chưa mời lần nào.", "Not invited yet.");
  const waits = inviteWaits();
  if (waits) return waits;
  const nextFrom = plusWorkingDays(stop, today(), DAYS_APART);
  if (!list || !nextFrom) return unknownDays();
  return t("Mời lần {n}: hôm nay, {today}. Lần sau sớm nhất {date}. Sau hai lần mời mới được chuyển hoàn.", "Invitation {n}: today, {today}. The next counts from {date}. After two of them it may go back.", { n: number, today: told(today()), date: told(nextFrom) });
}
function missing() {
  const list = [], yes = chosen("res") === "yes";
  if (!yes) {
    if (!chosen("why")) list.push(t("lý do", "the reason"));
    else if ($("next").value === "RETURN" && returnWaits(chosen("why"))) list.push(t("điều kiện chuyển hoàn", "what a return needs"));
    if (invites() && inviteWaits()) list.push(t("ngày được mời tiếp", "the day of the next invitation"));
    return list;
  }
  if (!$("rname").value.trim()) list.push(t("họ tên người nhận", "the receiver's name"));
  if (!$("idk").value) list.push(t("giấy tờ tùy thân", "the identity paper"));
  else if (!/^[0-9A-Z]{4}$/i.test($("id4").value)) list.push(t("4 số cuối giấy tờ", "the last 4 digits"));
  if (chosen("recv") === "REPRESENTATIVE" && !$("auth1").checked) list.push(t("giấy ủy quyền", "the authorisation letter"));
  if ([...form.querySelectorAll("[data-paper]")].some((box) => !box.checked)) list.push(t("đếm giấy tờ", "the count of papers"));
  if ([...form.querySelectorAll("[data-old]")].some((set) => !set.querySelector(":checked"))) list.push(t("giấy cũ", "the old papers"));
  if (stop.fee && !$("paid").checked) list.push(t("lệ phí", "the fee"));
  else if (stop.fee && !$("rc").value.trim()) list.push(t("số biên lai", "the receipt number"));
  if (stop.postage && !$("carried").checked) list.push(t("cước", "the postage"));
  else if (stop.postage && (!$("prc").value.trim() || $("prc").value.trim() === $("rc").value.trim())) list.push(t("số biên lai cước", "the receipt number of the postage"));
  if (!pad.isInked()) {
    if (!$("unsigned").value.trim()) list.push(t("chữ ký", "the signature"));
    else if (!photos.yes) list.push(t("ảnh người nhận", "a photo of the receiver"));
  }
  return list;
}
function paint() {
  if (!stop) return;
  const yes = chosen("res") === "yes", list = stop.open ? missing() : [];
  $("yes").hidden = !yes;
  $("no").hidden = yes;
  $("auth").hidden = chosen("recv") !== "REPRESENTATIVE";
  $("auth-e").hidden = $("auth1").checked;
  $("next-h").lastElementChild.textContent = explain();
  $("ended").hidden = stop.open;
  $("ended").lastElementChild.textContent = t("Hồ sơ này không còn ở tuyến phát: {state}.", "This one is no longer on the round: {state}.", { state: stateOf(stop)[2] });
  const text = !stop.open ? [] : list.length ? [t("Còn thiếu: ", "Still missing: "), make("b", "", list.join(", ")), "."]
    : [yes ? t("Đủ bằng chứng. Giờ phát lấy theo máy.", "All evidence is there. The time is the device's.") : t("Ghi giờ, nơi và lý do.", "Time, place and reason are recorded.")];
  const now = text.map((part) => part.textContent ?? part).join("");
  if ($("bar-t").textContent !== now) $("bar-t").replaceChildren(...text);
  $("done").setAttribute("aria-disabled", String(list.length > 0 || !stop.open || busy));
  $("done-t").textContent = yes ? t("Ghi đã phát", "Record it") : $("next").value === "RETURN" ? t("Ghi và chuyển hoàn", "Record and return") : t("Ghi chưa phát được", "Record the attempt");
}

async function deliver() {
  const files = [], photo = photos.yes, sum = (kind) => stop.papers.filter((paper) => paper.kind === kind).reduce((n, paper) => n + paper.quantity, 0);
  if (pad.isInked()) files.push({ name: "signature", blob: await pad.toBlob() });
  if (photo) files.push({ name: "photo", blob: photo });
  const note = [$("idk").value, $("unsigned").value.trim()].filter(Boolean).join("; ");
  await act("DELIVERY", {
    leg: stop.id, relation: chosen("recv"), name: $("rname").value.trim(), idChecked: true, authorisationSeen: chosen("recv") === "REPRESENTATIVE" && $("auth1").checked,
    originals: sum("ORIGINAL"), copies: sum("COPY"),
    recovered: [...form.querySelectorAll("[data-old]")].map((set) => ({ paper: set.dataset.old, outcome: set.querySelector(":checked").value })),
    amount: stop.fee || null, receiptNo: $("rc").value.trim() || null, postageReceiptNo: stop.postage ? $("prc").value.trim() : null, note,
  }, files);
}
async function fail() {
  const cause = chosen("why"), next = $("next").value;
  const files = photos.no ? [{ name: "photo", blob: photos.no }] : [];
  await act("ATTEMPT", { leg: stop.id, cause, causeText: $("why-text").value.trim() || null, next }, files);
  if (invites()) await act("INVITATION", { leg: stop.id });
  if (next === "RETURN") await act("RETURN", { leg: stop.id, cause });
}
async function record() {
  if (busy || !stop.open || missing().length) return;
  busy = true;
  const yes = chosen("res") === "yes", who = stop.name ?? stop.dossier;
  try {
    await (yes ? deliver() : fail());
  } catch {
    $("refused").hidden = false;
    $("refused").lastElementChild.textContent = t("Máy chưa lưu được (bộ nhớ đầy?). Chưa ghi gì, hãy thử lại.", "The device could not keep it (disk full?). Nothing was recorded; try again.");
    busy = false;
    return paint();
  }
  busy = false;
  waiting.add(stop.id);
  $("saved").hidden = false;
  $("saved").lastElementChild.textContent = yes ? t("Đã ghi phát cho {who}.", "Recorded for {who}.", { who }) : t("Đã ghi chưa phát được: {who}.", "Attempt recorded: {who}.", { who });
  history.pushState(null, "", "/post/delivery");
  await open();
  $("main").focus();
}

// ---- which of the two ----
async function open() {
  const id = /^\/post\/delivery\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  stop = id ? stops.find((one) => one.id === decodeURIComponent(id)) ?? null : null;
  for (const name of ["one", "bar"]) $(name).hidden = !stop;
  $("round").hidden = Boolean(stop);
  if (stop) { $("saved").hidden = true; form.reset(); photos.yes = photos.no = null; $("id4").value = ""; fill(); pad.clear(); paintPhotos(); paint(); } else $("title").textContent = t("Tuyến phát hôm nay", "Today's round");
  paintList(stop?.id);
}
function paintPhotos() {
  for (const [half, button] of [["yes", $("yes").querySelector("[data-photo]")], ["no", $("no").querySelector("[data-photo]")]]) {
    const words = button.querySelector("span");
    words.dataset.words ??= words.textContent;
    words.textContent = photos[half] ? t("Đã có ảnh, chụp lại", "Photo taken; again") : words.dataset.words;
  }
}
for (const button of form.querySelectorAll("[data-photo]")) button.addEventListener("click", () => $("photo").click());
$("photo").addEventListener("change", async () => {
  const [file] = $("photo").files;
  $("photo").value = "";
  if (!file) return;
  photos[chosen("res")] = await toJpeg(file).catch(() => null);
  paintPhotos();
  paint();
});
for (const kind of ["input", "change", "click"]) form.addEventListener(kind, () => setTimeout(paint));
form.addEventListener("submit", (e) => e.preventDefault());
$("done").addEventListener("click", record);
addEventListener("popstate", open);
outbox.on("taken", async () => { waiting = new Set((await outbox.unsent()).map((one) => one.body?.leg)); paintList(stop?.id); });
outbox.on("refused", ({ body, problems }) => {
  const who = stops.find((one) => one.id === body?.leg)?.name ?? "";
  $("refused").hidden = false;
  $("refused").lastElementChild.textContent = t("Chưa được nhận {who}: {why}", "Refused {who}: {why}", { who, why: problems?.[0]?.text ?? "" });
});
outbox.on("signed-out", () => { $("signed-out").hidden = false; });
outbox.on("change", ({ state }) => { if (state === "idle") $("signed-out").hidden = true; });
await learn();
await open();
document.documentElement.dataset.ready = "";
