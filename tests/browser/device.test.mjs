// What a device keeps of its person's acts: waiting ones, and refused ones that wait for a decision. Nothing is lost, nothing doubled,
// nothing vanishes without a word on the record.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, PHONE, room, says, setOffline, waitFor } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";

let browser, office, lines, legIds;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
  const { manifest, receipt } = await office.manifest("RESULT", 3);
  lines = manifest.lines;
  legIds = receipt.lines.map((line) => line.legId);
});
after(async () => { await browser?.close(); await office?.close(); });

const badge = (page) => page.locator(".net").innerText();
const badgeSays = (page, words) => waitFor(page, `the badge: ${words}`, (text) => document.querySelector(".net span").textContent === text, words);
const queue = (page) => page.evaluate(async () => (await (await import("/assets/store.js")).all("outbox")).map(({ id, kind, state, at, seq }) => ({ id, kind, state, at, seq })));
/** An act as the pages keep it, straight into the queue. */
const add = (page, act) => page.evaluate(async (one) => { await (await import("/assets/outbox.js")).add(one); }, act);
const online = async (context, page) => { await setOffline(context, false); await page.evaluate(() => window.dispatchEvent(new Event("online"))); };
/** A return that has no invitations before it: the office refuses it whoever sends it. */
const tooEarly = (place) => ({ kind: "RETURN", body: { leg: legIds[place], cause: "ABSENT" }, about: lines[place].dossierNo });

async function device(t, options) {
  const context = await room(t, browser, office, { role: "POSTMAN", size: PHONE, ...options });
  const page = await context.newPage(), posted = [];
  page.on("request", (request) => { if (request.url().endsWith("/sync")) posted.push(...JSON.parse(request.postData()).acts); });
  await page.goto("/post/device");
  await page.waitForSelector("html[data-ready]");
  return { context, page, posted };
}

