// The intake form: the checklist of the chosen procedure, totals and what is missing while the papers are counted, the words
// beside the main button, and the way without a line: the act is kept on the device and sent later, with its true time.

import { t } from "./i18n.js";
import { add, isoLocal, newId } from "./outbox.js";
import { signPad, start as startPads } from "./sign.js";

const form = document.getElementById("form");
const at = (id) => document.getElementById(id);
const field = (name) => form.elements.namedItem(name);
const filled = (name) => field(name).value.trim() !== "";

/** Sheets of each row: what is there and what is needed; rows that were added have a name to be typed. */
function rows() {
  return [...at("papers").tBodies[0].rows].map((row) => {
    const [originals, copies] = [...row.querySelectorAll(".count input")].map((input) => ({ have: Math.trunc(Number(input.value)) || 0, need: Number(input.dataset.need) }));
    return { row, added: "added" in row.dataset, name: row.querySelector("input[name=paper]").value.trim(), originals, copies };
  });
}
const short = ({ have, need }) => Math.max(0, need - have);

function recount() {
  const all = rows();
  at("so").textContent = all.reduce((sum, row) => sum + row.originals.have, 0);
  at("sc").textContent = all.reduce((sum, row) => sum + row.copies.have, 0);
  const missing = [];
  for (const { row, added, name, originals, copies } of all) {
    if (added) continue;
    if (short(originals)) missing.push(t("{n} bản chính {paper}", "{n} original of {paper}", { n: short(originals), paper: name }));
    if (short(copies)) missing.push(t("{n} bản sao {paper}", "{n} copy of {paper}", { n: short(copies), paper: name }));
    row.querySelector("[data-short]").hidden = !short(originals) && !short(copies);
  }
  at("need").hidden = !missing.length;
  at("need-t").textContent = missing.length ? t("Thiếu {list}.", "Missing: {list}.", { list: missing.join("; ") }) : "";
  return all;
}

/** Puts the checklist of the chosen procedure into the table; what was counted of the same paper stays. */
function showPapers(procedure) {
  const body = at("papers").tBodies[0], all = rows(), before = new Map(all.filter(({ added }) => !added).map((row) => [row.name, row]));
  const listed = (procedure?.papers ?? []).map((paper) => {
    const row = at("row").content.firstElementChild.cloneNode(true);
    const name = row.querySelector("input[name=paper]");
    name.value = paper.name;
    name.nextSibling.textContent = paper.name;
    const needs = [paper.originals && t("{n} bản chính", "{n} original", { n: paper.originals }), paper.copies && t("{n} bản sao", "{n} copy", { n: paper.copies })].filter(Boolean);
    row.querySelector(".tiny").textContent = (needs.length ? t("cần {list}", "{list} needed", { list: needs.join(", ") }) : t("nếu có", "if there is one")) + (paper.recover ? t(", cơ quan thu lại", ", taken back by the agency") : "") + (paper.compare ? t(", bản chính chỉ để đối chiếu, trả lại", ", original only to compare, goes back") : "");
    for (const labelled of row.querySelectorAll("[aria-label]")) labelled.setAttribute("aria-label", labelled.getAttribute("aria-label").replace("{name}", paper.name));
    const known = before.get(paper.name);
    for (const [input, need, have] of [[row.querySelector("[name=originals]"), paper.originals, known?.originals.have], [row.querySelector("[name=copies]"), paper.copies, known?.copies.have]]) {
      input.dataset.need = need;
      input.value = have ?? 0;
    }
    return row;
  });
  // What the sender brought beside the list is there whatever the procedure.
  body.replaceChildren(...listed, ...all.filter(({ added }) => added).map(({ row }) => row));
  for (const id of ["papers", "add-row"]) at(id).hidden = !procedure;
  at("unchosen").hidden = Boolean(procedure);
}

