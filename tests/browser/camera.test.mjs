// Scanning with a phone: a photo of a printed label that the server reads, and the live camera where the browser has a detector. The
// camera shows the browser's own test picture, and the detector, which this browser has not, is the test's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { launch, open, PHONE, says, waitFor } from "./support/browser.mjs";
import { photo, printed } from "./support/label.mjs";
import { Office } from "./support/office.mjs";

const CAMERA = "--use-fake-device-for-media-stream";
let browser, refusing, office, session, results, legIds;
before(async () => {
  browser = await launch([CAMERA, "--use-fake-ui-for-media-stream"]);
  refusing = await launch([CAMERA, "--use-fake-ui-for-media-stream=deny"]);
  // With an address of its own the code on a label leads to the public page, as it does in use.
  office = await Office.open({ manifests: false, config: (url) => `public_url = "${url}"` });
  const { manifest, receipt } = await office.manifest("RESULT", 6);
  results = manifest.lines;
  legIds = receipt.lines.map((line) => line.legId);
  session = await office.session("POST_CLERK");
});
after(async () => { await Promise.all([browser?.close(), refusing?.close()]); await office?.close(); });

async function collect(t, { by = browser, detector = false, ...more } = {}) {
  const page = await open(t, by, office, { role: "POST_CLERK", size: PHONE, ...more });
  if (detector) await page.addInitScript(() => {
    Object.assign(window, { inView: [], looks: 0, tracks: [] });
    window.BarcodeDetector = class {
      static getSupportedFormats = async () => ["code_128", "qr_code", "ean_13"];
      async detect() { window.looks += 1; return window.inView.map(([format, rawValue]) => ({ format, rawValue })); }
    };
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => { const stream = await ask(wish); window.tracks.push(...stream.getTracks()); return stream; };
    const stop = MediaStreamTrack.prototype.stop;
    MediaStreamTrack.prototype.stop = function () { stop.call(this); sessionStorage.setItem("stopped", Number(sessionStorage.getItem("stopped") ?? 0) + 1); };
  });
  await page.goto("/post/scan");
  await page.locator('form:has([value="COLLECT"]) button').first().click();
  await page.waitForSelector("#scan[data-listed]");
  return page;
}
const outcome = (page, word) => page.locator(`#last[data-out="${word}"]`).waitFor();
const rows = (page) => page.locator("#feed > li").count();
const sent = (page) => waitFor(page, "everything sent", () => document.querySelector(".net span").textContent === "Đã gửi hết");

/** Takes a photo as people do: the camera's button, then the phone's own app. */
async function take(page, file) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.locator("#camera").click()]);
  await chooser.setFiles(file);
}
const jpeg = (buffer) => ({ name: "IMG_0412.jpg", mimeType: "image/jpeg", buffer });

const SHOTS = [
  ["askew and seen from the side", { width: 1100, transform: "rotateX(18deg) rotateY(-14deg) rotate(6deg)" }],
  ["turned by a quarter", { width: 1200, transform: "rotate(90deg)" }],
  ["small in a large photo", { width: 460, transform: "rotate(-3deg)" }],
  ["upside down and badly compressed", { width: 1000, transform: "rotate(178deg)", quality: 35 }],
];
SHOTS.forEach(([what, how], place) => test(`a photo of a label, ${what}, is one scan of what it stands for`, async (t) => {
  const page = await collect(t);
  await take(page, jpeg(await photo(browser, await printed(session, legIds[place]), how)));
  await outcome(page, "ok");
  await says(page.locator("#last"), new RegExp(`${results[place].dossierNo.slice(-4)}|${results[place].itemNumber.slice(-6)}`));
  assert.equal(await rows(page), 1, "both codes of the label are one thing");
  await sent(page);
}));

