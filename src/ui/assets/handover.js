// Handovers. The receiver's half: counts, reasons and decisions, kept on the server as they are made; every change recounts
// the line, the totals and the sentence on the button. Both halves: what the other side did shows within two seconds, by
// asking for the version and taking the changed parts from the page anew.

import { t } from "./i18n.js";
import { signPad } from "./sign.js";

const POLL_MS = 1500;
const SAVE_MS = 350;

/**
 * What a line says: `{state, outcome, originals, copies, note}`; outcome is null while it is not decided.
 * `line` holds `o` and `c` as typed, `declared` as [originals, copies], and `issue` ({why, words, take, note}) when its row is
 * open. What is taken in spite of a reason carries the words of the reason in its note; `NOTE` is a remark without a reason.
 */
export function decide({ o, c, declared, issue }) {
  const number = (text) => (/^\d{1,5}$/.test(text.trim()) ? Number(text) : null);
  const originals = number(o), copies = number(c), counted = originals !== null && copies !== null;
  const same = counted && originals === declared[0] && copies === declared[1];
  const note = issue?.note.trim() || null;
  const says = (state, outcome, withCounts = counted) => ({ state, outcome, originals: withCounts ? originals : null, copies: withCounts ? copies : null, note });
  if (!issue) return counted ? says(same ? "ok" : "bad", same ? "TAKEN" : "COUNT_DIFFERS") : says("wait", null);
  if (issue.take && same) return note ? { ...says("ok", "TAKEN"), note: issue.why === "NOTE" ? note : `${issue.words}: ${note}` } : says("wait", null);
  if (issue.take || issue.why === "NOTE") return says("wait", null);
  if (issue.why === "COUNT_DIFFERS") return counted && !same ? says("bad", "COUNT_DIFFERS") : says("wait", null);
  return says("bad", issue.why, issue.why !== "MISSING" && counted);
}

/** How counts differ, in words; empty when they do not. */
export function difference([o, c], originals, copies) {
  if (originals === null || copies === null) return "";
  const part = (declared, found, vi, en) => (found < declared ? t(`thiếu {n} ${vi}`, `{n} ${en} short`, { n: declared - found })
    : found > declared ? t(`thừa {n} ${vi}`, `{n} ${en} too many`, { n: found - declared }) : "");
  return [part(o, originals, "bản chính", "original(s)"), part(c, copies, "bản sao", "copy(ies)")].filter(Boolean).join(", ");
}

const $ = (id) => document.getElementById(id);
const put = (node, text) => { if (node && node.textContent !== String(text)) node.textContent = text; };
const stampOf = (says) => [says.outcome, says.originals, says.copies, says.note].map((part) => part ?? "").join("|");