/** A row for a paper that is not on the checklist; its fields are called as it is. */
function addPaper() {
  const row = at("added").content.firstElementChild.cloneNode(true);
  at("papers").tBodies[0].append(row);
  nameRow(row);
  row.querySelector("input[name=paper]").focus();
}
function nameRow(row) {
  const name = row.querySelector("input[name=paper]").value.trim() || t("giấy tờ thêm", "added paper");
  const [fewerO, originals, moreO, fewerC, copies, moreC] = row.querySelectorAll(".count > *");
  const kinds = [t("bản chính", "originals"), t("bản sao", "copies")];
  for (const [i, field] of [originals, copies].entries()) field.setAttribute("aria-label", `${name}, ${kinds[i]}`);
  for (const [i, button] of [fewerO, fewerC].entries()) button.setAttribute("aria-label", t("Bớt: {paper}, {kind}", "Fewer: {paper}, {kind}", { paper: name, kind: kinds[i] }));
  for (const [i, button] of [moreO, moreC].entries()) button.setAttribute("aria-label", t("Thêm: {paper}, {kind}", "More: {paper}, {kind}", { paper: name, kind: kinds[i] }));
  row.querySelector("[data-remove]").setAttribute("aria-label", t("Bỏ dòng: {paper}", "Take off: {paper}", { paper: name }));
}

const dong = (name) => Number(field(name).value.replace(/\D/g, "")) || 0;
const paysNow = () => field("pay").value === "SENDER_NOW";
/** What hangs on a choice: the slip goes with sending alone, published days with a special lane, a receipt with postage paid now. */
function fit() {
  const sends = field("service").value === "SEND", slip = field("slip"), promise = field("promise"), receipt = field("postage_receipt");
  slip.disabled = !sends;
  at("slip-row").hidden = !sends;
  promise.disabled = field("lane").value !== "SPECIAL";
  at("promise-row").hidden = promise.disabled;
  for (const each of form.querySelectorAll("[data-promise]")) each.hidden = (each.dataset.promise === "slip") !== (sends && slip.checked);
  const onResult = [...field("pay").options].find(({ value }) => value === "ON_RESULT");
  onResult.disabled = sends;
  if (sends && onResult.selected) field("pay").value = "SENDER_NOW";
  receipt.disabled = !paysNow();
  receipt.closest(".field").hidden = receipt.disabled;
  const sum = dong("fee") + (paysNow() ? dong("postage") : 0);
  at("pay-now").textContent = `${sum.toLocaleString(document.documentElement.lang === "en" ? "en" : "de")} ₫`;
}

/** What still lacks, in the order of the page. */
function lacking() {
  const all = recount(), counted = all.some(({ originals, copies }) => originals.have || copies.have);
  const added = all.filter(({ added }) => added);
  const inked = (who) => signPad(form.querySelector(`[data-who="${who}"]`)).isInked();
  return [
    [filled("procedure"), t("thủ tục", "procedure")],
    [filled("name"), t("họ tên người nộp", "sender's name")],
    [filled("address"), t("địa chỉ", "address")],
    [counted, t("số giấy tờ", "counts of papers")],
    [added.every(({ name }) => name), t("tên giấy tờ thêm", "name of the added paper")],
    [added.every(({ originals, copies }) => originals.have || copies.have), t("số bản của giấy tờ thêm", "count of the added paper")],
    [!dong("fee") || filled("receipt"), t("số biên lai", "receipt number")],
    [filled("postage"), t("cước", "postage")],
    [!paysNow() || !dong("postage") || filled("postage_receipt"), t("số biên lai cước", "receipt number of the postage")],
    [field("lane").value !== "SPECIAL" || filled("promise"), t("số ngày công bố", "published days")],
    [inked("sender") || field("on_paper").checked, t("chữ ký người gửi", "sender's signature")],
    [inked("clerk") || filled("pin"), t("chữ ký của bạn", "your signature")],
  ].filter(([there]) => !there).map(([, what]) => what);
}
function tell() {
  fit();
  const list = lacking(), text = list.length ? t("Còn thiếu: {list}.", "Still missing: {list}.", { list: list.join(", ") }) : t("Đủ để nhận.", "Ready to take in.");
  if (at("todo").textContent !== text) at("todo").textContent = text;
}

