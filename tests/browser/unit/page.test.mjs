// Modules in a real page: the queue on the disk, the worker without a line, the scanner beside a focused button, the pen.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, beforeEach, afterEach, test } from "node:test";
import { chromium, serve } from "./page.mjs";

const browser = await chromium();
const it = browser ? test : () => {};
let house, context, page, problems;

after(() => browser?.close());
beforeEach(async () => {
  if (!browser) return;
  house = await serve();
  context = await browser.newContext();
  page = await context.newPage();
  problems = [];
  page.on("pageerror", (e) => problems.push(e.message));
});
afterEach(async () => {
  if (!browser) return;
  await context.close();
  house.close();
  assert.deepEqual(problems, []);
});

const visit = (path = "/post", on = page) => on.goto(house.url + path);
const run = (work, arg, on = page) => on.evaluate(`(async (arg) => { const outbox = await import("/assets/outbox.js"); return (${work})(outbox, arg); })(${JSON.stringify(arg)})`);
const add = (n, from = 0) => run(async (outbox, { n, from }) => { for (let i = 0; i < n; i += 1) await outbox.add({ kind: "SCAN", body: { n: from + i } }); }, { n, from });
const counts = () => run((outbox) => outbox.counts());
async function until(read, right, what) {
  for (const end = Date.now() + 8000; ; await new Promise((done) => setTimeout(done, 20))) {
    const value = await read();
    if (right(value)) return value;
    if (Date.now() > end) assert.fail(`${what}: ${JSON.stringify(value)}`);
  }
}
const drained = () => until(counts, (c) => c.unsent === 0, "the queue empties");