function sheet(root) {
  const { id } = root.dataset, counting = root.dataset.counting === "yes";
  const lines = () => [...root.querySelectorAll("tr.line")];
  const moreOf = (tr) => root.querySelector(`tr[data-more="${tr.dataset.no}"]`);
  const dirty = new Map();
  let timer = 0, saving = null, refreshing = null;

  const read = (tr) => {
    const value = (name) => tr.querySelector(`[data-count="${name}"]`).value;
    const more = moreOf(tr), open = more && !more.hidden;
    const why = more?.querySelector("[data-why]");
    const issue = open ? { why: why.value, words: why.selectedOptions[0]?.textContent ?? "", take: more.querySelector('input[value="take"]').checked, note: more.querySelector("[data-note]").value } : null;
    return decide({ o: value("o"), c: value("c"), declared: [Number(tr.dataset.o), Number(tr.dataset.c)], issue });
  };

  function openMore(tr) {
    let more = moreOf(tr);
    if (!more) {
      more = $("more").content.querySelector("tr").cloneNode(true);
      const no = tr.dataset.no;
      more.dataset.more = no;
      for (const node of more.querySelectorAll("[id]")) node.id = node.id.replace(/0$/, no);
      for (const node of more.querySelectorAll("label[for]")) node.htmlFor = node.htmlFor.replace(/0$/, no);
      for (const node of more.querySelectorAll("input[name]")) node.name = node.name.replace(/0$/, no);
      tr.after(more);
    }
    more.hidden = false;
    return more;
  }

  /** Shows what a line says. */
  function mark(tr, says) {
    tr.dataset.line = says.state;
    tr.classList.toggle("is-diff", says.state === "bad");
    const counts = [says.originals, says.copies], declared = [Number(tr.dataset.o), Number(tr.dataset.c)];
    for (const [i, cell] of [...tr.querySelectorAll(".g-send .declared")].entries()) cell.classList.toggle("declared-bad", says.state === "bad" && counts[i] !== null && counts[i] !== declared[i]);
    const more = moreOf(tr);
    if (!more || more.hidden) return;
    const differs = difference(declared, says.originals, says.copies);
    const why = more.querySelector("[data-why]"), take = more.querySelector('input[value="take"]'), refuse = more.querySelector('input[value="refuse"]');
    take.disabled = Boolean(differs) || why.value === "COUNT_DIFFERS" || why.value === "MISSING";
    refuse.disabled = why.value === "NOTE";
    if (take.disabled && take.checked) refuse.checked = true;
    if (refuse.disabled && refuse.checked) take.checked = true;
    more.querySelector("[data-equal]").hidden = !differs;
    more.querySelector("[data-note]").required = take.checked;
    more.classList.toggle("more-ok", says.state === "ok");
    const words = why.selectedOptions[0]?.textContent ?? "";
    put(more.querySelector("[data-difference]"), differs ? t("Lệch: {d}.", "Differs: {d}.", { d: differs })
      : take.checked && says.state === "wait" && !says.note ? t("Nhận thì cần ghi chú.", "To take it, write a note.")
      : why.value === "COUNT_DIFFERS" && says.state === "wait" ? t("Nhập số đếm được, hoặc chọn lý do khác.", "Enter what you counted, or choose another reason.") : `${words}.`);
    put(tr.querySelector("[data-outcome]"), words);
  }

  /** Recounts totals, bar and button. */
  function recount() {
    const sum = { ok: 0, bad: 0, wait: 0, o: 0, c: 0 };
    for (const tr of lines()) {
      sum[tr.dataset.line] += 1;
      if (!counting) continue;
      for (const name of ["o", "c"]) sum[name] += Number(tr.querySelector(`[data-count="${name}"]`).value) || 0;
    }
    if (!counting) return;
    const all = sum.ok + sum.bad + sum.wait;
    for (const [name, value] of Object.entries({ ...sum, counted: sum.ok + sum.bad })) for (const node of root.querySelectorAll(`[data-n="${name}"]`)) put(node, value);
    root.querySelector("[data-all]")?.setAttribute("data-line", sum.bad ? "bad" : sum.wait ? "wait" : "ok");
    const button = $("sign-btn");
    if (!button) return;
    const busy = dirty.size > 0 || saving;
    button.setAttribute("aria-disabled", String(sum.wait > 0 || Boolean(busy)));
    put($("bar-t"), sum.wait ? t("Còn {n} hồ sơ chưa đếm.", "{n} dossiers left to count.", { n: sum.wait }) : busy ? t("Đang lưu số đếm.", "Saving the counts.") : t("Đã đếm đủ, có thể ký.", "All counted, ready to sign."));
    put($("sign-words"), sum.bad ? t("Ký nhận {a}, không nhận {b}", "Sign: take {a}, refuse {b}", { a: all - sum.bad, b: sum.bad }) : t("Ký nhận {a}", "Sign: take {a}", { a: all }));
  }

  function changed(tr) {
    mark(tr, read(tr));                                                // may move the decision that a reason does not allow
    let says = read(tr);
    const more = moreOf(tr), shut = !more || more.hidden;
    if (shut && says.outcome === "COUNT_DIFFERS") {
      const fields = openMore(tr);
      fields.querySelector("[data-why]").value = "COUNT_DIFFERS";
      fields.querySelector('input[value="refuse"]').checked = true;
      says = read(tr);
    } else if (!shut && more.querySelector("[data-why]").value === "COUNT_DIFFERS" && !more.querySelector("[data-note]").value) {
      // Counted again and now it agrees: the row below has nothing left to say.
      const plain = decide({ o: tr.querySelector('[data-count="o"]').value, c: tr.querySelector('[data-count="c"]').value, declared: [Number(tr.dataset.o), Number(tr.dataset.c)], issue: null });
      if (plain.state === "ok") { more.hidden = true; says = plain; }
    }
    mark(tr, says);
    if (says.outcome && stampOf(says) !== tr.dataset.stamp) {
      dirty.set(Number(tr.dataset.no), says);
      clearTimeout(timer);
      timer = setTimeout(save, SAVE_MS);
    } else {
      dirty.delete(Number(tr.dataset.no));
    }
    recount();
  }

  function problem(no, text) {
    const tr = $(`line-${no}`);
    if (!tr) return;
    const at = openMore(tr).querySelector("[data-error]");
    at.hidden = !text;
    put(at.querySelector("span"), text ?? "");
  }

  /** Keeps what changed; nothing counts as saved before the server has it. */
  async function save() {
    if (saving) return saving;
    if (!dirty.size) return null;
    const sent = new Map(dirty);
    saving = (async () => {
      const body = { lines: [...sent].map(([lineNo, says]) => Object.fromEntries(Object.entries({ lineNo, outcome: says.outcome, originals: says.originals, copies: says.copies, note: says.note }).filter(([, value]) => value !== null))) };
      const reply = await fetch(`/handovers/${id}/count`, { method: "PUT", body: JSON.stringify(body), cache: "no-store", headers: { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf"]').content, "X-Person": document.documentElement.dataset.person } });
      const said = await reply.json().catch(() => ({}));
      if (!reply.ok) throw new Error(said.title || t("Chưa lưu được", "Not saved"));
      if (said.problems) {
        for (const { lineNo, text } of said.problems) { problem(lineNo ?? [...sent.keys()][0], text); dirty.delete(lineNo); const tr = $(`line-${lineNo}`); if (tr) tr.dataset.line = "wait"; }
        return;
      }
      for (const [no, says] of sent) {
        const tr = $(`line-${no}`);
        tr.dataset.stamp = stampOf(says);
        const at = moreOf(tr)?.querySelector("[data-error]");
        if (at) at.hidden = true;
        if (dirty.get(no) === says) dirty.delete(no);
      }
      for (const field of root.querySelectorAll("[data-digest]")) field.value = said.digest;
      note("");
    })().catch((error) => {
      note(error instanceof TypeError ? t("Mất mạng: số đếm chưa gửi được, sẽ tự gửi lại.", "No line: the counts are not sent yet and will be.") : error.message);
      timer = setTimeout(save, POLL_MS * 2);
    }).finally(() => {
      saving = null;
      recount();
      if (dirty.size) { clearTimeout(timer); timer = setTimeout(save, SAVE_MS); } else refresh();
    });
    return saving;
  }
  const note = (text) => { put($("said"), text); $("said").classList.toggle("sr", !text || !text.includes(":")); };

  /** Takes the changed parts of the page anew. What is being typed or drawn here stays. */
  async function refresh() {
    if (refreshing) return refreshing;
    refreshing = (async () => {
      const reply = await fetch(location.pathname, { cache: "no-store" });
      if (!reply.ok || reply.redirected) return;
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const fresh = page.getElementById("handover");
      if (!fresh) return;
      tell(root.dataset, fresh.dataset);
      const ended = fresh.dataset.status !== root.dataset.status;
      for (const name of ["version", "status", "giverSigned", "receiverSigned", "signed", "counting"]) root.dataset[name] = fresh.dataset[name];
      if (ended) { root.replaceChildren(...document.adoptNode(fresh).childNodes); return; }
      for (const part of root.querySelectorAll("[data-live]")) {
        const other = page.getElementById(part.id);
        if (other && part.innerHTML !== other.innerHTML && !part.contains(document.activeElement)) part.replaceChildren(...document.adoptNode(other).childNodes);
      }
      for (const part of root.querySelectorAll("[data-sign-side]")) {
        const other = page.getElementById(part.id);
        if (!other || other.dataset.state === part.dataset.state) continue;
        part.replaceWith(document.adoptNode(other));
        for (const box of other.querySelectorAll("[data-sign]")) signPad(box);
      }
      for (const tr of lines()) {
        const other = page.getElementById(tr.id), busy = dirty.has(Number(tr.dataset.no)) || tr.contains(document.activeElement) || moreOf(tr)?.contains(document.activeElement);
        if (!other || other.dataset.stamp === tr.dataset.stamp || busy) continue;
        const otherMore = page.querySelector(`tr[data-more="${tr.dataset.no}"]`);
        moreOf(tr)?.remove();
        tr.replaceWith(document.adoptNode(other));
        if (otherMore) other.after(document.adoptNode(otherMore));
      }
      if (!counting) {
        for (const node of root.querySelectorAll("[data-n]")) put(node, page.querySelector(`[data-n="${node.dataset.n}"]`)?.textContent ?? "");
        for (const field of root.querySelectorAll("[data-digest]")) field.value = page.querySelector("[data-digest]")?.value ?? field.value;
      } else if (!dirty.size) {
        for (const field of root.querySelectorAll("[data-digest]")) field.value = page.querySelector("[data-digest]")?.value ?? field.value;
      }
      recount();
    })().catch(() => {}).finally(() => { refreshing = null; });
    return refreshing;
  }

  /** What the other side did, for who listens instead of looks. */
  function tell(before, after) {
    const other = before.give === "yes" ? "receiverSigned" : "giverSigned";
    const text = after.status === "COMPLETED" && before.status !== "COMPLETED" ? t("Hai bên đã ký, biên bản đã xong.", "Both sides have signed; the handover is complete.")
      : after.status === "CANCELLED" && before.status !== "CANCELLED" ? t("Biên bản đã bị bỏ.", "The handover was given up.")
      : before[other] !== "yes" && after[other] === "yes" ? t("Bên kia đã ký.", "The other side has signed.")
      : before.signed === "yes" && after.signed !== "yes" ? t("Bên nhận đếm lại: chữ ký của bạn hết hiệu lực, cần ký lại.", "The receiver counted again: your signature lapsed, sign again.")
      : before.give === "yes" && before.version !== after.version ? t("Bên nhận vừa đếm thêm.", "The receiver counted on.") : "";
    if (text) note(text);
  }

  async function poll() {
    if (document.hidden || saving || dirty.size || root.dataset.status !== "OPEN") return;
    const reply = await fetch(`/handovers/${id}/state`, { cache: "no-store" }).catch(() => null);
    if (!reply?.ok || reply.redirected) return;
    const said = await reply.json().catch(() => null);
    if (said && String(said.version) !== root.dataset.version) await refresh();
  }

  if (counting) {
    const lineOf = (node) => node.closest("tr.line") ?? $(`line-${node.closest("tr.more")?.dataset.more}`);
    root.addEventListener("input", (e) => { const tr = e.target.closest("#hand") && lineOf(e.target); if (tr) changed(tr); });
    root.addEventListener("change", (e) => { const tr = e.target.closest("tr.more") && lineOf(e.target); if (tr) changed(tr); });
    $("hand").addEventListener("click", (e) => {
      const button = e.target.closest("button"), tr = button && lineOf(button);
      if (!tr) return;
      if (button.matches("[data-same]")) {
        for (const name of ["o", "c"]) tr.querySelector(`[data-count="${name}"]`).value = tr.dataset[name];
        changed(tr);
        lines().find((next) => next.dataset.line === "wait")?.querySelector("[data-same]")?.focus();
      } else if (button.matches("[data-again]")) {
        tr.dataset.open = "yes";
        tr.querySelector("[data-count]").focus();
      } else if (button.matches("[data-issue]")) {
        const more = openMore(tr);
        more.querySelector("[data-why]").value = "SEAL_DAMAGED";
        more.querySelector('input[value="refuse"]').checked = true;
        tr.dataset.open = "yes";
        changed(tr);
        more.querySelector("[data-why]").focus();
      } else if (button.matches("[data-fine]")) {
        const more = moreOf(tr);
        more.querySelector("[data-note]").value = "";
        more.hidden = true;
        for (const name of ["o", "c"]) tr.querySelector(`[data-count="${name}"]`).value = "";
        changed(tr);
        tr.querySelector("[data-count]").focus();
      }
    });
    for (const tr of lines()) if (moreOf(tr)) mark(tr, read(tr));
    recount();
  }
  for (const box of root.querySelectorAll("[data-sign]")) signPad(box);
  setInterval(poll, POLL_MS);
  document.addEventListener("visibilitychange", poll);
}

/** The page of what can be given: whole manifests at once, and how many are ticked. */
function picking() {
  const shown = document.querySelector("[data-picked]");
  const count = () => put(shown, t("Giao {n} hồ sơ", "Give {n} dossiers", { n: document.querySelectorAll('input[name="leg"]:checked').length }));
  for (const bundle of document.querySelectorAll("[data-all]")) {
    bundle.querySelector("[data-toggle]")?.addEventListener("click", () => {
      const boxes = [...bundle.querySelectorAll('input[name="leg"]')], on = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = on;
      count();
    });
  }
  document.addEventListener("change", count);
  count();
}

if (globalThis.document) {
  const root = $("handover");
  if (root) sheet(root);
  if (document.querySelector("[data-picked]")) picking();
}