/** The act as the server takes it from a device: pictures by the names of their files. */
function body() {
  const some = (name) => field(name).value.trim() || undefined;
  const supplement = Number(field("supplement").value);
  return {
    agencyCode: field("agency").value, procedureCode: field("procedure").value,
    dossierNo: some("dossier"), supplementNo: supplement || undefined,
    sender: { name: field("name").value.trim(), phone: some("phone"), email: some("email"), address: field("address").value.trim() },
    papers: rows().map(({ name, originals, copies }) => ({ name, originals: originals.have, copies: copies.have })),
    atDoor: field("place").value === "door", sealNo: some("seal"), itemNumber: some("item"),
    fee: dong("fee"), receiptNo: some("receipt"),
    service: field("service").value, lane: field("lane").value, withSlip: !field("slip").disabled && field("slip").checked,
    promiseDays: field("promise").disabled ? undefined : Number(field("promise").value),
    postage: dong("postage"), postagePay: field("pay").value, postageReceiptNo: paysNow() ? some("postage_receipt") : undefined,
    note: some("note"),
    senderSignature: field("on_paper").checked ? "ON_PAPER" : { DRAWN: "sender" },
    clerkSignature: { DRAWN: "clerk" },
  };
}
/** Whether the server answers and still knows the person; otherwise the browser would lose the form. */
async function answers() {
  if (!navigator.onLine) return false;
  try { return (await fetch("/account", { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(4000) })).ok; } catch { return false; }
}
async function keepHere() {
  const list = lacking(), drawn = await signPad(form.querySelector('[data-who="clerk"]')).toBlob();
  if (!drawn && !list.includes(t("chữ ký của bạn", "your signature"))) list.push(t("chữ ký vẽ của bạn (không có mạng thì không ký bằng PIN được)", "your drawn signature (a PIN needs a line)"));
  if (list.length) { at("todo").textContent = t("Còn thiếu: {list}.", "Still missing: {list}.", { list: list.join(", ") }); return; }
  const sender = await signPad(form.querySelector('[data-who="sender"]')).toBlob();
  const files = [{ name: "clerk", blob: drawn }];
  if (!field("on_paper").checked) files.push({ name: "sender", blob: sender });
  const about = field("dossier").value.trim() || field("procedure").selectedOptions[0].text;
  await add({ kind: "INTAKE", body: body(), about, files, id: field("act").value, at: isoLocal() });
  at("kept").hidden = false;
  form.hidden = true;
  document.querySelector(".bar").hidden = true;
  scrollTo(0, 0);
}

function start() {
  const lists = JSON.parse(at("lists").textContent);
  // An agency's own row comes after that of every agency, and replaces it.
  const procedures = () => [...new Map(lists.filter((each) => ["*", field("agency").value].includes(each.agency_code)).map((each) => [each.code, each])).values()];
  const procedure = () => procedures().find((each) => each.code === field("procedure").value);
  startPads();
  // A page kept for use without a line is shown more than once: each showing is an act of its own.
  if ("fresh" in form.dataset) field("act").value = newId();
  let feeWas = field("fee").value;
  const choose = () => {
    const chosen = procedure();
    showPapers(chosen);
    // The procedure's fee, unless somebody wrote another.
    if (chosen && field("fee").value === feeWas) feeWas = field("fee").value = chosen.fee.toLocaleString(document.documentElement.lang === "en" ? "en" : "de");
    tell();
  };
  field("agency").addEventListener("change", () => {
    const was = field("procedure").value, blank = field("procedure").options[0];
    field("procedure").replaceChildren(blank, ...procedures().map(({ code, name }) => new Option(name, code, false, code === was)));
    choose();
  });
  field("procedure").addEventListener("change", choose);
  at("add").addEventListener("click", () => { addPaper(); tell(); });
  at("papers").addEventListener("click", (e) => {
    const row = e.target.closest("[data-remove]")?.closest("tr");
    if (!row) return;
    row.remove();
    at("add").focus();
    tell();
  });
  form.addEventListener("input", (e) => {
    const row = e.target.closest("tr[data-added]");
    if (row && e.target.name === "paper") nameRow(row);
    tell();
  });
  // A scanner ends with Enter: in a field of this long form that moves on, and never sends.
  form.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.ctrlKey || !e.target.matches("input:not([type=checkbox],[type=radio])")) return;
    e.preventDefault();
    const all = [...form.querySelectorAll("input:not([type=hidden]), select")].filter((each) => each.getClientRects().length);
    all[all.indexOf(e.target) + 1]?.focus();
  });
  let sending = false;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (sending) return;
    sending = true;
    if (await answers()) { form.submit(); return; }
    sending = false;
    keepHere().catch(() => { at("todo").textContent = t("Không lưu được trên máy: bộ nhớ đầy. Đừng đóng trang này.", "It could not be kept: this device is full. Do not close this page."); });
  });
  addEventListener("pageshow", () => { sending = false; });
  at("wrong")?.focus();
  for (const row of form.querySelectorAll("tr[data-added]")) nameRow(row);
  tell();
}
if (form) start();