it("acts are sent once, in order, with their true times and a rising number", async () => {
  await visit();
  await add(120);
  await drained();
  assert.deepEqual(house.desk.acts.map((a) => a.body.n), Array.from({ length: 120 }, (_, i) => i));
  assert.ok(house.desk.acts.every((a, i, all) => !i || a.seq > all[i - 1].seq));
  assert.match(house.desk.acts[0].at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
  assert.match(house.desk.acts[0].id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it("without a line acts wait on the disk, survive a restart, and go when it is back", async () => {
  await visit();
  house.desk.down = 503;
  await add(3);
  await until(counts, (c) => c.state === "waiting", "it waits");
  await page.close();
  page = await context.newPage();
  house.desk.down = 0;
  await visit();
  assert.equal((await counts()).unsent, 3);
  await run((outbox) => outbox.start());
  await drained();
  assert.deepEqual(house.desk.acts.map((a) => a.body.n), [0, 1, 2]);
});

it("an answer that got lost makes no second act", async () => {
  await visit();
  let lose = true;
  await page.route("**/sync", async (route) => {
    const reply = await route.fetch();
    if (lose) { lose = false; await route.abort(); } else await route.fulfill({ response: reply });
  });
  await add(2);
  await until(counts, (c) => c.state === "waiting", "it waits");
  await run((outbox) => outbox.drain({ force: true }));
  await drained();
  assert.deepEqual(house.desk.acts.map((a) => a.body.n), [0, 1]);
});

it("Retry-After is kept to, and a stranger's page is no answer", async () => {
  await visit();
  house.desk.down = 429;
  house.desk.headers = { "Retry-After": "120" };
  await add(1);
  const waiting = await until(counts, (c) => c.state === "waiting", "it waits");
  assert.ok(waiting.retryAt - Date.now() > 100_000);
  house.desk.down = 200;                                     // a guest network answers everything with its own page
  await run((outbox) => outbox.drain({ force: true }));
  assert.equal((await counts()).unsent, 1);
});

it("a refused act stays in sight until a person decides", async () => {
  await visit();
  house.desk.outcome = (act) => (act.body.n === 1 ? "REFUSED" : "TAKEN");
  await add(3);
  await drained();
  const [refused] = await run((outbox) => outbox.refused());
  assert.deepEqual([refused.body.n, refused.problems], [1, [{ code: "NOPE" }]]);
  house.desk.outcome = () => "TAKEN";
  await run((outbox, id) => outbox.retry(id), refused.id);
  await until(counts, (c) => c.refused === 0 && c.unsent === 0, "it is taken");
  assert.deepEqual(house.desk.acts.map((a) => a.body.n), [0, 2, 1]);
});

it("a refused act is tried again under its old id, or given up by an act of its own that tells what, when and why", async () => {
  await visit();
  house.desk.outcome = (act) => (act.kind === "DISMISSAL" ? "TAKEN" : "REFUSED");
  await run(async (outbox) => {
    await outbox.add({ kind: "SCAN", body: { session: "s", code: "A-1" }, about: "A-1", files: [{ name: "photo", blob: new Blob(["x"], { type: "image/png" }) }] });
    await outbox.add({ kind: "DELIVERY", body: { leg: "leg_1" }, about: "A-2" });
  });
  await until(counts, (c) => c.refused === 2, "both are refused");
  const [first, second] = await run((outbox) => outbox.refused());
  assert.equal(await run((outbox, id) => outbox.retry(id), first.id), true);
  await until(counts, (c) => c.refused === 2 && c.unsent === 0, "it is refused again");
  assert.deepEqual(await run((outbox) => outbox.refused().then((acts) => acts.map(({ id, seq, at }) => [id, seq, at]))), [first, second].map(({ id, seq, at }) => [id, seq, at]));
  await context.setOffline(true);
  const dismissal = await run((outbox, id) => outbox.dismiss(id, "quét nhầm"), first.id);
  assert.equal(await run((outbox, id) => outbox.dismiss(id, "lần hai"), first.id), null, "it is gone from here");
  assert.equal(await run((outbox, id) => outbox.retry(id), first.id), false);
  assert.deepEqual(await run((outbox) => outbox.counts().then(({ unsent, refused }) => [unsent, refused])), [1, 1], "it waits for the line");
  assert.equal(await page.evaluate(async () => (await (await import("/assets/store.js")).all("files")).length), 0);
  await context.setOffline(false);
  await run((outbox) => outbox.drain({ force: true }));
  await drained();
  assert.deepEqual(house.desk.acts.map(({ id, kind, body }) => [id, kind, body]), [[dismissal.id, "DISMISSAL", { act: first.id, kind: "SCAN", at: first.at, about: "A-1", code: "NOPE", refusal: null, reason: "quét nhầm" }]]);
  house.desk.outcome = () => "REFUSED";
  const again = await run((outbox, id) => outbox.dismiss(id, "làm lại rồi"), second.id);
  await until(counts, (c) => c.refused === 1, "the dismissal is refused");
  assert.equal(await run((outbox, id) => outbox.dismiss(id, "x"), again.id), null, "what gives an act up is never given up itself");
  house.desk.outcome = () => "TAKEN";
  await run((outbox, id) => outbox.retry(id), again.id);
  await until(counts, (c) => c.refused === 0 && c.unsent === 0, "it is taken");
  assert.deepEqual(house.desk.acts.map(({ body }) => body.act), [first.id, second.id]);
});

it("one unreadable act does not hold up the others", async () => {
  await visit();
  await page.route("**/sync", (route) => (route.request().postData().includes("POISON") ? route.fulfill({ status: 400, body: "" }) : route.continue()));
  house.desk.down = 503;
  await run(async (outbox) => { for (const n of [0, 1, "POISON", 3, 4]) await outbox.add({ kind: "SCAN", body: { n } }); });
  house.desk.down = 0;
  await run((outbox) => outbox.drain({ force: true }));
  const c = await until(counts, (x) => x.unsent === 0, "the rest goes");
  assert.equal(c.refused, 1);
  assert.deepEqual(house.desk.acts.map((a) => a.body.n), [0, 1, 3, 4]);
});

it("files go first, once, under their digest, and leave the device after their act", async () => {
  await visit();
  await run(async (outbox) => { await outbox.add({ kind: "DELIVERY", body: {}, files: [{ name: "signature", blob: new Blob(["ink"], { type: "image/png" }) }] }); });
  await drained();
  const sum = createHash("sha256").update("ink").digest("hex");
  assert.equal(house.desk.files.get(sum).toString(), "ink");
  assert.deepEqual(house.desk.acts[0].files, [{ name: "signature", sha256: sum, type: "image/png", size: 3 }]);
  assert.equal(await page.evaluate(async () => (await (await import("/assets/store.js")).all("files")).length), 0);
});

it("an ended session keeps everything; a new token of the same person goes on", async () => {
  await visit();
  house.desk.token = "t2";
  await add(1);
  await drained();
  house.desk.down = 401;
  await add(1, 1);
  await until(counts, (c) => c.state === "signed-out" && c.unsent === 1, "it is kept");
  house.desk.down = 0;
  await run((outbox) => outbox.resume());
  await drained();
  assert.equal(house.desk.acts.length, 2);
});

it("another person's acts are counted and never sent under the wrong name", async () => {
  await visit();
  house.desk.down = 503;
  await add(2);
  await until(counts, (c) => c.state === "waiting", "it waits");
  Object.assign(house.desk, { down: 0, person: "p2", token: "u1" });
  await run((outbox) => outbox.drain({ force: true }));              // the old page is still open under p1
  assert.equal((await counts()).state, "signed-out");
  await visit();
  await run((outbox) => outbox.start());
  assert.deepEqual(await run((outbox) => outbox.counts().then((c) => [c.unsent, c.others])), [0, 2]);
  assert.equal(house.desk.acts.length, 0);
});

it("a scan is on the disk and with the server before the next one can come", async () => {
  await visit();
  const took = await run(async (outbox) => {
    const kept = [], taken = [], began = new Map();
    outbox.on("taken", ({ id }) => taken.push(performance.now() - began.get(id)));
    for (let i = 0; i < 60; i += 1) {
      const id = outbox.newId(), from = performance.now();
      began.set(id, from);
      await outbox.add({ kind: "SCAN", body: {}, id });
      kept.push(performance.now() - from);
      await new Promise((done) => setTimeout(done, 40));
    }
    await outbox.drain();
    const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
    return { taken: taken.length, kept: middle(kept), sent: middle(taken) };
  });
  console.error(`on the disk ${took.kept.toFixed(1)} ms, taken ${took.sent.toFixed(1)} ms (medians)`);
  assert.equal(took.taken, 60);
  assert.ok(took.kept < 50 && took.sent < 150, JSON.stringify(took));
});

it("two tabs send each act once", async () => {
  await visit();
  const other = await context.newPage();
  await visit("/post", other);
  await Promise.all([page, other].map((tab) => run(async (outbox) => { outbox.start(); for (let i = 0; i < 20; i += 1) await outbox.add({ kind: "SCAN", body: {} }); }, null, tab)));
  await drained();
  assert.equal(house.desk.acts.length, 40);
  assert.equal(new Set(house.desk.acts.map((a) => a.seq)).size, 40);
});

it("the badge and the note always say how many wait", async () => {
  await visit();
  house.desk.down = 503;
  await page.evaluate(async () => { (await import("/assets/net.js")).start(); });
  await add(2);
  await until(() => page.textContent("#unsent-h"), (text) => /^Chưa gửi được từ \d\d:\d\d/.test(text), "the note");
  assert.equal(await page.textContent(".net span"), "2 chưa gửi");
  assert.equal(await page.getAttribute(".net", "class"), "net net-off");
  assert.ok(await page.isVisible("#unsent"));
  await context.setOffline(true);
  await until(() => page.textContent("#unsent-h"), (text) => /^Mất mạng từ \d\d:\d\d/.test(text), "the note without a line");
  house.desk.down = 0;
  await context.setOffline(false);
  await run((outbox) => outbox.drain({ force: true }));
  await until(() => page.textContent(".net span"), (text) => text === "Đã gửi hết", "the badge");
  assert.ok(!(await page.isVisible("#unsent")));
});

const worker = async () => {
  await visit();
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/sw.js");
    const { active } = await navigator.serviceWorker.ready;
    await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; active.postMessage({ type: "warm" }, [port2]); });
  });
};