test("a photo without a code, what is no photo, and one that is too large are told apart", async (t) => {
  const page = await collect(t, { statuses: [400, 413] });
  const card = page.locator("#last");
  await take(page, jpeg(await photo(browser, null)));
  await card.getByText("Chưa đọc được mã").waitFor();
  await says(card, /Chụp gần hơn, đủ sáng, thấy trọn mã/);
  await take(page, { name: "phieu.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 none") });
  await card.getByText("không phải ảnh đọc được").waitFor();
  await page.locator("#photo").evaluate((field) => {
    const chosen = new DataTransfer();
    chosen.items.add(new File([new Uint8Array(40_000_001)], "IMG_0413.jpg", { type: "image/jpeg" }));
    field.files = chosen.files;
    field.dispatchEvent(new Event("change"));
  });
  await card.getByText("lớn hơn 40 MB").waitFor();
  assert.equal(await rows(page), 0);
  const said = async (bytes) => { const reply = await session.send("/scan/photo", bytes, { type: "image/jpeg" }); return [reply.status, (await reply.json()).title]; };
  assert.deepEqual(await said(Buffer.alloc(6 * 1024 * 1024 + 1)), [413, "Quá lớn: tối đa 6 MB"]);
  assert.deepEqual(await said(Buffer.from("%PDF-1.7 none")), [400, "tệp này không phải ảnh PNG hoặc JPEG"]);
  assert.deepEqual(await said(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1])), [400, "ảnh bị hỏng: hãy chụp lại"]);
});

test("the live camera reads a label once while it stays in view, and is let go", async (t) => {
  const page = await collect(t, { detector: true });
  const [first, second] = results.slice(4);
  const show = (...codes) => page.evaluate((list) => { window.inView = list; window.looks = 0; }, codes);
  const looked = (times) => waitFor(page, `${times} looks`, (n) => window.looks >= n, times);
  await page.locator("#camera").click();
  await waitFor(page, "the picture", () => document.getElementById("video").videoWidth > 0);
  await assertAccessible(page);
  await show(["code_128", first.itemNumber]);
  await outcome(page, "ok");
  await looked(24);                                          // longer than the camera remembers a code for
  await show(["qr_code", `${office.url}/tracking?so=${first.dossierNo}`], ["code_128", first.itemNumber]);
  await looked(4);
  assert.equal(await rows(page), 1, "the two codes of a label that stays in view");
  await show();
  await looked(2);
  await show(["ean_13", "8934563138165"], ["code_128", second.itemNumber]);
  await waitFor(page, "the second", () => document.querySelectorAll("#feed > li").length === 2);
  await looked(4);
  assert.equal(await rows(page), 2, "a stranger's code beside one of ours is no scan");
  await says(page.locator("#h-prog"), /2\s*\/\s*6/);
  const running = () => page.evaluate(() => window.tracks.filter((track) => track.readyState === "live").length);
  assert.equal(await running(), 1);
  await page.locator("#live-off").click();
  assert.deepEqual([await running(), await page.locator("#live").isVisible()], [0, false]);
  // Shown again, then hidden as by a call that comes in.
  await page.locator("#camera").click();
  await waitFor(page, "the picture again", () => document.getElementById("video").videoWidth > 0);
  assert.equal(await running(), 1);
  await page.evaluate(() => { Object.defineProperty(document, "hidden", { value: true, configurable: true }); document.dispatchEvent(new Event("visibilitychange")); delete document.hidden; });
  assert.deepEqual([await running(), await page.locator("#live").isVisible()], [0, false]);
  // Left while it runs.
  await page.locator("#camera").click();
  await waitFor(page, "the picture once more", () => document.getElementById("video").videoWidth > 0);
  await sent(page);
  await page.goto("/post");
  assert.equal(await page.evaluate(() => sessionStorage.getItem("stopped")), "3", "each of the three was stopped");
});

test("a refused camera is said in plain words, and leads to the photo", async (t) => {
  const page = await collect(t, { by: refusing, detector: true });
  await page.locator("#camera").click();
  const note = page.locator("#no-camera");
  await note.waitFor();
  await says(note, /Chưa dùng được máy ảnh\.\s+Trình duyệt chưa được phép dùng máy ảnh: cho phép trong cài đặt của trang, hoặc chụp ảnh mã/);
  assert.equal(await page.locator("#live").isVisible(), false);
  await assertAccessible(page);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.locator("#snap").click()]);
  await page.evaluate(() => { window.inView = []; });
  await chooser.setFiles(jpeg(await photo(browser, await printed(session, legIds[5]), { width: 1100 })));
  await outcome(page, "ok");
  assert.equal(await note.isVisible(), false);
  await sent(page);
});
