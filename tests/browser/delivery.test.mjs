// A postman's round: given by ticking, handed out with evidence, a failed attempt with an invitation, what is missing beside the button.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { launch, open, PHONE, waitFor } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";

let browser, office, legs;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
  await office.account("POSTMAN");
  const { receipt } = await office.manifest("RESULT", 2);
  legs = receipt.lines.map((line) => line.legId);
  const at = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19) + "+07:00";
  const facts = legs.map((legId) => ({ factId: `a-${legId}`, legId, event: "ACCEPTED", occurredAt: at }));
  await office.call("POST", "/v1/facts", { facts }, { side: "post" });
});
after(async () => { await browser?.close(); await office?.close(); });

const sent = (page) => waitFor(page, "everything sent", () => document.querySelector(".net span").textContent === "Đã gửi hết");
const state = async (id) => (await office.call("GET", `/v1/legs/${id}`, undefined, { side: "post" })).state;

test("a clerk gives, the postman hands out with evidence and logs a failed attempt", async (t) => {
  const clerk = await open(t, browser, office, { role: "POST_CLERK", statuses: [422] });
  await clerk.goto("/post/rounds");
  await clerk.locator('form[action="/post/rounds/give"] button').click();
  await clerk.locator("#postman-e").waitFor();
  for (const id of legs) await clerk.locator(`#w-${id}`).check();
  await clerk.locator("#postman").selectOption({ label: "Trần Văn Lực" });
  await clerk.locator('form[action="/post/rounds/give"] button').click();
  await clerk.getByText("Đã giao 2 hồ sơ.").waitFor();
  await assertAccessible(clerk);
  assert.equal(await state(legs[0]), "OUT_FOR_DELIVERY");

  const page = await open(t, browser, office, { role: "POSTMAN", size: PHONE });
  await page.goto("/post/delivery");
  await page.waitForSelector("html[data-ready]");
  assert.equal(await page.locator("#stops > li").count(), 2);
  await assertAccessible(page);
  await page.goto(`/post/delivery/${legs[0]}`);
  await page.waitForSelector("html[data-ready]");
  assert.match(await page.locator("#bar-t").innerText(), /Còn thiếu: giấy tờ tùy thân, .*chữ ký/);
  assert.equal(await page.locator("#done").getAttribute("aria-disabled"), "true");
  await assertAccessible(page);
  await page.locator("#idk").selectOption({ index: 1 });
  await page.locator("#id4").fill("0001");
  for (const box of await page.locator("[data-paper]").all()) await box.check();
  for (const old of await page.locator("[data-old]").all()) await old.locator("label").first().click();
  await page.locator("#paid").check();
  await page.locator("#rc").fill("BL-26A 0007314");
  const canvas = page.locator("[data-sign] canvas");
  await canvas.scrollIntoViewIfNeeded();
  const { x, y } = await canvas.boundingBox();
  await page.mouse.move(x + 20, y + 30);
  await page.mouse.down();
  await page.mouse.move(x + 120, y + 60, { steps: 8 });
  await page.mouse.up();
  await waitFor(page, "nothing is missing", () => document.getElementById("done").getAttribute("aria-disabled") === "false");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await page.locator("#done").click();
  await page.locator("#saved").waitFor();
  await sent(page);
  assert.equal(await state(legs[0]), "CONFIRMED");

  await page.locator(`#stops a[href$="${legs[1]}"]`).click();
  await page.waitForSelector("html[data-ready]");
  await page.locator('label:has([name="res"][value="no"])').click();
  assert.match(await page.locator("#bar-t").innerText(), /Còn thiếu: lý do/);
  await page.locator("#why-ABSENT").check();
  await page.locator("#next").selectOption("RETURN");
  assert.match(await page.locator("#next-h").innerText(), /Cần hai lần mời/);
  assert.equal(await page.locator("#done").getAttribute("aria-disabled"), "true");
  await page.locator("#next").selectOption("INVITE");
  assert.match(await page.locator("#next-h").innerText(), /Mời lần 1/);
  await waitFor(page, "ready", () => document.getElementById("done").getAttribute("aria-disabled") === "false");
  await page.locator("#done").click();
  await page.locator("#saved").waitFor();
  await sent(page);
  assert.equal(await state(legs[1]), "ATTEMPT_FAILED");
  await page.goto(`/post/delivery/${legs[1]}`);
  await page.waitForSelector("html[data-ready]");
  await page.locator('label:has([name="res"][value="no"])').click();
  await page.locator("#next").selectOption("INVITE");
  assert.match(await page.locator("#next-h").innerText(), /Lần mời sau sớm nhất/);
});