it("the worker opens the offline pages and their scripts without a line, and no other page", async () => {
  await worker();
  await context.setOffline(true);
  await visit("/post/scan/BK-980110-000213");
  assert.match(await page.textContent("h1"), /^\/post\/scan p1/);
  assert.equal(await page.evaluate(async () => (await import("/assets/code.js")).isKnownShape("EE123456785VN")), true);
  await assert.rejects(visit("/dossiers", await context.newPage()));
  const kept = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname)))).flat());
  assert.ok(kept.every((path) => path.startsWith("/assets/") || path.startsWith("/post") || path === "/.owner"), kept.join(" "));
});

it("a slow line is waited for no longer than 2.5 seconds", async () => {
  await worker();
  house.desk.slow = 6000;
  const from = Date.now();
  await visit("/post/scan");
  assert.ok(Date.now() - from < 4500, `${Date.now() - from} ms`);
});

it("the pages of one person are gone when another signs in, or on request", async () => {
  await worker();
  house.desk.person = "p2";
  await visit("/post");
  const pages = () => page.evaluate(async () => (await (await caches.open("pages")).keys()).map((r) => new URL(r.url).pathname).sort());
  await until(pages, (p) => p.join() === "/.owner,/post", "only the new person's page");
  await page.evaluate(async () => { (await navigator.serviceWorker.ready).active.postMessage({ type: "forget-pages" }); });
  await until(pages, (p) => p.length === 0, "no page");
});

