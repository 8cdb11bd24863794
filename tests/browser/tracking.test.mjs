// Public tracking: what a citizen sees with a number, with the slip's secret, without scripts, on the narrowest phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";

let browser, office, taken;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
  taken = await office.manifest("RESULT", 2);
});
after(async () => { await browser?.close(); await office?.close(); });

const line = (at) => taken.manifest.lines[at];
const sideways = (page) => page.evaluate("document.documentElement.scrollWidth > innerWidth");
const noindex = (page) => page.locator('meta[name="robots"]').getAttribute("content");

for (const [size, lang, dark] of [[NARROW, "vi", false], [PHONE, "en", true], [DESK, "vi", false]]) {
  test(`a number gives code and steps alone, ${size.width} px, ${lang}`, async (t) => {
    const page = await open(t, browser, office, { size, lang, dark });
    await page.goto(`/tracking?so=${line(0).dossierNo.toLowerCase()}`);
    await says(page.locator("#h-r"), lang === "vi" ? /Đã có kết quả, chờ bưu điện nhận/ : /The result is ready/);
    assert.equal(await page.locator(".steps li").count(), 3);
    assert.equal(await page.locator('.steps [aria-current="step"]').count(), 1);
    const text = await page.locator("body").innerText();
    for (const hidden of [line(0).party.name, line(0).party.phone, line(0).party.address.text, line(0).itemNumber, "Nha Trang", line(0).procedureName]) {
      assert.ok(!text.includes(hidden), hidden);
    }
    assert.equal(await noindex(page), "noindex");
    assert.equal(await sideways(page), false);
    await assertAccessible(page);
  });
}

test("it works by keyboard and without scripts, and an unknown number gets the same page", async (t) => {
  const page = await open(t, browser, office, { size: PHONE, javaScriptEnabled: false });
  const known = await page.goto(`/tracking?so=${line(0).dossierNo}`);
  await page.goto("/tracking");
  await page.locator("#so").fill("000.00.15.H32-261109-99999999");
  await page.keyboard.press("Enter");
  await page.getByText("Không tìm thấy số này.").waitFor();
  const unknown = await page.goto("/tracking?so=000.00.15.H32-261109-99999999");
  assert.equal(unknown.status(), known.status());
  assert.equal(await page.locator("details").count(), 1, "the secret is asked for alike");
  assert.equal(await page.locator("script").count(), 0);
});

test("a wrong secret says so, stays in no address, and after five the number waits", async (t) => {
  const page = await open(t, browser, office, { size: PHONE, statuses: [422, 429] });
  await page.goto(`/tracking?so=${line(1).dossierNo}`);
  for (let turn = 1; turn <= 5; turn++) {
    if (!(await page.locator("#secret").isVisible())) await page.locator("summary").click();
    await page.locator("#secret").fill("AAAAA-AAAAA");
    await page.keyboard.press("Enter");
    await page.locator("#secret-e").waitFor();
    assert.equal(new URL(page.url()).search, "", "the secret is in no address");
    assert.equal(await page.locator("#so").inputValue(), line(1).dossierNo, "the number stays");
    assert.equal(await page.locator("#secret").inputValue(), "", "the secret is not sent back");
  }
  await assertAccessible(page);
  await page.locator("#secret").fill("AAAAA-AAAAA");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Quá nhiều lần trong thời gian ngắn" }).waitFor();
});

test("an address that asks too often waits", async () => {
  const own = await Office.open({ manifests: false });
  try {
    const statuses = [];
    for (let turn = 0; turn < 40; turn++) statuses.push((await fetch(`${own.url}/tracking?so=${turn}`)).status);
    assert.equal(statuses[0], 200);
    assert.equal(statuses.at(-1), 429);
    const waits = await fetch(`${own.url}/tracking`);
    assert.ok(Number(waits.headers.get("retry-after")) >= 1);
  } finally { await own.close(); }
});
