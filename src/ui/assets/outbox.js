// The queue of acts done on this device: scans, intakes, deliveries, failed attempts. An act is on the disk before
// anything is shown, keeps its true time, and is sent in order when there is a line. The server takes each id once, so
// sending twice is harmless. Acts belong to a person: nothing is ever sent under another name.

import { answer, read, write } from "./store.js";

const BATCH = 50;
const SEND_MS = 30_000;
const TICK_MS = 30_000;
const WAIT_FIRST_MS = 2_000, WAIT_MOST_MS = 300_000;
const NOT_OURS = new Set([400, 413, 415, 422]);      // the server will never take these bytes; anything else may pass
const LOCK = "giaonhan-outbox";
/** Giving up a refused act is an act itself, and can only be tried again. */
export const DISMISSAL = "DISMISSAL";

const events = new EventTarget();
const others = globalThis.BroadcastChannel ? new BroadcastChannel(LOCK) : null;
let state = "idle", since = null, failures = 0, waitUntil = 0, held = false, running = null, again = false, timer;

const person = () => document.documentElement.dataset.person ?? "";
const csrfTag = () => document.querySelector('meta[name="csrf"]');
const mine = (kind, who = person()) => IDBKeyRange.bound([who, kind], [who, kind, []]);

/** An id made on the device (UUID version 4). */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A time as ISO text with the device's own offset: `2026-11-19T09:42:00.123+07:00`. */
export function isoLocal(date = new Date()) {
  const off = -date.getTimezoneOffset(), two = (n) => String(Math.trunc(Math.abs(n))).padStart(2, "0");
  return new Date(date.getTime() + off * 60_000).toISOString().slice(0, -1) + (off < 0 ? "-" : "+") + two(off / 60) + ":" + two(off % 60);
}

/** When a `Retry-After` value allows the next try, in milliseconds from `now`; 0 when it says nothing. */
export function retryAfterMs(value, now = Date.now()) {
  if (!value) return 0;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

async function digest(blob) {
  const sum = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(sum), (x) => x.toString(16).padStart(2, "0")).join("");
}

/** How many acts wait, were refused, or belong to other people of this device, and the state of the line. */
export async function counts() {
  const [unsent, refused, every] = await read("outbox", (s) => {
    const queue = s.index("queue");
    return Promise.all([answer(queue.count(mine("unsent"))), answer(queue.count(mine("refused"))), answer(s.count())]);
  });
  return { unsent, refused, others: every - unsent - refused, state: navigator.onLine ? state : "offline", since, retryAt: waitUntil || null };
}
const list = (kind, most) => read("outbox", (s) => answer(s.index("queue").getAll(mine(kind), most)));

/** This person's acts that are not yet sent, oldest first. */
export const unsent = () => list("unsent");

/** This person's acts that the server refused, each with `problems`, oldest first. */
export const refused = () => list("refused");

/** Says how things stand; never fails, since what is kept is kept even where nobody can count it. */
const tell = () => counts().then((detail) => { events.dispatchEvent(new CustomEvent("change", { detail })); }).catch(() => {});
function turn(next) {
  if (next !== state) since = isoLocal();
  state = next;
  return tell();
}
const changed = () => { others?.postMessage("changed"); return tell(); };

/** Hears `change` (detail: counts), `taken` (detail: {id, outcome, result}), `refused` (detail: the act) or `signed-out`; returns a stop function. */
export function on(kind, hear) {
  const listener = (e) => hear(e.detail);
  events.addEventListener(kind, listener);
  return () => events.removeEventListener(kind, listener);
}

/** The next number of the queue, inside a transaction over `meta`. */
async function nextSeq(meta) {
  const last = await answer(meta.get("seq")), seq = (last?.value ?? 0) + 1;
  meta.put({ id: "seq", value: seq });
  return seq;
}

/**
 * Keeps an act and starts sending; resolves with `{id, seq, at, …}` once it is on the disk, and rejects when it could
 * not be kept (disk full): show nothing as done before it resolves.
 * `files` are `{name, blob}`; the act carries `{name, sha256, type, size}` of each. `about` is the number that people know
 * it by; it stays here until the act is refused and given up.
 */