it("a new version replaces the assets, whole", async () => {
  await worker();
  house.desk.version = "2";
  await visit("/post");
  await until(() => page.evaluate(() => caches.keys()), (names) => names.includes("shell-2") && !names.some((n) => n === "shell-1" || n.startsWith("making")), "version 2");
});

it("a scan presses no focused button and leaves a field as it was", async () => {
  await visit();
  await page.evaluate(async () => { window.codes = []; (await import("/assets/wedge.js")).listen({ onScan: (code) => window.codes.push(code) }); });
  await page.focus("#b");
  await page.keyboard.type("000.00.12.H98-261119-0026\n");
  await page.fill("#note", "Giao tận tay");
  await page.focus("#note");
  await page.keyboard.type("EE123456785VN\n");
  assert.deepEqual(await page.evaluate(() => [window.codes, window.pressed ?? 0, document.getElementById("note").value]), [["000.00.12.H98-261119-0026", "EE123456785VN"], 0, "Giao tận tay"]);
  await page.focus("#b");
  await page.waitForFunction((from) => performance.now() > from + 400, await page.evaluate(() => performance.now()));
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => window.pressed), 1);
});

it("an input method that composes in a field hides no code and leaves nothing behind", async () => {
  await visit();
  await page.evaluate(async () => { window.codes = []; (await import("/assets/wedge.js")).listen({ onScan: (code) => window.codes.push(code) }); });
  await page.fill("#note", "Ghi chú ");
  await page.focus("#note");
  const wire = await context.newCDPSession(page), press = (code) => wire.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Process", code, windowsVirtualKeyCode: 229 });
  let seen = "";
  for (const c of "EE123456785VN") {
    await press(/\d/.test(c) ? `Digit${c}` : `Key${c}`);
    seen = `Ê${seen}`.slice(0, 5);
    await wire.send("Input.imeSetComposition", { text: seen, selectionStart: seen.length, selectionEnd: seen.length });
  }
  await press("Enter");
  await wire.send("Input.insertText", { text: seen });
  assert.deepEqual(await page.evaluate(() => window.codes), ["EE123456785VN"]);
  await until(() => page.inputValue("#note"), (value) => value === "Ghi chú ", "the field is as it was");
});

it("a signature survives a turn of the phone and becomes a small picture", async () => {
  await visit();
  await page.evaluate(async () => {
    document.querySelector("main").insertAdjacentHTML("beforeend", '<div data-sign id="s" style="width:300px;height:150px"><canvas style="width:100%;height:100%"></canvas><span class="hint">Ký</span><button type="button" data-clear>Ký lại</button><input type="hidden" data-sign-png></div>');
    (await import("/assets/sign.js")).start();
  });
  const box = await (await page.$("#s canvas")).boundingBox();
  await page.mouse.move(box.x + 20, box.y + 100);
  await page.mouse.down();
  for (let i = 0; i < 60; i += 1) await page.mouse.move(box.x + 20 + i * 4, box.y + 75 + 50 * Math.sin(i));
  await page.mouse.up();
  const look = () => page.evaluate(async () => {
    const box = document.getElementById("s"), pad = (await import("/assets/sign.js")).signPad(box), blob = await pad.toBlob();
    const canvas = box.querySelector("canvas"), ink = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((v, i) => i % 4 === 3 && v);
    return { inked: box.dataset.inked, ink, size: blob?.size ?? 0, type: blob?.type, hidden: box.querySelector("input").value.slice(0, 22), width: canvas.width };
  });
  const first = await look();
  assert.deepEqual([first.inked, first.ink, first.type, first.hidden], ["yes", true, "image/png", "data:image/png;base64,"]);
  assert.ok(first.size > 500 && first.size <= 30_000, `${first.size} bytes`);
  await page.evaluate(() => { document.getElementById("s").style.width = "140px"; });
  const turned = await until(look, (l) => l.width < 200, "the canvas follows");
  assert.ok(turned.ink && turned.size === first.size, "the same strokes");
  await page.click("[data-clear]");
  const cleared = await look();
  assert.deepEqual([cleared.inked, cleared.ink, cleared.size, cleared.hidden], [undefined, false, 0, ""]);
});

