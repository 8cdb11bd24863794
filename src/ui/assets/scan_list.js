// The list of a scan session: what is expected and what belongs elsewhere, found by any of a dossier's numbers. It comes apart
// from the page, compressed and only when it has changed, and is kept on the device for the time without a line.

import { answer, copy, get, read } from "./store.js";

const SEND_MS = 8_000;
const KEPT_MAX = 5;            // sessions whose lists stay on the device
const person = () => document.documentElement.dataset.person ?? "";
const keyOf = (session) => `list:${person()}:${session}`;

/** The list as the server sent it, with its rows by number. */
export class List {
  #expected = new Map(); #elsewhere = new Map();

  constructor({ begins, procedures, places, agencies, legs, others, scans }) {
    this.scans = scans.map(([id, code, out, at, undoes, who]) => ({ id, code, out, at, undoes, who, sent: true }));
    this.agencies = agencies;
    const numbers = ([begin, rest, item, note]) => ({ dossier: begins[begin] + rest, item, note });
    this.legs = legs.map(([of, procedure, originals, copies, seal]) => ({ ...numbers(of), procedure: procedures[procedure], originals, copies, seal, entry: null }));
    for (const leg of this.legs) for (const code of codesOf(leg)) this.#expected.set(code, leg);
    for (const [place, of] of others) for (const code of codesOf(numbers(of))) if (!this.#expected.has(code)) this.#elsewhere.set(code, places[place]);
  }

  /** The expected leg with this number. */
  leg(code) { return this.#expected.get(code); }

  /** Where a leg of another list belongs. */
  place(code) { return this.#elsewhere.get(code); }
}
const codesOf = ({ note, item, dossier }) => [note, item, dossier].filter(Boolean).map((code) => code.toUpperCase());

/** What this device kept of a session's list: `{list, at}`, or null. */
export async function kept(session) {
  const found = await get("lists", keyOf(session)).catch(() => undefined);
  return found ? { list: new List(JSON.parse(found.text)), at: found.at } : null;
}

/** Fetches the list; null when the one kept here still stands. Throws without a line, or when nobody is signed in. */
export async function fetchList(session) {
  const had = await get("lists", keyOf(session)).catch(() => undefined);
  const reply = await fetch(`/post/scan/${encodeURIComponent(session)}/list`, {
    cache: "no-store", credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(SEND_MS), headers: had ? { "If-None-Match": had.tag } : {},
  });
  const at = Date.now();
  if (reply.status === 304) { await keep({ ...had, at }); return null; }
  if (!reply.ok) throw new Error(`list ${reply.status}`);
  const text = await reply.text(), list = new List(JSON.parse(text));
  await keep({ id: keyOf(session), tag: reply.headers.get("ETag") ?? "", text, at });
  return list;
}

/** Keeps a list, and drops those of the oldest sessions: their ids rise with time. A full disk costs the copy, not the list. */
const keep = (row) => copy("lists", async (lists) => {
  lists.put(row);
  const all = await answer(lists.getAllKeys(IDBKeyRange.bound(keyOf(""), keyOf("\uffff"))));
  for (const key of all.filter((one) => one !== row.id).slice(0, -KEPT_MAX)) lists.delete(key);
}).catch(() => {});

/** The scans of a session that this device remembers. */
export const remembered = (session) => read("lists", (s) => answer(s.getAll(IDBKeyRange.bound(logKey(session, ""), logKey(session, "\uffff"))))).catch(() => []);

/** The key of a remembered scan. */
export const logKey = (session, id) => `scan:${person()}:${session}:${id}`;
