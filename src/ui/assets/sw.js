// The worker that keeps the post office's pages working without a line. Assets come from the copy of their version;
// the pages for scanning, intake, delivery and the acts of the device from the network, or after 2.5 s from the last copy of the same person.
// Nothing else is ever kept: no acts, no files, no papers, no other page.

const INDEX = "/assets/index.json";
const SHELL = "shell-", PAGES = "pages", OWNER = "/.owner";
const PATIENCE_MS = 2500;
const OFFLINE_PAGE = /^\/post(?:\/(?:scan|intake|delivery|device)(?:\/[^.]*)?)?\/?$/;
const GATEWAY_DOWN = new Set([502, 503, 504]);
const LOOK_MS = 60_000;
let fresh = null;          // the version the server last spoke of, where it is not the one kept
let lookedAt = -Infinity;

const index = async () => {
  const reply = await fetch(INDEX, { cache: "no-cache" });
  if (!reply.ok) throw new Error(`index ${reply.status}`);
  return reply.json();
};
const shellName = async () => (await caches.keys()).find((name) => name.startsWith(SHELL));

/** Fetches the assets of the server's present version, whole or not at all, and drops the older ones. */
async function renewShell() {
  lookedAt = performance.now();
  const { version, files } = await index();
  const name = SHELL + version;
  if (!(await caches.has(name))) {
    const making = await caches.open("making-" + version);
    await making.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
    const kept = await caches.open(name);
    for (const request of await making.keys()) await kept.put(request, await making.match(request));
  }
  for (const other of await caches.keys()) if (other !== name && other !== PAGES) await caches.delete(other);
  fresh = null;
}

/** Keeps a page under its person; what another person's pages left is dropped first. */
async function keepPage(request, reply) {
  const owner = reply.headers.get("X-Person");
  if (!owner || !reply.ok || reply.redirected || !reply.headers.get("Content-Type")?.startsWith("text/html")) return;
  const before = await (await caches.match(OWNER, { cacheName: PAGES }))?.text();
  if (before !== undefined && before !== owner) await caches.delete(PAGES);
  const pages = await caches.open(PAGES);
  await pages.put(OWNER, new Response(owner));
  await pages.put(request.url, reply);
}

/** Fetches the pages of the index once, so that they are there before the line goes. */
async function warm() {
  const { pages } = await index();
  const kept = await caches.open(PAGES);
  for (const page of pages) {
    const url = new URL(page, location.origin).href;
    if (await kept.match(url)) continue;
    const reply = await fetch(url, { credentials: "same-origin" });
    await keepPage({ url }, reply);
  }
}

async function asset(request) {
  const name = fresh ? null : await shellName();
  const kept = name && (await caches.match(request, { cacheName: name, ignoreVary: true }));
  return kept || fetch(request);
}

/** The copy of this address, else of the page above it, whose script reads its own address. */
async function keptPage(url) {
  const pages = await caches.open(PAGES);
  for (let path = url.pathname; path; path = path.slice(0, path.lastIndexOf("/"))) {
    const page = (path === url.pathname && (await pages.match(url.href, { ignoreVary: true }))) || (await pages.match(path, { ignoreSearch: true, ignoreVary: true }));
    if (page) return page;
  }
  return undefined;
}
const noPage = () => new Response(
  '<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Không có mạng · Giao Nhận</title><main><h1>Không có mạng</h1><p>Trang này chưa được tải về máy. Việc đã lưu trên máy vẫn còn nguyên.</p><p lang="en">No line, and this page is not on the device yet. Everything kept on the device is safe.</p><p><a href="/post">Về trang Hôm nay</a></p></main></html>',
  { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });

async function page(event, url) {
  const live = (async () => {
    const reply = (await event.preloadResponse) ?? (await fetch(event.request));
    const version = reply.headers.get("X-Assets"), name = await shellName();
    if (version && name !== SHELL + version) { fresh = version; event.waitUntil(renewShell().catch(() => {})); }
    event.waitUntil(keepPage(event.request, reply.clone()));
    return reply;
  })();
  event.waitUntil(live.catch(() => {}));
  const late = new Promise((done) => { setTimeout(done, PATIENCE_MS); });
  const reply = await Promise.race([live.catch(() => undefined), late]);
  if (reply && !GATEWAY_DOWN.has(reply.status)) return reply;
  const kept = await keptPage(url);
  return kept ?? live.catch(noPage);
}

addEventListener("install", (event) => event.waitUntil(renewShell()));
addEventListener("activate", (event) => event.waitUntil((async () => {
  await registration.navigationPreload?.enable();
  await clients.claim();
})()));
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/") && url.pathname !== INDEX) event.respondWith(asset(request));
  else if (request.mode === "navigate" && OFFLINE_PAGE.test(url.pathname)) event.respondWith(page(event, url));
  else if (request.mode === "navigate" && event.preloadResponse) event.respondWith(event.preloadResponse.then((reply) => reply ?? fetch(request)));
  if (request.mode === "navigate" && performance.now() - lookedAt > LOOK_MS) event.waitUntil(renewShell().catch(() => {}));
});
addEventListener("message", (event) => {
  const acts = {
    skipWaiting: () => skipWaiting(),
    "forget-pages": () => caches.delete(PAGES),
    warm: () => warm().catch(() => {}),
  };
  const done = acts[event.data?.type]?.();
  if (!done) return;
  event.waitUntil(done);
  done.then(() => event.ports[0]?.postMessage("done"));
});
// Only a page holds the person's token, so the worker wakes the pages and sends nothing itself.
addEventListener("sync", (event) => event.waitUntil(clients.matchAll().then((open) => open.forEach((c) => c.postMessage({ type: "drain" })))));