it("shared keys, steppers and tab lists", async () => {
  await visit();
  await page.evaluate(async () => {
    window.did = [];
    document.querySelector("main").insertAdjacentHTML("beforeend", `<form role="search"><input id="q"></form><span class="count"><button type="button" id="less">−</button><input id="n" value="" inputmode="numeric"><button type="button" id="more">+</button></span>
      <div role="tablist"><button role="tab" id="t1" aria-controls="p1" aria-selected="true">1</button><button role="tab" id="t2" aria-controls="p2" aria-selected="false" tabindex="-1">2</button></div><div id="p1">1</div><div id="p2" hidden>2</div>
      <button class="btn-main" type="button" id="main" aria-disabled="true">Ký</button>`);
    document.getElementById("main").addEventListener("click", () => window.did.push("main"));
    (await import("/assets/focus.js")).start({ undo: () => { window.did.push("undo"); } });
  });
  await page.keyboard.press("Control+k");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+Enter");
  assert.deepEqual(await page.evaluate(() => [window.did, document.activeElement.id]), [[], "main"]);
  await page.click("#main", { force: true });
  await page.keyboard.press("Control+z");
  await page.evaluate(() => document.getElementById("main").setAttribute("aria-disabled", "false"));
  await page.keyboard.press("Control+Enter");
  assert.deepEqual(await page.evaluate(() => window.did), ["undo", "main"]);
  await page.click("#less");
  assert.equal(await page.inputValue("#n"), "0");
  await page.click("#more");
  await page.focus("#n");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.inputValue("#n"), "2");
  await page.focus("#t1");
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.getElementById("p1").hidden, document.getElementById("p2").hidden]), ["t2", true, false]);
});

it("sound is silent rather than wrong, and mute is remembered", async () => {
  await visit();
  const said = await page.evaluate(async () => {
    const sound = await import("/assets/sound.js");
    for (const kind of ["ok", "again", "not", "wrong", "nonsense"]) sound.play(kind);
    sound.mute(true);
    return [sound.isMuted(), localStorage.getItem("giaonhan-muted")];
  });
  assert.deepEqual(said, [true, "yes"]);
});

it("times carry the device's offset, and waits are read in both forms", async () => {
  await visit();
  assert.deepEqual(await run((outbox) => [outbox.retryAfterMs("3"), outbox.retryAfterMs(null), outbox.retryAfterMs("soon"), outbox.retryAfterMs("Thu, 19 Nov 2026 02:42:05 GMT", Date.UTC(2026, 10, 19, 2, 42))]), [3000, 0, 0, 5000]);
  const there = await browser.newContext({ timezoneId: "Asia/Ho_Chi_Minh" });
  const tab = await there.newPage();
  await visit("/post", tab);
  assert.equal(await run((outbox) => outbox.isoLocal(new Date(Date.UTC(2026, 10, 19, 2, 42, 0, 7))), null, tab), "2026-11-19T09:42:00.007+07:00");
  await there.close();
});

it("without a detector of its own, the camera's frame or a photo is read by the server", async () => {
  await context.grantPermissions(["camera"]);
  await visit();
  await page.evaluate(async () => {
    const camera = await import("/assets/camera.js");
    delete window.BarcodeDetector;
    window.codes = [];
    const video = document.body.appendChild(document.createElement("video"));
    const live = await camera.start(video, { onCodes: (codes) => window.codes.push(...codes) });
    await live.snap();
    await live.snap();                                       // the same label again, a moment later
    live.stop();
    const canvas = Object.assign(document.createElement("canvas"), { width: 3000, height: 2000 }), pen = canvas.getContext("2d"), noise = pen.createImageData(3000, 2000);
    for (let i = 0; i < noise.data.length; i += 1) noise.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
    pen.putImageData(noise, 0, 0);
    const photo = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
    window.found = await camera.read(photo);
  });
  assert.deepEqual(await page.evaluate(() => [window.codes, window.found.length]), [["000.00.12.H98-261119-0026"], 1]);
  assert.equal(house.desk.photos.length, 3);
  assert.ok(house.desk.photos.every((p) => p.type === "image/jpeg" && p.jpeg && p.size <= 400_000), JSON.stringify(house.desk.photos));
});