test("a refused act is found from the badge, says what and why, is tried again under its id, and given up with a reason", async (t) => {
  const { context, page, posted } = await device(t);
  await page.locator("#none").waitFor();
  await assertAccessible(page);
  await setOffline(context, true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await add(page, tooEarly(0));
  await page.locator("#waiting > li").waitFor();
  await says(page.locator("#waiting"), new RegExp(`Chuyển hoàn[^]*${lines[0].dossierNo.slice(-4)}[^]*\\d\\d:\\d\\d, \\d\\d/\\d\\d/\\d{4}`));
  assert.match(await badge(page), /1 chưa gửi/);
  await assertAccessible(page);
  const [kept] = await queue(page);
  await online(context, page);
  await badgeSays(page, "1 bị từ chối");
  await page.goto("/post");
  await page.locator(".net").click();
  await page.waitForURL("**/post/device*");
  await page.waitForSelector("html[data-ready]");
  assert.equal(new URL(page.url()).pathname, "/post/device");
  const row = page.locator("#refused > li");
  assert.equal(await row.count(), 1);
  await says(row, new RegExp(`Chuyển hoàn[^]*${lines[0].dossierNo.slice(-4)}[^]*Vì sao[^]*Nên làm[^]*Mở hồ sơ xem nay ở đâu`));
  assert.equal(await row.getByRole("link").getAttribute("href"), `/dossiers/${legIds[0]}`);
  await assertAccessible(page);
  await row.getByRole("button", { name: "Thử lại" }).click();
  await page.getByText("Vẫn bị từ chối: Chuyển hoàn").waitFor();
  assert.deepEqual((await queue(page)).map(({ id, at, seq, state }) => ({ id, at, seq, state })), [{ id: kept.id, at: kept.at, seq: kept.seq, state: "refused" }]);

  await row.getByRole("button", { name: "Bỏ thao tác này" }).click();
  assert.ok(await row.locator("textarea").evaluate((field) => field === document.activeElement));
  await row.getByRole("button", { name: "Bỏ và ghi lý do" }).click();
  await says(row.locator(".err"), /Ghi lý do trước khi bỏ/);
  assert.equal(await row.locator("textarea").getAttribute("aria-invalid"), "true");
  await assertAccessible(page);
  await row.locator("textarea").fill("Đã mời một lần, ngày mai mới đủ hai lần");
  await row.getByRole("button", { name: "Bỏ và ghi lý do" }).click();
  await page.getByText("Đã bỏ và đã ghi vào sổ: Chuyển hoàn").waitFor();
  await page.locator("#none").waitFor();
  await badgeSays(page, "Đã gửi hết");
  assert.deepEqual(await queue(page), []);
  const told = posted.find(({ kind }) => kind === "DISMISSAL");
  assert.deepEqual({ ...told.body, refusal: "" }, { act: kept.id, kind: "RETURN", at: kept.at, about: lines[0].dossierNo, code: "LEG_STATE", refusal: "", reason: "Đã mời một lần, ngày mai mới đủ hai lần" });
  // A copy of the queue that comes late, from a tab or a backup, is not taken.
  await add(page, { ...tooEarly(0), id: kept.id, at: kept.at });
  await page.locator("#refused > li").waitFor();
  await says(page.locator("#refused > li"), /đã được bỏ/);
});

test("without a line the page opens, and what is given up there is sent when the line is back", async (t) => {
  const { context, page, posted } = await device(t);
  await waitFor(page, "the worker", () => navigator.serviceWorker?.controller !== null);
  await page.reload();
  await page.waitForSelector("html[data-ready]");
  await waitFor(page, "the page is kept", async () => Boolean(await caches.match(location.href)));
  await add(page, tooEarly(1));
  await badgeSays(page, "1 bị từ chối");
  await setOffline(context, true);
  await page.reload();
  await page.waitForSelector("html[data-ready]");
  const row = page.locator("#refused > li");
  await row.getByRole("button", { name: "Bỏ thao tác này" }).click();
  await row.locator("textarea").fill("Nhầm hồ sơ");
  await row.getByRole("button", { name: "Bỏ và ghi lý do" }).click();
  await page.getByText("Việc bỏ được gửi lên sổ cùng lý do").waitFor();
  await says(page.locator("#waiting"), /Bỏ một thao tác bị từ chối/);
  await page.reload();
  await page.waitForSelector("html[data-ready]");
  assert.match(await badge(page), /1 chưa gửi/);
  assert.equal(await page.locator("#refused > li").count(), 0);
  const before = posted.length;
  await online(context, page);
  await badgeSays(page, "Đã gửi hết");
  assert.deepEqual(posted.slice(before).map(({ kind, body }) => [kind, body.reason]), [["DISMISSAL", "Nhầm hồ sơ"]]);
});

test("taking back a scan of a session that was closed meanwhile is refused, and the scan stands again", async (t) => {
  const context = await room(t, browser, office, { role: "POST_CLERK", size: DESK, lang: "en", dark: true });
  const page = await context.newPage();
  await page.goto("/post/scan");
  await page.locator('form:has([value="COLLECT"]) button').first().click();
  await page.waitForSelector("#scan[data-listed]");
  await page.locator("#type").click();
  await page.locator("#code").fill(lines[2].itemNumber);
  await page.keyboard.press("Enter");
  await page.locator('#last[data-out="ok"]').waitFor();
  await badgeSays(page, "All sent");
  await setOffline(context, true);
  await page.locator("#undo").click();
  await says(page.locator("#h-prog"), /0\s*\/\s*3/);
  const closed = await (await office.session("POST_CLERK")).form(`${new URL(page.url()).pathname}/close`);
  assert.equal(closed.status, 303);
  await online(context, page);
  await badgeSays(page, "1 refused");
  await says(page.locator("#h-prog"), /1\s*\/\s*3/);
  await page.locator("#refused a").click();
  await page.waitForURL("**/post/device*");
  await page.waitForSelector("html[data-ready]");
  await says(page.locator("#refused > li"), /Scan taken back[^]*Why[^]*What to do/);
  await assertAccessible(page);
  await page.setViewportSize(NARROW);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing scrolls sideways");
});