export async function add({ kind, body, about = null, files = [], id = newId(), at = isoLocal() }) {
  const who = person();
  if (!who) throw new Error("an act needs a person: data-person is missing on <html>");
  const kept = await Promise.all(files.map(async ({ name, blob }) => ({ id: await digest(blob), name, blob })));
  const act = { id, person: who, kind, at, body, about, state: "unsent", files: kept.map((f) => ({ name: f.name, sha256: f.id, type: f.blob.type, size: f.blob.size })) };
  await write(["outbox", "files", "meta"], async (outbox, store, meta) => {
    act.seq = await nextSeq(meta);
    for (const f of kept) store.put({ id: f.id, blob: f.blob });
    outbox.add(act);
  });
  changed();
  drain();
  return act;
}

/** Drops acts, and the files that no act left needs, inside a transaction. */
async function drop(acts, outbox, files) {
  for (const act of acts) outbox.delete(act.id);
  const sums = new Set(acts.flatMap((act) => act.files.map((f) => f.sha256)));
  if (!sums.size) return;
  for (const act of await answer(outbox.getAll())) for (const f of act.files) sums.delete(f.sha256);
  for (const sum of sums) files.delete(sum);
}
const remove = (acts) => write(["outbox", "files"], (outbox, files) => drop(acts, outbox, files));
async function move(act, to, problems) {
  const moved = { ...act, state: to, problems };
  await write("outbox", (s) => { s.put(moved); });
  if (to === "refused") events.dispatchEvent(new CustomEvent("refused", { detail: moved }));
}

/** Puts a refused act back into the queue, at its old place and time and under its old id; false when it is no longer refused. */
export async function retry(id) {
  const moved = await write("outbox", async (outbox) => {
    const act = await answer(outbox.get(id));
    if (act?.person !== person() || act.state !== "refused") return false;
    outbox.put({ ...act, state: "unsent", problems: undefined });
    return true;
  });
  await changed();
  drain();
  return moved;
}

/**
 * Gives a refused act up: it leaves the queue in the same transaction in which its dismissal, with the person's reason, joins
 * it, so that the server hears of it. Null when the act is no longer refused, or is a dismissal itself.
 */
export async function dismiss(id, reason) {
  const dismissal = await write(["outbox", "files", "meta"], async (outbox, files, meta) => {
    const act = await answer(outbox.get(id));
    if (act?.person !== person() || act.state !== "refused" || act.kind === DISMISSAL) return null;
    const [problem] = act.problems ?? [];
    const body = { act: act.id, kind: act.kind, at: act.at, about: aboutOf(act), code: problem?.code ?? "NOT_READ", refusal: problem?.text ?? null, reason };
    const made = { id: newId(), person: act.person, kind: DISMISSAL, at: isoLocal(), body, about: body.about, state: "unsent", files: [], seq: await nextSeq(meta) };
    await drop([act], outbox, files);
    outbox.add(made);
    return made;
  });
  await changed();
  drain();
  return dismissal;
}

/** The number that people know an act by; acts of older pages have it in their body alone. */
export const aboutOf = ({ about, body }) => about ?? body?.code ?? body?.leg ?? null;

/** Why sending stopped: `wait` (with the reply), or `signed-out`. */
class Stop extends Error {
  constructor(why, reply) { super(why); Object.assign(this, { why, reply }); }
}

async function request(method, path, body, type, who) {
  let reply;
  try {
    reply = await fetch(path, {
      method, body, redirect: "manual", cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(SEND_MS),
      headers: { "Content-Type": type, "X-CSRF-Token": csrfTag()?.content ?? "", "X-Person": who },
    });
  } catch { throw new Stop("wait"); }
  if (reply.status === 401 || reply.status === 403 || reply.type === "opaqueredirect") throw new Stop("signed-out", reply);
  if (reply.ok || NOT_OURS.has(reply.status)) return reply;
  throw new Stop("wait", reply);
}

/** Sends the files of an act that the server has not yet got; a refused file gives its problem. */
async function sendFiles(act, who) {
  for (const { sha256, type } of act.files) {
    const file = await read("files", (s) => answer(s.get(sha256)));
    if (!file) return [{ code: "FILE_LOST", sha256 }];
    if (file.sent) continue;
    const reply = await request("PUT", `/files/${sha256}`, file.blob, type || "application/octet-stream", who);
    if (!reply.ok) return [{ code: "FILE_REFUSED", status: reply.status, sha256 }];
    await write("files", (s) => { s.put({ ...file, sent: true }); });
  }
  return null;
}

