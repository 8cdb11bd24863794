// What the device keeps: acts not yet sent, downloaded lists, photos and signatures, small facts. IndexedDB, flushed to
// the disk before a write counts as done, since a phone dies without notice.

const NAME = "giaonhan";
// Each entry lifts the schema by one version; never change one that has been delivered.
const STEPS = [
  (db) => {
    const outbox = db.createObjectStore("outbox", { keyPath: "id" });
    outbox.createIndex("queue", ["person", "state", "seq"], { unique: true });
    for (const store of ["lists", "files", "meta"]) db.createObjectStore(store, { keyPath: "id" });
  },
];
let opened;

/** The open database, created or lifted to the present schema. */
export function open() {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, STEPS.length);
    asked.onupgradeneeded = ({ oldVersion }) => STEPS.slice(oldVersion).forEach((step) => step(asked.result));
    asked.onsuccess = () => {
      const db = asked.result;
      const forget = () => { opened = undefined; };
      db.onversionchange = () => { db.close(); forget(); };      // a newer page waits for us
      db.onclose = forget;
      navigator.storage?.persist?.().catch(() => {});
      done(db);
    };
    asked.onerror = () => { opened = undefined; fail(asked.error); };
  });
  return opened;
}

/** The result of one request, inside `write` or `read`. */
export const answer = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

async function transact(names, mode, work, durability = "default") {
  const db = await open();
  const tx = db.transaction(names, mode, { durability });
  const ended = new Promise((done, fail) => {
    tx.oncomplete = done;
    tx.onabort = () => fail(tx.error ?? new DOMException("aborted", "AbortError"));
  });
  ended.catch(() => {});
  let result;
  try {
    result = await work(...[names].flat().map((name) => tx.objectStore(name)));
  } catch (problem) {
    try { tx.abort(); } catch { /* it has ended by itself */ }
    throw problem;
  }
  await ended;
  return result;
}

/** Runs `work(...stores)` in one transaction that is on the disk when the promise resolves; await only `answer(…)` inside. */
export const write = (names, work) => transact(names, "readwrite", work, "strict");

/** As `write`, for copies of what the queue or the server has too: holds up no scan, and a power cut may lose them. */
export const copy = (names, work) => transact(names, "readwrite", work, "relaxed");

/** Runs `work(...stores)` in one reading transaction. */
export const read = (names, work) => transact(names, "readonly", work);

/** The value with this id, or undefined. */
export const get = (store, id) => read(store, (s) => answer(s.get(id)));

/** Every value of a store, in order of id. */
export const all = (store) => read(store, (s) => answer(s.getAll()));

/** Keeps values, each with its `id`; replaces those of the same id. */
export const put = (store, ...values) => write(store, (s) => { for (const value of values) s.put(value); });

/** Takes values away by id. */
export const del = (store, ...ids) => write(store, (s) => { for (const id of ids) s.delete(id); });