/** Sends one batch; the number to try next, 0 when nothing is left. */
async function sendBatch(most, who) {
  const acts = await list("unsent", most), ready = [];
  for (const act of acts) {
    const problems = await sendFiles(act, who);
    if (problems) await move(act, "refused", problems);
    else ready.push(act);
  }
  if (!ready.length) return acts.length ? BATCH : 0;
  const lines = ready.map(({ id, seq, kind, at, body, files }) => ({ id, seq, kind, at, body, files }));
  const reply = await request("POST", "/sync", JSON.stringify({ acts: lines }), "application/json", who);
  if (!reply.ok) {
    if (ready.length > 1) return Math.ceil(ready.length / 2);        // find the one that spoils the batch
    await move(ready[0], "refused", [{ code: "NOT_READ", status: reply.status }]);
    return BATCH;
  }
  const results = (await reply.json().catch(() => null))?.results;
  if (!Array.isArray(results)) throw new Stop("wait", reply);         // a guest network's page, not our server
  const outcomes = new Map(results.map((r) => [r.id, r]));
  const done = ready.filter((act) => /^(?:TAKEN|KNOWN)$/.test(outcomes.get(act.id)?.outcome));
  const not = ready.filter((act) => outcomes.get(act.id)?.outcome === "REFUSED");
  if (!done.length && !not.length) throw new Stop("wait", reply);
  await remove(done);
  for (const act of not) await move(act, "refused", outcomes.get(act.id).problems ?? []);
  for (const act of done) events.dispatchEvent(new CustomEvent("taken", { detail: { id: act.id, outcome: outcomes.get(act.id).outcome, result: outcomes.get(act.id).result } }));
  return BATCH;
}

/** After a sign-in elsewhere the page's token is old: takes the new one, but only if the person is still the same. */
async function freshToken(who) {
  try {
    const reply = await fetch("/post", { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(SEND_MS) });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const token = page.querySelector('meta[name="csrf"]')?.content;
    if (!token || page.documentElement.dataset.person !== who || token === csrfTag()?.content) return false;
    csrfTag().content = token;
    return true;
  } catch { return false; }
}

async function drainOnce() {
  const who = person();
  let most = BATCH, renewed = false;
  while (most && who && who === person()) {
    try {
      if (!(await list("unsent", 1)).length) break;
      if (state !== "sending") turn("sending");
      most = await sendBatch(most, who);
      failures = 0;
      waitUntil = 0;
      changed();
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      if (stop.why === "signed-out" && !renewed && stop.reply.status === 403 && (await freshToken(who))) { renewed = true; continue; }
      return halt(stop);
    }
  }
  return turn("idle");
}
function halt(stop) {
  if (stop.why === "signed-out") {
    held = true;
    events.dispatchEvent(new CustomEvent("signed-out"));
    return turn("signed-out");
  }
  failures += 1;
  const asked = retryAfterMs(stop.reply?.headers.get("Retry-After"));
  const own = Math.min(WAIT_MOST_MS, WAIT_FIRST_MS * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
  waitUntil = Date.now() + Math.max(asked, own);
  clearTimeout(timer);
  timer = setTimeout(() => drain({ force: true }), waitUntil - Date.now());
  registerSync();
  return turn("waiting");
}
/** Where the browser can wake the page's worker when the line is back, it may; our own triggers do not rely on it. */
function registerSync() {
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("outbox")).catch(() => {});
}

/** Sends what waits; one tab at a time, and while a wait lasts only by `force`. */
export function drain({ force = false } = {}) {
  if (held || (!force && Date.now() < waitUntil)) return running ?? Promise.resolve();
  if (running) { again = true; return running; }
  const alone = (work) => (navigator.locks ? navigator.locks.request(LOCK, work) : work());
  running = alone(async () => {
    do { again = false; await drainOnce(); } while (again && !held && Date.now() >= waitUntil);
  }).catch((problem) => { console.warn("outbox", problem?.name); return turn("waiting"); }).finally(() => { running = null; });
  return running;
}

/** Tries again after `signed-out`, since the person may have signed in again, here or in another tab. */
export function resume(how) {
  held = false;
  return drain(how);
}

/** Starts the triggers of this page: line back, page shown, timer, word from other tabs or the worker. */
export function start() {
  addEventListener("online", () => { failures = 0; waitUntil = 0; tell(); resume(); });
  addEventListener("offline", tell);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { tell(); resume(); } });
  navigator.serviceWorker?.addEventListener("message", (e) => { if (e.data?.type === "drain") drain(); });
  if (others) others.onmessage = tell;
  setInterval(drain, TICK_MS);
  tell();
  return drain();
}
